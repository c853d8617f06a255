"""What people have accepted as true of each article: `articles.jsonl` beside the catalog, a line an article.

Read strictly: a file that people merge by hand must not be misread in silence. Written stably: by post
id, keys in one order, so that a diff shows what changed and nothing else. A missing file reads as empty.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from unicodedata import category

from msgspec import Meta

from bot.errors import UsageError
from bot.model.codec import DecodeError, Strict, decode, encode_line
from bot.model.spans import Edit, Span

NAME = "articles.jsonl"
_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})  # joiners and the like are text


class Record(Strict, frozen=True):
    """One article, as its line has it: every key, once. `papers` are arXiv ids, `headings` are by fragment."""

    post_id: Annotated[str, Meta(pattern=r"^[0-9a-f]{8,12}$")]
    url: Annotated[str, Meta(pattern="^https://")]
    title: str
    published: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | None
    papers: tuple[str, ...]
    headings: dict[str, str]


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
        text, end = written(record).rstrip(b"\n"), len(self.source)
        at = next((span.start for post_id, span in self.lines.items() if post_id > record.post_id), end)
        is_ended = at < end or not self.source or self.source.endswith(b"\n")
        return Edit(self.path, Span(at, at), b"", text + ending if is_ended else ending + text)


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
    return encode_line(record) + b"\n"


def read_records(source: bytes, path: str = NAME) -> Records:
    """Read a records file; raise `UsageError` that names the line, what is wrong with it and the remedy."""
    by_id: dict[str, Record] = {}
    lines: dict[str, Span] = {}
    start = 0
    for number, raw in enumerate(source.splitlines(keepends=True), 1):
        span, start = Span(start, start + len(raw)), start + len(raw)
        if not raw.strip():
            continue
        record = _record(raw, f"{path}:{number}")
        if record.post_id in by_id:
            raise UsageError(f"{path}:{number}: {record.post_id} has a record already; keep one of them")
        by_id[record.post_id], lines[record.post_id] = record, span
    return Records(path, source, by_id, dict(sorted(lines.items())))


def _record(raw: bytes, where: str) -> Record:
    try:
        found = decode(raw, Record)
    except DecodeError as error:
        raise UsageError(f"{where}: not a record, which is a JSON object on one line: {error}") from error
    headings = [*found.headings, *found.headings.values()]
    texts = {"url": [found.url], "title": [found.title], "papers": found.papers, "headings": headings}
    for key, values in texts.items():
        for value in values:
            if not value.strip() or any(category(each) in _NO_TEXT for each in value):
                raise UsageError(f"{where}: {key} cannot hold {value!r:.200}, which is blank or not on one line")
    return found
