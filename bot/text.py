"""Words for people: counts, durations, suggestions."""

from collections.abc import Iterable
from difflib import get_close_matches


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the right form: `1 page`, `2 entries`."""
    if number == 1 or noun == "information":
        return f"{number} {noun}"
    if noun == "fix for review":
        return f"{number} fixes for review"
    if noun.endswith("fix"):
        return f"{number} {noun}es"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """Return a duration in words: `0.8 s`, `12 s`, `3 min 5 s`, `1 h 4 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?`, or an empty string if no known word is close."""
    matches = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {matches[0]!r}?" if matches else ""
