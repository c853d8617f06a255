"""Changes to a file, exact to the byte, and text from elsewhere made safe to write into it."""

import re
import unicodedata
from collections.abc import Iterable

from bot.errors import EditError
from bot.model.spans import Edit

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#&!$])")
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def splice(source: bytes, edits: Iterable[Edit]) -> bytes:
    """Apply edits to one file's bytes; all other bytes stay as they are.

    Raises `EditError` if an edit expects other bytes than there are, if its span is not in the file, or
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


def in_cell(text: str) -> bytes:
    """Return text as Markdown for a cell, a link's text or a list item: escaped, on one line, no controls."""
    line = " ".join("".join(" " if each.isspace() else each for each in text).split())
    kept = "".join(each for each in line if unicodedata.category(each) not in _DROPPED)
    return _SPECIAL.sub(r"\\\1", kept).encode()
