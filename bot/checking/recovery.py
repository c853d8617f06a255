"""Where a dead page's article may live now: addresses worth asking, best first. Pure; asks nobody."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from urllib.parse import urlsplit

from bot.checking.hidden import told_by_archive, told_by_feed
from bot.http.client import UNCONDITIONAL
from bot.http.probe import Prober, Target
from bot.http.redirect import flaw, next_url
from bot.matching.names import agree, same
from bot.matching.slips import is_one_slip
from bot.medium.archive import read_wayback, wayback_query
from bot.medium.feed import feed_address, read_feed
from bot.medium.scrape import scrape
from bot.medium.site import Site
from bot.model.answers import Answer
from bot.model.articles import Address, Feed, FeedItem, Kind
from bot.model.pages import Gone, Page, Recovery
from bot.rules.evidence import Evidence, Usage

_TAIL = re.compile(r"(?:\A|-)([0-9a-z]{7,14})/?\Z")

_NUMBER = re.compile(r"\A(?:papers?-explained-)?(?:review-)?(?:\d+[a-z]?-)?")

_MOST = 4


@dataclass(frozen=True, slots=True)
class Known:
    """An article that is known to someone: the catalog or a feed. `title` is None where it is not known."""

    address: Address
    title: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address worth asking, and why."""

    address: Address
    reason: str


def candidates(dead: Address, names: Iterable[str], known: Iterable[Known], site: Site) -> list[Candidate]:
    """Return addresses that may be a dead page's article: at most four, the likeliest first.

    The same id at another owner; an id one slip away; the same slug, or the title of one of `names`
    (the entries that link to it), under another id.
    """
    names = list(names)
    ranked: list[tuple[int, Candidate]] = []
    tail = _tail(dead)
    if dead.post_id is not None and dead.owner is not None:
        anywhere = site.read(f"https://medium.com/p/{dead.post_id}")
        if anywhere is not None:
            ranked.append((0, Candidate(anywhere, "the same id, whoever owns it now")))
    for each in known:
        address = each.address
        if address.kind is not Kind.ARTICLE or address.post_id is None or address.identity == dead.identity:
            continue
        if tail is not None and is_one_slip(tail, address.post_id):
            ranked.append((1, Candidate(address, f"an id one letter away, in {each.source}")))
        elif dead.slug and address.slug and _bare(dead.slug) == _bare(address.slug) != "":
            ranked.append((2, Candidate(address, f"the same slug under another id, in {each.source}")))
        elif each.title is not None and any(same(name, each.title) for name in names):
            ranked.append((3, Candidate(address, f"an article of this name, in {each.source}")))
    best: dict[str, Candidate] = {}
    for _, candidate in sorted(ranked, key=itemgetter(0)):
        best.setdefault(candidate.address.identity, candidate)
    return list(best.values())[:_MOST]


def _tail(address: Address) -> str | None:
    """Return what stands where the id should: also one with a letter too many, or a wrong one."""
    last = urlsplit(address.clean).path.rstrip("/").rpartition("/")[2]
    match = _TAIL.search(last)
    return match[1] if match else None


def _bare(slug: str) -> str:
    return _NUMBER.sub("", slug)


_MAX_REDIRECTS = 3


@dataclass(slots=True)
class SecondRound:
    """What the second round learnt: feed items, the pages it asked for, and recoveries by dead identity.

    `feeds` are the feeds by owner, at first as an earlier night read them; `heard` are pages that Medium hid,
    with what others say of them.
    """

    feed: tuple[FeedItem, ...] = ()
    feeds: dict[str, Feed] = field(default_factory=dict)
    heard: dict[str, Page] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)
    recoveries: dict[str, tuple[Recovery, ...]] = field(default_factory=dict)


async def look_further(
    prober: Prober,
    seen: Evidence,
    pages: Mapping[str, Page],
    feeds: Sequence[str],
    silent: Collection[str],
    found: SecondRound,
) -> None:
    """Read the feeds; ask for their new articles, and for candidates for each page that is gone.

    Pages in `silent` are not called gone tonight, so nobody looks for them. What is learnt goes into `found` as
    it comes, so that nothing is lost if the time ends. A page that several entries share is looked for once.
    Costs nothing where nothing is dead and no feed is set.
    """
    for owner in feeds:
        await _read_feed(prober, owner, found)
    found.feeds = {owner: feed for owner, feed in found.feeds.items() if owner in feeds}
    found.heard |= {page.identity: page for page in told_by_feed(pages.values(), found.feed)}
    linked = {usage.address.post_id for usage in seen.usages}
    for item in found.feed:
        if item.post_id not in linked:
            await _page(
                prober, Target(item.address.identity, seen.site.usual(item.address).page, item.address), pages, found
            )
    dead: dict[str, list[Usage]] = defaultdict(list)
    for usage in seen.usages:
        page = pages.get(usage.address.identity)
        if page is not None and isinstance(page.outcome, Gone) and page.identity not in silent:
            dead[page.identity].append(usage)
    known = list(_known(seen, pages, found)) if dead else []
    for identity, usages in dead.items():
        found.recoveries[identity] = tuple(
            [each async for each in _recoveries(prober, seen, usages, known, pages, found)]
        )
    await told_by_archive(pages, lambda url: _ask(prober, url), prober.site, found.heard)


async def _read_feed(prober: Prober, owner: str, found: SecondRound) -> None:
    """Read a feed, or take it as it was where its server says that nothing is new."""
    known = found.feeds.get(owner)
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.modified} if known is not None else {}
    answer = await _ask(prober, feed_address(owner), {name: value for name, value in conditions.items() if value})
    if answer is not None and answer.status == 200 and (items := read_feed(answer.body, prober.site)):
        etag, modified = (_sendable(answer.headers.get(name, "")) for name in ("etag", "last-modified"))
        found.feeds[owner] = Feed(etag, modified, items)
    elif answer is None or answer.status != 304 or known is None:
        found.notes.append(f"the feed of {owner} could not be read" + (", an older copy was used" if known else ""))
    if owner in found.feeds:
        found.feed += found.feeds[owner].items


def _known(seen: Evidence, pages: Mapping[str, Page], found: SecondRound) -> Iterator[Known]:
    for usage in seen.usages:
        page = pages.get(usage.address.identity)
        article = page.article if page is not None else None
        if article is not None:
            yield Known(usage.address, article.title, "the catalog")
    for item in found.feed:
        yield Known(item.address, item.title, "the author's feed")


async def _recoveries(
    prober: Prober,
    seen: Evidence,
    usages: list[Usage],
    known: list[Known],
    pages: Mapping[str, Page],
    found: SecondRound,
) -> AsyncIterator[Recovery]:
    names = [usage.name for usage in usages if usage.name]
    dead = usages[0].address
    for candidate in candidates(dead, names, known, seen.site):
        address = candidate.address
        page = await _page(prober, Target(address.identity, seen.site.usual(address).page, address), pages, found)
        article = page.article
        if article is not None and any(agree(name, article.title, seen.prefix) for name in names):
            yield Recovery(page.final_url or page.url, article.title, candidate.reason)
            return
    answer = await _ask(prober, wayback_query(dead.page))
    for snapshot in read_wayback(answer.body) if answer is not None else ():
        copy = await _ask(prober, snapshot)
        article = scrape(copy.body, dead.page, seen.site) if copy is not None else None
        if article is not None and any(agree(name, article.title, seen.prefix) for name in names):
            yield Recovery(snapshot, article.title, "the newest snapshot of the Wayback Machine", snapshot=True)


async def _page(prober: Prober, target: Target, pages: Mapping[str, Page], found: SecondRound) -> Page:
    """Return a page, asked for only if nobody has yet."""
    page = pages.get(target.identity) or found.pages.get(target.identity)
    if page is None:
        page = found.pages[target.identity] = await prober.probe(target)
    return page


def _sendable(validator: str) -> str:
    """Return what a server named for the next time, if it can stand in a header."""
    return validator if validator.isascii() and validator.isprintable() and len(validator) <= 100 else ""


async def _ask(prober: Prober, url: str, conditions: Mapping[str, str] = UNCONDITIONAL) -> Answer | None:
    """Return a good answer, redirects followed, or None: what it is for can wait for another night.

    With `conditions`, headers that ask for what is new, «nothing is» (304) is a good answer too.
    """
    for _ in range(_MAX_REDIRECTS + 1):
        if flaw(url) is not None or await prober.refusal(url) is not None:
            return None
        answer = (await prober.fetch(url, prober.timeout, conditions)).answer
        if not isinstance(answer, Answer):
            return None
        if answer.location is None:
            good = answer.status == 200 or (answer.status == 304 and bool(conditions))
            return answer if good and not answer.truncated else None
        try:
            url = next_url(url, answer.location, prober.site)
        except ValueError:
            return None
    return None
