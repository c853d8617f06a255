"""The kinds of pull requests and issues: one of each at most is open at any time."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.findings import Safety
from bot.rules.registry import FIX_KINDS

LABEL, LABEL_COLOR = "catalog-bot", "5b8c5a"
LABEL_SAYS = "opened and kept up to date by the catalog's bot"
REVIEW_LABEL, REVIEW_COLOR = "needs-review", "d4a72c"
REVIEW_SAYS = "look at each change before merging"


@dataclass(frozen=True, slots=True)
class PullKind:
    """A kind of pull request. `noun` is what one of its changes is called; `review`: a person must judge each.

    `intro` is what it says of itself, empty for the usual words.
    """

    name: str
    noun: str
    review: bool
    intro: str = ""

    @property
    def branch(self) -> str:
        """The one branch that carries such fixes."""
        return f"bot/{self.name}"


PULL_KINDS = (
    *(PullKind(each.pull(Safety.SAFE), each.noun, review=False, intro=each.intro) for each in FIX_KINDS),
    *(PullKind(each.pull(Safety.REVIEW), each.noun, review=True) for each in FIX_KINDS if each.reviewed),
)


@dataclass(frozen=True, slots=True)
class IssueKind:
    """A kind of issue: its title, and what it says above its list."""

    name: str
    title: str
    intro: str


DEAD_LINKS = IssueKind(
    "dead-links",
    "Dead links in the catalog",
    "Medium says that the articles behind these links are gone. Decide for each: link elsewhere, or drop the entry.",
)
FOR_PEOPLE = IssueKind(
    "for-people",
    "What the bot found and cannot fix",
    "No pull request carries these: there is more than one way to fix them, or none that the bot may choose.",
)
UNCATALOGUED = IssueKind(
    "uncatalogued",
    "Articles that the catalog lacks",
    "The authors' feeds have these articles, and no link of the catalog leads to them. The rows are ready to paste.",
)
BLIND = IssueKind(
    "blind",
    "The bot cannot see Medium",
    "Most pages could not be verified, so the bot says nothing of them: a page that is not seen is never called dead.",
)
ISSUE_KINDS = (DEAD_LINKS, FOR_PEOPLE, UNCATALOGUED, BLIND)
