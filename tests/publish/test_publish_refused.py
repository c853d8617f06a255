"""What a token or a repository does not allow: the exact permission or setting is named, and what can be done is."""

from __future__ import annotations

import pytest
from github_stand_in.model import Permissions
from github_stand_in.objects import Objects
from github_stand_in.state import Hub
from hosted import FILES, NAME, Hosted, hosting
from publishing import ISSUES, PAPERS, PULLS, Night, attempt, forge_of, issue_of, publish, stocked, writes_of

from bot.errors import ForgeError

SCOPES = {
    "contents: write": (Permissions(contents="read"), "metadata"),
    "pull-requests: write": (Permissions(pull_requests="read"), "metadata"),
    "pull-requests: read": (Permissions(pull_requests="none"), "metadata"),
    "issues: write": (Permissions(issues="read", pull_requests="none"), "dead-links"),
    "issues: read": (Permissions(issues="none"), "dead-links"),
}


@pytest.mark.parametrize(("scope", "permissions", "kind"), [(scope, *each) for scope, each in SCOPES.items()])
def test_a_permission_that_is_missing_is_named(github: Hosted, scope: str, permissions: Permissions, kind: str) -> None:
    hub = stocked(github)
    hub.permissions = permissions
    (failure,) = attempt(github, None, kind).failures
    assert f"it needs the permission {scope}" in failure
    assert (hub.pulls, hub.issues) == ({}, {})


def test_without_the_right_to_read_the_repository_the_run_ends_there(github: Hosted) -> None:
    hub = stocked(github)
    hub.permissions = Permissions(contents="none")
    with pytest.raises(ForgeError, match="contents: read"):
        publish(github)


def test_a_token_that_is_not_accepted_is_said(github: Hosted) -> None:
    hub = stocked(github)
    forge = forge_of(github)
    hub.token = "another"
    with pytest.raises(ForgeError, match="does not accept the token in GITHUB_TOKEN"):
        publish(github, forge=forge)


def test_issues_that_are_switched_off_are_said(github: Hosted) -> None:
    hub = stocked(github)
    hub.permissions.issues_enabled = False
    published = attempt(github)
    assert len(hub.pulls) == 5
    assert {each.partition(": ")[2] for each in published.failures} == {
        "owner/name has issues disabled: enable them in the repository's Settings → General → Features"
    }


def no_pulls(hub: Hub) -> None:
    hub.permissions.may_open_pulls = False


def test_where_actions_may_open_no_pull_requests_the_issue_carries_patch_and_link(github: Hosted) -> None:
    hub = stocked(github)
    no_pulls(hub)
    published = publish(github)
    whys = {act.why for act in published.acts if act.verb == "left"}
    assert len(whys) == 1
    assert "“Allow GitHub Actions to create and approve pull requests”" in whys.pop()
    assert {f"bot/{kind}" for kind in PULLS} < hub.refs.keys()
    body = issue_of(hub, "for-people").body
    assert "https://github.com/owner/name/compare/main...bot/links?expand=1" in body
    assert "  -| [Beta](https://anna.medium.com/beta-aaaaaaaa0002) | Februray 2024 |\n" in body
    assert "#### The bot may not open pull requests here (5)" in body
    assert writes_of(hub, lambda: publish(github, Night(day=3))) == []
    assert writes_of(hub, lambda: publish(github, Night(day=3), *ISSUES)) == []


def test_when_pull_requests_are_allowed_they_open_and_the_issue_closes(github: Hosted) -> None:
    hub = stocked(github, PAPERS.replace(b"July 2031", b"July 2024"))
    no_pulls(hub)
    publish(github)
    hub.permissions.may_open_pulls = True
    publish(github, Night(day=3))
    assert len(hub.pulls) == 5
    assert issue_of(hub, "for-people").state == "closed"
    assert writes_of(hub, lambda: publish(github, Night(day=4))) == []


def test_when_pull_requests_are_allowed_a_run_that_was_cut_short_does_not_keep_the_rows(github: Hosted) -> None:
    hub = stocked(github)
    no_pulls(hub)
    publish(github)
    hub.permissions.may_open_pulls = True
    publish(github, Night(cut_short="the time limit was reached", day=3))
    assert "The bot may not open pull requests here" not in issue_of(hub, "for-people").body


def test_a_pull_request_that_people_opened_by_the_link_takes_its_row_out(github: Hosted) -> None:
    hub = stocked(github)
    no_pulls(hub)
    publish(github)
    opened = hub.open_pull("bot: 2 link fixes", head="bot/links")
    publish(github, Night(day=3))
    assert "bot/links?expand=1" not in issue_of(hub, "for-people").body
    assert "bot/metadata?expand=1" in issue_of(hub, "for-people").body
    hub.merge(opened.number)
    publish(github, Night(day=4))
    assert "bot/links?expand=1" not in issue_of(hub, "for-people").body


def test_a_patch_too_long_for_the_issue_is_left_to_the_branch(github: Hosted) -> None:
    rows = "".join(f"| [N{n}](http://anna.medium.com/n-bbbbbbbb{n:04x}) | January 2024 |\n" for n in range(200))
    hub = stocked(github, PAPERS + rows.encode())
    no_pulls(hub)
    publish(github, None, "links", "for-people")
    body = issue_of(hub, "for-people").body
    assert "The patch is too long to show here; see the branch." in body
    assert "bbbbbbbb" not in body


def test_where_drafts_are_refused_a_label_says_what_a_draft_would(github: Hosted) -> None:
    hub = stocked(github)
    hub.permissions.drafts = False
    publish(github)
    assert {pull.head: (pull.draft, pull.labels) for pull in hub.pulls.values()} == {
        "bot/links": (False, []),
        "bot/metadata": (False, []),
        "bot/records": (False, []),
        "bot/links-review": (False, ["needs-review"]),
        "bot/metadata-review": (False, ["needs-review"]),
    }
    assert writes_of(hub, lambda: publish(github, Night(day=3))) == []


def test_a_renamed_repository_is_followed(github: Hosted) -> None:
    hub = stocked(github)
    forge = forge_of(github)
    hub.rename("owner/renamed")
    publish(github, forge=forge)
    assert len(hub.pulls) == 5
    assert [each.path for each in hub.requests][:2] == [
        "/repos/owner/name",
        "/repositories/" + hub.requests[1].path[14:],
    ]
    assert writes_of(hub, lambda: publish(github, Night(day=3))) == []


def test_a_repository_renamed_in_the_middle_of_a_run_ends_it(github: Hosted) -> None:
    hub = stocked(github)
    hub.before("POST", r"/git/blobs$", lambda: hub.rename("owner/renamed"))
    published = attempt(github, None, "links")
    assert published.failures == ["links: owner/name has moved during this run; run the bot again"]


def test_an_api_that_redirects_to_another_host_gets_no_token(github: Hosted) -> None:
    hub = stocked(github)
    with hosting(Hub(NAME, FILES), "127.0.0.2") as other:
        hub.moved_to = other.url
        with pytest.raises(ForgeError, match="redirects to another host; correct GITHUB_API_URL"):
            publish(github)
        assert other.hub.requests == []


def test_a_file_that_was_stored_with_other_bytes_is_not_proposed(
    github: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = stocked(github)
    real = hub.objects.add_blob
    monkeypatch.setattr(Objects, "add_blob", lambda _, content: real(content + b"\n"))
    (failure,) = attempt(github, None, "metadata").failures
    assert failure == "metadata: GitHub stored different bytes for catalog/README.md than were sent"
    assert "bot/metadata" not in hub.refs
