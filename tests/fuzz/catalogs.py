"""Catalogs that the fuzz tests start from: odd ones, and those in the rules' docstrings; mutated, or made of pieces."""

from __future__ import annotations

from random import Random
from textwrap import dedent

from fuzz.mutation import ODD, mutated

from bot.rules.registry import RULES

LINK = b"https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615"
AT = b"https://medium.com/@ritvik19/papers-explained-43-gpt-30b6f1e6d226"
MORE = (
    b"\xef\xbb\xbf---\r\ntitle: x\r\n---\r\n# C\r\n\r\n| Paper | Date |\r\n|---|---|\r\n| [A]("
    + LINK
    + b") | May 2018 |",
    b"# C\n\n- [A](" + LINK + b"#a260) - words\n  1. [B][b] `c`\n     - <" + AT + b">\n\n[b]: <" + AT + b'> "t"\n',
    b"> | Paper | Date |\n> |---|---|\n> | [A \\| B](" + LINK + b"?source=x&amp;y) | Februray 2024 | z | z |\n",
    b'<table><tr><td><a class=x href="' + LINK + b'">A</a></td></tr></table>\n\n<!-- bot: ignore link-form -->\n',
    b"[A] (" + LINK + b")\n\n(B)[" + AT + b"]\n\n[C](" + LINK + b"\n\n" + LINK + b", www.medium.com/p/31e59abc0615.\n",
    b"A\n=\n\nB\n-\n\n![i]("
    + LINK
    + b")[A]("
    + LINK
    + b")[A]("
    + LINK
    + b")\n\n```\n[x]("
    + AT
    + b")\n```\n[^1]: "
    + AT,
    b"| Date | Model |\n|--|:-:|\n| May 2018 | [A](" + LINK + b") |\n| May 2018 | [A](" + LINK + b") |\n| March 2018 |",
    b"[](" + LINK + b") [A]() [A](<>) [ ](" + AT + b") [http:/x](http:x) [B](https://medium.com/m/global-identity-2"
    b"?redirectUrl=https%3A%2F%2Fa.medium.com%2Fp-31e59abc0615) [C](https://medium.com/p/31e59abc0615)\n",
)
EXAMPLES = [dedent(part.partition("\n\nGood:")[0]) for rule in RULES for part in rule.doc.split("Bad:\n")[1:]]
SEEDS = (*MORE, *(example.encode() for example in EXAMPLES))
PIECES = (
    *(b"[", b"]", b"(", b")", b"](", b"] (", b")[", b"<", b">", b"![", b"`", b"```\n", b"~~~\n", b"|", b"\\|", b"\\"),
    *(b"| ", b" |\n", b"\n|---|---|\n", b"|-\n", b"- ", b"  - ", b"1. ", b"> ", b"# ", b"## ", b"\n===\n", b"\n---\n"),
    *(b"\n\n", b"\t", b"    ", b"* * *\n", b"[a]: ", b"\n[a]: " + AT + b"\n", b"[a]", b"[a][]", b"[^1]", b"- [ ] "),
    *(b"<a href=", b"</a>", b"<a href='" + AT + b"'>", b"<!--", b"-->", b"<!-- bot: ignore -->", b"<div>\n", b"<b>"),
    *(b"<script>", b"<![CDATA[", b"<?", b"&#124;", b"&amp;", b"&lbrack;", b"&#x7c;", b"#a260", b"?source=rss", b"**"),
    *(LINK, AT, b"<" + LINK + b">", b"[A](" + LINK + b")", b"[B](" + AT + b" 'x')", b"http://", b"https://[", b"www."),
    *(b"https://medium.com/p/31e59abc0615", b"https://medium.com@127.0.0.1/", b"May 2018", b"Februray 2024", b"20222"),
    *(b"\r\n", b"\r", b"+++\n", b"---\nk: v\n---\n", b"$$", b":--", b"~~", b"_", b"*", b"\\(", b"\\)", b"%0a", b"#"),
)


def grammar(random: Random) -> bytes:
    """Text made of nothing but the pieces on which Markdown turns."""
    return b"".join(random.choice((*PIECES, *PIECES, b" ", b"a", *ODD[:12])) for _ in range(random.randint(1, 40)))


def source_of(number: int, random: Random) -> bytes:
    if number < len(SEEDS):
        return SEEDS[number]
    return grammar(random) if number % 4 == 0 else mutated(random.choice(SEEDS), (*PIECES, *SEEDS), random)
