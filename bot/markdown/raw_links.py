"""Links that the Markdown parser does not see: bare URLs, near-links, and links in raw HTML.

Every pattern here reads its input once: where one character class ends, the next cannot begin, and
possessive quantifiers (`++`) never backtrack. A hostile file of 200 KB takes a fraction of a second. Only
character classes are possessive: with groups, Python before 3.11.5 forgets where a failed round began.
"""

import html
import re
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from bot.markdown.catalog import Link, LinkForm
from bot.markdown.events import unescape
from bot.model.spans import Span

# GFM's extended autolinks: http, https and www., ending before whitespace, < and trailing punctuation.
# https://github.github.com/gfm/#autolinks-extension-
_SCHEME = rb"(?i:https?)://"
# An address with pairs of parentheses, but without whitespace and what else ends it.
_URL = rb"(?=[^\s)<>\x00%(not)b])[^\s()<>\x00%(not)b]*+(?:\([^\s()<>\x00%(not)b]*+\)[^\s()<>\x00%(not)b]*+)*"
_TEXT_LINK = re.compile(
    # [text] (url), but not an image, a footnote or an escaped bracket.
    rb"(?<![\\!])\[(?!\^)(?P<spaced>[^\[\]\r\n\x00]++)\][ \t]++"
    rb"\((?P<spaced_url>" + _SCHEME + _URL % {b"not": b""} + rb")\)"
    # [text](url at the end of a line or cell, or before words that cannot be a title and close nothing.
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


def text_links(source: bytes, start: int, stop: int, holes: Sequence[Span]) -> list[Link]:
    """Return the bare URLs and near-links in a run of text; links are not looked for in `holes`."""
    if len(holes) == 1 and holes[0] == (start, stop):
        return []
    before = min(start, 1)  # the byte before the run may escape its first
    start -= before
    text = source[start:stop]
    if holes:
        masked = bytearray(text)
        for hole in holes:
            masked[hole.start - start : hole.stop - start] = bytes(hole.stop - hole.start)
        text = bytes(masked)
    if b"://" not in text and b"www." not in text:
        return []
    return [_text_link(source, start, match) for match in _TEXT_LINK.finditer(text, before)]


def _text_link(source: bytes, offset: int, match: re.Match[bytes]) -> Link:
    start = offset + match.start()
    if match["bare"] is not None:
        span = Span(start, start + _trimmed(match["bare"]))
        text = unescape(source[span.start : span.stop])
        return Link(LinkForm.BARE, span, span, span, text, "http://" + text if text.startswith("www.") else text)
    kind = str(match.lastgroup).removesuffix("_url")
    text_span, url_span = (Span(offset + match.start(name), offset + match.end(name)) for name in (kind, kind + "_url"))
    return Link(
        LinkForm.NEAR,
        Span(start, offset + match.end()),
        text_span,
        url_span,
        unescape(source[text_span.start : text_span.stop]).strip(),
        unescape(source[url_span.start : url_span.stop]),
    )


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
    """Yield the `<a href>` links of a block of raw HTML, except in comments, scripts and styles."""
    raw = _COMMENT_OR_SCRIPT.sub(lambda match: b"\x00" * len(match[0]), source[start:stop])
    tags = [Span(start + tag.start(), start + tag.end()) for tag in _ANCHOR_TAG.finditer(raw)]
    return anchor_links(source, tags, stop)


def anchor_links(source: bytes, tags: Sequence[Span], stop: int) -> Iterator[Link]:
    """Yield the links that `<a …>` and `</a>` tags make; one that is never closed ends at the next or at `stop`."""
    for tag, following in zip_longest(tags, tags[1:]):
        url = None if _closes(source, tag) else _href(source, tag)
        if url is None:
            continue
        if following is None:
            text_stop = link_stop = tag.stop + len(source[tag.stop : stop].rstrip())
        else:
            text_stop = following.start
            link_stop = following.stop if _closes(source, following) else text_stop
        words = _TAG.sub(b" ", _COMMENT_OR_SCRIPT.sub(b" ", source[tag.stop : text_stop])).decode("utf-8", "replace")
        yield Link(
            LinkForm.HTML,
            Span(tag.start, link_stop),
            Span(tag.stop, text_stop),
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
