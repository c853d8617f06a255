"""Links that the Markdown parser does not see: bare URLs, near-links, and links in raw HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from bot.document.destinations import unescape
from bot.document.model import Link, LinkForm, Span

# GFM's extended autolinks: http, https and www., ending before blanks, < and trailing punctuation.
# https://github.github.com/gfm/#autolinks-extension-
_URL = rb"(?:https?://|www\.)[^\s<>\x00]+"
_STRAY = re.compile(
    rb"\[(?P<spaced>[^\[\]\n\x00]+)\][ \t]+\((?P<spaced_url>https?://[^\s()<>\x00]+)\)"
    rb"|\[(?P<open>[^\[\]\n\x00]+)\]\((?P<open_url>https?://[^\s()<>|\x00]+)(?=[ \t]*(?:[|\r\n]|\Z))"
    rb"|\((?P<swapped>[^()\n\x00]+)\)\[(?P<swapped_url>https?://[^\s\[\]<>\x00]+)\]"
    rb"|(?P<bare>(?<![A-Za-z0-9])" + _URL + rb")",
    re.IGNORECASE,
)
_TRAILING = b"?!.,:*_~'\"|`]}"
_ENTITY_TAIL = re.compile(rb"&[A-Za-z0-9]+;\Z")
_COMMENT_OR_SCRIPT = re.compile(rb"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_ANCHOR_TAG = re.compile(rb"<(/?)a(?=[\s>/])([^>]*)>", re.IGNORECASE)
_HREF = re.compile(rb"(?:^|\s)href\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_TAG = re.compile(rb"<[^>]*>")


def stray_links(source: bytes, start: int, stop: int, holes: Iterable[Span]) -> Iterator[Link]:
    """Yield bare URLs and near-links of a run of text; `holes` (links, code, HTML) are not text."""
    for match in _STRAY.finditer(_masked(source, start, stop, holes)):
        if match["bare"] is not None:
            end = match.start() + len(_trim(match["bare"]))
            span = Span(start + match.start(), start + end)
            raw = source[span.start : span.stop]
            url = unescape(raw)
            if url.lower().startswith("www."):
                url = "http://" + url
            yield Link(LinkForm.BARE, span, span, span, unescape(raw), url)
            continue
        kind = match.lastgroup.removesuffix("_url") if match.lastgroup else ""
        text, url_span = (Span(*(start + at for at in match.span(name))) for name in (kind, kind + "_url"))
        yield Link(
            LinkForm.NEAR,
            Span(start + match.start(), start + match.end()),
            text,
            url_span,
            unescape(source[text.start : text.stop]).strip(),
            unescape(source[url_span.start : url_span.stop]),
        )


def _masked(source: bytes, start: int, stop: int, holes: Iterable[Span]) -> bytes:
    masked = bytearray(source[start:stop])
    for hole in holes:
        masked[hole.start - start : hole.stop - start] = b"\x00" * (hole.stop - hole.start)
    return bytes(masked)


def _trim(url: bytes) -> bytes:
    """Cut what GFM does not count as part of a bare URL: punctuation, an entity, an unmatched `)`."""
    while True:
        entity = _ENTITY_TAIL.search(url)
        if entity:
            url = url[: entity.start()]
        elif (url[-1:] == b")" and url.count(b")") > url.count(b"(")) or url[-1] in _TRAILING:
            url = url[:-1]
        else:
            return url


def html_links(source: bytes, start: int, stop: int, code: Iterable[Span] = ()) -> Iterator[Link]:
    """Yield the `<a href>` links of raw HTML; comments, scripts, styles and `code` hold none."""
    raw = _COMMENT_OR_SCRIPT.sub(lambda match: b"\x00" * len(match[0]), _masked(source, start, stop, code))
    tags = list(_ANCHOR_TAG.finditer(raw))
    for index, tag in enumerate(tags):
        href = None if tag[1] else _HREF.search(tag[2])
        if href is None:
            continue
        following = tags[index + 1] if index + 1 < len(tags) else None
        text_stop = following.start() if following else len(raw)
        link_stop = following.end() if following and following[1] else text_stop
        group = href.lastindex or 1
        base = start + tag.start(2)
        text = _TAG.sub(b" ", raw[tag.end() : text_stop]).decode("utf-8", "replace")
        yield Link(
            LinkForm.HTML,
            Span(start + tag.start(), start + link_stop),
            Span(start + tag.end(), start + text_stop),
            Span(base + href.start(group), base + href.end(group)),
            " ".join(html.unescape(text).replace("\x00", " ").split()),
            html.unescape(href[group].decode("utf-8", "replace")).strip(),
        )
