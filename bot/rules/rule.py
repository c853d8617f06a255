"""What a rule is: what it reads, what kind of fix it proposes, and what its findings are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from bot.markdown.catalog import Catalog
from bot.model.findings import Fact, Finding, Fix, Safety, Severity
from bot.model.spans import Span

if TYPE_CHECKING:
    from bot.rules.evidence import Evidence

Check = Callable[[Catalog, "Evidence"], Iterator[Finding]]


class Reads(Enum):
    """What a rule needs to see: the files alone, how a page answered, or what its article says.

    Only part of a member-only article is shown, so rules that read it cannot conclude that something is missing.
    """

    CATALOG = "catalog"
    PAGE = "page"
    ARTICLE = "article"


class Topic(Enum):
    """What a rule's findings are about, where people handle them separately from all others."""

    ENTRY = "entry"
    DEATH = "death"
    NEW_ARTICLE = "new article"


class About(NamedTuple):
    """What a finding is about: the bytes it points at, the entry and section they are in, the URL, and its page."""

    span: Span
    entry: str
    section: str
    url: str
    identity: str


@dataclass(frozen=True, slots=True)
class FixKind:
    """A kind of fix; each pull request carries fixes of one kind. `noun` is what one of them is called.

    Fixes that need review go into a separate pull request, unless `reviewed` is False. `intro` is the introduction of
    such a pull request, empty for the default.
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
    """A rule: its `check`, and all that other rooms need to know about it, so that none of them knows a rule's id.

    `doc` is its module's docstring. `kind` is the kind of its fixes, if it proposes any, and `safety` the best that
    they can be. `folded`: its findings are counted in reports, not listed.
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

    def finding(
        self,
        about: About,
        message: str,
        facts: tuple[Fact, ...] = (),
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """Make a finding of this rule, of the rule's severity unless another is given."""
        return Finding(self.id, severity or self.severity, *about, message, facts, fix)

    def pull(self, finding: Finding) -> str | None:
        """Return the name of the pull request that carries a finding's fix."""
        return self.kind.pull(finding.fix.safety) if self.kind is not None and finding.fix is not None else None
