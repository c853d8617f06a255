"""Byte ranges of a file, and edits of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of a span, which must be `expected`, by `replacement`. `path` names the file."""

    path: str
    span: Span
    expected: bytes
    replacement: bytes


class Span(NamedTuple):
    """Half-open range of byte offsets into the file (a tuple: 100,000 entries have a million)."""

    start: int
    stop: int

    def holds(self, other: Span) -> bool:
        """Return True if the other span lies within this one."""
        return self.start <= other.start and other.stop <= self.stop


class Position(NamedTuple):
    """Line and column, both from 1; the column counts characters, as editors do."""

    line: int
    column: int
