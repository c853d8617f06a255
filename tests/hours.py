"""An event loop with simulated time: its clock jumps to whatever is awaited next."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class _Selector(selectors.DefaultSelector):
    """Never waits, and adds up how long it was asked to."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("deadlock: every task waits, and for no timer")
        if not ready and timeout is not None and timeout > 0:
            self.now += timeout
        return ready


class QuickLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own, for work that waits for timers alone."""

    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        """Return the simulated seconds that have passed."""
        return self._clock.now


def in_no_time(work: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine to its end in simulated time."""
    loop = QuickLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
