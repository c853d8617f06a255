"""robots.txt: asked once a host, obeyed. Medium's known rules stand in where the file cannot be had."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from protego import Protego

from bot.http.addresses import flaw, next_url
from bot.medium import quirks
from bot.medium.classify import is_challenge, judge_fault
from bot.medium.site import Site
from bot.model.answers import Answer, Fault
from bot.model.pages import Outcome, Skipped

Fetch = Callable[[str], Awaitable[Answer | Fault | Skipped]]
_MAX_REDIRECTS = 5  # RFC 9309, 2.3.1.2
_MAX_RULES = 512 * 1024  # RFC 9309, 2.5: at least 500 KiB
_AGENT_LINE = re.compile(r"\A\s*user[\s-]*agent\s*[\s:]([^#]*).*", re.IGNORECASE | re.DOTALL)


class Robots:
    """Says why an address may not be asked; `fetch` gets a robots.txt file and never raises."""

    def __init__(self, fetch: Fetch, agent: str, site: Site) -> None:
        self._fetch = fetch
        self._agent = agent
        self._site = site
        self._rules: dict[str, Protego | Outcome] = {}
        self._reading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def refusal(self, url: str) -> Outcome | None:
        """Return what keeps the bot from asking for an address; None if its host's robots.txt lets it."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
        async with self._reading[origin]:
            if origin not in self._rules:
                self._rules[origin] = self._chosen(await self._read(origin), parts.hostname or "")
        rules = self._rules[origin]
        if not isinstance(rules, Protego):
            return rules
        return None if rules.can_fetch(url, self._agent) else Skipped("robots.txt forbids it", wanted=True)

    async def _read(self, origin: str) -> Answer | Fault | Skipped:
        url = f"{origin}/robots.txt"
        answer = await self._fetch(url)
        for _ in range(_MAX_REDIRECTS):
            if not isinstance(answer, Answer) or answer.location is None:
                break
            try:
                url = next_url(url, answer.location, self._site)
            except ValueError:
                break
            if flaw(url) is not None:
                break
            answer = await self._fetch(url)
        return answer

    def _chosen(self, answer: Answer | Fault | Skipped, host: str) -> Protego | Outcome:
        """Choose the rules: 4xx allows all (RFC 9309, 2.3.1.3); a challenge, 429, 5xx or no answer says nothing.

        Then Medium's known rules stand in, and on other hosts nothing may be asked (2.3.1.4). HTML or a
        plain 403 holds no rules; from Medium, whose file is known, it is a challenge without its sign.
        """
        medium = self._site.is_host(host)
        if isinstance(answer, Answer) and not is_challenge(answer):
            found = 200 <= answer.status < 300
            text = answer.body[:_MAX_RULES].decode("utf-8-sig", "replace")
            html = text.lstrip().startswith("<")
            if found and not html:
                return Protego.parse(_for(self._agent, text))
            none_there = found or (400 <= answer.status < 500 and answer.status != 429)
            if none_there and not (medium and (found or answer.status == 403)):
                return Protego.parse("")
        if medium:
            return Protego.parse(quirks.ROBOTS)
        if isinstance(answer, Skipped):
            return answer
        return judge_fault(answer) if isinstance(answer, Fault) else Skipped("robots.txt cannot be read", wanted=True)


def _for(agent: str, text: str) -> str:
    """Give all other bots one name: Protego keeps each rule once for every name of its group.

    16,000 names and 20,000 rules, a file of half a megabyte, would else be 300 million rules.
    """

    def renamed(line: re.Match[str]) -> str:
        name = line[1].replace("*", "").strip().lower()
        return f"User-agent: {name or '*' if agent.startswith(name) else 'another'}"

    return "\n".join(_AGENT_LINE.sub(renamed, line) for line in text.splitlines())
