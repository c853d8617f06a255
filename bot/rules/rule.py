"""A rule as the registry knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.markdown.catalog import Catalog
from bot.model.findings import Finding, Severity

if TYPE_CHECKING:
    from bot.rules.evidence import Evidence


Check = Callable[[Catalog, "Evidence"], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as the registry knows it.

    `pr` is the kind of pull request for its fixes, if it has any; `needs_web` tells that it cannot
    fire without answers; `doc` is its module's docstring. `folded`: a person wants its findings counted,
    not listed.
    """

    id: str
    severity: Severity
    needs_web: bool
    pr: str | None
    check: Check
    doc: str
    folded: bool = False
