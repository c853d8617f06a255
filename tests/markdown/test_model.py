"""Spans, lines and columns."""

from __future__ import annotations

import pytest
from reading import all_links, read, table

from bot.markdown.catalog import Place, line_starts
from bot.markdown.parse import parse
from bot.model.spans import Span


@pytest.mark.parametrize(
    ("other", "held"),
    [((2, 4), True), ((2, 2), True), ((4, 4), True), ((3, 3), True), ((1, 3), False), ((3, 5), False), ((5, 5), False)],
)
def test_a_span_holds_what_lies_within_it(other: tuple[int, int], *, held: bool) -> None:
    assert Span(2, 4).holds(Span(*other)) is held


@pytest.mark.parametrize(
    ("source", "starts"),
    [
        (b"", (0,)),
        (b"a", (0,)),
        (b"a\n", (0, 2)),
        (b"a\r\nb", (0, 3)),
        (b"a\rb", (0, 2)),
        (b"\n\r\r\n\n", (0, 1, 2, 4, 5)),
        ("ä\u2028b\x0bc\x85".encode(), (0,)),  # lines to Python, but not to CommonMark or an editor
    ],
)
def test_lf_crlf_and_cr_end_lines_and_nothing_else(source: bytes, starts: tuple[int, ...]) -> None:
    assert line_starts(source) == starts


@pytest.mark.parametrize(
    ("offset", "position"),
    [(0, (1, 1)), (1, (1, 2)), (2, (1, 3)), (4, (2, 1)), (5, (2, 2)), (7, (2, 3)), (8, (3, 1)), (9, (3, 2))],
)
def test_a_position_counts_lines_and_characters_from_one(offset: int, position: tuple[int, int]) -> None:
    assert parse("ab\r\ncä\nd".encode()).position(offset) == position


def test_a_byte_order_mark_counts_in_the_first_line_alone() -> None:
    catalog = parse("\ufeffa\n\ufeffb".encode())
    assert catalog.position(3) == (1, 1)
    assert catalog.position(4) == (1, 2)
    assert catalog.position(8) == (2, 2)


def test_counts_columns_of_a_long_line() -> None:
    text = "é[x](http://a.b) 🔥 " * 3_000
    catalog = parse(f"\ufeff{text}\nä\r{text}".encode())
    for number, start in ((1, 3), (3, catalog.line_starts[2])):
        for column in (1, 2, 4_095, 4_096, 4_097, 20_000, len(text) + 1):
            offset = start + len(text[: column - 1].encode())
            assert catalog.position(offset) == (number, column)
            assert catalog.line_number(offset) == number


def test_raw_returns_the_bytes_of_a_span() -> None:
    catalog = parse("ä [b](c)".encode())
    assert [catalog.raw(link.url_span) for link in all_links(catalog)] == [b"c"]


def test_places_give_section_and_entry_of_each_link() -> None:
    catalog = read(
        "# A\n[x](http://x.x)\n\n" + table("| [a](http://a.a) | [b](http://b.b) |") + "\n# B\n- [c](http://c.c)\n"
    )
    first, second = catalog.sections
    assert list(catalog.places()) == [
        Place(first, first.entries[0], first.entries[0].links[0]),
        Place(first, first.entries[0], first.entries[0].links[1]),
        Place(first, None, first.links[0]),
        Place(second, second.entries[0], second.entries[0].links[0]),
    ]


def test_entries_come_section_by_section() -> None:
    assert [entry.name for entry in read("- a\n# A\n- b\n# B\n- c\n").entries()] == ["a", "b", "c"]
