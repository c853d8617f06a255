"""From a page's bytes to an `Article`: what kind of page it is, and what it says.

BeautifulSoup reads the head, selectolax walks the body. Where a page states each fact, and since when, was read off
saved pages of 2015 to 2023.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from bot.medium.anchors import Body, read_body
from bot.medium.cost import too_costly, without_formatting
from bot.medium.metadata import Head, read_head, read_modified, read_published, read_title
from bot.medium.site import Site
from bot.model.articles import Article, Kind, one_line


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the body of one answer shows: an article, another kind of page, or only a `title`.

    `soft_404` is Medium's own "page not found", which it sends with status 200.
    """

    article: Article | None
    kind: Kind | None
    title: str
    soft_404: bool


_IOS = re.compile(r"medium:/{1,2}p/([0-9a-f]{8,12})\Z")
_ID = re.compile(r"[0-9a-f]{8,12}\Z")
_NOT_FOUND_TITLE = re.compile(r"(?:404\W+)?page not found(?:\W+Medium)?\Z", re.IGNORECASE)
# Medium's own "page not found" is a few lines; a page that lists stories may well quote it.
_SOFT_404_LENGTH = 4_000
_NOT_FOUND = re.compile(r"PAGE NOT FOUND|Out of nothing, something", re.IGNORECASE)


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
        tree = _tree(body)
        text = Body() if tree is None else read_body(tree)
        title, source = read_title(head, text.title)
        if title:
            published, where = read_published(body, head, post_id)
            article = Article(
                title=title,
                title_source=source,
                post_id=post_id,
                published=published,
                published_source=where,
                modified=read_modified(head),
                canonical=head.canonical,
                ids=text.ids,
                headings=text.headings,
                below_title=text.below_title,
                papers=text.papers,
                partial=tree is None or str(head.data.get("isAccessibleForFree")).lower() == "false",
            )
            return Sighting(article, Kind.ARTICLE, head.title, soft_404=False)
    return Sighting(None, None if kind is Kind.ARTICLE else kind, head.title, _soft_404(body, head, kind))


def _kind(body: bytes, head: Head, site: Site) -> Kind | None:
    """Return the kind of page that the head claims to be; None if it does not say."""
    start = body[:512].lstrip().lower()
    if start.startswith((b"<rss", b"<feed")) or (start.startswith(b"<?xml") and b"<rss" in body[:2048]):
        return Kind.FEED
    app = head.metas.get("al:ios:url", "")
    if _IOS.match(app):
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
    app = _IOS.match(head.metas.get("al:ios:url", ""))
    if app:
        return app[1]
    identifier = head.data.get("identifier")
    if isinstance(identifier, str) and _ID.match(identifier):
        return identifier
    app = _IOS.match(head.metas.get("twitter:app:url:iphone", ""))
    if app:
        return app[1]
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
