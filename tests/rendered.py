"""What GitHub makes of Markdown: its own renderer, then its filters over the text of the HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import NamedTuple

import cmarkgfm  # type: ignore[import-untyped]
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]

_EXTENSIONS = ("table", "autolink", "strikethrough", "tagfilter", "tasklist")
_OPTIONS = Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_GITHUB_PRE_LANG
# Wider than GitHub's own, of which only older versions are public.
TURNED = re.compile(
    r"@[0-9A-Za-z]|#[0-9]|\b(?:GH-[0-9]|CVE-[0-9]|GHSA-\w)|://|\bwww\.|\bgithub\.com/"
    r"|(?<![0-9A-Za-z])[0-9a-f]{7,}(?![0-9A-Za-z])|:[\w+-]+:",
    re.IGNORECASE,
)


class Reading(NamedTuple):
    """A rendered piece: its tags in order, its text, the links' targets, and what a filter would turn.

    `tags` leaves out inline code and the element around a dollar sign.
    """

    tags: tuple[str, ...]
    text: str
    links: tuple[str, ...]
    turned: tuple[str, ...]


def html_of(markdown: str) -> str:
    html = cmarkgfm.markdown_to_html_with_extensions(markdown, options=_OPTIONS, extensions=_EXTENSIONS)
    assert isinstance(html, str)
    return html


def reading_of(markdown: str) -> Reading:
    page = _Page()
    page.feed(html_of(markdown))
    page.close()
    texts = "".join(text for _, text in page.texts)
    # One string for each run of text that no code interrupts: a filter sees text nodes.
    turned = [found for around, text in page.texts if "code" not in around for found in TURNED.findall(text)]
    turned += [text for around, text in page.texts if "$" in text and not {"code", "span"} & set(around)]
    turned += [text for around, text in page.texts if "span" in around and text != "$"]
    return Reading(tuple(page.tags), texts, tuple(page.links), tuple(turned))


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.texts: list[tuple[tuple[str, ...], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("code", "span") or not attrs
        self.open.append(tag)
        if tag not in ("code", "span"):
            self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag not in ("code", "span"):
            self.tags.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        self.texts.append((tuple(self.open), data))

    def handle_comment(self, data: str) -> None:
        self.tags.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.tags.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.tags.append(f"instruction {data}")

    def unknown_decl(self, data: str) -> None:
        self.tags.append(f"unknown {data}")
