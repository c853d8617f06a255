"""Headings, and which entries and links belong to them."""

from __future__ import annotations

import pytest
from reading import read, said, urls


def outline(text: str) -> list[tuple[int, str]]:
    return [(section.level, section.title) for section in read(text).sections]


def test_a_heading_level_may_be_skipped() -> None:
    assert outline("# A\n### B\n## C\n") == [(1, "A"), (3, "B"), (2, "C")]


def test_text_before_the_first_heading_is_a_section_of_level_0() -> None:
    assert outline("[a](http://b.c)\n\n# A\n## B\n") == [(0, ""), (1, "A"), (2, "B")]


def test_without_entries_and_links_there_is_no_section_before_the_first_heading() -> None:
    assert outline("Some words.\n\n# A\n") == [(1, "A")]


def test_a_heading_without_content_is_a_section() -> None:
    assert outline("# A\n#\n## \n") == [(1, "A"), (1, ""), (2, "")]


def test_underlined_headings_are_headings() -> None:
    catalog = read("A *b*\n===\n\nC\n---\n")
    assert [(section.level, section.title) for section in catalog.sections] == [(1, "A b"), (2, "C")]
    assert said(catalog, catalog.sections[0].span) == "A *b*\n===\n"


def test_titles_are_plain_text() -> None:
    assert outline("# **A** `b` &amp; \\* [c](http://d.e) #\n") == [(1, "A b & * c")]


@pytest.mark.parametrize("below", ["http://a.a [b](http://b.b)\n", "- http://a.a [b](http://b.b)\n"])
def test_links_below_a_heading_without_a_title_are_counted_once(below: str) -> None:
    assert urls(f"#\n{below}") == ["http://a.a", "http://b.b"]


def test_entries_and_links_belong_to_the_last_heading_above() -> None:
    catalog = read("# A\n- [a](http://a.a)\n# B\n[b](http://b.b)\n- [c](http://c.c)\n")
    first, second = catalog.sections
    assert [entry.name for entry in first.entries] == ["a"]
    assert first.links == ()
    assert [link.url for link in second.links] == ["http://b.b"]
    assert [entry.name for entry in second.entries] == ["c"]


def test_links_in_a_heading_belong_to_its_section() -> None:
    catalog = read("# A [b](http://b.b) http://c.c\n")
    assert [link.url for link in catalog.sections[0].links] == ["http://b.b", "http://c.c"]
    assert [place.entry for place in catalog.places()] == [None, None]


def test_a_heading_in_a_list_item_does_not_start_a_section() -> None:
    catalog = read("# A\n- # B [c](http://d.e)\n- [f](http://g.h)\n")
    assert [section.title for section in catalog.sections] == ["A"]
    assert [entry.name for entry in catalog.entries()] == ["B", "f"]
    assert urls("# A\n- # B [c](http://d.e)\n") == ["http://d.e"]


def test_a_hash_without_a_space_is_not_a_heading() -> None:
    assert outline("#A [b](http://c.d)\n") == [(0, "")]


def test_a_hash_in_a_code_block_is_not_a_heading() -> None:
    assert outline("# A\n```\n# B\n```\n\n    # C\n") == [(1, "A")]


def test_a_thematic_break_is_not_a_heading() -> None:
    assert outline("# A\n\n---\n\nb\n\n***\n") == [(1, "A")]
