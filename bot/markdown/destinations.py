"""Where a link's address stands in the raw bytes: the Markdown parser gives only the link's span."""

from __future__ import annotations

import html
import re

from bot.model.spans import Span

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_PLAIN = re.compile(rb"\]\([ \t]*([^\s()<>\\&]+)[ \t]*\)")
_DEFINITION_LABEL = re.compile(rb"\[(?:[^\[\]\\]|\\.)*\]:", re.DOTALL)
_BLANKS = (b" ", b"\t", b"\r", b"\n", b"\x0b", b"\x0c")
# On a new line a block quote's marks come before the destination.
_GAP = re.compile(rb"[ \t\x0b\x0c]*+(?:(?:\r\n?|\n)[ \t>\x0b\x0c]*+)?")


def unescape(raw: bytes) -> str:
    """Return a destination as CommonMark reads it: backslash escapes and entities resolved."""
    text = raw.decode("utf-8", "replace")
    if "\\" in text or "&" in text:
        # An escaped ampersand starts no entity, so entities are resolved between the escapes.
        pieces = _ESCAPE.split(text)
        text = "".join(piece if index % 2 else html.unescape(piece) for index, piece in enumerate(pieces))
    return text


def inline_destination(source: bytes, text_stop: int, link_stop: int) -> Span:
    """Return where the destination of `[text](destination "title")` stands; empty if it is blank.

    `text_stop` is where the link's last inner event ended, `link_stop` where the link ends.
    """
    plain = _PLAIN.match(source, text_stop, link_stop)
    if plain and plain.end() == link_stop:
        return Span(*plain.span(1))
    bracket = source.find(b"](", text_stop, link_stop)
    return _destination(source, bracket + 2, link_stop)


def definition_destination(source: bytes, span: Span) -> Span | None:
    """Return where the destination of `[label]: destination "title"` stands in a definition's span."""
    label = _DEFINITION_LABEL.match(source, *span)
    return _destination(source, label.end(), span.stop) if label else None


def _destination(source: bytes, start: int, stop: int) -> Span:
    gap = _GAP.match(source, start, stop)
    start = gap.end() if gap else stop
    if source[start : start + 1] == b"<":
        end = start + 1
        while end < stop and source[end : end + 1] != b">":
            end += 2 if source[end : end + 1] == b"\\" else 1
        return Span(start + 1, min(end, stop))
    depth, end = 0, start
    while end < stop:
        byte = source[end : end + 1]
        if byte in _BLANKS:
            break
        if byte == b"\\":
            end += 0 if source[end + 1 : end + 2] in _BLANKS else 1
        elif byte == b"(":
            depth += 1
        elif byte == b")":
            if depth == 0:
                break
            depth -= 1
        end += 1
    return Span(start, min(end, stop))
