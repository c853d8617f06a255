"""Bytes to a `Catalog`. pulldown-cmark reads the Markdown; what it leaves out is read from the raw bytes."""

from __future__ import annotations

import gc
import re
from collections.abc import Sequence

from bot.errors import UsageError
from bot.markdown.blocks import Reader
from bot.markdown.catalog import BYTE_ORDER_MARK, Catalog, line_starts
from bot.markdown.events import definitions

NAME_COLUMNS = ("paper", "model", "layer", "name", "title", "article", "post", "story", "project", "resource")
DATE_COLUMNS = ("date", "published", "released", "release date", "month", "year", "when")


# The parser does not see that a CR alone ends a line of HTML.
_LONE_RETURN = re.compile(rb"\r(?!\n)")
# A file may also begin with a thematic break, so a key must follow.
_FRONT_MATTER = re.compile(rb"---[ \t]*\r?\n(?=[\"']?[A-Za-z_][^:\r\n]*:)")
_FENCE = re.compile(rb"^---[ \t]*\r?(?:\n|\Z)", re.MULTILINE)


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
