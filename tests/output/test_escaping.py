"""Foreign text on GitHub: ordinary titles stay as they are, all else loses its teeth; links go where they may."""

from __future__ import annotations

import pytest
from rendered import html_of, reading_of

from bot.output.escape import BREAKER, code, fenced, link, own_link, plain, shortened, text


@pytest.mark.parametrize(
    "title",
    [
        "LoRA+",
        "GPT-4 (vision)",
        "A & B: C/D",
        "don’t",
        "C#",
        "C++",
        "Attention Is All You Need!",
        "h2o-danube_1.8b",
        "a -> b",
        "50 % at 10:30",
        "A/B; C, D. “E” — F…",
        "R&D",
        "2 + 2 = 4 - 0",
        "1.5 x",
        "漢字 é 🚀 👍🏽 🇩🇪",
        "facade decade",
        "20240131T",
        "@ noon # 1",
        "",
    ],
)
def test_an_ordinary_title_stays_as_it_is(title: str) -> None:
    assert text(title) == title
    assert plain(title) == title


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("@name", "@·name"),
        ("@org/team", "@·org/team"),
        ("#12", "#·12"),
        ("o/r#12", "o/r#·12"),
        ("gh-12", "gh-·12"),
        ("deadbee", "deadbe·e"),
        ("a" * 40, "·".join(["a" * 6] * 6 + ["a" * 4])),
        ("x@deadbeef", "x@·deadbe·ef"),
        (":tada: :+1:", ":·tada: :·+1:"),
        ("https://a.b", "https:·//a.b"),
        ("www.a.b", "www·.a.b"),
        ("github.com/o/r/pull/1", "github·.com/o/r/pull/1"),
        ("CVE-2024-1 GHSA-x", "CVE-·2024-1 GHSA-·x"),
    ],
)
def test_what_a_filter_would_turn_is_broken_by_a_joiner(value: str, written: str) -> None:
    assert text(value).replace(BREAKER, "·") == written
    assert plain(value).replace(BREAKER, "·") == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("*a* _b_ `c` ~d~ [e] <f> g|h", r"\*a\* \_b\_ \`c\` \~d\~ \[e\] \<f> g\|h"),
        ("back\\slash", "back\\\\slash"),
        ("&amp; &c &lt", r"\&amp; &c \&lt"),
        ("$x$", r"<span>\$</span>x<span>\$</span>"),
        ("1. a", r"1\. a"),
        ("- a", r"\- a"),
        ("# a #", r"\# a \#"),
        ("> a", r"\> a"),
        ("a -->", r"a --\>"),
        (" a\n\tb\r\n\u2028c ", "a b c"),
        ("@\u200dname", "@·name"),
        ("a\u202eb\u200b\x1b\x00c\ud800", "abc"),
    ],
)
def test_what_markdown_would_turn_is_escaped(value: str, written: str) -> None:
    assert text(value).replace(BREAKER, "·") == written


def test_a_title_or_commit_message_has_no_backslashes() -> None:
    assert plain("*a* [b]\n`c` @d").replace(BREAKER, "·") == "*a* [b] `c` @·d"


@pytest.mark.parametrize(
    ("value", "written", "shown"),
    [
        ("a b", "`a b`", "a b"),
        ("a``b`c", "```a``b`c```", "a``b`c"),
        ("`a", "`` `a ``", "`a"),
        ("a`", "`` a` ``", "a`"),
        (" a  b ", "`  a  b  `", " a  b "),
        (" a", "`  a `", " a"),
        ("a\\", "`a\\`", "a\\"),
        ("a\nb", "`a b`", "a b"),
        ("@a #1 https://a.b", "`@a #1 https://a.b`", "@a #1 https://a.b"),
        ("a|b", r"<code>a\|b</code>", "a|b"),
        ("&amp;<b>", "`&amp;<b>`", "&amp;<b>"),
    ],
)
def test_inline_code_shows_every_letter_and_space(value: str, written: str, shown: str) -> None:
    assert code(value) == written
    for place in ("{}\n", "| a |\n|---|\n| {} |\n"):
        read = reading_of(place.format(code(value)))
        assert shown in read.text
    assert reading_of(code(value)).text == f"{shown}\n"


@pytest.mark.parametrize("value", ["", " ", "\n", "\u200b"])
def test_blank_text_makes_no_code(value: str) -> None:
    assert code(value) == ""


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://medium.com/@user/a-b-31e59abc0615#frag", "https://medium.com/@user/a-b-31e59abc0615#frag"),
        ("http://a.b", "http://a.b"),
        ("HTTPS://A.B/Path", "https://a.b/Path"),
        ("https://a.b:8080/", "https://a.b:8080/"),
        ("https://a.b/(x) 'y' \"z\"<q>`|\\[]{}^$", "https://a.b/%28x%29%20%27y%27%20%22z%22%3Cq%3E%60%7C%5C%5B%5D%7B%7D%5E%24"),
        ("https://a.b/%41%zz%", "https://a.b/%41%25zz%25"),
        ("https://a.b/é?q=漢#ü", "https://a.b/%C3%A9?q=%E6%BC%A2#%C3%BC"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://a.b//c", "https://a.b//c"),
        ("https://a.b/?x=1&copy;=2", "https://a.b/?x=1&amp;copy;=2"),
        (" https://a.b/\n", "https://a.b/"),
        ("https://a.b/x\ny", "https://a.b/xy"),
        ("https://gist.github.com/x", "https://gist.github.com/x"),
        ("https://notgithub.com/x", "https://notgithub.com/x"),
        ("https://user.github.io/x", "https://user.github.io/x"),
    ],
)  # fmt: skip
def test_an_address_of_the_web_is_linked(url: str, target: str) -> None:
    assert link("label", url) == f"[label]({target})"
    assert own_link("label", url) == f"[label]({target})"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.b/",
        "mailto:a@b.org",
        "//a.b/",
        "/path",
        "a.b",
        "",
        "https://",
        "https:///x",
        "https://user@a.b/",
        "https://medium.com@evil.example/",
        "https://medium.com\\@evil.example/",
        "https://evil.example\\.medium.com/",
        "https://a b/",
        "https://a..b/",
        "https://[::1/",
        "https://[::1]/",
        "https://a.b:port/",
        "https://a.b:99999/",
        "https://a%2eb/",
        "https://(a).b/",
        "https://" + "a" * 300 + ".b/",
    ],
)
def test_any_other_address_is_not_linked_and_only_the_label_is_shown(url: str) -> None:
    assert link("*label*", url) == own_link("*label*", url) == r"\*label\*"


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/o/r/issues/1",
        "http://GitHub.com/o/r/issues/1",
        "https://www.github.com/o/r/issues/1",
        "https://github.com:443/o/r/issues/1",
        "https://github.com./o/r/issues/1",
        "https://ｇｉｔｈｕｂ.com/o/r/issues/1",
    ],
)
def test_a_link_to_github_makes_no_reference_there_unless_it_is_our_own(url: str) -> None:
    assert link("x", url).endswith("://redirect.github.com/o/r/issues/1)")
    assert "redirect" not in own_link("x", url)


def test_a_label_cannot_leave_its_link() -> None:
    read = reading_of(link("a](https://evil.example) ![b", "https://a.b/"))
    assert read.links == ("https://a.b/",)
    assert read.tags == ("p", "a", "/a", "/p")


def test_a_link_without_a_label_shows_its_address() -> None:
    read = reading_of(link("\u200b", "https://a.b/?x&copy;"))
    assert read.text.replace(BREAKER, "") == "https://a.b/?x&copy;\n"
    assert read.links == ("https://a.b/?x&copy;",)


@pytest.mark.parametrize("value", ["a\n```\nb", "````", "a\r\nb\rc", "\tx\n\n", "~~~", "", "<b>\n# x"])
def test_a_fence_is_longer_than_any_run_inside(value: str) -> None:
    lines = value.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    read = reading_of(f"{fenced(value)}\n\nafter")
    assert read.tags == ("pre", "/pre", "p", "/p")
    assert read.text == f"{lines}\n\nafter\n"


def test_a_fence_names_its_language_and_nothing_else() -> None:
    assert fenced("a", "diff") == "```diff\na\n```"
    assert fenced("a", "diff`\n# x") == "```diffx\na\n```"
    assert '<pre lang="diff">' in html_of(fenced("- a\n+ b", "diff"))


@pytest.mark.parametrize(
    ("value", "limit", "short"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("ab cd", 4, "ab…"),
        ("abcd", 1, "…"),
        ("abcd", 0, ""),
        ("cafe\u0301s", 5, "caf…"),
        ("cafe\u0301s!", 6, "cafe\u0301…"),
        ("a👩‍💻bc", 3, "a…"),
        ("a👩‍💻bc", 5, "a👩‍💻…"),
        ("a👍🏽bc", 3, "a…"),
        ("🇩🇪🇫🇷🇮🇹", 4, "🇩🇪…"),
        ("🇩🇪🇫🇷🇮🇹", 5, "🇩🇪🇫🇷…"),
        ("☎️ab", 2, "…"),
        ("한국어", 3, "한국어"),
        ("\u1112\u1161\u11ab\u1100x", 3, "…"),
        ("\u1112\u1161\u11ab\u1100x", 4, "\u1112\u1161\u11ab…"),
        ("e" + "\u0301" * 50, 10, "…"),
    ],
)
def test_a_cut_never_separates_a_letter_from_its_marks(value: str, limit: int, short: str) -> None:
    assert shortened(value, limit) == short
