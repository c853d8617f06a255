"""The second pass: what feeds list, where the articles of dead pages live now, and what an archive holds."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import NamedTuple
from urllib.parse import urlsplit

from bot.http.addresses import flaw, next_url
from bot.http.probe import Prober
from bot.matching.names import agree, same
from bot.medium.scrape import scrape
from bot.medium.site import Site
from bot.medium.sources import feed_address, read_feed, read_wayback, wayback_query
from bot.model.answers import Answer
from bot.model.articles import Address, Article, Feed, FeedItem, Kind
from bot.model.pages import Blocked, Gone, Observations, Page, Recovery, Unreachable
from bot.rules.evidence import Evidence, Usage

FEED, WAYBACK = "feed", "wayback"
_MAX_REDIRECTS = 3
# A run that verified less than this share looks up at most this many blocked pages in the archive.
_LOW_SHARE, _MAX_ARCHIVED = 0.5, 20
_MAX_CANDIDATES = 4
_TAIL = re.compile(r"(?:\A|-)([0-9a-z]{7,14})/?\Z")
_NUMBER = re.compile(r"\A(?:papers?-explained-)?(?:review-)?(?:\d+[a-z]?-)?")


class Known(NamedTuple):
    """An article that the catalog or a feed knows of; `source` says which."""

    address: Address
    title: str
    source: str


@dataclass(slots=True)
class SecondPass:
    """Requests what only matters once the catalog's own `pages` are known, and collects the results.

    Results are stored as they arrive, so that nothing is lost if time runs out: `feeds` by owner, `others` (pages
    outside the catalog), `heard` (blocked pages with what a feed or an archive says about them), `recoveries` by the
    identity of the dead page, and `notes` to report. Costs nothing if no page is dead or blocked and no feed is set.
    """

    prober: Prober
    evidence: Evidence
    pages: Mapping[str, Page]
    feeds: dict[str, Feed] = field(default_factory=dict)
    others: dict[str, Page] = field(default_factory=dict)
    heard: dict[str, Page] = field(default_factory=dict)
    recoveries: dict[str, tuple[Recovery, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    async def run(self, owners: Sequence[str], known: Mapping[str, Feed], seen: Observations) -> None:
        """Read the feeds of `owners`, request their new articles, and candidates for each page that is gone.

        `known` are feeds as an earlier run read them. Pages that `seen` calls doubtful are not reported as gone in this
        run, so they are not searched for.
        """
        for owner in owners:
            await self._read_feed(owner, known.get(owner))
        self.heard |= {page.identity: page for page in self._heard_from_feeds()}
        linked = {usage.address.post_id for usage in self.evidence.usages}
        for item in self._items():
            if item.post_id not in linked:
                await self._page(item.address)
        dead: dict[str, list[Usage]] = defaultdict(list)
        for usage in self.evidence.usages:
            page = self.pages.get(usage.address.identity)
            if page is not None and isinstance(page.outcome, Gone) and not seen.is_doubtful(page.identity):
                dead[page.identity].append(usage)
        articles = list(self._known_articles()) if dead else []
        for identity, usages in dead.items():
            self.recoveries[identity] = tuple(await self._recoveries(usages, articles))
        await self._ask_archive()

    async def _read_feed(self, owner: str, known: Feed | None) -> None:
        """Read a feed, or keep the known one if it was not modified or cannot be read."""
        conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.modified} if known is not None else {}
        conditions = {name: value for name, value in conditions.items() if value}
        answer = await self._ask(feed_address(owner), conditions)
        if answer is not None and answer.status == 200 and (items := read_feed(answer.body, self.prober.site)):
            etag, modified = (_sendable(answer.headers.get(name, "")) for name in ("etag", "last-modified"))
            self.feeds[owner] = Feed(etag, modified, items)
            return
        if known is not None:
            self.feeds[owner] = known
        if answer is None or answer.status != 304 or known is None:
            older = ", an older copy was used" if known else ""
            self.notes.append(f"the feed of {owner} could not be read{older}")

    def _items(self) -> Iterator[FeedItem]:
        return (item for feed in self.feeds.values() for item in feed.items)

    def _heard_from_feeds(self) -> Iterator[Page]:
        """Yield the blocked pages that a feed lists, with what it says about them."""
        by_post = {item.post_id: item for item in self._items()}
        for page, post_id in blocked(self.pages.values()):
            item = by_post.get(post_id)
            if item is not None:
                source = FEED if item.published is not None else None
                yield replace(page, heard=Article(item.title, FEED, post_id, item.published, source, partial=True))

    def _known_articles(self) -> Iterator[Known]:
        for usage in self.evidence.usages:
            page = self.pages.get(usage.address.identity)
            if page is not None and page.article is not None:
                yield Known(usage.address, page.article.title, "the catalog")
        for item in self._items():
            yield Known(item.address, item.title, "the author's feed")

    async def _recoveries(self, usages: list[Usage], known: list[Known]) -> list[Recovery]:
        names = [usage.name for usage in usages if usage.name]
        dead = usages[0].address
        for address, reason in candidates(dead, names, known, self.evidence.site):
            page = await self._page(address)
            if page.article is not None and self._fits(page.article, names):
                return [Recovery(page.final_url or page.url, page.article.title, reason)]
        return [
            Recovery(snapshot, article.title, "the newest snapshot of the Wayback Machine", snapshot=True)
            for snapshot, article in await self._archived(dead.page)
            if self._fits(article, names)
        ]

    def _fits(self, article: Article, names: Iterable[str]) -> bool:
        return any(agree(name, article.title, self.evidence.prefix) for name in names)

    async def _ask_archive(self) -> None:
        """Read archived copies of blocked pages, with two requests for each, if most pages were blocked."""
        wanted = [page for page in self.pages.values() if page.wanted]
        if not wanted or sum(page.verified for page in wanted) >= _LOW_SHARE * len(wanted):
            return
        left = [(page, post_id) for page, post_id in blocked(wanted) if page.identity not in self.heard]
        for page, post_id in left[:_MAX_ARCHIVED]:
            for _, article in await self._archived(page.url):
                if article.post_id == post_id:
                    source = WAYBACK if article.published is not None else None
                    heard = replace(article, title_source=WAYBACK, published_source=source, partial=True)
                    self.heard[page.identity] = replace(page, heard=heard)

    async def _archived(self, url: str) -> list[tuple[str, Article]]:
        """Return the newest snapshot of a page and the article in it, if there is one."""
        answer = await self._ask(wayback_query(url))
        found = []
        for snapshot in read_wayback(answer.body) if answer is not None else ():
            copy = await self._ask(snapshot)
            article = scrape(copy.body, url, self.prober.site) if copy is not None else None
            if article is not None:
                found.append((snapshot, article))
        return found

    async def _page(self, address: Address) -> Page:
        """Return a page, requesting it only once."""
        page = self.pages.get(address.identity) or self.others.get(address.identity)
        if page is None:
            page = self.others[address.identity] = await self.prober.probe(self.evidence.site.target(address))
        return page

    async def _ask(self, url: str, conditions: Mapping[str, str] | None = None) -> Answer | None:
        """Return a good answer after redirects, or None: a later run can try again.

        With `conditions`, headers of a conditional request, "not modified" (304) is a good answer too.
        """
        for _ in range(_MAX_REDIRECTS + 1):
            if flaw(url) is not None or await self.prober.robots.refusal(url) is not None:
                return None
            answer = (await self.prober.fetch(url, self.prober.timeout, conditions)).answer
            if not isinstance(answer, Answer):
                return None
            if answer.location is None:
                good = answer.status == 200 or (answer.status == 304 and bool(conditions))
                return answer if good and not answer.truncated else None
            try:
                url = next_url(url, answer.location, self.prober.site)
            except ValueError:
                return None
        return None


def candidates(dead: Address, names: Sequence[str], known: Iterable[Known], site: Site) -> list[tuple[Address, str]]:
    """Return addresses where a dead page's article may live, and why: at most four, the likeliest first.

    The same id at another owner; an id one slip away; the same slug, or the title of one of `names`
    (the entries that link to it), under another id.
    """
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - 20 ms that only a dead page needs

    ranked: list[tuple[int, Address, str]] = []
    in_place = _TAIL.search(urlsplit(dead.clean).path.rstrip("/").rpartition("/")[2])
    tail = in_place[1] if in_place else None  # what is in the id's place, even with a wrong letter or one too many
    if dead.post_id is not None and dead.owner is not None:
        anywhere = site.read(f"https://medium.com/p/{dead.post_id}")
        if anywhere is not None:
            ranked.append((0, anywhere, "the same id, whoever owns it now"))
    for each in known:
        address = each.address
        if address.kind is not Kind.ARTICLE or address.post_id is None or address.identity == dead.identity:
            continue
        if tail is not None and OSA.distance(tail, address.post_id, score_cutoff=1) == 1:
            ranked.append((1, address, f"an id one letter away, in {each.source}"))
        elif dead.slug and address.slug and _NUMBER.sub("", dead.slug) == _NUMBER.sub("", address.slug) != "":
            ranked.append((2, address, f"the same slug under another id, in {each.source}"))
        elif any(same(name, each.title) for name in names):
            ranked.append((3, address, f"an article of this name, in {each.source}"))
    best: dict[str, tuple[Address, str]] = {}
    for _, address, reason in sorted(ranked, key=itemgetter(0)):
        best.setdefault(address.identity, (address, reason))
    return list(best.values())[:_MAX_CANDIDATES]


def blocked(pages: Iterable[Page]) -> Iterator[tuple[Page, str]]:
    """Yield the pages of articles that were requested and not shown, with their post ids."""
    for page in pages:
        hidden, address = isinstance(page.outcome, Blocked | Unreachable), page.address
        if hidden and address is not None and address.kind is Kind.ARTICLE and address.post_id is not None:
            yield page, address.post_id


def _sendable(validator: str) -> str:
    """Return a server's validator for the next conditional request; empty if it does not fit into a header."""
    return validator if validator.isascii() and validator.isprintable() and len(validator) <= 100 else ""
