"""Inline text: gathers the events between two block boundaries into plain text and links.

A bare URL that the parser splits at `_` or `&` is whole again here.
"""

import re
from operator import attrgetter
from typing import Any

from bot.markdown.catalog import Link, LinkForm
from bot.markdown.events import inline_destination
from bot.markdown.raw_links import anchor_links, text_links
from bot.model.spans import Span

TAGS = frozenset({"Link", "Image", "Emphasis", "Strong", "Strikethrough", "Superscript", "Subscript"})
_ANCHOR = re.compile(rb"</?a[\s/>]", re.IGNORECASE)


class Inline:
    """The text since the last block boundary; `start` is negative if there is none yet.

    `holes` are links, code, HTML and images, which hold no bare URL. `definitions` are the spans of the
    destinations of reference links.
    """

    def __init__(self, source: bytes, definitions: dict[str, Span]) -> None:
        self.source = source
        self.definitions = definitions
        self.open_links: list[tuple[dict[str, Any], int]] = []  # an autolink may be in another link's text
        self.open_images = 0
        self.clear()

    def clear(self) -> None:
        """Forget the text."""
        self.start = self.stop = -1
        self.pieces: list[str] = []
        self.links: list[Link] = []
        self.holes: list[Span] = []

    def leaf(self, kind: str, text: str, start: int, stop: int) -> None:
        """Add code, an HTML tag or a footnote reference."""
        if self.start < 0:
            self.start = start
        self.stop = stop
        if kind == "Code":
            self.pieces.append(text)
        if kind in ("Code", "InlineHtml"):
            self.holes.append(Span(start, stop))

    def open(self, tag: str, data: dict[str, Any], start: int) -> None:
        """Begin a link, an image or emphasized text."""
        if self.start < 0:
            self.start = start
        self.stop = start + 1
        if tag == "Image":
            self.open_images += 1
        elif tag == "Link" and not self.open_images:
            self.open_links.append((data, len(self.pieces)))

    def close(self, tag: str, start: int, stop: int) -> None:
        """End what was begun last."""
        if tag == "Image":
            self.open_images -= 1
            if not self.open_images:
                self.holes.append(Span(start, stop))
        elif tag == "Link" and not self.open_images:
            link = self._link(start, stop)
            if link is not None:
                self.links.append(link)
                self.holes.append(link.span)
                stop = link.span.stop
        self.stop = stop

    def _link(self, start: int, stop: int) -> Link | None:
        data, first = self.open_links.pop()
        kind, url = data["link_type"], data["dest_url"]
        text = "".join(self.pieces[first:])
        inner = Span(start + 1, self.stop)
        if kind == "Inline":
            where = inline_destination(self.source, self.stop, stop)
            return Link(LinkForm.INLINE, Span(start, stop), inner, where, text, url)
        if kind in ("Autolink", "Email"):
            inner = Span(start + 1, stop - 1)
            url = "mailto:" + url if kind == "Email" else url
            return Link(LinkForm.AUTOLINK, Span(start, stop), inner, inner, text, url)
        definition = self.definitions.get(data["id"].casefold())
        if definition is None:
            return None
        if kind.startswith("Collapsed"):
            stop += len("[]")  # the parser leaves them out
        return Link(LinkForm.REFERENCE, Span(start, stop), inner, definition, text, url)

    def take(self) -> tuple[str, list[Link]]:
        """Return the plain text and all links in document order, also those that the parser does not see; clear."""
        if self.start < 0:
            return "", []
        text, links, holes = "".join(self.pieces), self.links, self.holes
        if len(holes) > len(links):
            anchors = [hole for hole in holes if _ANCHOR.match(self.source, *hole)]
            for link in anchor_links(self.source, anchors, self.stop):
                links.append(link)
                holes.append(link.span)
        links += text_links(self.source, self.start, self.stop, holes)
        if len(links) > 1:
            links.sort(key=attrgetter("span"))
        self.clear()
        return text, links
