"""What is a link, in each of its forms, and what only looks like one."""

from __future__ import annotations

import pytest
from reading import all_links, links, raw_urls, read, said, urls

from bot.markdown.catalog import LinkForm


def spans(text: str) -> list[str]:
    catalog = read(text)
    return [said(catalog, link.span) for link in all_links(catalog)]


# -- inline -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "url", "raw"),
    [
        ("[a](http://b.c)", "http://b.c", "http://b.c"),
        ("[a]( \thttp://b.c )", "http://b.c", "http://b.c"),
        ("[a](\nhttp://b.c\n)", "http://b.c", "http://b.c"),
        ('[a](http://b.c "title")', "http://b.c", "http://b.c"),
        ("[a](http://b.c 'ti)tle')", "http://b.c", "http://b.c"),
        ("[a](http://b.c (title))", "http://b.c", "http://b.c"),
        ('[a](http://b.c\n"title")', "http://b.c", "http://b.c"),
        ("[a](http://b.c/(d)e)", "http://b.c/(d)e", "http://b.c/(d)e"),
        ("[a](http://b.c/((d))e)", "http://b.c/((d))e", "http://b.c/((d))e"),
        (r"[a](http://b.c/\(d)", "http://b.c/(d", r"http://b.c/\(d"),
        (r"[a](http://b.c/\)d)", "http://b.c/)d", r"http://b.c/\)d"),
        (r"[a](http://b.c/\d\_e)", r"http://b.c/\d_e", r"http://b.c/\d\_e"),
        ("[a](<http://b.c/d e>)", "http://b.c/d e", "http://b.c/d e"),
        (r"[a](<http://b.c/\>d> 't')", "http://b.c/>d", r"http://b.c/\>d"),
        ("[a](<http://b.c/)d>)", "http://b.c/)d", "http://b.c/)d"),
        ("[a](http://b.c?d=e&amp;f=g)", "http://b.c?d=e&f=g", "http://b.c?d=e&amp;f=g"),
        ("[a](http://b.c?d=e&f=g)", "http://b.c?d=e&f=g", "http://b.c?d=e&f=g"),
        (r"[a](http://b.c?d=e\&amp;f)", "http://b.c?d=e&amp;f", r"http://b.c?d=e\&amp;f"),
        ("[a](http://b.c/&#40;&lpar;)", "http://b.c/((", "http://b.c/&#40;&lpar;"),
        ("[a](http://b.c/%20ü)", "http://b.c/%20ü", "http://b.c/%20ü"),
        ("[a](http://b.c#d-e)", "http://b.c#d-e", "http://b.c#d-e"),
        ("[a](docs/b.md)", "docs/b.md", "docs/b.md"),
        ("[a](#b)", "#b", "#b"),
        ("[a]()", "", ""),
        ("[a](<>)", "", ""),
        ("[a]( )", "", ""),
        ("[](http://b.c)", "http://b.c", "http://b.c"),
        ("[ ](http://b.c)", "http://b.c", "http://b.c"),
        (r"[a\]](http://b.c)", "http://b.c", "http://b.c"),
        ("[a [b] c](http://b.c)", "http://b.c", "http://b.c"),
        ("[`](`](http://b.c)", "http://b.c", "http://b.c"),
        ("[**a** `b` <i>c</i>](http://b.c)", "http://b.c", "http://b.c"),
        ("[a\nb](http://b.c)", "http://b.c", "http://b.c"),
        ("[a](http://b.c\\\n'title')", "http://b.c\\", "http://b.c\\"),
    ],
)
def test_finds_the_address_bytes_of_an_inline_link(link: str, url: str, raw: str) -> None:
    assert [(form, found) for form, _, found in links(f"x {link} y\n")] == [("inline", url)]
    assert raw_urls(f"x {link} y\n") == [raw]
    assert spans(f"x {link} y\n") == [link]


@pytest.mark.parametrize(
    ("link", "text", "raw"),
    [
        ("[a *b* `c`](http://b.c)", "a b c", "a *b* `c`"),
        (r"[a\]&amp;](http://b.c)", "a]&", r"a\]&amp;"),
        ("[a\nb](http://b.c)", "a b", "a\nb"),
        ("[![i](http://i.i)](http://b.c)", "i", "![i](http://i.i)"),
        ("[a ![i](http://i.i) b](http://b.c)", "a i b", "a ![i](http://i.i) b"),
    ],
)
def test_link_text_is_what_a_reader_sees(link: str, text: str, raw: str) -> None:
    catalog = read(link)
    assert [(link.text, said(catalog, link.text_span)) for link in all_links(catalog)] == [(text, raw)]


@pytest.mark.parametrize(
    "text",
    [
        r"\[a](b.c)",
        r"[a\](b.c)",
        "[a] (b.c)",
        "[a]\n(b.c)",
        "[a](b c)",
        "[a](b.c",
        "(a)[b.c]",
        "[a][b.c]",
        "![a](http://b.c)",
        "![a *b* [c](http://d.e)](http://b.c)",
        "[a](<b.c)",
    ],
)
def test_text_that_only_resembles_a_link_is_not_one(text: str) -> None:
    assert links(text) == []


def test_an_image_is_not_a_link() -> None:
    assert links("[![i](http://i.i/j.png)](http://b.c) ![k](http://k.k)\n") == [("inline", "i", "http://b.c")]


def test_finds_links_in_emphasis_and_strikethrough() -> None:
    assert urls("**[a](http://a.a)** *[b](http://b.b)* ~~[c](http://c.c)~~\n") == [
        "http://a.a",
        "http://b.b",
        "http://c.c",
    ]


def test_an_autolink_in_the_text_of_a_link_hides_neither() -> None:
    assert links("[a <http://b.b> c](http://d.d)\n") == [
        ("inline", "a http://b.b c", "http://d.d"),
        ("autolink", "http://b.b", "http://b.b"),
    ]


def test_a_bare_url_in_the_text_of_a_link_is_only_text() -> None:
    assert links("[http://a.a](http://b.b)\n") == [("inline", "http://a.a", "http://b.b")]


def test_links_of_all_forms_come_in_document_order() -> None:
    text = (
        "http://a.a <a href='http://b.b'>b</a> [c](http://c.c) <http://d.d> [e] (http://e.e) [f]\n\n[f]: http://f.f\n"
    )
    assert [form for form, _, _ in links(text)] == ["bare", "html", "inline", "autolink", "near", "reference"]


@pytest.mark.parametrize(
    "text",
    [
        "`[a](http://b.c)`",
        "`` ` http://b.c ``",
        "```\n[a](http://b.c)\n```",
        "```md\nhttp://b.c\n",
        "~~~\n<http://b.c>\n~~~",
        "    [a](http://b.c)\n    http://b.c",
        "\thttp://b.c",
        "- a\n\n      http://b.c",
        "> ```\n> http://b.c\n> ```",
        "`[a] (http://b.c)`",
        "<code>`http://b.c`</code>",
        "`<a href='http://b.c'>a</a>`",
    ],
)
def test_code_holds_no_links(text: str) -> None:
    assert links(text) == []


def test_finds_links_next_to_code() -> None:
    assert urls("`http://no` [a](http://b.c) `[x](http://no)` http://d.d\n") == ["http://b.c", "http://d.d"]
    assert links("`[a](http://b.c)\n") == [("inline", "a", "http://b.c")]  # the backtick opens nothing


# -- references ---------------------------------------------------------------------------------


@pytest.mark.parametrize("use", ["[a]", "[a][]", "[text][a]", "[A]", "[text][ A ]"])
def test_the_address_of_a_reference_link_is_in_its_definition(use: str) -> None:
    catalog = read(f"x {use}\n\n[a]: http://b.c 'title'\n")
    (link,) = all_links(catalog)
    assert link.form is LinkForm.REFERENCE
    assert said(catalog, link.span) == use
    assert link.url == said(catalog, link.url_span) == "http://b.c"
    assert catalog.position(link.url_span.start) == (3, 6)


@pytest.mark.parametrize(
    ("definition", "url", "raw"),
    [
        ("[a]: http://b.c", "http://b.c", "http://b.c"),
        ("   [a]:http://b.c", "http://b.c", "http://b.c"),
        ("[a]:\n  http://b.c\n  'title'", "http://b.c", "http://b.c"),
        ("[a]:\t<http://b.c/d e> (title)", "http://b.c/d e", "http://b.c/d e"),
        (r"[a]: http://b.c/\*&amp;", "http://b.c/*&", r"http://b.c/\*&amp;"),
        ("[a]: <>", "", ""),
        ("[a]: b.md", "b.md", "b.md"),
        ("> [a]:\n> http://b.c", "http://b.c", "http://b.c"),
        ("> > [a]:\n> > <http://b.c>", "http://b.c", "http://b.c"),
        ("- [a]:\n  http://b.c", "http://b.c", "http://b.c"),
        ("[a]: http://b.c\n[A]: http://no", "http://b.c", "http://b.c"),  # the first one counts
    ],
)
def test_finds_the_address_bytes_of_a_definition(definition: str, url: str, raw: str) -> None:
    assert links(f"[a]\n\n{definition}\n") == [("reference", "a", url)]
    assert raw_urls(f"[a]\n\n{definition}\n") == [raw]


@pytest.mark.parametrize(
    ("use", "label"),
    [
        ("[a b]", "A  B"),
        ("[a\nb]", "a b"),
        ("[ẞ]", "SS"),
        (r"[a\]]", r"a\]"),
        ("[a&amp;b]", "a&amp;b"),
        ("[ü *x*]", "Ü *x*"),
    ],
)
def test_labels_ignore_case_and_kind_of_whitespace(use: str, label: str) -> None:
    assert urls(f"{use}\n\n[{label}]: http://b.c\n") == ["http://b.c"]


def test_labels_that_differ_in_a_no_break_space_are_distinct() -> None:
    text = "[a b] [a\u00a0b]\n\n[a b]: http://one.x\n[a\u00a0b]: http://two.x\n"
    assert urls(text) == ["http://one.x", "http://two.x"]
    assert raw_urls(text) == ["http://one.x", "http://two.x"]


def test_a_reference_without_a_definition_is_text() -> None:
    assert links("[a][b] [c] [d][]\n") == []


def test_a_definition_alone_is_not_a_link() -> None:
    assert links("[a]: http://b.c\n") == []


def test_a_definition_in_code_defines_nothing() -> None:
    assert links("[a]\n\n```\n[a]: http://b.c\n```\n") == []


def test_two_references_share_their_definitions_bytes() -> None:
    first, second = all_links(read("[a] [x][a]\n\n[a]: http://b.c\n"))
    assert first.url_span == second.url_span
    assert first.span != second.span


def test_finds_an_address_after_the_marker_of_a_quoted_line() -> None:
    assert raw_urls("> [a](\n> http://b.c)\n") == ["http://b.c"]
    assert raw_urls("> > [a](\n> > <http://b.c> 't')\n") == ["http://b.c"]


# -- autolinks ----------------------------------------------------------------------------------


def test_an_address_in_angle_brackets_is_an_autolink() -> None:
    assert links("<http://b.c/d_e?f=g&h> <HTTPS://X.Y>\n") == [
        ("autolink", "http://b.c/d_e?f=g&h", "http://b.c/d_e?f=g&h"),
        ("autolink", "HTTPS://X.Y", "HTTPS://X.Y"),
    ]
    assert spans("x <http://b.c> y\n") == ["<http://b.c>"]


def test_a_mail_address_in_angle_brackets_is_a_mailto_link() -> None:
    assert links("<a@b.c>\n") == [("autolink", "a@b.c", "mailto:a@b.c")]
    assert raw_urls("<a@b.c>\n") == ["a@b.c"]


@pytest.mark.parametrize("text", ["<b.c>", "< http://>", "<a>", r"\<ftp:x>", "a@b.c"])
def test_other_angle_brackets_are_not_autolinks(text: str) -> None:
    assert links(text) == []


# -- footnotes ----------------------------------------------------------------------------------


def test_a_footnote_holds_links_but_is_not_one() -> None:
    assert links("a[^1] b[^no]\n\n[^1]: [c](http://d.e) http://f.g\n") == [
        ("inline", "c", "http://d.e"),
        ("bare", "http://f.g", "http://f.g"),
    ]


def test_a_footnote_before_an_address_is_not_a_near_link() -> None:
    assert links("a[^1] (http://b.c)\n\n[^1]: x\n") == [("bare", "http://b.c", "http://b.c")]


# -- HTML ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "text", "url", "raw"),
    [
        ('<a href="http://b.c">T</a>', "T", "http://b.c", "http://b.c"),
        ("<a href='http://b.c'>T</a>", "T", "http://b.c", "http://b.c"),
        ("<a href=http://b.c/d>T</a>", "T", "http://b.c/d", "http://b.c/d"),
        ('<A HREF = "http://b.c">T</A >', "T", "http://b.c", "http://b.c"),
        ('<a class="x" target=_blank\n href=" http://b.c ">T</a>', "T", "http://b.c", "http://b.c"),
        ('<a title="a>b" href="http://b.c">T</a>', "T", "http://b.c", "http://b.c"),
        ("<a title=\"href='http://no'\" href='http://b.c'>T</a>", "T", "http://b.c", "http://b.c"),
        ('<a data-href="http://no" href="http://b.c">T</a>', "T", "http://b.c", "http://b.c"),
        ('<a href="http://b.c" href="http://no">T</a>', "T", "http://b.c", "http://b.c"),
        ('<a href="http://b.c?d=e&amp;f=g">T &amp; U</a>', "T & U", "http://b.c?d=e&f=g", "http://b.c?d=e&amp;f=g"),
        ('<a href="http://b.c"><b>T</b>\n<img src="http://i.i"> U</a>', "T U", "http://b.c", "http://b.c"),
        ('<a href="http://b.c">T<!-- > --></a>', "T", "http://b.c", "http://b.c"),
        ('<a href="">T</a>', "T", "", ""),
        ('<a href="http://b.c"></a>', "", "http://b.c", "http://b.c"),
    ],
)
@pytest.mark.parametrize("block", [True, False])
def test_an_anchor_tag_with_an_address_is_a_link(html: str, text: str, url: str, raw: str, *, block: bool) -> None:
    document = f"<div>\n{html}\n</div>\n" if block else f"x {html} y\n"
    assert links(document) == [("html", text, url)]
    assert raw_urls(document) == [raw]
    assert spans(document) == [html]


@pytest.mark.parametrize(
    "html",
    [
        "<a name='x'>T</a>",
        "<a href>T</a>",
        "<a>T</a>",
        "<abbr href='http://no'>T</abbr>",
        "<area href='http://no'>",
        "<link href='http://no'>",
        "<img src='http://no' alt='www.no.x'>",
        "<br title='http://no'>",
        "<!-- <a href='http://no'>T</a> http://no [a](http://no) -->",
        "<script>'<a href=\"http://no\">'</script>",
    ],
)
def test_other_tags_and_comments_hold_no_link(html: str) -> None:
    assert links(f"{html}\n") == []
    assert links(f"<div>\n{html}\n</div>\n") == []
    assert links(f"x {html} [a](http://b.c)\n")[-1] == ("inline", "a", "http://b.c")


def test_an_escaped_tag_is_text() -> None:
    assert links(r"<a href='http://b.c'>T</a> \<a href='no'>" + "\n") == [("html", "T", "http://b.c")]


def test_an_unclosed_anchor_ends_at_the_next_anchor_or_with_its_block() -> None:
    assert spans("<a href='http://a.a'>A <a href='http://b.b'>B \n\nC\n") == [
        "<a href='http://a.a'>A ",
        "<a href='http://b.b'>B",
    ]


def test_code_in_an_anchor_belongs_to_its_text() -> None:
    assert links("x <a href='http://b.c'>`bert`</a>\n") == [("html", "`bert`", "http://b.c")]


def test_markdown_in_a_block_of_html_is_text_until_a_blank_line() -> None:
    assert urls("<div>\n[a](http://no) http://no\n\n[b](http://b.c)\n</div>\n") == ["http://b.c"]


def test_a_comment_may_run_over_blank_lines() -> None:
    assert urls("<!--\n[a](http://no)\n\n<a href='http://no'>\n-->\n\n[b](http://b.c)\n") == ["http://b.c"]


def test_an_anchor_hides_no_markdown_link_inside_it() -> None:
    assert urls("x <a href='http://a.a'>[b](http://b.b) http://c.c</a>\n") == ["http://a.a", "http://b.b"]


def test_a_comment_next_to_a_link_hides_neither_link_nor_url() -> None:
    assert urls("[a](http://b.c) <!-- bot: ignore link-gone --> http://d.e\n") == ["http://b.c", "http://d.e"]
