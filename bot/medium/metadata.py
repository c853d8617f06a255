"""What the head of a page says: its tags and its JSON-LD, and the title and dates of an article in them.

BeautifulSoup reads the tags. Each place that names a title or date is checked against the others.
"""

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup

from bot.model.articles import one_line

_HEAD_LIMIT = 262_144
_MAX_TITLE = 500  # Medium allows 100 characters; anything longer is hostile
_HEAD_END = re.compile(rb"</head\s*>|<body[\s>]", re.IGNORECASE)
_HEAD_TAG = re.compile(rb"<meta\s[^<>]{1,4096}>|<link\s[^<>]{0,2048}?\bcanonical\b[^<>]{0,2048}>", re.IGNORECASE)
_TITLE_TAG = re.compile(rb"<title(?:\s[^<>]*)?>", re.IGNORECASE)
_JSON_LD = re.compile(rb"<script\s[^<>]{0,256}ld\+json[^<>]{0,256}>", re.IGNORECASE)
_SUFFIX = re.compile(r"\s[|–—-]\s")
_ENDING = re.compile(r"\s[|–—-]\s\Z")
_PUBLISHED = "article:published_time"
_ARTICLE_TYPES = frozenset({"NewsArticle", "Article", "BlogPosting", "SocialMediaPosting"})


@dataclass(slots=True)
class Head:
    """What a head says: `hydrated` are the tags written by the page's script (since 2019), `data` its JSON-LD."""

    title: str = ""
    metas: dict[str, str] = field(default_factory=dict)
    hydrated: frozenset[str] = frozenset()
    canonical: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


def read_head(body: bytes, url: str) -> Head:
    """Read the head of a page; relative URLs are resolved against `url`. Never raises."""
    end = _HEAD_END.search(body, 0, _HEAD_LIMIT)
    region = body[: end.start() if end else _HEAD_LIMIT]
    opening = _TITLE_TAG.search(region)
    title, closed, _ = region[opening.end() if opening else len(region) :].partition(b"</title")
    head = Head(title=_line(unescape(title.decode("utf-8", "replace"))) if closed else "", data=_json_ld(body))
    hydrated = set()
    soup = BeautifulSoup(b"".join(_HEAD_TAG.findall(region)).decode("utf-8", "replace"), "html.parser")
    for tag in soup.find_all(["meta", "link"]):
        if tag.name == "link":
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
    return head


def _json_ld(body: bytes) -> dict[str, Any]:
    """Return the page's first readable JSON-LD object of an article; empty without one."""
    for count, opening in enumerate(_JSON_LD.finditer(body)):
        stop = body.find(b"</script", opening.end())
        if count > 8 or stop < 0:
            break
        text = body[opening.end() : stop].decode("utf-8", "replace").strip()
        text = text.removeprefix("<![CDATA[").removesuffix("]]>").strip()
        for each in _listed(_decoded(text)):
            if isinstance(each, dict) and _ARTICLE_TYPES.intersection(_strings(each.get("@type"))):
                return each
    return {}


def _decoded(text: str) -> object:
    """Return the JSON value that a text begins with; None without one."""
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _listed(value: object) -> list[object]:
    """Return the values of a list, or a single value as one."""
    return value if isinstance(value, list) else [value]


def _strings(value: object) -> list[str]:
    return [each for each in _listed(value) if isinstance(each, str)]


def _line(text: str) -> str:
    """Return text on one line, no longer than a title; lone surrogates, which JSON may hold, are replaced."""
    return one_line(text[: _MAX_TITLE * 8].encode("utf-8", "replace").decode())[:_MAX_TITLE]


def _joined(base: str, href: str) -> str | None:
    """Return the URL that a page names; None if that is empty or only points within the page."""
    href = href.strip()
    if not href or href[0] in "?#":
        return None
    try:
        return urljoin(base, href)
    except ValueError:
        return None


def read_title(head: Head, heading: str) -> tuple[str, str]:
    """Return the title and where it was found, each place checked against the others.

    `og:title` is clean where the page's script wrote it (`data-rh`, since 2019). In older pages and in the other
    places, the author's or publication's name follows; it is cut where another place confirms that.
    """
    shown = head.metas.get("og:title", "")
    headline = _line(head.data["headline"]) if isinstance(head.data.get("headline"), str) else ""
    if shown and "og:title" in head.hydrated:
        return shown, "og:title"
    for text, source in ((shown, "og:title"), (headline, "json-ld"), (head.title, "title")):
        if not text:
            continue
        for shorter, other in ((headline, "json-ld"), (heading, "heading")):
            if shorter and _SUFFIX.match(text.removeprefix(shorter)):
                return shorter, other
        return _without_names(text, head), source
    return (heading, "heading") if heading else ("", "")


def _without_names(text: str, head: Head) -> str:
    """Cut ` | by Author | Publication | Medium` and its older forms: known names, and nothing else."""
    names = {"Medium", *_names(head.data.get("author")), *_names(head.data.get("publisher"))}
    if head.metas.get("author"):
        names.add(head.metas["author"])
    cut = re.split(r"\s\|\sby\s", text, maxsplit=1)[0]
    while name := next((each for each in names if _ENDING.search(cut.removesuffix(each))), None):
        cut = _ENDING.sub("", cut.removesuffix(name))
    return cut


def _names(value: object) -> list[str]:
    return [name for each in _listed(value) if isinstance(each, dict) for name in _strings(each.get("name")) if name]


def read_published(body: bytes, head: Head, post_id: str) -> tuple[datetime | None, str | None]:
    """Return the first publication and where it was found; None rather than a guess."""
    if stamp := _moment(head.data.get("datePublished")):
        return stamp, "json-ld"
    if stamp := _first_published_at(body, post_id):
        return stamp, "state"
    # Since 2019 this tag, written by the page's script, holds the latest publication.
    if _PUBLISHED not in head.hydrated and (stamp := _moment(head.metas.get(_PUBLISHED))):
        return stamp, _PUBLISHED
    return None, None


def read_modified(head: Head) -> datetime | None:
    """Return the last change that the page names."""
    stamps = [_moment(head.data.get("dateModified")), _moment(head.metas.get(_PUBLISHED))]
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
        return stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
