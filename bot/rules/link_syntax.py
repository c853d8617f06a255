"""Text that was meant as a link but is not one, or a link without text or address.

Why: Markdown shows `[text] (url)`, `[text](url` and `(text)[url]` as plain text, so that the reader
gets no link. Those have only one reading and are fixed; a person has to supply missing text or a missing
address.

Bad:
    - [BERT] (https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615)
    - [GPT](https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226
    - (Elmo)[https://ritvik19.medium.com/papers-explained-33-elmo-76362a43e4]

Good:
    - [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615)
    - [GPT](https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226)
    - [Elmo](https://ritvik19.medium.com/papers-explained-33-elmo-76362a43e4)
"""

from bot.markdown.catalog import Catalog, Link, LinkForm, Place
from bot.medium.site import is_http
from bot.model.findings import Fact, Finding, Fix, Safety, Severity
from bot.model.spans import Edit, Span
from bot.rules.evidence import About, Evidence
from bot.rules.rule import LINKS, Findings, Reads, Rule


def _check(evidence: Evidence) -> Findings:
    catalog = evidence.catalog
    for place in catalog.places():
        link = place.link
        if link.form is LinkForm.NEAR:
            what, edits = _corrected(catalog, link)
            # Words in brackets before a parenthesis may mean something else; with a Medium address it is a link.
            sure = evidence.site.read(link.url) is not None
            fix = Fix(Safety.SAFE if sure else Safety.REVIEW, f"{what} → [{link.text}]({link.url})", edits)
            yield _finding(catalog, place, f"not a link in Markdown: {what}", fix)
        elif not link.url.strip():
            yield _finding(catalog, place, "the link has no address")
        elif not catalog.raw(link.text_span).strip() and link.form is not LinkForm.BARE and is_http(link.url):
            yield _finding(catalog, place, "the link has no text")


def _corrected(catalog: Catalog, link: Link) -> tuple[str, tuple[Edit, ...]]:
    text, url = link.text_span, link.url_span
    if url.stop == link.span.stop:
        return "the closing parenthesis is missing", (catalog.edit(Span(url.stop, url.stop), b")"),)
    if catalog.source[link.span.start : link.span.start + 1] == b"(":
        around = (Span(link.span.start, text.start), Span(text.stop, url.start), Span(url.stop, link.span.stop))
        signs = (b"[", b"](", b")")
        edits = tuple(catalog.edit(span, new) for span, new in zip(around, signs, strict=True))
        return "brackets and parentheses are swapped", edits
    return "there is a space between text and address", (catalog.edit(Span(text.stop + 1, url.start - 1), b""),)


def _finding(catalog: Catalog, place: Place, message: str, fix: Fix | None = None) -> Finding:
    raw = catalog.raw(place.link.span).decode("utf-8", "replace")
    name = place.entry.name if place.entry else place.link.text
    about = About(place.link.span, name, place.section.title, place.link.url, place.link.url)
    return RULE.finding(about, message, (Fact("text", raw, "the catalog"),), fix)


RULE = Rule("link-syntax", Severity.WARNING, Reads.CATALOG, _check, __doc__, kind=LINKS)
