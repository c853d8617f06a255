"""Text from elsewhere as Markdown that says just that text, on one line."""

from __future__ import annotations

import re
import unicodedata

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~#&!$])")
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def in_cell(text: str) -> bytes:
    """Return text as Markdown for a cell, a link's text or a list item: escaped, on one line, no controls."""
    line = " ".join("".join(" " if each.isspace() else each for each in text).split())
    kept = "".join(each for each in line if unicodedata.category(each) not in _DROPPED)
    return _SPECIAL.sub(r"\\\1", kept).encode()
