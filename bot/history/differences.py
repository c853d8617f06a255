"""What only history can say of a report: since when a finding is known, what is fixed, the oldest verification.

A finding is fixed if this run looked where it was and it is no longer there. What was blocked, what seems gone in one
run, and what another verdict hides is neither found nor fixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bot.model.findings import Finding
from bot.model.history import History, OpenFinding
from bot.model.pages import Gone, Page
from bot.model.report import Fixed, Report
from bot.rules.evidence import Evidence
from bot.rules.registry import BY_ID, check, found_offline, ran
from bot.rules.rule import Reads, Rule, Topic


def compare(report: Report, evidence: Evidence, history: History | None, min_coverage: float) -> Report:
    """Return a report with what only history knows."""
    past = history or History()
    today = report.run.started.date()
    wanted = [page for page in report.pages if page.wanted]
    last = [today if page.verified else past.verified(page.identity) for page in wanted]
    dated = [each for each in last if each is not None]
    run = replace(
        report.run,
        oldest=min(dated, default=None),
        never=len(last) - len(dated),
        low_runs=past.low_runs(today) + 1 if report.coverage < min_coverage else 0,
    )
    report = replace(report, run=run)
    if history is None:
        return report
    rules = ran(report.rules)
    fates = _Fates(past, report, evidence, rules)
    ended = {fingerprint: each for fingerprint, each in past.open.items() if fates.has_ended(fingerprint, each)}
    fixed = [each for each in ended.values() if fates.is_fixed(each)] if ended else []
    return replace(
        report,
        known={fingerprint: each.since for fingerprint, each in past.open.items()},
        fixed=tuple(Fixed(each.rule, each.entry, each.url, each.since) for each in fixed),
        ended=frozenset(ended),
    )


@dataclass
class _Fates:
    """What became of findings that were open before this run; `rules` are those that ran."""

    past: History
    report: Report
    evidence: Evidence
    rules: Sequence[Rule]

    def has_ended(self, fingerprint: str, each: OpenFinding) -> bool:
        """Return True if what was open is over: fixed, accepted, or another finding now."""
        rule = BY_ID.get(each.rule)
        if self.report.since is not None or fingerprint in self._found or rule not in self.rules:
            return False
        if fingerprint in self._still_there:
            return fingerprint not in self._suppressed
        if rule is not None and rule.topic is Topic.NEW_ARTICLE:
            return each.identity in self._pages
        return each.identity not in self._pages or (each.rule, each.url) in self._new or self._was_seen(each)

    def is_fixed(self, each: OpenFinding) -> bool:
        """Return True if what is over was fixed, and not accepted, replaced by other words or moot with its page."""
        page = self._pages.get(each.identity)
        moot = page is not None and isinstance(page.outcome, Gone) and BY_ID[each.rule].topic is not Topic.DEATH
        unreported = (each.rule, each.entry, each.url) in self._unreported
        return not moot and (each.rule, each.url) not in self._new and not unreported

    def _was_seen(self, each: OpenFinding) -> bool:
        """Return True if this run looked at the page of a finding, and would have found it."""
        page, seen = self._pages[each.identity], self.evidence.seen
        if not page.verified or page.identity in seen.held_back:
            return False
        if isinstance(page.outcome, Gone):
            return seen.is_confirmed(page.identity)
        in_part = page.article is not None and page.article.partial
        return BY_ID[each.rule].reads is not Reads.ARTICLE or not in_part

    @cached_property
    def _pages(self) -> dict[str, Page]:
        return {page.identity: page for page in self.report.pages}

    @cached_property
    def _found(self) -> frozenset[str]:
        return frozenset(each.fingerprint for each in self.report.findings)

    @cached_property
    def _new(self) -> frozenset[tuple[str, str]]:
        new = (each for each in self.report.findings if each.fingerprint not in self.past.open)
        return frozenset((each.rule, each.url) for each in new)

    @cached_property
    def _all(self) -> list[Finding]:
        """All that the rules find, silenced and accepted findings included."""
        return check(self.evidence, self.rules)

    @cached_property
    def _suppressed(self) -> frozenset[str]:
        """What the rules would find if no page had been seen: another verdict takes its place in this run."""
        return found_offline(self.evidence, self.rules) - {each.fingerprint for each in self._all}

    @cached_property
    def _still_there(self) -> frozenset[str]:
        return self._suppressed | {each.fingerprint for each in self._all}

    @cached_property
    def _unreported(self) -> frozenset[tuple[str, str, str]]:
        unreported = [each for each in self._all if each.fingerprint not in self._found]
        return frozenset((each.rule, each.entry, each.url) for each in unreported)
