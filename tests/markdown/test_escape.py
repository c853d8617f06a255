"""Text from elsewhere says just itself wherever it is written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import cells, links, names, table

from bot.markdown.edits import in_cell


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
def test_text_is_escaped_on_one_line_without_controls(text: str, written: bytes) -> None:
    assert in_cell(text) == written


words = st.text(st.sampled_from("aé中1 \\`*_{}[]()<>|~#&!$;=-+.'\"\n\t"), min_size=1, max_size=25).filter(str.split)


@given(words)
@settings(deadline=None, max_examples=200)
def test_a_cell_a_links_text_and_an_item_say_what_was_put_in(text: str) -> None:
    written, plain = in_cell(text).decode(), " ".join(text.split())
    row = table(f"| {written} | May 2020 |")
    assert names(row) == [plain]
    assert len(cells(row)[0]) == 2
    assert links(row) == []
    assert links(table(f"| [x{written}](http://a.b) | x |")) == [("inline", f"x{plain}", "http://a.b")]
    assert links(f"- [x{written}](http://a.b)\n") == [("inline", f"x{plain}", "http://a.b")]
