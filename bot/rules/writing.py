"""How rules write findings and edits: shared by all, so that each rule says only what is its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.markdown.catalog import Catalog, Entry, LinkForm, Section
from bot.medium.site import Site
from bot.medium.urls import quoted
from bot.model.articles import Anchor, Article
from bot.model.findings import Fact, Finding, Fix, Safety, Severity
from bot.model.pages import Page
from bot.model.records import Record
from bot.model.spans import Edit, Span
from bot.rules.evidence import Evidence, Usage

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def finding(
    rule: str,
    severity: Severity,
    usage: Usage,
    message: str,
    facts: tuple[Fact, ...] = (),
    fix: Fix | None = None,
) -> Finding:
    """Make a finding about a link."""
    return Finding(
        rule=rule,
        severity=severity,
        span=usage.link.span,
        entry=usage.name,
        section=usage.section.title,
        url=usage.link.url,
        identity=usage.address.identity,
        message=message,
        facts=facts,
        fix=fix,
    )


def entry_finding(
    rule: str,
    severity: Severity,
    where: tuple[Section, Entry],
    message: str,
    site: Site,
    facts: tuple[Fact, ...] = (),
    fix: Fix | None = None,
    span: Span | None = None,
) -> Finding:
    """Make a finding about an entry as a whole, or about the part of it at `span`."""
    section, entry = where
    url = entry.links[0].url if entry.links else ""
    address = site.read(url)
    return Finding(
        rule=rule,
        severity=severity,
        span=span or entry.name_span,
        entry=entry.name,
        section=section.title,
        url=url,
        identity=address.identity if address is not None else url or entry.name,
        message=message,
        facts=facts,
        fix=fix,
    )


def first_uses(evidence: Evidence) -> Iterator[Usage]:
    """Yield the links, but only the first of those that share one reference definition."""
    seen: set[Span] = set()
    for usage in evidence.usages:
        if usage.shared:
            if usage.link.url_span in seen:
                continue
            seen.add(usage.link.url_span)
        yield usage


def recorded_usages(evidence: Evidence) -> Iterator[tuple[Usage, Article, Record]]:
    """Yield the first link to each article that was seen and has a record."""
    seen: set[str] = set()
    for usage in evidence.usages:
        article = usage.article or _from_feed(usage.page)
        if article is None or usage.address.post_id != article.post_id or article.post_id in seen:
            continue
        record = evidence.records.by_id.get(article.post_id)
        if record is not None:
            seen.add(article.post_id)
            yield usage, article, record


def _from_feed(page: Page | None) -> Article | None:
    """Return what a feed says of a page that was not shown; archived copies are too old to speak of a drift."""
    heard = page.heard if page is not None else None
    return heard if heard is not None and heard.title_source == "feed" else None


def replace_address(catalog: Catalog, usage: Usage, address: str) -> Edit:
    """Replace a link's address up to its fragment, which is kept: byte for byte where that can be."""
    span = usage.link.url_span
    raw = catalog.raw(span)
    mark = raw.find(b"#")
    fragment = usage.address.clean.partition("#")[2]
    new = address.partition("#")[0]
    if _as_written(usage, raw) and (mark >= 0 or not fragment):
        where = Span(span.start, span.start + mark if mark >= 0 else span.stop)
        return Edit(catalog.path, where, catalog.raw(where), _written(usage, new))
    # The fragment stands in an escape, an entity or a wrapper: the address is written anew as a whole.
    return Edit(catalog.path, span, raw, _written(usage, f"{new}#{fragment}" if fragment else new))


def replace_fragment(catalog: Catalog, usage: Usage, fragment: str) -> Edit:
    """Set a link's fragment; nothing before its `#` changes."""
    span = usage.link.url_span
    raw = catalog.raw(span)
    mark = raw.find(b"#")
    if not _as_written(usage, raw):
        return Edit(catalog.path, span, raw, _written(usage, f"{usage.link.url.partition('#')[0]}#{fragment}"))
    if mark < 0:
        where, new = Span(span.stop, span.stop), f"#{fragment}"
    else:
        where, new = Span(span.start + mark + 1, span.stop), fragment
    return Edit(catalog.path, where, catalog.raw(where), _written(usage, new))


def _as_written(usage: Usage, raw: bytes) -> bool:
    """Tell whether the bytes are the address itself, without escapes, so that a part can be replaced."""
    return raw.decode("utf-8", "replace") == usage.link.url


def _written(usage: Usage, text: str) -> bytes:
    """Write a piece of an address so that it ends no cell, link or attribute, whatever the web sent."""
    text = quoted(text)
    return (text.replace("&", "&amp;") if usage.link.form is LinkForm.HTML else text).encode()


def heading_fact(article: Article, heading: Anchor) -> Fact:
    """Cite a heading of the article."""
    return Fact("heading", heading.text, f"{heading.element} #{heading.id} of post {article.post_id}")


def hop_facts(page: Page) -> tuple[Fact, ...]:
    """Cite the answers that a page gave on the way."""
    return tuple(Fact("answer", str(hop.status), hop.url) for hop in page.hops)


def fragment_fix(catalog: Catalog, usage: Usage, heading: Anchor, safety: Safety) -> Fix | None:
    """Propose another fragment; None where other links share the address's bytes, or the id is none of Medium's."""
    if usage.shared or _PLAIN_ID.fullmatch(heading.id) is None:
        return None
    old = f"#{usage.address.fragment}" if usage.address.fragment else "no fragment"
    summary = f"{old} → #{heading.id} («{heading.text}»)"
    return Fix(safety, summary, (replace_fragment(catalog, usage, heading.id),))
