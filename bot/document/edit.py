"""Changes to a file, exact to the byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.document.model import Span
from bot.errors import EditError


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of a span, which must be `expected`, by `replacement`. `path` names the file."""

    path: str
    span: Span
    expected: bytes
    replacement: bytes


def splice(source: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply edits to one file's bytes; all other bytes stay as they are.

    Raises `EditError` if an edit expects other bytes than there are or a span that the file has not, or
    if two edits overlap. Edits that only touch, and several insertions at one place, are applied in the
    order given.
    """
    pieces: list[bytes] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: edit.span):  # a stable sort
        start, stop = edit.span
        if not 0 <= start <= stop <= len(source) or source[start:stop] != edit.expected:
            raise EditError(f"{edit.path}: the file has changed at byte {start}; run the check again")
        if start < at:
            raise EditError(f"{edit.path}: two edits overlap at byte {start}; apply one of them at a time")
        pieces += (source[at:start], edit.replacement)
        at = stop
    pieces.append(source[at:])
    return b"".join(pieces)
