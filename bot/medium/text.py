"""Text off a page, on one line."""

from __future__ import annotations

_DROPPED = dict.fromkeys((*range(9), *range(14, 28), *range(0x7F, 0x85), *range(0x86, 0xA0), 0x200B, 0xFEFF))


def one_line(text: str) -> str:
    """Return text on one line: every run of blanks (NBSP and U+200A too) as one, no control characters.

    Zero-width blanks are left out; zero-width joiners stay, for emoji are made with them.
    """
    line = " ".join(text.split())
    # Nearly all text is printable by now, and looking letters up takes ten times as long as telling so.
    return line if line.isprintable() else " ".join(line.translate(_DROPPED).split())
