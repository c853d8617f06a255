"""What happens in the month: a script of true events, fixed by a seed, against which the bot's words are judged."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

FIRST = date(2027, 1, 1)
RUNS = 30


def day(night: int) -> date:
    """Return the date of a night, from 1."""
    return FIRST + timedelta(days=night - 1)


@dataclass(frozen=True, slots=True)
class Absence:
    """An article that is gone from one night on, to another (not included) or for good."""

    post_id: str
    start: int
    stop: int = RUNS + 1

    @property
    def for_good(self) -> bool:
        """True if it does not come back within the month."""
        return self.stop > RUNS

    def on(self, night: int) -> bool:
        """Return True if it is gone on a night."""
        return self.start <= night < self.stop


@dataclass(frozen=True, slots=True)
class Story:
    """The month. Nights are numbers from 1; shares are of 1; rates are requests a second of the scaled clock."""

    absences: Sequence[Absence]
    renamed: dict[str, int]
    moved: dict[str, int]
    always_blocked: str
    blocked: range = range(10, 13)
    partly_blocked: range = range(15, 17)
    incident: range = range(18, 21)
    incident_posts: frozenset[str] = field(default_factory=frozenset)
    slower_from: int = 8
    state_lost: int = 22
    overlap: int = 25
    short: range = range(27, 30)
    merges: tuple[int, ...] = (2, 9, 17, 24)
    unticks: int = 6

    def gone(self, night: int) -> frozenset[str]:
        """Return the articles that are truly gone on a night; an incident's are not."""
        return frozenset(each.post_id for each in self.absences if each.on(night))


def written(posts: Iterable[str], seed: int = 1) -> Story:
    """Return a month for a catalog's articles."""
    ids = sorted(posts)
    random.Random(seed).shuffle(ids)
    take = iter(ids)
    starts = (3, 3, 5, 7, 8, 9, 14, 16, 19, 21, 23, 26, 28)
    absences = [Absence(next(take), start) for start in starts]
    absences += [Absence(next(take), 4, 6), Absence(next(take), 13, 15)]  # back before they are confirmed
    absences += [Absence(next(take), 5, 14)]  # back after it was reported
    renamed = {next(take): night for night in (5, 14, 21)}
    moved = {next(take): night for night in (6, 21)}
    blocked = next(take)
    rest = list(take)
    return Story(absences, renamed, moved, blocked, incident_posts=frozenset(rest[: len(ids) // 4]))
