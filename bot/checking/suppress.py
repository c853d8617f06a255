"""What is not reported: findings silenced by a comment on their line, and findings accepted in the baseline."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import lru_cache

from bot.errors import ConfigError
from bot.markdown.catalog import Catalog, line_starts
from bot.model.findings import Finding

NAME = "bot-baseline.txt"
_HEAD = "# Findings that are accepted as they are. A finding whose evidence changes is shown again.\n"
_LINE = re.compile(r"([0-9a-f]{16})(?:\s.*)?\Z")


def read_baseline(source: bytes, path: str) -> frozenset[str]:
    """Return the fingerprints of a baseline; raise `ConfigError` that names an invalid line."""
    found = set()
    for number, line in enumerate(source.decode("utf-8", "replace").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise ConfigError(
                f"{path}:{number}: not a fingerprint of 16 hex digits; recreate the file with --write-baseline"
            )
        found.add(match[1])
    return frozenset(found)


def written_baseline(findings: Iterable[Finding], kept: bytes = b"") -> bytes:
    """Return a baseline of findings, each with its rule and entry for readers, added to the lines of `kept`."""
    lines = {line[:16]: line[16:].strip() for line in kept.decode("utf-8", "replace").splitlines() if _LINE.match(line)}
    lines |= {finding.fingerprint: f"{finding.rule}  {_plain(finding.entry)}" for finding in findings}
    return (_HEAD + "".join(f"{print_}  {words}\n" for print_, words in lines.items())).encode("utf-8", "replace")


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


_MARKER = re.compile(rb"<!--[ \t]*bot:[ \t]*ignore\b([^<>\r\n]*?)-->")


def is_silenced(catalog: Catalog, finding: Finding) -> bool:
    """Return True if a marker on the finding's line silences its rule."""
    silenced = _silenced(catalog.source)
    rules = silenced.get(catalog.line_number(finding.span.start), ()) if silenced else ()
    return "" in rules or finding.rule in rules


@lru_cache(maxsize=4)
def _silenced(source: bytes) -> Mapping[int, frozenset[str]]:
    """Return the silenced rules of each line that has a marker; an empty name means all rules."""
    found: dict[int, frozenset[str]] = {}
    starts: tuple[int, ...] = ()
    for marker in _MARKER.finditer(source):
        starts = starts or line_starts(source)
        line = bisect_right(starts, marker.start())
        rules = marker[1].decode("utf-8", "replace").replace(",", " ").split()
        found[line] = found.get(line, frozenset()) | frozenset(rules or [""])
    return found
