"""Two histories of runs that were side by side, or one after another, made one. Asks no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from bot.model.history import RUNS, History, PageHistory, kept_deaths
from bot.model.pages import Gone

_Thing = TypeVar("_Thing")


def joined(base: History, mine: History) -> History:
    """Join two histories, in either order.

    For each page the later verification counts, and all dates of death since it was last alive. What is open or known
    of a page is taken from the history that verified it later; if both did on one date, from that of the later run. So
    what the later run removed stays removed.
    """
    older, newer = sorted((base, mine), key=_latest)
    both = (older, newer) if _latest(older) == _latest(newer) else (newer,)

    def speak(identity: str) -> tuple[History, ...]:
        first, second = (each.verified(identity) or date.min for each in (older, newer))
        return both if first == second else (older,) if first > second else (newer,)

    pages = {
        identity: _later([each.pages[identity] for each in (older, newer) if identity in each.pages])
        for identity in {**older.pages, **newer.pages}
        # The later run may not know yet what was verified on its date or after it.
        if identity in newer.pages or len(both) > 1 or str(older.verified(identity) or "") >= _latest(newer)[:10]
    }
    dead = {identity for identity, page in pages.items() if page.deaths}
    seen = _chosen(older.seen, newer.seen, lambda each, _: [one.seen for one in speak(each)])
    recoveries = _chosen(older.recoveries, newer.recoveries, lambda each, _: [one.recoveries for one in speak(each)])
    open_ = _chosen(older.open, newer.open, lambda _, each: [one.open for one in speak(each.identity)])
    runs = {run.started: run for run in sorted((*older.runs, *newer.runs), key=repr)}
    return History(
        pages=pages,
        seen={each: page for each, page in seen.items() if each in dead or not isinstance(page.outcome, Gone)},
        open={
            each: replace(found, since=min(one.open[each].since for one in (older, newer) if each in one.open))
            for each, found in open_.items()
        },
        recoveries={each: found for each, found in recoveries.items() if each in dead},
        runs=tuple(runs[started] for started in sorted(runs))[-RUNS:],
        feeds=_chosen(older.feeds, newer.feeds, lambda *_: [one.feeds for one in both]),
    )


def _latest(history: History) -> str:
    """Return when a history's last run began."""
    return max((run.started for run in history.runs), default="")


def _chosen(
    one: Mapping[str, _Thing], other: Mapping[str, _Thing], spoken: Callable[[str, _Thing], list[Mapping[str, _Thing]]]
) -> dict[str, _Thing]:
    """Return for each name what the history that decides says of it; if two do, always the same one of them."""
    found = {**one, **other}
    said = {name: [each[name] for each in spoken(name, thing) if name in each] for name, thing in found.items()}
    return {name: max(things, key=repr) for name, things in said.items() if things}


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
