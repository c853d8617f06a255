"""What the web answered, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

from msgspec import Meta

from bot.model.articles import Address, Article, Feed, FeedItem
from bot.model.codec import Strict

Status = Annotated[int, Meta(ge=0, le=999)]


@dataclass(frozen=True, slots=True)
class Target:
    """A page to ask for. `address` is None if it is not Medium's."""

    identity: str
    url: str
    address: Address | None


@dataclass(frozen=True, slots=True)
class Recovery:
    """A place where a dead page's article was seen: `title` is what was read there."""

    url: str
    title: str
    reason: str
    snapshot: bool = False

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"{self.url[:80]!r}: not a web address")


@dataclass(frozen=True, slots=True)
class Alive:
    """The page answers as its address promises; `article` where it is one."""

    article: Article | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """The same article (same post id) answered at `url`, at another owner or domain."""

    article: Article
    url: str


@dataclass(frozen=True, slots=True)
class Gone:
    """Medium itself says that there is no such post."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotArticle:
    """An answer that is no article, or another `article` than the one asked for: no verdict."""

    reason: str
    article: Article | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """Medium would not show the page: a bot challenge, a rate limit, a suspension, a sign-in. No verdict."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No answer that could be read. No verdict."""

    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not asked. `wanted`: it should have been (no time left, robots.txt), so it lowers coverage."""

    reason: str
    wanted: bool = False


Outcome = Alive | Moved | Gone | NotArticle | Blocked | Unreachable | Skipped


class Hop(Strict, frozen=True):
    """One request of a page that was answered: its address (before any remap) and status."""

    url: str
    status: Status


@dataclass(frozen=True, slots=True)
class Page:
    """One fetched address and what came of it; all links of one `identity` share it.

    `address` is None for an address that is not Medium's. `attempts` is 1 plus the retries of all hops.
    `heard` is what a feed or an archived copy says of an article that was not shown: no verdict.
    """

    identity: str
    url: str
    address: Address | None
    outcome: Outcome
    hops: tuple[Hop, ...] = ()
    attempts: int = 0
    checked_at: datetime | None = None
    heard: Article | None = None

    @property
    def article(self) -> Article | None:
        """The article that the link means, where it was seen."""
        return self.outcome.article if isinstance(self.outcome, Alive | Moved) else None

    @property
    def verified(self) -> bool:
        """True if this run's answer says whether the page is alive."""
        return isinstance(self.outcome, Alive | Moved | Gone)

    @property
    def is_hidden(self) -> bool:
        """True if the answer says nothing of the page; another article in its place says much."""
        return not self.verified and getattr(self.outcome, "article", None) is None

    @property
    def wanted(self) -> bool:
        """True if the page counts for coverage."""
        return not isinstance(self.outcome, Skipped) or self.outcome.wanted

    @property
    def reason(self) -> str | None:
        """Why the outcome is what it is; None where nothing needs a word."""
        return None if isinstance(self.outcome, Alive | Moved) else self.outcome.reason

    @property
    def status(self) -> int | None:
        """The last answer's status code."""
        return self.hops[-1].status if self.hops else None

    @property
    def final_url(self) -> str | None:
        """The address that gave the last answer."""
        return self.hops[-1].url if self.hops else None


@dataclass(frozen=True, slots=True)
class Observations:
    """What was seen of the web, in this run and in earlier ones: all that rules may know beside the files.

    `pages` are this run's, by identity; `recalled` are pages as earlier runs saw them, where this one was blocked or
    saw a death that is not confirmed. `deaths` are the dates (UTC) on which a page was seen dead, and a death needs
    `confirm` of them. Pages in `held_back` seem to have died in an incident of Medium's. `recoveries` are where a dead
    page's article was seen, by its identity, best first; `feeds` are by owner.
    """

    pages: Mapping[str, Page] = field(default_factory=dict)
    recalled: Mapping[str, Page] = field(default_factory=dict)
    deaths: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    confirm: int = 1
    held_back: frozenset[str] = frozenset()
    recoveries: Mapping[str, tuple[Recovery, ...]] = field(default_factory=dict)
    feeds: Mapping[str, Feed] = field(default_factory=dict)

    def page(self, identity: str) -> Page | None:
        """Return a page as it was last seen."""
        return self.recalled.get(identity) or self.pages.get(identity)

    def dying(self, identity: str) -> Page | None:
        """Return a page that was seen dead in this run, but not on enough dates yet, if it is recalled as alive."""
        is_dying = self.is_doubtful(identity) and identity in self.recalled and identity not in self.held_back
        return self.pages.get(identity) if is_dying else None

    def is_doubtful(self, identity: str) -> bool:
        """Return True if a page was seen dead in this run, and that does not count, or not yet."""
        page = self.pages.get(identity)
        is_dead = page is not None and isinstance(page.outcome, Gone)
        return identity in self.held_back or (is_dead and not self.is_confirmed(identity))

    def is_decided(self, identity: str) -> bool:
        """Return True if this run says of a page whether it is alive: a death counts only once it is confirmed."""
        page = self.pages.get(identity)
        return page is not None and page.verified and not self.is_doubtful(identity)

    def is_confirmed(self, identity: str) -> bool:
        """Return True if a page was seen dead on enough dates."""
        return max(1, len(self.deaths.get(identity, ()))) >= self.confirm

    @property
    def items(self) -> tuple[FeedItem, ...]:
        """The newest articles of all feeds."""
        return tuple(item for feed in self.feeds.values() for item in feed.items)
