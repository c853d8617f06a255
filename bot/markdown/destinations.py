"""Where a link's address is in the raw bytes: the Markdown parser gives the span of the whole link only."""

from __future__ import annotations

import html
import re

from bot.model.spans import Span

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_PLAIN = re.compile(rb"\]\([ \t]*([^\s()<>\\&]+)[ \t]*\)")
_LABEL = re.compile(rb"\[(?:[^\[\]\\]|\\.)*\]:", re.DOTALL)
# On a new line a block quote's markers come before the destination.
_GAP = re.compile(rb"[ \t\x0b\x0c]*+(?:(?:\r\n?|\n)[ \t>\x0b\x0c]*+)?")
_IN_ANGLE_BRACKETS = re.compile(rb"<((?:[^>\\]+|\\.?)*)", re.DOTALL)
_ESCAPED_OR_DELIMITER = re.compile(rb"\\[^ \t\r\n\x0b\x0c]|[ \t\r\n\x0b\x0c()]")


def unescape(raw: bytes) -> str:
    """Return a destination as CommonMark reads it: backslash escapes and entities resolved."""
    text = raw.decode("utf-8", "replace")
    if "\\" in text or "&" in text:
        # An escaped ampersand starts no entity, so entities are resolved between the escapes.
        pieces = _ESCAPE.split(text)
        text = "".join(piece if index % 2 else html.unescape(piece) for index, piece in enumerate(pieces))
    return text


def inline_destination(source: bytes, text_stop: int, link_stop: int) -> Span:
    """Return the span of the destination in `[text](destination "title")`; empty if it is blank.

    `text_stop` is where the link's last inner event ended, `link_stop` where the link ends.
    """
    plain = _PLAIN.match(source, text_stop, link_stop)
    if plain and plain.end() == link_stop:
        return Span(*plain.span(1))
    bracket = source.find(b"](", text_stop, link_stop)
    return _destination(source, bracket + 2, link_stop)


def definition_destination(source: bytes, span: Span) -> Span | None:
    """Return the span of the destination in a definition `[label]: destination "title"`."""
    label = _LABEL.match(source, *span)
    return _destination(source, label.end(), span.stop) if label else None


def _destination(source: bytes, start: int, stop: int) -> Span:
    gap = _GAP.match(source, start, stop)
    start = gap.end() if gap else stop
    bracketed = _IN_ANGLE_BRACKETS.match(source, start, stop)
    if bracketed:
        return Span(*bracketed.span(1))
    depth = 0
    for match in _ESCAPED_OR_DELIMITER.finditer(source, start, stop):
        if match[0] == b"(":
            depth += 1
        elif match[0] == b")" and depth:
            depth -= 1
        elif len(match[0]) == 1:
            return Span(start, match.start())
    return Span(start, stop)
