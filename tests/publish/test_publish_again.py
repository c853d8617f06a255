"""Publishing twice: what the second run writes when nothing, something, or the world beside it has changed."""

from __future__ import annotations

import re
from functools import partial

import pytest
from github_stand_in.script import refusing
from hosted import Hosted
from publishing import (
    CATALOG,
    ISSUES,
    PAPERS,
    PULLS,
    RECORDS,
    Night,
    attempt,
    branch_text,
    done,
    forge_of,
    issue_of,
    publish,
    pull_of,
    state_of,
    stocked,
    writes_of,
)

from bot.publish.github import DryRun
from bot.publish.marker import normalised, read_marker


def test_each_kind_opens_one_pull_request_or_issue_with_one_commit(github: Hosted) -> None:
    hub = stocked(github)
    publish(github)
    assert [pull.title for pull in hub.pulls.values()] == [
        "bot: 2 link fixes",
        "bot: 1 metadata fix",
        "bot: 4 article records",
        "bot: 1 link fix for review",
        "bot: 1 metadata fix for review",
    ]
    assert [pull.draft for pull in hub.pulls.values()] == [False, False, False, True, True]
    assert [issue.title for issue in hub.issues.values()] == [
        "Dead links in the catalog",
        "What the bot found and cannot fix",
        "Articles that the catalog lacks",
    ]
    assert {label for issue in hub.issues.values() for label in issue.labels} == {"catalog-bot"}
    for kind in PULLS:
        commit, base = hub.log(f"bot/{kind}")[:2]
        assert base.sha == hub.tip("main")
        assert commit.signature, "author and committer are left out, so that GitHub signs"
    assert branch_text(hub, "metadata") == PAPERS.decode().replace("Februray", "February")
    assert branch_text(hub, "links") == PAPERS.decode().replace("old-home", "new-home").replace("http:", "https:")
    assert "Alpha Two" in branch_text(hub, "metadata-review")
    assert "Papers Explained: Alpha Two" in branch_text(hub, "metadata-review", RECORDS)
    assert branch_text(hub, "records", RECORDS).count("\n") == 5


def test_the_same_report_twice_makes_no_write(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    publish(github, report)
    assert writes_of(hub, lambda: publish(github, report)) == []


def test_the_same_findings_in_another_run_make_no_write(github: Hosted) -> None:
    hub = stocked(github)
    publish(github)
    assert writes_of(hub, lambda: publish(github, Night(day=3))) == []


def test_a_base_that_moved_elsewhere_moves_the_branches_and_leaves_the_issues(github: Hosted) -> None:
    hub = stocked(github)
    publish(github)
    before = {pull.number: normalised(pull.body) for pull in hub.pulls.values()}
    hub.push("main", {"LICENSE": b"freer\n"})
    writes = writes_of(hub, lambda: publish(github, Night(day=3)))
    assert not [each for each in writes if "issues" in each or each == "POST /pulls"]
    assert len([each for each in writes if each.startswith("PATCH /git/refs/heads/bot/")]) == 5
    assert {pull.number: normalised(pull.body) for pull in hub.pulls.values()} == before
    for kind in PULLS:
        assert [commit.sha for commit in hub.log(f"bot/{kind}")][1] == hub.tip("main")
        assert hub.read(f"bot/{kind}", "LICENSE") == b"freer\n"
        marker = read_marker(pull_of(hub, kind).body)
        assert marker is not None
        assert marker.head == hub.tip(f"bot/{kind}")
    assert writes_of(hub, lambda: publish(github, Night(day=4))) == []


def test_lines_that_moved_in_the_catalog_are_linked_where_they_are_now(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "metadata")
    assert "README.md?plain=1#L8)" in pull_of(hub, "metadata").body
    hub.push("main", {CATALOG: PAPERS.replace(b"# Papers\n", b"# Papers\n\nRead them all.\n")})
    report = Night(day=3).report(hub)
    publish(github, report, "metadata")
    assert "README.md?plain=1#L10)" in pull_of(hub, "metadata").body
    assert f"blob/{hub.tip('main')}/" in pull_of(hub, "metadata").body
    assert b"Read them all." in hub.read("bot/metadata", CATALOG)


def test_what_the_catalog_no_longer_says_is_not_proposed(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    hub.push("main", {CATALOG: PAPERS.replace(b"Februray", b"March").replace(b"medium.com/old-home", b"a.medium.com")})
    publish(github, report)
    assert pull_of(hub, "links").title == "bot: 1 link fix"
    assert not [pull for pull in hub.pulls.values() if pull.head == "bot/metadata"]
    assert "old-home" not in branch_text(hub, "links")
    assert "https://anna.medium.com/delta" in branch_text(hub, "links")


def test_what_is_fixed_elsewhere_leaves_the_pull_request_and_the_last_closes_it(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    hub.push("main", {CATALOG: PAPERS.replace(b"http:", b"https:")})
    publish(github, Night(day=3), "links")
    assert pull_of(hub, "links").title == "bot: 1 link fix"
    hub.push("main", {CATALOG: hub.read("main", CATALOG).replace(b"old-home", b"new-home")})
    assert done(publish(github, Night(day=4), "links")) == ["closed bot: 1 link fix"]
    pull = pull_of(hub, "links")
    assert (pull.state, pull.merged, "bot/links" in hub.refs) == ("closed", False, False)
    assert [comment.user for comment in pull.comments] == ["github-actions[bot]"]
    assert writes_of(hub, lambda: publish(github, Night(day=5), "links")) == []


def test_closing_by_the_bot_itself_declines_nothing(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    hub.push("main", {CATALOG: PAPERS.replace(b"http:", b"https:").replace(b"old-home", b"new-home")})
    publish(github, Night(day=3), "links")
    hub.push("main", {CATALOG: PAPERS})  # somebody takes it back
    assert done(publish(github, Night(day=4), "links")) == ["opened bot: 2 link fixes"]


def test_a_new_finding_joins_the_open_pull_request(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "metadata")
    hub.push("main", {CATALOG: PAPERS.replace(b"June 2024", b"Junee 2024")})
    assert done(publish(github, Night(day=3), "metadata")) == ["updated bot: 2 metadata fixes"]
    assert len(hub.pulls) == 1


SOME = ("links", "links-review", "dead-links")
RIVAL_POINTS = [
    ("GET", r"/pulls$"),
    ("GET", r"/branches/main$"),
    ("POST", r"/git/blobs$"),
    ("POST", r"/git/trees$"),
    ("POST", r"/git/commits$"),
    ("POST", r"/git/refs$"),
    ("POST", r"/pulls$"),
    ("GET", r"/issues$"),
    ("POST", r"/labels$"),
    ("POST", r"/issues$"),
]


@pytest.mark.parametrize(("method", "path"), RIVAL_POINTS)
def test_a_run_in_the_middle_of_another_leaves_one_of_each(github: Hosted, method: str, path: str) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    hub.before(method, path, lambda: publish(github, report, *SOME))
    publish(github, report, *SOME)
    publish(github, report, *SOME)
    assert [pull.head for pull in hub.pulls.values()] == ["bot/links", "bot/links-review"]
    assert [pull.state for pull in hub.pulls.values()] == ["open", "open"]
    for pull in hub.pulls.values():
        marker = read_marker(pull.body)
        assert marker is not None
        assert marker.head == hub.tip(pull.head)
    assert writes_of(hub, lambda: publish(github, report, *SOME)) == []


@pytest.mark.parametrize(("method", "path"), [("PATCH", r"/git/refs/heads/bot/links$"), ("PATCH", r"/pulls/1$")])
def test_a_run_in_the_middle_of_an_update_leaves_one_of_each(github: Hosted, method: str, path: str) -> None:
    hub = stocked(github)
    publish(github, None, *SOME)
    hub.push("main", {CATALOG: PAPERS.replace(b"(https://anna.medium.com/zeta", b"(http://anna.medium.com/zeta")})
    report = Night(day=3).report(hub)
    hub.before(method, path, lambda: publish(github, report, *SOME))
    publish(github, report, *SOME)
    publish(github, report, *SOME)
    assert writes_of(hub, lambda: publish(github, report, *SOME)) == []
    assert len(hub.pulls) == 2


def test_a_base_that_moves_right_before_the_commit_is_built_upon(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    hub.before("GET", r"/branches/main$", lambda: hub.push("main", {"LICENSE": b"freer\n"}), skip=1)
    publish(github, report, "links")
    assert hub.read("bot/links", "LICENSE") == b"freer\n"
    assert [commit.sha for commit in hub.log("bot/links")][1] == hub.tip("main")
    assert len(hub.pulls) == 1


def test_a_base_that_moves_for_ever_ends_in_an_error_that_says_so(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    for number in range(6):
        content = f"free {number}\n".encode()
        deed = partial(hub.push, "main", {"LICENSE": content})
        hub.before("GET", r"/branches/main$", deed, skip=number)
    published = attempt(github, report, "links")
    assert published.failures == ["the branch main keeps moving; run it again"]
    assert hub.pulls == {}


def test_what_was_done_before_the_base_moved_is_still_reported(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    hub.before("GET", r"/branches/main$", lambda: hub.push("main", {"LICENSE": b"freer\n"}), skip=2)
    published = publish(github, report, "links", "metadata")
    assert done(published) == ["opened bot: 2 link fixes", "updated bot: 2 link fixes", "opened bot: 1 metadata fix"]


def test_what_was_left_before_the_base_moved_is_reported_once(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    hub.before("GET", r"/branches/main$", lambda: hub.push("main", {"LICENSE": b"freer\n"}), skip=1)
    published = publish(github, Night(day=3), "links", "metadata")
    assert done(published) == ["updated bot: 2 link fixes", "opened bot: 1 metadata fix"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", r"/git/matching-refs"),
        ("GET", r"/pulls$"),
        ("GET", r"/branches/bot/links$"),
        ("POST", r"/git/blobs$"),
        ("PATCH", r"/git/refs/heads/bot/links$"),
    ],
)
def test_a_branch_deleted_while_its_pull_request_is_updated_breaks_nothing(
    github: Hosted, method: str, path: str
) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    hub.push("main", {CATALOG: PAPERS.replace(b"zeta-aaaa", b"zeta-a-aaaa")})
    hub.before(method, path, partial(hub.delete_branch, "bot/links"))
    publish(github, Night(day=3), "links")
    publish(github, Night(day=4), "links")
    assert writes_of(hub, lambda: publish(github, Night(day=5), "links")) == []


def test_a_deleted_branch_closes_its_pull_request_which_declines_it(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    hub.delete_branch("bot/links")
    assert pull_of(hub, "links").state == "closed"
    assert writes_of(hub, lambda: publish(github, Night(day=3), "links")) == []


def test_a_run_that_ended_before_it_opened_the_pull_request_is_taken_up(github: Hosted) -> None:
    hub = stocked(github)
    hub.script(refusing(403, "the job was cancelled"), "POST", r"/pulls$")
    assert attempt(github, None, "links").failures
    assert "bot/links" in hub.refs
    tip = hub.tip("bot/links")
    publish(github, Night(day=3), "links")
    assert hub.tip("bot/links") == tip
    assert pull_of(hub, "links").state == "open"


def test_a_dry_run_writes_nothing_and_says_what_the_run_then_does(github: Hosted) -> None:
    hub = stocked(github)
    before = state_of(hub)
    dry = publish(github, forge=forge_of(github, kind=DryRun))
    assert state_of(hub) == before
    assert hub.writes[:] == []
    real = publish(github)
    assert done(dry) == done(real)
    assert [(act.verb, act.diff) for act in dry.acts] == [(act.verb, act.diff) for act in real.acts]


@pytest.mark.parametrize("kind", [*PULLS, "dead-links", "for-people", "uncatalogued"])
def test_only_the_chosen_kind_is_touched(github: Hosted, kind: str) -> None:
    hub = stocked(github)
    publish(github, None, kind)
    opened = [pull.head.removeprefix("bot/") for pull in hub.pulls.values()]
    opened += [each for each in ISSUES for issue in hub.issues.values() if f"<!-- bot:v1 {each} " in issue.body]
    assert opened == [kind]


def test_a_kind_left_out_of_a_run_keeps_what_the_issues_say_of_it(github: Hosted) -> None:
    hub = stocked(github)
    publish(github)
    assert "proposed in [the pull request" in issue_of(hub, "dead-links").body
    assert writes_of(hub, lambda: publish(github, Night(day=3), *ISSUES)) == []


def test_another_base_is_published_to(github: Hosted) -> None:
    hub = stocked(github)
    hub.push("next", {CATALOG: PAPERS.replace(b"June", b"Junee")}, onto=hub.tip("main"))
    report = Night().report(hub, "next")
    publish(github, report, "metadata", base="next")
    assert (pull_of(hub, "metadata").base, pull_of(hub, "metadata").title) == ("next", "bot: 2 metadata fixes")
    other = attempt(github, Night(day=3), "metadata")
    assert other.failures == [
        "metadata: https://github.com/owner/name/pull/1 is open against 'next'; merge or close it, then use --base main"
    ]
    assert [commit.sha for commit in hub.log("bot/metadata")][1] == hub.tip("next")


def test_a_commit_says_what_it_changes_and_ends_with_a_digest_of_its_files(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    assert re.fullmatch(r"bot: 2 link fixes\n\nCatalog-Bot: links [0-9a-f]{32}\n", hub.log("bot/links")[0].message)
