"""Text that was meant as a link but is none, or a link without text or address.

Why: Markdown shows `[text] (url)`, `[text](url` and `(text)[url]` as they stand, so that the reader
gets no link. Those have one reading only and are mended; blank text or a blank address is for people.

Bad:
    - [BERT] (https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615)
    - [GPT](https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226
    - (Elmo)[https://ritvik19.medium.com/papers-explained-33-elmo-76362a43e4]

Good:
    - [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615)
    - [GPT](https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226)
    - [Elmo](https://ritvik19.medium.com/papers-explained-33-elmo-76362a43e4)
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.markdown.catalog import Catalog, Link, LinkForm, Place
from bot.medium.urls import is_http
from bot.model.findings import Fact, Finding, Fix, Safety, Severity
from bot.model.spans import Edit, Span
from bot.rules.evidence import Evidence
from bot.rules.rule import LINKS, Reads, Rule


def check(catalog: Catalog, evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for each near-link and each link that lacks its text or address."""
    for place in catalog.places():
        link = place.link
        if link.form is LinkForm.NEAR:
            what, edits = _mended(catalog, link)
            # Words in brackets before a parenthesis may mean something else; an address of Medium is a link.
            sure = evidence.site.read(link.url) is not None
            fix = Fix(Safety.SAFE if sure else Safety.REVIEW, f"{what} → [{link.text}]({link.url})", edits)
            yield _finding(place, f"not a link in Markdown: {what}", catalog, fix)
        elif not link.url.strip():
            yield _finding(place, "the link has no address", catalog, None)
        elif not catalog.raw(link.text_span).strip() and link.form is not LinkForm.BARE and is_http(link.url):
            yield _finding(place, "the link has no text", catalog, None)


def _mended(catalog: Catalog, link: Link) -> tuple[str, tuple[Edit, ...]]:
    text, url = link.text_span, link.url_span
    if url.stop == link.span.stop:
        end = Span(url.stop, url.stop)
        return "the closing parenthesis is missing", (Edit(catalog.path, end, b"", b")"),)
    if catalog.source[link.span.start : link.span.start + 1] == b"(":
        around = (Span(link.span.start, text.start), Span(text.stop, url.start), Span(url.stop, link.span.stop))
        edits = tuple(
            Edit(catalog.path, span, catalog.raw(span), new)
            for span, new in zip(around, (b"[", b"](", b")"), strict=True)
        )
        return "brackets and parentheses are swapped", edits
    gap = Span(text.stop + 1, url.start - 1)
    return "a blank parts text and address", (Edit(catalog.path, gap, catalog.raw(gap), b""),)


def _finding(place: Place, message: str, catalog: Catalog, fix: Fix | None) -> Finding:
    raw = catalog.raw(place.link.span).decode("utf-8", "replace")
    return Finding(
        rule="link-syntax",
        severity=Severity.WARNING,
        span=place.link.span,
        entry=place.entry.name if place.entry else place.link.text,
        section=place.section.title,
        url=place.link.url,
        identity=place.link.url,
        message=message,
        facts=(Fact("text", raw, "the catalog"),),
        fix=fix,
    )


RULE = Rule("link-syntax", Severity.WARNING, Reads.CATALOG, check, __doc__, kind=LINKS)
