"""One pull request for each kind: built on the base branch's tip, kept up to date, closed when nothing is left.

What is open, unticked, closed or merged is read from GitHub each time, and written only where something differs. A
branch with commits by anybody else is theirs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.checking import fixes
from bot.errors import ForgeError
from bot.model.findings import Finding
from bot.output.escape import plain
from bot.publish import bodies
from bot.publish.api import NO_PULLS
from bot.publish.forge import Commit, File, Pull, blob_id
from bot.publish.kinds import REVIEW_COLOR, REVIEW_LABEL, REVIEW_SAYS, PullKind
from bot.publish.marker import Marker, Row, boxes, normalised, with_marker
from bot.publish.rows import refused_row
from bot.publish.session import BaseMovedError, Session
from bot.text import counted

_MOST = 1_000  # changes in one body, which must hold their fingerprints
_LEFT_ALONE = (
    "Somebody else has committed to this branch, so the bot leaves it alone from now on. To hand it back, merge or "
    "close this pull request, or remove the other commits from the branch."
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a kind's pull request carries, which fixes clash with those, and the row that replaces it in an issue."""

    carried: frozenset[str] = frozenset()
    waiting: tuple[Finding, ...] = ()
    url: str = ""
    refused: Row | None = None


@dataclass(frozen=True, slots=True)
class _History:
    """A branch's pull requests: the open one with its marker, empty if there is none, and what was declined in all.

    `heads` are the commits that the bot pushed or that were merged; `strange` is an open one by somebody else.
    """

    open: Pull | None
    marker: Marker
    declined: frozenset[str]
    heads: frozenset[str]
    strange: Pull | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """The changes to propose, the new files, and what waits or is shown as declined; `more` exceed the cap."""

    picked: tuple[Finding, ...]
    waiting: tuple[Finding, ...]
    contents: Mapping[str, bytes]
    declined: tuple[Finding, ...]
    more: int
    title: str
    trailer: str


def propose(session: Session, kind: PullKind, found: Sequence[Finding]) -> Proposed:
    """Bring a kind's pull request up to date with the findings; return what it carries."""
    if not found and kind.branch not in session.branches:
        return Proposed()
    history = _history(session, kind)
    pull, marker = history.open, history.marker
    plan = _plan(session, kind, found, history.declined)
    waiting = tuple(each for each in plan.waiting if each.fingerprint not in marker.items)
    as_it_is = Proposed(frozenset(marker.items), waiting, pull.url if pull is not None else "")
    if history.strange is not None:
        why = f"{history.strange.author} opened it from the bot's branch; merge or close it to let the bot continue"
        session.note("left", history.strange.title, url=history.strange.url, why=why)
        return as_it_is
    unseen = set(session.unseen(marker)) - history.declined
    if pull is not None and unseen:
        why = f"this run could not check {counted(len(unseen), 'change')} in it"
        session.note("left", pull.title, url=pull.url, why=why)
        return as_it_is
    if pull is None and not plan.picked:
        return Proposed(waiting=plan.waiting)
    tip = session.forge.tip(kind.branch) if kind.branch in session.branches else None  # read as late as possible
    if tip is not None and not _is_ours(session, kind, tip, history):
        _leave_alone(session, kind, pull)
        return as_it_is
    if not plan.picked:
        if pull is not None:
            _close(session, kind, pull, marker)
        return Proposed(waiting=plan.waiting)
    return _opened(session, kind, plan, history, _committed(session, kind, plan, tip))


def _history(session: Session, kind: PullKind) -> _History:
    """Read a branch's pull requests, oldest first: later decisions override earlier ones."""
    declined: set[str] = set()
    heads = set()
    current: Pull | None = None
    current_marker = Marker(kind.name)
    strange: Pull | None = None
    for pull in reversed(session.forge.pulls(kind.branch)):
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
    most = min(session.asked.settings.max_changes, _MOST)
    chosen = fixes.fitting(session.catalog, fixes.choose(wanted[:most], unsafe=True))
    contents = fixes.new_texts(session.catalog, session.records, chosen)
    shown = tuple(each for each in found if each.fingerprint in declined)
    new = {path: File(blob_id(content), "") for path, content in contents.items()}
    trailer = _trailer(session, kind, {**session.tree, **new})
    picked = {each.fingerprint for each in chosen}
    waiting = tuple(each for each in wanted[:most] if each.fingerprint not in picked)
    title = bodies.pull_title(kind, len(picked))
    return _Plan(tuple(chosen), waiting, contents, shown, max(0, len(wanted) - most), title, trailer)


def _trailer(session: Session, kind: PullKind, files: Mapping[str, File]) -> str:
    """Return the last line of a commit's message, a digest of its files: by it the bot recognizes its own commits."""
    paths = sorted({session.catalog.path, session.records.path} & files.keys())
    lines = [kind.name, *(f"{files[path].sha} {path}" for path in paths)]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]
    return f"Catalog-Bot: {kind.name} {digest}"


def _is_ours(session: Session, kind: PullKind, tip: Commit, history: _History) -> bool:
    """Return True if the bot made a branch's newest commit, or if it was merged.

    A run may end between its commit and the marker that names it, so the commit's last line counts too.
    """
    if tip.sha in history.heads:
        return True
    if len(tip.parents) != 1 or f"Catalog-Bot: {kind.name} " not in tip.message:
        return False
    return _trailer(session, kind, session.forge.files(tip.tree)) in tip.message.splitlines()


def _leave_alone(session: Session, kind: PullKind, pull: Pull | None) -> None:
    if pull is None:
        why = f"others have committed to the branch {kind.branch}; delete it, and the next run creates it again"
        session.note("left", f"the branch {kind.branch}", why=why)
        return
    comments = session.forge.comments(pull.number)
    if not any(each.body == _LEFT_ALONE and each.author == session.author for each in comments):
        session.forge.comment(pull.number, _LEFT_ALONE)
        session.note("commented on", pull.title, url=pull.url, body=_LEFT_ALONE)
    session.note("left", pull.title, url=pull.url, why="others have committed to its branch")


def _close(session: Session, kind: PullKind, pull: Pull, marker: Marker) -> None:
    """Close a pull request with nothing left in it, marked so that it does not count as declined."""
    body = with_marker(pull.body, replace(marker, superseded=True))
    session.forge.comment(pull.number, "Closed: every change here was fixed, merged or declined.")
    session.forge.edit_pull(pull.number, title=pull.title, body=body, close=True)
    session.forge.delete_branch(kind.branch)
    session.note("closed", pull.title, url=pull.url, why="nothing is left in it")


def _committed(session: Session, kind: PullKind, plan: _Plan, tip: Commit | None) -> Commit:
    """Point the branch at a commit with the plan's files, and return it; nothing is written if it does already."""
    if tip is not None and tip.parents == (session.tip.sha,) and plan.trailer in tip.message.splitlines():
        return tip
    base = session.forge.tip(session.base)
    if base is None or base.sha != session.tip.sha:
        raise BaseMovedError(f"the branch {session.base} keeps moving; run it again")
    message = f"{plain(plan.title)}\n\n{plan.trailer}\n"
    modes = {path: each.mode for path, each in session.tree.items()}
    commit = session.forge.make_commit(session.tip, plan.contents, modes, message)
    session.forge.point(kind.branch, commit.sha, new=tip is None, force=True)
    return commit


def _opened(session: Session, kind: PullKind, plan: _Plan, history: _History, commit: Commit) -> Proposed:
    """Open or update the pull request; where the bot may not open any, return a row for an issue instead."""
    title = plan.title
    items = {each.fingerprint: session.key(each) for each in plan.picked}
    marker = Marker(kind.name, items, history.declined, commit.sha)
    body = bodies.pull_body(session, kind, marker, plan.picked, plan.declined, plan.more)
    old = {each.path: each.source for each in (session.records, session.catalog)}
    diff = "".join(fixes.diff(path, old[path], content) for path, content in plan.contents.items())
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
    """Open a pull request; where drafts are not available, a label takes the draft's place."""
    try:
        return session.forge.open_pull(kind.branch, session.base, title, body, draft=kind.review)
    except ForgeError as error:
        if not kind.review or error.status != 422 or "draft" not in error.said.lower():
            raise
    session.forge.ensure_label(REVIEW_LABEL, REVIEW_COLOR, REVIEW_SAYS)
    pull = session.forge.open_pull(kind.branch, session.base, title, body, draft=False)
    session.forge.add_label(pull.number, REVIEW_LABEL)
    return pull
