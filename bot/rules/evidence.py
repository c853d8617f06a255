"""What the rules see: every Medium link with its page, and what is usual in this catalog."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from bot.markdown.catalog import Catalog, Entry, Link, Place, Section
from bot.matching.dates import Month, read_month, repair_month
from bot.matching.names import SERIES_PREFIX, is_generic, same
from bot.medium.quirks import SCRIPTED_FRAGMENTS, SCRIPTED_PREFIXES
from bot.medium.site import MEDIUM, Site, quoted
from bot.model.articles import Address, Article, Heading, Kind
from bot.model.pages import Observations, Page
from bot.model.records import Record, Records
from bot.model.spans import Span

_PARAGRAPH_ID = re.compile(r"[0-9a-f]{4}")


class About(NamedTuple):
    """What a finding is about: the bytes it points at, the entry and section they are in, the URL, and its page."""

    span: Span
    entry: str
    section: str
    url: str
    identity: str


@dataclass(frozen=True, slots=True)
class Usage:
    """A link to Medium, with its page.

    `name` is what the link is called: its entry's name, or its own text if the entry has several links and
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
    def about(self) -> About:
        """The link as the subject of a finding."""
        return About(self.link.span, self.name, self.section.title, self.link.url, self.address.identity)

    @property
    def article(self) -> Article | None:
        """The article that the link points to, if it was seen."""
        return self.page.article if self.page is not None else None

    @property
    def whole_article(self) -> Article | None:
        """The article, if all of it was seen, including the ids of its paragraphs."""
        article = self.article
        return article if article and not article.partial and any(map(_PARAGRAPH_ID.fullmatch, article.ids)) else None


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry with a date, and its first link to an article.

    `month` is what it says, typing errors corrected; None if it cannot be read.
    """

    section: Section
    entry: Entry
    span: Span
    text: str
    exact: bool
    month: Month | None
    usage: Usage | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything a rule may know. Without pages only the offline rules can find anything.

    `links` are all links of the catalog in document order. `seen` is what the web showed.
    """

    catalog: Catalog
    links: tuple[Usage, ...]
    site: Site
    prefix: str
    records: Records
    seen: Observations = field(default_factory=Observations)

    @property
    def usages(self) -> tuple[Usage, ...]:
        """The links to Medium."""
        return tuple([each for each in self.links if each.address.host])

    def by_entry(self) -> dict[Span, Usage]:
        """Return the first link to an article of each entry, by the entry's span."""
        found: dict[Span, Usage] = {}
        for usage in self.usages:
            if usage.entry is not None and usage.address.kind is Kind.ARTICLE:
                found.setdefault(usage.entry.span, usage)
        return found

    def dated_lists(self) -> Iterator[list[Dated]]:
        """Yield the dated entries of each table that writes its dates as `Month YYYY`, in document order.

        A table where half or more of the dates are written differently (`2022-03-01`, a year) follows its own
        convention and is left alone.
        """
        by_entry = self.by_entry()
        for section in self.catalog.sections:
            tables: dict[int, list[Dated]] = {}
            for entry in section.entries:
                if entry.date is not None:
                    text = self.catalog.raw(entry.date).decode("utf-8", "replace")
                    exact, usage = read_month(text), by_entry.get(entry.span)
                    month = exact or repair_month(text)
                    dated = Dated(section, entry, entry.date, text, exact is not None, month, usage)
                    tables.setdefault(entry.block, []).append(dated)
            for table in tables.values():
                if sum(dated.exact for dated in table) * 2 > len(table):
                    yield table

    def first_uses(self) -> Iterator[Usage]:
        """Yield the links to Medium, but only the first of those that share a reference definition."""
        seen: set[Span] = set()
        for usage in self.usages:
            if not usage.shared or usage.link.url_span not in seen:
                seen.add(usage.link.url_span)
                yield usage

    def recorded(self) -> Iterator[tuple[Usage, Article, Record]]:
        """Yield the first link to each article that was seen and has a record."""
        seen: set[str] = set()
        for usage in self.usages:
            article, heard = usage.article, usage.page.heard if usage.page is not None else None
            if article is None and heard is not None and heard.title_source == "feed":
                article = heard  # archived copies are too old to prove a drift
            if article is None or usage.address.post_id != article.post_id or article.post_id in seen:
                continue
            record = self.records.by_id.get(article.post_id)
            if record is not None:
                seen.add(article.post_id)
                yield usage, article, record

    def with_fragment(self) -> Iterator[tuple[Usage, Article, str]]:
        """Yield the links with a fragment to an article that was seen whole, except fragments that a script reads."""
        for usage in self.usages:
            article, fragment = usage.whole_article, usage.address.fragment
            if article is None or not fragment or usage.address.kind is not Kind.ARTICLE:
                continue
            fragment = fragment.partition(":~:")[0]  # the rest is for the browser: a text to scroll to
            if fragment and fragment not in SCRIPTED_FRAGMENTS and not fragment.startswith(SCRIPTED_PREFIXES):
                yield usage, article, fragment

    def equal_headings(self, usage: Usage, article: Article) -> list[Heading]:
        """Return the headings below the article's title that equal the link's name except for spelling."""
        return [each for each in article.headings_below_title() if same(usage.name, each.text, self.prefix)]

    def article_at(self, url: str) -> Address | None:
        """Return the address of the article that a URL, as it would be written, leads to on whatever host."""
        address = self.site.read_anywhere(quoted(url))
        return address if address is not None and address.kind is Kind.ARTICLE else None

    def about(self, section: Section, entry: Entry, span: Span | None = None) -> About:
        """Return an entry, or the part of it at `span`, as the subject of a finding."""
        url = entry.links[0].url if entry.links else ""
        address = self.site.read(url)
        identity = address.identity if address is not None else url or entry.name
        return About(span or entry.name_span, entry.name, section.title, url, identity)

    def seeing(self, seen: Observations) -> Evidence:
        """Return the same links, each with its page as it was last seen."""
        links = tuple(replace(each, page=seen.page(each.address.identity)) for each in self.links)
        return replace(self, links=links, seen=seen)


def gather(
    catalog: Catalog, *, site: Site = MEDIUM, prefix: str = SERIES_PREFIX, records: Records | None = None
) -> Evidence:
    """Resolve a catalog's links, once for all rules; nothing is known of their pages yet."""
    found = [(place, site.resolve(place.link.url)) for place in catalog.places()]
    on_medium = [(place, address) for place, address in found if address.host]
    in_entry = Counter(id(place.entry) for place, _ in on_medium if place.entry is not None)
    uses = Counter(place.link.url_span for place, _ in on_medium)
    links = tuple(
        Usage(*place, address, None, _name(place, in_entry), bool(address.host) and uses[place.link.url_span] > 1)
        for place, address in found
    )
    site = site.with_forms_of(address for _, address in on_medium)
    return Evidence(catalog, links, site, prefix, records or Records())


def _name(place: Place, in_entry: Counter[int]) -> str:
    """Return what a link is called; empty where its words name nothing ("Read", an emoji)."""
    entry, link = place.entry, place.link
    name = link.text.strip()
    if entry is not None and (in_entry[id(entry)] == 1 or entry.name_span.holds(link.text_span)):
        name = entry.name
    return "" if is_generic(name) else name
