"""The memory as values: when each page was last verified, on which dates it was seen dead, what was open, each night.

All dates are UTC. A state that could not be read is empty and not `known`: then nothing may be called dead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.model.articles import Anchor, ReadFeed
from bot.model.pages import Page, Revival

NIGHTS, DEATHS = 400, 40  # that are kept


@dataclass(frozen=True, slots=True)
class PageMemory:
    """One page. `outcome` is that of the last night that asked, `verified` the last date that decided.

    `deaths` are the dates on which it was seen dead since it last lived, oldest first.
    """

    outcome: str
    verified: date | None = None
    deaths: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """A finding that was there on the last night that could tell; `since` is the first.

    `identity` is the page that it hangs on, empty if it needs none.
    """

    since: date
    rule: str
    entry: str
    url: str
    identity: str


@dataclass(frozen=True, slots=True)
class Night:
    """One run, for the record. `low`: it verified a smaller share of `wanted` than it should."""

    started: str
    requests: int
    verified: int
    wanted: int
    findings: int
    held_back: int
    low: bool


@dataclass(frozen=True, slots=True)
class State:
    """The whole memory. `seen` holds pages with findings as they were last seen, for nights that hide them.

    `revivals` says where the articles of dead pages were found, for nights that do not come to look.
    """

    pages: Mapping[str, PageMemory] = field(default_factory=dict)
    seen: Mapping[str, Page] = field(default_factory=dict)
    open: Mapping[str, Open] = field(default_factory=dict)
    revivals: Mapping[str, tuple[Revival, ...]] = field(default_factory=dict)
    history: tuple[Night, ...] = ()
    feeds: Mapping[str, ReadFeed] = field(default_factory=dict)
    known: bool = True

    def deaths(self, identity: str) -> tuple[date, ...]:
        """Return the dates on which a page was seen dead since it last lived."""
        memory = self.pages.get(identity)
        return memory.deaths if memory is not None else ()

    def verified(self, identity: str) -> date | None:
        """Return the date on which a page was last verified; None for never."""
        memory = self.pages.get(identity)
        return memory.verified if memory is not None else None

    def low_nights(self, before: date) -> int:
        """Return the number of nights in a row, up to a date, that saw too little; runs of one date are one night."""
        fine: dict[str, bool] = {}
        for night in self.history:
            fine[night.started[:10]] = fine.get(night.started[:10], False) or not night.low
        count = 0
        for day in sorted(fine, reverse=True):
            if fine[day]:
                break
            count += day < before.isoformat()
        return count


def kept_deaths(dates: Iterable[date]) -> tuple[date, ...]:
    """Return dates of death in order, each once, as many as are kept: the first, and the last ones."""
    ordered = sorted(set(dates))
    return (*ordered[:1], *ordered[1:][-DEATHS + 1 :])


def paragraph(id_: str, at: int) -> Anchor:
    """Return an anchor that is no heading as it is remembered: rules ask only that it is there."""
    return Anchor(id_, "", None, "", at, at + 1)
