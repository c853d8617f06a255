"""The hidden marker and the boxes below it: what is written is read again, and nothing else passes for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.publish.marker import (
    Marker,
    Row,
    boxes,
    name_of,
    normalised,
    of_this_run,
    page_key,
    read_marker,
    rows_in,
    with_marker,
)

ONE, TWO, KEY = "0123456789abcdef", "fedcba9876543210", "01234567"
HEAD = "1" * 40
FINGERPRINTS = st.text("0123456789abcdef", min_size=16, max_size=16)
MARKERS = st.builds(
    Marker,
    st.sampled_from(["links", "links-review", "dead-links"]),
    st.dictionaries(FINGERPRINTS, st.just("") | st.text("0123456789abcdef", min_size=8, max_size=8), max_size=5),
    st.frozensets(FINGERPRINTS, max_size=5),
    st.just("") | st.text("0123456789abcdef", min_size=40, max_size=40),
    st.booleans(),
)


@given(MARKERS, st.text(), st.sampled_from(["", "\n", "\r\n", "  \n"]))
def test_what_is_written_is_read_again_whatever_follows(marker: Marker, rest: str, before: str) -> None:
    assert read_marker(f"{before}{marker}{rest}") == marker
    assert "-->" not in str(marker)[:-3]


@given(st.text())
def test_text_is_no_marker(text: str) -> None:
    assert read_marker(text) is None


NO_MARKERS = [
    "",
    "x <!-- bot:v1 links -->",
    "x\n<!-- bot:v1 links -->",
    "<!-- bot:v2 links -->",
    "<!-- bot:v1 Links -->",
    "<!-- bot:v1 -->",
    "<!-- bot:v1 links items=<b> -->",
    "<!-- bot:v1 links evil=1 -->",
    "<!-- bot:v1 links head=123 -->",
    "&lt;!-- bot:v1 links --&gt;",
    "<!--bot:v1 links-->",
]


@pytest.mark.parametrize("body", NO_MARKERS)
def test_what_is_not_just_so_is_no_marker(body: str) -> None:
    assert read_marker(body) is None


def test_a_marker_below_is_found_only_where_it_is_looked_for_and_starts_a_line() -> None:
    marker = Marker("links", {ONE: KEY})
    assert read_marker(f"Hello.\r\n\r\n{marker}\r\n", below=True) == marker
    assert read_marker(f"> {marker}", below=True) is None
    assert read_marker(f"  {marker}", below=True) is None


def test_of_two_markers_the_first_one_counts() -> None:
    first, second = Marker("links", {ONE: ""}), Marker("links", {TWO: ""})
    assert read_marker(f"{first}\n\n{second}") == first
    assert read_marker(f"x\n{first}\n\n{second}", below=True) == first


def test_items_that_are_none_are_left_out() -> None:
    marker = read_marker(f"<!-- bot:v1 links items={ONE}.{KEY},..,abc.,{TWO}. declined=,,{ONE} -->")
    assert marker == Marker("links", {ONE: KEY, TWO: ""}, frozenset({ONE}))


def test_another_marker_takes_the_place_of_the_first_alone() -> None:
    done = Marker("links", superseded=True)
    body = f"{Marker('links')}\r\n\r\ntext\n{Marker('metadata')}"
    assert with_marker(body, done) == f"{done}\r\n\r\ntext\n{Marker('metadata')}"
    assert with_marker("text", done) == f"{done}\n\ntext"


def test_only_so_many_declines_are_kept_that_a_body_holds_them() -> None:
    marker = Marker("links", {f"{n:016x}": KEY for n in range(1000)}, frozenset(f"{n:016x}" for n in range(5000)))
    assert len(str(marker)) < 45_000
    assert read_marker(str(marker)) is not None


BOXES = [
    (f"- [x] a <!-- {ONE} -->", True),
    (f"- [X] a <!-- {ONE} -->", True),
    (f"* [ ] a <!-- {ONE} -->", False),
    (f"- [ ] a <!-- {ONE} -->\r", False),
    (f"- [x] a <!-- {TWO} --> b <!-- {ONE} -->  ", True),
]


@pytest.mark.parametrize(("line", "ticked"), BOXES)
def test_a_box_is_read(line: str, ticked: object) -> None:
    assert boxes(f"x\n{line}\ny") == {ONE: ticked}


NO_BOXES = [
    f"  - [x] a <!-- {ONE} -->",
    f"> - [x] a <!-- {ONE} -->",
    f"x - [x] a <!-- {ONE} -->",
    f"- [y] a <!-- {ONE} -->",
    f"- [x] a <!-- {ONE[:-1]} -->",
    f"- [x] a <!-- {ONE} --> b",
    f"-[x] a <!-- {ONE} -->",
    f"- [x] a \\<!-- {ONE} --\\>",
]


@pytest.mark.parametrize("line", NO_BOXES)
def test_what_is_not_just_so_is_no_box(line: str) -> None:
    assert boxes(f"x\n{line}\ny") == {}


def test_rows_are_read_as_they_were_written() -> None:
    first = Row(ONE, "It is (so)", "**A**", ("- below", "```", "", "x", "```"))
    second = Row(TWO, "It is (so)", "B", ("- more",), ticked=True)
    body = f"intro\n\n#### It is (so) (2)\n\n{first.full()}\n{second.full()}\n\n  not of it\n\nfoot"
    assert rows_in(body) == {ONE: first, TWO: second}
    assert rows_in(body.replace("\n", "\r\n")) == rows_in(body)


SAME = [
    (f"see /blob/{HEAD}/x", f"see /blob/{'2' * 40}/x"),
    ("x#L1", "x#L22"),
    (f"<!-- bot:v1 links head={HEAD} -->", f"<!-- bot:v1 links head={'2' * 40} -->"),
    ("a\nb\n", "a\r\nb\r\n\r\n"),
    (f"a\n{of_this_run('of Monday')}", f"a\n{of_this_run('of Tuesday')}"),
    (f"a\n  - {of_this_run('of Monday')}\nb", f"a\n  - {of_this_run('of Tuesday')}\nb"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_bodies_that_say_the_same_are_the_same(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


OTHER = [
    (f"see /blob/{HEAD}/x", f"see /blob/{HEAD}/y"),
    ("- [x] a", "- [ ] a"),
    ("a\nb", "a b"),
    (f"{of_this_run('of Monday')} a", f"{of_this_run('of Tuesday')} a"),
    (f"<!-- bot:v1 links items={ONE}. -->", f"<!-- bot:v1 links items={TWO}. -->"),
]


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_bodies_that_say_something_else_are_not(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


def test_names_are_short_and_tell_apart() -> None:
    assert page_key("") == ""
    assert len(page_key("@a/b")) == 8
    assert len(name_of("a", "b")) == 16
    assert name_of("a", "b") != name_of("ab")
