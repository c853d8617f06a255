"""Typing slips: when one word is another with a single slip of the hand."""

from __future__ import annotations


def is_one_slip(one: str, other: str) -> bool:
    """Tell whether a letter too many, too few, wrong, or two swapped, turns one word into the other."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[start:], other[start:]
    return left[1:] in (right, right[1:]) or left == right[1:] or (left[1::-1] == right[:2] and left[2:] == right[2:])
