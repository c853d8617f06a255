"""One pull request a kind: built on the base branch as it is, kept up to date, closed when nothing is left.

GitHub is the truth: what is open, what people unticked, closed or merged is read there each time, and a write is
made only where something differs. A branch that somebody else has committed to is theirs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.checking import fixes
from bot.errors import ForgeError
from bot.model.findings import Finding
from bot.publish import bodies
from bot.publish.api import NO_PULLS
from bot.publish.forge import Commit, Pull, blob_id
from bot.publish.kinds import REVIEW_COLOR, REVIEW_LABEL, REVIEW_SAYS, PullKind
from bot.publish.marker import Marker, boxes, normalised, with_marker
from bot.publish.rows import Row, refused_row
from bot.publish.session import Session
from bot.text import counted

_TRAILER = re.compile(r"^Catalog-Bot: (?P<kind>[a-z-]+) (?P<digest>[0-9a-f]{32})$", re.MULTILINE)
_LEFT_ALONE = (
    "Somebody else has committed to this branch, so the bot leaves it alone from now on. To hand it back, merge or "
    "close this pull request, or take the other commits off the branch."
)


class BaseMovedError(ForgeError):
    """The base branch has moved since it was read: what was built on it must be built again."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a kind's pull request carries, which fixes clash with those, and what an issue says in its place."""

    carried: frozenset[str] = frozenset()
    waiting: tuple[Finding, ...] = ()
    url: str = ""
    refused: Row | None = None


@dataclass(frozen=True, slots=True)
class _History:
    """What a branch's pull requests say: the open one with its marker, and what was declined in all of them.

    `heads` are the commits that the bot put there, or that were merged; `strange` is one that people opened.
    """

    open: Pull | None
    marker: Marker | None
    declined: frozenset[str]
    heads: frozenset[str]
    strange: Pull | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """The changes to propose, the files that they give, and what is shown as declined or waits."""

    picked: tuple[Finding, ...]
    waiting: tuple[Finding, ...]
    contents: Mapping[str, bytes]
    declined: tuple[Finding, ...]
    more: int
    digest: str

    @property
    def count(self) -> int:
        """The number of changes as people see them."""
        return len({each.fingerprint for each in self.picked})


def propose(session: Session, kind: PullKind, found: Sequence[Finding]) -> Proposed:
    """Bring a kind's pull request up to date with what was found; return what it carries."""
    if not found and kind.branch not in session.branches:
        return Proposed()
    history = _history(session, kind)
    pull, marker = history.open, history.marker
    plan = _plan(session, kind, found, history.declined)
    carried = frozenset(marker.items) if marker is not None else frozenset()
    waiting = tuple(each for each in plan.waiting if each.fingerprint not in carried)
    as_it_is = Proposed(carried, waiting, pull.url if pull is not None else "")
    if history.strange is not None:
        why = f"{history.strange.author} opened it from the bot's branch; the bot goes on when it is merged or closed"
        session.note("left", history.strange.title, url=history.strange.url, why=why)
        return as_it_is
    unseen = set(session.unseen(marker)) - history.declined if marker is not None else set()
    if pull is not None and unseen:
        why = f"{counted(len(unseen), 'change')} of it could not be checked in this run"
        session.note("left", pull.title, url=pull.url, why=why)
        return as_it_is
    if pull is None and not plan.picked:
        return Proposed(waiting=plan.waiting)
    tip = _tip(session, kind)
    if tip is not None and not _is_ours(session, kind, tip, history):
        _leave_alone(session, kind, pull)
        return as_it_is
    if not plan.picked:
        if pull is not None and marker is not None:
            _close(session, kind, pull, marker)
        return Proposed(waiting=plan.waiting)
    commit = _committed(session, kind, plan, tip)
    return _opened(session, kind, plan, history, commit)


def _history(session: Session, kind: PullKind) -> _History:
    """Read a branch's pull requests, oldest first: later words overrule earlier ones."""
    pulls = [each for each in session.forge.pulls(kind.branch) if each.own_head]
    declined: set[str] = set()
    heads = set()
    current: Pull | None = None
    current_marker: Marker | None = None
    strange: Pull | None = None
    for pull in reversed(pulls):
        marker = session.mine(pull, kind.name)
        if pull.is_open and marker is not None and pull.base != session.base:
            raise ForgeError(
                f"{pull.url} is open against {pull.base!r}; merge or close it, then use --base {session.base}"
            )
        if marker is None:
            strange = pull if pull.is_open else strange
            continue
        heads |= {marker.head, pull.head} if pull.merged else {marker.head}
        ticked = boxes(pull.body)
        declined |= marker.declined | {each for each, is_ticked in ticked.items() if not is_ticked}
        declined -= {each for each, is_ticked in ticked.items() if is_ticked}
        if pull.is_open:
            current, current_marker = pull, marker
        elif not pull.merged and not marker.superseded:
            declined |= set(marker.items)
    return _History(current, current_marker, frozenset(declined), frozenset(heads - {""}), None if current else strange)


def _plan(session: Session, kind: PullKind, found: Sequence[Finding], declined: frozenset[str]) -> _Plan:
    wanted = [each for each in found if each.fingerprint not in declined]
    chosen = fixes.fitting(session.catalog, fixes.choose(wanted[: session.most], unsafe=True))
    contents = fixes.new_texts(session.catalog, {session.records.path: session.records.source}, chosen)
    shown = tuple(each for each in found if each.fingerprint in declined)
    digest = _digest(kind, _ids(session) | {path: blob_id(content) for path, content in contents.items()})
    picked = {each.fingerprint for each in chosen.findings}
    waiting = tuple(each for each in chosen.waiting if each.fingerprint not in picked)
    return _Plan(chosen.findings, waiting, contents, shown, max(0, len(wanted) - session.most), digest)


def _ids(session: Session) -> dict[str, str]:
    paths = (session.catalog.path, session.records.path)
    return {path: session.tree[path].sha for path in paths if path in session.tree}


def _digest(kind: PullKind, ids: Mapping[str, str]) -> str:
    """Return a short name of the files that a commit gives."""
    lines = [kind.name, *(f"{sha} {path}" for path, sha in sorted(ids.items()))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def _tip(session: Session, kind: PullKind) -> Commit | None:
    """Return the branch's newest commit, read as late as can be; None if there is no such branch."""
    return session.forge.tip(kind.branch) if kind.branch in session.branches else None


def _is_ours(session: Session, kind: PullKind, tip: Commit, history: _History) -> bool:
    """Return True if the bot made a branch's newest commit, or it was merged and is history.

    A marker that was never written, as the run ended first, is made up for by the commit's last line: it
    names the files that the commit holds.
    """
    if tip.sha in history.heads:
        return True
    trailer = _TRAILER.search(tip.message)
    if trailer is None or trailer["kind"] != kind.name or len(tip.parents) != 1:
        return False
    files = session.forge.files(tip.tree)
    paths = (session.catalog.path, session.records.path)
    return trailer["digest"] == _digest(kind, {path: files[path].sha for path in paths if path in files})


def _leave_alone(session: Session, kind: PullKind, pull: Pull | None) -> None:
    if pull is None:
        why = f"others have committed to the branch {kind.branch}; delete it, and the next run makes it anew"
        session.note("left", f"the branch {kind.branch}", why=why)
        return
    comments = session.forge.comments(pull.number)
    if not any(each.body == _LEFT_ALONE and each.author == session.author for each in comments):
        session.forge.comment(pull.number, _LEFT_ALONE)
        session.note("commented on", pull.title, url=pull.url, body=_LEFT_ALONE)
    session.note("left", pull.title, url=pull.url, why="others have committed to its branch")


def _close(session: Session, kind: PullKind, pull: Pull, marker: Marker) -> None:
    """Close a pull request of which nothing is left, marked so that it is not read as declined."""
    body = with_marker(pull.body, replace(marker, superseded=True))
    session.forge.comment(pull.number, "Nothing of this is left to change: it was fixed, merged or declined. Closed.")
    session.forge.edit_pull(pull.number, title=pull.title, body=body, close=True)
    session.forge.delete_branch(kind.branch)
    session.note("closed", pull.title, url=pull.url, why="nothing of it is left")


def _committed(session: Session, kind: PullKind, plan: _Plan, tip: Commit | None) -> Commit:
    """Return the commit that the branch points at, made only if it is not there yet."""
    trailer = _TRAILER.search(tip.message) if tip is not None else None
    if (
        tip is not None
        and trailer is not None
        and (tip.parents, trailer["digest"]) == ((session.tip.sha,), plan.digest)
    ):
        return tip
    base = session.forge.tip(session.base)
    if base is None or base.sha != session.tip.sha:
        raise BaseMovedError(f"the branch {session.base} keeps moving; run it again")
    message = bodies.commit_message(kind, plan.count, plan.digest)
    commit = session.forge.make_commit(session.tip, plan.contents, session.modes, message)
    session.forge.point(kind.branch, commit.sha, new=tip is None, force=True)
    return commit


def _opened(session: Session, kind: PullKind, plan: _Plan, history: _History, commit: Commit) -> Proposed:
    """Open the pull request, or update it; where none may be opened an issue says what it would."""
    title = bodies.pull_title(kind, plan.count)
    items = {each.fingerprint: session.key(each) for each in plan.picked}
    marker = Marker(kind.name, items, history.declined, commit.sha)
    body = bodies.pull_body(session, kind, marker, plan.picked, plan.declined, plan.more)
    diff = "".join(
        fixes.diff(path, session.catalog.source if path == session.catalog.path else session.records.source, content)
        for path, content in plan.contents.items()
    )
    pull = history.open
    if pull is None:
        try:
            pull = _new(session, kind, title, body)
        except ForgeError as error:
            if NO_PULLS not in error.said:
                raise
            session.note("left", title, why=str(error), diff=diff)
            return Proposed(frozenset(items), plan.waiting, refused=refused_row(session, kind, title, diff))
        session.note("opened", title, url=pull.url, body=body, diff=diff)
    same = pull.title == title and normalised(pull.body) == normalised(body)
    if not same or f"head={commit.sha}" not in pull.body:
        session.forge.edit_pull(pull.number, title=title, body=body, close=False)
        session.note("updated", title, url=pull.url, body=body, diff=diff)
    elif history.open is not None:
        session.note("kept", title, url=pull.url)
    return Proposed(frozenset(items), plan.waiting, pull.url)


def _new(session: Session, kind: PullKind, title: str, body: str) -> Pull:
    """Open a pull request; where drafts are refused, a label says what the draft would."""
    try:
        return session.forge.open_pull(kind.branch, session.base, title, body, draft=kind.review)
    except ForgeError as error:
        if not kind.review or error.status != 422 or "draft" not in error.said.lower():
            raise
    session.forge.ensure_label(REVIEW_LABEL, REVIEW_COLOR, REVIEW_SAYS)
    pull = session.forge.open_pull(kind.branch, session.base, title, body, draft=False)
    session.forge.add_label(pull.number, REVIEW_LABEL)
    return pull
