"""Two histories of runs that were side by side, or one after another, made one. Asks no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from bot.model.history import RUNS, History, OpenFinding, PageHistory, kept_deaths
from bot.model.pages import Gone

_Thing = TypeVar("_Thing")


def joined(base: History, mine: History) -> History:
    """Join two histories, in either order.

    For each page the later verification counts, and all dates of death since it was last alive. What is open or known
    of a page is taken from the history that verified it later; if both did on one date, from that of the later run. So
    what the later run removed stays removed.
    """
    older, newer = sorted((base, mine), key=_latest)
    side_by_side = (older, newer) if _latest(older) == _latest(newer) else (newer,)

    def speak(identity: str) -> tuple[History, ...]:
        first, second = (each.verified(identity) or date.min for each in (older, newer))
        return side_by_side if first == second else (older,) if first > second else (newer,)

    pages = {
        identity: _later([each.pages[identity] for each in (older, newer) if identity in each.pages])
        for identity in {**older.pages, **newer.pages}
        if identity in newer.pages or older in side_by_side or _is_of(older.pages[identity], newer)
    }
    dead = {identity for identity, page in pages.items() if page.deaths}
    seen = _chosen(older.seen, newer.seen, lambda each: [one.seen for one in speak(each)])
    recoveries = _chosen(older.recoveries, newer.recoveries, lambda each: [one.recoveries for one in speak(each)])
    runs = {run.started: run for run in sorted((*older.runs, *newer.runs), key=repr)}
    return History(
        pages=pages,
        seen={each: page for each, page in seen.items() if each in dead or not isinstance(page.outcome, Gone)},
        open=_open(older.open, newer.open, speak),
        recoveries={each: found for each, found in recoveries.items() if each in dead},
        runs=tuple(runs[started] for started in sorted(runs))[-RUNS:],
        feeds=_chosen(older.feeds, newer.feeds, lambda _: [one.feeds for one in side_by_side]),
    )


def _latest(history: History) -> str:
    """Return when a history's last run began."""
    return max((run.started for run in history.runs), default="")


def _is_of(page: PageHistory, run: History) -> bool:
    """Return True if a page was verified on the date of a history's last run or later: it may not know it yet."""
    return page.verified is not None and page.verified.isoformat() >= _latest(run)[:10]


def _chosen(
    one: Mapping[str, _Thing], other: Mapping[str, _Thing], spoken: Callable[[str], list[Mapping[str, _Thing]]]
) -> dict[str, _Thing]:
    """Return for each name what the history that decides says of it; if two do, always the same one of them."""
    found = {}
    for name in {**one, **other}:
        said = [each[name] for each in spoken(name) if name in each]
        if said:
            found[name] = max(said, key=repr)
    return found


def _open(
    one: Mapping[str, OpenFinding], other: Mapping[str, OpenFinding], speak: Callable[[str], Iterable[History]]
) -> dict[str, OpenFinding]:
    found = {}
    for fingerprint in {**one, **other}:
        both = [each[fingerprint] for each in (one, other) if fingerprint in each]
        said = [history.open[fingerprint] for history in speak(both[-1].identity) if fingerprint in history.open]
        if said:
            found[fingerprint] = replace(max(said, key=repr), since=min(each.since for each in both))
    return found


def _later(pages: list[PageHistory]) -> PageHistory:
    """Return the later verification; of two on one date, being alive outweighs being dead."""
    first, second = sorted((pages[0], pages[-1]), key=lambda each: (each.verified or date.min, repr(each)))
    if first.verified == second.verified:
        alive = next((each for each in (first, second) if each.verified is not None and not each.deaths), None)
        return alive or replace(second, deaths=kept_deaths((*first.deaths, *second.deaths)))
    if not second.deaths:
        return second
    lived = first.verified if not first.deaths else None
    return replace(
        second, deaths=kept_deaths((*first.deaths, *(each for each in second.deaths if not lived or each > lived)))
    )
