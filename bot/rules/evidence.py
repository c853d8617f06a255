"""What the rules see: every link of Medium with its page, and what is usual in this catalog."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace

from bot.markdown.catalog import Catalog, Entry, Link, Place, Section
from bot.matching.mentions import is_generic
from bot.matching.names import SERIES_PREFIX
from bot.medium.site import MEDIUM, Site
from bot.model.articles import Address, Anchor, Article, Kind
from bot.model.pages import Observations, Page
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
    """All that a rule may know beside the catalog. Without pages only the offline rules can fire.

    `links` are all links of the catalog in document order: `usages` those to Medium, `elsewhere` the others. `seen` is
    what the web showed.
    """

    links: tuple[Usage, ...] = ()
    usages: tuple[Usage, ...] = ()
    elsewhere: tuple[Usage, ...] = ()
    seen: Observations = field(default_factory=Observations)
    site: Site = MEDIUM
    prefix: str = SERIES_PREFIX
    records: Records = field(default_factory=Records)

    def by_entry(self) -> dict[Span, Usage]:
        """Return the first link to an article of each entry, by the entry's span."""
        found: dict[Span, Usage] = {}
        for usage in self.usages:
            if usage.entry is not None and usage.address.kind is Kind.ARTICLE:
                found.setdefault(usage.entry.span, usage)
        return found

    def seeing(self, seen: Observations) -> Evidence:
        """Return the same links, each with its page as it was last seen."""
        links = tuple(replace(each, page=seen.page(each.address.identity)) for each in self.links)
        return _evidence(self, links, seen)


def gather(
    catalog: Catalog,
    seen: Observations | None = None,
    *,
    site: Site = MEDIUM,
    prefix: str = SERIES_PREFIX,
    records: Records | None = None,
) -> Evidence:
    """Resolve a catalog's links, once for all rules, and bring them together with what was seen of their pages."""
    found = [(place, site.resolve(place.link.url)) for place in catalog.places()]
    on_medium = [(place, address) for place, address in found if address.host]
    in_entry = Counter(id(place.entry) for place, _ in on_medium if place.entry is not None)
    uses = Counter(place.link.url_span for place, _ in on_medium)
    links = tuple(
        Usage(*place, address, None, _name(place, in_entry), bool(address.host) and uses[place.link.url_span] > 1)
        for place, address in found
    )
    site = site.with_forms_of(address for _, address in on_medium)
    bare = _evidence(Evidence(site=site, prefix=prefix, records=records or Records()), links, Observations())
    return bare if seen is None else bare.seeing(seen)


def _evidence(evidence: Evidence, links: tuple[Usage, ...], seen: Observations) -> Evidence:
    usages = tuple(each for each in links if each.address.host)
    elsewhere = tuple(each for each in links if not each.address.host)
    return replace(evidence, links=links, usages=usages, elsewhere=elsewhere, seen=seen)


def _name(place: Place, in_entry: Counter[int]) -> str:
    """Return what a link stands for; empty where its words name nothing (`Read`, an emoji)."""
    entry, link = place.entry, place.link
    name = link.text.strip()
    if entry is not None and (in_entry[id(entry)] == 1 or entry.name_span.holds(link.text_span)):
        name = entry.name
    return "" if is_generic(name) else name
