"""Months as catalogs write them and as arXiv ids contain them. Pure text: no clock, no network."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

_NAMES = """
    January February March April May June July August September October November December
    """.split()  # noqa: SIM905 - twelve lines of one word each read worse
_ABBREVIATIONS = {name[:3].lower(): name for name in _NAMES} | {"sept": "September"}
# Months of other languages are not typing errors: people have to decide.
_FOREIGN = frozenset(
    """
    abril agosto aout aprile augustus avril decembre dezember dezembro dicembre diciembre enero febbraio
    febrero februar februari fevereiro fevrier gennaio giugno janeiro januar januari janvier juillet
    juin julho juli julio junho juni junio luglio maart maerz maggio mai maio mars marz marzo mayo mei
    novembre noviembre octobre octubre oktober ottobre outubro septembre septiembre setembro settembre
    """.split()  # noqa: SIM905 - fifty lines of one word each read worse
)
_EXACT = re.compile(r"(" + "|".join(_NAMES) + r") (\d{4})\Z")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})\Z")
_PIECES = re.compile(r"([A-Za-z]+)\W*(\d[\dOo]{2,5})\Z")
_NEW_ID = re.compile(r"(\d\d)(\d\d)\.\d{4,5}(?:v\d+)?\Z")
_OLD_ID = re.compile(r"[a-z-]+(?:\.[A-Za-z]{2})?/(\d\d)(\d\d)\d{3}(?:v\d+)?\Z")
# Any other year is a typing error in a catalog of articles.
_YEARS = range(1950, 2050)


class Month(NamedTuple):
    """A month of a year; the earlier one is less."""

    year: int
    month: int

    def __str__(self) -> str:
        """Write it as catalogs do: `March 2022`."""
        return f"{_NAMES[self.month - 1]} {self.year}"

    @classmethod
    def of(cls, moment: datetime) -> Month:
        """Return the month of a moment, in UTC."""
        return cls(moment.year, moment.month)

    def since(self, other: Month) -> int:
        """Return the number of months from the other one to this one; negative if it is earlier."""
        return (self.year - other.year) * 12 + self.month - other.month


def read_month(text: str) -> Month | None:
    """Read `Month YYYY`, spelled exactly so; return None for anything else."""
    match = _EXACT.match(text)
    return Month(int(match[2]), _NAMES.index(match[1]) + 1) if match else None


def repair_month(text: str) -> Month | None:
    """Read a month with typing errors; return None unless exactly one month and one year can be meant."""
    text = text.strip(" \t.,;")
    iso = _ISO.match(text)
    if iso:
        month = int(iso[2])
        return Month(int(iso[1]), month) if 1 <= month <= 12 and int(iso[1]) in _YEARS else None
    match = _PIECES.match(text)
    if match is None:
        return None
    names, years = _month_names(match[1]), _years(match[2])
    if len(names) == 1 and len(years) == 1:
        return Month(years.pop(), _NAMES.index(names.pop()) + 1)
    return None


def _month_names(word: str) -> set[str]:
    """Return the months that a word can mean: abbreviated, cut short, or one typing error away."""
    folded = word.lower()
    if len(folded) < 3 or folded in _FOREIGN:
        return set()
    if folded in _ABBREVIATIONS:
        return {_ABBREVIATIONS[folded]}
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - 20 ms that only a misspelled month needs

    beginning = {name for name in _NAMES if name.lower().startswith(folded)}
    return beginning | {name for name in _NAMES if OSA.distance(folded, name.lower(), score_cutoff=1) == 1}


def _years(digits: str) -> set[int]:
    """Return the years that digits can mean: as they are, or without one digit too many."""
    digits = digits.replace("O", "0").replace("o", "0")
    read = [digits] if len(digits) == 4 else [digits[:at] + digits[at + 1 :] for at in range(len(digits))]
    return {int(year) for year in read if len(year) == 4 and int(year) in _YEARS}


def arxiv_month(paper: str) -> Month | None:
    """Return the month in an arXiv id: that of the submission, or the next one if it was in the month's last days.

    `YYMM.NNNNN` since April 2007, `archive/YYMMNNN` since 1991, None if the id is neither:
    https://info.arxiv.org/help/arxiv_identifier.html
    """
    old = "/" in paper
    match = (_OLD_ID if old else _NEW_ID).match(paper)
    if match is None:
        return None
    short = int(match[1])
    month = Month(short + (1900 if old and short >= 91 else 2000), int(match[2]))
    return month if 1 <= month.month <= 12 and (month < (2007, 4)) is old else None


def out_of_order(months: Sequence[Month]) -> list[int]:
    """Return the positions that break an ascending order (equal months are in order).

    These are the fewest positions whose removal leaves an ascending sequence; where either of two neighbors
    could go, the earlier. Empty if a fifth or more would have to go: such a list is not sorted. O(n log n).
    """
    kept = longest_ascending(months)
    if len(longest_ascending(months[::-1])) >= len(kept):
        return []  # newest first, or all the same
    broken = sorted({*range(len(months))}.difference(kept))
    return broken if len(broken) * 5 < len(months) else []


def longest_ascending(months: Sequence[Month]) -> list[int]:
    """Return positions of a longest non-descending subsequence (patience sorting)."""
    tails: list[Month] = []
    ends: list[int] = []
    before: list[int] = []
    for at, month in enumerate(months):
        place = bisect_right(tails, month)
        before.append(ends[place - 1] if place else -1)
        if place == len(tails):
            tails.append(month)
            ends.append(at)
        else:
            tails[place] = month
            ends[place] = at
    chain: list[int] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(at)
        at = before[at]
    return chain[::-1]
