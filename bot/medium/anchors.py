"""The body of a page: what a `#fragment` can point at, and which papers are linked in which section."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.model.articles import Anchor, Paper, one_line

# New ids are YYMM.NNNN (to 2014) or YYMM.NNNNN, old ones archive/YYMMNNN: https://info.arxiv.org/help/arxiv_identifier.html
_ARXIV = re.compile(
    r"arxiv\.org/(?:abs|pdf|html|ftp/arxiv/papers)/"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?",
    re.IGNORECASE,
)
_SELECTOR = "h1, h2, h3, h4, [id], [name], a[href*='arxiv.org']"
_NAMED = frozenset({"p", "a", "blockquote", "figure", "li", "pre", "section", "div"})
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4}
_TITLE_CLASSES = ("pw-post-title", "graf--title")
_MAX_ANCHORS = 5_000
_MAX_PAPERS = 200
_MAX_TEXT = 300


class Body(NamedTuple):
    """Anchors and papers in document order.

    `title` is the text of the title's own heading (the one marked as such, else the first),
    `below_title` the index of the first anchor below it.
    """

    anchors: tuple[Anchor, ...] = ()
    papers: tuple[Paper, ...] = ()
    title: str = ""
    below_title: int = 0


def read_body(tree: LexborHTMLParser) -> Body:
    """Read the article's part of a page, without navigation and footer where the page marks the article."""
    root = tree.css_first("article") or tree.body
    if root is None:
        return Body()
    found: list[tuple[str, str, int | None, str]] = []
    papers: list[Paper] = []
    seen: set[str] = set()
    title = section = ""
    marked = False
    below_title = 0
    section_id: str | None = None
    for node in root.css(_SELECTOR):
        tag = node.tag or ""
        level = _HEADINGS.get(tag)
        if tag == "a" and len(papers) < _MAX_PAPERS and "arxiv.org" in (node.attributes.get("href") or ""):
            paper = _paper(node, section, section_id)
            if paper is not None:
                papers.append(paper)
        if level is None and not (node.attributes.get("id") or (tag in _NAMED and node.attributes.get("name"))):
            continue
        text = _text(node)
        id_ = node.attributes.get("id") or node.attributes.get("name") or ""
        if level is not None:
            if not text:
                continue
            section, section_id = text, id_ or None
        if id_ and len(id_) <= 64 and id_ not in seen and len(found) < _MAX_ANCHORS:
            seen.add(id_)
            found.append((id_, tag, level, text))
        if level is not None and not marked:
            marked = any(name in (node.attributes.get("class") or "") for name in _TITLE_CLASSES)
            if marked or not title:
                title, below_title = text, len(found)
    return Body(_with_ranges(found), tuple(papers), title, below_title)


def _text(node: LexborNode) -> str:
    # Cut before whitespace is collapsed, or most of the time would go into the ends of long paragraphs.
    # Saved pages indent by hundreds of spaces.
    return one_line(node.text()[: _MAX_TEXT * 8])[:_MAX_TEXT]


def _paper(node: LexborNode, section: str, section_id: str | None) -> Paper | None:
    match = _ARXIV.search(unquote(node.attributes.get("href") or ""))
    if match is None:
        return None
    text = _text(node)
    if (match[1] in text or not text) and node.parent is not None:
        beside = _text(node.parent)
        text = " ".join(_ARXIV.sub(" ", beside).replace(match[1], " ").split()).strip(" -–—:()[]·") or text
    return Paper(match[1], section, section_id, text)


def _with_ranges(found: list[tuple[str, str, int | None, str]]) -> tuple[Anchor, ...]:
    stops = [index + 1 for index in range(len(found))]
    open_: list[tuple[int, int]] = []
    for index, (_, _, level, _) in enumerate(found):
        if level is None:
            continue
        while open_ and open_[-1][1] >= level:
            stops[open_.pop()[0]] = index
        open_.append((index, level))
    for index, _ in open_:
        stops[index] = len(found)
    return tuple(Anchor(*entry, index, stop) for index, (entry, stop) in enumerate(zip(found, stops, strict=True)))
