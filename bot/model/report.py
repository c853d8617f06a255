"""What a run found, before it is rendered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.model.findings import Finding, Severity
from bot.model.pages import Observations, Page

EXIT_CLEAN, EXIT_FINDINGS, EXIT_COVERAGE, EXIT_INTERRUPTED = 0, 1, 4, 130


@dataclass(frozen=True, slots=True)
class Run:
    """How the run went. `bytes` are those of bodies on the wire. `cut_short` says why it is partial.

    `held_back` are the URLs of pages that seem to have died in an incident of Medium's. `oldest` is the oldest last
    verification of a page, `never` the number of pages without one; `low_runs` counts the runs in a row, this one
    included, that verified too little; `notes` say what else to know.
    """

    started: datetime
    finished: datetime
    requests: int = 0
    retries: int = 0
    bytes: int = 0
    cut_short: str | None = None
    interrupted: bool = False
    held_back: tuple[str, ...] = ()
    oldest: date | None = None
    never: int = 0
    low_runs: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fixed:
    """A finding of an earlier run that is no longer there; `since` is when it was first found."""

    rule: str
    entry: str
    url: str
    since: date


# asyncio.run builds the repr of what it returns, twice: 25 MB and a second for 380 pages.
@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """A catalog's `path` and figures, its pages and findings in document order, and the run.

    `observations` is all that was seen, `pages` the part of it that the catalog links to. `rules` are the ids of those
    that ran, `since` the commit whose later changes alone were looked at, None for all lines. `accepted` counts
    findings of the baseline, which are not among `findings`. `known` says since when findings are known, by
    fingerprint; `fixed` are those that are gone, `ended` the fingerprints of all that are over for any reason;
    `rests_on` names the page that each finding depends on.
    """

    path: str
    sha256: str
    entries: int
    links: int
    pages: tuple[Page, ...]
    findings: tuple[Finding, ...]
    run: Run
    observations: Observations = field(default_factory=Observations)
    rules: tuple[str, ...] = ()
    since: str | None = None
    accepted: int = 0
    known: Mapping[str, date] = field(default_factory=dict)
    fixed: tuple[Fixed, ...] = ()
    ended: frozenset[str] = frozenset()
    rests_on: Mapping[str, str] = field(default_factory=dict)

    @property
    def verified(self) -> int:
        """The number of pages whose answer says whether they are alive."""
        return sum(page.verified for page in self.pages if page.wanted)

    @property
    def wanted(self) -> int:
        """The number of pages that were to be verified."""
        return sum(page.wanted for page in self.pages)

    @property
    def unverified(self) -> tuple[Page, ...]:
        """The pages that were to be verified, and were not."""
        return tuple(page for page in self.pages if page.wanted and not page.verified)

    @property
    def coverage(self) -> float:
        """The share of the wanted pages that were verified; 1 if none was wanted."""
        return self.verified / self.wanted if self.wanted else 1.0

    def exit_code(self, min_coverage: float, *, exit_zero: bool) -> int:
        """Return the process's exit code; an interruption outweighs low coverage, which outweighs findings."""
        if self.run.interrupted:
            return EXIT_INTERRUPTED
        if self.coverage < min_coverage:
            return EXIT_COVERAGE
        if not exit_zero and any(each.severity is not Severity.INFORMATION for each in self.findings):
            return EXIT_FINDINGS
        return EXIT_CLEAN
