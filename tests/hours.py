"""A clock for tests that never sleep."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field


@dataclass
class Time:
    """A clock that only sleepers move: to the earliest end of a sleep once all are asleep."""

    now: float = 1000.0
    sleepers: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        woken = asyncio.get_running_loop().create_future()
        self.sleepers.append((self.now + seconds, len(self.sleepers), woken))
        await woken

    async def run(self, *works: Awaitable[object]) -> None:
        """Run some work until all of it is done, as time goes by."""
        everybody = asyncio.gather(*works)
        while not everybody.done():
            for _ in range(50):
                await asyncio.sleep(0)
            if self.sleepers:
                self.sleepers.sort()
                self.now, _, woken = self.sleepers.pop(0)
                woken.set_result(None)
        await everybody
