"""What only the memory can say of a report: since when a finding is known, what is mended, how old the oldest word is.

A finding is mended if tonight looked where it was and it is not there. What is hidden, what looks gone for a
night, and what another verdict stands before is neither found nor mended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from bot.model.findings import Fact, Finding
from bot.model.history import Open, State
from bot.model.pages import Gone, Page
from bot.model.report import Fixed, Report
from bot.model.spans import Span
from bot.rules.evidence import Evidence
from bot.rules.registry import RULES, check

FEED_RULE = "article-uncatalogued"


def compared(report: Report, state: State | None, min_coverage: float, remembered: Mapping[str, Page]) -> Report:
    """Return a report with what only the memory knows; `remembered` are pages shown as they were last seen."""
    memory = state or State()
    today = report.run.started.date()
    wanted = [page for page in report.pages if page.wanted]
    last = [today if page.verified else memory.verified(page.identity) for page in wanted]
    dated = [each for each in last if each is not None]
    run = replace(
        report.run,
        oldest=min(dated, default=None),
        never=len(last) - len(dated),
        low_runs=memory.low_runs(today) + 1 if report.coverage < min_coverage else 0,
    )
    if state is None:
        return replace(report, run=run)
    rests_on = _rests_on(report)
    findings = tuple(_as_remembered(each, remembered.get(rests_on[each.fingerprint])) for each in report.findings)
    report = replace(report, run=run, findings=findings, rests_on=rests_on)
    fates = _Fates(memory, report)
    ended = {fingerprint: each for fingerprint, each in memory.open.items() if fates.has_ended(fingerprint, each)}
    mended = [each for each in ended.values() if fates.is_mended(each)] if ended else []
    return replace(
        report,
        known={fingerprint: each.since for fingerprint, each in memory.open.items()},
        mended=tuple(Fixed(each.rule, each.entry, each.url, each.since) for each in mended),
        ended=frozenset(ended),
    )


def _as_remembered(finding: Finding, page: Page | None) -> Finding:
    """Return a finding with the date on which its page was last seen, if tonight hid it."""
    if page is None or page.checked_at is None or (finding.rule == "link-gone" and not isinstance(page.outcome, Gone)):
        return finding
    fact = Fact("time", page.checked_at.date().isoformat(), "when its page was last seen: tonight it was not shown")
    return replace(finding, facts=(*finding.facts, fact))


def _rests_on(report: Report) -> dict[str, str]:
    """Return the page that each finding hangs on, by fingerprint; empty for what is there without any page."""
    evidence = report.evidence
    offline = _offline(report)
    links = {usage.link.span: usage.address.identity for usage in (*evidence.usages, *evidence.elsewhere)}
    entries: dict[str, list[tuple[Span, str]]] = defaultdict(list)
    for span, usage in evidence.by_entry().items():
        if usage.entry is not None:
            entries[usage.entry.name].append((span, usage.address.identity))
    found = {}
    for each in report.findings:
        page = links.get(each.span)
        if page is None:
            page = next((page for span, page in entries[each.entry] if span.holds(each.span)), each.identity)
        found[each.fingerprint] = "" if each.fingerprint in offline else page
    return found


def _offline(report: Report) -> frozenset[str]:
    """Return the fingerprints of what the rules find without any page."""
    seen: Evidence = report.evidence
    blind = replace(
        seen, usages=tuple(replace(each, page=None) for each in seen.usages), elsewhere=(), pages={}, feed=()
    )
    rules = [rule for rule in RULES if not rule.needs_web and rule.id in report.rules]
    return frozenset(each.fingerprint for each in check(report.catalog, blind, rules))


class _Fates:
    """What became of findings that were open before this run."""

    def __init__(self, state: State, report: Report) -> None:
        self._report = report
        self._found = {each.fingerprint for each in report.findings}
        self._new = {(each.rule, each.url) for each in report.findings if each.fingerprint not in state.open}
        self._pages = {page.identity: page for page in report.pages}
        self._rules = set(report.rules)

    def has_ended(self, fingerprint: str, each: Open) -> bool:
        """Tell whether what was open is over: mended, accepted, or another finding now."""
        if not self._report.whole or fingerprint in self._found or each.rule not in self._rules:
            return False
        if fingerprint in self._still_there:
            return fingerprint not in self._suppressed
        if each.rule == FEED_RULE:
            return each.identity in self._pages  # a feed forgets what is old: only a link in the catalog ends it
        return each.identity not in self._pages or (each.rule, each.url) in self._new or self._is_seen(each)

    def is_mended(self, each: Open) -> bool:
        """Tell whether what is over was mended, and not accepted, replaced by other words or moot with its page."""
        page = self._pages.get(each.identity)
        moot = page is not None and isinstance(page.outcome, Gone) and each.rule != "link-gone"
        unspoken = self._unspoken_places
        return not moot and (each.rule, each.url) not in self._new and (each.rule, each.entry, each.url) not in unspoken

    def _is_seen(self, each: Open) -> bool:
        """Tell whether tonight looked at the page of a finding, and would have seen it."""
        page, evidence = self._pages[each.identity], self._report.evidence
        if not page.verified or page.identity in evidence.held_back:
            return False
        if isinstance(page.outcome, Gone):
            return max(1, len(evidence.deaths.get(page.identity, ()))) >= evidence.confirm
        return each.rule.startswith("link-") or page.article is None or not page.article.partial

    @cached_property
    def _all(self) -> list[Finding]:
        """All that the rules find, that which nobody wants to hear of included."""
        rules = [rule for rule in RULES if rule.id in self._rules]
        return check(self._report.catalog, self._report.evidence, rules)

    @cached_property
    def _suppressed(self) -> frozenset[str]:
        """What the rules would find if no page had been seen: another verdict stands before it tonight."""
        return _offline(self._report) - {each.fingerprint for each in self._all}

    @cached_property
    def _still_there(self) -> frozenset[str]:
        return self._suppressed | {each.fingerprint for each in self._all}

    @cached_property
    def _unspoken_places(self) -> frozenset[tuple[str, str, str]]:
        unspoken = [each for each in self._all if each.fingerprint not in self._found]
        return frozenset((each.rule, each.entry, each.url) for each in unspoken)
