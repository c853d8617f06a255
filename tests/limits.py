"""How servers limit their clients: pure functions of addresses and times, without sockets or clocks."""

from __future__ import annotations

import random
import time
from collections import deque
from dataclasses import dataclass, field
from math import ceil
from typing import Protocol

from bot.demo import page
from bot.demo.world import Reply, World

CHALLENGE = Reply(403, page.CHALLENGE, (("cf-mitigated", "challenge"),))
RESET = Reply(reset=True)


class Limit(Protocol):
    """Decides which requests a server refuses."""

    def refusal(self, url: str, now: float) -> Reply | None:
        """Return the refusal of a request; None if it is served. `now` is in seconds."""


@dataclass(slots=True)
class Bucket:
    """A token bucket: `rate` requests a second, with bursts.

    `says_when`: 429 has a `Retry-After`. `resets`: the connection is reset instead. The rate is halved after
    `halved_after` requests.
    """

    rate: float
    burst: float = 10
    says_when: bool = False
    resets: bool = False
    halved_after: int = 0
    _tokens: float = field(init=False)
    _last: float | None = None
    _served: int = 0

    def __post_init__(self) -> None:
        self._tokens = self.burst

    def refusal(self, url: str, now: float) -> Reply | None:
        """Take a token, if there is one."""
        del url
        since = 0.0 if self._last is None else now - self._last
        self._last = now
        self._tokens = min(self.burst, self._tokens + since * self.rate)
        if self._tokens >= 1:
            self._tokens -= 1
            self._served += 1
            if self._served == self.halved_after:
                self.rate /= 2
            return None
        if self.resets:
            return RESET
        seconds = ceil((1 - self._tokens) / self.rate)
        return Reply(429, headers=(("Retry-After", str(seconds)),) if self.says_when else ())


@dataclass(slots=True)
class Window:
    """A fixed window: `number` requests in each `seconds`, counted from the first request."""

    number: int
    seconds: float
    says_when: bool = False
    _began: float | None = None
    _count: int = 0

    def refusal(self, url: str, now: float) -> Reply | None:
        """Count a request."""
        del url
        if self._began is None or now >= self._began + self.seconds:
            self._began, self._count = now, 0
        self._count += 1
        if self._count <= self.number:
            return None
        seconds = ceil(self._began + self.seconds - now)
        return Reply(429, headers=(("Retry-After", str(seconds)),) if self.says_when else ())


@dataclass(slots=True)
class Touchy:
    """Refuses everything after `number` requests within `seconds`, until `calm` seconds without a request.

    `stubborn`: a request in between starts the calm anew; otherwise it just takes its time.
    """

    number: int = 25
    seconds: float = 10.0
    calm: float = 10.0
    stubborn: bool = True
    refused: Reply = RESET
    _seen: deque[float] = field(default_factory=deque)
    _refusing_until: float = 0.0

    def refusal(self, url: str, now: float) -> Reply | None:
        """Count a request."""
        del url
        if now < self._refusing_until:
            if self.stubborn:
                self._refusing_until = now + self.calm
            return self.refused
        while self._seen and self._seen[0] <= now - self.seconds:
            self._seen.popleft()
        self._seen.append(now)
        if len(self._seen) <= self.number:
            return None
        self._seen.clear()
        self._refusing_until = now + self.calm
        return self.refused


@dataclass(slots=True)
class Closed:
    """Refuses everything, from a time on and until another."""

    refused: Reply = CHALLENGE
    since: float = 0.0
    until: float = float("inf")
    robots: bool = True
    _first: float | None = None

    def refusal(self, url: str, now: float) -> Reply | None:
        """Refuse by the time since the first request."""
        self._first = now if self._first is None else self._first
        closed = self.since <= now - self._first < self.until
        return self.refused if closed and (self.robots or not url.endswith("/robots.txt")) else None


@dataclass(slots=True)
class Picky:
    """Always refuses the same share of all addresses."""

    share: float
    refused: Reply = CHALLENGE
    seed: int = 0

    def refusal(self, url: str, now: float) -> Reply | None:
        """Refuse by the address."""
        del now
        return self.refused if random.Random(f"{self.seed} {url}").random() < self.share else None


@dataclass(slots=True)
class Moody:
    """Refuses a random share of the requests, whatever they ask for and however slowly."""

    share: float
    refused: Reply = RESET
    _dice: random.Random = field(default_factory=lambda: random.Random(0))

    def refusal(self, url: str, now: float) -> Reply | None:
        """Refuse at random."""
        del url, now
        return self.refused if self._dice.random() < self.share else None


@dataclass(slots=True)
class LimitedWorld(World):
    """A world behind a limit, for a server on real sockets. `seen` are the times of requests, and True if refused."""

    limit: Limit = field(default_factory=lambda: Picky(0.0))
    seen: list[tuple[float, bool]] = field(default_factory=list)

    def reply(self, url: str) -> Reply:
        """Answer a request, or refuse it."""
        now = time.monotonic()
        refusal = self.limit.refusal(url, now)
        self.seen.append((now, refusal is not None))
        if refusal is None:
            return World.reply(self, url)
        self.asked[url] += 1
        return refusal
