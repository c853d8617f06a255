"""Findings that a catalog has accepted as they are: their fingerprints, a line each, in a file of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.errors import ConfigError
from bot.rules.finding import Finding

NAME = "bot-baseline.txt"
_HEAD = "# Findings that are accepted as they are. A finding whose evidence changes is shown again.\n"
_LINE = re.compile(r"([0-9a-f]{16})(?:\s.*)?\Z")


def read_baseline(source: bytes, path: str) -> frozenset[str]:
    """Return the fingerprints of a baseline; raise `ConfigError` that names the line that is none."""
    found = set()
    for number, line in enumerate(source.decode("utf-8", "replace").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise ConfigError(f"{path}:{number}: not a fingerprint of 16 hex digits; write it anew: --write-baseline")
        found.add(match[1])
    return frozenset(found)


def written_baseline(findings: Iterable[Finding], kept: bytes = b"") -> bytes:
    """Return a baseline that accepts findings, each with its rule and entry for people, and those of `kept`."""
    lines = {line[:16]: line[16:].strip() for line in kept.decode("utf-8", "replace").splitlines() if _LINE.match(line)}
    lines |= {finding.fingerprint: f"{finding.rule}  {_plain(finding.entry)}" for finding in findings}
    return (_HEAD + "".join(f"{print_}  {words}\n" for print_, words in lines.items())).encode("utf-8", "replace")


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
