"""One pull request for each kind: built on the base branch's tip, kept up to date, closed when nothing is left.

What is open, unticked, closed or merged is read from GitHub each time, and written only where something differs. A
branch with commits by anybody else is theirs.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.checking import fixes
from bot.errors import ForgeError
from bot.model.findings import Finding, Safety
from bot.output.escape import fenced, own_link, plain, text
from bot.publish.api import NO_PULLS
from bot.publish.bodies import change_row, fitted
from bot.publish.forge import Commit, File, Pull, blob_id
from bot.publish.marker import Marker, Row, name_of, normalised, page_key, with_marker
from bot.publish.session import BaseMovedError, Session, together
from bot.rules.registry import FIX_KINDS
from bot.text import counted

_MOST = 1_000  # changes in one body, which must hold their fingerprints
_PATCH = 8_000  # characters of the longest patch that an issue shows
_HOW_TO_DECLINE = (
    "**To decline a change**, untick its box: the next run removes it. **To decline all of them**, close this pull "
    "request. A declined change does not come back until its evidence changes. To silence a rule for good, put "
    "`<!-- bot: ignore RULE -->` on the line in the catalog."
)
_LEFT_ALONE = (
    "Somebody else has committed to this branch, so the bot leaves it alone from now on. To hand it back, merge or "
    "close this pull request, or remove the other commits from the branch."
)


@dataclass(frozen=True, slots=True)
class PullKind:
    """A kind of pull request. `noun` names a change; with `review` a person must judge each. `intro` may be empty."""

    name: str
    noun: str
    review: bool
    intro: str = ""

    @property
    def branch(self) -> str:
        """The one branch that carries such fixes."""
        return f"bot/{self.name}"


PULL_KINDS = (
    *(PullKind(each.pull(Safety.SAFE), each.noun, review=False, intro=each.intro) for each in FIX_KINDS),
    *(PullKind(each.pull(Safety.REVIEW), each.noun, review=True) for each in FIX_KINDS if each.reviewed),
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a kind's pull request carries, which fixes clash with those, and the row that replaces it in an issue."""

    carried: frozenset[str] = frozenset()
    waiting: tuple[Finding, ...] = ()
    url: str = ""
    refused: Row | None = None


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
    pulls = session.forge.pulls(kind.branch)
    known, declined = session.decided(pulls, kind.name, declines=False)
    for each, _ in known:
        if each.is_open and each.base != session.base:
            raise ForgeError(
                f"{each.url} is open against {each.base!r}; merge or close it, then use --base {session.base}"
            )
    pull, marker = next((each for each in known if each[0].is_open), (None, Marker(kind.name)))
    plan = _plan(session, kind, found, declined)
    waiting = tuple(each for each in plan.waiting if each.fingerprint not in marker.items)
    as_it_is = Proposed(frozenset(marker.items), waiting, pull.url if pull is not None else "")
    strange = next((each for each in pulls if each.is_open), None) if pull is None else None
    if strange is not None:
        why = f"{strange.author} opened it from the bot's branch; merge or close it to let the bot continue"
        session.note("left", strange.title, url=strange.url, why=why)
        return as_it_is
    unseen = session.unseen(marker.items) - declined
    if pull is not None and unseen:
        why = f"this run could not check {counted(len(unseen), 'change')} in it"
        session.note("left", pull.title, url=pull.url, why=why)
        return as_it_is
    if pull is None and not plan.picked:
        return as_it_is
    tip = session.forge.tip(kind.branch) if kind.branch in session.branches else None  # read as late as possible
    if tip is not None and not _is_ours(session, kind, tip, known):
        _leave_alone(session, kind, pull)
        return as_it_is
    if not plan.picked:
        if pull is not None:
            body = with_marker(pull.body, replace(marker, superseded=True))
            session.close(pull, body, "Closed: every change here was fixed, merged or declined.")
            session.forge.delete_branch(kind.branch)
        return Proposed(waiting=plan.waiting)
    return _opened(session, kind, plan, declined, pull, _committed(session, kind, plan, tip))


def _plan(session: Session, kind: PullKind, found: Sequence[Finding], declined: frozenset[str]) -> _Plan:
    wanted = [each for each in found if each.fingerprint not in declined]
    most = min(session.asked.settings.max_changes, _MOST)
    chosen = fixes.fitting(session.inputs.catalog, fixes.choose(wanted[:most], unsafe=True))
    contents = fixes.new_texts(session.inputs.catalog, session.inputs.records, chosen)
    shown = tuple(each for each in found if each.fingerprint in declined)
    new = {path: File(blob_id(content), "") for path, content in contents.items()}
    trailer = _trailer(session, kind, {**session.tree, **new})
    picked = {each.fingerprint for each in chosen}
    waiting = tuple(each for each in wanted[:most] if each.fingerprint not in picked)
    title = pull_title(kind, len(picked))
    return _Plan(tuple(chosen), waiting, contents, shown, max(0, len(wanted) - most), title, trailer)


def _trailer(session: Session, kind: PullKind, files: Mapping[str, File]) -> str:
    """Return the last line of a commit's message, a digest of its files: by it the bot recognizes its own commits."""
    paths = sorted(session.inputs.sources.keys() & files.keys())
    lines = [kind.name, *(f"{files[path].sha} {path}" for path in paths)]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]
    return f"Catalog-Bot: {kind.name} {digest}"


def _is_ours(session: Session, kind: PullKind, tip: Commit, known: Sequence[tuple[Pull, Marker]]) -> bool:
    """Return True if the bot made a branch's newest commit, or if it was merged.

    A run may end between its commit and the marker that names it, so the commit's last line counts too.
    """
    if any(tip.sha == marker.head or (pull.merged and tip.sha == pull.head) for pull, marker in known):
        return True
    if len(tip.parents) != 1 or f"Catalog-Bot: {kind.name} " not in tip.message:
        return False
    return _trailer(session, kind, session.forge.files(tip.tree)) in tip.message.splitlines()


def _leave_alone(session: Session, kind: PullKind, pull: Pull | None) -> None:
    if pull is None:
        why = f"others have committed to the branch {kind.branch}; delete it, and the next run creates it again"
        session.note("left", f"the branch {kind.branch}", why=why)
        return
    if session.forge.comment(pull.number, _LEFT_ALONE, once_by=session.asked.settings.author):
        session.note("commented on", pull.title, url=pull.url, body=_LEFT_ALONE)
    session.note("left", pull.title, url=pull.url, why="others have committed to its branch")


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


def _opened(
    session: Session, kind: PullKind, plan: _Plan, declined: frozenset[str], there: Pull | None, commit: Commit
) -> Proposed:
    """Open or update the pull request; where the bot may not open any, return a row for an issue instead."""
    title, old = plan.title, session.inputs.sources
    items = {each.fingerprint: session.key(each) for each in plan.picked}
    marker = Marker(kind.name, items, declined, commit.sha)
    body = pull_body(session, kind, marker, plan.picked, plan.declined, plan.more)
    diff = "".join(fixes.diff(path, old[path], content) for path, content in plan.contents.items())
    pull = there
    if pull is None:
        try:
            pull = session.forge.open_pull(kind.branch, session.base, title, body, draft=kind.review)
        except ForgeError as error:
            if NO_PULLS not in error.said:
                raise
            session.note("left", title, why=str(error), diff=diff)
            return Proposed(frozenset(items), plan.waiting, refused=refused_row(session, kind, title, diff))
        session.note("opened", title, url=pull.url, body=body, diff=diff)
    same = pull.title == title and normalised(pull.body) == normalised(body)
    if not same or f"head={commit.sha}" not in pull.body:
        session.forge.edit(pull, title, body)
        session.note("updated", title, url=pull.url, body=body, diff=diff)
    elif there is not None:
        session.note("kept", title, url=pull.url)
    return Proposed(frozenset(items), plan.waiting, pull.url)


def refused_row(session: Session, kind: PullKind, title: str, diff: str) -> Row:
    """Return what replaces a pull request that the bot may not open: a link to open it by hand, and the patch."""
    compare = f"{session.repository.url}/compare/{session.base}...{kind.branch}?expand=1"
    line = (
        f"**{text(title)}**: the branch is ready, {own_link('open the pull request yourself', compare)}; or allow it "
        "in Settings → Actions → General → “Allow GitHub Actions to create and approve pull requests”"
    )
    shown = fenced(diff, "diff") if len(diff) <= _PATCH else "- The patch is too long to show here; see the branch."
    heading = "The bot may not open pull requests here"
    return Row(name_of(kind.name, diff), heading, line, tuple(shown.splitlines()), page=page_key(kind.name))


def pull_title(kind: PullKind, count: int) -> str:
    """Return a pull request's title, as `bot: 7 link fixes`."""
    return f"bot: {counted(count, kind.noun)}" + (" for review" if kind.review else "")


def pull_body(
    session: Session, kind: PullKind, marker: Marker, picked: Sequence[Finding], declined: Sequence[Finding], more: int
) -> str:
    """Return a pull request's body; `more` changes wait until it is merged."""
    catalog = own_link(session.inputs.catalog.path, session.blob(session.inputs.catalog.path))
    changes, left = together(picked), together(declined)
    many = f"**{counted(len(changes), kind.noun)}**"
    if kind.review:
        head = (
            f"{many} for {catalog}, **each for review**: there is evidence, but only a person can judge it. Look at "
            "each change, untick those that are wrong, and merge the rest."
        )
    elif kind.intro:
        head = f"{many} for {text(session.inputs.records.path)}: {kind.intro}"
    else:
        head = f"{many} for {catalog}, each certain enough to merge unread."
    if more:
        head += f" Once this is merged, {counted(more, 'more change')} will follow."
    rows = [replace(change_row(session, same), ticked=True) for same in changes]
    rows += [replace(change_row(session, same), heading="Declined: tick one to bring it back") for same in left]
    return fitted(session, marker, head, rows, _HOW_TO_DECLINE, "the diff shows them all")
