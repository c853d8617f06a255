"""From a saved report to pull requests and issues: reads the repository as it is, and brings each kind up to date."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial

from bot.checking.evaluate import Inputs, evaluate, parsed
from bot.config import Settings
from bot.errors import BotError, ForgeError, UsageError
from bot.model.documents import ReportDocument
from bot.model.findings import Finding
from bot.model.pages import Observations
from bot.model.records import NAME as RECORDS
from bot.model.records import read_records
from bot.publish.forge import File, Forge, Issue
from bot.publish.issues import file, rows_of
from bot.publish.kinds import BLIND, ISSUE_KINDS, LABEL, PULL_KINDS, IssueKind, PullKind
from bot.publish.marker import keys
from bot.publish.pull_requests import BaseMovedError, Proposed, propose
from bot.publish.session import PASSIVE, Act, Session, together
from bot.rules.registry import ran

_TRIES = 3
_BRANCHES = "bot/"
_MOST = 1_000  # changes in one body: their fingerprints must fit into it


@dataclass(frozen=True, slots=True)
class Options:
    """How to publish.

    `kinds` are those to touch, all if empty; `author` is the login that the bot publishes as.
    `accepted` are the fingerprints of the baseline.

    `blind_after` runs in a row that saw too little open an issue.
    """

    catalog: str
    settings: Settings
    author: str
    base: str | None = None
    run_url: str = ""
    kinds: Collection[str] = ()
    blind_after: int = 1
    accepted: frozenset[str] = frozenset()


@dataclass(slots=True)
class Published:
    """What was done, and what failed, as one line each."""

    acts: list[Act] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def publish(forge: Forge, report: ReportDocument, options: Options) -> Published:
    """Bring the repository's pull requests and issues to what a report's observations say of the files as they are now.

    A kind that fails holds up no other. Raises `DecodeError` before any request if the report contradicts itself,
    `UsageError` before any write if the files cannot be used, and `ForgeError` if the repository cannot be read.
    """
    seen = report.observations(options.settings.site.read)
    published = Published()
    for attempt in range(1, _TRIES + 1):
        published.acts = [each for each in published.acts if each.verb not in PASSIVE]
        published.failures.clear()
        session = _session(forge, report, seen, options, published.acts)
        try:
            _publish(session, options, published)
        except BaseMovedError as error:
            if attempt == _TRIES:
                published.failures.append(str(error))
        else:
            break
    return published


def _session(forge: Forge, report: ReportDocument, seen: Observations, options: Options, acts: list[Act]) -> Session:
    """Read the base branch's tip, and run the rules again over its files."""
    settings = options.settings
    repository = forge.repository()
    base = options.base or repository.default_branch
    tip = forge.tip(base)
    if tip is None:
        raise ForgeError(f"{repository.full_name} has no branch {base!r}; name another with --base")
    tree = forge.files(tip.tree)
    source = _content(forge, tree, options.catalog, f"{repository.full_name}, branch {base}")
    if source is None:
        raise ForgeError(f"{repository.full_name}: the branch {base} has no file {options.catalog}")
    folder, slash, _ = options.catalog.rpartition("/")
    place = f"{folder}{slash}{RECORDS}"
    inputs = Inputs(
        parsed(source, options.catalog, settings),
        settings,
        ran(report.run.rules),
        read_records(_content(forge, tree, place, base) or b"", place),
        accepted=options.accepted,
    )
    evidence = inputs.evidence().seeing(seen)
    return Session(
        forge=forge,
        repository=repository,
        base=base,
        tip=tip,
        tree=tree,
        branches=forge.branches(_BRANCHES),
        catalog=inputs.catalog,
        records=inputs.records,
        report=report,
        seen=seen,
        findings=[each for same in together(evaluate(inputs, evidence).findings) for each in same],
        linked=frozenset(usage.address.post_id for usage in evidence.usages if usage.address.post_id),
        author=options.author,
        run_url=options.run_url,
        most=min(settings.max_changes, _MOST),
        min_coverage=settings.min_coverage,
        blind_after=options.blind_after,
        acts=acts,
    )


def _content(forge: Forge, tree: Mapping[str, File], path: str, where: str) -> bytes | None:
    """Return a file's bytes, None if it is not there; a link is refused, since a commit would replace it."""
    if path not in tree:
        return None
    if tree[path].mode not in ("100644", "100755"):
        raise UsageError(f"{path} is a link in {where}, no file; name the file that it leads to")
    return forge.content(tree[path].sha)


def _publish(session: Session, options: Options, published: Published) -> None:
    """Bring each kind up to date; where one fails or was not asked for, rows that stand for it stay as they are."""
    asked = set(options.kinds) or {kind.name for kind in PULL_KINDS} | {kind.name for kind in ISSUE_KINDS}
    found: dict[str, list[Finding]] = {kind.name: [] for kind in PULL_KINDS}
    for each in session.findings:
        if each.pull is not None:
            found[each.pull].append(each)
    proposed: dict[str, Proposed] = {}
    there: list[Issue] = []

    def pull(kind: PullKind) -> None:
        proposed[kind.name] = propose(session, kind, found[kind.name])

    def issue(kind: IssueKind) -> None:
        if kind is BLIND and session.saw_little and not session.is_blind:
            return  # too early to say anything, and no sign that it passed
        pending = found.keys() - proposed.keys()
        as_it_is = keys(pending) | {each.fingerprint for name in pending for each in found[name]}
        file(session, kind, there, rows_of(kind, session, proposed), as_it_is)

    for kind in PULL_KINDS:
        if kind.name in asked:
            _attempt(kind.name, partial(pull, kind), published)
    questions = [kind for kind in ISSUE_KINDS if kind.name in asked]
    if questions and _attempt("issues", lambda: there.extend(session.forge.issues(LABEL)), published):
        for question in questions:
            _attempt(question.name, partial(issue, question), published)


def _attempt(what: str, do: Callable[[], None], published: Published) -> bool:
    """Do something and tell whether it could be done; a failure is kept."""
    try:
        do()
    except BaseMovedError:
        raise
    except BotError as error:
        published.failures.append(f"{what}: {error}")
        return False
    return True
