"""How the pace follows what a server bears: numbers only, no clock and no requests.

The rate rises while all goes well and falls where a server refuses, and then comes back as TCP's CUBIC does
(RFC 9438): fast to just below the rate that was refused, long there, and slowly beyond. Its unit is the answer
and not the second, so that all is the same at a request a minute and at fifty a second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import sqrt

_FIRST_RISE = 1 / 40  # of the rate, an answer, until the first refusal: it doubles with every 28
_STEP = 0.05  # how far below a measured limit to begin
_AT_ONCE, _SOON, _LATE = 20, 40, 80  # answers until it is back: the fewer, the less the goal is to be trusted
_ENOUGH, _MANY = 5, 20  # answers that make a measurement, and a long one
_APART = 2  # how many times what was measured a refused rate is, if the measurement cannot be right
_WALLED = 1 / 4  # of the first rate: below that a wall has other reasons than haste


@dataclass(slots=True)
class Tempo:
    """A rate in requests a second, between a floor and a ceiling, and what it learnt from answers."""

    rate: float
    floor: float
    ceiling: float
    _goal: float | None = field(default=None, init=False)
    _base: float = field(default=0.0, init=False)
    _bend: float = field(default=0.0, init=False)
    _first: float = field(init=False)
    _proven: float = field(default=0.0, init=False)
    _answers: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._first = self.rate

    def answered(self) -> None:
        """Rise a little: a request that had to wait for its turn was answered."""
        if self._goal is None:
            self._set(self.rate * (1 + _FIRST_RISE))
            return
        self._answers += 1
        back_after = ((1 - self._base / self._goal) / self._bend) ** (1 / 3)
        self._set(self._goal * (1 + self._bend * (self._answers - back_after) ** 3))

    def walled(self, served: int) -> None:
        """Fall, but not as far as for other refusals: most walls are about who asks, or for what."""
        lowest = self._first * _WALLED
        if self.rate > lowest:
            self._fall(max(self._lower(served), lowest), max(self.rate, self._proven / 2), _AT_ONCE)

    def refused(self, served: int, *, limited: bool, measured: float | None = None) -> None:
        """Fall, the more so the fewer requests were `served` since the last refusal.

        `limited`: the server counts requests. Then it serves exactly its limit between two refusals, since what
        it had saved up is spent by the first: `measured`, in requests a second, None where there was no first.
        """
        refused = self.rate
        if not limited:
            self._fall(self._lower(served), max(refused, self._proven / 2), _SOON)
        elif measured is None:
            self._proven = refused / 4  # a guess
            self._fall(refused / 2, refused, _LATE)
        elif served >= _ENOUGH:
            self._proven = min(refused, measured)
            if served >= _MANY and refused > measured * _APART:
                # Much was never asked for on the way up, so the limit is somewhere between.
                self._proven = sqrt(refused * measured)
            self._fall(self._proven * (1 - _STEP), self._proven, min(max(2 * served, _AT_ONCE), _LATE))
        else:
            # Too few to be sure of: half an answer more or less, and some room below.
            goal = min(refused, measured * (served + 0.5) / served if served else refused / 2)
            self._fall(goal * (served + 1) / (served + 2), max(goal, self._proven / 2), _AT_ONCE)

    def _lower(self, served: int) -> float:
        """Return the rate after a refusal: in the middle of many answers it says little, right after another much."""
        lower = self.rate * (served + 1) / (served + 2)
        if served >= _ENOUGH:
            self._proven = lower
        return lower

    def resume(self) -> None:
        """Begin anew, well below what was borne before: the server was closed and answers again."""
        self._proven = (self._proven or self._first) / 2
        self._fall(self._proven / 2, self._proven, _LATE)

    def _fall(self, base: float, goal: float, back_after: float) -> None:
        """Begin again at a base; from a step below the goal it would be back there after so many answers."""
        self._set(base)
        self._base, self._goal, self._answers = self.rate, max(goal, self.rate), 0
        self._bend = _STEP / back_after**3

    def _set(self, rate: float) -> None:
        self.rate = min(max(rate, self.floor), self.ceiling)
