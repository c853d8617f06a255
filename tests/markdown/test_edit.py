"""Edits change the bytes they name, or nothing; text from elsewhere reads as itself."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import cells, links, names, table

from bot.errors import EditError
from bot.markdown.edits import in_cell, splice
from bot.model.spans import Edit, Span

SOURCE = b"0123456789"


def edit(start: int, stop: int, replacement: bytes, expected: bytes | None = None) -> Edit:
    return Edit("catalog.md", Span(start, stop), SOURCE[start:stop] if expected is None else expected, replacement)


def test_without_edits_nothing_changes() -> None:
    assert splice(SOURCE, []) == SOURCE


@pytest.mark.parametrize(
    ("edits", "result"),
    [
        ([edit(2, 4, b"ab")], b"01ab456789"),
        ([edit(2, 4, b"")], b"01456789"),
        ([edit(0, 0, b"a")], b"a0123456789"),
        ([edit(10, 10, b"a")], b"0123456789a"),
        ([edit(0, 10, b"")], b""),
        ([edit(2, 4, b"\xff\r\n")], b"01\xff\r\n456789"),
        ([edit(2, 4, b"a"), edit(4, 6, b"b")], b"01ab6789"),  # they touch
        ([edit(4, 6, b"b"), edit(2, 4, b"a")], b"01ab6789"),
        ([edit(2, 4, b"a"), edit(4, 4, b"b")], b"01ab456789"),
        ([edit(4, 4, b"b"), edit(4, 6, b"a")], b"0123ba6789"),
        ([edit(4, 6, b"a"), edit(4, 4, b"b")], b"0123ba6789"),
        ([edit(4, 4, b"a"), edit(4, 4, b"b")], b"0123ab456789"),  # in the order given
        ([edit(4, 4, b"b"), edit(4, 4, b"a")], b"0123ba456789"),
    ],
)
def test_edits_replace_their_bytes(edits: list[Edit], result: bytes) -> None:
    assert splice(SOURCE, edits) == result


@pytest.mark.parametrize(
    "edits",
    [
        [edit(2, 5, b"a"), edit(4, 6, b"b")],
        [edit(2, 8, b"a"), edit(4, 6, b"b")],
        [edit(2, 4, b"a"), edit(2, 4, b"a")],
        [edit(2, 5, b"a"), edit(3, 3, b"b")],
        [edit(4, 6, b"b"), edit(2, 5, b"a")],
    ],
)
def test_edits_that_overlap_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(EditError, match=r"^catalog\.md: two edits overlap at byte \d"):
        splice(SOURCE, edits)


@pytest.mark.parametrize(
    "stale",
    [
        edit(2, 4, b"a", b"2x"),
        edit(2, 4, b"a", b"2"),
        edit(2, 4, b"a", b"234"),
        edit(2, 4, b"a", b""),
        edit(2, 2, b"a", b"2"),
        edit(8, 12, b"a", b"89"),  # past the end, though the bytes up to it agree
        edit(11, 11, b"a", b""),
        edit(5, 3, b"a", b""),  # reversed
        edit(-2, -1, b"a", b"8"),
        edit(-2, 0, b"a", b""),
    ],
)
def test_edits_that_expect_other_bytes_are_refused(stale: Edit) -> None:
    with pytest.raises(EditError, match=r"^catalog\.md: the file has changed at byte -?\d+; run the check again$"):
        splice(SOURCE, [stale])


def test_one_stale_edit_stops_them_all() -> None:
    with pytest.raises(EditError):
        splice(SOURCE, [edit(0, 1, b"a"), edit(2, 4, b"b", b"xx")])


@st.composite
def sources_with_edits(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    """Draw bytes, and edits whose spans are distinct and do not overlap."""
    source = draw(st.binary(max_size=60))
    cuts = sorted(draw(st.lists(st.integers(0, len(source)), max_size=8, unique=True)))
    pairs = list(pairwise(cuts))[:: draw(st.integers(1, 2))]
    edits = [Edit("x", Span(start, stop), source[start:stop], draw(st.binary(max_size=5))) for start, stop in pairs]
    return source, draw(st.permutations(edits))


@given(sources_with_edits())
@settings(deadline=None, max_examples=150)
def test_all_other_bytes_stay_as_they_were(drawn: tuple[bytes, list[Edit]]) -> None:
    source, edits = drawn
    expected, at = b"", 0
    for each in sorted(edits, key=lambda each: each.span):
        expected += source[at : each.span.start] + each.replacement
        at = each.span.stop
    assert splice(source, edits) == expected + source[at:]


@given(sources_with_edits())
@settings(deadline=None, max_examples=100)
def test_the_order_of_separate_edits_does_not_matter(drawn: tuple[bytes, list[Edit]]) -> None:
    source, edits = drawn
    assert splice(source, edits) == splice(source, edits[::-1])
    assert splice(source, edits) == splice(source, sorted(edits, key=lambda each: each.replacement))


@given(sources_with_edits())
@settings(deadline=None, max_examples=100)
def test_edits_can_be_undone(drawn: tuple[bytes, list[Edit]]) -> None:
    source, edits = drawn
    back, shift = [], 0
    for each in sorted(edits, key=lambda each: each.span):
        start = each.span.start + shift
        back.append(Edit("x", Span(start, start + len(each.replacement)), each.replacement, each.expected))
        shift += len(each.replacement) - len(each.expected)
    assert splice(splice(source, edits), back) == source


@given(st.binary(max_size=30), st.integers(-40, 40), st.integers(-40, 40), st.binary(max_size=6))
@settings(deadline=None, max_examples=200)
def test_an_edit_is_applied_only_to_the_bytes_it_expects(source: bytes, start: int, stop: int, expected: bytes) -> None:
    edits = [Edit("x", Span(start, stop), expected, b"!")]
    if 0 <= start <= stop <= len(source) and source[start:stop] == expected:
        assert splice(source, edits) == source[:start] + b"!" + source[stop:]
    else:
        with pytest.raises(EditError):
            splice(source, edits)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("BERT", b"BERT"),
        ("a | b", rb"a \| b"),
        ("[a](http://b.c)", rb"\[a\](http://b.c)"),
        ("*a* _b_ `c`", rb"\*a\* \_b\_ \`c\`"),
        ("<script> &amp;", rb"\<script\> \&amp;"),
        ("a\\", rb"a\\"),
        ("a\r\nb\tc\u2028d\u00a0e", b"a b c d e"),
        ("a\u200bb\u202ec\x07\ufeff", b"abc"),
        ("  é中🔥 ", "é中🔥".encode()),
        ("", b""),
    ],
)
def test_text_in_a_cell_is_escaped_on_one_line_without_controls(text: str, written: bytes) -> None:
    assert in_cell(text) == written


words = st.text(st.sampled_from("aé中1 \\`*_{}[]()<>|~#&!$;=-+.'\"\n\t"), min_size=1, max_size=25).filter(str.split)


@given(words)
@settings(deadline=None, max_examples=200)
def test_escaped_text_reads_as_itself_in_a_cell_a_link_and_an_item(text: str) -> None:
    written, plain = in_cell(text).decode(), " ".join(text.split())
    row = table(f"| {written} | May 2020 |")
    assert names(row) == [plain]
    assert len(cells(row)[0]) == 2
    assert links(row) == []
    assert links(table(f"| [x{written}](http://a.b) | x |")) == [("inline", f"x{plain}", "http://a.b")]
    assert links(f"- [x{written}](http://a.b)\n") == [("inline", f"x{plain}", "http://a.b")]
