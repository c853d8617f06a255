"""The state's branch: a line of commits that only moves forward, whatever runs beside and whatever is lost."""

from __future__ import annotations

import pytest
from github_stand_in.script import DROPPED, LOST, LOST_BEHIND_502, Fault, refusing
from hosted import Hosted
from publishing import forge_of, writes_of

from bot.errors import ForgeError
from bot.publish.forge import STATE_BRANCH, STATE_FILE, keep_state


def joined(there: bytes, mine: bytes) -> bytes:
    """Join two states as sets of lines."""
    return b"".join(line + b"\n" for line in sorted({*there.split(), *mine.split()}))


def keep(github: Hosted, mine: bytes) -> bool:
    return keep_state(forge_of(github), mine, lambda there: joined(there, mine), "State\n")


def test_the_first_state_begins_a_branch_that_holds_nothing_else(github: Hosted) -> None:
    assert keep(github, b"a\n") is True
    assert github.hub.files(STATE_BRANCH) == {STATE_FILE: b"a\n"}
    assert len(github.hub.log(STATE_BRANCH)) == 1


def test_the_same_state_is_no_write(github: Hosted) -> None:
    keep(github, b"a\n")
    assert writes_of(github.hub, lambda: keep(github, b"a\n")) == []


def test_what_is_there_is_joined_and_the_branch_moves_on(github: Hosted) -> None:
    keep(github, b"a\n")
    assert keep(github, b"b\n") is True
    assert github.hub.read(STATE_BRANCH, STATE_FILE) == b"a\nb\n"
    assert len(github.hub.log(STATE_BRANCH)) == 2
    assert writes_of(github.hub, lambda: keep(github, b"b\n")) == []


@pytest.mark.parametrize("first", [True, False], ids=["the first run", "a later run"])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/git/blobs$"), ("POST", "/git/commits$"), ("POST|PATCH", "/git/refs")]
)
def test_a_run_beside_this_one_loses_nothing(github: Hosted, method: str, path: str, *, first: bool) -> None:
    hub = github.hub
    if not first:
        keep(github, b"a\n")
    method = ("POST" if first else "PATCH") if "|" in method else method
    hub.before(method, path, lambda: keep(github, b"c\n"))
    keep(github, b"b\n")
    assert hub.read(STATE_BRANCH, STATE_FILE) == (b"b\nc\n" if first else b"a\nb\nc\n")


def test_a_branch_that_keeps_moving_is_said(github: Hosted) -> None:
    keep(github, b"0\n")
    for number in range(1, 6):
        github.hub.before("PATCH", "/git/refs", lambda number=number: push(github, number), skip=number - 1)  # type: ignore[misc]
    with pytest.raises(ForgeError, match="the branch bot-state keeps moving"):
        keep(github, b"b\n")
    github.hub.plan.actions.clear()


def push(github: Hosted, number: int) -> None:
    github.hub.push(STATE_BRANCH, {STATE_FILE: b"%d\n" % number})


@pytest.mark.parametrize("fault", [DROPPED, LOST, LOST_BEHIND_502, refusing(500)])
@pytest.mark.parametrize("path", ["/git/blobs$", "/git/trees$", "/git/commits$", "/git/refs"])
def test_a_lost_answer_keeps_the_state_once(github: Hosted, fault: Fault, path: str) -> None:
    github.hub.script(fault, "POST", path)
    keep(github, b"a\n")
    assert github.hub.files(STATE_BRANCH) == {STATE_FILE: b"a\n"}
    github.hub.script(fault, "PATCH", "/git/refs")
    keep(github, b"b\n")
    assert github.hub.read(STATE_BRANCH, STATE_FILE) == b"a\nb\n"
    assert len(github.hub.log(STATE_BRANCH)) == 2


def test_a_refusal_is_said(github: Hosted) -> None:
    github.hub.permissions.contents = "read"
    with pytest.raises(ForgeError, match="it needs the permission contents: write"):
        keep(github, b"a\n")
