"""List items: what they are called, which links are theirs, where they end."""

from __future__ import annotations

import pytest
from reading import entries, names, raw_names, read, said, urls


def spans(text: str) -> list[str]:
    catalog = read(text)
    return [said(catalog, entry.span) for entry in catalog.entries()]


def owned(text: str) -> list[tuple[str, list[str]]]:
    return [(entry.name, [link.url for link in entry.links]) for entry in entries(text)]


@pytest.mark.parametrize("mark", ["-", "*", "+", "1.", "23)", "- [ ]", "- [x]", "  -"])
def test_any_list_marker_starts_an_item(mark: str) -> None:
    assert owned(f"{mark} [A](http://a.a) - words\n") == [("A", ["http://a.a"])]


@pytest.mark.parametrize(
    ("item", "name", "raw"),
    [
        ("[Foo](http://a.a) - description", "Foo", "Foo"),
        ("**Foo**: [paper](http://a.a) [code](http://b.b)", "Foo", "Foo"),
        ("**[Foo](http://a.a)**: description", "Foo", "Foo"),
        ("Foo - description, see http://a.a", "Foo", "Foo"),
        ("Foo – description [p](http://a.a)", "Foo", "Foo"),
        ("Foo — description", "Foo", "Foo"),
        ("Foo: description", "Foo", "Foo"),
        ("Foo-Bar:baz [p](http://a.a)", "Foo-Bar:baz", "Foo-Bar:baz"),
        ("**Foo** & *Bar*: [paper](http://a.a)", "Foo & Bar", "Foo** & *Bar"),
        ("`foo` bar [z](http://a.a)", "foo bar", "`foo` bar"),
        ("Foo\\_bar &amp; co [p](http://a.a)", "Foo_bar & co", "Foo\\_bar &amp; co"),
        ("`TableCell` [z](http://a.a)", "TableCell", "`TableCell`"),  # also the name of a parser's event
        ("foo `bar` [z](http://a.a)", "foo bar", "foo `bar`"),
        ("&amp; foo &lt; [z](http://a.a)", "& foo <", "&amp; foo &lt;"),
        ("LoRA+ [p](http://a.a)", "LoRA+", "LoRA+"),
        ("Q\\*: [p](http://a.a)", "Q*", "Q\\*"),
        ("\\*Foo [p](http://a.a)", "*Foo", "*Foo"),
        ("\\*Foo* bar [p](http://a.a)", "*Foo* bar", "*Foo* bar"),
        ("![logo](http://l.l)", "logo", "logo"),
        ("2020 - [Foo](http://a.a)", "Foo", "Foo"),
        ("2020 - Foo - description", "2020 - Foo", "2020 - Foo"),
        ("(1) 🔥 [Foo](http://a.a)", "Foo", "Foo"),
        ("<img src='http://i.i'> [Foo](http://a.a)", "Foo", "Foo"),
        ("[![badge](http://i.i)](http://b.b) [Foo](http://a.a)", "badge", "![badge](http://i.i)"),
        ("<a href='http://a.a'>Foo</a>: x", "Foo", "Foo"),
        ("http://a.a", "http://a.a", "http://a.a"),
        ("[Foo] (http://a.a) - x", "Foo", "Foo"),
        ("(Foo)[http://a.a]", "Foo", "Foo"),
        ("[](http://a.a)", "", ""),
        ("中文 — 描述 [p](http://a.a)", "中文", "中文"),
        ("1.58", "1.58", "1.58"),
        ("", "", ""),
        ("<!-- nothing -->", "", ""),
    ],
)
def test_an_item_is_named_by_its_leading_link_else_by_the_words_before_it_or_a_dash(
    item: str, name: str, raw: str
) -> None:
    assert names(f"- {item}\n") == [name]
    assert raw_names(f"- {item}\n") == [raw]


def test_a_name_of_two_lines_is_one_line() -> None:
    assert names("- *Foo\n  bar* baz [p](http://a.a)\n") == ["Foo bar baz"]
    assert names("> - Foo\n>   bar [p](http://a.a)\n") == ["Foo bar"]


def test_an_item_owns_all_links_in_it() -> None:
    assert owned("- [A](http://a.a): [B](http://b.b) http://c.c <http://d.d>\n- [E](http://e.e)\n") == [
        ("A", ["http://a.a", "http://b.b", "http://c.c", "http://d.d"]),
        ("E", ["http://e.e"]),
    ]


def test_nested_items_are_separate_entries() -> None:
    text = "- [A](http://a.a)\n  - [B](http://b.b)\n    1. [C](http://c.c)\n- [D](http://d.d)\n"
    assert owned(text) == [
        ("A", ["http://a.a"]),
        ("B", ["http://b.b"]),
        ("C", ["http://c.c"]),
        ("D", ["http://d.d"]),
    ]
    assert spans(text) == [
        "- [A](http://a.a)",
        "- [B](http://b.b)",
        "1. [C](http://c.c)",
        "- [D](http://d.d)",
    ]


def test_text_below_a_nested_list_still_belongs_to_the_outer_item() -> None:
    text = "- A\n  - [B](http://b.b)\n\n  tail [C](http://c.c)\n"
    assert owned(text) == [("A", ["http://c.c"]), ("B", ["http://b.b"])]
    assert spans(text) == ["- A", "- [B](http://b.b)"]


def test_text_below_a_nested_list_does_not_name_the_item() -> None:
    assert names("- \n  - [B](http://b.b)\n\n  tail\n")[0] == ""


def test_a_loose_list_has_the_same_entries() -> None:
    assert owned("- [A](http://a.a)\n\n- [B](http://b.b)\n\n  more [C](http://c.c)\n") == [
        ("A", ["http://a.a"]),
        ("B", ["http://b.b", "http://c.c"]),
    ]


def test_an_item_may_run_over_several_lines() -> None:
    assert spans("- [A](http://a.a)\nlazy http://b.b\n\n  indented\n\n# B\n") == [
        "- [A](http://a.a)\nlazy http://b.b\n\n  indented"
    ]
    assert urls("- [A](http://a.a)\nlazy http://b.b\n") == ["http://a.a", "http://b.b"]


def test_the_text_of_an_item_may_start_on_the_line_below_its_marker() -> None:
    assert names("-\n  [A](http://a.a)\n") == ["A"]
    assert names("- ```\n  http://no\n  ```\n\n  [A](http://a.a)\n") == ["A"]


def test_items_in_a_block_quote_are_items() -> None:
    assert owned("> - [A](http://a.a)\n> - [B](http://b.b)\n") == [("A", ["http://a.a"]), ("B", ["http://b.b"])]


def test_a_quote_in_an_item_belongs_to_the_item() -> None:
    assert owned("- A\n  > [B](http://b.b)\n") == [("A", ["http://b.b"])]


def test_a_task_box_is_not_part_of_the_name() -> None:
    assert names("- [ ] Foo - x\n- [x] [Bar](http://b.b)\n- [ ]\n") == ["Foo", "Bar", ""]


def test_a_task_box_before_an_address_is_not_a_near_link() -> None:
    assert [(link.form, link.url) for entry in entries("- [x] (http://a.a)\n") for link in entry.links] == [
        ("bare", "http://a.a")
    ]


def test_an_item_has_no_cells_columns_or_date() -> None:
    entry = entries("- A | May 2020\n")[0]
    assert (entry.cells, entry.columns, entry.date) == ((), (), None)


def test_a_dash_without_a_space_does_not_start_an_item() -> None:
    assert entries("-[A](http://a.a)\n") == []


def test_a_list_in_code_holds_no_items() -> None:
    assert entries("```\n- [A](http://a.a)\n```\n") == []
