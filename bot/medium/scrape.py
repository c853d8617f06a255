"""A page's bytes to an `Article`. BeautifulSoup reads the head, selectolax walks the body.

Where each fact stands on a page, and since when, was read off saved pages of 2015 to 2023.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from selectolax.lexbor import LexborHTMLParser

from bot.medium.anchors import Body, read_body
from bot.medium.article import Article, Sighting
from bot.medium.text import one_line
from bot.medium.urls import Kind, read_address

_HEAD_LIMIT = 262_144
_MAX_TITLE = 500  # Medium takes 100 letters; what is longer is hostile
_HEAD_END = re.compile(rb"</head\s*>|<body[\s>]", re.IGNORECASE)
_HEAD_TAG = re.compile(rb"<meta\s[^<>]{1,4096}>|<link\s[^<>]{0,2048}?\bcanonical\b[^<>]{0,2048}>", re.IGNORECASE)
_TITLE_TAG = re.compile(rb"<title(?:\s[^<>]*)?>", re.IGNORECASE)
_JSON_LD = re.compile(rb"<script\s[^<>]{0,256}ld\+json[^<>]{0,256}>", re.IGNORECASE)
_IOS = re.compile(r"medium:/{1,2}p/([0-9a-f]{8,12})\Z")
_ID = re.compile(r"[0-9a-f]{8,12}\Z")
_SUFFIX = re.compile(r"\s[|–—-]\s")
_ARTICLE_TYPES = frozenset({"NewsArticle", "Article", "BlogPosting", "SocialMediaPosting"})
_NOT_FOUND_TITLE = re.compile(r"(?:404\W+)?page not found(?:\W+Medium)?\Z", re.IGNORECASE)
# Medium's own «page not found» is a few lines; a page that lists stories may well quote it.
_SOFT_404_LENGTH = 4_000
_NOT_FOUND = re.compile(r"PAGE NOT FOUND|Out of nothing, something", re.IGNORECASE)
# Block elements nested thousands deep cost the HTML parser the square of their number (200,000 cost
# 89 s); a page with fewer tags than this cannot hurt, and saved articles have at most 3,705.
_MANY_TAGS = 10_000
_DEEP = 1_000
_TAG = re.compile(rb"<(/?)([A-Za-z][A-Za-z0-9]*)")
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr p li".split())


@dataclass(slots=True)
class _Head:
    title: str = ""
    metas: dict[str, str] = field(default_factory=dict)
    hydrated: frozenset[str] = frozenset()
    canonical: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


def scrape(body: bytes, url: str) -> Article | None:
    """Read an article off a page's bytes (HTML in UTF-8); None if the page is no article of Medium.

    `url` is the page's address, for relative links. Never raises, whatever the bytes.
    """
    return look(body, url).article


def look(body: bytes, url: str) -> Sighting:
    """Say what a page shows: an article, another kind of page, or nothing that is known."""
    head = _read_head(body, url)
    kind = _kind(body, head)
    post_id = _post_id(head) if kind in (None, Kind.ARTICLE) else None
    if post_id is not None:
        deep = _too_deep(body)
        text = Body() if deep else read_body(LexborHTMLParser(body))
        title, source = _title(head, text.title)
        if title:
            published, where = _published(body, head, post_id)
            article = Article(
                title=title,
                title_source=source,
                post_id=post_id,
                published=published,
                published_source=where,
                modified=_modified(head),
                canonical=head.canonical,
                anchors=text.anchors,
                papers=text.papers,
                partial=deep or str(head.data.get("isAccessibleForFree")).lower() == "false",
                title_index=text.below_title,
            )
            return Sighting(article, Kind.ARTICLE, head.title, soft_404=False)
    return Sighting(None, None if kind is Kind.ARTICLE else kind, head.title, _soft_404(body, head, kind))


# -- the head -----------------------------------------------------------------------------------


def _read_head(body: bytes, url: str) -> _Head:
    end = _HEAD_END.search(body, 0, _HEAD_LIMIT)
    region = body[: end.start() if end else _HEAD_LIMIT]
    pieces = [match[0] for match in _HEAD_TAG.finditer(region)]
    opening = _TITLE_TAG.search(region)
    if opening:
        stop = region.find(b"</title", opening.end())
        pieces.insert(0, opening[0] + region[opening.end() : stop if stop >= 0 else opening.end()] + b"</title>")
    head = _Head()
    hydrated = set()
    soup = BeautifulSoup(b"".join(pieces).decode("utf-8", "replace"), "html.parser")
    for tag in soup.find_all(["title", "meta", "link"]):
        if tag.name == "title":
            head.title = _line(tag.get_text())
        elif tag.name == "link":
            href = tag.get("href")
            if isinstance(href, str) and "canonical" in (tag.get("rel") or ()) and head.canonical is None:
                head.canonical = _joined(url, href)
        else:
            key, value = tag.get("property") or tag.get("name"), tag.get("content", tag.get("value"))
            if isinstance(key, str) and isinstance(value, str) and key not in head.metas:
                head.metas[key] = _line(value)
                if tag.has_attr("data-rh"):
                    hydrated.add(key)
    head.hydrated = frozenset(hydrated)
    head.data = _json_ld(body)
    return head


def _json_ld(body: bytes) -> dict[str, Any]:
    """Return the page's first JSON-LD object of an article; empty if there is none that can be read."""
    for count, opening in enumerate(_JSON_LD.finditer(body)):
        stop = body.find(b"</script", opening.end())
        if count > 8 or stop < 0:
            break
        text = body[opening.end() : stop].decode("utf-8", "replace").strip()
        text = text.removeprefix("<![CDATA[").removesuffix("]]>").strip()
        data = _decoded(text)
        for each in data if isinstance(data, list) else [data]:
            if isinstance(each, dict) and _ARTICLE_TYPES.intersection(_strings(each.get("@type"))):
                return each
    return {}


def _decoded(text: str) -> object:
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _strings(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def _line(text: str) -> str:
    """Return text on one line; JSON may hold halves of surrogate pairs, which no file can."""
    return one_line(text[: _MAX_TITLE * 8].encode("utf-8", "replace").decode())[:_MAX_TITLE]


def _joined(base: str, href: str) -> str | None:
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return None


# -- what the page is ---------------------------------------------------------------------------


def _kind(body: bytes, head: _Head) -> Kind | None:
    """Say which kind of page the head claims to be; None where it says nothing."""
    start = body[:512].lstrip().lower()
    if start.startswith((b"<rss", b"<feed")) or (start.startswith(b"<?xml") and b"<rss" in body[:2048]):
        return Kind.FEED
    app = head.metas.get("al:ios:url", "")
    if _IOS.match(app):
        return Kind.ARTICLE
    own = read_address(head.metas.get("og:url", "")) or read_address(head.canonical or "")
    kind = head.metas.get("og:type", "")
    if kind == "profile" or app.startswith(("medium://@", "medium:/@")):
        return Kind.PROFILE
    if own is not None and own.kind is not Kind.OTHER:
        return own.kind if own.kind is not Kind.ARTICLE or kind in ("", "article") else Kind.OTHER
    if kind == "article" or head.data:
        return Kind.ARTICLE
    return own.kind if own is not None else None


def _post_id(head: _Head) -> str | None:
    """Return the page's own post id from the surest place that has one."""
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
        address = read_address(url) if isinstance(url, str) else None
        if address is not None and address.kind is Kind.ARTICLE:
            return address.post_id
    return None


def _soft_404(body: bytes, head: _Head, kind: Kind | None) -> bool:
    if kind not in (None, Kind.OTHER):
        return False
    if _NOT_FOUND_TITLE.match(head.title):
        return True
    if (b"PAGE NOT FOUND" not in body and b"Out of nothing, something" not in body) or _too_deep(body):
        return False
    tree = LexborHTMLParser(body)
    tree.strip_tags(["script", "style", "noscript", "template"])
    text = one_line(tree.body.text(separator=" ")) if tree.body is not None else ""
    return len(text) < _SOFT_404_LENGTH and bool(_NOT_FOUND.search(text))


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


# -- title and dates ----------------------------------------------------------------------------


def _title(head: _Head, heading: str) -> tuple[str, str]:
    """Return the title and the place it was read from, each place cross-checked against the others.

    `og:title` is clean where the page's script wrote it (`data-rh`, since 2019). Before, and in the
    other places, the author's or publication's name follows; it is cut where another place confirms.
    """
    shown = head.metas.get("og:title", "")
    headline = _line(head.data["headline"]) if isinstance(head.data.get("headline"), str) else ""
    if shown and "og:title" in head.hydrated:
        return shown, "og:title"
    for text, source in ((shown, "og:title"), (headline, "json-ld"), (head.title, "title")):
        if not text:
            continue
        for shorter, other in ((headline, "json-ld"), (heading, "heading")):
            if shorter and _cut_is_suffix(text, shorter):
                return shorter, other
        return _without_names(text, head), source
    return (heading, "heading") if heading else ("", "")


def _cut_is_suffix(text: str, shorter: str) -> bool:
    rest = text[len(shorter) :]
    return text.startswith(shorter) and bool(_SUFFIX.match(rest))


def _without_names(text: str, head: _Head) -> str:
    """Cut ` | by Author | Publication | Medium` and its older forms, known names and nothing else."""
    names = {"Medium", *_names(head.data.get("author")), *_names(head.data.get("publisher"))}
    if head.metas.get("author"):
        names.add(head.metas["author"])
    cut = re.split(r"\s\|\sby\s", text, maxsplit=1)[0]
    while True:
        shorter = next(
            (
                cut[: -len(name)]
                for name in names
                if cut.endswith(name) and re.search(r"\s[|–—-]\s\Z", cut[: -len(name)])
            ),
            None,
        )
        if shorter is None:
            return cut
        cut = re.sub(r"\s[|–—-]\s\Z", "", shorter)


def _names(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [name for each in values if isinstance(each, dict) for name in _strings(each.get("name")) if name]


def _published(body: bytes, head: _Head, post_id: str) -> tuple[datetime | None, str | None]:
    stamp = _moment(head.data.get("datePublished"))
    if stamp is not None:
        return stamp, "json-ld"
    stamp = _first_published_at(body, post_id)
    if stamp is not None:
        return stamp, "state"
    # Since 2019 this tag holds the latest publication, and is written by the page's script.
    if "article:published_time" not in head.hydrated:
        stamp = _moment(head.metas.get("article:published_time"))
        if stamp is not None:
            return stamp, "article:published_time"
    return None, None


def _modified(head: _Head) -> datetime | None:
    stamps = [_moment(head.data.get("dateModified")), _moment(head.metas.get("article:published_time"))]
    return max((stamp for stamp in stamps if stamp is not None), default=None)


def _first_published_at(body: bytes, post_id: str) -> datetime | None:
    """Read `firstPublishedAt` (ms since 1970, UTC) of this very post from the page's state."""
    marks = (rf'"Post:{post_id}"\s*:\s*(?=\{{)', rf'"value"\s*:\s*(?=\{{\s*"id"\s*:\s*"{post_id}")')
    for mark in marks:
        found = re.search(mark.encode(), body)
        state = _decoded(body[found.end() :].decode("utf-8", "replace")) if found else None
        stamp = state.get("firstPublishedAt") if isinstance(state, dict) else None
        if isinstance(stamp, int) and 0 < stamp < 4_102_444_800_000:
            return datetime.fromtimestamp(stamp / 1000, UTC)
    return None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        stamp = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    except OverflowError:
        return None
