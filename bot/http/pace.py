"""How fast the bot asks: one pace for all of Medium's hosts, one for each other host."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.http.tempo import Tempo

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


class Turn(NamedTuple):
    """Leave for one request: its number, when it was given, after how many refusals, whether it was waited for."""

    number: int
    at: float
    era: int
    waited: bool


@dataclass(slots=True)
class Pace:
    """Spaces the starts of requests evenly: `rate` a second at first, 0 for no limit.

    It follows the answers between `floor` and `ceiling`; without them, and without a limit, it stays.
    """

    rate: float
    clock: Clock
    sleep: Sleep = asyncio.sleep
    floor: float | None = None
    ceiling: float | None = None
    _tempo: Tempo | None = field(default=None, init=False)
    _next: float = field(default=0.0, init=False)
    _held_until: float = field(default=0.0, init=False)
    _era: int = field(default=0, init=False)
    _given: int = field(default=0, init=False)
    _refused: Turn | None = field(default=None, init=False)
    _since: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.rate > 0:
            floor = self.rate if self.floor is None else min(self.floor, self.rate)
            ceiling = self.rate if self.ceiling is None else max(self.ceiling, self.rate)
            self._tempo = Tempo(self.rate, floor, ceiling)

    @property
    def beat(self) -> float:
        """The seconds from one start to the next, as things are."""
        return 1 / self._tempo.rate if self._tempo is not None else 0.0

    @property
    def silence(self) -> float:
        """The seconds for which nobody may ask."""
        return max(0.0, self._held_until - self.clock())

    async def turn(self) -> Turn:
        """Wait until it is this caller's turn to ask; who waited into a hold or a refusal queues again behind it."""
        waited = False
        while True:
            now = self.clock()
            era, at = self._era, max(now, self._next)
            self._next = at + self.beat
            if at > now:
                waited = True
                await self.sleep(at - now)
            if at >= self._held_until and era == self._era:
                self._given += 1
                return Turn(self._given, at, era, waited)

    def hold(self, seconds: float) -> None:
        """Let nobody ask for some seconds: a server asked for silence."""
        self._held_until = max(self._held_until, self.clock() + seconds)
        self._next = max(self._next, self._held_until)

    def answered(self, turn: Turn) -> None:
        """Note that a request was served. One that nothing kept waiting says nothing of a faster pace."""
        if self._tempo is not None and turn.waited and turn.era == self._era:
            self._tempo.answered()

    def refused(self, turn: Turn, *, limited: bool = False, walled: bool = False) -> bool:
        """Note that a request was refused; `limited`: because there were too many; `walled`: by a wall.

        All that were on their way at the first of several refusals are one signal; tells whether this is it.
        """
        if self._tempo is None:
            return True
        if turn.era != self._era:
            self._since += self._refused is not None and turn.number > self._refused.number
            return False
        # Those that are still on their way count as served: most will be.
        before = self._refused or Turn(0, turn.at, 0, waited=False)
        served, seconds = turn.number - before.number - 1 - self._since, turn.at - before.at
        if walled:
            self._tempo.walled(served)
        else:
            self._tempo.refused(served, limited=limited, measured=served / seconds if seconds else None)
        self._era, self._refused, self._since = self._era + 1, turn, 0
        # What was promised at the old pace is void; the next is a beat of the new one away.
        self._held_until = self._next = max(self._held_until, self.clock() + self.beat)
        return True

    def resume(self) -> None:
        """Go on after the server was closed for some time."""
        if self._tempo is not None:
            self._tempo.resume()
            self._era, self._refused, self._since = self._era + 1, None, self._given
