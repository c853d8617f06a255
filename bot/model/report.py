"""What a run found, before it is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.markdown.catalog import Catalog
from bot.model.articles import ReadFeed
from bot.model.findings import Finding, Severity
from bot.model.pages import Page
from bot.rules.evidence import Evidence

EXIT_CLEAN, EXIT_FINDINGS, EXIT_COVERAGE, EXIT_INTERRUPTED = 0, 1, 4, 130


@dataclass(frozen=True, slots=True)
class Run:
    """How the run went. `bytes` are those of bodies on the wire. `cut_short` says why it is partial.

    `oldest` is the oldest last verification of a page, `never` the number of pages without one;
    `low_nights` the nights in a row, this one included, that saw too little; `notes` say what else to know.
    """

    started: datetime
    finished: datetime
    requests: int
    retries: int
    bytes: int
    cut_short: str | None = None
    interrupted: bool = False
    held_back: tuple[str, ...] = ()
    oldest: date | None = None
    never: int = 0
    low_nights: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mended:
    """A finding of an earlier night that is not there any more; `since` is when it was first found."""

    rule: str
    entry: str
    url: str
    since: date


@dataclass(frozen=True, slots=True)
class Report:
    """A catalog, its pages in document order, the findings in document order, and the run.

    `further` are pages that were asked beside the catalog's own: candidates for the dead, a feed's news.
    `accepted` counts findings of the baseline, which are not among `findings`; `evidence` is what the
    rules saw. `rules` are the ids of those that ran; `whole`: over every line of the catalog. `known` says since
    when findings are known, by fingerprint; `mended` are those that are gone, `ended` the fingerprints of all that
    are over, by whatever way; `rests_on` names the page that a finding hangs on. `feeds` are those that were read.
    """

    catalog: Catalog
    pages: tuple[Page, ...]
    findings: tuple[Finding, ...]
    run: Run
    further: tuple[Page, ...] = ()
    accepted: int = 0
    evidence: Evidence = field(default_factory=Evidence)
    rules: tuple[str, ...] = ()
    whole: bool = True
    known: Mapping[str, date] = field(default_factory=dict)
    mended: tuple[Mended, ...] = ()
    ended: frozenset[str] = frozenset()
    rests_on: Mapping[str, str] = field(default_factory=dict)
    feeds: Mapping[str, ReadFeed] = field(default_factory=dict)

    @property
    def verified(self) -> int:
        """The number of pages whose answer tells whether they live."""
        return sum(page.verified for page in self.pages if page.wanted)

    @property
    def wanted(self) -> int:
        """The number of pages that were to be verified."""
        return sum(page.wanted for page in self.pages)

    @property
    def coverage(self) -> float:
        """The share of the wanted pages that were verified; 1 if none was wanted."""
        return self.verified / self.wanted if self.wanted else 1.0

    def exit_code(self, min_coverage: float, *, exit_zero: bool) -> int:
        """Return the process's exit code; an interruption outweighs low coverage, that outweighs findings."""
        if self.run.interrupted:
            return EXIT_INTERRUPTED
        if self.coverage < min_coverage:
            return EXIT_COVERAGE
        if not exit_zero and any(each.severity is not Severity.INFORMATION for each in self.findings):
            return EXIT_FINDINGS
        return EXIT_CLEAN
