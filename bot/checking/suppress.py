"""What is not reported: findings silenced by a comment on their line, and findings accepted in the baseline."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from bot.errors import ConfigError
from bot.markdown.catalog import Catalog
from bot.model.findings import Finding

NAME = "bot-baseline.txt"
_HEAD = "# Findings that are accepted as they are. A finding whose evidence changes is shown again.\n"
_LINE = re.compile(r"([0-9a-f]{16})(?:\s.*)?\Z")


def read_baseline(source: bytes, path: str) -> frozenset[str]:
    """Return the fingerprints of a baseline; raise `ConfigError` that names an invalid line."""
    found = set()
    for number, line in enumerate(source.decode("utf-8", "replace").splitlines(), 1):
        if match := _LINE.match(line):
            found.add(match[1])
        elif line.strip() and not line.startswith("#"):
            raise ConfigError(
                f"{path}:{number}: not a fingerprint of 16 hex digits; recreate the file with --write-baseline"
            )
    return frozenset(found)


def written_baseline(findings: Iterable[Finding], kept: bytes = b"") -> bytes:
    """Return a baseline of findings, each with its rule and entry for readers, added to the lines of `kept`."""
    lines = {line[:16]: line[16:].strip() for line in kept.decode("utf-8", "replace").splitlines() if _LINE.match(line)}
    lines |= {finding.fingerprint: f"{finding.rule}  {_plain(finding.entry)}" for finding in findings}
    return (_HEAD + "".join(f"{print_}  {words}\n" for print_, words in lines.items())).encode("utf-8", "replace")


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


_MARKER = re.compile(rb"<!--[ \t]*bot:[ \t]*ignore\b([^<>\r\n]*?)-->")


def silenced(catalog: Catalog) -> Mapping[int, set[str]]:
    """Return the rules that markers silence, by the number of their line; an empty name means all rules."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for marker in _MARKER.finditer(catalog.source):
        rules = marker[1].decode("utf-8", "replace").replace(",", " ").split()
        found[catalog.line_number(marker.start())].update(rules or [""])
    return found
