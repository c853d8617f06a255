"""The kinds of pull requests and issues: at most one of each is open."""

from dataclasses import dataclass

from bot.model.findings import Safety
from bot.rules.registry import FIX_KINDS


@dataclass(frozen=True, slots=True)
class PullKind:
    """A kind of pull request. `noun` names a change; with `review` a person must judge each. `intro` may be empty."""

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
    """A kind of issue: its title, and the text above its rows."""

    name: str
    title: str
    intro: str


DEAD_LINKS = IssueKind(
    "dead-links",
    "Dead links in the catalog",
    "Medium says that the articles behind these links are gone. For each, link elsewhere or remove the entry.",
)
FOR_PEOPLE = IssueKind(
    "for-people",
    "What the bot found and cannot fix",
    "No pull request carries these: there is more than one way to fix them, or none that the bot can choose.",
)
UNCATALOGUED = IssueKind(
    "uncatalogued",
    "Articles that the catalog lacks",
    "The authors' feeds have these articles, but no link in the catalog leads to them. The rows are ready to paste.",
)
BLIND = IssueKind(
    "blind",
    "The bot cannot see Medium",
    "Most pages could not be verified, so nothing is said about them: the bot calls no page dead without seeing it.",
)
ISSUE_KINDS = (DEAD_LINKS, FOR_PEOPLE, UNCATALOGUED, BLIND)
KINDS = (*(each.name for each in PULL_KINDS), *(each.name for each in ISSUE_KINDS))
