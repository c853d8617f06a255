"""Whole runs against a server with a limit, in simulated time: the bot is real, the network and the clock are not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from functools import cached_property, partial

import httpx
from hours import in_no_time
from limits import Limit

from bot.checking import pipeline
from bot.checking.evaluate import Inputs
from bot.config import Settings
from bot.demo.facts import fitting
from bot.demo.world import Reply, World
from bot.http.client import Client
from bot.markdown.catalog import Catalog
from bot.markdown.parse import parse
from bot.model.report import Report
from bot.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that a server saw: when, and whether it was refused."""

    at: float
    url: str
    refused: bool


@dataclass(slots=True)
class Server:
    """A world behind a limit. `latency` is the shortest and the longest time of an answer, in seconds."""

    world: World
    limit: Limit
    latency: tuple[float, float] = (0.2, 0.6)
    dice: random.Random = field(default_factory=lambda: random.Random(0))
    seen: list[Asked] = field(default_factory=list)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, after some time."""
        on_its_way = self.dice.uniform(*self.latency) / 2
        await asyncio.sleep(on_its_way)
        url, now = str(request.url), asyncio.get_running_loop().time()
        refusal = self.limit.refusal(url, now)
        self.seen.append(Asked(now, url, refusal is not None))
        reply = refusal or self.world.reply(url)
        await asyncio.sleep(on_its_way)
        if reply.reset:
            raise httpx.ReadError("reset")
        return httpx.Response(reply.status, headers=reply.headers, stream=_Body(reply))


class _Body(httpx.AsyncByteStream):
    """A body that httpx has not read yet, as from a network."""

    def __init__(self, reply: Reply) -> None:
        self._body = reply.body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body


@dataclass(frozen=True)
class SimulatedRun:
    """The outcome of a run: its report, what the server saw, and how long it took."""

    report: Report
    seen: tuple[Asked, ...]
    seconds: float

    @cached_property
    def refused(self) -> int:
        """How many requests were refused."""
        return sum(each.refused for each in self.seen)

    @property
    def share_refused(self) -> float:
        """The share of the requests that was refused."""
        return self.refused / len(self.seen)

    def served_a_second(self, first: float = 0.5, last: float = 1.0) -> float:
        """Return how many requests a second were served between two shares of all requests."""
        part = self.seen[round(first * len(self.seen)) : round(last * len(self.seen))]
        seconds = part[-1].at - part[0].at
        return sum(not each.refused for each in part[1:]) / seconds if seconds else 0.0


def catalog_of(pages: int) -> Catalog:
    """Return a catalog of that many articles by one author."""
    links = (f"- [Paper {n}](https://someone.medium.com/paper-{n}-{n + 0xABC00000:012x})" for n in range(pages))
    return parse("\n".join(("# Papers", "", *links, "")).encode())


def simulate(
    limit: Limit,
    settings: Settings,
    *,
    catalog: Catalog | None = None,
    latency: tuple[float, float] = (0.2, 0.6),
    seed: int = 0,
    rules: Iterable[Rule] = (),
) -> SimulatedRun:
    """Check a catalog against a server with a limit."""
    checked = catalog or catalog_of(400)

    async def run() -> SimulatedRun:
        server = Server(World(*fitting(checked), paragraphs=1), limit, latency, random.Random(seed))
        client = partial(Client, transport=httpx.MockTransport(server.answer))
        report = await pipeline.run(Inputs(checked, settings, tuple(rules)), client_for=client)
        return SimulatedRun(report, tuple(server.seen), asyncio.get_running_loop().time())

    return in_no_time(run())
