"""Table rows and list items: what an entry is called, its cells, and the columns that hold names and dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.markdown.catalog import Entry, Link, LinkForm
from bot.markdown.events import plain_text
from bot.model.spans import Span

# A cell of a row: its span with padding, its plain text and its links.
Cell = tuple[Span, str, list[Link]]

BLANK = b" \t\r\n"
_MARKS = b"*_~`( \t\r\n:-"
_EDGES = " \t\r\n:-–—(["
_DASH = re.compile(rb"\s(?:-|\xe2\x80\x93|\xe2\x80\x94)\s|:\s")
_CELL = re.compile(rb"(?<!\\)\|([^|]*+(?:(?<=\\)\|[^|]*+)*)")
_LITERAL = frozenset({LinkForm.AUTOLINK, LinkForm.HTML})


@dataclass(slots=True)
class Columns:
    """A table's header; `name` and `date` are the numbers of the columns that hold them, `start` its offset."""

    titles: tuple[str, ...] = ()
    name: int | None = None
    date: int | None = None
    start: int = -1

    @classmethod
    def read(cls, cells: Sequence[Cell], start: int, names: Sequence[str], dates: Sequence[str]) -> Columns:
        """Find the columns of names and dates by titles in lower case; the first of those given that is there wins."""
        titles = tuple(text.strip() for _, text, _ in cells)
        folded = [title.casefold() for title in titles]
        name, date = (
            next((folded.index(each) for each in wanted if each in folded), None) for wanted in (names, dates)
        )
        return cls(titles, name, date, start)

    def entry(self, source: bytes, span: Span, cells: Sequence[Cell]) -> Entry:
        """Make an entry of a row. Without a column of names, its first cell with a link, else its first, names it."""
        at = self.name
        if at is None:
            at = next((number for number, (_, _, links) in enumerate(cells[: len(self.titles)]) if links), 0)
        name, where, date = "", Span(span.start, span.start), None
        if at < len(cells):
            cell, text, links = cells[at]
            if links:
                name, where = entry_name(source, cell, links, dashes=False)
            else:
                name, where = text.strip(), stripped(source, *cell)
        if self.date is not None and self.date < len(cells):
            date = stripped(source, *cells[self.date][0])
            if date.start == date.stop:
                date = None
        all_links = tuple([link for _, _, links in cells for link in links])
        spans = tuple([cell for cell, _, _ in cells])
        return Entry(name, where, span, all_links, spans, self.titles, date, self.start)


def surplus_cells(source: bytes, start: int, stop: int) -> Iterator[Span]:
    """Yield the cells between the last cell that has a column, which ends at `start`, and the end of the row."""
    line_stop = start + len(source[start:stop].rstrip(BLANK))
    for cell in _CELL.finditer(source, start, line_stop):
        if cell.start(1) < line_stop:  # no cell follows the last pipe
            yield Span(*cell.span(1))


def unescape_pipes(link: Link) -> Link:
    """Resolve escaped pipes where the parser does not: in a table they are resolved before anything else."""
    if link.form in _LITERAL and "\\|" in link.url:
        return replace(link, text=link.text.replace("\\|", "|"), url=link.url.replace("\\|", "|"))
    return link


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
