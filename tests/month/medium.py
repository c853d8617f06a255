"""Medium as the story has it: articles die, move and are renamed behind bot challenges and a rate limit."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field, replace

from bot.demo import page
from bot.demo.facts import Facts, fitting
from bot.demo.world import Fault, Reply, World
from bot.markdown.catalog import Catalog
from bot.medium.site import MEDIUM
from month.story import Story

_BURST = 40


@dataclass(slots=True)
class Limit:
    """A token bucket: `rate` requests a second, with bursts."""

    rate: float
    tokens: float = _BURST
    last: float = field(default_factory=time.monotonic)
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def admits(self) -> bool:
        """Take a token, if there is one."""
        with self.lock:
            now = time.monotonic()
            self.tokens = min(_BURST, self.tokens + (now - self.last) * self.rate)
            self.last = now
            if self.tokens < 1:
                self.refused += 1
                return False
            self.tokens -= 1
            return True


@dataclass(slots=True)
class MonthWorld(World):
    """The stand-in's world on one night of the story."""

    story: Story | None = None
    night: int = 0
    limit: Limit = field(default_factory=lambda: Limit(300.0))
    blocked: frozenset[str] = frozenset()

    def reply(self, url: str) -> Reply:
        """Answer a request: the rate limit comes first, then the bot challenges."""
        if not self.limit.admits():
            self.asked[url] += 1
            return Reply(429)
        address = MEDIUM.read(url)
        post_id = address.post_id if address is not None else None
        assert self.story is not None
        if self.night in self.story.blocked or (post_id is not None and post_id in self.blocked):
            self.asked[url] += 1
            return Reply(403, page.CHALLENGE, (("cf-mitigated", "challenge"),))
        return World.reply(self, url)


def world_of(catalog: Catalog, story: Story, limit: Limit, night: int) -> MonthWorld:
    """Return the world of a night."""
    facts, others = fitting(catalog)
    for post_id, since in story.renamed.items():
        if night >= since and post_id in facts:
            facts[post_id] = _renamed(facts[post_id])
    world = MonthWorld(facts, others, paragraphs=4, story=story, night=night, limit=limit)
    deaths = (Fault.DELETED, Fault.NOT_FOUND, Fault.SOFT_404, Fault.FRONT_PAGE)
    for at, absence in enumerate(story.absences):
        if absence.on(night):
            world.faults[absence.post_id] = deaths[at % len(deaths)]
    for post_id, since in story.moved.items():
        if night >= since:
            world.faults[post_id] = Fault.MOVED
    if night in story.incident:
        world.faults.update(dict.fromkeys(story.incident_posts, Fault.NOT_FOUND))
    blocked = {story.always_blocked}
    if night in story.partly_blocked:
        blocked |= set(random.Random(night).sample(sorted(facts), len(facts) * 3 // 10))
    world.blocked = frozenset(blocked)
    return world


def _renamed(facts: Facts) -> Facts:
    title = f"{facts.title}, Revisited"
    headings = tuple(
        (id_, element, f"{words}, Revisited" if at == 0 else words)
        for at, (id_, element, words) in enumerate(facts.headings)
    )
    return replace(facts, title=title, headings=headings)
