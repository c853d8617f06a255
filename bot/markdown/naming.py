"""What an entry is called: by its leading link, else by the words before its first link or dash."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from bot.markdown.catalog import Link
from bot.model.spans import Span

BLANK = b" \t\r\n"
_MARKS = b"*_~`( \t\r\n:-"
_EDGES = " \t\r\n:-–—(["
_DASH = re.compile(rb"\s(?:-|\xe2\x80\x93|\xe2\x80\x94)\s|:\s")


class Piece(NamedTuple):
    """A piece of plain text and the bytes that say it: marks are left out, escapes and entities resolved."""

    span: Span
    text: str


# Reads the source's bytes from start to stop as running text.
Texts = Callable[[int, int], Iterator[Piece]]


def stripped(source: bytes, start: int, stop: int) -> Span:
    """Return the span without the blanks around it."""
    raw = source[start:stop]
    left = len(raw) - len(raw.lstrip(BLANK))
    right = len(raw.rstrip(BLANK))
    return Span(start + left, start + max(left, right))


def entry_name(source: bytes, run: Span, links: Sequence[Link], texts: Texts, *, dashes: bool) -> tuple[str, Span]:
    """Name an entry by a run of its text and the links in it.

    A link leads if only marks, signs or digits come before it. With `dashes`, ` - ` and `: ` end a name.
    """
    first = links[0] if links else None
    if first is None or source[run.start : first.span.start].strip(_MARKS):
        cut = run.stop if first is None else first.span.start
        name, where = _words(source, run, _first_dash(source, run.start, cut) if dashes else cut, texts)
        if first is None or _has_letter(name):
            return name, where
    for link in links:
        if link.text.strip():
            return link.text.strip(), link.text_span
    return _words(source, run, run.stop, texts)


def _first_dash(source: bytes, start: int, stop: int) -> int:
    """Return where the first dash with a letter before it stands: `2024 - GPT - a model` is GPT's."""
    at = start
    for dash in _DASH.finditer(source, start, stop):
        if _has_letter(source[at : dash.start()].decode("utf-8", "replace")):
            return dash.start()
        at = dash.end()
    return stop


def _has_letter(text: str) -> bool:
    return any(letter.isalpha() for letter in text)


def _words(source: bytes, run: Span, cut: int, texts: Texts) -> tuple[str, Span]:
    """Return the plain text of a run up to the cut, and where it stands, without marks at its edges."""
    pieces = [_before(source, piece, cut) for piece in texts(run.start, run.stop) if piece.span.start < cut]
    telling = [at for at, piece in enumerate(pieces) if piece.text.strip(_EDGES)]
    if not telling:
        return "", Span(run.start, run.start)
    pieces = pieces[telling[0] : telling[-1] + 1]
    (start, stop), text = pieces[0]
    if _is_literal(source, pieces[0]):
        start += len(text[: len(text) - len(text.lstrip(_EDGES))].encode())
    (_, stop), text = pieces[-1]
    if _is_literal(source, pieces[-1]):
        stop -= len(text[len(text.rstrip(_EDGES)) :].encode())
    return "".join(piece.text for piece in pieces).strip(_EDGES), Span(start, stop)


def _is_literal(source: bytes, piece: Piece) -> bool:
    return source[piece.span.start : piece.span.stop] == piece.text.encode()


def _before(source: bytes, piece: Piece, cut: int) -> Piece:
    start, stop = piece.span
    if stop <= cut or not _is_literal(source, piece):
        return piece
    return Piece(Span(start, cut), source[start:cut].decode("utf-8", "replace"))
