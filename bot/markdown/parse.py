"""Bytes to a `Catalog`: walks the parser's events, and gathers headings, list items and table rows with their links.

pulldown-cmark reads the Markdown; what it leaves out is read from the raw bytes.
"""

import gc
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from bot.errors import UsageError
from bot.markdown.catalog import BYTE_ORDER_MARK, Catalog, Entry, Link, Section, line_starts
from bot.markdown.entries import Cell, Columns, entry_name, stripped, surplus_cells, unescape_pipes
from bot.markdown.events import as_paragraph, definitions, events, unescape
from bot.markdown.inline import TAGS, Inline
from bot.markdown.raw_links import html_links
from bot.model.spans import Span

NAME_COLUMNS = ("paper", "model", "layer", "name", "title", "article", "post", "story", "project", "resource")
DATE_COLUMNS = ("date", "published", "released", "release date", "month", "year", "when")
# The parser does not see that a CR alone ends a line of HTML.
_LONE_RETURN = re.compile(rb"\r(?!\n)")
# A file may also begin with a thematic break, so a key must follow.
_FRONT_MATTER = re.compile(rb"---[ \t]*\r?\n(?=[\"']?[A-Za-z_][^:\r\n]*:)")
_FENCE = re.compile(rb"^---[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
# A tag alone, or a dictionary of one tag and its data.
Tag = str | dict[str, Any]
# The titles of the columns that hold names, and of those that hold dates, in lower case.
Titles = tuple[Sequence[str], Sequence[str]]


def parse(
    source: bytes,
    path: str = "",
    *,
    name_columns: Sequence[str] = NAME_COLUMNS,
    date_columns: Sequence[str] = DATE_COLUMNS,
) -> Catalog:
    """Read a Markdown file into a catalog; raise `UsageError` if it is not UTF-8.

    Every span slices `source`. The columns that hold names and dates are found by their headers,
    ignoring case; a table with neither still yields its rows and links.
    """
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = len(line_starts(source[: error.start]))
        raise UsageError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8") from error
    lines = _LONE_RETURN.sub(b"\n", source)  # as long as the source, so that offsets are the same
    offset = _preamble(lines)
    text = lines[offset:].decode("utf-8")
    columns = [name.casefold() for name in name_columns], [name.casefold() for name in date_columns]
    reader = Reader(lines, offset, definitions(text, lines, offset), columns)
    # A catalog of 100,000 links is a million live tuples without a cycle; the collector's traversals take
    # half of the time (3.4 s against 1.8).
    was_on = gc.isenabled()
    gc.disable()
    try:
        reader.read(text)
        sections = tuple(reader.sections())
    finally:
        if was_on:
            gc.enable()
    return Catalog(path, source, sections, line_starts(source))


def _preamble(source: bytes) -> int:
    """Return where the Markdown begins: after a byte order mark and front matter.

    A mark hides the first heading from the parser, and front matter reads as a heading of its own.
    """
    start = len(BYTE_ORDER_MARK) if source.startswith(BYTE_ORDER_MARK) else 0
    opening = _FRONT_MATTER.match(source, start)
    closing = _FENCE.search(source, opening.end()) if opening else None
    return closing.end() if closing else start


@dataclass(slots=True)
class _Draft:
    """A section while it is being read; the text before the first heading has level 0."""

    title: str
    level: int
    span: Span
    links: list[Link] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class _Item:
    """A list item while it is being read: its first text names it, and it ends where a nested list starts."""

    links: list[Link] = field(default_factory=list)
    text: tuple[Span, list[Link]] | None = None
    stop: int = -1


class Reader:
    """Reads a text, which begins at `offset` of `source`, into sections."""

    def __init__(self, source: bytes, offset: int, definitions: dict[str, Span], titles: Titles = ((), ())) -> None:
        self.source = source
        self.offset = offset
        self.titles = titles
        self.inline = Inline(source, definitions)
        self.drafts = [_Draft("", 0, Span(offset, offset))]
        self.items: list[_Item] = []  # those that are open, as are the lists
        self.list_starts: list[int] = []
        self.columns = Columns()
        self.cells: list[Cell] = []

    def read(self, text: str, resolve: Callable[[Any], tuple[str, str] | None] | None = None) -> None:
        """Read the whole text; `resolve` returns address and title of a reference that `text` does not define."""
        offset, inline = self.offset, self.inline
        for event, where in events(text, resolve):
            if event.__class__ is str:
                if event == "Rule":
                    self._flush()
                elif inline.start >= 0:
                    inline.pieces.append(" ")
                continue
            start, stop = where["start"] + offset, where["end"] + offset
            kind, payload = event.popitem()
            if kind == "Text":  # the most frequent event
                if inline.start < 0:
                    inline.start = start
                inline.stop = stop
                inline.pieces.append(payload)
            elif kind == "Start":
                self._start(payload, start, stop)
            elif kind == "End":
                self._end(payload, start, stop)
            elif kind == "Html" or kind == "TaskListMarker":
                inline.clear()
            else:
                inline.leaf(kind, payload, start, stop)
        self._flush()

    def sections(self) -> Iterator[Section]:
        """Yield what was read; the part before the first heading only if it has an entry or a link."""
        for each in self.drafts:
            if each.level or each.entries or each.links:
                entries = sorted(each.entries, key=attrgetter("span"))  # nested items have ended before their parents
                yield Section(each.title, each.level, each.span, tuple(entries), tuple(each.links))

    def _start(self, payload: Tag, start: int, stop: int) -> None:
        if payload == "TableCell":
            return
        tag, data = payload.popitem() if isinstance(payload, dict) else (payload, {})
        if tag in TAGS:
            self.inline.open(tag, data, start)
            return
        if tag in ("TableRow", "TableHead"):
            self.cells = []
            return
        self._flush()
        if tag == "Item":
            self.items.append(_Item())
        elif tag == "List":
            if self.items and self.items[-1].stop < 0:
                self.items[-1].stop = start
            self.list_starts.append(start)
        elif tag == "HtmlBlock":
            self._owner().links += html_links(self.source, start, stop)

    def _end(self, payload: Tag, start: int, stop: int) -> None:
        if payload == "TableCell":
            self._add_cell(Span(start, stop), *self.inline.take())
            return
        tag, data = payload.popitem() if isinstance(payload, dict) else (payload, {})
        if tag in TAGS:
            self.inline.close(tag, start, stop)
        elif tag == "TableRow":
            self._end_row(start, stop)
        elif tag == "TableHead":
            self.columns = Columns.read(self.cells, start, *self.titles)
            self.drafts[-1].links += [link for _, _, links in self.cells for link in links]
        elif tag == "Heading" and not self.items:
            title, links = self.inline.take()
            self.drafts.append(_Draft(title.strip(), int(data[1]), Span(start, stop), links))
        elif tag == "CodeBlock":
            self.inline.clear()
        else:
            self._flush()
            if tag == "Item":
                self._end_item(start, stop)
            elif tag == "List":
                self.list_starts.pop()

    def _flush(self) -> None:
        """Attach the text's links to its list item or section."""
        if self.inline.start < 0:
            return
        span = Span(self.inline.start, self.inline.stop)
        _, links = self.inline.take()
        owner = self._owner()
        owner.links += links
        if isinstance(owner, _Item) and owner.text is None and owner.stop < 0:
            owner.text = span, links

    def _owner(self) -> _Item | _Draft:
        return self.items[-1] if self.items else self.drafts[-1]

    def _end_item(self, start: int, stop: int) -> None:
        item = self.items.pop()
        span = stripped(self.source, start, stop if item.stop < 0 else item.stop)
        name, where = "", Span(span.start, span.start)
        if item.text is not None:
            name, where = entry_name(self.source, *item.text, dashes=True)
        entry = Entry(name, where, span, tuple(item.links), block=self.list_starts[-1])
        self.drafts[-1].entries.append(entry)

    def _add_cell(self, span: Span, text: str, links: list[Link]) -> None:
        self.cells.append((span, text, list(map(unescape_pipes, links))))

    def _end_row(self, start: int, stop: int) -> None:
        cells = self.cells
        while cells and cells[-1][0] == (stop, stop):
            cells.pop()  # the parser fills short rows with cells that are not in the file
        for span in surplus_cells(self.source, cells[-1][0].stop if cells else start, stop):
            self._add_cell(span, "", self._links_of_cell(span))
        self.drafts[-1].entries.append(self.columns.entry(self.source, Span(start, stop), cells))

    def _links_of_cell(self, cell: Span) -> list[Link]:
        """Read a cell beyond the header's columns, which the parser drops, as a paragraph of its own."""
        where = stripped(self.source, *cell)
        if where.start == where.stop:
            return []
        text, offset = as_paragraph(self.source, *where)
        inner = Reader(self.source, offset, self.inline.definitions)
        inner.read(text, self._resolve)
        return inner.drafts[0].links

    def _resolve(self, reference: dict[str, str]) -> tuple[str, str] | None:
        definition = self.inline.definitions.get(reference["reference"].casefold())
        return (unescape(self.source[definition.start : definition.stop]), "") if definition else None
