"""What would cost the HTML parser minutes or gigabytes is told from what only looks like it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fuzz.case import bounded
from medium.saved import ARTICLES
from support import SHARED

from bot.medium.scrape import scrape, too_costly, without_formatting
from bot.medium.site import MEDIUM

SAVED = sorted((SHARED / "pages").glob("*.html"))  # not in every clone
MANY = b" ".join(b"a%d" % number for number in range(3_000))


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 10_000,
        b"<div " + MANY + b">",
        b"<div " + MANY,
        b"<DIV/" + MANY.replace(b" ", b"/"),
        b"<p>a<b>c</b>" + b"<div " + MANY + b" a=1>",
        b"<div a=\">\" b='>' " + MANY,
        b'<div a=b"c= d=">" e=\'>\' ' + MANY.replace(b" ", b"=''"),
        b'<div a" b=">" ' + MANY,
        b"<div =a= '>' " + MANY,
        b"<div\x0c" + MANY.replace(b" ", b"\x0c"),
    ],
)
def test_what_no_article_has_is_too_costly(page: bytes) -> None:
    assert too_costly(page)


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<div>" * 900,
        b"<div></div>" * 20_000,
        b"<p>a" * 20_000,
        b"<div " + MANY[:2_000] + b">",
        b'<path d="' + MANY + b'">',
        b"<img srcset='" + MANY + b"'>",
        b"<div>" + MANY,
        b"< div " + MANY,
        b"</div " + MANY,
        b"<div a='>" + MANY,
    ],
)
def test_a_long_page_is_none_the_less_read(page: bytes) -> None:
    assert not too_costly(page)


def long_pages() -> Iterator[bytes]:
    """Pages of every era, as long as the longest saved one, and the saved ones where they are at hand."""
    headings = tuple((f"{number:04x}", "A heading") for number in range(600))
    for page, facts in ARTICLES.values():
        yield page(replace(facts, headings=headings))
    yield from (page.read_bytes() for page in SAVED)


def test_no_page_of_any_era_is_too_costly() -> None:
    lengths = []
    for page in long_pages():
        lengths.append(len(page))
        assert not too_costly(page)
    assert min(lengths[: len(ARTICLES)]) > 490_000


@pytest.mark.parametrize(
    ("page", "left"),
    [
        (b"<b>a</b>", b"<x-b>a</x-b>"),
        (b"<STRONG id=c>a</Strong >", b"<x-STRONG id=c>a</x-Strong >"),
        (b"<i/><em\n>", b"<x-i/><x-em\n>"),
        (b"<body><br><blockquote><img><section><span>", b"<body><br><blockquote><img><section><span>"),
        (b"<<b>b>", b"<<x-b>b>"),
        (b"< b></ b>", b"< b></ b>"),
        (b"<b", b"<b"),
    ],
)
def test_formatting_is_renamed_and_nothing_else_is(page: bytes, left: bytes) -> None:
    assert without_formatting(page) == left


def test_open_formatting_is_not_repeated_in_every_block() -> None:
    """Each of 20,000 paragraphs would repeat 900 elements: 18 million of them, eight gigabytes."""
    bold = b"".join(b"<b id=%d>" % number for number in range(900))
    head = b'<head><meta property="al:ios:url" content="medium://p/abcdef123456"><title>T</title></head>'
    with bounded():
        article = scrape(head + b"<p>" + bold + b"<p>x" * 20_000, "https://medium.com/p/abcdef123456", MEDIUM)
    assert article is not None
    assert len(article.ids) == 900


def test_bold_words_in_a_heading_are_read_as_they_stand() -> None:
    head = b'<head><meta property="al:ios:url" content="medium://p/abcdef123456"><title>T</title></head>'
    page = head + b"<article><h1 id=a1b2>One <strong>Two</strong>3</h1><h2 id=c3d4><em>Four</em></h2></article>"
    article = scrape(page, "https://medium.com/p/abcdef123456", MEDIUM)
    assert article is not None
    assert [(heading.id, heading.text) for heading in article.headings] == [("a1b2", "One Two3"), ("c3d4", "Four")]
