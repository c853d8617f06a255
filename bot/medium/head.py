"""The head of a page as it stands: its tags and its JSON-LD. BeautifulSoup reads it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup

from bot.text import one_line

_HEAD_LIMIT = 262_144

_MAX_TITLE = 500  # Medium takes 100 letters; what is longer is hostile

_HEAD_END = re.compile(rb"</head\s*>|<body[\s>]", re.IGNORECASE)

_HEAD_TAG = re.compile(rb"<meta\s[^<>]{1,4096}>|<link\s[^<>]{0,2048}?\bcanonical\b[^<>]{0,2048}>", re.IGNORECASE)

_TITLE_TAG = re.compile(rb"<title(?:\s[^<>]*)?>", re.IGNORECASE)

_JSON_LD = re.compile(rb"<script\s[^<>]{0,256}ld\+json[^<>]{0,256}>", re.IGNORECASE)

_ARTICLE_TYPES = frozenset({"NewsArticle", "Article", "BlogPosting", "SocialMediaPosting"})


@dataclass(slots=True)
class Head:
    """What a head says: `hydrated` are the tags that the page's script wrote (since 2019), `data` its JSON-LD."""

    title: str = ""
    metas: dict[str, str] = field(default_factory=dict)
    hydrated: frozenset[str] = frozenset()
    canonical: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


def read_head(body: bytes, url: str) -> Head:
    """Read the head of a page; relative addresses are taken from `url`. Never raises."""
    end = _HEAD_END.search(body, 0, _HEAD_LIMIT)
    region = body[: end.start() if end else _HEAD_LIMIT]
    pieces = [match[0] for match in _HEAD_TAG.finditer(region)]
    opening = _TITLE_TAG.search(region)
    if opening:
        stop = region.find(b"</title", opening.end())
        pieces.insert(0, opening[0] + region[opening.end() : stop if stop >= 0 else opening.end()] + b"</title>")
    head = Head()
    hydrated = set()
    soup = BeautifulSoup(b"".join(pieces).decode("utf-8", "replace"), "html.parser")
    for tag in soup.find_all(["title", "meta", "link"]):
        if tag.name == "title":
            head.title = line(tag.get_text())
        elif tag.name == "link":
            href = tag.get("href")
            if isinstance(href, str) and "canonical" in (tag.get("rel") or ()) and head.canonical is None:
                head.canonical = _joined(url, href)
        else:
            key, value = tag.get("property") or tag.get("name"), tag.get("content", tag.get("value"))
            if isinstance(key, str) and isinstance(value, str) and key not in head.metas:
                head.metas[key] = line(value)
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
        data = decoded(text)
        for each in data if isinstance(data, list) else [data]:
            if isinstance(each, dict) and _ARTICLE_TYPES.intersection(strings(each.get("@type"))):
                return each
    return {}


def decoded(text: str) -> object:
    """Return the JSON that a text begins with; None if there is none."""
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def strings(value: object) -> list[str]:
    """Return the strings of a value that may be one or a list."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str)]


def line(text: str) -> str:
    """Return text on one line; JSON may hold halves of surrogate pairs, which no file can."""
    return one_line(text[: _MAX_TITLE * 8].encode("utf-8", "replace").decode())[:_MAX_TITLE]


def _joined(base: str, href: str) -> str | None:
    """Return the address that a page names; None if it names none but the one that was asked for."""
    href = href.strip()
    if not href or href[0] in "?#":
        return None
    try:
        return urljoin(base, href)
    except ValueError:
        return None
