"""What people have accepted as true of each article: `articles.jsonl` beside the catalog, a line an article.

Read strictly: a file that people merge by hand must not be misread in silence. Written stably: by post
id, keys in one order, so that a diff shows what changed and nothing else. A missing file reads as empty.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from unicodedata import category

from bot.errors import CatalogError
from bot.model.spans import Edit, Span

NAME = "articles.jsonl"

_ID = re.compile(r"[0-9a-f]{8,12}\Z")

_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")

_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})

_KEYS = ("post_id", "url", "title", "published", "papers", "headings")


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
    """A records file: its bytes, and where each record's line stands (its ending included)."""

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
    """Return where a key's own value stands in a record: headings may have keys of the same name."""
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
    data = {
        "post_id": record.post_id,
        "url": record.url,
        "title": record.title,
        "published": record.published,
        "papers": list(record.papers),
        "headings": dict(sorted(record.headings.items())),
    }
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def write_records(records: Iterable[Record]) -> bytes:
    """Return a whole file of records."""
    return b"".join(written(record) for record in sorted(records, key=lambda record: record.post_id))


def read_records(source: bytes, path: str = NAME) -> Records:
    """Read a records file; raise `CatalogError` that names the line, what is wrong with it and the remedy."""
    by_id: dict[str, Record] = {}
    lines: dict[str, Span] = {}
    for number, span in _lines(source):
        raw = source[span.start : span.stop]
        if not raw.strip():
            continue
        record = _record(raw, f"{path}:{number}")
        if record.post_id in by_id:
            raise CatalogError(f"{path}:{number}: {record.post_id} has a record already; keep one of them")
        by_id[record.post_id], lines[record.post_id] = record, span
    return Records(path, source, by_id, dict(sorted(lines.items())))


def _lines(source: bytes) -> Iterator[tuple[int, Span]]:
    start = 0
    for number, line in enumerate(source.splitlines(keepends=True), 1):
        yield number, Span(start, start + len(line))
        start += len(line)


def _record(raw: bytes, where: str) -> Record:
    try:
        data = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise CatalogError(f"{where}: not a JSON object in UTF-8 on one line: {error}") from error
    if not isinstance(data, dict) or set(data) != set(_KEYS):
        raise CatalogError(f"{where}: a record has the keys {', '.join(_KEYS)}, each once")
    headings = data["headings"]
    wrong = {
        "post_id": not _is_text(data["post_id"]) or not _ID.match(data["post_id"]),
        "url": not _is_text(data["url"]) or not data["url"].startswith("https://"),
        "title": not _is_text(data["title"]),
        "published": data["published"] is not None
        and not (_is_text(data["published"]) and _DATE.match(data["published"])),
        "papers": not isinstance(data["papers"], list) or not all(map(_is_text, data["papers"])),
        "headings": not isinstance(headings, dict) or not all(map(_is_text, [*headings, *headings.values()])),
    }
    for key, is_wrong in wrong.items():
        if is_wrong:
            raise CatalogError(f"{where}: {key} cannot be {data[key]!r:.200}")
    return Record(data["post_id"], data["url"], data["title"], data["published"], tuple(data["papers"]), dict(headings))


def _is_text(value: object) -> bool:
    """Tell whether a value is text on one line, not blank; joiners and the like are text."""
    return isinstance(value, str) and bool(value.strip()) and not any(category(each) in _NO_TEXT for each in value)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
