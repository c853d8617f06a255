"""What a link checker said of a world's pages, against what is true of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.demo.world import DEATHS, World
from bot.markdown.catalog import Catalog
from bot.medium.site import MEDIUM
from bot.model.articles import Kind


@dataclass(frozen=True, slots=True)
class Truth:
    """The pages of a catalog by identity: those that are dead in a world, and those that live."""

    dead: frozenset[str]
    living: frozenset[str]


@dataclass(frozen=True, slots=True)
class Score:
    """Pages by verdict: `found` and `missed` of the dead, `slandered` of the living, `unsaid` of all."""

    found: int
    missed: int
    slandered: int
    unsaid: int


def truth_of(catalog: Catalog, world: World) -> Truth:
    """Return which of a catalog's pages are dead in a world; walls, limits and hiccups kill nobody."""
    dead: set[str] = set()
    living: set[str] = set()
    for place in catalog.places():
        address = MEDIUM.read(place.link.url)
        if address is not None:
            fault = world.faults.get(address.post_id or "") if address.kind is Kind.ARTICLE else None
            (dead if fault in DEATHS else living).add(address.identity)
    return Truth(frozenset(dead), frozenset(living))


def by_page(verdicts: Iterable[tuple[str, bool]]) -> dict[str, bool]:
    """Bring verdicts on addresses (`https://…`; True: fine) together by page: one «broken» makes a page broken."""
    pages: dict[str, bool] = {}
    for url, fine in verdicts:
        address = MEDIUM.read(url)
        if address is not None:
            pages[address.identity] = fine and pages.get(address.identity, True)
    return pages


def score(truth: Truth, verdicts: Mapping[str, bool]) -> Score:
    """Compare verdicts (by page; True: fine) with the truth."""
    broken = {page for page, fine in verdicts.items() if not fine}
    return Score(
        found=len(truth.dead & broken),
        missed=sum(verdicts.get(page, False) for page in truth.dead),
        slandered=len(truth.living & broken),
        unsaid=len((truth.dead | truth.living) - verdicts.keys()),
    )


def worst(scores: Iterable[Score]) -> Score:
    """Return the least flattering figures of several runs."""
    each = list(scores)
    return Score(
        found=min(one.found for one in each),
        missed=max(one.missed for one in each),
        slandered=max(one.slandered for one in each),
        unsaid=max(one.unsaid for one in each),
    )
