"""The bytes of the address in a link or a definition."""

from __future__ import annotations

import pytest

from bot.markdown.events import definition_destination, inline_destination, unescape
from bot.model.spans import Span


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"http://a.b", "http://a.b"),
        (rb"a\(b\)\\", "a(b)\\"),
        (rb"a\bc\ ", r"a\bc" + "\\ "),
        (b"a&amp;b&#32;&eacute;", "a&b é"),
        (rb"a\&amp;b", "a&amp;b"),
        (rb"&am\p;", r"&am\p;"),
        (b"a&unknown;&", "a&unknown;&"),
        ("ü中".encode(), "ü中"),
    ],
)
def test_escapes_and_entities_are_resolved_and_nothing_else(raw: bytes, text: str) -> None:
    assert unescape(raw) == text


@pytest.mark.parametrize(
    ("link", "destination"),
    [
        (b"[a](b)", b"b"),
        (b"[a](\r\nb)", b"b"),
        (b"[a](b(c)d)", b"b(c)d"),
        (rb"[a](b\))", rb"b\)"),
        (b"[a](<b>c)", b"b"),
        (b"[a](<b", b"b"),
        (b"[a](<b\\", b"b\\"),
        (b"[a](b", b"b"),
        (b"[a](b\\", b"b\\"),
        (b"[a](\n> b)", b"b"),
        (b"[a](>b)", b">b"),
        (b"[a]()", b""),
        (b'[a](b "c")', b"b"),
    ],
)
def test_an_inline_destination_stays_within_its_link(link: bytes, destination: bytes) -> None:
    source = link + b" more) words>"
    span = inline_destination(source, 2, len(link))
    assert source[span.start : span.stop] == destination
    assert span.stop <= len(link)


@pytest.mark.parametrize(
    ("definition", "destination"),
    [
        (b"[a]: b", b"b"),
        (b"[a]:b 'c'", b"b"),
        (rb"[a\]: b]: c", b"c"),
        (b"[a\nb]:\n<c d>", b"c d"),
        (b"[a]:", b""),
    ],
)
def test_the_destination_of_a_definition_comes_after_its_label(definition: bytes, destination: bytes) -> None:
    span = definition_destination(definition, Span(0, len(definition)))
    assert span is not None
    assert definition[span.start : span.stop] == destination


@pytest.mark.parametrize("text", [b"a: b", b"[a] b", b"[a", b"[a[b]: c"])
def test_text_that_is_not_a_definition_has_no_destination(text: bytes) -> None:
    assert definition_destination(text, Span(0, len(text))) is None
