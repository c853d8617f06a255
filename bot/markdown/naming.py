"""What an entry is called: by its leading link, else by the words before its first link or dash."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.markdown.catalog import Link
from bot.markdown.events import plain_text
from bot.model.spans import Span

BLANK = b" \t\r\n"
_MARKS = b"*_~`( \t\r\n:-"
_EDGES = " \t\r\n:-–—(["
_DASH = re.compile(rb"\s(?:-|\xe2\x80\x93|\xe2\x80\x94)\s|:\s")


def stripped(source: bytes, start: int, stop: int) -> Span:
    """Return the span without the whitespace around it."""
    raw = source[start:stop].lstrip(BLANK)
    return Span(stop - len(raw), stop - len(raw) + len(raw.rstrip(BLANK)))


def entry_name(source: bytes, run: Span, links: Sequence[Link], *, dashes: bool) -> tuple[str, Span]:
    """Name an entry by a run of its text and the links in it.

    A link leads if only markup, signs or digits come before it. With `dashes`, ` - ` and `: ` end a name.
    """
    first = links[0] if links else None
    if first is None or source[run.start : first.span.start].strip(_MARKS):
        cut = run.stop if first is None else first.span.start
        name, where = _words(source, run, _first_dash(source, run.start, cut) if dashes else cut)
        if first is None or _has_letter(name):
            return name, where
    for link in links:
        if link.text.strip():
            return link.text.strip(), link.text_span
    return _words(source, run, run.stop)


def _first_dash(source: bytes, start: int, stop: int) -> int:
    """Return where the first dash after a letter is: `2024 - GPT - a model` is called `2024 - GPT`."""
    at = start
    for dash in _DASH.finditer(source, start, stop):
        if _has_letter(source[at : dash.start()].decode("utf-8", "replace")):
            return dash.start()
        at = dash.end()
    return stop


def _has_letter(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _words(source: bytes, run: Span, cut: int) -> tuple[str, Span]:
    """Return the plain text of a run up to the cut, without punctuation at its edges, and its span."""
    pieces = [_before(source, *piece, cut) for piece in plain_text(source, *run) if piece[0].start < cut]
    worded = [number for number, (_, text) in enumerate(pieces) if text.strip(_EDGES)]
    if not worded:
        return "", Span(run.start, run.start)
    pieces = pieces[worded[0] : worded[-1] + 1]
    (start, _), text = pieces[0]
    if _is_literal(source, *pieces[0]):
        start += len(text[: len(text) - len(text.lstrip(_EDGES))].encode())
    (_, stop), text = pieces[-1]
    if _is_literal(source, *pieces[-1]):
        stop -= len(text[len(text.rstrip(_EDGES)) :].encode())
    return "".join(text for _, text in pieces).strip(_EDGES), Span(start, stop)


def _is_literal(source: bytes, span: Span, text: str) -> bool:
    return source[span.start : span.stop] == text.encode()


def _before(source: bytes, span: Span, text: str, cut: int) -> tuple[Span, str]:
    if span.stop <= cut or not _is_literal(source, span, text):
        return span, text
    return Span(span.start, cut), source[span.start : cut].decode("utf-8", "replace")
