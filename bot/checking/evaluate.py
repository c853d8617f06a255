"""Files and observations to findings: the one place where rules are run, whoever asks. Pure; imports no HTTP library."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from bot.checking.suppress import is_silenced
from bot.config import Settings
from bot.markdown.catalog import Catalog
from bot.markdown.parse import parse
from bot.model.findings import Finding
from bot.model.pages import Observations
from bot.model.records import Records
from bot.model.report import Report, Run
from bot.rules.evidence import Evidence, gather
from bot.rules.registry import check
from bot.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is checked: the files as they are now, the rules to run on them, and what not to report.

    With `since`, a commit, only findings on `lines` count: those that changed since. `accepted` are the fingerprints
    of the baseline.
    """

    catalog: Catalog
    settings: Settings
    rules: tuple[Rule, ...]
    records: Records = field(default_factory=Records)
    since: str | None = None
    lines: Collection[int] | None = None
    accepted: frozenset[str] = frozenset()

    def evidence(self) -> Evidence:
        """Resolve the catalog's links; nothing is known of their pages yet."""
        settings = self.settings
        return gather(self.catalog, site=settings.site, prefix=settings.series_prefix, records=self.records)

    def offline(self) -> Inputs:
        """Return the same inputs with the rules that need no network."""
        return replace(self, rules=tuple(rule for rule in self.rules if not rule.needs_web))


class Evaluation(NamedTuple):
    """Findings in document order; `accepted` counts those of the baseline, which are not among them."""

    findings: tuple[Finding, ...]
    accepted: int


def parsed(source: bytes, path: str, settings: Settings) -> Catalog:
    """Parse a catalog as the settings describe it."""
    return parse(source, path, name_columns=settings.name_columns, date_columns=settings.date_columns)


def evaluate(inputs: Inputs, evidence: Evidence) -> Evaluation:
    """Run the rules; leave out findings on other lines, silenced ones, and those that were accepted before."""
    catalog, lines = inputs.catalog, inputs.lines
    found = []
    for finding in check(catalog, evidence, inputs.rules):
        line, column = catalog.position(finding.span.start)
        if (lines is None or line in lines) and not is_silenced(catalog, finding):
            found.append(replace(finding, path=catalog.path, line=line, column=column))
    left = tuple(each for each in found if each.fingerprint not in inputs.accepted) if inputs.accepted else tuple(found)
    return Evaluation(left, len(found) - len(left))


def reported(inputs: Inputs, evaluation: Evaluation, run: Run, seen: Observations | None = None) -> Report:
    """Return the report on what was found, without pages."""
    catalog = inputs.catalog
    return Report(
        path=catalog.path,
        sha256=hashlib.sha256(catalog.source).hexdigest(),
        entries=sum(1 for _ in catalog.entries()),
        links=sum(1 for _ in catalog.places()),
        pages=(),
        findings=evaluation.findings,
        run=run,
        observations=seen or Observations(),
        rules=tuple(rule.id for rule in inputs.rules),
        since=inputs.since,
        accepted=evaluation.accepted,
    )


def lint(inputs: Inputs, now: datetime) -> Report:
    """Check what needs no network."""
    inputs = inputs.offline()
    return reported(inputs, evaluate(inputs, inputs.evidence()), Run(now, now))
