"""What the web answered, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.model.articles import Address, Article


@dataclass(frozen=True, slots=True)
class Revival:
    """A place where a dead page's article was seen: `title` is what was read there."""

    url: str
    title: str
    reason: str
    snapshot: bool = False


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
    """Medium would not show the page: a wall, a rate limit, a suspension, a sign-in. No verdict."""

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


@dataclass(frozen=True, slots=True)
class Hop:
    """One request of a page that was answered: its address (before any remap) and status."""

    url: str
    status: int


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
        match self.outcome:
            case Alive(article):
                return article
            case Moved(article, _):
                return article
            case _:
                return None

    @property
    def verified(self) -> bool:
        """Tell whether tonight's answer says whether the page lives."""
        return isinstance(self.outcome, Alive | Moved | Gone)

    @property
    def wanted(self) -> bool:
        """Tell whether the page counts for coverage."""
        return not isinstance(self.outcome, Skipped) or self.outcome.wanted

    @property
    def reason(self) -> str | None:
        """Why the outcome is what it is; None where nothing needs a word."""
        match self.outcome:
            case Alive() | Moved():
                return None
            case _:
                return self.outcome.reason

    @property
    def status(self) -> int | None:
        """The last answer's status code."""
        return self.hops[-1].status if self.hops else None

    @property
    def final_url(self) -> str | None:
        """The address that gave the last answer."""
        return self.hops[-1].url if self.hops else None
