"""One page: ask, follow, retry, judge."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import tenacity

from bot.medium.urls import Address, is_medium_host
from bot.web import retry
from bot.web.client import UNCONDITIONAL, Client
from bot.web.exchange import Answer, Fault, FaultKind
from bot.web.judge import judge, judge_fault, judge_target
from bot.web.outcome import Alive, Hop, Moved, Outcome, Page, Unreachable
from bot.web.pace import Clock, Pace, Sleep
from bot.web.redirect import flaw, next_url
from bot.web.remap import Remap, route
from bot.web.robots import Robots

MAX_REDIRECTS = 10
AGENT = "medium-catalog-bot"
# A page's answers and the waits between its attempts get this many times the limit of one answer.
PAGE_LIMIT = 3


@dataclass(frozen=True, slots=True)
class Target:
    """A page to ask for. `address` is None if it is not Medium's."""

    identity: str
    url: str
    address: Address | None


class Fetched(NamedTuple):
    """An answer, the attempts it took, and the seconds without those spent waiting for a turn."""

    answer: Answer | Fault
    attempts: int
    seconds: float


@dataclass(slots=True)
class Prober:
    """Probes pages with one client, one pace for Medium and one for every other host.

    `timeout` is in seconds for one answer, `rate` in requests a second (0: no limit).
    """

    client: Client
    timeout: float
    rate: float
    remaps: Sequence[Remap] = ()
    custom_domains: frozenset[str] = frozenset()
    clock: Clock = field(default_factory=lambda: asyncio.get_running_loop().time)
    sleep: Sleep = asyncio.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    retries: int = field(default=0, init=False)
    _paces: dict[str, Pace] = field(default_factory=dict, init=False)
    _robots: Robots = field(init=False)

    def __post_init__(self) -> None:
        self._robots = Robots(self._fetch_once, AGENT, self.custom_domains)

    async def probe(self, target: Target) -> Page:
        """Ask for a page, follow its redirects and judge its last answer; never raises for what the web does."""
        walk = _Walk(self, target)
        outcome = await walk.run()
        return Page(
            identity=target.identity,
            url=target.url,
            address=target.address,
            outcome=outcome,
            hops=tuple(walk.hops),
            attempts=walk.attempts,
            checked_at=self.now().replace(microsecond=0),
        )

    async def refusal(self, url: str) -> Outcome | None:
        """Return what robots.txt makes of a wish to ask for an address; None if it may be asked."""
        return await self._robots.refusal(url)

    async def fetch(self, url: str, patience: float, conditions: Mapping[str, str] = UNCONDITIONAL) -> Fetched:
        """Ask until the answer is worth having.

        Bounded in attempts and by `patience` (seconds), the waits to come included. Waiting for one's turn
        costs no patience: at a slow pace a page would have none left.
        """
        attempts = 0
        spent = 0.0

        async def once() -> Answer | Fault:
            nonlocal attempts, spent
            await self._pace(url).turn()
            attempts += 1
            began = self.clock()
            answer = await self._get(url, conditions)
            spent += self.clock() - began
            return answer

        async def rest(seconds: float) -> None:
            nonlocal spent
            spent += seconds
            await self.sleep(seconds)

        def wait(state: tenacity.RetryCallState) -> float:
            result = _result(state)
            seconds = retry.backoff(state.attempt_number, result, self.now())
            if isinstance(result, Answer) and result.status == 429:
                self._pace(url).hold(seconds)
            return seconds

        def enough(state: tenacity.RetryCallState) -> bool:
            return attempts >= retry.MAX_ATTEMPTS or spent + state.upcoming_sleep > patience

        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_result(lambda result: retry.is_worth_retrying(result, self.now())),
            stop=enough,
            wait=wait,
            sleep=rest,
            retry_error_callback=_result,
        )
        answer: Answer | Fault = await retrying(once)
        self.retries += attempts - 1
        return Fetched(answer, attempts, spent)

    async def _fetch_once(self, url: str) -> Answer | Fault:
        await self._pace(url).turn()
        return await self._get(url)

    async def _get(self, url: str, conditions: Mapping[str, str] = UNCONDITIONAL) -> Answer | Fault:
        target, written = route(url, self.remaps)
        return await self.client.get(target, remapped=written, conditions=conditions)

    def _pace(self, url: str) -> Pace:
        host = (urlsplit(url).hostname or "").lower()
        budget = "medium.com" if is_medium_host(host, self.custom_domains) else host
        if budget not in self._paces:
            self._paces[budget] = Pace(self.rate, self.clock, self.sleep)
        return self._paces[budget]


@dataclass(slots=True)
class _Walk:
    """The hops of one page, from the asked address to the answer that is judged."""

    prober: Prober
    target: Target
    hops: list[Hop] = field(default_factory=list)
    attempts: int = 1
    patience: float = field(init=False)

    def __post_init__(self) -> None:
        self.patience = PAGE_LIMIT * self.prober.timeout

    async def run(self) -> Outcome:
        prober, asked = self.prober, self.target.address
        url = self.target.url
        seen: set[str] = set()
        while True:
            verdict = self._verdict(url, seen) or await prober.refusal(url)
            if verdict is not None:
                return verdict
            seen.add(url)
            answer, attempts, seconds = await prober.fetch(url, self.patience - prober.timeout)
            self.attempts += attempts - 1
            self.patience -= seconds
            if isinstance(answer, Fault):
                return judge_fault(answer)
            self.hops.append(Hop(url, answer.status))
            if answer.location is None:
                return self._judged(asked, url, answer)
            try:
                url = next_url(url, answer.location, prober.custom_domains)
            except ValueError:
                return Unreachable("redirects to an address that cannot be read")

    def _verdict(self, url: str, seen: set[str]) -> Outcome | None:
        """Say what an address means before it is asked; None if it must be."""
        trouble = flaw(url)
        if trouble is not None:
            return Unreachable(f"redirects to {trouble}" if self.hops else trouble)
        verdict = judge_target(self.target.address, url) if self.hops else None
        if verdict is not None:
            return verdict
        if url in seen:
            return Unreachable("a redirect loop")
        if len(self.hops) > MAX_REDIRECTS:
            return Unreachable(f"more than {MAX_REDIRECTS} redirects")
        return judge_fault(Fault(FaultKind.TIMEOUT)) if self.patience <= 0 else None

    def _judged(self, asked: Address | None, url: str, answer: Answer) -> Outcome:
        outcome = judge(asked, url, answer, self.prober.custom_domains)
        match outcome:
            case Alive(article) | Moved(article, _) if answer.truncated and article is not None:
                return replace(outcome, article=replace(article, partial=True))
            case _:
                return outcome


def _result(state: tenacity.RetryCallState) -> Answer | Fault:
    result = state.outcome.result() if state.outcome is not None else None
    return result if isinstance(result, Answer | Fault) else Fault(FaultKind.RESET)
