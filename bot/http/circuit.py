"""When to stop asking: requests refused in a row open the circuit; a while later it is tried once more.

Knows refusals and answers, and no clock: who asks it waits as long as it says.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import log
from typing import NamedTuple

from bot.http.pace import Turn

# So many refusals in a row open the circuit, of so many pages: one alone may be at fault.
ROW, PAGES = 6, 3
_DOUBT = 2  # after so many in a row one request at a time is enough, and before the first answer a few
_UNKNOWN = 4
_BY_CHANCE = 1e-4  # where some are refused all the time, a row must be longer: less likely than this
_TRIALS = 3
_WELL = 20  # answers between two rows after which the second is no sign that the wait was too short
LONGEST_SILENCE = 900.0


class Refusal(NamedTuple):
    """A request that was refused, and in what words.

    `wall`: by a wall; `passing`: by what passes with time, as a limit does. `counts`: it says more of the place
    than of the page that was asked for.
    """

    url: str
    reason: str
    wall: bool = False
    passing: bool = False
    counts: bool = True


@dataclass(slots=True)
class Circuit:
    """Closed as long as `name` answers; open while it is left alone; over when it is not to be asked again.

    `wait` is how many seconds it is left alone at first. `walls_only`: no other refusal counts.
    `turned_away` are addresses that were refused together with others, and so for no fault of theirs.
    """

    name: str
    wait: float
    walls_only: bool = False
    over: str | None = field(default=None, init=False)
    turned_away: set[str] = field(default_factory=set, init=False)
    _row: list[Refusal] = field(default_factory=list, init=False)
    _refused: int = field(default=0, init=False)
    _answered: int = field(default=0, init=False)
    _well: int = field(default=_WELL, init=False)
    _open: bool = field(default=False, init=False)
    _trial: Turn | None = field(default=None, init=False)
    _failures: int = field(default=0, init=False)

    @property
    def at_once(self) -> float:
        """How many requests may be on their way at the same time."""
        if self._open or len(self._row) >= _DOUBT:
            return 1
        return float("inf") if self._answered else _UNKNOWN

    def asking(self, turn: Turn) -> None:
        """Note that a turn is used: while the circuit is open, as its trial."""
        if self._open:
            self._trial = turn

    def answered(self) -> bool:
        """Note an answer, which ends a row; return whether it closed the circuit."""
        was_open, self._open, self._trial = self._open, False, None
        if was_open:
            self._failures = self._well = 0
        self._answered += 1
        self._well += 1
        self._refused += len(self._row)
        self._row.clear()
        return was_open

    def refused(self, turn: Turn, refusal: Refusal, left: float | None) -> float | None:
        """Note a refusal; return for how many seconds nobody may ask, None if it changes nothing.

        `left` is what is left of the run, None without limit: then what does not pass is tried once more, and
        that is all.
        """
        if self._open:
            self.turned_away.add(refusal.url)
            return self._failed(left) if turn is self._trial else None
        if self.over is not None or not refusal.counts or (self.walls_only and not refusal.wall):
            return None
        self._row.append(refusal)
        urls = {each.url for each in self._row}
        if len(urls) > 1:
            self.turned_away |= urls
        return self._opened(left) if len(self._row) >= self._length and len(urls) >= PAGES else None

    @property
    def _length(self) -> float:
        """How long a row must be to say more than that some are always refused."""
        share = self._refused / (self._refused + self._answered) if self._answered else 0.0
        return max(ROW, log(_BY_CHANCE) / log(share)) if share else ROW

    def _opened(self, left: float | None) -> float | None:
        if self._well < _WELL:
            self.wait *= 2
        self._open = True
        if left is not None:
            self.wait = min(self.wait, left / 2)
        if self.wait <= LONGEST_SILENCE:
            return self.wait
        self.end(f"not asked, since {self._story()} again and again")
        return None

    def _failed(self, left: float | None) -> float | None:
        """Note that a trial was refused."""
        self._trial = None
        self._failures += 1
        waited, self.wait = self.wait, self.wait * 2
        trials = _TRIALS if left is not None or all(each.passing for each in self._row) else 1
        if self._failures < trials and self.wait < (LONGEST_SILENCE if left is None else left):
            return self.wait
        more = "one more" if self._failures == 1 else f"{self._failures} more, the last"
        self.end(f"not asked, since {self._story()} and {more} after {waited:.0f} s of silence")
        return None

    def _story(self) -> str:
        ((reason, _),) = Counter(each.reason for each in self._row).most_common(1)
        return f"{self.name} refused {len(self._row)} requests in a row ({reason})"

    def end(self, reason: str) -> None:
        """Let nobody ask again in this run."""
        self.over = self.over or reason
