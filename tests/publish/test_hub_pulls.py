"""The stand-in for GitHub: when pull requests open, close, reopen and merge, through PyGithub over real sockets."""

from __future__ import annotations

import pytest
from github_stand_in.model import BODY_LIMIT, RefusedError
from github_stand_in.state import Hub
from hosted import FILES, README, Hosted, refused

PROPOSAL = {"title": "Fix links", "body": "", "head": "owner:bot/links", "base": "main"}


def opened(github: Hosted, **other: object) -> int:
    """Open the bot's pull request and return its number."""
    if "bot/links" not in github.hub.refs:
        github.propose("bot/links")
    return int(github.ask("POST", "/pulls", {**PROPOSAL, **other})["number"])


def test_a_pull_request_belongs_to_the_bot_and_shows_head_and_base(github: Hosted) -> None:
    number = opened(github, body="words")
    pull = github.repo().get_pull(number)
    assert (pull.title, pull.body, pull.state, pull.merged, pull.draft) == ("Fix links", "words", "open", False, False)
    assert (pull.user.login, pull.user.type, pull.raw_data["author_association"]) == (
        "github-actions[bot]",
        "Bot",
        "CONTRIBUTOR",
    )
    assert (pull.head.label, pull.head.ref, pull.head.sha) == (
        "owner:bot/links",
        "bot/links",
        github.hub.tip("bot/links"),
    )
    assert (pull.base.ref, pull.base.sha, pull.head.repo.full_name) == ("main", github.hub.tip("main"), "owner/name")
    assert (pull.mergeable, pull.commits, pull.changed_files) == (True, 1, 1)
    assert [each.sha for each in pull.get_commits()] == [github.hub.tip("bot/links")]
    assert [(each.filename, each.status) for each in pull.get_files()] == [("catalog/README.md", "modified")]


def test_a_second_open_pull_request_for_a_head_is_refused_until_the_first_is_closed(github: Hosted) -> None:
    first = opened(github)
    with refused(422, "A pull request already exists for owner:bot/links."):
        opened(github, head="bot/links")
    assert list(github.hub.pulls) == [first]
    github.hub.close(first)
    assert opened(github) != first


def test_a_branch_of_the_same_name_in_a_fork_is_another_head(github: Hosted) -> None:
    github.hub.push("mallory:bot/links", {"LICENSE": b"mine\n"}, author="mallory")
    foreign = github.hub.open_pull("Fix links", by="mallory", head="mallory:bot/links")
    own = opened(github)
    ours, theirs = github.repo().get_pull(own), github.repo().get_pull(foreign.number)
    assert (ours.head.ref, theirs.head.ref) == ("bot/links", "bot/links")
    assert (theirs.head.label, theirs.head.repo.full_name, theirs.head.repo.fork) == (
        "mallory:bot/links",
        "mallory/name",
        True,
    )
    assert theirs.raw_data["author_association"] == "NONE"


def test_a_deleted_fork_leaves_a_head_without_repository(github: Hosted) -> None:
    github.hub.push("mallory:topic", {"LICENSE": b"mine\n"})
    github.hub.open_pull("p", by="mallory", head="mallory:topic")
    github.hub.deleted_forks.add("mallory")
    replies = github.hub.replies
    assert github.ask("GET", "/pulls")[0]["head"]["repo"] is None
    replies.clear()  # GitHub answers with null here, which its own description does not know


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"head": "owner:bot/none"}, "'head'"),
        ({"head": "mallory:bot/links"}, "'head'"),
        ({"base": "none"}, "'base'"),
        ({"head": "main"}, "No commits between main and main"),
        ({"head": "bot/empty"}, "No commits between main and bot/empty"),
        ({"title": " "}, "missing_field"),
        ({"title": "x" * 257}, "title is too long"),
        ({"body": "x" * (BODY_LIMIT + 1)}, "body is too long (maximum is 65536 characters)"),
    ],
)
def test_a_pull_request_that_github_would_not_open_is_refused(
    github: Hosted, other: dict[str, object], words: str
) -> None:
    github.propose("bot/links")
    github.hub.move("bot/empty", github.hub.tip("main"))
    with refused(422, words):
        opened(github, **other)
    assert github.hub.pulls == {}


def test_the_limit_of_a_body_counts_characters_not_bytes(github: Hosted) -> None:
    number = opened(github, body="é" * BODY_LIMIT)
    github.ask("PATCH", f"/pulls/{number}", {"body": "ü" * BODY_LIMIT})
    with refused(422, "body is too long"):
        github.ask("PATCH", f"/pulls/{number}", {"body": "ü" * (BODY_LIMIT + 1)})
    assert github.hub.pulls[number].body == "ü" * BODY_LIMIT


def test_drafts_may_be_refused(github: Hosted) -> None:
    github.hub.permissions.drafts = False
    with refused(422, "Draft pull requests are not supported in this repository."):
        opened(github, draft=True)
    assert github.hub.pulls[opened(github)].draft is False
    github.hub.permissions.drafts = True
    github.hub.close(1)
    assert github.hub.pulls[opened(github, draft=True)].draft is True


def test_actions_may_be_forbidden_to_open_pull_requests(github: Hosted) -> None:
    github.hub.permissions.may_open_pulls = False
    with refused(403, "GitHub Actions is not permitted to create or approve pull requests."):
        opened(github)
    assert "bot/links" in github.hub.refs


def test_lists_filter_by_state_head_and_base(github: Hosted) -> None:
    hub, repo = github.hub, github.repo()
    first = opened(github)
    hub.close(first)
    second = opened(github)
    hub.push("topic", {"LICENSE": b"t\n"})
    third = hub.open_pull("topic", head="topic").number

    def listed(**query: str) -> list[int]:
        return [pull.number for pull in repo.get_pulls(**query)]

    assert listed() == [third, second]
    assert listed(state="all") == [third, second, first]
    assert listed(state="closed") == [first]
    assert listed(state="all", head="owner:bot/links") == [second, first]
    assert listed(state="all", head="mallory:bot/links") == []
    assert listed(head="bot/links") == [third, second]  # unqualified, it filters nothing
    assert listed(direction="asc") == [second, third]
    assert listed(base="other") == []


def test_lists_are_paginated(github: Hosted) -> None:
    for number in range(5):
        github.hub.push(f"topic/{number}", {"LICENSE": b"%d" % number})
        github.hub.open_pull(f"p{number}", head=f"topic/{number}")
    assert len(github.ask("GET", "/pulls", per_page=2)) == 2
    assert [each["number"] for each in github.ask("GET", "/pulls", per_page=2, page=3)] == [1]
    client = github.client()
    client.per_page = 2
    repo, before = client.get_repo("owner/name"), len(github.hub.requests) + 1
    assert [pull.number for pull in repo.get_pulls()] == [5, 4, 3, 2, 1]
    assert len(github.hub.requests) - before == 2


def test_computed_fields_are_missing_in_lists(github: Hosted) -> None:
    opened(github)
    assert {"merged", "mergeable", "comments"}.isdisjoint(github.ask("GET", "/pulls")[0])


def test_a_pull_request_follows_its_branch(github: Hosted) -> None:
    number = opened(github)
    sha = github.hub.push("bot/links", {"LICENSE": b"more\n"}, author="bob")
    assert github.repo().get_pull(number).head.sha == sha
    assert [each.author.login for each in github.repo().get_pull(number).get_commits()] == [github.hub.bot, "bob"]


def test_deleting_a_branch_closes_its_pull_request(github: Hosted) -> None:
    number = opened(github)
    github.ask("DELETE", "/git/refs/heads/bot/links")
    pull = github.repo().get_pull(number)
    assert (pull.state, pull.merged) == ("closed", False)
    assert pull.head.sha in github.hub.objects.commits
    with refused(422, "bot/links branch has been deleted"):
        pull.edit(state="open")


def test_emptying_a_branch_closes_its_pull_request(github: Hosted) -> None:
    number = opened(github)
    github.ask("PATCH", "/git/refs/heads/bot/links", {"sha": github.hub.tip("main"), "force": True})
    pull = github.repo().get_pull(number)
    assert (pull.state, pull.merged) == ("closed", False)


def test_deleting_another_branch_closes_nothing(github: Hosted) -> None:
    number = opened(github)
    github.hub.push("bot/links-review", {"LICENSE": b"x"})
    github.hub.delete_branch("bot/links-review")
    assert github.hub.pulls[number].state == "open"


def test_a_closed_pull_request_reopens_while_its_branch_is_unchanged_or_ahead(github: Hosted) -> None:
    number = opened(github)
    pull = github.repo().get_pull(number)
    pull.edit(state="closed")
    assert github.hub.pulls[number].closed_by == github.hub.bot
    pull.edit(state="open")
    pull.edit(state="closed")
    sha = github.hub.push("bot/links", {"LICENSE": b"ahead\n"})
    pull.edit(state="open")
    assert (pull.state, pull.head.sha) == ("open", sha)


def test_a_closed_pull_request_whose_branch_was_force_pushed_cannot_be_reopened(github: Hosted) -> None:
    number = opened(github)
    github.hub.close(number)
    github.hub.push("bot/links", {"LICENSE": b"aside\n"}, onto=github.hub.tip("main"))
    for path in (f"/pulls/{number}", f"/issues/{number}"):
        with refused(422, "state cannot be changed. The bot/links branch was force-pushed or recreated."):
            github.ask("PATCH", path, {"state": "open"})
    assert github.hub.pulls[number].state == "closed"
    assert opened(github) > number


def test_a_pull_request_cannot_be_reopened_while_another_one_is_open_for_its_branch(github: Hosted) -> None:
    first = opened(github)
    github.hub.close(first)
    opened(github)
    with refused(422, "There is already an open pull request"):
        github.ask("PATCH", f"/pulls/{first}", {"state": "open"})


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1)])
def test_a_merge_brings_the_change_to_the_base(github: Hosted, method: str, parents: int) -> None:
    number = opened(github)
    github.hub.push("main", {"LICENSE": b"meanwhile\n"})
    sha = github.hub.merge(number, by="bob", method=method, delete_branch=True)
    assert github.hub.files("main") == {"catalog/README.md": b"# Other\n", "LICENSE": b"meanwhile\n"}
    assert (github.hub.tip("main"), len(github.hub.objects.commits[sha].parents)) == (sha, parents)
    pull = github.repo().get_pull(number)
    assert (pull.state, pull.merged, pull.merged_by.login, pull.merge_commit_sha) == ("closed", True, "bob", sha)
    assert github.ask("GET", "/pulls", state="closed")[0]["merged_at"] is not None
    assert "bot/links" not in github.hub.refs
    with refused(422, "has been merged"):
        pull.edit(state="open")


def test_two_pull_requests_on_different_lines_of_one_file_both_merge(github: Hosted) -> None:
    for branch, old, new in (("one", b"May 2024", b"May 2023"), ("two", b"July 2024", b"July 2023")):
        github.hub.push(branch, {"catalog/README.md": README.replace(old, new)})
        github.hub.open_pull(branch, head=branch)
    github.hub.merge(1)
    github.hub.merge(2)
    merged = github.hub.read("main", "catalog/README.md")
    assert merged == README.replace(b"May 2024", b"May 2023").replace(b"July 2024", b"July 2023")


def test_a_conflict_is_shown_and_stops_a_merge(github: Hosted) -> None:
    number = opened(github, title="p")
    tip = github.hub.push("main", {"catalog/README.md": b"# Mine\n"})
    assert github.repo().get_pull(number).mergeable_state == "dirty"
    with pytest.raises(RefusedError, match="409"):
        github.hub.merge(number)
    assert (github.hub.tip("main"), github.hub.pulls[number].state) == (tip, "open")


def test_pushing_a_head_to_the_base_counts_as_merged(github: Hosted) -> None:
    number = opened(github)
    github.hub.fast_forward("main", github.hub.tip("bot/links"))
    assert (github.hub.pulls[number].state, github.hub.pulls[number].merged) == ("closed", True)


def test_a_rebased_branch_shows_only_its_own_commits(github: Hosted) -> None:
    number = opened(github)
    github.hub.push("main", {"NOTES": b"n\n"})
    github.hub.push("bot/links", {"LICENSE": b"x\n"}, author=github.hub.bot, onto=github.hub.tip("main"))
    pull = github.repo().get_pull(number)
    assert [each.sha for each in pull.get_commits()] == [github.hub.tip("bot/links")]
    assert [each.filename for each in pull.get_files()] == ["LICENSE"]


def test_the_base_can_be_changed_only_to_an_existing_branch(github: Hosted) -> None:
    number = opened(github)
    github.hub.push("release", {"NOTES": b"n\n"})
    with refused(422, "'base'"):
        github.ask("PATCH", f"/pulls/{number}", {"base": "none"})
    assert github.ask("PATCH", f"/pulls/{number}", {"base": "release"})["base"]["ref"] == "release"


def test_a_body_edited_on_the_web_site_gets_its_line_endings() -> None:
    hub = Hub("owner/name", FILES)
    number = hub.open_issue("t", "a\nb").number
    hub.edit(number, body="- [ ] a\n- [x] b\n")
    assert hub.issues[number].body == "- [ ] a\r\n- [x] b\r\n"
    hub.edit(number, body="a\nb", crlf=False)
    assert hub.issues[number].body == "a\nb"
