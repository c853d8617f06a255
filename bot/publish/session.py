"""What one publish run was asked for, reads and does: the base branch as it is now, and the findings in it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from bot.checking.evaluate import Inputs
from bot.config import Settings
from bot.errors import BotError, ForgeError
from bot.model.documents import ReportDocument
from bot.model.findings import Finding, Severity
from bot.model.spans import Span
from bot.output.escape import own_link
from bot.publish.forge import Commit, File, Forge, Issue, Pull, Repository
from bot.publish.marker import Marker, boxes, page_key, read_marker
from bot.rules.evidence import Evidence
from bot.rules.registry import BY_ID
from bot.rules.rule import Topic

PASSIVE = frozenset({"kept", "left"})  # the verbs of acts that changed nothing
_LOW_RUNS = 3  # runs in a row with low coverage before an issue is opened, if a history counts them
_Thread = TypeVar("_Thread", bound=Issue)


@dataclass(frozen=True, slots=True)
class Publication:
    """What to publish, and how. A missing `repository` comes from the environment, a missing `base` from GitHub.

    `kinds` are those to update, all of them if empty. `state` is the history to commit to its branch. `accepted` are
    the fingerprints of the baseline, and `run_url` is where the run can be seen, both set once they are known.
    """

    settings: Settings
    catalog: str
    repository: str | None = None
    base: str | None = None
    kinds: tuple[str, ...] = ()
    dry_run: bool = False
    state: Path | None = None
    quiet: bool = False
    baseline: Path = Path(Settings().baseline)
    accepted: frozenset[str] = frozenset()
    run_url: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was done on GitHub, or left alone for a reason, with the body and the diff that it shows there."""

    verb: str
    what: str
    url: str = ""
    why: str = ""
    body: str = ""
    diff: str = ""


class BaseMovedError(Exception):
    """The base branch has moved since it was read: what was built on it must be built again. No attempt stops it."""


@dataclass(slots=True)
class Published:
    """What was done, and what failed, as one line each."""

    acts: list[Act] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @contextmanager
    def attempt(self, what: str) -> Iterator[None]:
        """Record a failure of the block instead of raising it, unless everything must be built again."""
        try:
            yield
        except BotError as error:
            self.failures.append(f"{what}: {error}")


def is_death(finding: Finding) -> bool:
    """Return True if a finding says that an article is gone."""
    return BY_ID[finding.rule].topic is Topic.DEATH


def is_unconfirmed(finding: Finding) -> bool:
    """Return True for a death that was not seen often enough, or not again since the history was lost."""
    return is_death(finding) and finding.severity is Severity.INFORMATION


def together(findings: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    """Group findings by fingerprint, each span once: people accept or decline a group as a whole."""
    found: dict[str, dict[Span, Finding]] = {}
    for each in findings:
        found.setdefault(each.fingerprint, {}).setdefault(each.span, each)
    return [tuple(places.values()) for places in found.values()]


@dataclass(frozen=True, slots=True)
class Session:
    """The base branch's tip with its catalog and records, and the findings in them, grouped by fingerprint."""

    forge: Forge
    asked: Publication
    report: ReportDocument
    repository: Repository
    base: str
    tip: Commit
    tree: Mapping[str, File]
    branches: Mapping[str, str]
    inputs: Inputs
    evidence: Evidence
    groups: Sequence[tuple[Finding, ...]]
    published: Published = field(default_factory=Published)

    @property
    def saw_little(self) -> bool:
        """True if this run saw too few pages."""
        coverage = self.report.run.coverage
        return coverage.verified < self.asked.settings.min_coverage * coverage.total

    @property
    def is_blind(self) -> bool:
        """True if complete runs have seen too few pages, several in a row if a history counts them."""
        run = self.report.run
        enough = _LOW_RUNS if self.asked.state is not None else 1
        return self.saw_little and not run.partial and max(1, run.low_runs) >= enough

    def line(self, finding: Finding, label: str = "") -> str:
        """Return a link to a finding's line in the catalog at the base branch's tip."""
        place = f"{self.blob(self.inputs.catalog.path)}?plain=1"  # rendered Markdown has no lines
        return own_link(label or f"line {finding.line}", f"{place}#L{finding.line}")

    def blob(self, path: str) -> str:
        """Return the address of a file at the base branch's tip."""
        return f"{self.repository.url}/blob/{self.tip.sha}/{quote(path)}"

    def decided(
        self, threads: Iterable[_Thread], kind: str, *, declines: bool
    ) -> tuple[list[tuple[_Thread, Marker]], frozenset[str]]:
        """Return the bot's own of a kind among threads, newest first, and what people declined in them, or closed.

        A box in the state `declines` declines its item. Later decisions override earlier ones.
        """
        known = [(each, marker) for each in threads if (marker := self._own(each, kind)) is not None]
        declined: set[str] = set()
        for each, marker in reversed(known):
            ticked = boxes(each.body)
            declined |= marker.declined | {item for item, is_ticked in ticked.items() if is_ticked is declines}
            declined -= {item for item, is_ticked in ticked.items() if is_ticked is not declines}
            if not each.is_open and not marker.superseded and not (isinstance(each, Pull) and each.merged):
                declined |= marker.items.keys()
        return known, frozenset(declined)

    def _own(self, each: Issue, kind: str) -> Marker | None:
        """Return the marker of a pull request or issue if it is the bot's own and of this kind, else None.

        Anyone can paste a marker. An open one by somebody who works in the repository is most likely no attack, but
        the bot under another name: going on would open everything a second time. What is closed on the bot's own
        branch counts, whatever name the bot had then.
        """
        author = self.asked.settings.author
        own = each.author == author
        marker = read_marker(each.body, below=own)  # people may write something above it
        if own and isinstance(each, Pull) and (marker is None or marker.kind != kind):
            return Marker(kind, dict.fromkeys(boxes(each.body), ""))  # edited away: the branch shows the kind
        if marker is None or marker.kind != kind:
            return None
        if own or (isinstance(each, Pull) and not each.is_open):
            return marker
        if each.is_open and (each.member or isinstance(each, Pull)):  # only members can push its branch
            raise ForgeError(
                f"{each.url} has the bot's marker, but its author is {each.author!r}, not {author!r}; "
                "name the account that the bot runs as with --author, or remove the marker"
            )
        return None

    def key(self, finding: Finding) -> str:
        """Return the key of the page that must be seen to confirm a finding; empty if it needs none."""
        return page_key(finding.identity) if BY_ID[finding.rule].needs_web else ""

    def unseen(self, items: Mapping[str, str], *, lasting: bool = False) -> set[str]:
        """Return the items that this run did not find because it did not see their pages.

        If a page was seen, or is no longer linked, a finding that is missing is fixed; not so in a partial run.
        `lasting` items are articles outside the catalog: they stay until the catalog links them.
        """
        found = {same[0].fingerprint for same in self.groups if not is_unconfirmed(same[0])}
        missing = {each: key for each, key in items.items() if key and each not in found}
        if lasting:
            linked = {page_key(each.address.post_id or "") for each in self.evidence.usages}
            return {each for each, key in missing.items() if key not in linked}
        seen = self.evidence.seen
        hidden = {page_key(each) for each in seen.pages if not seen.is_decided(each)}
        return {each for each, key in missing.items() if self.report.run.partial or key in hidden}

    def note(self, verb: str, what: str, **rest: str) -> None:
        """Record an act."""
        self.published.acts.append(Act(verb, what, **rest))

    def close(self, each: Issue, body: str, words: str) -> None:
        """Comment on a pull request or issue with nothing left in it, and close it."""
        self.forge.comment(each.number, words)
        self.forge.edit(each, each.title, body, is_open=False)
        self.note("closed", each.title, url=each.url, why="nothing is left in it")
