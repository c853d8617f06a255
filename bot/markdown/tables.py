"""Rows of a table: their cells, and the columns that hold names and dates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.markdown.catalog import Entry, Link, LinkForm
from bot.markdown.naming import BLANK, entry_name, stripped
from bot.model.spans import Span

# A cell of a row: its span with padding, its plain text and its links.
Cell = tuple[Span, str, list[Link]]


_CELL = re.compile(rb"(?<!\\)\|([^|]*+(?:(?<=\\)\|[^|]*+)*)")
_LITERAL = frozenset({LinkForm.AUTOLINK, LinkForm.HTML})


@dataclass(slots=True)
class Columns:
    """A table's header; `name` and `date` are the numbers of the columns that hold them, `start` its offset."""

    titles: tuple[str, ...] = ()
    name: int | None = None
    date: int | None = None
    start: int = -1


def read_header(cells: Sequence[Cell], start: int, names: Sequence[str], dates: Sequence[str]) -> Columns:
    """Find the columns of names and dates by titles in lower case; the first of those given that is there wins."""
    titles = tuple(text.strip() for _, text, _ in cells)
    folded = [title.casefold() for title in titles]
    name, date = (next((folded.index(title) for title in wanted if title in folded), None) for wanted in (names, dates))
    return Columns(titles, name, date, start)


def row_entry(source: bytes, span: Span, cells: Sequence[Cell], columns: Columns) -> Entry:
    """Make an entry of a row. Without a column of names, its first cell with a link, else its first cell, names it."""
    at = columns.name
    if at is None:
        at = next((number for number, (_, _, links) in enumerate(cells[: len(columns.titles)]) if links), 0)
    name, where, date = "", Span(span.start, span.start), None
    if at < len(cells):
        cell, text, links = cells[at]
        if links:
            name, where = entry_name(source, cell, links, dashes=False)
        else:
            name, where = text.strip(), stripped(source, *cell)
    if columns.date is not None and columns.date < len(cells):
        date = stripped(source, *cells[columns.date][0])
        if date.start == date.stop:
            date = None
    all_links = tuple([link for _, _, links in cells for link in links])
    return Entry(
        name, where, span, all_links, tuple([cell for cell, _, _ in cells]), columns.titles, date, columns.start
    )


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
