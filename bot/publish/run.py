"""From a saved report to pull requests and issues: reads the repository as it is, and brings each kind up to date."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from bot.checking.evaluate import Inputs, evaluate, parsed
from bot.errors import ForgeError, UsageError
from bot.model.documents import ReportDocument
from bot.model.pages import Observations
from bot.model.records import NAME as RECORDS
from bot.model.records import read_records
from bot.publish.forge import File, Forge
from bot.publish.issues import BLIND, ISSUE_KINDS, file, rows_of
from bot.publish.marker import page_key
from bot.publish.pull_requests import PULL_KINDS, Proposed, propose
from bot.publish.session import PASSIVE, BaseMovedError, Publication, Published, Session, together
from bot.rules.registry import ran

KINDS = (*(each.name for each in PULL_KINDS), *(each.name for each in ISSUE_KINDS))
_TRIES = 3


def publish(forge: Forge, report: ReportDocument, seen: Observations, asked: Publication) -> Published:
    """Bring the repository's pull requests and issues up to date with its files and what a report has seen.

    A kind that fails does not stop the others. Raises `UsageError` before any write if the files cannot be used, and
    `ForgeError` if the repository cannot be read.
    """
    published = Published()
    moved = ""
    for _ in range(_TRIES):
        published.acts = [each for each in published.acts if each.verb not in PASSIVE]
        published.failures.clear()
        try:
            _publish(_session(forge, report, seen, asked, published))
        except BaseMovedError as error:
            moved = str(error)
        else:
            return published
    published.failures.append(moved)
    return published


def _session(
    forge: Forge, report: ReportDocument, seen: Observations, asked: Publication, published: Published
) -> Session:
    """Read the base branch's tip, and run the rules again on its files."""
    repository = forge.repository()
    base = asked.base or repository.default_branch
    tip = forge.tip(base)
    if tip is None:
        raise ForgeError(f"{repository.full_name} has no branch {base!r}; name another with --base")
    tree = forge.files(tip.tree)
    source = _content(forge, tree, asked.catalog, f"{repository.full_name}, branch {base}")
    if source is None:
        raise ForgeError(f"{repository.full_name}: the branch {base} has no file {asked.catalog}")
    place = str(PurePosixPath(asked.catalog).with_name(RECORDS))
    inputs = Inputs(
        parsed(source, asked.catalog, asked.settings),
        asked.settings,
        ran(report.run.rules),
        read_records(_content(forge, tree, place, base) or b"", place),
        accepted=asked.accepted,
    )
    evidence = inputs.evidence().seeing(seen)
    return Session(
        forge=forge,
        asked=asked,
        report=report,
        repository=repository,
        base=base,
        tip=tip,
        tree=tree,
        branches=forge.branches("bot/"),
        inputs=inputs,
        evidence=evidence,
        groups=together(evaluate(inputs, evidence).findings),
        published=published,
    )


def _content(forge: Forge, tree: Mapping[str, File], path: str, where: str) -> bytes | None:
    """Return a file's bytes, None if it does not exist; a commit would replace a link, so links are refused."""
    if path not in tree:
        return None
    if tree[path].mode not in ("100644", "100755"):
        raise UsageError(f"{path} is a link, not a file, in {where}; name the file that it points to")
    return forge.content(tree[path].sha)


def _publish(session: Session) -> None:
    """Bring each kind up to date; rows about a kind that failed or was not asked for stay as they are."""
    asked = session.asked.kinds or KINDS
    fixable = [each for same in session.groups for each in same]
    found = {kind.name: [each for each in fixable if each.pull == kind.name] for kind in PULL_KINDS}
    proposed: dict[str, Proposed] = {}
    for kind in PULL_KINDS:
        if kind.name in asked:
            with session.published.attempt(kind.name):
                proposed[kind.name] = propose(session, kind, found[kind.name])
    pending = found.keys() - proposed.keys()
    as_it_is = set(map(page_key, pending)) | {each.fingerprint for name in pending for each in found[name]}
    questions = [kind for kind in ISSUE_KINDS if kind.name in asked]
    if not questions:
        return
    with session.published.attempt("issues"):
        there = session.forge.issues()
        for question in questions:
            if question is BLIND and session.saw_little and not session.is_blind:
                continue  # too early to open an issue, and no reason to close one
            with session.published.attempt(question.name):
                file(session, question, there, rows_of(question, session, proposed), as_it_is)
