"""What a run takes from history before it judges: whom to ask first, whose death is confirmed, what was blocked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from bot.model.history import History
from bot.model.pages import Gone, Observations, Page, Recovery

# More new deaths than this, and more than this share of the verified pages, is an incident of Medium's.
INCIDENT_DEATHS, INCIDENT_SHARE = 5, 0.05


def priority(history: History, identity: str) -> tuple[bool, date]:
    """Sort key: pages seen dead first, then the least recently verified."""
    return not history.deaths(identity), history.verified(identity) or date.min


def weigh(pages: Mapping[str, Page], today: date, past: History, confirm: int, *, hold_back: bool) -> Observations:
    """Weigh this run's deaths against history, and recall what was blocked."""
    dead = [page.identity for page in pages.values() if isinstance(page.outcome, Gone)]
    on_medium = [each for each in dead if pages[each].address is not None]
    held_back = frozenset[str]()
    if hold_back and is_incident(sum(not past.deaths(each) for each in on_medium), pages.values()):
        held_back = frozenset(each for each in on_medium if len(past.deaths(each)) < confirm)
    deaths = {each: past.deaths(each) for each in past.seen}
    for each in dead:
        before = past.deaths(each)
        deaths[each] = before if each in held_back or today in before else (*before, today)
    seen = Observations(pages, deaths=deaths, confirm=confirm, held_back=held_back)
    alive = {
        each: page for each, page in past.seen.items() if seen.is_doubtful(each) and not isinstance(page.outcome, Gone)
    }
    return replace(seen, recalled=recalled(past, pages) | alive)


def recalled(past: History, pages: Mapping[str, Page]) -> dict[str, Page]:
    """Return pages as they were last seen, where this run was blocked; a death without a date was withdrawn since."""
    return {
        each: page
        for each, page in past.seen.items()
        if each in pages and pages[each].is_hidden and (past.deaths(each) or not isinstance(page.outcome, Gone))
    }


def recovered(past: History, found: Mapping[str, tuple[Recovery, ...]]) -> dict[str, tuple[Recovery, ...]]:
    """Return where dead articles were found; a snapshot does not vanish because archive.org did not respond."""
    lasting = {each: tuple(one for one in places if one.snapshot) for each, places in past.recoveries.items()}
    return {**past.recoveries, **{each: places or lasting.get(each, ()) for each, places in found.items()}}


def is_incident(new_deaths: int, pages: Iterable[Page]) -> bool:
    """Return True if so many pages died at once that Medium must be at fault, not they."""
    return new_deaths > max(INCIDENT_DEATHS, INCIDENT_SHARE * sum(page.verified for page in pages))
