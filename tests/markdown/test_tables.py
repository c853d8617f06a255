"""Tables of any columns: names, dates, cells and links of each row."""

from __future__ import annotations

import pytest
from reading import (
    cells,
    dates,
    entries,
    in_all_line_ends,
    links,
    names,
    raw_names,
    raw_urls,
    read,
    said,
    table,
    urls,
)


@pytest.mark.parametrize(
    "header", ["Paper", "Model", "Layer", "Name", "Title", "Article", "paper", "PAPER", "**Paper**"]
)
def test_the_name_is_in_the_column_whose_title_says_so(header: str) -> None:
    text = table("| x | [z](http://z.z) | [A](http://a.a) |", header=f"No | Link | {header}")
    assert names(text) == ["A"]
    assert raw_names(text) == ["A"]


@pytest.mark.parametrize("header", ["Date", "Published", "Released", "Release Date", "Month", "Year", "DATE"])
def test_the_date_is_in_the_column_whose_title_says_so(header: str) -> None:
    assert dates(table("| May 2020 | A | x |", header=f"{header} | Paper | Update")) == ["May 2020"]


@pytest.mark.parametrize("header", ["Papers", "Paper?", "My Paper", "Updated", "Dates"])
def test_a_similar_column_title_holds_neither_names_nor_dates(header: str) -> None:
    text = table("| 1 | [A](http://a.a) |", header=f"{header} | x")
    assert names(text) == ["A"]  # by its first link, since no column holds names
    assert dates(text) == [None]


def test_a_row_without_a_column_of_names_is_named_by_its_first_link() -> None:
    assert names(table("| 1 | x | [A](http://a.a) | [B](http://b.b) |", header="No | Kind | Read | More")) == ["A"]


def test_a_row_without_a_column_of_names_or_a_link_is_named_by_its_first_cell() -> None:
    assert names(table("| 1 | x |", header="No | Kind")) == ["1"]


def test_the_header_is_not_an_entry_and_its_titles_are_kept() -> None:
    entry = entries(table("| A | May 2020 |"))[0]
    assert entry.columns == ("Paper", "Date")
    assert len(entries(table())) == 0


def test_a_link_in_the_header_belongs_to_the_section() -> None:
    catalog = read(table("| A | b |", header="[Paper](http://a.a) | Date"))
    assert [link.url for link in catalog.sections[0].links] == ["http://a.a"]
    assert [entry.name for entry in catalog.entries()] == ["A"]


def test_a_link_in_the_third_column_belongs_to_the_row() -> None:
    text = table("| A | May 2020 | see [B](http://b.b) |", header="Paper | Date | Description")
    assert names(text) == ["A"]
    assert links(text) == [("inline", "B", "http://b.b")]
    assert [len(entry.links) for entry in entries(text)] == [1]


def test_cells_keep_their_padding() -> None:
    assert cells(table("|  A |\tMay 2020|")) == [["  A ", "\tMay 2020"]]


def test_a_date_is_the_cell_without_padding_whatever_it_says() -> None:
    assert dates(table("| A |  Februray 2024\t|", "| B | 2020 |", "| C | *soon* |")) == [
        "Februray 2024",
        "2020",
        "*soon*",
    ]


def test_an_empty_or_missing_date_is_none() -> None:
    assert dates(table("| A | |", "| B |  |", "| C |")) == [None, None, None]
    assert dates(table("| A |", header="Paper")) == [None]


def test_an_escaped_pipe_in_a_url_stays_in_its_cell() -> None:
    text = table(r"| [A](http://a.a/\|b) | May 2020 |")
    assert urls(text) == ["http://a.a/|b"]
    assert raw_urls(text) == [r"http://a.a/\|b"]
    assert cells(text) == [[r" [A](http://a.a/\|b) ", " May 2020 "]]


@pytest.mark.parametrize("link", [r"<http://a.a/\|b>", r"http://a.a/\|b", r'<a href="http://a.a/\|b">A</a>'])
def test_an_escaped_pipe_in_any_form_of_url_is_a_pipe(link: str) -> None:
    text = table(f"| {link} | May 2020 |", f"| A | May 2020 | {link} |")
    assert urls(text) == ["http://a.a/|b"] * 2
    assert raw_urls(text) == [r"http://a.a/\|b"] * 2


def test_outside_tables_a_backslash_before_a_pipe_is_kept() -> None:
    assert urls(r"<http://a.a/\|b>") == [r"http://a.a/\|b"]


def test_an_escaped_pipe_in_text_or_code_does_not_end_its_cell() -> None:
    text = table(r"| A \| B `c\|d` | May 2020 |")
    assert names(text) == ["A | B c|d"]
    assert dates(text) == ["May 2020"]


def test_a_pipe_ends_its_cell_even_in_code() -> None:
    assert cells(table("| `a|b` | c |")) == [[" `a", "b` ", " c "]]


def test_surplus_cells_are_cells_with_their_links() -> None:
    text = table("| [A](http://a.a) | May 2020 | [B](http://b.b) | x http://c.c |")
    assert cells(text) == [[" [A](http://a.a) ", " May 2020 ", " [B](http://b.b) ", " x http://c.c "]]
    assert urls(text) == ["http://a.a", "http://b.b", "http://c.c"]
    assert dates(text) == ["May 2020"]


def test_finds_links_of_any_form_in_surplus_cells() -> None:
    text = table(
        "| A | x | [r] | [t][R] | <http://b.b> | <a href='http://c.c'>C</a> | [d] (http://d.d) | [e](http://e.e)é"
    )
    assert urls(text + "\n[r]: http://r.r/&amp;\n") == [
        "http://r.r/&",
        "http://r.r/&",
        "http://b.b",
        "http://c.c",
        "http://d.d",
        "http://e.e",
    ]


def test_text_that_is_not_a_link_elsewhere_is_not_one_in_a_surplus_cell() -> None:
    assert links(table("| A | x | `http://no` | ![i](http://no) | [nope] | <!-- http://no --> |")) == []


@pytest.mark.parametrize(
    "cell", ["# [b](http://b.b)", "- [b](http://b.b)", "1. [b](http://b.b)", "> [b](http://b.b)", "~~~ [b](http://b.b)"]
)
def test_a_surplus_cell_is_text_whatever_it_starts_with(cell: str) -> None:
    assert urls(table(f"| A | x | {cell} |")) == ["http://b.b"]


def test_empty_surplus_cells_are_cells_too() -> None:
    assert cells(table("| A | x | |", "| A | x ||", "| A | x | | | \t")) == [
        [" A ", " x ", " "],
        [" A ", " x ", ""],
        [" A ", " x ", " ", " "],
    ]


@pytest.mark.parametrize("row", ["| A | x |", "| A | x | ", "| A | x", "A | x", "A | x |", "| A | x |\t"])
def test_a_row_of_as_many_cells_as_its_header_has_no_surplus(row: str) -> None:
    assert [[cell.strip() for cell in row] for row in cells(table(row))] == [["A", "x"]]
    assert [[cell.strip() for cell in row] for row in cells(table(row).rstrip("\n"))] == [["A", "x"]]


def test_a_short_row_has_only_the_cells_in_the_file() -> None:
    assert cells(table("| A |", "| |", "B", header="Paper | Date | Description")) == [[" A "], [" "], ["B"]]


def test_a_link_in_a_surplus_cell_does_not_name_the_row() -> None:
    assert names(table("| 1 | x | [A](http://a.a) |", header="No | Kind")) == ["1"]


def test_an_escaped_pipe_in_a_link_of_any_form_is_a_pipe_in_the_name() -> None:
    assert names(table(r"| <http://a.a/\|b> | May 2020 |")) == ["http://a.a/|b"]
    assert urls("| <http://a.a/\\|b> | Date |\n|---|---|\n") == ["http://a.a/|b"]


def test_a_row_too_short_for_its_name_has_an_empty_name() -> None:
    assert names(table("| x |", header="Date | Paper")) == [""]


def test_two_tables_under_one_heading_each_have_their_own_columns() -> None:
    text = "# A\n\n" + table("| a | May 2020 |") + "\n" + table("| June 2021 | b |", header="Date | Model")
    assert names(text) == ["a", "b"]
    assert dates(text) == ["May 2020", "June 2021"]
    assert [entry.columns for entry in entries(text)] == [("Paper", "Date"), ("Date", "Model")]
    assert entries(text)[0].block != entries(text)[1].block


def test_rows_of_one_table_share_a_block_as_do_the_items_of_one_list() -> None:
    first, second, item, inner, last = entries(table("| a |", "| b |", header="Paper") + "\n- c\n  - d\n- e\n")
    assert first.block == second.block
    assert item.block == last.block
    assert len({first.block, item.block, inner.block}) == 3


@pytest.mark.parametrize(
    "text", in_all_line_ends("| Paper | Date |\n|---|:-:|\n| [A](http://a.a) | May 2020 |\n| B | x |")
)
def test_rows_end_with_any_line_end(text: bytes) -> None:
    assert names(text) == ["A", "B"]
    assert dates(text) == ["May 2020", "x"]


def test_the_span_of_a_row_is_its_line() -> None:
    catalog = read(table("| A | x |", "| B | y |"))
    assert [said(catalog, entry.span) for entry in catalog.entries()] == ["| A | x |\n", "| B | y |\n"]


def test_indented_rows_are_rows() -> None:
    text = "  | Paper | Date |\n  |---|---|\n   | [A](http://a.a) | May 2020 |\n"
    assert cells(text) == [[" [A](http://a.a) ", " May 2020 "]]


def test_a_table_in_a_block_quote_or_a_list_is_a_table() -> None:
    quoted = "> | Paper | Date |\n> |---|---|\n> | [A](http://a.a) | May 2020 | [B](http://b.b) |\n"
    assert names(quoted) == ["A"]
    assert urls(quoted) == ["http://a.a", "http://b.b"]
    listed = "- x\n\n  | Paper | Date |\n  |---|---|\n  | [A](http://a.a) | May 2020 | [B](http://b.b) |\n- y\n"
    assert names(listed) == ["x", "A", "y"]
    assert [len(entry.links) for entry in entries(listed)] == [0, 2, 0]


def test_a_row_before_any_table_is_text() -> None:
    assert entries("| [A](http://a.a) | May 2020 |\n") == []
    assert urls("| [A](http://a.a) | May 2020 |\n") == ["http://a.a"]


def test_a_blank_line_ends_a_table() -> None:
    assert names(table("| A | x |") + "\n| B | y |\n") == ["A"]


# -- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "name", "raw"),
    [
        ("[A](http://a.a)", "A", "A"),
        ("**[A](http://a.a)**", "A", "A"),
        ("([A](http://a.a))", "A", "A"),
        ("[*A* &amp; B](http://a.a)", "A & B", "*A* &amp; B"),
        ("[A](http://a.a): a subtitle", "A", "A"),
        ("**A** ([paper](http://a.a), [code](http://b.b))", "A", "A"),
        ("A - B [paper](http://a.a)", "A - B", "A - B"),
        ("1. A http://a.a", "1. A", "1. A"),
        ("2020: [A](http://a.a)", "A", "A"),
        ("🔥 [A](http://a.a)", "A", "A"),
        ("![logo](http://l.l) [A](http://a.a)", "logo", "logo"),
        ("[](http://x.x) [A](http://a.a)", "A", "A"),
        ("[](http://x.x) A", "A", "A"),
        ("http://a.a", "http://a.a", "http://a.a"),
        ("A+ `b`", "A+ b", "A+ `b`"),
        ("R&amp;D", "R&D", "R&amp;D"),
        ("<br>[A](http://a.a)", "A", "A"),
        (r"A\*: [p](http://a.a)", "A*", r"A\*"),
        ("", "", ""),
    ],
)
def test_a_row_is_named_by_its_leading_link_else_by_the_words_before_the_first(cell: str, name: str, raw: str) -> None:
    text = table(f"| {cell} | May 2020 |")
    assert names(text) == [name]
    assert raw_names(text) == [raw]


def test_a_name_in_another_column_than_the_link_is_not_a_link() -> None:
    text = table("| A | [paper](http://a.a) |", header="Paper | Link")
    assert names(text) == ["A"]
    assert links(text) == [("inline", "paper", "http://a.a")]
