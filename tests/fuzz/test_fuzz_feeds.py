"""Feeds: any feed is read or skipped, in a bounded time, and no entity in it is expanded."""

from __future__ import annotations

from functools import partial

import pytest
from fuzz.case import blocks, bounded, hold_bytes, work

from bot.medium.site import MEDIUM
from bot.medium.sources import read_feed

ITEM = b"""<item><title><![CDATA[Papers Explained 02: BERT]]></title>\
<link>https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615?source=rss-1------2</link>\
<guid isPermaLink="false">https://medium.com/p/31e59abc0615</guid><category><![CDATA[nlp]]></category>\
<dc:creator><![CDATA[A. N. Author]]></dc:creator><pubDate>Mon, 06 Feb 2023 05:14:33 GMT</pubDate>\
<atom:updated>2023-02-06T05:14:33.000Z</atom:updated><content:encoded><![CDATA[<p>Words</p>]]></content:encoded></item>"""
HEAD = b"""<?xml version="1.0" encoding="UTF-8"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom" version="2.0">\
<channel><title><![CDATA[Stories on Medium]]></title><link>https://medium.com/@a?source=rss</link>"""
TAIL = b"</channel></rss>"
FEED = HEAD + ITEM * 2 + TAIL
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%s;" % (str(n - 1).encode() if n else b"") * 30) for n in range(9))
    + b"]>"
    + FEED.partition(b"?>")[2].replace(b"<![CDATA[Papers Explained 02: BERT]]>", b"&a2;")
)
FILE = BOMB.replace(b'"aaaaaaaaaaaaaaaa"', b'SYSTEM "file:///etc/passwd"').replace(b"&a2;", b"&a;")
SEEDS = (FEED, HEAD + TAIL, b"", BOMB, FILE, BOMB.decode().encode("utf-16"), FILE.decode().encode("utf-16"))
PIECES = (
    *(ITEM, HEAD, TAIL, BOMB[:300], b"<item>", b"</item>", b"<title>", b"</title>", b"<guid>", b"</guid>", b"<link>"),
    *(b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml", b"?>", b"<!DOCTYPE rss [", b'<!ENTITY a "b">', b"]>", b"&a;"),
    *(b"encoding='utf-16'", b"encoding='x'", b"xmlns=''", b"https://medium.com/p/", b"Mon, 06 Feb 2023 05:14:33 GMT"),
    *(b"<pubDate>", b"</pubDate>", b"<pubDate>, 99 Xyz 0 99:99</pubDate>", b"+9999", b"-0000", b"Thu, 1 Jan 0001"),
    b"<pubDate>1 Feb , 05:14:33 GMT</pubDate>",
)


def read(body: bytes) -> None:
    for item in read_feed(body, MEDIUM):
        assert len(item.title) <= len(body)
        assert item.address.post_id == item.post_id
        assert item.published is None or item.published.tzinfo is not None


@blocks("feed", 250)
def test_any_feed_is_read_or_left(numbers: range) -> None:
    hold_bytes("feed", numbers, SEEDS, read, PIECES)


def test_the_good_seed_is_read() -> None:
    assert [item.title for item in read_feed(FEED, MEDIUM)] == ["Papers Explained 02: BERT"] * 2


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
@pytest.mark.parametrize("feed", [BOMB, FILE], ids=["bomb", "file"])
def test_no_entity_unfolds_in_any_encoding(feed: bytes, coding: str) -> None:
    assert read_feed(feed.decode().encode(coding), MEDIUM) == ()
    named = feed.decode().replace('<?xml version="1.0"', f'<?xml version="1.0" encoding="{coding}"')
    assert read_feed(named.encode(coding), MEDIUM) == ()


@pytest.mark.parametrize("date", ["1 Feb , 05:14:33 GMT", "1 Feb " + "9" * 30 + " 05:14:33 GMT", ",", "0 0 0 0 0", ""])
def test_an_article_whose_date_is_none_is_read_without_it(date: str) -> None:
    (item,) = read_feed(HEAD + ITEM.replace(b"Mon, 06 Feb 2023 05:14:33 GMT", date.encode()) + TAIL, MEDIUM)
    assert item.published is None


@pytest.mark.parametrize(
    "deep",
    [b"<a>" * 1_000_000, HEAD + b"<item>" * 100_000, HEAD + b"<item>" * 100_000 + b"</item>" * 100_000 + TAIL],
    ids=["elements", "items", "closed items"],
)
def test_a_deep_feed_is_no_trouble(deep: bytes) -> None:
    with bounded():
        read_feed(deep, MEDIUM)


def test_only_so_many_items_are_read_whatever_the_length() -> None:
    short, long = (work(partial(read_feed, HEAD + ITEM * count + TAIL, MEDIUM)) for count in (200, 4_000))
    assert long < short * 1.2
