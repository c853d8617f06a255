"""Bytes to a `Catalog`. pulldown-cmark says what is Markdown; the raw bytes say what it leaves out."""

from __future__ import annotations

import gc
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pyromark

from bot.errors import CatalogError
from bot.markdown.catalog import Catalog, Entry, Link, LinkForm, Section, line_starts
from bot.markdown.destinations import definition_destination, inline_destination, unescape
from bot.markdown.naming import BLANK, Piece, entry_name, stripped
from bot.markdown.stray import anchor_links, html_links, stray_links
from bot.model.spans import Span

NAME_COLUMNS = ("paper", "model", "layer", "name", "title", "article", "post", "story", "project", "resource")
DATE_COLUMNS = ("date", "published", "released", "release date", "month", "year", "when")


_OPTIONS = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_GFM
)
# The parser does not see that a CR alone ends a line of HTML.
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_MARK = b"\xef\xbb\xbf"
_FENCE = re.compile(rb"---[ \t]*\r?(?:\n|\Z)")
_KEY = re.compile(rb"[\"']?[A-Za-z_][^:\r\n]*:")
_LINE = re.compile(rb"[^\n]*\n")
_PIPE = re.compile(rb"(?<!\\)\|")
_ANCHOR = re.compile(r"</?a[\s/>]", re.IGNORECASE)
_FORMS = {
    "Inline": LinkForm.INLINE,
    "Autolink": LinkForm.AUTOLINK,
    "Email": LinkForm.AUTOLINK,
}
# Set before a piece of running text that is read alone, so that it begins no list, heading or quote.
_BEFORE = "x "


def parse(
    source: bytes,
    path: str = "",
    *,
    name_columns: Sequence[str] = NAME_COLUMNS,
    date_columns: Sequence[str] = DATE_COLUMNS,
) -> Catalog:
    """Read a Markdown file into a catalog; raise `CatalogError` if it is not UTF-8.

    Every span slices `source`. The columns that hold names and dates are found by their headers,
    compared without case; a table with neither still yields its rows and links.
    """
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = len(line_starts(source[: error.start]))
        raise CatalogError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8") from error
    lines = _LONE_RETURN.sub(b"\n", source)  # as long as the source, so that offsets are the same
    offset = _preamble(lines)
    text = lines[offset:].decode("utf-8")
    reader = _Reader(lines, offset, name_columns, date_columns)
    if "]:" in text:
        reader.definitions = _definitions(text, lines, offset)
    with _collector_paused():
        reader.read(text)
    return Catalog(path, source, tuple(reader.sections()), line_starts(source))


def _preamble(source: bytes) -> int:
    """Return where the Markdown begins: behind a byte order mark and front matter.

    A mark hides the first heading from the parser, and front matter reads as a heading of its own. Front
    matter begins with a key: a file may as well begin with a rule. (One pattern for all of it would need
    a possessive group, which Python before 3.11.5 matches wrongly.)
    """
    start = len(_MARK) if source.startswith(_MARK) else 0
    fence = _FENCE.match(source, start)
    if fence is None or _KEY.match(source, fence.end()) is None:
        return start
    at = fence.end()
    while True:
        closing = _FENCE.match(source, at)
        if closing is not None:
            return closing.end()
        line = _LINE.match(source, at)
        if line is None:
            return start
        at = line.end()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the cyclic collector.

    A catalog of 100,000 links is a million live tuples without a cycle, and walking them again and
    again takes half of the time (3.4 s against 1.8).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _definitions(text: str, source: bytes, offset: int) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for label, definition in pyromark.reference_definitions(text, options=_OPTIONS).items():
        span = Span(offset + definition["span"]["start"], offset + definition["span"]["end"])
        destination = definition_destination(source, span)
        if destination:
            found[_label(label)] = destination
    return found


def _label(text: str) -> str:
    return text.casefold()  # the parser has made one blank of many


@dataclass(slots=True)
class _Heading:
    title: str
    level: int
    span: Span
    entries: list[Entry] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


@dataclass(slots=True)
class _Item:
    """A list item being read; `slot` keeps its place before the entries of its nested lists."""

    start: int
    slot: int
    owner: _Heading
    block: int
    stop: int = 0
    closed: bool = False
    links: list[Link] = field(default_factory=list)
    run: Span | None = None
    run_links: list[Link] = field(default_factory=list)


@dataclass(slots=True)
class _Columns:
    titles: tuple[str, ...] = ()
    name: int | None = None
    date: int | None = None
    start: int = -1


class _Reader:
    """Walks the parser's events once.

    Inline text is gathered into runs, so that a bare URL that the parser splits at `_` or `&` is whole
    again; a run ends at every block's start and end.
    """

    def __init__(self, source: bytes, offset: int, name_columns: Sequence[str], date_columns: Sequence[str]) -> None:
        self.source = source
        self.offset = offset
        self.name_columns = [name.casefold() for name in name_columns]
        self.date_columns = [name.casefold() for name in date_columns]
        self.definitions: dict[str, Span] = {}
        self.headings = [_Heading("", 0, Span(offset, offset))]
        self.items: list[_Item] = []
        self.lists: list[int] = []
        self.columns = _Columns()
        self._clear_run()

    # -- runs of inline text ------------------------------------------------------------------

    def _clear_run(self) -> None:
        self.run_start = self.run_stop = -1
        self.pieces: list[str] = []
        self.links: list[Link] = []
        self.holes: list[Span] = []
        self.anchors: list[Span] = []

    def _extend(self, start: int, stop: int) -> None:
        if self.run_start < 0:
            self.run_start = start
        if stop > self.run_stop:
            self.run_stop = stop

    def _end_run(self) -> tuple[list[Link], str]:
        """Close the run; return its links, strays included, in document order, and its plain text."""
        links, text = self.links, "".join(self.pieces)
        start, stop = self.run_start, self.run_stop
        if start >= 0:
            source = self.source
            if self.anchors:
                links = links + list(anchor_links(source, self.anchors, stop))
            holes = [link.span for link in links] + self.holes
            if _may_hold_url(source, start, stop, holes):
                links = links + list(stray_links(source, start, stop, holes))
            if len(links) > 1:
                links = sorted(links, key=lambda link: link.span)
            self._clear_run()
        return links, text

    def _flush(self) -> None:
        """Give a finished run outside tables to the list item or section that it stands in."""
        if self.run_start < 0:
            return
        start, stop = self.run_start, self.run_stop
        links, _ = self._end_run()
        if self.items:
            item = self.items[-1]
            item.links += links
            if item.run is None and not item.closed:
                item.run, item.run_links = Span(start, stop), links
        else:
            self.headings[-1].links += links

    # -- events -------------------------------------------------------------------------------

    def read(self, text: str, resolve: Callable[[Any], tuple[str, str] | None] | None = None) -> None:
        """Walk the events of `text`, which starts at `self.offset` of the source.

        `resolve` finds the address of a reference that `text` does not define.
        """
        offset = self.offset
        opened: list[tuple[dict[str, Any], int]] = []  # an autolink may stand in another link's text
        inner_stop = images = 0
        in_code = False
        heading: tuple[int, int] | None = None
        cells: list[Span] = []
        row_links: list[tuple[int, Link]] = []
        names: list[str] = []
        events: Iterator[tuple[Any, Any]] = pyromark.events_with_range(
            text, options=_OPTIONS, broken_link_callback=resolve
        )
        for event, where in events:
            start, stop = where["start"] + offset, where["end"] + offset
            if isinstance(event, str):
                if event == "Rule":
                    self._flush()
                elif self.run_start >= 0:
                    self.pieces.append(" ")
                continue
            kind, payload = event.popitem()
            if kind == "Text":
                if in_code:
                    continue
                self.pieces.append(payload)
                if self.run_start < 0:
                    self.run_start = start
                if stop > self.run_stop:
                    self.run_stop = stop
                inner_stop = stop
                continue
            tag = payload
            if tag.__class__ is dict:
                tag, data = next(iter(payload.items()))
            if kind == "Start":
                if tag == "Link":
                    if not images:
                        opened.append((data, len(self.pieces)))
                        inner_stop = start + 1
                    self._extend(start, stop)
                elif tag == "Image":
                    images += 1
                    self._extend(start, stop)
                elif tag == "TableCell":
                    pass
                elif tag in _INLINE:
                    self._extend(start, stop)
                elif tag == "TableRow":
                    cells, row_links, names = [], [], []
                elif tag == "TableHead":
                    self._flush()
                    cells, row_links, names = [], [], []
                else:
                    self._flush()
                    if tag == "Item":
                        self._start_item(start)
                    elif tag == "List":
                        self._pause_item(start)
                        self.lists.append(start)
                    elif tag == "Heading":
                        heading = (int(data["level"][1]), start)
                    elif tag == "CodeBlock":
                        in_code = True
                    elif tag == "HtmlBlock":
                        self._owner_links().extend(html_links(self.source, start, stop))
            elif kind == "End":
                if tag == "Link":
                    if not images:
                        made = self._link(*opened.pop(), Span(start, stop), inner_stop)
                        if made is not None:
                            self.links.append(made)
                    inner_stop = stop
                elif tag == "TableCell":
                    links, words = self._end_run()
                    row_links += [(len(cells), _in_cell(each)) for each in links]
                    names.append(words)
                    cells.append(Span(start, stop))
                elif tag == "TableRow":
                    self._row(Span(start, stop), cells, row_links, names)
                elif tag == "TableHead":
                    self._header(names, start)
                    self.headings[-1].links += [each for _, each in row_links]
                elif tag == "Image":
                    images -= 1
                    inner_stop = stop
                    if not images:
                        self.holes.append(Span(start, stop))
                elif tag in _INLINE:
                    inner_stop = stop
                elif tag == "Heading":
                    if heading is not None and not self.items:
                        links, words = self._end_run()
                        self.headings.append(_Heading(words.strip(), heading[0], Span(start, stop), links=links))
                    else:
                        self._flush()
                    heading = None
                elif tag == "CodeBlock":
                    in_code = False
                else:
                    self._flush()
                    if tag == "Item":
                        self._end_item(stop)
                    elif tag == "List":
                        self.lists.pop()
            else:
                self._extend(start, stop)
                inner_stop = stop
                if kind == "Code":
                    self.pieces.append(payload)
                    self.holes.append(Span(start, stop))
                elif kind == "InlineHtml":
                    self.holes.append(Span(start, stop))
                    if _ANCHOR.match(payload):
                        self.anchors.append(Span(start, stop))
                elif kind == "Html" or kind == "TaskListMarker":
                    self._clear_run()
        self._flush()

    def _owner_links(self) -> list[Link]:
        return self.items[-1].links if self.items else self.headings[-1].links

    def _link(self, data: dict[str, Any], mark: int, span: Span, inner_stop: int) -> Link | None:
        text = "".join(self.pieces[mark:])
        form = _FORMS.get(data["link_type"], LinkForm.REFERENCE)
        url: str = data["dest_url"]
        if form is LinkForm.AUTOLINK:
            inner = Span(span.start + 1, span.stop - 1)
            return Link(form, span, inner, inner, text, "mailto:" + url if data["link_type"] == "Email" else url)
        if form is LinkForm.INLINE:
            where = inline_destination(self.source, inner_stop, span.stop)
            return Link(form, span, Span(span.start + 1, inner_stop), where, text, url)
        definition = self.definitions.get(_label(data["id"]))
        if definition is None:
            return None
        if data["link_type"].startswith("Collapsed"):
            span = Span(span.start, span.stop + len("[]"))  # the parser leaves them out
            self._extend(*span)
        return Link(form, span, Span(span.start + 1, inner_stop), definition, text, url)

    # -- list items ---------------------------------------------------------------------------

    def _start_item(self, start: int) -> None:
        owner = self.headings[-1]
        owner.entries.append(_PENDING)
        self.items.append(_Item(start, len(owner.entries) - 1, owner, self.lists[-1]))

    def _pause_item(self, start: int) -> None:
        if self.items and not self.items[-1].closed:
            self.items[-1].stop, self.items[-1].closed = start, True

    def _end_item(self, stop: int) -> None:
        item = self.items.pop()
        if not item.closed:
            item.stop = stop
        span = stripped(self.source, item.start, item.stop)
        name, where = "", Span(span.start, span.start)
        if item.run is not None:
            name, where = entry_name(self.source, item.run, item.run_links, self._texts, dashes=True)
        item.owner.entries[item.slot] = Entry(name, where, span, tuple(item.links), block=item.block)

    def _texts(self, start: int, stop: int) -> Iterator[Piece]:
        """Yield the plain text between two offsets piece by piece."""
        start -= self.source[max(0, start - 1) : start] == b"\\"  # it escapes what the parser begins with
        offset = start - len(_BEFORE)
        text = _BEFORE + self.source[start:stop].decode("utf-8", "replace")
        for event, where in pyromark.events_with_range(text, options=_OPTIONS):
            at = max(start, where["start"] + offset)
            match event:
                case {"Text": str(words)} | {"Code": str(words)}:
                    words = words if where["start"] else words.removeprefix(_BEFORE)
                    if words:
                        yield Piece(Span(at, where["end"] + offset), words)
                case "SoftBreak" | "HardBreak" | {"Start": "Paragraph"}:
                    yield Piece(Span(at, at), " ")

    # -- tables -------------------------------------------------------------------------------

    def _header(self, names: list[str], start: int) -> None:
        titles = tuple(name.strip() for name in names)
        folded = [title.casefold() for title in titles]
        self.columns = _Columns(
            titles,
            next((folded.index(name) for name in self.name_columns if name in folded), None),
            next((folded.index(name) for name in self.date_columns if name in folded), None),
            start,
        )

    def _row(self, span: Span, cells: list[Span], numbered: list[tuple[int, Link]], names: list[str]) -> None:
        source = self.source
        while cells and cells[-1].start == cells[-1].stop == span.stop:
            cells.pop()  # the parser fills short rows with cells that are not in the file
        links = [link for _, link in numbered]
        last = cells[-1].stop if cells else span.start
        if source.count(b"|", last, span.stop) > 1 or source[last : span.stop].strip(b"| \t\r\n"):
            for cell in _surplus_cells(source, last, span.stop):
                cells.append(cell)
                links += self._fragment_links(cell)
        columns = self.columns
        at = columns.name
        if at is None:
            at = numbered[0][0] if numbered else 0
        name, name_span = "", Span(span.start, span.start)
        if at < len(cells):
            in_cell = [link for index, link in numbered if index == at]
            if in_cell:
                name, name_span = entry_name(source, cells[at], in_cell, self._texts, dashes=False)
            else:
                name, name_span = names[at].strip(), stripped(source, *cells[at])
        date = None
        if columns.date is not None and columns.date < len(cells):
            date = stripped(source, *cells[columns.date])
            if date.start == date.stop:
                date = None
        self.headings[-1].entries.append(
            Entry(name, name_span, span, tuple(links), tuple(cells), columns.titles, date, columns.start)
        )

    def _fragment_links(self, cell: Span) -> list[Link]:
        """Read a cell beyond the header's columns, which the parser drops, as a paragraph of its own."""
        where = stripped(self.source, *cell)
        if where.start == where.stop:
            return []
        inner = _Reader(self.source, where.start - len(_BEFORE), (), ())
        inner.definitions = self.definitions
        inner.read(_BEFORE + self.source[where.start : where.stop].decode("utf-8", "replace"), self._resolve)
        return [_in_cell(link) for link in inner.headings[0].links]

    def _resolve(self, reference: dict[str, str]) -> tuple[str, str] | None:
        definition = self.definitions.get(_label(reference["reference"]))
        return (unescape(self.source[definition.start : definition.stop]), "") if definition else None

    def sections(self) -> Iterator[Section]:
        """Yield the finished sections; the one before the first heading only if something stands in it."""
        trail: list[_Heading] = []
        for heading in self.headings:
            if heading.level == 0 and not heading.entries and not heading.links:
                continue
            while trail and trail[-1].level >= heading.level:
                trail.pop()
            above = tuple(each.title for each in trail)
            yield Section(
                heading.title, heading.level, heading.span, above, tuple(heading.entries), tuple(heading.links)
            )
            if heading.level:
                trail.append(heading)


_LITERAL = frozenset({LinkForm.AUTOLINK, LinkForm.HTML})
_INLINE = frozenset({"Emphasis", "Strong", "Strikethrough", "Superscript", "Subscript"})
_PENDING = Entry("", Span(0, 0), Span(0, 0), ())


def _may_hold_url(source: bytes, start: int, stop: int, holes: list[Span]) -> bool:
    """Tell quickly whether text outside the holes may hold a URL: nearly no text does."""
    if len(holes) == 1 and holes[0].start <= start:
        start = holes[0].stop
    elif holes:
        start = min(start, stop)
        for hole in sorted(holes):
            if _may_hold_url(source, start, hole.start, []):
                return True
            start = max(start, hole.stop)
    return start < stop and (source.find(b"://", start, stop) >= 0 or source.find(b"www.", start, stop) >= 0)


def _in_cell(link: Link) -> Link:
    """Take the backslash from escaped pipes where the parser leaves it: a table takes it before all else."""
    if link.form in _LITERAL and "\\|" in link.url:
        return replace(link, text=link.text.replace("\\|", "|"), url=link.url.replace("\\|", "|"))
    return link


def _surplus_cells(source: bytes, start: int, stop: int) -> Iterator[Span]:
    """Yield the cells between the last known cell's end (a pipe follows) and the row's end."""
    pipes = [match.start() for match in _PIPE.finditer(source, start, stop)]
    line_stop = start + len(source[start:stop].rstrip(BLANK))
    edges = [*pipes, line_stop] if not pipes or pipes[-1] != line_stop - 1 else pipes
    for left, right in itertools.pairwise(edges):
        yield Span(left + 1, right)
