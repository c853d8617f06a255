"""What the registry knows of a rule: what it reads, what kind of fix it proposes, and what its findings are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from bot.markdown.catalog import Catalog
from bot.model.findings import Finding, Safety, Severity

if TYPE_CHECKING:
    from bot.rules.evidence import Evidence

Check = Callable[[Catalog, "Evidence"], Iterator[Finding]]


class Reads(Enum):
    """What a rule needs to see: the files alone, how a page answered, or what its article says.

    A member-only article is shown in part, so rules that read it cannot tell from such a page that something is gone.
    """

    CATALOG = "catalog"
    PAGE = "page"
    ARTICLE = "article"


class Topic(Enum):
    """What a rule's findings are about, where people decide on them apart from all others."""

    ENTRY = "entry"
    DEATH = "death"
    NEW_ARTICLE = "new article"


@dataclass(frozen=True, slots=True)
class FixKind:
    """A kind of fix: pull requests carry fixes of one kind. `noun` is what one of them is called.

    Fixes that need review go into a pull request apart, unless `reviewed` is False. `intro` is what such a pull request
    says of itself, empty for the usual words.
    """

    name: str
    noun: str
    reviewed: bool = True
    intro: str = ""

    def pull(self, safety: Safety) -> str:
        """Return the name of the pull request that carries a fix of this kind."""
        return self.name if safety is Safety.SAFE or not self.reviewed else f"{self.name}-review"


LINKS = FixKind("links", "link fix")
METADATA = FixKind("metadata", "metadata fix")
RECORDS = FixKind(
    "records",
    "article record",
    reviewed=False,
    intro="what the articles' pages say now, to be accepted as true of them. "
    "Later changes of a title or a date are noticed against these records.",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its `check`, and all that other rooms need to know of it, so that none of them knows a rule's id.

    `doc` is its module's docstring. `kind` is the kind of its fixes, if it proposes any, and `safety` the best that
    they can be. `folded`: people want its findings counted, not listed.
    """

    id: str
    severity: Severity
    reads: Reads
    check: Check
    doc: str
    kind: FixKind | None = None
    safety: Safety = Safety.SAFE
    topic: Topic = Topic.ENTRY
    folded: bool = False

    @property
    def needs_web(self) -> bool:
        """True if it cannot find anything in the files alone."""
        return self.reads is not Reads.CATALOG

    @property
    def summary(self) -> str:
        """What it finds, in a sentence without a full stop."""
        return self.doc.strip().splitlines()[0].removesuffix(".")

    def pull(self, finding: Finding) -> str | None:
        """Return the name of the pull request that carries a finding's fix."""
        return self.kind.pull(finding.fix.safety) if self.kind is not None and finding.fix is not None else None
