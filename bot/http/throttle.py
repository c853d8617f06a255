"""When the next request may be sent, and when no more: adaptive spacing and a circuit breaker.

A `Throttle` serves one budget: all of Medium's hosts together, or one other host. It learns from every result and
knows nothing of pages; retries are in `retry`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf, log
from typing import Literal, NamedTuple

from bot.medium.classify import Sign, sign_of
from bot.model.answers import Answer, Fault
from bot.model.pages import Skipped

Sleep = Callable[[float], Awaitable[None]]
Clock = Callable[[], float]


_GROWTH = 1 / 40  # of the rate, an answer, until the first refusal: it doubles with every 28
_BACK_OFF = 0.05  # of the rate, after a refusal that followed enough answers
_ENOUGH = 3  # answers since the last refusal; after fewer, the rate is far too high
_BURST = 20  # answers before the first refusal that prove the rate; fewer may have been saved up
_PLATEAU, _PLATEAU_RESTART = 50, 80  # answers until the goal is reached again, from just below it
_LEAST_BLOCKED = 1 / 4  # of the first rate: below that, a bot challenge has other reasons than haste


@dataclass(slots=True)
class AdaptiveRate:
    """Requests a second, controlled as TCP controls congestion.

    Slow start until the first refusal; then the curve of CUBIC (RFC 9438): fast to just below the rate that was
    refused, long there, and ever faster beyond. Progress is counted in answers and not in seconds, so that the
    behavior is the same at a request a minute and at fifty a second. Without `floor` and `ceiling`, or where they
    exclude the first value, that value is the bound.
    """

    value: float
    floor: float = inf
    ceiling: float = 0.0
    _first: float = field(init=False)
    _borne: float = field(default=0.0, init=False)
    _goal: float | None = field(default=None, init=False)
    _steepness: float = field(default=0.0, init=False)
    _answers: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._first = self.value
        self.floor, self.ceiling = min(self.floor, self.value), max(self.ceiling, self.value)

    def grow(self) -> None:
        """Rise after an answer."""
        if self._goal is None:
            self._set(self.value * (1 + _GROWTH))
        else:
            self._answers += 1
            self._set(self._goal * (1 + self._steepness * self._answers**3))

    def back_off(self, sign: Sign, served: int, seconds: float) -> None:
        """Fall after a refusal: a little, but by half if hardly any were `served` since the last.

        `seconds` since the last refusal, `inf` if there was none. A token bucket is empty after a refusal, and so
        serves exactly its limit until the next one. Until the first, nobody knows how much was saved up.
        """
        refused, limited = self.value, sign is Sign.LIMITED
        if seconds == inf and served >= _BURST:
            self._borne = refused / 2
        goal, lower = max(refused, self._borne), refused / 2
        if served >= _ENOUGH and (0 < seconds < inf or not limited):
            # After a long rise from far below, the limit is above what was served on the way.
            measured = max(served / seconds, refused / 2) if limited else inf
            self._borne = goal = min(refused, measured)
            lower = goal * (1 - _BACK_OFF)
        if sign is Sign.BLOCKED:
            lower = min(refused, max(lower, self._first * _LEAST_BLOCKED))
        self._aim(lower, goal, _PLATEAU)

    def restart(self) -> None:
        """Begin again well below the rate that was borne: the server was closed and answers again."""
        self._borne = (self._borne or self._first) / 2
        self._aim(self._borne / 2, self._borne, _PLATEAU_RESTART)

    def _aim(self, lower: float, goal: float, plateau: float) -> None:
        """Fall, and rise toward a goal from there."""
        self._set(lower)
        self._goal = max(goal, self.value)
        self._steepness = _BACK_OFF / plateau**3
        self._answers = -(((1 - self.value / self._goal) / self._steepness) ** (1 / 3))

    def _set(self, value: float) -> None:
        self.value = min(max(value, self.floor), self.ceiling)


class Permit(NamedTuple):
    """Permission to send one request: its number since the last slowdown, and its time."""

    number: int
    at: float
    waited: bool


@dataclass(slots=True)
class Pacer:
    """Spaces the starts of requests evenly, at a rate that follows their results; without a `rate`, not at all."""

    rate: AdaptiveRate | None
    clock: Clock
    sleep: Sleep = asyncio.sleep
    _next: float = field(default=0.0, init=False)
    _held_until: float = field(default=0.0, init=False)
    _slowed_at: float = field(default=-inf, init=False)
    _given: int = field(default=0, init=False)

    @property
    def spacing(self) -> float:
        """The seconds from one start to the next, at present."""
        return 1 / self.rate.value if self.rate is not None else 0.0

    @property
    def pause(self) -> float:
        """The seconds for which nobody may start."""
        return max(0.0, self._held_until - self.clock())

    async def turn(self) -> Permit:
        """Wait for a free slot. A slot reserved before a pause or a slowdown is void: its owner queues again."""
        waited = False
        while True:
            now = self.clock()
            at = max(now, self._next)
            self._next = at + self.spacing
            if at > now:
                waited = True
                await self.sleep(at - now)
            if at >= self._held_until and now >= self._slowed_at:
                self._given += 1
                return Permit(self._given, at, waited)

    def hold(self, seconds: float) -> None:
        """Let nobody start for some seconds."""
        self._held_until = max(self._held_until, self.clock() + seconds)
        self._next = max(self._next, self._held_until)

    def served(self, permit: Permit) -> None:
        """Note an answer. A request that did not have to wait proves nothing about a faster pace."""
        if self.rate is not None and permit.waited and permit.at > self._slowed_at:
            self.rate.grow()

    def refused(self, permit: Permit, sign: Sign) -> bool:
        """Slow down, once for all requests that were on their way; return True if this is the first of them."""
        if self.rate is None or permit.at <= self._slowed_at:
            return False
        self.rate.back_off(sign, permit.number - 1, permit.at - self._slowed_at)
        self._slowed_at, self._given = self.clock(), 0
        self._held_until = self._next = max(self._held_until, self.clock() + self.spacing)
        return True


# So many refusals in a row open the circuit, of so many pages: a single page may be at fault.
ROW, PAGES = 6, 3
_CHANCE = 1e-4  # a row must be less likely than this, given the share of requests that is refused anyway
_DOUBT = 2  # refusals in a row, after which one request at a time is enough
_UNKNOWN = 4  # requests at a time before the first answer
_TRIALS = 3
_RECOVERY = 0.97  # by which each answer shortens the next pause: 23 of them undo a doubling
LONGEST_PAUSE = 900.0


@dataclass(slots=True)
class Breaker:
    """A circuit breaker: opens after several refusals in a row, is tried again after a pause, and may give up.

    `pause` is in seconds, and doubles each time. `over` says why it gave up.
    `turned_away` are addresses that were refused together with others, and so for no fault of theirs.
    """

    name: str
    pause: float
    over: str | None = field(default=None, init=False)
    turned_away: set[str] = field(default_factory=set, init=False)
    _state: Literal["closed", "open", "half-open"] = field(default="closed", init=False)
    _row: list[str] = field(default_factory=list, init=False)
    _first_pause: float = field(init=False)
    _failures: int = field(default=0, init=False)
    _answers: int = field(default=0, init=False)
    _refused: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._first_pause = self.pause

    @property
    def at_once(self) -> float:
        """How many requests may be on their way at the same time."""
        if self._state != "closed" or len(self._row) >= _DOUBT:
            return 1
        return inf if self._answers else _UNKNOWN

    def asking(self) -> None:
        """Note that a request is sent: while the circuit is open, its trial."""
        if self._state == "open":
            self._state = "half-open"

    def served(self) -> bool:
        """Note an answer, which ends a row of refusals and closes the circuit; return True if it was open."""
        was_open = self._state != "closed"
        self._state, self._failures = "closed", 0
        self.pause = max(self._first_pause, self.pause * _RECOVERY)
        self._answers += 1
        self._refused += 0 if was_open else len(self._row)
        self._row.clear()
        return was_open

    def refused(self, url: str, sign: Sign, left: float, *, counts: bool = True) -> float:
        """Note a refusal; return for how many seconds nobody may ask.

        `left` is what is left of the run, in seconds. `counts`: the refusal may open the circuit.
        """
        if self._state != "closed":
            self.turned_away.add(url)
            if self._state == "open":  # sent before it opened
                return 0.0
            self._failures += 1
        elif self.over is not None or not counts:
            return 0.0
        self._row.append(url)
        urls = set(self._row)
        if len(urls) > 1:
            self.turned_away |= urls
        return self._open(sign, left) if len(self._row) >= self._row_length and len(urls) >= PAGES else 0.0

    @property
    def _row_length(self) -> float:
        """How many refusals in a row open the circuit."""
        share = self._refused / (self._refused + self._answers) if self._answers else 0.0
        return max(ROW, log(_CHANCE) / log(share)) if share else ROW

    def _open(self, sign: Sign, left: float) -> float:
        """Open for a pause, or give up: after the last trial, or if the pause is too long."""
        self._state = "open"
        last, pause = self.pause / 2, self.pause if self._failures else min(self.pause, left / 2)
        self.pause = 2 * pause
        # A limit or a reset passes with time; for anything else, a run without a time limit is not kept waiting.
        trials = _TRIALS if left < inf or sign in (Sign.LIMITED, Sign.RESET) else 1
        if self._failures < trials and pause < min(left, LONGEST_PAUSE):
            return pause
        when = f"the last after a pause of {last:.0f} s" if self._failures else "again and again"
        self.give_up(f"{self.name} refused {len(self._row)} requests in a row ({sign.value}), {when}")
        return 0.0

    def give_up(self, reason: str) -> None:
        """Let nobody ask again in this run."""
        self.over = self.over or f"not asked: {reason}"


# How long an open circuit pauses at first: a minute, or less where the rate is a simulation's.
_PAUSE, _PAUSE_REQUESTS, _PAUSE_UNPACED = 60.0, 300, 1.0
_OTHERS = 2  # answers between two refusals of a page, after which the page itself is at fault


@dataclass(slots=True)
class Throttle:
    """The pacer and the circuit breaker of `name`. `left` returns the seconds left of the run, inf if unlimited."""

    name: str
    pacer: Pacer
    left: Callable[[], float]
    now: Callable[[], datetime]
    breaker: Breaker = field(init=False)
    _refused: set[str] = field(default_factory=set, init=False)
    _answers: int = field(default=0, init=False)
    _on_their_way: int = field(default=0, init=False)
    _landed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def __post_init__(self) -> None:
        rate = self.pacer.rate
        pause = min(_PAUSE, _PAUSE_REQUESTS / rate.value) if rate is not None else _PAUSE_UNPACED
        self.breaker = Breaker(self.name, pause)

    @property
    def paced(self) -> bool:
        """Return True if there is a rate limit, so that a refusal slows everybody down."""
        return self.pacer.rate is not None

    async def ask(
        self, url: str, send: Callable[[], Awaitable[Answer | Fault]], *, closes: bool = True
    ) -> Answer | Fault | Skipped:
        """Send a request in its turn, and learn from the result.

        `closes`: an answer closes the circuit. robots.txt does not: it is served even when pages are blocked.
        """
        permit = await self._turn()
        if permit is None:
            return Skipped(self.breaker.over or "", wanted=True)
        self._on_their_way += 1
        try:
            result = await send()
        finally:
            self._on_their_way -= 1
            self._landed.set()
        sign = sign_of(result)
        if sign is Sign.SERVED:
            self._answers += 1
            self.pacer.served(permit)
            if closes and self.breaker.served() and self.pacer.rate is not None:
                self.pacer.rate.restart()
        else:
            self._refuse(permit, url, sign)
            if isinstance(result, Answer) and sign is Sign.LIMITED and self.paced:
                self._obey(result.retry_after(self.now()) or 0.0)
        return result

    async def _turn(self) -> Permit | None:
        while self.breaker.over is None:
            permit = await self.pacer.turn()
            if self._on_their_way < self.breaker.at_once and self.breaker.over is None:
                self.breaker.asking()
                return permit
            while self._on_their_way >= self.breaker.at_once:
                self._landed.clear()
                await self._landed.wait()
        return None

    def _refuse(self, permit: Permit, url: str, sign: Sign) -> None:
        """Slow down and count, unless the page is at fault: refused again while others were served."""
        own = sign in (Sign.BLOCKED, Sign.RESET) and self._answers >= _OTHERS and url in self._refused
        first = sign.refused and not own and self.pacer.refused(permit, sign)
        # Without a rate limit of our own, 429 and resets are to be expected: only challenges open the circuit.
        counts = not own and (first or sign is Sign.BLOCKED or (sign is Sign.FAILED and self.paced))
        self._answers = 0
        self._refused.add(url)
        self.pacer.hold(self.breaker.refused(url, sign, self.left(), counts=counts))

    def _obey(self, seconds: float) -> None:
        """Pause as long as `Retry-After` asks, or give up if that is longer than the run."""
        left = self.left()
        if not seconds or seconds < (left if left < inf else LONGEST_PAUSE):
            self.pacer.hold(seconds)
            return
        rest = f", and {left:.0f} s of the run were left" if left < inf else ""
        self.breaker.give_up(f"{self.name} asks for a pause of {seconds:.0f} s (Retry-After){rest}")
