"""What sources other than its page say of an article: its author's RSS feed, and the Wayback Machine. Asks nothing."""

import json
import re
from collections.abc import Iterator
from urllib.parse import quote
from xml.etree import ElementTree as ET

from bot.medium.site import Site
from bot.model.answers import read_date
from bot.model.articles import FeedItem, Kind, one_line

_ID = re.compile(r"https://medium\.com/p/([0-9a-f]{8,12})\Z")
_MAX_ITEMS = 100
_SNAPSHOT = re.compile(r"https?://web\.archive\.org/web/(\d{4,14})(?:[a-z]{2}_)?/(https?://\S+)\Z")


def feed_address(owner: str) -> str:
    """Return the address of the feed of an author (`@user`) or a publication (its slug)."""
    return f"https://medium.com/feed/{owner}"


def read_feed(body: bytes, site: Site) -> tuple[FeedItem, ...]:
    """Read a feed in its own order, newest first; unreadable items are left out. Never raises."""
    try:
        text = body.decode("utf-8-sig")
        # Medium's feeds declare nothing, and entities could expand without end. NULs would make the parser read UTF-16.
        if "<!DOCTYPE" in text or "<!ENTITY" in text or "\0" in text:
            return ()
        root = ET.fromstring(text)  # noqa: S314 - without declarations nothing can expand
    except (ET.ParseError, ValueError):
        return ()
    items = [_item(node, site) for node in list(root.iter("item"))[:_MAX_ITEMS]]
    return tuple(item for item in items if item is not None)


def _item(node: ET.Element, site: Site) -> FeedItem | None:
    guid = _ID.match((node.findtext("guid") or "").strip())
    title = one_line(node.findtext("title") or "")
    address = site.read((node.findtext("link") or "").strip())
    if guid is None or not title or address is None or address.kind is not Kind.ARTICLE or address.post_id != guid[1]:
        return None
    return FeedItem(guid[1], title, address, read_date(node.findtext("pubDate") or ""))


def wayback_query(url: str) -> str:
    """Return the address that tells the newest snapshot of a page: https://archive.org/help/wayback_api.php."""
    return f"https://archive.org/wayback/available?url={quote(url, safe='')}"


def read_wayback(body: bytes) -> Iterator[str]:
    """Yield the newest snapshot's address of the Wayback Machine's answer, if there is a good one."""
    try:
        closest = json.loads(body)["archived_snapshots"]["closest"]
        url, status, available = closest["url"], closest["status"], closest["available"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    match = _SNAPSHOT.match(url) if isinstance(url, str) else None
    if match and available is True and str(status) == "200":
        yield f"https://web.archive.org/web/{match[1]}/{match[2]}"


def page_of_snapshot(url: str) -> str | None:
    """Return the URL of the page that a snapshot's URL shows; None if it is not a snapshot's."""
    match = _SNAPSHOT.match(url)
    return match[2] if match is not None else None
