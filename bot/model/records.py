"""What people have accepted as true of each article: `articles.jsonl` beside the catalog, a line an article.

Read strictly: a file that people merge by hand must not be misread in silence. Written stably: by post
id, keys in one order, so that a diff shows what changed and nothing else. A missing file reads as empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated
from unicodedata import category

import msgspec

from bot.errors import UsageError
from bot.model.codec import DecodeError, decode, encode_line
from bot.model.spans import Edit, Span

NAME = "articles.jsonl"
_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """A record as its line has it: every key, once."""

    post_id: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8,12}$")]
    url: Annotated[str, msgspec.Meta(pattern="^https://")]
    title: str
    published: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None
    papers: tuple[str, ...]
    headings: dict[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """One article: `published` as YYYY-MM-DD (UTC) or None, `papers` as arXiv ids, `headings` by fragment."""

    post_id: str
    url: str
    title: str
    published: str | None = None
    papers: tuple[str, ...] = ()
    headings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Records:
    """A records file: its bytes, and where each record's line is, its ending included."""

    path: str = NAME
    source: bytes = b""
    by_id: Mapping[str, Record] = field(default_factory=dict)
    lines: Mapping[str, Span] = field(default_factory=dict)

    def change(self, post_id: str, key: str, value: str | None) -> Edit:
        """Return the edit that sets one key of a record; the rest of its line stays as it is."""
        line = self.lines[post_id]
        text = self.source[line.start : line.stop].decode()
        start, stop = _place(text, key)
        span = Span(line.start + len(text[:start].encode()), line.start + len(text[:stop].encode()))
        new = json.dumps(value, ensure_ascii=False).encode()
        return Edit(self.path, span, self.source[span.start : span.stop], new)

    def addition(self, record: Record) -> Edit:
        """Return the edit that adds a record in its place among the others, by post id."""
        ending = b"\r\n" if b"\r\n" in self.source else b"\n"
        text = written(record).rstrip(b"\n")
        at, line = len(self.source), text + ending
        if self.source and not self.source.endswith(b"\n"):
            line = ending + text
        for post_id, where in self.lines.items():
            if post_id > record.post_id:
                at, line = where.start, text + ending
                break
        return Edit(self.path, Span(at, at), b"", line)


def _place(text: str, key: str) -> tuple[int, int]:
    """Return where a key's own value is in a record: headings may have keys of the same name."""
    decoder, at = json.JSONDecoder(), text.index("{")
    while True:
        name, at = decoder.raw_decode(text, _behind(text, at))
        start = _behind(text, text.index(":", at))
        _, at = decoder.raw_decode(text, start)
        if name == key:
            return start, at
        at = text.find(",", at)


def _behind(text: str, at: int) -> int:
    """Return where the next value begins behind a sign of JSON's."""
    rest = text[at + 1 :]
    return len(text) - len(rest.lstrip())


def written(record: Record) -> bytes:
    """Return a record's line."""
    return encode_line(replace(record, headings=dict(sorted(record.headings.items())))) + b"\n"


def read_records(source: bytes, path: str = NAME) -> Records:
    """Read a records file; raise `UsageError` that names the line, what is wrong with it and the remedy."""
    by_id: dict[str, Record] = {}
    lines: dict[str, Span] = {}
    for number, span in _lines(source):
        raw = source[span.start : span.stop]
        if not raw.strip():
            continue
        record = _record(raw, f"{path}:{number}")
        if record.post_id in by_id:
            raise UsageError(f"{path}:{number}: {record.post_id} has a record already; keep one of them")
        by_id[record.post_id], lines[record.post_id] = record, span
    return Records(path, source, by_id, dict(sorted(lines.items())))


def _lines(source: bytes) -> Iterator[tuple[int, Span]]:
    start = 0
    for number, line in enumerate(source.splitlines(keepends=True), 1):
        yield number, Span(start, start + len(line))
        start += len(line)


def _record(raw: bytes, where: str) -> Record:
    try:
        found = decode(raw, _Line)
    except DecodeError as error:
        raise UsageError(f"{where}: not a record, which is a JSON object on one line: {error}") from error
    texts = {"url": [found.url], "title": [found.title], "papers": found.papers}
    texts["headings"] = [*found.headings, *found.headings.values()]
    for key, values in texts.items():
        for value in values:
            if not _is_text(value):
                raise UsageError(f"{where}: {key} cannot hold {value!r:.200}, which is blank or not on one line")
    return Record(**{key: getattr(found, key) for key in _Line.__struct_fields__})


def _is_text(value: str) -> bool:
    """Return True for text on one line that is not blank; joiners and the like are text."""
    return bool(value.strip()) and not any(category(each) in _NO_TEXT for each in value)
