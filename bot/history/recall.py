"""What a night draws from the memory before it judges: whom to ask first, whose death is confirmed, what is hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.model.history import State
from bot.model.pages import Gone, NotArticle, Page, Recovery

# More new deaths than this, and more than this share of the verified pages, is an incident of Medium's.
INCIDENT_DEATHS, INCIDENT_SHARE = 5, 0.05

_NEVER = date.min


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the rules are told beside tonight's answers.

    `deaths` are the dates on which each page was seen dead, tonight included; pages in `held_back` died in an
    incident, those in `unconfirmed` on too few dates. `remembered` are pages that tonight hid, as they were last
    seen; to what only looks gone, tonight's answer is in `dying`.
    """

    deaths: Mapping[str, tuple[date, ...]]
    held_back: frozenset[str] = frozenset()
    unconfirmed: frozenset[str] = frozenset()
    remembered: Mapping[str, Page] = field(default_factory=dict)
    dying: Mapping[str, Page] = field(default_factory=dict)


def asked_first(state: State, identity: str) -> tuple[bool, date]:
    """Return what pages are asked in the order of: those seen dead first, then the longest not verified."""
    return (not state.deaths(identity), state.verified(identity) or _NEVER)


def recall(pages: Mapping[str, Page], today: date, state: State | None, confirm: int, *, hold_back: bool) -> Recalled:
    """Bring tonight's answers together with what is remembered; without a memory every death is new."""
    memory = state or State()
    dead = [page.identity for page in pages.values() if isinstance(page.outcome, Gone)]
    new = [each for each in dead if pages[each].address is not None and not memory.deaths(each)]
    held_back = frozenset[str]()
    if hold_back and is_incident(len(new), pages.values()):
        held_back = frozenset(
            each for each in dead if pages[each].address is not None and len(memory.deaths(each)) < confirm
        )
    deaths = {each: memory.deaths(each) for each in memory.seen}
    for each in dead:
        before = memory.deaths(each)
        deaths[each] = before if each in held_back or today in before else (*before, today)
    unconfirmed = frozenset(each for each in dead if each not in held_back and len(deaths[each]) < confirm)
    unsure = held_back | unconfirmed
    remembered = {
        each: page
        for each, page in _spoken_of(memory)
        if each in pages and (_is_hidden(pages[each]) or (each in unsure and not isinstance(page.outcome, Gone)))
    }
    dying = {each: pages[each] for each in unconfirmed if each in remembered}
    return Recalled(deaths, held_back, unconfirmed, remembered, dying)


def behind(state: State | None, pages: Mapping[str, Page]) -> dict[str, Page]:
    """Return what is remembered of pages beside the catalog's own that tonight hid."""
    memory = state or State()
    return {each: page for each, page in _spoken_of(memory) if each in pages and _is_hidden(pages[each])}


def revived(state: State | None, tonight: Mapping[str, tuple[Recovery, ...]]) -> dict[str, tuple[Recovery, ...]]:
    """Return where dead articles were found; a snapshot does not vanish because the archive was not at home."""
    known = state.recoveries if state is not None else {}
    lasting = {each: tuple(one for one in found if one.snapshot) for each, found in known.items()}
    return {**known, **{each: found or lasting.get(each, ()) for each, found in tonight.items()}}


def is_incident(new_deaths: int, pages: Iterable[Page]) -> bool:
    """Tell whether so many pages died at once that it must be Medium's trouble, not theirs."""
    return new_deaths > max(INCIDENT_DEATHS, INCIDENT_SHARE * sum(page.verified for page in pages))


def _spoken_of(memory: State) -> Iterable[tuple[str, Page]]:
    """Yield the pages that were remembered; a death without a date has been taken back since."""
    for identity, page in memory.seen.items():
        if memory.deaths(identity) or not isinstance(page.outcome, Gone):
            yield identity, page


def _is_hidden(page: Page) -> bool:
    """Tell whether tonight's answer says nothing of a page; another article in its place says much."""
    return not page.verified and not (isinstance(page.outcome, NotArticle) and page.outcome.article is not None)
