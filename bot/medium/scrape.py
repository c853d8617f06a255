"""From a page's bytes to an `Article`: what kind of page it is, and what it says.

BeautifulSoup reads the head, selectolax walks the body. Where a page states each fact, and since when, was read off
saved pages of 2015 to 2023.
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from bot.medium.metadata import Head, read_head, read_modified, read_published, read_title
from bot.medium.site import Site
from bot.model.articles import Article, Heading, Kind, Paper, one_line


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the body of one answer shows: an article, another kind of page, or only a `title`.

    `soft_404` is Medium's own "page not found", which it sends with status 200.
    """

    article: Article | None
    kind: Kind | None
    title: str
    soft_404: bool


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
_ID = re.compile(r"(?:medium:/{1,2}p/)?([0-9a-f]{8,12})\Z")
_NOT_FOUND_TITLE = re.compile(r"(?:404\W+)?page not found(?:\W+Medium)?\Z", re.IGNORECASE)
# Medium's own "page not found" is a few lines; a page that lists stories may well quote it.
_SOFT_404_LENGTH = 4_000
_NOT_FOUND = re.compile(r"PAGE NOT FOUND|Out of nothing, something", re.IGNORECASE)


# Three shapes take quadratic time or memory, so a few hundred kilobytes can block a machine for minutes: blocks nested
# thousands deep (200,000 took 89 s), thousands of attributes on one element (400,000 took 366 s), and open formatting
# elements, which every new block repeats (28 KB took 1.6 GB).
_MANY_TAGS = 10_000  # with fewer, depth does no harm; saved articles have at most 3,705
_DEEP = 1_000
_TAG = re.compile(rb"<(/?)([A-Za-z][A-Za-z0-9]*)")
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr p li".split())
# Attributes as https://html.spec.whatwg.org/#before-attribute-name-state reads them; `>` in quotes does not end a tag.
_ATTRIBUTE = rb"=?[^\s/>=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"'][^\s>]*)?)?"
_LONG_TAG = re.compile(rb"<[A-Za-z][^\s/>]*(?:[\s/]+|" + _ATTRIBUTE + rb"|=)*")
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_LONG = 2_000
_MANY_ATTRIBUTES = 2_000
_FORMATTING = re.compile(rb"(</?)(?=(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/>])", re.IGNORECASE)


def scrape(body: bytes, url: str, site: Site) -> Article | None:
    """Read an article off a page's bytes (HTML in UTF-8); None if the page is not a Medium article.

    `url` is the page's own, for relative links. Never raises, whatever the bytes.
    """
    return look(body, url, site).article


def look(body: bytes, url: str, site: Site) -> Sighting:
    """Return what a page shows: an article, another kind of page, or nothing recognizable."""
    head = read_head(body, url)
    kind = _kind(body, head, site)
    post_id = _post_id(head, site) if kind in (None, Kind.ARTICLE) else None
    if post_id is not None:
        article = _read_body(_tree(body), post_id)
        title, source = read_title(head, article.title)
        if title:
            published, where = read_published(body, head, post_id)
            article = replace(
                article,
                title=title,
                title_source=source,
                published=published,
                published_source=where,
                modified=read_modified(head),
                canonical=head.canonical,
                partial=article.partial or str(head.data.get("isAccessibleForFree")).lower() == "false",
            )
            return Sighting(article, Kind.ARTICLE, head.title, soft_404=False)
    return Sighting(None, None if kind is Kind.ARTICLE else kind, head.title, _soft_404(body, head, kind))


def _kind(body: bytes, head: Head, site: Site) -> Kind | None:
    """Return the kind of page that the head claims to be; None if it does not say."""
    start = body[:512].lstrip().lower()
    if start.startswith((b"<rss", b"<feed")) or (start.startswith(b"<?xml") and b"<rss" in body[:2048]):
        return Kind.FEED
    app = head.metas.get("al:ios:url", "")
    if _ID.match(app):
        return Kind.ARTICLE
    own = site.read(head.metas.get("og:url", "")) or site.read(head.canonical or "")
    kind = head.metas.get("og:type", "")
    if kind == "profile" or app.startswith(("medium://@", "medium:/@")):
        return Kind.PROFILE
    if own is not None and own.kind is not Kind.OTHER:
        return own.kind if own.kind is not Kind.ARTICLE or kind in ("", "article") else Kind.OTHER
    if kind == "article" or head.data:
        return Kind.ARTICLE
    return own.kind if own is not None else None


def _post_id(head: Head, site: Site) -> str | None:
    """Return the page's own post id from the most reliable place that has one."""
    for place in (head.metas.get("al:ios:url"), head.data.get("identifier"), head.metas.get("twitter:app:url:iphone")):
        if isinstance(place, str) and (found := _ID.match(place)):
            return found[1]
    for url in (head.metas.get("og:url"), head.canonical, head.data.get("mainEntityOfPage"), head.data.get("url")):
        address = site.read(url) if isinstance(url, str) else None
        if address is not None and address.kind is Kind.ARTICLE:
            return address.post_id
    return None


def _soft_404(body: bytes, head: Head, kind: Kind | None) -> bool:
    if kind not in (None, Kind.OTHER):
        return False
    if _NOT_FOUND_TITLE.match(head.title):
        return True
    if b"PAGE NOT FOUND" not in body and b"Out of nothing, something" not in body:
        return False
    tree = _tree(body)
    if tree is None:
        return False
    tree.strip_tags(["script", "style", "noscript", "template"])
    text = one_line(tree.body.text(separator=" ")) if tree.body is not None else ""
    return len(text) < _SOFT_404_LENGTH and bool(_NOT_FOUND.search(text))


def _tree(body: bytes) -> LexborHTMLParser | None:
    """Return a page's tree; None if parsing is too expensive, or fails."""
    if too_costly(body):
        return None
    try:
        return LexborHTMLParser(without_formatting(body))
    except SelectolaxError:
        return None


def _read_body(tree: LexborHTMLParser | None, post_id: str) -> Article:
    """Read the article's part of a page, without navigation and footer where the page marks the article.

    The title is the text of its own heading (the one marked as such, else the first).
    """
    root = (tree.css_first("article") or tree.body) if tree is not None else None
    if root is None:
        return Article("", "", post_id, partial=tree is None)
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
    return Article(
        title=title,
        title_source="heading",
        post_id=post_id,
        ids=tuple(ids),
        headings=tuple(headings),
        below_title=below_title,
        papers=tuple(papers),
    )


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


def too_costly(body: bytes) -> bool:
    """Return True if a page is nested deeper, or has more attributes on one element, than any real one."""
    return _too_deep(body) or any(
        len(_ATTRIBUTES.findall(tag)) > _MANY_ATTRIBUTES for tag in _LONG_TAG.findall(body) if len(tag) > _LONG
    )


def without_formatting(body: bytes) -> bytes:
    """Return a page whose bold, italic and similar elements are renamed to ones unknown to HTML; the text stays."""
    return _FORMATTING.sub(rb"\1x-", body)


def _too_deep(body: bytes) -> bool:
    if body.count(b"<") < _MANY_TAGS:
        return False
    depth = 0
    for match in _TAG.finditer(body):
        if match[2].lower() not in _VOID:
            depth += -1 if match[1] else 1
            if depth > _DEEP:
                return True
    return False
