"""One page: ask, follow, retry, judge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from math import inf
from urllib.parse import urlsplit

from bot.http.addresses import Remap, flaw, next_url, route
from bot.http.client import Client
from bot.http.retry import ATTEMPTS_AGAIN, MAX_ATTEMPTS, Fetch
from bot.http.robots import Robots
from bot.http.throttle import AdaptiveRate, Clock, Pacer, Sleep, Throttle
from bot.medium.classify import Sign, judge, judge_fault, judge_target, sign_of
from bot.medium.site import Site
from bot.model.answers import Answer, Fault, FaultKind
from bot.model.pages import Hop, Outcome, Page, Skipped, Target, Unreachable

MAX_REDIRECTS = 10
AGENT = "medium-catalog-bot"
# A page's answers and the waits between its attempts get this many times the limit of one answer.
PAGE_LIMIT = 3
_REFUSED_AGAIN = 3


@dataclass(slots=True)
class Prober:
    """Probes pages with one client, one budget for Medium and one for every other host.

    `timeout` is in seconds for one answer; `rate` in requests a second at first (0: no limit), later between
    `floor` and `ceiling`. `deadline`: when, by the clock, the run must end.
    """

    client: Client
    timeout: float
    rate: float
    site: Site
    remaps: Sequence[Remap] = ()
    floor: float = inf
    ceiling: float = 0.0
    deadline: float | None = None
    clock: Clock = field(default_factory=lambda: asyncio.get_running_loop().time)
    sleep: Sleep = asyncio.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    retries: int = field(default=0, init=False)
    _throttles: dict[str, Throttle] = field(default_factory=dict, init=False)
    _refused: list[_Walk] = field(default_factory=list, init=False)
    robots: Robots = field(init=False)

    def __post_init__(self) -> None:
        self.robots = Robots(self._fetch_once, AGENT, self.site)

    async def probe(self, target: Target) -> Page:
        """Ask for a page, follow its redirects and judge its last answer; never raises for what the web does."""
        walk = _Walk(self, target)
        page = await walk.page()
        if walk.sign.refused:
            self._refused.append(walk)
        return page

    async def probe_again(self) -> AsyncIterator[Page]:
        """Ask once more, one after another, for the pages that were refused for no fault of theirs.

        Yields the pages as they are now. Stops where several in a row are refused again: then it may be their fault.
        """
        in_a_row = 0
        for before in [walk for walk in self._refused if self._was_turned_away(walk)]:
            if in_a_row >= _REFUSED_AGAIN or self._throttle(before.url).breaker.over is not None:
                return
            walk = _Walk(self, before.target, ATTEMPTS_AGAIN)
            page = await walk.page()
            if walk.sent:
                self.retries += before.sent
                in_a_row = in_a_row + 1 if walk.sign.refused else 0
                yield replace(page, attempts=page.attempts + before.sent)

    def _was_turned_away(self, walk: _Walk) -> bool:
        """Return True if the page was not at fault: a rate limit, a reset, or a challenge that others got too."""
        return walk.sign is not Sign.BLOCKED or walk.url in self._throttle(walk.url).breaker.turned_away

    async def fetch(
        self,
        url: str,
        patience: float,
        conditions: Mapping[str, str] | None = None,
        max_attempts: int = MAX_ATTEMPTS,
    ) -> Fetch:
        """Ask until the answer is worth having, or the attempts or the `patience` (seconds) are used up."""
        get = partial(self._get, url, conditions)
        fetched = await Fetch(url, get, self._throttle(url), patience, max_attempts).run()
        self.retries += max(0, fetched.attempts - 1)
        return fetched

    async def _fetch_once(self, url: str) -> Answer | Fault | Skipped:
        return await self._throttle(url).ask(url, partial(self._get, url), closes=False)

    async def _get(self, url: str, conditions: Mapping[str, str] | None = None) -> Answer | Fault:
        target, written = route(url, self.remaps)
        return await self.client.get(target, remapped=written, conditions=conditions)

    def _throttle(self, url: str) -> Throttle:
        host = (urlsplit(url).hostname or "").lower()
        name = "Medium" if self.site.is_host(host) else host
        if name not in self._throttles:
            rate = AdaptiveRate(self.rate, self.floor, self.ceiling) if self.rate else None
            pacer = Pacer(rate, self.clock, self.sleep)
            self._throttles[name] = Throttle(name, pacer, self._left, self.now)
        return self._throttles[name]

    def _left(self) -> float:
        return inf if self.deadline is None else max(0.0, self.deadline - self.clock())


@dataclass(slots=True)
class _Walk:
    """The hops of one page, from the asked address to the answer that is judged; `sign` is that of the last answer."""

    prober: Prober
    target: Target
    max_attempts: int = MAX_ATTEMPTS
    url: str = field(init=False)
    hops: list[Hop] = field(default_factory=list)
    attempts: int = 1
    sent: int = 0
    sign: Sign = Sign.SERVED
    patience: float = field(init=False)

    def __post_init__(self) -> None:
        self.patience = PAGE_LIMIT * self.prober.timeout
        self.url = self.target.url

    async def page(self) -> Page:
        """Ask for the page."""
        target, outcome = self.target, await self._outcome()
        checked_at = self.prober.now().replace(microsecond=0)
        return Page(target.identity, target.url, target.address, outcome, tuple(self.hops), self.attempts, checked_at)

    async def _outcome(self) -> Outcome:
        """Ask hop by hop, and judge the last answer."""
        prober = self.prober
        while True:
            verdict = self._verdict(self.url) or await prober.robots.refusal(self.url)
            if verdict is not None:
                return verdict
            patience = self.patience - prober.timeout
            fetched = await prober.fetch(self.url, patience, max_attempts=self.max_attempts)
            answer = fetched.answer
            if isinstance(answer, Skipped):
                return answer
            self.sign = sign_of(answer)
            self.sent += fetched.attempts
            self.attempts += fetched.attempts - 1
            self.patience -= fetched.seconds
            if isinstance(answer, Fault):
                return judge_fault(answer)
            self.hops.append(Hop(self.url, answer.status))
            if answer.location is None:
                return judge(self.target.address, self.url, answer, prober.site)
            try:
                self.url = next_url(self.url, answer.location, prober.site)
            except ValueError:
                return Unreachable("redirects to an address that cannot be read")

    def _verdict(self, url: str) -> Outcome | None:
        """Say what an address means before it is asked; None if it must be."""
        trouble = flaw(url)
        if trouble is not None:
            return Unreachable(f"redirects to {trouble}" if self.hops else trouble)
        if self.hops and (verdict := judge_target(self.target.address, url)) is not None:
            return verdict
        if any(hop.url == url for hop in self.hops):
            return Unreachable("a redirect loop")
        if len(self.hops) > MAX_REDIRECTS:
            return Unreachable(f"more than {MAX_REDIRECTS} redirects")
        return judge_fault(Fault(FaultKind.TIMEOUT)) if self.patience <= 0 else None
