"""Whole files: real catalogs, encodings, line ends, and what comes before the first heading."""

from __future__ import annotations

import gc
import re
from pathlib import Path

import pytest
from reading import all_links, dates, entries, in_all_line_ends, links, names, read, said, urls

from bot.errors import UsageError
from bot.markdown.catalog import Catalog, LinkForm
from bot.markdown.parse import parse

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "catalog" / "README.md"
SHARED = ROOT.parent / "shared" / "data" / "catalog.md"

# A second reader, of the one shape that the catalog's lines have: `| [name](url) | date | …` and `- [name](url)`.
ROW = re.compile(r" ?(?:\| |- )\[(.*?)\]\(([^()\s]*)\) ?(?:\|\s*([^|]*?)\s*\||\||$)")


def facts(catalog: Catalog) -> list[tuple[str, tuple[str, ...], str | None]]:
    return [
        (entry.name, tuple(link.url for link in entry.links), said(catalog, entry.date) if entry.date else None)
        for entry in catalog.entries()
    ]


def test_the_catalog_is_read_as_its_lines_say() -> None:
    source = OWN.read_bytes()
    expected = [
        (match[1], (match[2],), match[3]) for match in map(ROW.match, source.decode().splitlines()) if match is not None
    ]
    assert len(expected) > 450
    assert facts(read(source)) == expected


def test_each_link_of_the_catalog_slices_to_its_own_text() -> None:
    catalog = read(OWN.read_bytes())
    assert len(all_links(catalog)) == OWN.read_text("utf-8").count("](")
    for link in all_links(catalog):
        assert link.form is LinkForm.INLINE
        assert said(catalog, link.span) == f"[{link.text}]({link.url})"
        assert said(catalog, link.text_span) == link.text
        assert said(catalog, link.url_span) == link.url


def described(source: str) -> str:
    """The catalog with descriptions made of the odd characters that real ones contain."""
    odd = 'O(n√\u200an) in a_b_c ~2-4× \u00a0"as such" ≈ AT&T ’s, see 1.2 (e.g. [3]); *x* is Ü |'
    return re.sub(r"(?m)^(\| \[.+?\]\(\S+\) \| [^|]+ \|) .+\|( ?)$", rf"\1 {odd}\2", source)


TEXTS = {"own": OWN.read_text("utf-8"), "described": described(OWN.read_text("utf-8"))}
if SHARED.exists():  # not in every clone
    TEXTS["shared"] = SHARED.read_text("utf-8")


@pytest.mark.parametrize("source", TEXTS.values(), ids=TEXTS)
def test_all_511_links_and_473_rows_are_found_whatever_the_descriptions(source: str) -> None:
    catalog = read(source.encode())
    assert len(all_links(catalog)) == 511
    assert sum(1 for entry in catalog.entries() if entry.cells) == 473
    assert sum(1 for entry in catalog.entries() if entry.date) == 443
    for link in all_links(catalog):
        assert said(catalog, link.span) == f"[{link.text}]({link.url})"
    assert facts(catalog) == facts(read(OWN.read_bytes()))
    assert TEXTS["described"].count("√") > 440


def test_the_sections_of_the_catalog_are_its_headings() -> None:
    source = OWN.read_bytes()
    catalog = read(source)
    expected = [(len(match[1]), match[2].decode()) for match in re.finditer(rb"^(#+) (.+?)\r?$", source, re.MULTILINE)]
    assert [(section.level, section.title) for section in catalog.sections] == expected
    assert all(said(catalog, section.span).startswith("#") for section in catalog.sections)


def test_an_empty_file_holds_nothing() -> None:
    catalog = read(b"")
    assert catalog.sections == ()
    assert list(catalog.places()) == []


def test_the_path_is_kept_as_it_was_given() -> None:
    assert parse(b"", "docs/list.md").path == "docs/list.md"


def test_a_file_that_is_not_utf8_is_refused_with_path_and_line() -> None:
    with pytest.raises(UsageError, match=r"^docs/list\.md:3: not UTF-8"):
        parse(b"# A\n\n- caf\xe9\n- d\n", "docs/list.md")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_the_line_of_what_is_not_utf8_is_counted_as_editors_count(end: bytes) -> None:
    with pytest.raises(UsageError, match=r"^x:2:"):
        parse(end.join([b"# A", b"\xff"]), "x")


@pytest.mark.parametrize(
    "source",
    [
        b"---\ntitle: caf\xe9\n---\n# A\n",  # in front matter, which is skipped
        b"\xef\xbb\xbf\xff",
        b"# A\n\xed\xa0\x80\n",  # half of a surrogate pair
        "# Ä\n".encode("utf-16"),
        b"# A\n\xf0\x9f\x98",  # cut in the middle of a character
    ],
)
def test_text_that_is_not_utf8_is_refused_wherever_it_is(source: bytes) -> None:
    with pytest.raises(UsageError):
        parse(source, "x")


def test_the_replacement_character_itself_is_utf8() -> None:
    assert names("- a\ufffdb\n") == ["a\ufffdb"]


def test_a_byte_order_mark_hides_no_heading() -> None:
    catalog = read("\ufeff# Title\n\n- [a](http://b.c)\n")
    assert [section.title for section in catalog.sections] == ["Title"]
    assert said(catalog, catalog.sections[0].span) == "# Title\n"


def test_a_byte_order_mark_does_not_count_as_a_column() -> None:
    catalog = read("\ufeff[a](http://b.c)\n")
    assert catalog.position(all_links(catalog)[0].span.start) == (1, 1)


@pytest.mark.parametrize(
    "text", in_all_line_ends("# A\n\n- [b](http://c.d)\n\n| Paper |\n|---|\n| [e](http://f.g) |\n")
)
def test_any_line_end_ends_a_line(text: bytes) -> None:
    catalog = read(text)
    assert links(text) == [("inline", "b", "http://c.d"), ("inline", "e", "http://f.g")]
    assert [catalog.position(link.span.start).line for link in all_links(catalog)] == [3, 7]


def test_mixed_line_ends_stay_in_the_source() -> None:
    source = b"- [a](http://b.c)\r\n- [d](http://e.f)\n- [g](http://h.i)\r"
    catalog = read(source)
    assert urls(source) == ["http://b.c", "http://e.f", "http://h.i"]
    assert [said(catalog, entry.span) for entry in catalog.entries()] == [
        "- [a](http://b.c)",
        "- [d](http://e.f)",
        "- [g](http://h.i)",
    ]


@pytest.mark.parametrize("text", in_all_line_ends("---\ntitle: [a](http://no)\ntags: x\n---\n# B\n\n[c](http://d.e)\n"))
def test_front_matter_is_neither_heading_nor_link(text: bytes) -> None:
    catalog = read(text)
    assert [section.title for section in catalog.sections] == ["B"]
    assert links(text) == [("inline", "c", "http://d.e")]
    assert catalog.position(all_links(catalog)[0].span.start).line == 7


def test_front_matter_may_follow_a_byte_order_mark() -> None:
    assert links("\ufeff---\ntitle: http://no\n---\n[a](http://b.c)\n") == [("inline", "a", "http://b.c")]


def test_front_matter_may_be_all_there_is() -> None:
    assert read("---\nk: http://no\n---").sections == ()


@pytest.mark.parametrize(
    "text",
    [
        "---\n\n[a](http://b.c)\n\n---\n",  # two rules
        "---\n- [a](http://b.c)\n---\n",  # a rule, a list, a rule
        "---\n# [a](http://b.c)\n---\n",
        "---\n---\n[a](http://b.c)\n",
        "---\nkey: v\n\n[a](http://b.c)\n",  # never closed
        "---\nkey: v\n--- no end\n[a](http://b.c)\n",
        "[a](http://b.c)\n\n---\nkey: v\n---\n",  # not at the start
        "----\nkey: v\n----\n[a](http://b.c)\n",
    ],
)
def test_thematic_breaks_that_are_not_front_matter_hide_no_link(text: str) -> None:
    assert urls(text) == ["http://b.c"]


def test_a_file_of_crlf_lines_that_starts_with_a_thematic_break_is_read_quickly() -> None:
    # When a line end could match in two ways, 40 lines took longer than anyone waits.
    assert urls("---\r\n" + "k: v\r\n" * 200 + "[a](http://b.c)\r\n") == ["http://b.c"]


def test_tabs_stay_and_count_as_one_character() -> None:
    catalog = read("-\t[a](http://b.c)\t|\tx\n")
    assert names("-\t[a](http://b.c)\t|\tx\n") == ["a"]
    assert catalog.position(all_links(catalog)[0].span.start) == (1, 3)


def test_columns_count_characters_not_bytes() -> None:
    catalog = read("# ä\n\n中文 🔥 [a](http://b.c)\n")
    assert catalog.position(all_links(catalog)[0].span.start) == (3, 6)


def test_names_and_addresses_in_any_script_are_read() -> None:
    assert links("- [中文 модель](https://例え.jp/ü)\n") == [("inline", "中文 модель", "https://例え.jp/ü")]
    assert names("- [中文 модель](https://例え.jp/ü)\n") == ["中文 модель"]


def test_nothing_is_normalized() -> None:
    # é as one character and as two, full width, a no-break space, zero-width characters, capitals.
    text = "- [Cafe\u0301 Café ＧＰＴ\u00a0x\u200b](https://B.C/%C3%A9?utm_source=x#Y)\n"
    assert links(text) == [("inline", "Cafe\u0301 Café ＧＰＴ\u00a0x\u200b", "https://B.C/%C3%A9?utm_source=x#Y")]


def test_the_same_link_twice_is_two_links() -> None:
    assert urls("- [a](http://b.c)\n- [a](http://b.c)\n") == ["http://b.c", "http://b.c"]


def test_the_columns_of_names_and_dates_are_a_setting() -> None:
    text = "| Modell | Jahr | Paper |\n|---|---|---|\n| A | 2020 | B |\n"
    entry = next(read(text, name_columns=("modell",), date_columns=("JAHR",)).entries())
    assert entry.name == "A"
    assert entry.date is not None
    assert names(text) == ["B"]
    assert dates(text) == [None]


def test_parsing_leaves_the_garbage_collector_as_it_was() -> None:
    gc.disable()
    try:
        parse(b"- a\n")
        assert not gc.isenabled()
    finally:
        gc.enable()
    parse(b"- a\n")
    assert gc.isenabled()


def test_the_garbage_collector_is_on_again_after_a_failure() -> None:
    with pytest.raises(UsageError):
        parse(b"\xff")
    assert gc.isenabled()


def test_entries_come_in_document_order_and_nested_ones_after_their_parent() -> None:
    text = "- a\n  - b\n    - c\n- d\n\n| Paper |\n|---|\n| e |\n\n- f\n"
    assert names(text) == ["a", "b", "c", "d", "e", "f"]
    assert [entry.span for entry in entries(text)] == sorted(entry.span for entry in entries(text))
