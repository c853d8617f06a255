"""What Medium publishes, as values: addresses, articles, feeds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import takewhile
from typing import NamedTuple

_DROPPED = dict.fromkeys((*range(9), *range(14, 28), *range(0x7F, 0x85), *range(0x86, 0xA0), 0x200B, 0xFEFF))


class Heading(NamedTuple):
    """A heading with an id; `element` is `h1` to `h4`."""

    id: str
    element: str
    text: str


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

    `title_source` says where the title was found: `og:title`, `json-ld`, `heading`, `title` or `feed`.
    `published` is the first publication and `modified` the last change, both UTC, None where the page
    does not say. `partial`: the page shows only part of the article, so what is missing here may still exist.
    `ids` are all that a `#fragment` can point at, `headings` those of them that are headings, both in document order;
    from index `below_title` on, headings are below the article's title.
    """

    title: str
    title_source: str
    post_id: str
    published: datetime | None = None
    published_source: str | None = None
    modified: datetime | None = None
    canonical: str | None = None
    ids: tuple[str, ...] = ()
    headings: tuple[Heading, ...] = ()
    below_title: int = 0
    papers: tuple[Paper, ...] = ()
    partial: bool = False

    def headings_below_title(self) -> tuple[Heading, ...]:
        """Return the headings of the article's sections."""
        return self.headings[self.below_title :]

    def heading_over(self, fragment: str | None) -> Heading | None:
        """Return the heading that a fragment points at or below; None if there is none, or no such id."""
        if fragment not in self.ids:
            return None
        above = set(self.ids[: self.ids.index(fragment) + 1])
        return next((heading for heading in reversed(self.headings) if heading.id in above), None)

    def section(self, heading: Heading) -> tuple[Heading, ...]:
        """Return a heading and those below it, up to the next one of its level or above."""
        first, *rest = self.headings[self.headings.index(heading) :]
        return (first, *takewhile(lambda each: each.element > first.element, rest))


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
