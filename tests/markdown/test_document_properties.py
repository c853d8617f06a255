"""What holds for any text at all."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reading import all_links, read, said

from bot.errors import UsageError
from bot.markdown.catalog import LinkForm
from bot.markdown.parse import parse

# Pieces of which Markdown is made, thrown together at random.
PIECES = [
    *(
        "[",
        "]",
        "(",
        ")",
        "<",
        ">",
        "!",
        "`",
        "|",
        "\\",
        "*",
        "_",
        "~~",
        "&",
        "&amp;",
        "-",
        "=",
        "#",
        ":",
        "/",
        '"',
        "'",
    ),
    *("\n", "\n\n", "\r\n", "\r", " ", "    ", "\t", "\0", "\ufeff", "é", "中", "🔥"),
    *(
        "> ",
        "- ",
        "1. ",
        "- [ ] ",
        "# ",
        "```\n",
        "~~~\n",
        "---\n",
        "k: v\n",
        "\n\n| Paper | Date |\n|---|---|\n",
        "| x ",
    ),
    *("http://a.b/c", "https://x.y", "www.q.r", "[t](http://u.v)", "![i](http://i.j)", "[r][a]", "[a]", "[a][]"),
    *("\n[a]: http://d.e\n", "[a]: ", "[^1]", "[^1]: ", "<http://a.u>", "<m@n.o>", "](", "](<", "[x] (http://n.m)"),
    *("[x](http://n.m", "(x)[http://n.m]", '<a href="http://h.i">', "</a>", "<br title='http://no'>", "<div>\n"),
    *("<!--", "-->", "<script>"),
]
texts = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


@given(texts)
@example("1. - \n\n  \t[^1]: [x] (http://n.m)| x ")
@example("\n- # <a href='http://h.i'>\\\t")
@example("> [a](\n> http://b.c)")
@example("[<m@n.o>]()")
@settings(deadline=None, max_examples=400)
def test_any_text_is_read_and_every_span_slices_to_text_of_its_owner(text: str) -> None:
    read(text)


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_read_or_refused_as_not_utf8(source: bytes) -> None:
    try:
        source.decode()
    except UnicodeDecodeError:
        with pytest.raises(UsageError, match=r"^x:\d+: not UTF-8"):
            parse(source, "x")
    else:
        read(source)


def seen(text: str) -> list[tuple[str, str, str]]:
    return [
        (link.form, link.text, link.url.replace("\r\n", "\n").replace("\r", "\n")) for link in all_links(read(text))
    ]


@given(texts.map(lambda text: text.replace("\r\n", "\n").replace("\r", "\n")))
@settings(deadline=None, max_examples=250)
def test_the_links_are_the_same_with_lf_and_crlf(text: str) -> None:
    assert seen(text.replace("\n", "\r\n")) == seen(text)


@given(texts, texts)
@settings(deadline=None, max_examples=150)
def test_a_heading_and_more_text_below_change_no_entry_above(text: str, below: str) -> None:
    """Text that ends every block first, so that only a definition below could still matter."""
    above = text.translate(dict.fromkeys(map(ord, "<`~["))) + "\n\n"
    first = list(read(above).entries())
    assert list(read(f"{above}# Title\n\n{below.replace('[', '')}").entries())[: len(first)] == first


@dataclass(frozen=True)
class Planted:
    """A link as it was written: Markdown, URL as written, and as meant."""

    markdown: str
    raw: str
    url: str


_word = st.text("abcXYZ019éß中 -.", min_size=1, max_size=10).map(lambda text: f"w{text}w")
_path = st.lists(
    st.sampled_from(
        [
            *((same, same) for same in ("a", "B", "-", "_", "é", "%20", "(x)", "((y))", "&b=", "?q=1", "#f")),
            *((r"\)", ")"), (r"\(", "("), (r"\*", "*"), ("&amp;", "&")),
        ]
    ),
    max_size=6,
)
_titles = st.sampled_from(["", ' "a title"', " 'a) title'", " (a title)", " "])


@st.composite
def planted(draw: st.DrawFn) -> Planted:
    pieces = draw(_path)
    raw = "https://" + draw(st.sampled_from(["a.b/", "medium.com/@u/", "é.x/"])) + "".join(piece for piece, _ in pieces)
    url = raw[: len(raw) - len("".join(piece for piece, _ in pieces))] + "".join(meant for _, meant in pieces)
    target = f"<{raw}>" if draw(st.booleans()) else raw
    text = draw(st.one_of(_word, _word.map(lambda word: f"**{word}**"), _word.map(lambda word: f"`{word}`")))
    return Planted(f"[{text}]({target}{draw(_titles)})", raw, url)


def _table(rows: list[list[str]]) -> str:
    lines = "".join("| " + " | ".join(row) + " |\n" for row in rows)
    return f"| Date | Paper |\n|---|---|\n{lines}"


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[Planted]]:
    """Draw a document of every kind of block, with the links that were planted in it, in order."""
    links: list[Planted] = []

    def content() -> str:
        words = [draw(_word)]
        for link in draw(st.lists(planted(), max_size=2)):
            links.append(link)
            words += [link.markdown, draw(_word)]
        return " ".join(words)

    blocks = []
    for kind in draw(st.lists(st.sampled_from("pluqhtn"), max_size=6)):
        if kind == "t":
            # One cell more than the header has, every time.
            blocks.append(_table([[content(), content(), content()] for _ in range(draw(st.integers(1, 3)))]))
        elif kind == "n":
            blocks.append(f"- {content()}\n  - {content()}\n    1. {content()}\n- {content()}\n")
        else:
            mark = {"p": "", "l": "- ", "u": "* [ ] ", "q": "> ", "h": "## "}[kind]
            blocks.append(f"{mark}{content()}\n")
    return draw(st.sampled_from(["", "\ufeff", "---\nk: v\n---\n"])) + "\n<!-- x -->\n\n".join(blocks), links


@given(documents(), st.sampled_from(["\n", "\r\n", "\r"]))
@settings(deadline=None, max_examples=250)
def test_finds_every_planted_inline_link_with_its_address(document: tuple[str, list[Planted]], end: str) -> None:
    text, expected = document
    catalog = read(text.replace("\n", end))
    found = all_links(catalog)
    assert [link.form for link in found] == [LinkForm.INLINE] * len(expected)
    assert [link.url for link in found] == [link.url for link in expected]
    assert [said(catalog, link.url_span) for link in found] == [link.raw for link in expected]
    assert [said(catalog, link.span) for link in found] == [link.markdown for link in expected]


@given(documents())
@settings(deadline=None, max_examples=100)
def test_no_link_is_found_in_code(document: tuple[str, list[Planted]]) -> None:
    text, _ = document
    assert all_links(read("~~~~\n" + text.removeprefix("\ufeff") + "\n~~~~\n")) == []
