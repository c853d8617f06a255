"""The body of a page: what a `#fragment` can point at, and which papers are linked in which section."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.model.articles import Heading, Paper, one_line

# New ids are YYMM.NNNN (to 2014) or YYMM.NNNNN, old ones archive/YYMMNNN: https://info.arxiv.org/help/arxiv_identifier.html
_ARXIV = re.compile(
    r"arxiv\.org/(?:abs|pdf|html|ftp/arxiv/papers)/"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?",
    re.IGNORECASE,
)
_SELECTOR = "h1, h2, h3, h4, [id], [name], a[href*='arxiv.org']"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_NAMED = _HEADINGS | {"p", "a", "blockquote", "figure", "li", "pre", "section", "div"}
_TITLE_CLASSES = ("pw-post-title", "graf--title")
_MAX_IDS = 5_000
_MAX_PAPERS = 200
_MAX_TEXT = 300


class Body(NamedTuple):
    """The ids, headings and papers of an article, in document order.

    `title` is the text of the title's own heading (the one marked as such, else the first),
    `below_title` the index of the first heading below it.
    """

    ids: tuple[str, ...] = ()
    headings: tuple[Heading, ...] = ()
    below_title: int = 0
    papers: tuple[Paper, ...] = ()
    title: str = ""


def read_body(tree: LexborHTMLParser) -> Body:
    """Read the article's part of a page, without navigation and footer where the page marks the article."""
    root = tree.css_first("article") or tree.body
    if root is None:
        return Body()
    ids: dict[str, None] = {}
    headings: list[Heading] = []
    papers: list[Paper] = []
    section = Heading("", "", "")
    title, marked, below_title = "", False, 0
    for node in root.css(_SELECTOR):
        tag = node.tag or ""
        id_ = node.attributes.get("id") or (node.attributes.get("name") if tag in _NAMED else None) or ""
        if tag == "a" and len(papers) < _MAX_PAPERS:
            papers += _papers(node, section)
        heading = Heading(id_, tag, _text(node)) if tag in _HEADINGS else None
        if heading is not None:
            if not heading.text:
                continue
            section = heading
        if id_ and len(id_) <= 64 and id_ not in ids and len(ids) < _MAX_IDS:
            ids[id_] = None
            headings += [heading] if heading is not None else []
        if heading is not None and not marked:
            marked = any(name in (node.attributes.get("class") or "") for name in _TITLE_CLASSES)
            if marked or not title:
                title, below_title = heading.text, len(headings)
    return Body(tuple(ids), tuple(headings), below_title, tuple(papers), title)


def _text(node: LexborNode) -> str:
    # Cut before whitespace is collapsed, or most of the time would go into the ends of long paragraphs.
    # Saved pages indent by hundreds of spaces.
    return one_line(node.text()[: _MAX_TEXT * 8])[:_MAX_TEXT]


def _papers(node: LexborNode, section: Heading) -> list[Paper]:
    href = node.attributes.get("href") or ""
    match = _ARXIV.search(unquote(href)) if "arxiv.org" in href else None
    if match is None:
        return []
    text = _text(node)
    if (match[1] in text or not text) and node.parent is not None:
        beside = _text(node.parent)
        text = " ".join(_ARXIV.sub(" ", beside).replace(match[1], " ").split()).strip(" -–—:()[]·") or text
    return [Paper(match[1], section.text, section.id or None, text)]
