"""A page's bytes to an article: what each era of Medium's pages says, and what is no article."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from medium.eras import PageFacts
from medium.saved import ARTICLES, CHALLENGE, PROFILE, feed
from support import SHARED

from bot.demo import page as stand_in
from bot.demo.facts import recorded
from bot.medium.scrape import look, scrape
from bot.medium.site import MEDIUM
from bot.model.articles import Article, Kind

URL = "https://medium.com/@a/some-words-abcdef123456"
PAGES = SHARED / "pages"  # not in every clone: the same forms are in saved.py


def html(head: str, body: str = "") -> bytes:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def meta(**named: str) -> str:
    return "".join(f'<meta property="{key.replace("_", ":", 1)}" content="{value}">' for key, value in named.items())


APP = '<meta property="al:ios:url" content="medium://p/abcdef123456">'
JSON_LD = '<script type="application/ld+json">{}</script>'


def ld(**fields: object) -> str:
    return JSON_LD.format(json.dumps({"@type": "NewsArticle", **fields}))


# -- saved pages --------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "facts"), ARTICLES.values(), ids=ARTICLES.keys())
def test_a_page_of_any_era_yields_exactly_its_facts(page: Callable[[PageFacts], bytes], facts: PageFacts) -> None:
    article = scrape(page(facts), facts.url, MEDIUM)
    assert article is not None
    assert (article.title, article.post_id) == (facts.title, facts.post_id)
    assert article.published == (datetime.fromisoformat(facts.published) if facts.published else None)
    assert article.canonical == (facts.canonical or facts.url if facts.canonical != "none" else None)
    assert article.partial is facts.member_only
    assert [(heading.id, heading.text) for heading in article.headings_below_title()] == list(facts.headings)


def saved(file: str, url: str, title: str, published: str | None) -> tuple[Callable[[PageFacts], bytes], PageFacts]:
    """A saved page and its facts, where the file is at hand; canonical address and headings are not among them."""
    return lambda _: (PAGES / file).read_bytes(), PageFacts(url, title, published, "")


EXPECTED = json.loads((PAGES / "expected.json").read_text("utf-8")) if PAGES.is_dir() else []
SAVED = {each["file"]: saved(*(each[key] for key in ("file", "url", "title", "published"))) for each in EXPECTED}


@pytest.mark.parametrize(("page", "facts"), [*ARTICLES.values(), *SAVED.values()], ids=[*ARTICLES, *SAVED])
def test_a_page_yields_its_title_its_id_and_the_day_of_its_publication(
    page: Callable[[PageFacts], bytes], facts: PageFacts
) -> None:
    article = scrape(page(facts), facts.url, MEDIUM)
    assert article is not None
    day = article.published.date().isoformat() if article.published else None
    assert (article.title, article.post_id, day) == (
        facts.title,
        facts.post_id,
        facts.published and facts.published[:10],
    )


@pytest.mark.parametrize(
    ("body", "file", "kind"),
    [
        (CHALLENGE, "cloudflare_challenge_medium_2025-12.html", None),
        (PROFILE, "hawker_medium_profile_2018.html", Kind.PROFILE),
        (feed(""), "clean_lektos_medium.xml", Kind.FEED),
        (feed('<?xml version="1.0" encoding="UTF-8"?>'), "clean_yldio_posts_1_to_10.xml", Kind.FEED),
    ],
)
def test_a_challenge_profile_or_feed_is_no_article(body: bytes, file: str, kind: Kind | None) -> None:
    for each in (body, *([(PAGES / file).read_bytes()] if PAGES.is_dir() else [])):
        sighting = look(each, URL, MEDIUM)
        assert sighting.article is None
        assert sighting.kind is kind
        assert not sighting.soft_404


# -- no article, no crash -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   \n",
        b"<div>" * 200_000,
        b"<b><i>" * 100_000,
        b"<title>" * 100_000,
        b"<meta " * 100_000,
        b'<script type="application/ld+json">' * 50_000,
        b"<" * 200_000,
        (b"<section>" * 50_000) + (b"</section>" * 50_000),
        html(APP + meta(og_type="article", og_title="T")).decode().encode("utf-16"),
        b"\x00\xff\xfe" * 1000,
        b"%PDF-1.7",
        b'{"json": true}',
        stand_in.CHALLENGE,
        stand_in.FRONT,
        stand_in.other_page("profile", "https://medium.com/@a"),
        stand_in.other_page("list", "https://medium.com/@a/list/x-abcdef123456"),
        stand_in.other_page("publication", "https://medium.com/pub"),
        html(APP.replace("p/abcdef123456", "@a") + meta(og_title="A", og_url=URL)),
        html(APP),  # an id, but nothing that could be a title
        html(ld(identifier="not-an-id", headline="T") + meta(og_type="article")),
        html(JSON_LD.format("{broken") + meta(og_type="article", og_title="T")),
        html(JSON_LD.format('[1, {"@type": "Person"}]') + meta(og_title="T")),
        html(JSON_LD.format("[" * 100_000) + meta(og_title="T")),
        html(meta(og_title="T", og_type="website", og_url=URL)),
        html(meta(og_title="T", og_type="article", og_url="https://example.org/x-abcdef123456")),
    ],
)
def test_what_is_no_article_yields_none(body: bytes) -> None:
    assert scrape(body, URL, MEDIUM) is None


@given(st.binary(max_size=2000) | st.text(max_size=500).map(lambda text: html(APP + text).replace(b"</head>", b"")))
@settings(max_examples=150, deadline=None)
def test_no_bytes_make_it_fail(body: bytes) -> None:
    article = scrape(body, URL, MEDIUM)
    assert article is None or article.title


@pytest.mark.parametrize("tag", ["meta", "link", "title", "script", "article"])
@given(junk=st.text(alphabet="<>\"'=/ abcp:", max_size=80))
@settings(max_examples=60, deadline=None)
def test_no_broken_tag_makes_it_fail(tag: str, junk: str) -> None:
    scrape(f"<html><head><{tag} {junk}>{junk}".encode() + html(APP + meta(og_title="T")), URL, MEDIUM)


def test_a_title_or_a_paragraph_without_end_costs_nothing() -> None:
    long = scrape(html(APP + ld(headline="a" + " - Medium" * 30_000)), URL, MEDIUM)
    assert long is not None
    assert len(long.title) <= 500
    papers = "".join('<a href="https://arxiv.org/abs/1706.03762">1706.03762</a>' for _ in range(3_000))
    article = scrape(html(APP + meta(og_title="T"), f"<p>{papers}</p>"), URL, MEDIUM)
    assert article is not None
    assert len(article.papers) == 200


def test_an_old_paragraph_is_known_by_its_name() -> None:
    assert read('<p name="c001">x</p><meta name="c002"/><input name="c003"/>').ids == ("c001",)


def test_a_body_nested_thousands_deep_is_taken_as_partial() -> None:
    article = scrape(html(APP + meta(og_title="T"), "<div>" * 20_000), URL, MEDIUM)
    assert article is not None
    assert article.partial
    assert article.ids == ()


# -- titles -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "body", "title", "source"),
    [
        # since 2019 og:title is clean, and a headline with a suffix does not matter
        (
            '<meta data-rh="true" property="og:title" content="T - 2 | X">' + ld(headline="T - 2"),
            "",
            "T - 2 | X",
            "og:title",
        ),
        # 2016 to 2018: an author's or publication's name follows; another place confirms the cut
        (meta(og_title="T – An Author – Medium") + ld(headline="T"), "", "T", "json-ld"),
        (meta(og_title="T – A Publication"), '<h1 class="graf--title">T</h1>', "T", "heading"),
        (meta(og_title="T — A Publication"), "<h3>T</h3>", "T", "heading"),
        # nothing confirms it: only names that the page itself gives are cut
        (meta(og_title="T – An Author") + '<meta name="author" content="An Author">', "", "T", "og:title"),
        (meta(og_title="GPT – Part 2"), "<h3>Something else</h3>", "GPT – Part 2", "og:title"),
        # 2020 to 2022: JSON-LD has the suffix
        (ld(headline="T - An Author - Medium", author={"name": "An Author"}), "", "T", "json-ld"),
        (ld(headline="T | Debugger", publisher={"name": "Debugger"}), "", "T", "json-ld"),
        # the last resort
        ("<title>T | by A | Jan, 2023 | Pub</title>", "", "T", "title"),
        ("<title>T — Medium</title>", "", "T", "title"),
        ("", "<h1>T\u00a0with\u200aspaces</h1>", "T with spaces", "heading"),
        # line breaks and entities
        (meta(og_title="A &amp; B\n  C"), "", "A & B C", "og:title"),
        # half a surrogate pair in JSON is text that no file can hold
        (JSON_LD.format('{"@type": "NewsArticle", "headline": "T \\ud800"}'), "", "T ?", "json-ld"),
    ],
)
def test_the_title_is_found_whatever_stands_behind_it(head: str, body: str, title: str, source: str) -> None:
    article = scrape(html(APP + head, body), URL, MEDIUM)
    assert article is not None
    assert (article.title, article.title_source) == (title, source)


# -- ids ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        APP,
        APP.replace("medium://", "medium:/"),
        APP.replace("property", "name").replace("content", "value"),
        ld(identifier="abcdef123456"),
        '<meta name="twitter:app:url:iphone" content="medium://p/abcdef123456">',
        meta(og_url=URL),
        f'<link rel="canonical" href="{URL}">',
        '<link rel="canonical" href="/@a/some-words-abcdef123456">',
        ld(mainEntityOfPage=URL),
    ],
)
def test_the_id_is_read_from_any_of_its_places(head: str) -> None:
    article = scrape(html(head + meta(og_title="T", og_type="article")), URL, MEDIUM)
    assert article is not None
    assert article.post_id == "abcdef123456"


def test_the_surest_id_wins() -> None:
    head = APP + ld(identifier="111111111111") + meta(og_title="T", og_url="https://medium.com/@a/x-222222222222")
    article = scrape(html(head), URL, MEDIUM)
    assert article is not None
    assert article.post_id == "abcdef123456"


def test_a_canonical_off_medium_is_kept_but_decides_nothing() -> None:
    head = APP + meta(og_title="T", og_url=URL) + '<link rel="canonical" href="https://example.org/t/">'
    article = scrape(html(head), URL, MEDIUM)
    assert article is not None
    assert (article.post_id, article.canonical) == ("abcdef123456", "https://example.org/t/")


@pytest.mark.parametrize("href", ["", " ", "#x", "?x"])
def test_a_canonical_that_only_repeats_what_was_asked_says_nothing_of_the_article(href: str) -> None:
    head = f'<title>T</title><meta property="og:type" content="article"><link rel="canonical" href="{href}">'
    assert scrape(html(head), URL, MEDIUM) is None
    assert scrape(html(head.replace(f'href="{href}"', 'href="/@a/some-words-abcdef123456"')), URL, MEDIUM) is not None


# -- dates --------------------------------------------------------------------------------------

FIRST = datetime(2017, 6, 19, 17, 23, 28, 613000, UTC)
STAMP = "2017-06-19T17:23:28.613Z"
STATE = (
    '<script>window.__APOLLO_STATE__ = {"Post:111111111111": {"firstPublishedAt": 1}, '
    '"Post:%s": {"n": {"firstPublishedAt": 2}, "firstPublishedAt": %s}}</script>'
)


@pytest.mark.parametrize(
    ("head", "body", "published", "source"),
    [
        (ld(datePublished=STAMP), "", FIRST, "json-ld"),
        ("", STATE % ("abcdef123456", "1497893008613"), FIRST, "state"),
        (
            "",
            '<script>obvInit({"value":{"id":"abcdef123456","firstPublishedAt":1497893008613}})</script>',
            FIRST,
            "state",
        ),
        (meta(article_published_time=STAMP), "", FIRST, "article:published_time"),
        # written by the page's script it is the latest publication: say nothing
        (meta(article_published_time=STAMP).replace("<meta", '<meta data-rh="true"'), "", None, None),
        # another post's state, or none at all, is no evidence
        ("", STATE % ("999999999999", "1497893008613"), None, None),
        ("", STATE % ("abcdef123456", '"soon"'), None, None),
        ("", STATE % ("abcdef123456", "0"), None, None),
        ("", '<script>{"Post:abcdef123456": {broken</script>', None, None),
        (ld(datePublished="yesterday"), "", None, None),
        (ld(datePublished=20170619), "", None, None),
        (ld(datePublished="0001-01-01T00:00:00+14:00"), "", None, None),
        (ld(datePublished="2017-06-19T19:23:28.613+02:00"), "", FIRST, "json-ld"),
        (ld(datePublished="2017-06-19"), "", datetime(2017, 6, 19, tzinfo=UTC), "json-ld"),
    ],
)
def test_the_first_publication_is_read_or_nothing_is_said(
    head: str, body: str, published: datetime | None, source: str | None
) -> None:
    article = scrape(html(APP + meta(og_title="T") + head, body), URL, MEDIUM)
    assert article is not None
    assert (article.published, article.published_source) == (published, source)


def test_json_ld_in_a_cdata_section_is_read() -> None:
    text = f'<![CDATA[{{"@type": ["Thing", "NewsArticle"], "datePublished": "{STAMP}"}}]]>'
    article = scrape(html(APP + meta(og_title="T") + JSON_LD.format(text)), URL, MEDIUM)
    assert article is not None
    assert article.published == FIRST


def test_the_last_change_is_the_latest_that_the_page_names() -> None:
    head = ld(datePublished=STAMP, dateModified="2018-01-01T00:00:00Z") + meta(
        article_published_time="2019-01-01T00:00:00Z"
    )
    article = scrape(html(APP + meta(og_title="T") + head), URL, MEDIUM)
    assert article is not None
    assert article.modified == datetime(2019, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "partial"), [("False", True), (False, True), ("True", False), (True, False), (None, False)]
)
def test_a_member_only_page_shows_a_part(value: object, partial: bool) -> None:  # noqa: FBT001 - a row of the table
    article = scrape(html(APP + meta(og_title="T") + ld(isAccessibleForFree=value)), URL, MEDIUM)
    assert article is not None
    assert article.partial is partial


# -- soft 404 -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        stand_in.SOFT_404,
        html("<title>Medium</title>", "<p>page not\nfound</p>".replace("page not\nfound", "PAGE NOT FOUND")),
        html("", "<h2>Out of nothing, something.</h2>"),
        html("<title>Page not found</title>", ""),
        html(meta(og_url="https://medium.com/"), "<h2>Out of nothing, something.</h2>"),
    ],
)
def test_mediums_own_page_not_found_is_known(body: bytes) -> None:
    assert look(body, URL, MEDIUM).soft_404


@pytest.mark.parametrize(
    "body",
    [
        html(APP + meta(og_title="PAGE NOT FOUND"), "<p>Out of nothing, something</p>"),  # an article of that name
        html("", "<script>var text = 'PAGE NOT FOUND'</script>"),
        html("", "<template>PAGE NOT FOUND</template>"),
        html(meta(og_type="profile", og_url="https://medium.com/@a"), "<h3>PAGE NOT FOUND</h3>"),
        html("<title>Just a moment...</title>", ""),
        html("<title>The most insightful stories about Page Not Found - Medium</title>", ""),
        html(meta(og_url="https://medium.com/tag/x"), "<h2>PAGE NOT FOUND</h2>" + "<p>a story</p>" * 600),
        b"PAGE NOT FOUND" + b"<div>" * 20_000,
    ],
)
def test_the_words_alone_are_no_page_not_found(body: bytes) -> None:
    assert not look(body, URL, MEDIUM).soft_404


# -- the body -----------------------------------------------------------------------------------


def read(body: str) -> Article:
    article = scrape(html(APP + meta(og_title="T"), body), URL, MEDIUM)
    assert article is not None
    return article


def test_all_ids_are_read_and_headings_with_element_and_text() -> None:
    article = read('<h1 id="a1b2">A <b>b</b>\u00a0c</h1><p id="0001">text</p><h2 name="c3d4">D</h2>')
    assert article.ids == ("a1b2", "0001", "c3d4")
    assert article.headings == (("a1b2", "h1", "A b c"), ("c3d4", "h2", "D"))


def test_an_element_without_an_id_has_its_name_if_links_can_point_at_it() -> None:
    assert read('<p id="" name="0001">a</p><svg name="0002"></svg><a name="0003"></a><h5 id="0004">b</h5>').ids == (
        "0001",
        "0003",
        "0004",
    )


def test_the_first_of_two_equal_ids_counts_and_empty_headings_do_not() -> None:
    article = read('<h3 id="aaaa">A</h3><h3 id="aaaa">B</h3><h3 id="bbbb"> </h3><p id="cccc"></p>')
    assert article.ids == ("aaaa", "cccc")
    assert article.headings == (("aaaa", "h3", "A"),)


def test_a_heading_with_the_id_of_a_paragraph_above_it_is_not_one_that_a_fragment_points_at() -> None:
    article = read('<h1 id="a1b2">T</h1><p id="aaaa">text</p><h3 id="aaaa">A</h3>')
    assert article.headings == (("a1b2", "h1", "T"),)
    over = article.heading_over("aaaa")
    assert over is not None
    assert over.text == "T"


def test_what_stands_outside_the_article_is_no_anchor_of_it() -> None:
    body = '<h2 id="0001">More from Medium</h2><article><h1 id="a1b2">A</h1></article><h2 id="0002">Get the app</h2>'
    assert read(body).ids == ("a1b2",)


@pytest.mark.parametrize(
    ("body", "below"),
    [
        ('<h1 id="aaaa">T</h1><h3 id="bbbb">X</h3>', ["bbbb"]),
        ('<h1>T</h1><h3 id="bbbb">X</h3>', ["bbbb"]),  # 2019: the title has no id
        ('<h2 id="0001">Kicker</h2><h1 id="aaaa" class="x pw-post-title y">T</h1><h3 id="bbbb">X</h3>', ["bbbb"]),
        ('<h3 id="aaaa" class="graf graf--title">T</h3><h4 id="bbbb">X</h4>', ["bbbb"]),
        ('<h1 id="aaaa">T</h1><h3 id="bbbb">T</h3>', ["bbbb"]),  # a section of the title's name
        ("<p>no heading</p>", []),
    ],
)
def test_the_titles_own_heading_is_not_below_the_title(body: str, below: list[str]) -> None:
    article = scrape(html(APP + meta(og_title="T"), body), URL, MEDIUM)
    assert article is not None
    assert [heading.id for heading in article.headings_below_title()] == below


def test_a_section_reaches_to_the_next_heading_of_its_level_or_above() -> None:
    body = "".join(
        f'<{tag} id="{id_}">x</{tag}>'
        for tag, id_ in [("h1", "a0"), ("h3", "b0"), ("p", "p0"), ("h4", "c0"), ("p", "p1"), ("h3", "d0"), ("p", "p2")]
    )
    article = read(body)
    sections = {heading.id: [each.id for each in article.section(heading)] for heading in article.headings}
    assert sections == {"a0": ["a0", "b0", "c0", "d0"], "b0": ["b0", "c0"], "c0": ["c0"], "d0": ["d0"]}
    over = {id_: heading.id for id_ in article.ids if (heading := article.heading_over(id_)) is not None}
    assert over == {"a0": "a0", "b0": "b0", "p0": "b0", "c0": "c0", "p1": "c0", "d0": "d0", "p2": "d0"}
    assert article.heading_over("none") is None
    assert article.heading_over(None) is None


def test_a_page_with_endless_ids_is_cut() -> None:
    article = read("".join(f'<p id="{number}">x</p>' for number in range(5001)) + '<h3 id="cut">x</h3>')
    assert len(article.ids) == 5000
    assert article.headings == ()


@pytest.mark.parametrize(
    ("link", "paper", "text"),
    [
        (
            '<a href="https://arxiv.org/abs/1910.01108">DistilBERT, a distilled version</a>',
            "1910.01108",
            "DistilBERT, a distilled version",
        ),
        (
            'DistilBERT, a version <a href="https://arxiv.org/abs/1910.01108v4">1910.01108</a>',
            "1910.01108",
            "DistilBERT, a version",
        ),
        ('<a href="http://www.arxiv.org/pdf/1910.01108v4.pdf">1910.01108</a>', "1910.01108", "1910.01108"),
        ('X <a href="https://arxiv.org/abs/cs/0112017">cs/0112017</a>', "cs/0112017", "X"),
        ('X <a href="https://arxiv.org/abs/math.GT/0309136">link</a>', "math.GT/0309136", "link"),
        (
            'X <a href="https://medium.com/r/?url=https%3A%2F%2Farxiv.org%2Fabs%2F1406.2661">link</a>',
            "1406.2661",
            "link",
        ),
    ],
)
def test_papers_are_read_with_section_and_words(link: str, paper: str, text: str) -> None:
    article = scrape(
        html(APP + meta(og_title="T"), f'<h3 id="aaaa">T</h3><h3 id="bbbb">Paper</h3><p>{link}</p>'), URL, MEDIUM
    )
    assert article is not None
    (found,) = article.papers
    assert (found.id, found.section, found.anchor, found.text) == (paper, "Paper", "bbbb", text)


@pytest.mark.parametrize(
    "href", ["https://arxiv.org/list/cs.CL/recent", "https://arxiv.org/", "https://example.org/1910.01108"]
)
def test_other_links_are_no_papers(href: str) -> None:
    article = scrape(html(APP + meta(og_title="T"), f'<a href="{href}">x</a>'), URL, MEDIUM)
    assert article is not None
    assert article.papers == ()


@pytest.mark.parametrize("post_id", sorted(recorded()))
def test_the_stand_ins_page_says_what_its_facts_say(post_id: str) -> None:
    facts = recorded()[post_id]
    article = scrape(stand_in.article_page(facts), facts.address, MEDIUM)
    assert article is not None
    assert (article.title, article.post_id, article.canonical) == (facts.title, facts.post_id, facts.address)
    assert article.published == datetime.fromisoformat(facts.published)
    assert not article.partial
    shown = [(heading.id, heading.text) for heading in article.headings]
    assert shown == [(id_, " ".join(text.split())) for id_, _, text in facts.headings]
    assert {paper.id for paper in article.papers} == {
        id_ for id_, section, _ in facts.papers if section in dict(shown).values()
    }
