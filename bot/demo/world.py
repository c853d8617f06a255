"""What the stand-in for Medium answers at each address, faults included. No sockets here."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.demo import page
from bot.demo.facts import Facts, fitting
from bot.markdown.catalog import Catalog
from bot.medium.quirks import ROBOTS
from bot.medium.site import MEDIUM, Site
from bot.model.articles import Address, Kind


class Fault(StrEnum):
    """How a page misbehaves. Only the faults in `DEATHS` say that an article is gone."""

    DELETED = "410 deleted by author"
    NOT_FOUND = "404"
    SOFT_404 = "page not found, with status 200"
    FRONT_PAGE = "redirect to the front page"
    MOVED = "redirect to another owner"
    LOST_FRAGMENTS = "headings with other ids"
    SUSPENDED = "410 suspended"
    CHALLENGE = "a bot challenge"
    SIGN_IN = "redirect to sign-in"
    LIMITED = "429 once"
    BUSY = "503 once"
    RESET = "connection reset once"
    LOOP = "redirect loop"
    ENDLESS = "an endless body"
    SLOW = "an answer after 60 s"


DEATHS = frozenset({Fault.DELETED, Fault.NOT_FOUND, Fault.SOFT_404, Fault.FRONT_PAGE})


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server sends. `reset`: it hangs up instead; `endless`: the body never ends; `delay`: in seconds."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    reset: bool = False
    endless: bool = False
    delay: float = 0.0


@dataclass(slots=True)
class World:
    """Answers for addresses of Medium. `faults` are by post id; `asked` counts requests by address."""

    facts: Mapping[str, Facts]
    others: Mapping[str, Address] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    slow: float = 60.0
    retry_after: int = 1
    paragraphs: int = 60
    site: Site = MEDIUM
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        """The number of requests so far."""
        return sum(self.asked.values())

    def reply(self, url: str) -> Reply:
        """Answer a request for an address."""
        self.asked[url] += 1
        if url.endswith("/robots.txt"):
            return Reply(body=ROBOTS.encode(), headers=(("Content-Type", "text/plain"),))
        address = self.site.read(url)
        if address is None:
            return Reply(404)
        facts = self.facts.get(address.post_id or "") if address.kind is Kind.ARTICLE else None
        if facts is not None:
            return self._article(url, address, facts)
        if address.identity in self.others:
            return Reply(body=page.other_page(address.kind.value, address.page))
        if url.rstrip("/") == "https://medium.com":
            return Reply(body=page.FRONT)
        return Reply(404, page.SOFT_404)

    def _article(self, url: str, address: Address, facts: Facts) -> Reply:
        fault = self.faults.get(facts.post_id)
        first = self.asked[url] == 1
        own = self.site.read(facts.address)
        if fault is Fault.MOVED:
            facts = replace(facts, address=f"https://medium.com/new-home/{facts.address.rpartition('/')[2]}")
            own = self.site.read(facts.address)
        faulty = _faulty(fault, url, self, first=first)
        if faulty is not None:
            return faulty
        if own is not None and address.owner not in (own.owner, None):
            return _redirect(facts.address)  # a publication that the article has left
        without = frozenset(id_ for id_, _, _ in facts.headings) if fault is Fault.LOST_FRAGMENTS else frozenset()
        return Reply(body=page.article_page(facts, without=without, paragraphs=self.paragraphs))


def _redirect(url: str) -> Reply:
    return Reply(302, headers=(("Location", url),))


_ALWAYS = {
    Fault.DELETED: Reply(410, page.DELETED),
    Fault.NOT_FOUND: Reply(404, page.SOFT_404),
    Fault.SOFT_404: Reply(200, page.SOFT_404),
    Fault.FRONT_PAGE: _redirect("https://medium.com/"),
    Fault.SUSPENDED: Reply(410, "<title>410 account suspended — Medium</title>".encode()),
    Fault.CHALLENGE: Reply(403, page.CHALLENGE, (("cf-mitigated", "challenge"),)),
    Fault.ENDLESS: Reply(endless=True),
}


def _faulty(fault: Fault | None, url: str, world: World, *, first: bool) -> Reply | None:
    match fault:
        case None:
            return None
        case Fault.SIGN_IN:
            return _redirect(f"https://medium.com/m/signin?redirect={url}")
        case Fault.LIMITED if first:
            return Reply(429, b"", (("Retry-After", str(world.retry_after)),))
        case Fault.BUSY if first:
            return Reply(503)
        case Fault.RESET if first:
            return Reply(reset=True)
        case Fault.LOOP:
            return _redirect(url.removesuffix("?again") if url.endswith("?again") else f"{url}?again")
        case Fault.SLOW:
            return Reply(200, page.CHALLENGE, delay=world.slow)
        case _:
            return _ALWAYS.get(fault)


# The demo shows each of these once.
DEMO_FAULTS = (Fault.DELETED, Fault.SOFT_404, Fault.MOVED, Fault.CHALLENGE, Fault.LIMITED, Fault.RESET)


def demo_world(catalog: Catalog, site: Site) -> World:
    """Return a world that agrees with a catalog except for a handful of faults, spread over it."""
    facts, others = fitting(catalog, site)
    world = World(facts, others, site=site)
    plain = [post_id for post_id, each in facts.items() if len(each.headings) == 2]
    step = max(1, len(plain) // (len(DEMO_FAULTS) + 1))
    world.faults.update(zip(plain[step::step], DEMO_FAULTS, strict=False))
    headed = next((post_id for post_id, each in facts.items() if len(each.headings) > 2), None)
    if headed is not None:
        world.faults[headed] = Fault.LOST_FRAGMENTS
    return world
