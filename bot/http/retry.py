"""When a request is worth repeating, how long to wait before, and the loop that does so. Judges no page."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Self

import tenacity

from bot.http.throttle import Throttle
from bot.medium.classify import TRANSIENT_STATUS, Sign, is_challenge, sign_of
from bot.model.answers import Answer, Fault, FaultKind
from bot.model.pages import Skipped

MAX_ATTEMPTS = 4
RETRY_AFTER_CAP = 60.0
ATTEMPTS_AGAIN = 2  # for a page that was refused before
_TRANSIENT_FAULTS = frozenset({FaultKind.RESET, FaultKind.TIMEOUT, FaultKind.DNS, FaultKind.REFUSED})
# Doubles with each attempt: from half a second to 15, the second half of each at random, to spread retries.
_BACKOFF = tenacity.wait_exponential(0.25, 7.5) + tenacity.wait_random_exponential(0.25, 7.5)


def is_worth_retrying(result: Answer | Fault, now: datetime, cap: float = RETRY_AFTER_CAP) -> bool:
    """Return True if the same request may fare better soon.

    A bot challenge stays one, and a server that asks for a longer wait than the cap means it.
    """
    if isinstance(result, Fault):
        return result.kind in _TRANSIENT_FAULTS
    if result.status not in TRANSIENT_STATUS or is_challenge(result):
        return False
    return (result.retry_after(now) or 0.0) <= cap


def backoff(state: tenacity.RetryCallState, result: Answer | Fault, now: datetime) -> float:
    """Return the seconds to wait after an attempt: those that the answer asks for, or doubling with jitter."""
    asked = result.retry_after(now) if isinstance(result, Answer) else None
    return _BACKOFF(state) if asked is None else asked


@dataclass(slots=True)
class Fetch:
    """A request for an address, repeated until its `answer` is worth having.

    Bounded in attempts and by `patience` (seconds), the waits to come included. Waiting for a turn, or for a pace
    that a refusal slowed, costs no patience: at a slow pace a page would have none left. `attempts` counts those
    sent, `seconds` is what they cost of the patience.
    """

    url: str
    get: Callable[[], Awaitable[Answer | Fault]]
    throttle: Throttle
    patience: float
    max_attempts: int = MAX_ATTEMPTS
    answer: Answer | Fault | Skipped = field(default=Skipped("not asked", wanted=True), init=False)
    attempts: int = field(default=0, init=False)
    seconds: float = field(default=0.0, init=False)

    async def run(self) -> Self:
        """Send it; keep the last answer it got, also if the run may not ask again."""
        await tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(self._is_worth_retrying),
            stop=self._is_enough,
            wait=self._wait,
            sleep=self.throttle.pacer.sleep,
            retry_error_callback=lambda _: None,
        )(self._once)
        return self

    async def _once(self) -> Answer | Fault | Skipped:
        answer = await self.throttle.ask(self.url, self._send)
        if not (isinstance(answer, Skipped) and self.attempts):
            self.answer = answer
        return answer

    async def _send(self) -> Answer | Fault:
        self.attempts += 1
        began = self.throttle.pacer.clock()
        answer = await self.get()
        self.seconds += self.throttle.pacer.clock() - began
        return answer

    def _is_worth_retrying(self, result: Answer | Fault | Skipped) -> bool:
        cap = inf if self.throttle.paced else RETRY_AFTER_CAP
        return not isinstance(result, Skipped) and is_worth_retrying(result, self.throttle.now(), cap)

    def _is_enough(self, _: tenacity.RetryCallState) -> bool:
        over = self.throttle.breaker.over is not None
        return over or self.attempts >= self.max_attempts or self.seconds > self.patience

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """Return the seconds to wait. Where a refusal slows all requests, this one included, the throttle decides."""
        if isinstance(self.answer, Skipped):
            return 0.0
        sign = sign_of(self.answer)
        if self.throttle.paced and sign.refused:
            return self.throttle.pacer.pause
        seconds = backoff(state, self.answer, self.throttle.now())
        if sign is Sign.LIMITED:
            self.throttle.pacer.hold(seconds)
        self.seconds += seconds
        return seconds
