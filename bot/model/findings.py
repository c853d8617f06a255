"""What a rule says: findings, the facts behind them, and the fix they propose."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from bot.model.codec import Strict
from bot.model.spans import Edit, Span


class Severity(StrEnum):
    """How much a finding matters; information alone leaves a run clean."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class Safety(StrEnum):
    """`SAFE` fixes can be merged unread; `REVIEW` fixes are proposed apart, for a person to judge."""

    SAFE = "safe"
    REVIEW = "review"


class Fact(Strict, frozen=True):
    """One piece of evidence: what kind, its value, and where it was read.

    `text` says the same to readers where kind and value, which are part of a fingerprint, do not read well.
    """

    kind: str
    value: str
    source: str
    text: str = ""


# Facts of these kinds change from run to run while the finding stays the same one.
VOLATILE_FACTS = frozenset({"time", "count", "since", "snapshot", "today", "the article's last change"})


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that fix a finding, applied whole or not at all."""

    safety: Safety
    summary: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's verdict on one place of the catalog. `identity` is the page or address that it is about.

    `path`, `line` and `column` (from 1) say where that is, and `pull` names the pull request that carries its fix, once
    the finding was evaluated.
    """

    rule: str
    severity: Severity
    span: Span
    entry: str
    section: str
    url: str
    identity: str
    message: str
    facts: tuple[Fact, ...] = ()
    fix: Fix | None = None
    path: str = ""
    line: int = 1
    column: int = 1
    pull: str | None = None

    @property
    def fingerprint(self) -> str:
        """A name that outlives line moves, and changes when the evidence does."""
        parts = [self.rule, self.identity, self.entry]
        parts += [f"{fact.kind}={fact.value}" for fact in self.facts if fact.kind not in VOLATILE_FACTS]
        for edit in self.fix.edits if self.fix else ():
            parts += [edit.expected.decode("utf-8", "replace"), edit.replacement.decode("utf-8", "replace")]
        return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
