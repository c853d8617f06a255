"""What the rules see: every link of Medium with its page, and what is usual in this catalog."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.markdown.catalog import Catalog, Entry, Link, Place, Section
from bot.matching.mentions import is_generic
from bot.matching.names import SERIES_PREFIX
from bot.medium.site import MEDIUM, Site
from bot.model.articles import Address, Anchor, Article, FeedItem, Kind
from bot.model.pages import Page, Recovery
from bot.model.records import Records
from bot.model.spans import Span

_PARAGRAPH_ID = re.compile(r"[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class Usage:
    """A link to Medium, with its page.

    `name` is what it stands for: its entry's name, or its own text if the entry has several links and
    is named by another. `shared`: other links use the same bytes as their address.
    """

    section: Section
    entry: Entry | None
    link: Link
    address: Address
    page: Page | None
    name: str
    shared: bool

    @property
    def article(self) -> Article | None:
        """The article that the link means, if it was seen."""
        return self.page.article if self.page is not None else None

    @property
    def whole_article(self) -> Article | None:
        """The article, if all of it was seen, its paragraphs' ids included."""
        article = self.article
        whole = article is not None and not article.partial
        return article if article is not None and whole and any(map(_is_paragraph_id, article.anchors)) else None


def _is_paragraph_id(anchor: Anchor) -> bool:
    return _PARAGRAPH_ID.fullmatch(anchor.id) is not None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a rule may know beside the catalog. Without `pages` only the offline rules can fire.

    `elsewhere` are the links outside Medium that were asked for. `deaths` are the dates (UTC) on which a
    page was seen dead, one where it says nothing; a death needs `confirm` of them. Pages in `held_back`
    died in an incident and are not spoken of; what only looks gone stands in `pages` as it was seen before, and
    tonight's answer in `dying`. `recoveries` are where a dead page's article was seen, by
    its identity, best first; `feed` are the newest articles of the authors whose feeds were read.
    """

    usages: tuple[Usage, ...] = ()
    elsewhere: tuple[Usage, ...] = ()
    pages: Mapping[str, Page] = field(default_factory=dict)
    site: Site = MEDIUM
    prefix: str = SERIES_PREFIX
    confirm: int = 1
    deaths: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    held_back: frozenset[str] = frozenset()
    dying: Mapping[str, Page] = field(default_factory=dict)
    records: Records = field(default_factory=Records)
    recoveries: Mapping[str, tuple[Recovery, ...]] = field(default_factory=dict)
    feed: tuple[FeedItem, ...] = ()

    def by_entry(self) -> dict[Span, Usage]:
        """Return the first link to an article of each entry, by the entry's span."""
        found: dict[Span, Usage] = {}
        for usage in self.usages:
            if usage.entry is not None and usage.address.kind is Kind.ARTICLE:
                found.setdefault(usage.entry.span, usage)
        return found


def observe(
    catalog: Catalog,
    pages: Mapping[str, Page] | None = None,
    *,
    site: Site = MEDIUM,
    prefix: str = SERIES_PREFIX,
    confirm: int = 1,
    deaths: Mapping[str, tuple[date, ...]] | None = None,
    held_back: frozenset[str] = frozenset(),
    dying: Mapping[str, Page] | None = None,
    records: Records | None = None,
    recoveries: Mapping[str, tuple[Recovery, ...]] | None = None,
    feed: tuple[FeedItem, ...] = (),
) -> Evidence:
    """Bring a catalog's links and the pages behind them together, once for all rules."""
    pages = pages or {}
    found: list[tuple[Place, Address]] = []
    others: list[tuple[Place, Address]] = []
    for place in catalog.places():
        address = site.read(place.link.url)
        if address is not None:
            found.append((place, address))
        elif (other := site.resolve(place.link.url)).identity in pages:
            others.append((place, other))
    in_entry = Counter(id(place.entry) for place, _ in found if place.entry is not None)
    uses = Counter(place.link.url_span for place, _ in found)
    return Evidence(
        usages=tuple(
            Usage(*place, address, pages.get(address.identity), _name(place, in_entry), uses[place.link.url_span] > 1)
            for place, address in found
        ),
        elsewhere=tuple(
            Usage(*place, address, pages[address.identity], _name(place, in_entry), shared=False)
            for place, address in others
        ),
        pages=pages,
        site=site.with_forms_of(address for _, address in found),
        prefix=prefix,
        confirm=confirm,
        deaths=deaths or {},
        held_back=held_back,
        dying=dying or {},
        records=records or Records(),
        recoveries=recoveries or {},
        feed=feed,
    )


def _name(place: Place, in_entry: Counter[int]) -> str:
    """Return what a link stands for; empty where its words name nothing (`Read`, an emoji)."""
    entry, link = place.entry, place.link
    name = link.text.strip()
    if entry is not None and (in_entry[id(entry)] == 1 or entry.name_span.holds(link.text_span)):
        name = entry.name
    return "" if is_generic(name) else name
