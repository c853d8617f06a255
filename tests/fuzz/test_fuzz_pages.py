"""Pages: whatever is sent, it is read or not, in bounded time, and only Medium's own words make an article gone."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from random import Random

import pytest
from fuzz.case import blocks, bounded, hold, hold_bytes, work
from fuzz.mutation import mutated

from bot.demo import page as stand_in
from bot.demo.facts import Facts
from bot.http.retry import is_worth_retrying
from bot.medium.classify import judge
from bot.medium.scrape import scrape
from bot.medium.site import MEDIUM
from bot.medium.sources import read_wayback
from bot.model.answers import Answer
from bot.model.articles import Article
from bot.model.pages import Alive, Blocked, Gone, Moved, NotArticle

ID = "31e59abc0615"
URL = f"https://ritvik19.medium.com/papers-explained-02-bert-{ID}"
FACTS = Facts(
    ID,
    "Papers Explained 02: BERT",
    "2023-02-06T05:14:33.000Z",
    URL,
    (("d06a", "h3", "Papers Explained 02: BERT"), ("a260", "h4", "Paper")),
)
PAGE = stand_in.article_page(FACTS, paragraphs=1).replace(b"x" * 60_000, b"x" * 60)
OLD = b"""<!DOCTYPE html><html><head prefix="og: http://ogp.me/ns#"><title>BERT \xe2\x80\x93 Medium</title>
<link rel="canonical" href="https://medium.com/@ritvik19/bert-31e59abc0615"><meta name="title" content="BERT">
<meta property="og:title" content="BERT"><meta property="article:published_time" content="2016-05-01T10:00:00.000Z">
<meta property="og:type" content="article"><meta property="al:ios:url" content="medium://p/31e59abc0615">
<script type="application/ld+json">{"@type":"NewsArticle","headline":"BERT","identifier":"31e59abc0615"}</script>
</head><body><article><h3 name="a260" id="a260" class="graf graf--h3 graf--title">BERT</h3><p name="b1c2" id="b1c2">
<a href="https://arxiv.org/abs/1810.04805v2">1810.04805</a></p><h4 id="c3d4">Paper</h4></article>
<script>window["obvInit"]({"value":{"id":"31e59abc0615","firstPublishedAt":1462096800000}})</script></body></html>"""
SEEDS = (
    PAGE,
    OLD,
    stand_in.SOFT_404,
    stand_in.DELETED,
    stand_in.CHALLENGE,
    stand_in.FRONT,
    stand_in.other_page("profile", "https://medium.com/@ritvik19"),
    stand_in.other_page("list", "https://medium.com/@ritvik19/list/x-31e59abc0615"),
    b'<rss version="2.0"><channel><title>x</title></channel></rss>',
    b'{"archived_snapshots": {"closest": {"available": true, "url": "http://web.archive.org/web/20240102030405/'
    b'https://a.medium.com/x-31e59abc0615", "timestamp": "20240102030405", "status": "200"}}}',
    b"",
)
PIECES = (
    *(
        b"<title>",
        b"</title>",
        b"<meta property='og:title' content='",
        b"<meta ",
        b'data-rh="true"',
        b"<link rel=canonical ",
    ),
    *(
        b'<script type="application/ld+json">',
        b"</script>",
        b'{"@type":"NewsArticle"',
        b"[" * 300,
        b'{"a":' * 300,
        b"</head>",
    ),
    *(
        b"<article>",
        b"</article>",
        b"<h1 id=a260>",
        b"<h3>",
        b"</h3>",
        b"<div>",
        b"</div>",
        b"<a href='https://arxiv.org/abs/",
    ),
    *(
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"<template>",
        b"<svg><title>",
        b"<noscript>",
        b"<textarea>",
        b"<table>",
        b"<select>",
    ),
    *(b'"datePublished":"', b'"identifier":', b'"Post:31e59abc0615":{"firstPublishedAt":', b"medium://p/31e59abc0615"),
    *(
        b"medium://p/aaaaaaaa0001",
        b'content="https://[',
        b"href='//'",
        b"&#xd800;",
        b"&nbsp;",
        b'"\\ud800"',
        b"9" * 5_000,
    ),
    *(
        b"Just a moment...",
        b"403 Blocked",
        b"410 account suspended",
        b"404",
        b"2023-02-06T05:14:33.000+99:99",
        b"0001-01-01",
    ),
    *(
        b'"0001-01-01T00:00:00+23:59"',
        b'"9999-12-31T23:59:59-23:59"',
        b"<frameset>",
        b"<plaintext>",
        b"<base href='x:'>",
    ),
)
ASKED = [
    address
    for url in (
        URL,
        f"https://medium.com/p/{ID}",
        "https://medium.com/@ritvik19",
        f"https://medium.com/@ritvik19/list/x-{ID}",
        "https://medium.com/feed/@ritvik19",
        "https://medium.com/tag/nlp",
    )
    if (address := MEDIUM.read(url))
]
FINAL = (
    URL,
    f"https://blog.example.org/bert-{ID}",
    f"https://towardsdatascience.com/bert-{ID}",
    "https://example.org/",
)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"cf-mitigated": "challenge"},
    {"retry-after": "9" * 400},
    {"retry-after": "Fri, 99"},
    {"location": "x"},
)
NOW = datetime(2026, 1, 2, tzinfo=UTC)
DEAD_WORDS = (b"page not found", b"out of nothing, something")


def body(random: Random) -> bytes:
    return mutated(random.choice(SEEDS), (*PIECES, *PIECES, *SEEDS), random)


def held(article: Article | None, page: bytes) -> None:
    """See that an article is one line, one id, and no longer than its page."""
    if article is None:
        return
    assert article.post_id.encode() in page
    assert article.title == " ".join(article.title.split())
    article.title.encode()
    assert 0 < len(article.title) <= 500
    assert len(set(article.ids)) == len(article.ids) <= 5_000
    assert len(article.papers) <= 200
    assert 0 <= article.below_title <= len(article.headings)
    assert [heading.id for heading in article.headings] == [
        each for each in article.ids if each in {heading.id for heading in article.headings}
    ]
    assert all(0 < len(heading.text) <= 300 for heading in article.headings)
    for moment in (article.published, article.modified):
        assert moment is None or moment.utcoffset() is not None


@blocks("page", 250)
def test_any_page_is_scraped_or_left(numbers: range) -> None:
    hold_bytes("page", numbers, SEEDS, lambda page: held(scrape(page, URL, MEDIUM), page), PIECES)


def judged(random: Random) -> None:
    """Judge an answer, and see that no death is made of anything but Medium's own words."""
    page, asked, final = body(random), random.choice(ASKED), random.choice(FINAL)
    status = random.choice((200, 200, 200, 204, 206, 299, 401, 403, 404, 410, 429, 451, 500, 503, 599, 999))
    answer = Answer(status, random.choice(HEADERS), page, random.random() < 0.2)
    outcome = judge(asked, final, answer, MEDIUM)
    is_worth_retrying(answer, NOW)
    words = page.lower()
    if isinstance(outcome, Gone):
        if status == 410:
            assert b"410 deleted by author" in words
        elif status == 404:
            assert final != "https://example.org/"
        else:
            assert 200 <= status < 300
            assert any(dead in b" ".join(words.split()) for dead in DEAD_WORDS)
        assert "cf-mitigated" not in answer.headers
    if "cf-mitigated" in answer.headers or status in (401, 429, 451):
        assert isinstance(outcome, Blocked)
    if isinstance(outcome, Alive | Moved) and outcome.article is not None:
        assert asked.post_id in (None, outcome.article.post_id)
        assert 200 <= status < 300
    if isinstance(outcome, NotArticle) and outcome.article is not None:
        assert outcome.article.post_id != asked.post_id


@blocks("answer", 250)
def test_any_answer_is_judged_and_only_mediums_own_words_are_a_death(numbers: range) -> None:
    hold("answer", numbers, lambda _, random: judged(random))


@blocks("article", 250)
def test_a_living_article_is_never_called_dead_whatever_happens_to_its_page(numbers: range) -> None:
    others = [piece for piece in PIECES if not any(dead in piece.lower() for dead in DEAD_WORDS)]

    def check(_: int, random: Random) -> None:
        page = mutated(random.choice((PAGE, OLD)), others, random)
        assert not isinstance(judge(ASKED[0], URL, Answer(200, {}, page), MEDIUM), Gone)

    hold("article", numbers, check)


@blocks("wayback", 250)
def test_any_answer_of_the_archive_is_read_or_left(numbers: range) -> None:
    def check(answer: bytes) -> None:
        for url in read_wayback(answer):
            assert url.startswith("https://web.archive.org/web/")

    hold_bytes("wayback", numbers, SEEDS[9:10], check, PIECES)


# -- size -----------------------------------------------------------------------------------------

HEAD = b'<head><meta property="al:ios:url" content="medium://p/31e59abc0615"><title>T</title>'
_DIGITS = [b"%d" % number for number in range(20_000)]
LONG = {
    "elements": b"<div>" * 100_000,
    "spans around paragraphs": b"<span>" * 990 + b"<p>" * 100_000,
    "open formatting": b"<p>" + b"".join(b"<b id=%s>" % each for each in _DIGITS[:900]) + b"<p>x" * 50_000,
    "attributes": b"<div " + b" a".join(_DIGITS * 3) + b">",
    "quoted attributes": b"<div a='>' " + b"='>' a".join(_DIGITS * 3) + b">",
    "ids": b"".join(b"<h1 id=%s>x</h1>" % each for each in _DIGITS),
    "links in links": b"<a href='https://arxiv.org/abs/1910.10683'>" * 5_000,
    "papers on a line": b"<p>" + b"<a href='https://arxiv.org/abs/1910.10683'>1910.10683</a>" * 5_000,
    "headings": b"<h1 id=a>" * 900 + b"x" * 100_000,
    "tables": b"<table><td>" * 4_000,
    "comments": b"<!--" * 100_000,
    "references": b"<h1>" + b"&#x1f600;&amp;&" * 40_000,
    "metas": b"<meta " * 80_000,
    "titles": b"<title>" * 80_000,
    "canonical": b"<link canonical" * 40_000,
    "lists in JSON": b'<script type="application/ld+json">' + b"[" * 500_000 + b"</script>",
    "objects in JSON": b'<script type="application/ld+json">' + b'{"a":' * 100_000 + b"</script>",
    "numbers in JSON": b'<script type="application/ld+json">{"@type":"Article","a":' + b"9" * 500_000 + b"}</script>",
    "opened JSON": b'<script type="application/ld+json">' * 20_000,
    "state": b'"value" : {"id" : "31e59abc0615"' * 20_000,
    "blanks in the state": b'"value"' + b" " * 500_000,
    "authors": b"<meta property=og:title content='" + b" - Medium" * 20_000 + b"'>",
    "not found": b"PAGE NOT FOUND" + b"<p>x" * 100_000,
    "blanks": b"<h1 id=a>" + b"\xc2\xa0" * 250_000,
}


@pytest.mark.parametrize("place", [HEAD + b"%s</head><body><article>", HEAD + b"</head><body><article>%s", b"%s"])
@pytest.mark.parametrize("piece", LONG.values(), ids=LONG.keys())
def test_a_huge_page_takes_time_by_its_size(place: bytes, piece: bytes) -> None:
    page = place.replace(b"%s", piece)
    with bounded():
        held(scrape(page, URL, MEDIUM), page)


def test_twice_the_page_is_twice_the_work() -> None:
    def job(count: int) -> None:
        scrape(HEAD + b"<article>" + b"<h2 id=a1b2>x</h2><p id=b>y</p>" * count, URL, MEDIUM)

    once, twice = (work(partial(job, count)) for count in (1_000, 2_000))
    assert twice < once * 2.2
