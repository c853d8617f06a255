"""How fast the bot asks: one budget for all of Medium's hosts, one for each other host."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


@dataclass(slots=True)
class Pace:
    """Spaces the starts of requests evenly: `rate` a second, 0 for no limit."""

    rate: float
    clock: Clock
    sleep: Sleep = asyncio.sleep
    _next: float = field(default=0.0, init=False)
    _held_until: float = field(default=0.0, init=False)

    async def turn(self) -> None:
        """Wait until it is this caller's turn to ask; who waited into a hold queues again behind it."""
        while True:
            now = self.clock()
            at = max(now, self._next)
            if self.rate > 0:
                self._next = at + 1 / self.rate
            if at > now:
                await self.sleep(at - now)
            if at >= self._held_until:
                return

    def hold(self, seconds: float) -> None:
        """Let nobody ask for some seconds: a server asked for silence."""
        self._held_until = max(self._held_until, self.clock() + seconds)
        self._next = max(self._next, self._held_until)
