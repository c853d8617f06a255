"""The catalog as it is written: sections, entries and links, each with the bytes it was read from."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from bot.model.spans import Edit, Position, Span


class LinkForm(StrEnum):
    """How a link is written. `NEAR` is text that was meant as a link but that Markdown does not read as one."""

    INLINE = "inline"
    REFERENCE = "reference"
    AUTOLINK = "autolink"
    BARE = "bare"
    HTML = "html"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Link:
    """One link. `url` is the address a browser would get, `url_span` the bytes it is written as.

    For a reference link `url_span` lies in the definition, outside `span`.
    """

    form: LinkForm
    span: Span
    text_span: Span
    url_span: Span
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A table row or a list item. `span` covers its line or lines without nested items.

    `cells` are the raw cells of a row with their padding, surplus ones included; a list item has none.
    `columns` are the titles in the header, `block` is where the table or list begins. `date` is the date
    cell without padding, if there is one. A link in a paragraph below an item's nested list also belongs
    to the item, though it is outside `span`.
    """

    name: str
    name_span: Span
    span: Span
    links: tuple[Link, ...]
    cells: tuple[Span, ...] = ()
    columns: tuple[str, ...] = ()
    date: Span | None = None
    block: int = -1


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what is below it, up to the next one. Text before the first heading has level 0.

    `span` is the heading itself. `links` are those outside all entries.
    """

    title: str
    level: int
    span: Span
    entries: tuple[Entry, ...]
    links: tuple[Link, ...]


class Place(NamedTuple):
    """A link, its section and its entry; `entry` is None for a link in running text."""

    section: Section
    entry: Entry | None
    link: Link


_LINE_END = re.compile(rb"\r\n?|\n")


@dataclass(frozen=True, slots=True)
class Catalog:
    """A whole file: `source` is never changed, and every span slices it. Nothing is normalized."""

    path: str
    source: bytes
    sections: tuple[Section, ...]
    line_starts: tuple[int, ...]

    def entries(self) -> Iterator[Entry]:
        """Yield the entries in document order."""
        for section in self.sections:
            yield from section.entries

    def places(self) -> Iterator[Place]:
        """Yield every link with its section and entry, section by section."""
        for section in self.sections:
            for entry in section.entries:
                for link in entry.links:
                    yield Place(section, entry, link)
            for link in section.links:
                yield Place(section, None, link)

    def raw(self, span: Span) -> bytes:
        """Return the bytes of a span."""
        return self.source[span.start : span.stop]

    def edit(self, span: Span, new: bytes) -> Edit:
        """Return the edit that replaces the bytes of a span."""
        return Edit(self.path, span, self.raw(span), new)

    def position(self, offset: int) -> Position:
        """Return line and column of a byte offset (O(log lines)); a byte order mark does not count as one."""
        line = self.line_number(offset)
        start = self.line_starts[line - 1]
        steps = (offset - start) // _STEP
        before = _counted(self.source, start)[steps] if steps else 0
        rest = self.source[start + steps * _STEP : offset]
        mark = line == 1 and offset > 0 and self.source.startswith(BYTE_ORDER_MARK)
        return Position(line, before + _characters(rest) - mark + 1)

    def line_number(self, offset: int) -> int:
        """Return the number, from 1, of the line that a byte offset is on."""
        return bisect_right(self.line_starts, offset)


BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_STEP = 4096
_CONTINUATION = bytes(range(0x80, 0xC0))  # the continuation bytes of UTF-8


def _characters(source: bytes) -> int:
    return len(source.translate(None, _CONTINUATION))


@lru_cache(maxsize=16)
def _counted(source: bytes, start: int) -> tuple[int, ...]:
    """Return how many characters start between `start` and each step after it on its line.

    Otherwise a line of a megabyte with thousands of findings would be read from its start for each of them.
    """
    end = _LINE_END.search(source, start)
    stop = end.start() if end is not None else len(source)
    steps = range(start, stop, _STEP)
    return (0, *accumulate(_characters(source[at : min(at + _STEP, stop)]) for at in steps))


def line_starts(source: bytes) -> tuple[int, ...]:
    """Return the offset of each line's first byte; LF, CRLF and CR end lines, as in CommonMark."""
    return (0, *(match.end() for match in _LINE_END.finditer(source)))
