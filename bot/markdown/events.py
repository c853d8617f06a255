"""The Markdown parser: pulldown-cmark by way of pyromark, which no other module imports.

Events come with ranges of UTF-8 bytes, counted from the start of the text that was parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyromark

from bot.markdown.destinations import definition_destination
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
