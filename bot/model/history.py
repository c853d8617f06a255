"""What earlier runs observed, as values.

All dates are UTC. A history that could not be read is empty and not `known`: then nothing may be called dead.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.model.articles import Feed
from bot.model.pages import Page, Recovery

RUNS, DEATHS = 400, 40  # that are kept


@dataclass(frozen=True, slots=True)
class PageHistory:
    """One page. `outcome` is that of the last run that asked, `verified` the last date with a verdict.

    `deaths` are the dates on which it was seen dead since it was last alive, oldest first.
    """

    outcome: str
    verified: date | None = None
    deaths: tuple[date, ...] = ()


UNSEEN = PageHistory("Skipped")


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding that was there in the last run that could tell; `since` is the first.

    `identity` is the page that it depends on, empty if it needs none.
    """

    since: date
    rule: str
    entry: str
    url: str
    identity: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run, for the record; `started` in ISO 8601. `low`: it verified a smaller share of `wanted` than it should."""

    started: str
    requests: int
    verified: int
    wanted: int
    findings: int
    held_back: int
    low: bool


@dataclass(frozen=True, slots=True)
class History:
    """The whole history. `seen` holds pages with findings as they were last seen, for runs that are blocked.

    `recoveries` says where the articles of dead pages were found, for runs that do not get to look.
    """

    pages: Mapping[str, PageHistory] = field(default_factory=dict)
    seen: Mapping[str, Page] = field(default_factory=dict)
    open: Mapping[str, OpenFinding] = field(default_factory=dict)
    recoveries: Mapping[str, tuple[Recovery, ...]] = field(default_factory=dict)
    runs: tuple[RunSummary, ...] = ()
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    known: bool = True

    def deaths(self, identity: str) -> tuple[date, ...]:
        """Return the dates on which a page was seen dead since it was last alive."""
        return self.pages.get(identity, UNSEEN).deaths

    def verified(self, identity: str) -> date | None:
        """Return the date on which a page was last verified; None for never."""
        return self.pages.get(identity, UNSEEN).verified

    def low_runs(self, before: date) -> int:
        """Return the number of dates in a row, up to a date, on which no run verified enough."""
        fine = {run.started[:10] for run in self.runs if not run.low}
        low = {run.started[:10] for run in self.runs} - fine
        return sum(max(fine, default="") < day < before.isoformat() for day in low)

    def dates(self) -> Iterator[date]:
        """Yield every date that it holds; raise `ValueError` for a run without one."""
        for page in self.pages.values():
            yield from page.deaths
            if page.verified is not None:
                yield page.verified
        yield from (each.since for each in self.open.values())
        yield from (date.fromisoformat(run.started[:10]) for run in self.runs)
        yield from (page.checked_at.date() for page in self.seen.values() if page.checked_at is not None)


def kept_deaths(dates: Iterable[date]) -> tuple[date, ...]:
    """Return dates of death in order, each once, as many as are kept: the first, and the last ones."""
    ordered = sorted(set(dates))
    return (*ordered[:1], *ordered[1:][-DEATHS + 1 :])
