"""The kinds of pull requests and issues: one of each at most is open at any time."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.findings import Finding, Safety
from bot.rules.registry import BY_ID

LABEL, LABEL_COLOR = "catalog-bot", "5b8c5a"

LABEL_SAYS = "opened and kept up to date by the catalog's bot"

REVIEW_LABEL, REVIEW_COLOR = "needs-review", "d4a72c"

REVIEW_SAYS = "look at each change before merging"


@dataclass(frozen=True, slots=True)
class PullKind:
    """A kind of pull request. `noun` is what one of its changes is called; `review`: a person must judge each."""

    name: str
    noun: str
    review: bool

    @property
    def branch(self) -> str:
        """The one branch that carries such fixes."""
        return f"bot/{self.name}"


PULL_KINDS = (
    PullKind("links", "link fix", review=False),
    PullKind("metadata", "metadata fix", review=False),
    PullKind("records", "article record", review=False),
    PullKind("links-review", "link fix", review=True),
    PullKind("metadata-review", "metadata fix", review=True),
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
    "What the bot found and cannot mend",
    "No pull request carries these: there is more than one way to mend them, or none that the bot may choose.",
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


def pull_kind(finding: Finding) -> str | None:
    """Return the kind of pull request that carries a finding's fix; its rule decides, not what a report says."""
    family = BY_ID[finding.rule].pr
    if finding.fix is None or family is None:
        return None
    family = family.removesuffix("-review")
    return family if finding.fix.safety is Safety.SAFE or family == "records" else f"{family}-review"
