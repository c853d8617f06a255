"""robots.txt: asked once a host, obeyed. Medium's known rules stand in where the file cannot be had."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urljoin, urlsplit

from protego import Protego

from bot.medium import oddities
from bot.medium.urls import is_medium_host
from bot.web.exchange import Answer, Fault

Fetch = Callable[[str], Awaitable[Answer | Fault]]
_MAX_REDIRECTS = 3
_MAX_RULES = 512 * 1024


class Robots:
    """Answers whether an address may be asked; `fetch` gets a robots.txt file."""

    def __init__(self, fetch: Fetch, agent: str) -> None:
        self._fetch = fetch
        self._agent = agent
        self._rules: dict[str, asyncio.Task[Protego]] = {}

    async def allows(self, url: str) -> bool:
        """Tell whether robots.txt of the address's host lets this bot ask for it."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            self._rules[origin] = asyncio.ensure_future(self._read(origin, parts.hostname or ""))
        rules = await asyncio.shield(self._rules[origin])
        return bool(rules.can_fetch(url, self._agent))

    async def _read(self, origin: str, host: str) -> Protego:
        url = origin + "/robots.txt"
        answer = await self._fetch(url)
        for _ in range(_MAX_REDIRECTS):
            if isinstance(answer, Fault) or answer.location is None:
                break
            url = urljoin(url, answer.location)
            answer = await self._fetch(url)
        return Protego.parse(_text(answer, host))


def _text(answer: Answer | Fault, host: str) -> str:
    """Choose the rules: 4xx allows all (RFC 9309, 2.3.1.3); a wall, 429, 5xx or no answer says nothing."""
    if isinstance(answer, Answer) and "cf-mitigated" not in answer.headers:
        if 200 <= answer.status < 300 and answer.body.lstrip()[:1] != b"<":
            return answer.body[:_MAX_RULES].decode("utf-8", "replace")
        if 400 <= answer.status < 500 and answer.status not in (403, 429):
            return ""
    # RFC 9309, 2.3.1.4: where the file is unreachable, assume the worst; Medium's own rules are known.
    return oddities.ROBOTS if is_medium_host(host) else "User-agent: *\nDisallow: /"
