"""The history after a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from bot.model.codec import encode_line
from bot.model.documents import page_document
from bot.model.history import RUNS, UNSEEN, History, OpenFinding, PageHistory, RunSummary, kept_deaths
from bot.model.pages import Gone, Page
from bot.model.report import Report
from bot.rules.registry import BY_ID
from bot.rules.rule import Topic

_SEEN_BYTES = 100_000
_OPEN = 20_000
_FORGET = timedelta(days=60)  # a finding of a lasting rule that no run has found again for so long


def updated(history: History, report: Report, today: date, min_coverage: float) -> History:
    """Return the history after a run. One that looked at a part of the catalog changes what it saw, and no more."""
    asked = {page.identity: page for page in report.pages if page.wanted}
    pages = {each: _page(history, page, report, today) for each, page in asked.items()}
    if report.since is not None:
        return replace(history, pages={**history.pages, **pages}, known=True)
    skipped = {page.identity for page in report.pages if page.identity in history.pages} - asked.keys()
    run = report.run
    summary = RunSummary(
        started=run.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        requests=run.requests,
        verified=report.verified,
        wanted=report.wanted,
        findings=len(report.findings),
        held_back=len(run.held_back),
        low=report.coverage < min_coverage,
    )
    open_ = _open(history, report, today)
    seen = report.observations
    return History(
        pages={each: history.pages[each] for each in skipped} | pages,
        seen=_seen(history, report, open_),
        open=open_,
        recoveries={each: found for each, found in seen.recoveries.items() if each in pages and pages[each].deaths},
        runs=(*history.runs, summary)[-RUNS:],
        feeds={**history.feeds, **seen.feeds} if run.cut_short is not None else seen.feeds,
    )


def _page(history: History, page: Page, report: Report, today: date) -> PageHistory:
    before = history.pages.get(page.identity, UNSEEN)
    outcome = type(page.outcome).__name__
    if not page.verified:
        return replace(before, outcome=outcome)
    deaths = report.observations.deaths.get(page.identity, ()) if isinstance(page.outcome, Gone) else ()
    return PageHistory(outcome, today, kept_deaths(deaths))


def _open(history: History, report: Report, today: date) -> dict[str, OpenFinding]:
    found = {}
    for each in report.findings:
        if not BY_ID[each.rule].folded:
            before = history.open.get(each.fingerprint)
            since = before.since if before is not None else today
            page = report.rests_on.get(each.fingerprint, each.identity)
            found[each.fingerprint] = OpenFinding(since, each.rule, each.entry, each.url, page)
    for fingerprint, known in history.open.items():
        rule = BY_ID.get(known.rule)
        forgotten = rule is None or (rule.topic is Topic.NEW_ARTICLE and known.since + _FORGET <= today)
        if fingerprint not in report.ended and not forgotten:
            found.setdefault(fingerprint, known)
    newest = sorted(found, key=lambda each: (found[each].since, each), reverse=True)[:_OPEN]
    return {fingerprint: found[fingerprint] for fingerprint in newest}


def _seen(history: History, report: Report, open_: Mapping[str, OpenFinding]) -> dict[str, Page]:
    """Return the pages whose findings a block may hide tomorrow, as many as there is room for.

    The dead first, which take little, then those with the newest findings.
    """
    since: dict[str, date] = {}
    for each in open_.values():
        since[each.identity] = max(each.since, since.get(each.identity, date.min))
    found: dict[str, Page] = {}
    for identity in since:
        page = report.observations.page(identity)
        if page is None or page.is_hidden:
            page = history.seen.get(identity)
        if page is not None:
            found[identity] = replace(page, attempts=1, heard=None)
    left = _SEEN_BYTES
    kept = {}
    for identity in sorted(found, key=lambda each: (_is_alive(found[each]), -since[each].toordinal(), each)):
        size = len(encode_line(page_document(found[identity])))
        if size <= left:
            left -= size
            kept[identity] = found[identity]
    return kept


def _is_alive(page: Page) -> bool:
    return not isinstance(page.outcome, Gone)
