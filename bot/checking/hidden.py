"""What others say of pages that Medium would not show: feeds, archived copies. Marked as such, and never a verdict."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from bot.medium.archive import read_wayback, wayback_query
from bot.medium.scrape import scrape
from bot.medium.site import Site
from bot.model.answers import Answer
from bot.model.articles import Article, FeedItem, Kind
from bot.model.pages import Blocked, Page, Unreachable

FEED, WAYBACK = "feed", "wayback"

_SHARE, _MOST = 0.5, 20  # a night that saw less than this share asks the archive for some pages, oldest first


Ask = Callable[[str], Awaitable[Answer | None]]


def hidden(pages: Iterable[Page]) -> list[Page]:
    """Return the articles that were asked for and not shown."""
    return [
        page
        for page in pages
        if isinstance(page.outcome, Blocked | Unreachable)
        and page.address is not None
        and page.address.kind is Kind.ARTICLE
        and page.address.post_id is not None
    ]


def told_by_feed(pages: Iterable[Page], items: Collection[FeedItem]) -> Iterator[Page]:
    """Yield the hidden pages that a feed names, with what it says of them."""
    by_post = {item.post_id: item for item in items}
    for page in hidden(pages):
        post_id = page.address.post_id if page.address is not None else None
        item = by_post.get(post_id or "")
        if item is not None and post_id is not None:
            source = FEED if item.published is not None else None
            heard = Article(item.title, FEED, post_id, item.published, source, partial=True)
            yield replace(page, heard=heard)


async def told_by_archive(pages: Mapping[str, Page], ask: Ask, site: Site, found: dict[str, Page]) -> None:
    """Add to `found` hidden pages with what their newest archived copies say, where most of Medium is hidden.

    Costs two requests of the archive a page, for a bounded number of pages; none on a good night.
    """
    wanted = [page for page in pages.values() if page.wanted]
    if not wanted or sum(page.verified for page in wanted) >= _SHARE * len(wanted):
        return
    left = [page for page in hidden(wanted) if page.identity not in found]
    for page in left[:_MOST]:
        answer = await ask(wayback_query(page.url))
        for snapshot in read_wayback(answer.body) if answer is not None else ():
            copy = await ask(snapshot)
            article = scrape(copy.body, page.url, site) if copy is not None else None
            if article is not None and page.address is not None and article.post_id == page.address.post_id:
                source = WAYBACK if article.published is not None else None
                heard = replace(article, title_source=WAYBACK, published_source=source, partial=True)
                found[page.identity] = replace(page, heard=heard)
