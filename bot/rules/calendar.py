"""What the date rules share: which entries are dated, in which order, and how their dates are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.markdown.catalog import Catalog, Entry, Section
from bot.matching.dates import Month, mend_month, read_month
from bot.model.spans import Span


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry with a date. `month` is what it says, typing errors mended; None if nothing can be read."""

    section: Section
    entry: Entry
    span: Span
    text: str
    exact: bool
    month: Month | None


def dated_lists(catalog: Catalog) -> Iterator[list[Dated]]:
    """Yield the dated entries of each table that writes its dates as `Month YYYY`, in document order.

    A table of which half or more writes them otherwise (`2022-03-01`, a year) has a habit of its own,
    of which the date rules say nothing.
    """
    for section in catalog.sections:
        tables: dict[int, list[Dated]] = {}
        for entry in section.entries:
            if entry.date is not None:
                text = catalog.raw(entry.date).decode("utf-8", "replace")
                exact = read_month(text)
                dated = Dated(section, entry, entry.date, text, exact is not None, exact or mend_month(text))
                tables.setdefault(entry.block, []).append(dated)
        for table in tables.values():
            if sum(dated.exact for dated in table) * 2 > len(table):
                yield table
