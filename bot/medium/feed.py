"""An author's RSS feed: the ten newest articles, with their ids, titles and dates."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

from bot.medium.site import Site
from bot.model.articles import FeedItem, Kind, one_line

_ID = re.compile(r"https://medium\.com/p/([0-9a-f]{8,12})\Z")
_MAX_ITEMS = 100


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
    return FeedItem(guid[1], title, address, _moment(node.findtext("pubDate") or ""))


def _moment(text: str) -> datetime | None:
    try:
        stamp = parsedate_to_datetime(text)
        return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)
    except (ValueError, TypeError, LookupError, OverflowError):  # a lone comma raises IndexError
        return None
