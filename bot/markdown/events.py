"""The Markdown parser: pulldown-cmark by way of pyromark, which no other module imports.

Events come with ranges of UTF-8 bytes, counted from the start of the text that was parsed. They give the span of a
whole link only, so where its address is in it is read from the raw bytes.
"""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import pyromark

from bot.model.spans import Span

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_GFM
)
# Put before a fragment, so that it cannot start a list, heading or quote.
_LEAD = "x "
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_PLAIN = re.compile(rb"\]\([ \t]*([^\s()<>\\&]+)[ \t]*\)")
_LABEL = re.compile(rb"\[(?:[^\[\]\\]|\\.)*\]:", re.DOTALL)
# On a new line a block quote's markers come before the destination.
_GAP = re.compile(rb"[ \t\x0b\x0c]*+(?:(?:\r\n?|\n)[ \t>\x0b\x0c]*+)?")
_IN_ANGLE_BRACKETS = re.compile(rb"<((?:[^>\\]+|\\.?)*)", re.DOTALL)
_ESCAPED_OR_DELIMITER = re.compile(rb"\\[^ \t\r\n\x0b\x0c]|[ \t\r\n\x0b\x0c()]")


def events(text: str, resolve: Callable[[Any], tuple[str, str] | None] | None = None) -> Iterator[tuple[Any, Any]]:
    """Yield events and ranges; `resolve` returns address and title of a reference that `text` does not define."""
    return pyromark.events_with_range(text, options=_OPTIONS, broken_link_callback=resolve)


def definitions(text: str, source: bytes, offset: int) -> dict[str, Span]:
    """Return where the destination of each reference definition is, by its label without case."""
    found: dict[str, Span] = {}
    if "]:" not in text:
        return found
    for label, definition in pyromark.reference_definitions(text, options=_OPTIONS).items():
        span = Span(offset + definition["span"]["start"], offset + definition["span"]["end"])
        destination = definition_destination(source, span)
        if destination:
            found[label.casefold()] = destination  # the parser has collapsed its whitespace
    return found


def as_paragraph(source: bytes, start: int, stop: int) -> tuple[str, int]:
    """Return a fragment as running text whatever it starts with, and the offset of that text in the file."""
    return _LEAD + source[start:stop].decode("utf-8", "replace"), start - len(_LEAD)


def plain_text(source: bytes, start: int, stop: int) -> Iterator[tuple[Span, str]]:
    """Yield the plain text of a fragment in pieces, each with the bytes it was read from.

    Markup is left out; escapes and entities are resolved.
    """
    start -= source[max(0, start - 1) : start] == b"\\"  # it escapes the first character
    text, offset = as_paragraph(source, start, stop)
    for event, where in events(text):
        at = max(start, where["start"] + offset)
        match event:
            case {"Text": str(words)} | {"Code": str(words)}:
                words = words if where["start"] else words.removeprefix(_LEAD)
                if words:
                    yield Span(at, where["end"] + offset), words
            case "SoftBreak" | "HardBreak" | {"Start": "Paragraph"}:
                yield Span(at, at), " "


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
