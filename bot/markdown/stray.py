"""Links that the Markdown parser does not see: bare URLs, near-links, and links in raw HTML.

Every pattern here reads its input once: where one character class ends, the next cannot begin, and
possessive quantifiers (`++`) never give back. A hostile file of 200 KB takes a fraction of a second. Only
character classes are possessive: of groups, Python before 3.11.5 forgets where a failed round began.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

from bot.markdown.catalog import Link, LinkForm
from bot.markdown.destinations import unescape
from bot.model.spans import Span

# GFM's extended autolinks: http, https and www., ending before blanks, < and trailing punctuation.
# https://github.github.com/gfm/#autolinks-extension-
_SCHEME = rb"(?i:https?)://"
# An address with pairs of parentheses, but without blanks and what else ends it.
_URL = rb"(?=[^\s)<>\x00%(not)b])[^\s()<>\x00%(not)b]*+(?:\([^\s()<>\x00%(not)b]*+\)[^\s()<>\x00%(not)b]*+)*"
_STRAY = re.compile(
    # [text] (url): no image, no footnote, no bracket that is escaped.
    rb"(?<![\\!])\[(?!\^)(?P<spaced>[^\[\]\r\n\x00]++)\][ \t]++"
    rb"\((?P<spaced_url>" + _SCHEME + _URL % {b"not": b""} + rb")\)"
    # [text](url at the end of a line or cell, or before words that can be no title and close nothing.
    rb"|(?<![\\!])\[(?!\^)(?P<open>[^\[\]\r\n\x00]++)\]"
    rb"\((?P<open_url>" + _SCHEME + _URL % {b"not": b"|"} + rb")"
    rb"(?=[ \t]*+(?:[|\r\n]|\Z|(?<=[ \t])[^()|\r\n\"'][^()|\r\n]*+(?:[|\r\n]|\Z)))"
    # Brackets and parentheses swapped: (text)[url].
    rb"|(?<![\\\]])\((?P<swapped>[^()\r\n\x00]++)\)"
    rb"\[(?P<swapped_url>" + _SCHEME + _URL % {b"not": rb"\[\]"} + rb")\]"
    rb"|(?P<bare>(?:(?<![A-Za-z0-9])" + _SCHEME + rb"|(?<![A-Za-z0-9/@.:=?&#%-])www\.)"
    rb"(?=[A-Za-z0-9\x80-\xff])[^\s<>\x00]++)"
)
_TRAILING = b"?!.,:;*_~'\"|`]}"
_ENTITY_TAIL = re.compile(rb"&#?[A-Za-z0-9]++;\Z")
_LONGEST_ENTITY = 40
_COMMENT_OR_SCRIPT = re.compile(rb"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*+>|\Z)", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = rb"([^\s\"'<>/=]++)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>]++)))?"
_ANCHOR_TAG = re.compile(rb"</?a(?=[\s/>])(?:[\s/]*+" + _ATTRIBUTE + rb")*[\s/]*+>", re.IGNORECASE)
_NAME_AND_VALUE = re.compile(_ATTRIBUTE)
_TAG = re.compile(rb"<[^<>]*+>")


def stray_links(source: bytes, start: int, stop: int, holes: Iterable[Span]) -> Iterator[Link]:
    """Yield bare URLs and near-links of a run of text; `holes` (links, code, HTML) are not text."""
    before = min(start, 1)  # the byte before the run may be a backslash
    start -= before
    for match in _STRAY.finditer(_masked(source, start, stop, holes), before):
        if match["bare"] is not None:
            end = match.start() + _trimmed(match["bare"])
            span = Span(start + match.start(), start + end)
            text = unescape(source[span.start : span.stop])
            yield Link(LinkForm.BARE, span, span, span, text, "http://" + text if text.startswith("www.") else text)
            continue
        kind = match.lastgroup.removesuffix("_url") if match.lastgroup else ""
        text_span, url_span = (Span(*(start + at for at in match.span(name))) for name in (kind, kind + "_url"))
        yield Link(
            LinkForm.NEAR,
            Span(start + match.start(), start + match.end()),
            text_span,
            url_span,
            unescape(source[text_span.start : text_span.stop]).strip(),
            unescape(source[url_span.start : url_span.stop]),
        )


def _masked(source: bytes, start: int, stop: int, holes: Iterable[Span]) -> bytes:
    masked = bytearray(source[start:stop])
    for hole in holes:
        masked[hole.start - start : hole.stop - start] = b"\x00" * (hole.stop - hole.start)
    return bytes(masked)


def _trimmed(url: bytes) -> int:
    """Return where a bare URL ends without what GFM leaves out: punctuation, an entity, an unmatched `)`."""
    stop, unmatched = len(url), url.count(b")") - url.count(b"(")
    while True:
        entity = _ENTITY_TAIL.search(url, max(0, stop - _LONGEST_ENTITY), stop)
        if entity:
            stop = entity.start()
        elif url[stop - 1] in _TRAILING:
            stop -= 1
        elif url[stop - 1 : stop] == b")" and unmatched > 0:
            stop, unmatched = stop - 1, unmatched - 1
        else:
            return stop


def html_links(source: bytes, start: int, stop: int) -> Iterator[Link]:
    """Yield the `<a href>` links of a block of raw HTML; comments, scripts and styles hold none."""
    raw = _COMMENT_OR_SCRIPT.sub(lambda match: b"\x00" * len(match[0]), source[start:stop])
    tags = [Span(start + tag.start(), start + tag.end()) for tag in _ANCHOR_TAG.finditer(raw)]
    return anchor_links(source, tags, stop)


def anchor_links(source: bytes, tags: Sequence[Span], stop: int) -> Iterator[Link]:
    """Yield the links that `<a …>` and `</a>` tags make; one that is never closed ends at `stop`."""
    for index, tag in enumerate(tags):
        url = None if _closes(source, tag) else _href(source, tag)
        if url is None:
            continue
        if index + 1 < len(tags):
            text_stop = link_stop = tags[index + 1].start
            if _closes(source, tags[index + 1]):
                link_stop = tags[index + 1].stop
        else:
            text_stop = link_stop = tag.stop + len(source[tag.stop : stop].rstrip())
        text = Span(tag.stop, text_stop)
        words = _TAG.sub(b" ", _COMMENT_OR_SCRIPT.sub(b" ", source[text.start : text.stop])).decode("utf-8", "replace")
        yield Link(
            LinkForm.HTML,
            Span(tag.start, link_stop),
            text,
            url,
            " ".join(html.unescape(words).split()),
            html.unescape(source[url.start : url.stop].decode("utf-8", "replace")),
        )


def _closes(source: bytes, tag: Span) -> bool:
    return source.startswith(b"</", tag.start)


def _href(source: bytes, tag: Span) -> Span | None:
    for attribute in _NAME_AND_VALUE.finditer(source, tag.start + len("<a"), tag.stop - len(">")):
        group = attribute.lastindex or 1
        if attribute[1].lower() == b"href" and group > 1:
            start, value = attribute.start(group), attribute[group]
            start += len(value) - len(value.lstrip())
            return Span(start, start + len(value.strip()))
    return None
