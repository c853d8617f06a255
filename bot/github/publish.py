"""From a saved report to pull requests and issues: reads the repository as it is, and brings each kind up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from bot.config import Settings
from bot.document.parse import parse
from bot.errors import ForgeError, UsageError
from bot.github import bodies, issues
from bot.github.desk import Act, Desk
from bot.github.forge import File, Forge
from bot.github.kinds import (
    BLIND,
    DEAD_LINKS,
    FOR_PEOPLE,
    LABEL,
    PULL_KINDS,
    UNCATALOGUED,
    PullKind,
    pull_kind,
)
from bot.github.pull_requests import BaseMovedError, Proposed, propose
from bot.records import NAME as RECORDS
from bot.records import read_records
from bot.report.load import anchored
from bot.report.saved import Saved
from bot.rules.evidence import observe
from bot.rules.finding import Severity
from bot.rules.markers import is_silenced

_TRIES = 3
_BRANCHES = "bot/"


@dataclass(frozen=True, slots=True)
class Options:
    """How to publish. `kinds` are those to touch; `blind_after` nights in a row that saw too little make an issue."""

    catalog: str
    settings: Settings
    author: str
    base: str | None = None
    run: str = ""
    kinds: Collection[str] = ()
    blind_after: int = 1


@dataclass(slots=True)
class Published:
    """What was done, which fixes no longer fit the files, and what failed, as one line each."""

    acts: list[Act] = field(default_factory=list)
    stale: tuple[str, ...] = ()
    failures: list[str] = field(default_factory=list)


def publish(forge: Forge, saved: Saved, options: Options) -> Published:
    """Bring the repository's pull requests and issues to what a report says.

    A kind that fails holds up no other. Raises `UsageError` before any write if the report was meddled with.
    """
    for attempt in range(1, _TRIES + 1):
        desk, stale = _desk(forge, saved, options)
        published = Published(desk.acts, stale)
        try:
            _publish(desk, options, published)
        except BaseMovedError:
            if attempt == _TRIES:
                raise
        else:
            break
    return published


def _desk(forge: Forge, saved: Saved, options: Options) -> tuple[Desk, tuple[str, ...]]:
    """Read the base branch's tip and anchor the report's findings in it."""
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
    catalog = parse(source, options.catalog, name_columns=settings.name_columns, date_columns=settings.date_columns)
    folder, slash, _ = options.catalog.rpartition("/")
    place = f"{folder}{slash}{RECORDS}"
    wanted = saved.edits(place)
    records = read_records((_content(forge, tree, place, base) if wanted else None) or b"", place)
    domains = frozenset(settings.hosts)
    evidence = observe(catalog, prefix=settings.series_prefix, custom_domains=domains, records=records)
    loaded = anchored(saved, catalog, records, evidence, domains)
    desk = Desk(
        forge=forge,
        repository=repository,
        base=base,
        tip=tip,
        tree=tree,
        branches=forge.branches(_BRANCHES),
        catalog=catalog,
        records=records,
        saved=saved,
        findings=[each for each in loaded.findings if not is_silenced(catalog, each)],
        author=options.author,
        run=options.run,
        most=settings.max_changes,
    )
    return desk, loaded.stale


def _content(forge: Forge, tree: Mapping[str, File], path: str, where: str) -> bytes | None:
    """Return a file's bytes, None if it is not there; a link is refused, since a commit would replace it."""
    if path not in tree:
        return None
    if tree[path].mode not in ("100644", "100755"):
        raise UsageError(f"{path} is a link in {where}, no file; name the file that it leads to")
    return forge.content(tree[path].sha)


def _publish(desk: Desk, options: Options, published: Published) -> None:
    def attempt(kind: str, do: Callable[[], None]) -> None:
        if options.kinds and kind not in options.kinds:
            return
        try:
            do()
        except BaseMovedError:
            raise
        except ForgeError as error:
            published.failures.append(f"{kind}: {error}")

    proposed: dict[str, Proposed] = {}

    def pull(kind: PullKind) -> None:
        found = [each for each in desk.findings if pull_kind(each) == kind.name]
        proposed[kind.name] = propose(desk, kind, found)

    for each in PULL_KINDS:
        attempt(each.name, lambda each=each: pull(each))  # type: ignore[misc]
    open_issues = desk.forge.issues(LABEL)
    attempt(DEAD_LINKS.name, lambda: issues.file(desk, DEAD_LINKS, open_issues, _dead(desk, proposed)))
    refused = {_name(kind, words): words for kind, each in proposed.items() if (words := each.refused) is not None}
    attempt(FOR_PEOPLE.name, lambda: issues.file(desk, FOR_PEOPLE, open_issues, _for_people(desk, proposed), refused))
    attempt(UNCATALOGUED.name, lambda: issues.file(desk, UNCATALOGUED, open_issues, _uncatalogued(desk)))
    attempt(BLIND.name, lambda: issues.file(desk, BLIND, open_issues, _blind(desk, options)))


def _dead(desk: Desk, proposed: Mapping[str, Proposed]) -> dict[bodies.Row, str]:
    """Return the confirmed dead, each with where its mending is proposed."""
    rows = {}
    for each in desk.findings:
        if each.rule == "link-gone" and each.severity is Severity.ERROR:
            where = next((one.url for one in proposed.values() if each.fingerprint in one.carried and one.url), "")
            note = bodies.proposed_in(where) if where else ""
            rows[bodies.finding_row(desk, each, note=note)] = desk.key(each)
    return rows


def _for_people(desk: Desk, proposed: Mapping[str, Proposed]) -> dict[bodies.Row, str]:
    """Return what no pull request carries: findings without a fix, and fixes that clash."""
    waiting = {each.fingerprint for one in proposed.values() for each in one.waiting}
    rows = {}
    for each in desk.findings:
        if each.fingerprint in waiting:
            note = "its fix clashes with another, or would change more than it names"
            rows[bodies.finding_row(desk, each, bodies.rule_says(each), note)] = desk.key(each)
        elif each.fix is None and each.severity is not Severity.INFORMATION and each.rule != "link-gone":
            rows[bodies.finding_row(desk, each, bodies.rule_says(each))] = desk.key(each)
    return rows


def _uncatalogued(desk: Desk) -> dict[bodies.Row, str]:
    found = [each for each in desk.findings if each.rule == "article-uncatalogued"]
    return {bodies.uncatalogued_row(each): desk.key(each) for each in found}


def _blind(desk: Desk, options: Options) -> dict[bodies.Row, str]:
    run = desk.saved.run
    low = run.wanted > 0 and run.verified < options.settings.min_coverage * run.wanted
    if not low or run.low_nights < options.blind_after:
        return {}
    return {bodies.blind_row(desk, _name(BLIND.name)): ""}


def _name(*words: str) -> str:
    """Return a fingerprint of what is no finding."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()[:16]
