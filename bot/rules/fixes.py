"""The fixes and facts that several rules share; a fix never touches more of a link than it has to."""

from __future__ import annotations

import re

from bot.markdown.catalog import Catalog, LinkForm
from bot.medium.site import quoted
from bot.model.articles import Article, Heading
from bot.model.findings import Fact, Fix, Safety
from bot.model.pages import Page
from bot.model.spans import Edit, Span
from bot.rules.evidence import Usage

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def edit(catalog: Catalog, span: Span, new: bytes) -> Edit:
    """Replace the bytes of a span."""
    return Edit(catalog.path, span, catalog.raw(span), new)


def address_fix(catalog: Catalog, usage: Usage, address: str, safety: Safety) -> Fix:
    """Propose another address; the link's fragment is kept, byte for byte where possible."""
    span = usage.link.url_span
    raw = catalog.raw(span)
    mark = raw.find(b"#")
    fragment = usage.address.clean.partition("#")[2]
    new = address.partition("#")[0]
    if _is_plain(usage, raw) and (mark >= 0 or not fragment):
        where = Span(span.start, span.start + mark if mark >= 0 else span.stop)
        change = edit(catalog, where, _written(usage, new))
    else:  # the fragment is in an escape, an entity or a wrapper, so the whole address is rewritten
        change = edit(catalog, span, _written(usage, f"{new}#{fragment}" if fragment else new))
    return Fix(safety, f"→ {address}", (change,))


def fragment_fix(catalog: Catalog, usage: Usage, heading: Heading, safety: Safety) -> Fix | None:
    """Propose another fragment; nothing before the `#` changes.

    None where other links share the address's bytes, or the id is not one of Medium's.
    """
    if usage.shared or _PLAIN_ID.fullmatch(heading.id) is None:
        return None
    span = usage.link.url_span
    raw = catalog.raw(span)
    mark = raw.find(b"#")
    if not _is_plain(usage, raw):
        where, new = span, f"{usage.link.url.partition('#')[0]}#{heading.id}"
    elif mark < 0:
        where, new = Span(span.stop, span.stop), f"#{heading.id}"
    else:
        where, new = Span(span.start + mark + 1, span.stop), heading.id
    old = f"#{usage.address.fragment}" if usage.address.fragment else "no fragment"
    return Fix(safety, f'{old} → #{heading.id} ("{heading.text}")', (edit(catalog, where, _written(usage, new)),))


def _is_plain(usage: Usage, raw: bytes) -> bool:
    """Return True if the bytes are the address itself, without escapes, so that a part can be replaced."""
    return raw.decode("utf-8", "replace") == usage.link.url


def _written(usage: Usage, text: str) -> bytes:
    """Return part of an address quoted so that it ends no cell, link or attribute, whatever the web sent."""
    text = quoted(text)
    return (text.replace("&", "&amp;") if usage.link.form is LinkForm.HTML else text).encode()


def title_fact(article: Article) -> Fact:
    """Cite the article's title."""
    return Fact("title", article.title, article.title_source)


def heading_fact(article: Article, heading: Heading) -> Fact:
    """Cite a heading of the article."""
    return Fact("heading", heading.text, f"{heading.element} #{heading.id} of post {article.post_id}")


def published_fact(article: Article) -> tuple[Fact, ...]:
    """Cite the first publication, where the page states it."""
    if article.published is None or article.published_source is None:
        return ()
    return (Fact("published", article.published.date().isoformat(), article.published_source),)


def hop_facts(page: Page) -> tuple[Fact, ...]:
    """Cite the answers that a page gave on the way."""
    return tuple(Fact("answer", str(hop.status), hop.url) for hop in page.hops)
