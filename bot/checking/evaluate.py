"""The offline half of a check: parse → rules → report. Imports no HTTP and no HTML library."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from bot.checking.suppress import is_silenced
from bot.config import Settings
from bot.markdown.catalog import Catalog
from bot.model.findings import Finding
from bot.model.records import Records
from bot.model.report import Report, Run
from bot.rules.evidence import Evidence, observe
from bot.rules.registry import check
from bot.rules.rule import Rule


def lint(
    catalog: Catalog,
    settings: Settings,
    rules: Sequence[Rule],
    *,
    records: Records | None = None,
    lines: Collection[int] | None = None,
    accepted: Collection[str] = (),
) -> Report:
    """Check what needs no network; `lines` limits it to entries on those lines."""
    started = datetime.now(UTC)
    evidence = observe(catalog, prefix=settings.series_prefix, site=settings.site, records=records)
    offline = [rule for rule in rules if not rule.needs_web]
    findings, hidden = spoken(catalog, evidence, offline, lines, accepted)
    run = Run(started, datetime.now(UTC), requests=0, retries=0, bytes=0)
    ran = tuple(rule.id for rule in offline)
    return Report(catalog, (), findings, run, accepted=hidden, evidence=evidence, rules=ran, whole=lines is None)


def spoken(
    catalog: Catalog,
    evidence: Evidence,
    rules: Sequence[Rule],
    lines: Collection[int] | None,
    accepted: Collection[str],
) -> tuple[tuple[Finding, ...], int]:
    """Run rules; leave out findings on other lines, and those silenced by a marker or accepted before.

    Returns the findings, and how many of them are accepted and not among these.
    """
    found = [
        finding
        for finding in check(catalog, evidence, rules)
        if (lines is None or catalog.position(finding.span.start).line in lines) and not is_silenced(catalog, finding)
    ]
    left = tuple(finding for finding in found if finding.fingerprint not in accepted) if accepted else tuple(found)
    return left, len(found) - len(left)
