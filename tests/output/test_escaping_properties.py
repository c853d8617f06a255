"""Whatever the web says, GitHub shows just that: no mention, reference, link, picture, element or table break."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from rendered import TURNED, reading_of

from bot.output.escape import BREAKER, code, fenced, link, own_link, plain, shortened, text

PLACES = {
    "paragraph": "{}",
    "after a line": "intro\n{}",
    "before an underline": "{}\nmore",
    "list item": "- {}\n- next",
    "numbered item": "1. {}",
    "task": "- [ ] {}\n- [x] next",
    "cell": "| a | b |\n|---|---|\n| {} | c |\n| d | e |",
    "header cell": "| {} | b |\n|---|---|\n| c | d |",
    "heading": "## {}\n\nmore",
    "quote": "> {}",
    "strong": "**{}** and more",
    "label": "[{}](https://example.com/)",
    "between texts": "the `x` of {} and `y`",
    "folded": "<details><summary>s</summary>\n\n- {}\n\n</details>",
}
# Code never labels a link: at the start of a block, [`]:`](url) defines a reference and shows nothing.
CODE_PLACES = {name: place for name, place in PLACES.items() if name != "label"}
SEEDS = [
    "@name", "@org/team", "mail@example.org", "a @ b", "@", "x@y@z", "#123", "owner/repo#123", "GH-123", "gh-1",
    "a" * 40, "deadbee", "DEADBEEF1", "1234567", "owner@deadbeef1", "31e59abc0615", "CVE-2024-1234",
    "GHSA-aaaa-bbbb-cccc", ":smile:", ":+1::-1:", "::x::", "a:b:c:d", "https://example.org/x", "http://a.b",
    "ftp://a.b", "HTTPS://A.B", "www.example.org", "(www.a.b)", "mailto:a@b.org", "xmpp:a@b.org/x",
    "github.com/o/r/issues/1", "//example.org", "![i](https://e.org/x.png)", "[a](https://e.org)", "[a][b]", "[a]",
    "[^1]", "[^1]: note", "[a]: https://e.org", "[x] done", "[ ] open", "<b>x</b>", "<img src=x onerror=alert(1)>",
    "<!-- x -->", "-->", "--!>", "<!-- bot: ignore link-gone -->", "<https://e.org>", "<a@b.org>", "<details>",
    "<?x?>", "<![CDATA[x]]>", "&amp;", "&#64;name", "&lt;b&gt;", "&", "&copy;", "&#35;1", "*a*", "**a**", "_a_",
    "__a__", "a_b_c", "***", "~a~", "~~a~~", "~~~", "`a`", "``", "```js", "$x$", "$$x$$", "$`x`$", "$5 and $6",
    "\\(x\\)", "\\", "\\\\", "a\\", "\\@b", "\\|", "|", "a | b", "|-|", "---", "- - -", "-", "- x", "+ x", "* x", "+",
    "1. x", "1) x", "1.", "0123456789. x", "# x", "#", "###### x", "x #", "x ##", "# #", "> x", ">x", "> [!NOTE]",
    "===", "=", "--", ":-", ":-:", "-:", "- [ ] x", "    code", "\tcode", "a\nb", "a\r\n\r\n# b", "a  \nb",
    "a\u2028b", "a\u2029@b", "a\u0085b", "a\x0bb", "a\x0cb", "\x00", "a\x1b[31mb", "a\x9b2Jb", "@\u200dname",
    "@\u200bname", "#\u20601", "a\u202egnp.b", "\u2066a\u2069", "\ufeff# x", "\u00ad@b", "\ud800", "\ufe0f",
    "\U000e0041", "\u3164x", "@\u034fb", "LoRA+", "GPT-4 (vision)", "A & B: C/D", "don’t", "C#", "C++", "a -> b",
    "100 % of 5 < 6", "Grok-1.5V", "BERT (2018)", "👩‍💻 🇩🇪 👍🏽", "漢字", "e\u0301", "::error::x", "##[error]x", "%0A",
    "{{ x }}", "${{ secrets.X }}", "fixes #1", "closes owner/repo#1", "a\u00a0b", "｀x｀", "＠name", "＃1", "a" * 5000,
    "`" * 200, "[" * 300, "*a" * 300, "<" * 100,
]  # fmt: skip
PIECES = [
    "@", "#", "1", "12", "GH-", "a", "b", "deadbee", "f0", "x", "/", ":", "//", "https", "www", ".", "org", "smile",
    "`", "``", "*", "_", "**", "~", "~~", "[", "]", "(", ")", "!", "<", ">", "<b", "</", "<!--", "-->", "&", ";",
    "amp", "|", "\\", "$", "-", "+", "=", " ", "  ", "\n", "\t", "[ ]", "[x]", "^", "{", "}", "'", '"', "%", ",",
    "\u200d", "\u200b", "\u202e", "\x00", "\x1b", "\u2028", "é", "漢", "\ufe0f", "\u0301",
]  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=12).map("".join) | st.sampled_from(SEEDS) | st.text(max_size=30)
ADDRESS_PIECES = [
    *PIECES, "https://", "http://", "github.com", "medium.com", "javascript:", "user:pw@", ":8080", "?a=", "&b=",
]  # fmt: skip
ADDRESSES = st.lists(st.sampled_from(ADDRESS_PIECES), max_size=10).map("".join)
_HIDDEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0d\uffa0\ufdd0-\ufdef\ufffe\uffff]")


def meant(value: str) -> str:
    """What a reader is to see: one line, without what shows nothing."""
    spaced = "".join(" " if each.isspace() else each for each in value)
    shown = "".join(each for each in spaced if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co"))
    return " ".join("".join(each for each in _HIDDEN.sub("", shown) if not 0xE0000 <= ord(each) <= 0xE0FFF).split())


def shown_in(rendered: str) -> str:
    return " ".join(rendered.replace(BREAKER, "").split())


def check_piece(piece: str, value: str, place: str) -> None:
    """Hold a place with a piece in it to the same place with a plain word in it."""
    found, plain_one = reading_of(place.format(piece)), reading_of(place.format("word"))
    assert found.tags == plain_one.tags
    assert shown_in(found.text) == shown_in(plain_one.text.replace("word", f" {meant(value)} ", 1)) or shown_in(
        found.text
    ) == shown_in(plain_one.text.replace("word", meant(value), 1))
    assert found.links == plain_one.links
    assert not found.turned


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
@given(value=HOSTILE)
def test_text_is_shown_exactly_wherever_it_is_placed(place: str, value: str) -> None:
    assume(meant(value))
    check_piece(text(value), value, place)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_no_seed_gets_through_as_text_or_code(place: str) -> None:
    for value in SEEDS:
        if meant(value):
            check_piece(text(value), value, place)
            if place in CODE_PLACES.values():
                check_piece(code(value), value, place)


def test_code_at_the_start_of_a_label_can_define_a_reference() -> None:
    labelled = f"[{code(']:')}](https://example.com/)"
    assert reading_of(f"a {labelled}").links == ("https://example.com/",)
    assert reading_of(labelled) == ((), "", (), ())
    assert reading_of(f"[{text(']:')}](https://example.com/)").text.strip() == "]:"


@pytest.mark.parametrize("place", CODE_PLACES.values(), ids=CODE_PLACES.keys())
@given(value=HOSTILE)
def test_code_is_shown_exactly_wherever_it_is_placed(place: str, value: str) -> None:
    assume(meant(value))
    check_piece(code(value), value, place)


@given(first=HOSTILE, second=HOSTILE)
def test_two_texts_on_one_line_do_not_combine(first: str, second: str) -> None:
    assume(meant(first) and meant(second))
    both = f"{first} — {second}"
    for place in PLACES.values():
        check_piece(f"{text(first)} — {text(second)}", both, place)


@pytest.mark.parametrize("make", [link, own_link])
@pytest.mark.parametrize("place", CODE_PLACES.values(), ids=CODE_PLACES.keys())
@given(label=HOSTILE, url=ADDRESSES | HOSTILE)
@example(label="a](https://evil.example) [b", url="https://a.b/")
@example(label="a", url="https://a.b/)[x](https://evil.example")
@example(label="a", url="https://a.b/`|\\ <b>\n\n# x")
@example(label="a", url="https://a.b/?x=&copy;&#35;1&amp;")
def test_a_link_goes_to_the_web_and_nowhere_else(make: object, place: str, label: str, url: str) -> None:
    assert callable(make)
    assume(meant(label))
    piece = make(label, url)
    found = reading_of(place.format(piece))
    mark = "[word](https://example.com/)" if found.links else "word"
    assert found.tags == reading_of(place.format(mark)).tags
    assert meant(label) in shown_in(found.text)
    assert not found.turned
    for target in found.links:
        assert re.fullmatch(r"https?://[0-9A-Za-z._-]+(?::[0-9]+)?(?:[/?#][!-~]*)?", target)
        if make is link:
            assert not re.match(r"https?://(?:www\.)?github\.com\.?(?:[/:?#]|\Z)", target)


@given(value=HOSTILE)
def test_a_title_or_commit_message_mentions_and_references_nothing(value: str) -> None:
    line = plain(value)
    assert shown_in(line) == meant(value)
    assert "\n" not in line
    assert not TURNED.search(line)


@given(value=HOSTILE)
def test_a_fence_holds_all_of_its_text(value: str) -> None:
    found = reading_of(f"before\n\n{fenced(value, 'diff')}\n\nafter")
    assert found.tags == ("p", "/p", "pre", "/pre", "p", "/p")
    assert shown_in(found.text) == shown_in(f"before {meant(value)} after")


@given(value=st.text(), limit=st.integers(0, 40))
def test_what_is_shortened_is_never_too_long_and_never_changed_before_the_cut(value: str, limit: int) -> None:
    short = shortened(value, limit)
    assert len(short) <= limit
    assert short == value or not short or (short[-1] == "…" and value.startswith(short[:-1]))


@settings(max_examples=20, deadline=None)
@given(piece=st.sampled_from(PIECES), number=st.integers(2_000, 20_000))
def test_long_text_takes_no_more_than_its_length(piece: str, number: int) -> None:
    """A quadratic pattern would not come back."""
    text(piece * number)
    code(piece * number)
    plain(f"{piece} " * number)
