"""From files and observations to the findings to report: the one place where rules are run. Pure."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from bot.config import Settings
from bot.errors import UsageError
from bot.markdown.catalog import Catalog
from bot.markdown.parse import parse
from bot.model.findings import Fact, Finding
from bot.model.pages import Gone, Page
from bot.model.records import Records
from bot.model.report import Report, Run
from bot.model.spans import Span
from bot.rules.evidence import Evidence, gather
from bot.rules.registry import BY_ID, check, found_offline
from bot.rules.rule import Rule, Topic

_HEAD = "# Findings that are accepted as they are. A finding whose evidence changes is shown again.\n"
_LINE = re.compile(r"([0-9a-f]{16})(?:\s.*)?\Z")
_MARKER = re.compile(rb"<!--[ \t]*bot:[ \t]*ignore\b([^<>\r\n]*?)-->")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is checked: the files as they are now, the rules to run on them, and what not to report.

    With `since`, a commit, only findings on `lines` count, the lines that changed since then. `accepted` are the
    fingerprints of the baseline.
    """

    catalog: Catalog
    settings: Settings
    rules: tuple[Rule, ...]
    records: Records = field(default_factory=Records)
    since: str | None = None
    lines: Collection[int] | None = None
    accepted: frozenset[str] = frozenset()

    @property
    def sources(self) -> dict[str, bytes]:
        """The files' bytes, by path."""
        return {self.catalog.path: self.catalog.source, self.records.path: self.records.source}

    def evidence(self) -> Evidence:
        """Resolve the catalog's links; nothing is known of their pages yet."""
        settings = self.settings
        return gather(self.catalog, site=settings.site, prefix=settings.series_prefix, records=self.records)

    def offline(self) -> Inputs:
        """Return the same inputs with the rules that need no network."""
        return replace(self, rules=tuple(rule for rule in self.rules if not rule.needs_web))


class Evaluation(NamedTuple):
    """Findings in document order; `accepted` counts those of the baseline, which are not among them.

    `rests_on` names the page that each finding depends on, by fingerprint; empty for findings that need no page.
    """

    findings: tuple[Finding, ...]
    accepted: int
    rests_on: Mapping[str, str]


def parsed(source: bytes, path: str, settings: Settings) -> Catalog:
    """Parse a catalog as the settings describe it."""
    return parse(source, path, name_columns=settings.name_columns, date_columns=settings.date_columns)


def evaluate(inputs: Inputs, evidence: Evidence) -> Evaluation:
    """Run the rules; leave out findings that are on other lines, silenced, or accepted."""
    catalog, lines, quiet = inputs.catalog, inputs.lines, silenced(inputs.catalog)
    found = []
    for finding in check(evidence, inputs.rules):
        line, column = catalog.position(finding.span.start)
        if (lines is None or line in lines) and quiet.get(line, set()).isdisjoint({"", finding.rule}):
            found.append(
                replace(finding, path=catalog.path, line=line, column=column, pull=BY_ID[finding.rule].pull(finding))
            )
    left = tuple(each for each in found if each.fingerprint not in inputs.accepted) if inputs.accepted else tuple(found)
    rests_on = _rests_on(left, inputs, evidence) if evidence.seen.pages else {}
    return Evaluation(tuple(_dated(each, rests_on, evidence) for each in left), len(found) - len(left), rests_on)


def _dated(finding: Finding, rests_on: Mapping[str, str], evidence: Evidence) -> Finding:
    """Return a finding with the date on which its page was last seen, if this run could not see it."""
    page = evidence.seen.recalled.get(rests_on.get(finding.fingerprint, ""))
    death = BY_ID[finding.rule].topic is Topic.DEATH
    if page is None or page.checked_at is None or (death and not isinstance(page.outcome, Gone)):
        return finding
    fact = Fact("time", page.checked_at.date().isoformat(), "when its page was last seen; it was not shown in this run")
    return replace(finding, facts=(*finding.facts, fact))


def _rests_on(findings: Sequence[Finding], inputs: Inputs, evidence: Evidence) -> dict[str, str]:
    offline = found_offline(evidence, inputs.rules)
    links = {usage.link.span: usage.address.identity for usage in evidence.links if usage.address.host or usage.page}
    entries: dict[str, list[tuple[Span, str]]] = defaultdict(list)
    for span, usage in evidence.by_entry().items():
        if usage.entry is not None:
            entries[usage.entry.name].append((span, usage.address.identity))
    found = {}
    for each in findings:
        page = links.get(each.span)
        if page is None:
            page = next((page for span, page in entries[each.entry] if span.holds(each.span)), each.identity)
        found[each.fingerprint] = "" if each.fingerprint in offline else page
    return found


def reported(inputs: Inputs, evidence: Evidence, run: Run, pages: tuple[Page, ...] = ()) -> Report:
    """Run the rules, and return the report on what they found and on the catalog's pages."""
    catalog, evaluation = inputs.catalog, evaluate(inputs, evidence)
    return Report(
        path=catalog.path,
        sha256=hashlib.sha256(catalog.source).hexdigest(),
        entries=sum(1 for _ in catalog.entries()),
        links=sum(1 for _ in catalog.places()),
        pages=pages,
        findings=evaluation.findings,
        run=run,
        observations=evidence.seen,
        rules=tuple(rule.id for rule in inputs.rules),
        since=inputs.since,
        accepted=evaluation.accepted,
        rests_on=evaluation.rests_on,
    )


def lint(inputs: Inputs, now: datetime) -> Report:
    """Check what needs no network."""
    inputs = inputs.offline()
    return reported(inputs, inputs.evidence(), Run(now, now))


def read_baseline(source: bytes, path: str) -> frozenset[str]:
    """Return the fingerprints of a baseline; raise `UsageError` that names an invalid line."""
    found = set()
    for number, line in enumerate(source.decode("utf-8", "replace").splitlines(), 1):
        if match := _LINE.match(line):
            found.add(match[1])
        elif line.strip() and not line.startswith("#"):
            raise UsageError(
                f"{path}:{number}: not a fingerprint of 16 hex digits; recreate the file with --write-baseline"
            )
    return frozenset(found)


def written_baseline(findings: Iterable[Finding], kept: bytes = b"") -> bytes:
    """Return a baseline of findings, each with its rule and entry for readers, added to the lines of `kept`."""
    lines = {line[:16]: line[16:].strip() for line in kept.decode("utf-8", "replace").splitlines() if _LINE.match(line)}
    lines |= {finding.fingerprint: f"{finding.rule}  {_plain(finding.entry)}" for finding in findings}
    return (_HEAD + "".join(f"{print_}  {words}\n" for print_, words in lines.items())).encode("utf-8", "replace")


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


def silenced(catalog: Catalog) -> Mapping[int, set[str]]:
    """Return the rules that markers silence, by the number of their line; an empty name means all rules."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for marker in _MARKER.finditer(catalog.source):
        rules = marker[1].decode("utf-8", "replace").replace(",", " ").split()
        found[catalog.line_number(marker.start())].update(rules or [""])
    return found
