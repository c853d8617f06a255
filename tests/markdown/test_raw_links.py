"""Bare URLs, and text that was meant as a link but that Markdown does not read as one: `NEAR`."""

from __future__ import annotations

import pytest
from reading import all_links, links, raw_urls, read, said, table, urls

from bot.markdown.raw_links import html_links, text_links
from bot.model.spans import Span


def near(text: str) -> list[tuple[str, str, str]]:
    """Return span, text and URL of each near-link."""
    catalog = read(text)
    return [(said(catalog, link.span), link.text, link.url) for link in all_links(catalog) if link.form == "near"]


def bare(text: str) -> list[str]:
    assert all(form == "bare" for form, _, _ in links(text))
    return urls(text)


# -- bare URLs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["http://a.b", "https://a.b/c_d_e?f=g&h=i#j", "HTTP://A.B", "http://localhost/x", "https://ü.中/é"]
)
def test_a_bare_url_is_a_link(url: str) -> None:
    assert links(f"see {url} there\n") == [("bare", url, url)]


def test_a_bare_url_starting_with_www_gets_http() -> None:
    assert links("www.a.b/c\n") == [("bare", "www.a.b/c", "http://www.a.b/c")]
    assert raw_urls("www.a.b/c\n") == ["www.a.b/c"]


@pytest.mark.parametrize(
    "tail", [".", ",", "!", "?", ":", ";", "*", "**", "_", "'", '"', "...", "]", "}", "`", '".', ";)", "?!"]
)
def test_punctuation_after_a_bare_url_is_not_part_of_it(tail: str) -> None:
    assert bare(f"http://a.b/c{tail} d\n") == ["http://a.b/c"]


@pytest.mark.parametrize("tail", ["/", "#", "=", "-", "+", "%", "&", "@", "$"])
def test_other_signs_at_the_end_of_a_bare_url_are_part_of_it(tail: str) -> None:
    assert bare(f"http://a.b/c{tail} d\n") == [f"http://a.b/c{tail}"]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("(http://a.b)", "http://a.b"),
        ("(http://a.b/c_(d))", "http://a.b/c_(d)"),
        ("http://a.b/c_(d)", "http://a.b/c_(d)"),
        ("http://a.b/(c)(d))).", "http://a.b/(c)(d)"),
        ("(see http://a.b/c.)", "http://a.b/c"),
        ("http://a.b/(c", "http://a.b/(c"),
        ("http://a.b/c)d", "http://a.b/c)d"),
    ],
)
def test_a_closing_parenthesis_belongs_to_a_bare_url_that_opened_it(text: str, url: str) -> None:
    assert bare(text) == [url]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://a.b/?c&amp;d", "http://a.b/?c&d"),
        ("http://a.b/c&lt;", "http://a.b/c"),
        ("http://a.b/c&quot;&gt;.", "http://a.b/c"),
        ("http://a.b/c&#39;", "http://a.b/c"),
        ("http://a.b/?c&d;", "http://a.b/?c"),  # GFM takes whatever looks like an entity for one
        ("http://a.b/?c&d=e;", "http://a.b/?c&d=e"),
        (r"http://a.b/c\_d", "http://a.b/c_d"),
    ],
)
def test_entities_are_resolved_inside_a_bare_url_and_dropped_after_it(text: str, url: str) -> None:
    assert bare(text) == [url]


def test_a_bare_url_ends_before_a_tag() -> None:
    assert bare("http://a.b<br>http://c.d<b>x</b>\n") == ["http://a.b", "http://c.d"]


def test_a_bare_url_that_the_parser_splits_is_whole() -> None:
    assert bare("http://a.b/c_d_e*f*g~~h~~&i=1\n") == ["http://a.b/c_d_e*f*g~~h~~&i=1"]


@pytest.mark.parametrize(
    "text",
    [
        "http://",
        "https:// a.b",
        "http://.",
        "www.",
        "www. a",
        "www",
        "WWW.a.b",
        "ahttp://a.b",
        "1https://a.b",
        "xwww.a.b",
        "ftp://a.b",
        "ftp://www.a.b",
        "me@www.a.b",
        "a.www.b.c",
        "http:/a.b",
        "http:a.b",
        "medium.com/x",
        "//a.b",
        r"http\://a.b",
    ],
)
def test_text_that_only_resembles_a_bare_url_is_not_one(text: str) -> None:
    assert links(f"x {text} y\n") == []


def test_finds_bare_urls_next_to_and_between_links() -> None:
    assert urls("http://a.a [b](http://b.b) http://c.c `x` http://d.d\n") == [
        "http://a.a",
        "http://b.b",
        "http://c.c",
        "http://d.d",
    ]


def test_a_bare_url_in_emphasis_ends_with_it() -> None:
    assert bare("**http://a.b** *http://c.d* _www.e.f_\n") == ["http://a.b", "http://c.d", "http://www.e.f"]


# -- near-links ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "span", "name", "url"),
    [
        ("[a] (http://b.c)", "[a] (http://b.c)", "a", "http://b.c"),
        ("x [a b]\t (https://b.c/d) y", "[a b]\t (https://b.c/d)", "a b", "https://b.c/d"),
        ("[a] (http://b.c/d_(e))", "[a] (http://b.c/d_(e))", "a", "http://b.c/d_(e)"),
        ("[a](http://b.c", "[a](http://b.c", "a", "http://b.c"),
        ("[a](http://b.c  ", "[a](http://b.c", "a", "http://b.c"),
        ("[a](http://b.c/d_(e)", "[a](http://b.c/d_(e)", "a", "http://b.c/d_(e)"),
        ("[a](http://b.c - words", "[a](http://b.c", "a", "http://b.c"),
        ("[a](http://b.c\nwords", "[a](http://b.c", "a", "http://b.c"),
        ("(a)[http://b.c]", "(a)[http://b.c]", "a", "http://b.c"),
        ("(a b)[http://b.c/d_(e)] x", "(a b)[http://b.c/d_(e)]", "a b", "http://b.c/d_(e)"),
        ("[ a &amp; b ] (http://b.c?d&amp;e)", "[ a &amp; b ] (http://b.c?d&amp;e)", "a & b", "http://b.c?d&e"),
        ("[a] (HTTPS://b.c)", "[a] (HTTPS://b.c)", "a", "HTTPS://b.c"),
    ],
)
def test_a_link_that_is_not_quite_markdown_is_a_near_link(text: str, span: str, name: str, url: str) -> None:
    assert near(f"{text}\n") == [(span, name, url)]
    assert len(links(f"{text}\n")) == 1


@pytest.mark.parametrize("written", ["[a] (http://b.c)", "[a](http://b.c", "(a)[http://b.c]"])
def test_finds_near_links_in_cells_lists_headings_and_quotes(written: str) -> None:
    assert [span for span, _, _ in near(table(f"| {written} | x |", f"| A | x | {written} |"))] == [written] * 2
    assert [span for span, _, _ in near(table("| x |" + written, header="Date | Paper"))] == [written]
    assert [span for span, _, _ in near(f"- {written}\n- x\n\n# {written}\n\n> {written}\n")] == [written] * 3


@pytest.mark.parametrize(
    "text",
    [
        "[a] (b.c)",  # no address: brackets and parentheses in prose
        "[a] (see http://b.c)",
        "[a] x (http://b.c)",
        "[a]: (http://b.c)",
        "[a]\n(http://b.c)",
        "[] (http://b.c)",
        r"\[a] (http://b.c)",
        "![a] (http://b.c)",
        "![a](http://b.c",
        "[^1] (http://b.c)",
        "(a) [http://b.c]",
        r"\(a)[http://b.c]",
        "()[http://b.c]",
        "(a)[see http://b.c]",
        "(a](http://b.c)",
        '[a](http://b.c "title"',  # where does the title end?
        "[a](http://b.c (title)",
        "[a](http://b.c d)",  # a space in the address
        "[a](http://b.c d) e",
        "[a](http://b.c/(d",
    ],
)
def test_text_with_another_reading_is_not_a_near_link(text: str) -> None:
    assert near(f"{text}\n") == []
    assert [url for _, _, url in links(f"{text}\n") if not url.startswith("http://b.c")] == []


def test_a_real_link_is_not_a_near_link() -> None:
    assert near("[a](http://b.c) (http://d.e) [f]: x\n") == []
    assert [form for form, _, _ in links("[a][] (http://b.c)\n\n[a]: http://d.e\n")] == ["reference", "bare"]


def test_an_unclosed_link_hides_no_other() -> None:
    assert links("[a](http://b.c [d](http://e.f) [g](http://h.i\n") == [
        ("bare", "http://b.c", "http://b.c"),
        ("inline", "d", "http://e.f"),
        ("near", "g", "http://h.i"),
    ]


# -- the functions themselves -------------------------------------------------------------------


def test_finds_no_link_in_holes() -> None:
    source = b"http://a.a http://b.b http://c.c"
    found = text_links(source, 0, len(source), [Span(11, 21)])
    assert [link.url for link in found] == ["http://a.a", "http://c.c"]


def test_offsets_are_relative_to_the_file() -> None:
    source = b"xx [a] (http://b.c) yy"
    (link,) = text_links(source, 3, len(source), [])
    assert (link.span, link.text_span, link.url_span) == (Span(3, 19), Span(4, 5), Span(8, 18))


def test_reads_a_block_of_html_between_its_offsets_only() -> None:
    source = b"<a href=no>n</a><a href=yes>y</a><a href=no>n</a>"
    assert [link.url for link in html_links(source, 16, 33)] == ["yes"]
