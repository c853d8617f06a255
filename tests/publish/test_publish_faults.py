"""GitHub refuses, fails, forgets to answer or asks to wait: no write happens twice, and the next run does the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from github_stand_in.model import Permissions
from github_stand_in.script import (
    DROPPED,
    LOST,
    LOST_BEHIND_502,
    Fault,
    primary_limit,
    refusing,
    secondary_limit,
    too_many,
)
from github_stand_in.state import Hub
from hosted import FILES, NAME, Hosted, hosting
from publishing import (
    CATALOG,
    PAPERS,
    PULLS,
    Night,
    attempt,
    done,
    forge_of,
    publish,
    pull_of,
    state_of,
    stocked,
    writes_of,
)

from bot.errors import ForgeError

AGAIN = Night(day=3)
NO_DEAD = Night(told="", recoveries={}, day=3)
FEWER = Night(told="\n".join(line for line in Night().told.splitlines() if "zeta" not in line), day=3)


@dataclass(frozen=True, slots=True)
class Write:
    """A write: how it comes about after what went before, and its request."""

    kinds: tuple[str, ...]
    method: str
    path: str
    before: Callable[[Hosted], object] = lambda _: None
    night: Night = AGAIN


def no_drafts(github: Hosted) -> None:
    github.hub.permissions.drafts = False


def opened(github: Hosted) -> None:
    publish(github, None, "links", "dead-links")


def another_base(github: Hosted) -> None:
    opened(github)
    github.hub.push("main", {"LICENSE": b"freer\n"})


def fixed(github: Hosted) -> None:
    publish(github, None, "links")
    github.hub.push("main", {CATALOG: PAPERS.replace(b"http:", b"https:").replace(b"old-home", b"new-home")})


def closed(github: Hosted) -> None:
    publish(github, None, "dead-links")
    publish(github, NO_DEAD, "dead-links")


def taken_over(github: Hosted) -> None:
    publish(github, None, "links")
    github.hub.push("bot/links", {"LICENSE": b"mine\n"}, author="alice")


WRITES = {
    "a blob": Write(("links",), "POST", r"/git/blobs$"),
    "a tree": Write(("links",), "POST", r"/git/trees$"),
    "a commit": Write(("links",), "POST", r"/git/commits$"),
    "a new branch": Write(("links",), "POST", r"/git/refs$"),
    "a new pull request": Write(("links",), "POST", r"/pulls$"),
    "a pull request instead of a draft": Write(("links-review",), "POST", r"/pulls$", no_drafts),
    "a moved branch": Write(("links",), "PATCH", r"/git/refs/heads/bot/links$", another_base),
    "an edited pull request": Write(("links",), "PATCH", r"/pulls/1$", another_base),
    "a comment on a branch taken over": Write(("links",), "POST", r"/issues/1/comments$", taken_over),
    "a comment before a pull request is closed": Write(("links",), "POST", r"/issues/1/comments$", fixed),
    "a closed pull request": Write(("links",), "PATCH", r"/pulls/1$", fixed),
    "a deleted branch": Write(("links",), "DELETE", r"/git/refs/heads/bot/links$", fixed),
    "a new label": Write(("dead-links",), "POST", r"/labels$"),
    "a new issue": Write(("dead-links",), "POST", r"/issues$"),
    "an edited issue": Write(("dead-links",), "PATCH", r"/issues/2$", opened, FEWER),
    "a comment before an issue is closed": Write(("dead-links",), "POST", r"/issues/2/comments$", opened, NO_DEAD),
    "a closed issue": Write(("dead-links",), "PATCH", r"/issues/2$", opened, NO_DEAD),
    "a reopened issue": Write(("dead-links",), "PATCH", r"/issues/1$", closed),
}
HARMLESS = [("a deleted branch", 404), ("a deleted branch", 422), ("a new label", 422)]
FAILURES = {
    "500 before": refusing(500),
    "no answer before": DROPPED,
    "502 after": LOST_BEHIND_502,
    "no answer after": LOST,
}
OTHER_FAILURES = {"502 before": refusing(502), "500 after": Fault(500, "Server Error", executed=True)}
ONCE_ONLY = ["a new pull request", "a comment on a branch taken over", "a new issue", "an edited pull request"]


@cache
def undisturbed(name: str) -> dict[str, Any]:
    """Return what a person sees when nothing goes wrong."""
    write = WRITES[name]
    with hosting(Hub(NAME, FILES)) as hosted:
        stocked(hosted)
        write.before(hosted)
        publish(hosted, write.night, *write.kinds)
        return state_of(hosted.hub)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        *(pytest.param(name, fault, id=f"{name}, {how}") for name in WRITES for how, fault in FAILURES.items()),
        *(
            pytest.param(name, fault, id=f"{name}, {how}")
            for name in ONCE_ONLY
            for how, fault in OTHER_FAILURES.items()
        ),
    ],
)
def test_a_write_without_an_answer_is_made_once(github: Hosted, name: str, fault: Fault) -> None:
    hub, write = stocked(github), WRITES[name]
    write.before(github)
    hub.script(fault, write.method, write.path)
    pauses: list[float] = []
    publish(github, write.night, *write.kinds, forge=forge_of(github, pauses.append))
    assert pauses == [1.0]
    assert state_of(hub) == undisturbed(name)
    if name in ONCE_ONLY:
        assert writes_of(hub, lambda: publish(github, write.night, *write.kinds)) == []


@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_was_refused_is_made_up_for_by_a_later_run(github: Hosted, name: str) -> None:
    hub, write = stocked(github), WRITES[name]
    write.before(github)
    for status in (409, 404, 422):
        if (name, status) not in HARMLESS:
            hub.script(refusing(status), write.method, write.path)
            (failure,) = attempt(github, write.night, *write.kinds).failures
            assert f"GitHub answered {status} to {write.method}" in failure
    publish(github, write.night, *write.kinds)
    assert name == "a deleted branch" or state_of(hub) == undisturbed(name)


@pytest.mark.parametrize(("name", "status"), HARMLESS)
def test_a_refusal_that_says_it_is_done_already_is_not_a_failure(github: Hosted, name: str, status: int) -> None:
    hub, write = stocked(github), WRITES[name]
    write.before(github)
    hub.script(refusing(status), write.method, write.path)
    publish(github, write.night, *write.kinds)


def test_a_label_that_could_not_be_put_on_is_said_and_the_pull_request_stays(github: Hosted) -> None:
    hub = stocked(github)
    hub.permissions.drafts = False
    hub.script(refusing(422, "because"), "POST", r"/issues/1/labels$")
    assert attempt(github, None, "links-review").failures == [
        "links-review: GitHub answered 422 to POST /issues/1/labels: because"
    ]
    assert writes_of(hub, lambda: publish(github, None, "links-review")) == []


@pytest.mark.parametrize("fault", FAILURES.values(), ids=FAILURES.keys())
def test_a_label_for_want_of_a_draft_is_put_on_though_the_answer_was_lost(github: Hosted, fault: Fault) -> None:
    hub = stocked(github)
    hub.permissions.drafts = False
    hub.script(fault, "POST", r"/issues/1/labels$")
    publish(github, None, "links-review")
    pull = pull_of(hub, "links-review")
    assert (pull.draft, pull.labels) == (False, ["needs-review"])


@pytest.mark.parametrize(
    "path", [r"^/repos/owner/name$", r"/branches/main$", r"/git/trees/", r"/git/blobs/", r"/pulls$"]
)
def test_a_read_without_an_answer_is_repeated(github: Hosted, path: str) -> None:
    hub = stocked(github)
    hub.script(refusing(502), "GET", path, 2)
    hub.script(DROPPED, "GET", path)
    pauses: list[float] = []
    publish(github, None, "links", forge=forge_of(github, pauses.append))
    assert pauses == [1.0, 2.0, 4.0]


def test_a_server_that_never_answers_is_given_up(github: Hosted) -> None:
    hub = stocked(github)
    hub.script(refusing(502), "GET", r"^/repos/owner/name$", 99)
    with pytest.raises(ForgeError, match=r"GitHub answered 502 to GET owner/name, 4 times; try again later"):
        publish(github)
    hub.plan.faults.clear()
    hub.script(refusing(502), "POST", r"/pulls$", 99)
    assert attempt(github, None, "links").failures == ["links: GitHub answered 502 to POST /pulls"]
    assert hub.pulls == {}


def test_a_kind_that_fails_holds_up_no_other(github: Hosted) -> None:
    hub = stocked(github)
    hub.script(refusing(500), "POST", r"/git/refs$", 4)
    published = attempt(github)
    assert len(published.failures) == 1
    assert [pull.head for pull in hub.pulls.values()] == [f"bot/{kind}" for kind in PULLS[1:]]
    assert len(hub.issues) == 3


def test_issues_that_cannot_be_listed_are_one_failure_and_nothing_is_filed_twice(github: Hosted) -> None:
    hub = stocked(github)
    publish(github)
    hub.script(refusing(403, "no"), "GET", r"/issues$")
    published = attempt(github, FEWER)
    assert published.failures == [
        "issues: the token may not GET /issues (GitHub says: no); it needs the permission issues: read"
    ]
    assert len(hub.issues) == 3


LIMITS = {
    "secondary, with a time": (secondary_limit(7), 7.0),
    "secondary, without": (secondary_limit(), 60.0),
    "429, with a time": (too_many(3), 3.0),
    "429, without": (too_many(), 60.0),
    "with a date": (Fault(429, "slow down", {"Retry-After": "Fri, 02 Jan 2026 03:04:05 GMT"}), 60.0),
    "by its words alone": (Fault(403, "You have exceeded a secondary rate limit"), 60.0),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(("fault", "wait"), LIMITS.values(), ids=LIMITS.keys())
def test_a_rate_limit_is_waited_out(github: Hosted, fault: Fault, wait: float, method: str) -> None:
    hub = stocked(github)
    hub.script(fault, method, r"/pulls$", 2)
    pauses: list[float] = []
    publish(github, None, "links", forge=forge_of(github, pauses.append))
    assert pauses == [wait, wait]
    assert len(hub.pulls) == 1


def test_the_hours_limit_is_waited_out_until_its_reset(github: Hosted) -> None:
    hub = stocked(github)
    hub.script(primary_limit(120), "POST", r"/pulls$")
    pauses: list[float] = []
    publish(github, None, "links", forge=forge_of(github, pauses.append))
    assert len(pauses) == 1
    assert 119 < pauses[0] <= 122


def test_a_limit_beyond_patience_ends_the_run_with_what_was_done_kept(github: Hosted) -> None:
    hub = stocked(github)
    hub.script(primary_limit(3000), "POST", r"/git/refs$", 99, skip=1)
    pauses: list[float] = []
    published = attempt(github, forge=forge_of(github, pauses.append))
    assert pauses == []
    assert done(published)[0] == "opened bot: 2 link fixes"
    assert all(
        "more than 900 s; what was done is kept, and the next run does the rest" in each for each in published.failures
    )
    hub.plan.faults.clear()
    publish(github)
    assert len(hub.pulls) == 5


def test_waits_add_up(github: Hosted) -> None:
    hub = stocked(github)
    hub.script(secondary_limit(50), "GET", r"/pulls$", 99)
    pauses: list[float] = []
    published = attempt(github, None, "links", forge=forge_of(github, pauses.append, 120.0))
    assert pauses == [50.0, 50.0]
    assert "asks to wait 150 s in total, more than 120 s" in published.failures[0]


def test_a_403_that_is_not_a_rate_limit_is_not_waited_out(github: Hosted) -> None:
    hub = stocked(github)
    hub.permissions = Permissions(pull_requests="read")
    pauses: list[float] = []
    assert attempt(github, None, "links", forge=forge_of(github, pauses.append)).failures
    assert pauses == []
