"""What a run takes from history before it judges: whom to ask first, whose death is confirmed, what was blocked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from bot.model.history import History
from bot.model.pages import Gone, NotArticle, Page, Recovery

# More new deaths than this, and more than this share of the verified pages, is an incident of Medium's.
INCIDENT_DEATHS, INCIDENT_SHARE = 5, 0.05


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Deaths of this run, weighed against history.

    `deaths` are the dates on which each page was seen dead, this run's included; pages in `held_back` seem to have died
    in an incident, those in `unconfirmed` on too few dates. `recalled` are pages as they were last seen, where this run
    was blocked or its verdict does not count yet.
    """

    deaths: Mapping[str, tuple[date, ...]]
    held_back: frozenset[str]
    unconfirmed: frozenset[str]
    recalled: Mapping[str, Page]


def priority(history: History | None, identity: str) -> tuple[bool, date]:
    """Sort key: pages seen dead first, then the least recently verified."""
    if history is None:
        return True, date.min
    return not history.deaths(identity), history.verified(identity) or date.min


def weigh(
    pages: Mapping[str, Page], today: date, history: History | None, confirm: int, *, hold_back: bool
) -> Verdicts:
    """Weigh this run's deaths against history; without one, every death is new."""
    past = history or History()
    dead = [page.identity for page in pages.values() if isinstance(page.outcome, Gone)]
    on_medium = [each for each in dead if pages[each].address is not None]
    held_back = frozenset[str]()
    if hold_back and is_incident(sum(not past.deaths(each) for each in on_medium), pages.values()):
        held_back = frozenset(each for each in on_medium if len(past.deaths(each)) < confirm)
    deaths = {each: past.deaths(each) for each in past.seen}
    for each in dead:
        before = past.deaths(each)
        deaths[each] = before if each in held_back or today in before else (*before, today)
    unconfirmed = frozenset(each for each in dead if each not in held_back and len(deaths[each]) < confirm)
    unsure = held_back | unconfirmed
    kept = {
        each: page
        for each, page in _last_seen(past)
        if each in pages and (_is_hidden(pages[each]) or (each in unsure and not isinstance(page.outcome, Gone)))
    }
    return Verdicts(deaths, held_back, unconfirmed, kept)


def recalled(history: History | None, pages: Mapping[str, Page]) -> dict[str, Page]:
    """Return pages outside the catalog as they were last seen, where this run was blocked."""
    past = history or History()
    return {each: page for each, page in _last_seen(past) if each in pages and _is_hidden(pages[each])}


def recovered(history: History | None, found: Mapping[str, tuple[Recovery, ...]]) -> dict[str, tuple[Recovery, ...]]:
    """Return where dead articles were found; a snapshot does not vanish because archive.org did not respond."""
    known = history.recoveries if history is not None else {}
    lasting = {each: tuple(one for one in places if one.snapshot) for each, places in known.items()}
    return {**known, **{each: places or lasting.get(each, ()) for each, places in found.items()}}


def is_incident(new_deaths: int, pages: Iterable[Page]) -> bool:
    """Return True if so many pages died at once that Medium must be at fault, not they."""
    return new_deaths > max(INCIDENT_DEATHS, INCIDENT_SHARE * sum(page.verified for page in pages))


def _last_seen(past: History) -> Iterable[tuple[str, Page]]:
    """Yield the pages that are kept; a death without a date has been withdrawn since."""
    for identity, page in past.seen.items():
        if past.deaths(identity) or not isinstance(page.outcome, Gone):
            yield identity, page


def _is_hidden(page: Page) -> bool:
    """Return True if this run says nothing of a page; another article in its place says much."""
    return not page.verified and not (isinstance(page.outcome, NotArticle) and page.outcome.article is not None)
