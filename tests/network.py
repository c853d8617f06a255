"""A network that answers from a table, and an article of Medium to find there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx
import respx

from bot.demo import page as stand_in
from bot.demo.facts import Facts
from bot.http.addresses import read_remap
from bot.http.client import Client
from bot.http.probe import Prober
from bot.medium.quirks import ROBOTS
from bot.medium.site import MEDIUM, Site
from bot.model.pages import Page, Target

ID = "abcdef123456"
OWN = f"https://a.medium.com/some-words-{ID}"
AT = f"https://medium.com/@a/some-words-{ID}"
PUB = f"https://medium.com/pub/some-words-{ID}"
ARTICLE = stand_in.article_page(Facts(ID, "Some Words", "2024-01-02T03:04:05.000Z", AT, ()), paragraphs=1)
START = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


class Body(httpx.AsyncByteStream):
    """A body as the network gives it: httpx reads one that it was given as bytes before we can."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.content


def says(status: int = 200, body: bytes = b"", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=Body(body))


def to(location: str, status: int = 302) -> httpx.Response:
    return says(status, location=location)


@dataclass
class Night:
    """A network that answers from a table, and a clock that only sleeping moves."""

    answers: dict[str, httpx.Response | Exception | list[httpx.Response | Exception]]
    rate: float = 0
    remaps: tuple[str, ...] = ()
    site: Site = MEDIUM
    timeout: float = 10
    robots: bytes | None = ROBOTS.encode()
    slowness: float = 0
    now: float = 0
    sleeps: list[float] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    sent: int = 0
    retries: int = 0

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def transport(self) -> httpx.MockTransport:
        router = respx.MockRouter()
        router.route().mock(side_effect=self._answer)
        return httpx.MockTransport(router.async_handler)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        self.asked.append(url)
        self.now += self.slowness
        answer = self.answers.get(url)
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        if answer is None and self.robots is not None and url.endswith("/robots.txt"):
            return says(200, self.robots)
        return answer or says(404)

    async def probe_all(self, *urls: str) -> list[Page]:
        async with Client("tester/1", self.timeout, 4, transport=self.transport()) as client:
            prober = Prober(
                client,
                self.timeout,
                self.rate,
                self.site,
                [read_remap(text) for text in self.remaps],
                clock=lambda: self.now,
                sleep=self.sleep,
                now=lambda: START + timedelta(seconds=self.now),
            )
            pages = await asyncio.gather(*(prober.probe(self.target(url)) for url in urls))
            self.sent, self.retries = client.sent, prober.retries
        return pages

    def target(self, url: str) -> Target:
        address = self.site.read(url)
        return Target(address.identity if address else url, url, address)

    def probe(self, url: str) -> Page:
        return asyncio.run(self.probe_all(url))[0]

    @property
    def pages_asked(self) -> list[str]:
        return [url for url in self.asked if not url.endswith("/robots.txt")]


def chain(length: int) -> dict[str, httpx.Response | Exception | list[httpx.Response | Exception]]:
    """The article behind so many redirects."""
    urls = [AT, *(f"{AT}?step={n}" for n in range(1, length + 1))]
    redirects = {here: to(there) for here, there in pairwise(urls)}
    return {**redirects, urls[-1]: says(200, ARTICLE)}
