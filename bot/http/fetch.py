"""One request and its retries: bounded in attempts and in time, each at its turn. Judges nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import NamedTuple

import tenacity

from bot.http import retry
from bot.http.budget import Budget
from bot.http.pace import Clock, Sleep
from bot.http.retry import Sign
from bot.model.answers import Answer, Fault, NotAsked

_TRIES_AGAIN = 2  # of a page that had all its attempts before


class Fetched(NamedTuple):
    """An answer, the attempts it took, and the seconds without those that the pace made it wait."""

    answer: Answer | Fault | NotAsked
    attempts: int
    seconds: float


@dataclass(slots=True)
class Fetch:
    """A request for an address, sent until its answer is worth having.

    Bounded in attempts and by `patience` (seconds), the waits to come included. Waiting for one's turn, or for a
    pace that a refusal slowed, costs no patience: at a slow pace a page would have none left. `again`: the page
    was refused before.
    """

    url: str
    get: Callable[[], Awaitable[Answer | Fault]]
    budget: Budget
    patience: float
    clock: Clock
    sleep: Sleep
    now: Callable[[], datetime]
    again: bool = False
    _attempts: int = field(default=0, init=False)
    _spent: float = field(default=0.0, init=False)
    _last: Answer | Fault | None = field(default=None, init=False)

    async def run(self) -> Fetched:
        """Send it; an earlier answer stands where the run may not ask again."""
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(self._is_worth_retrying),
            stop=self._is_enough,
            wait=self._wait,
            sleep=self._rest,
            retry_error_callback=lambda _: self._last,
        )
        answer: Answer | Fault | NotAsked = await retrying(self._once)
        return Fetched(answer, self._attempts, self._spent)

    async def _once(self) -> Answer | Fault | NotAsked:
        answer = await self.budget.ask(self.url, self._send, again=self.again)
        if isinstance(answer, NotAsked):
            return answer if self._last is None else self._last
        self._last = answer
        return answer

    async def _send(self) -> Answer | Fault:
        self._attempts += 1
        began = self.clock()
        answer = await self.get()
        self._spent += self.clock() - began
        return answer

    def _is_worth_retrying(self, result: Answer | Fault | NotAsked) -> bool:
        cap = inf if self.budget.paced else retry.RETRY_AFTER_CAP
        return not isinstance(result, NotAsked) and retry.is_worth_retrying(result, self.now(), cap)

    def _is_enough(self, state: tenacity.RetryCallState) -> bool:
        tries = _TRIES_AGAIN if self.again else retry.MAX_ATTEMPTS
        ahead = 0.0 if self._waits_for_the_pace() else state.upcoming_sleep
        return self.budget.circuit.over is not None or self._attempts >= tries or self._spent + ahead > self.patience

    def _wait(self, state: tenacity.RetryCallState) -> float:
        if self._last is None or self._waits_for_the_pace():
            return self.budget.pace.silence
        seconds = retry.backoff(state.attempt_number, self._last, self.now())
        if retry.sign_of(self._last) is Sign.LIMITED:
            self.budget.pace.hold(seconds)
        return seconds

    async def _rest(self, seconds: float) -> None:
        if not self._waits_for_the_pace():
            self._spent += seconds
        if seconds > 0:
            await self.sleep(seconds)

    def _waits_for_the_pace(self) -> bool:
        if self._last is None or not self.budget.paced:
            return False
        return retry.sign_of(self._last) in (Sign.LIMITED, Sign.REFUSED)
