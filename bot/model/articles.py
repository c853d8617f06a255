"""What Medium publishes, as values: addresses, articles, feeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_DROPPED = dict.fromkeys((*range(9), *range(14, 28), *range(0x7F, 0x85), *range(0x86, 0xA0), 0x200B, 0xFEFF))


@dataclass(frozen=True, slots=True)
class Anchor:
    """An element that a `#fragment` can point at.

    `level` is 1 to 4 for a heading and None for anything else. `start` and `stop` are indexes into
    the article's anchors: a heading's section reaches up to the next heading of its level or above.
    """

    id: str
    element: str
    level: int | None
    text: str
    start: int
    stop: int

    @classmethod
    def paragraph(cls, id_: str, at: int) -> Anchor:
        """Make an element that is no heading, at a place among the anchors: rules ask only that it is there."""
        return cls(id_, "", None, "", at, at + 1)


@dataclass(frozen=True, slots=True)
class Paper:
    """A link to arXiv: `id` as `YYMM.NNNNN` or `archive/YYMMNNN`, without version.

    `section` is the text of the heading above it, `anchor` that heading's id (None without one);
    `text` is the link's text, or the line beside it where the link's text is just the id.
    """

    id: str
    section: str
    anchor: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article as a page of Medium shows it.

    `title_source` says where the title was found: `og:title`, `json-ld`, `heading` or `title`.
    `published` is the first publication and `modified` the last change, both UTC, None where the page
    does not say. `partial`: the page shows only part of the article, so what is missing here may still exist.
    `title_index` is where the anchors below the title begin.
    """

    title: str
    title_source: str
    post_id: str
    published: datetime | None = None
    published_source: str | None = None
    modified: datetime | None = None
    canonical: str | None = None
    anchors: tuple[Anchor, ...] = ()
    papers: tuple[Paper, ...] = ()
    partial: bool = False
    title_index: int = 0

    def anchor(self, fragment: str) -> Anchor | None:
        """Return the element with this id."""
        return next((anchor for anchor in self.anchors if anchor.id == fragment), None)

    def headings(self) -> Iterator[Anchor]:
        """Yield the headings below the title."""
        return (anchor for anchor in self.anchors[self.title_index :] if anchor.level is not None)

    def heading_over(self, anchor: Anchor) -> Anchor | None:
        """Return the heading that an anchor is, or is below."""
        above = (each for each in reversed(self.anchors[: anchor.start + 1]) if each.level is not None)
        return next(above, None)


def one_line(text: str) -> str:
    """Return text on one line: each run of whitespace (NBSP and U+200A too) as one space, no control characters.

    Zero-width spaces are dropped; zero-width joiners stay, since emoji are made with them.
    """
    line = " ".join(text.split())
    # Nearly all text is printable by now, and translating takes ten times as long as checking that.
    return line if line.isprintable() else " ".join(line.translate(_DROPPED).split())


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An article as its author's feed shows it; `published` is the first publication (UTC)."""

    post_id: str
    title: str
    address: Address
    published: datetime | None


class Kind(StrEnum):
    """What a URL leads to; `OTHER` is any other page."""

    ARTICLE = "article"
    LIST = "list"
    PROFILE = "profile"
    PUBLICATION = "publication"
    FEED = "feed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL says of the page it leads to.

    `identity` is the same for all URLs of an article at one owner, whatever their slug, fragment, host form or
    tracking. `owner` is `@user` for an author (also as a subdomain), a publication's slug, or a custom domain;
    None for `/p/ID`. `clean` is the URL without tracking and wrappers, on https, with its fragment.
    """

    url: str
    kind: Kind
    identity: str
    owner: str | None
    slug: str | None
    post_id: str | None
    fragment: str | None
    clean: str
    host: str

    @property
    def page(self) -> str:
        """The URL to request: `clean` without the fragment."""
        return self.clean.partition("#")[0]


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it was last read, with what its server needs to say that nothing is new."""

    etag: str
    modified: str
    items: tuple[FeedItem, ...]
