"""How long a page takes to scrape: a made-up one of the usual size, and saved pages where there are some."""

from __future__ import annotations

import json
import re

from bench.meter import PROJECT, median_seconds
from bench.table import Figure, print_figures
from bot.demo.facts import Facts
from bot.demo.page import article_page
from bot.medium.scrape import scrape
from bot.medium.site import MEDIUM

_URL = "https://medium.com/@author/a-made-up-article-0123456789ab"
_SAVED = PROJECT.parent / "shared" / "data" / "pages"
_HEADINGS, _PARAGRAPHS, _STATE_BYTES = 64, 256, 150_000
_FILLER = re.compile(rb'"x{1000,}"')


def bench_scrape() -> None:
    """Print the figures of the scraper."""
    page = usual_page()
    article = scrape(page, _URL, MEDIUM)
    if article is None or len(article.ids) < _HEADINGS:
        raise AssertionError("the made-up page is no article")
    state = page.rindex(b"</script>") - page.rindex(b"window.__APOLLO_STATE__")
    shown = f"made-up page, {len(page) / 1000:.0f} KB ({state / 1000:.0f} of them state), {len(article.ids)} ids"
    figures = [Figure(shown, median_seconds(lambda: scrape(page, _URL, MEDIUM), 101) * 1000, "ms", 3)]
    for path in sorted(_SAVED.glob("*.html")):
        body = path.read_bytes()
        seconds = median_seconds(lambda body=body: scrape(body, _URL, MEDIUM), 15)  # type: ignore[misc]
        figures.append(Figure(f"saved {path.name}, {len(body) / 1000:.0f} KB", seconds * 1000, "ms"))
    print_figures("scrape (medians of 101 and of 15 runs)", figures)


def usual_page() -> bytes:
    """Return a page of about 300 KB, half of it state, with some 60 headings and a few hundred ids."""
    headings = tuple((f"{0xA000 + number:04x}", "h3", f"Heading {number}") for number in range(_HEADINGS))
    papers = tuple((f"2401.{number:05}", f"Heading {number}", f"Paper {number}") for number in range(0, _HEADINGS, 4))
    facts = Facts("0123456789ab", "Papers Explained 0: Made Up", "2024-06-01T04:00:00.000Z", _URL, headings, papers)
    return _FILLER.sub(_state(), article_page(facts, paragraphs=_PARAGRAPHS))


def _state() -> bytes:
    """Return state as Medium writes it: each paragraph again, as JSON."""
    sentence = "A made-up sentence stands here in place of the article's own text, which is not shown. "
    paragraphs: dict[str, object] = {}
    size = 0
    while size < _STATE_BYTES:
        name = f"{0xA000 + len(paragraphs):04x}"
        key = f"Paragraph:0123456789ab_{len(paragraphs)}"
        paragraphs[key] = {"id": key, "name": name, "type": "P", "href": None, "text": sentence * 4, "markups": []}
        size += len(json.dumps({key: paragraphs[key]}))
    return json.dumps(paragraphs).encode()
