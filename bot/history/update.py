"""The history after a run, and two histories made one. Asks no clock."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from bot.model.codec import encode_line
from bot.model.documents import page_document
from bot.model.history import RUNS, UNSEEN, History, OpenFinding, PageHistory, RunSummary, kept_deaths
from bot.model.pages import Gone, Page
from bot.model.report import Report
from bot.rules.registry import BY_ID
from bot.rules.rule import Topic

_Thing = TypeVar("_Thing")
_SEEN_BYTES = 100_000  # in UTF-8
_OPEN = 20_000
_FORGET = timedelta(days=60)  # a finding of a lasting rule that no run has found again for so long


def updated(history: History, report: Report, today: date, min_coverage: float) -> History:
    """Return the history after a run. One that looked at a part of the catalog changes what it saw, and no more."""
    listed = [page for page in report.pages if page.wanted or page.identity in history.pages]
    pages = {page.identity: _page(history, page, report, today) for page in listed}
    if report.since is not None:
        return replace(history, pages={**history.pages, **pages}, known=True)
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
        pages=pages,
        seen=_seen(history, report, open_),
        open=open_,
        recoveries={each: found for each, found in seen.recoveries.items() if each in pages and pages[each].deaths},
        runs=(*history.runs, summary)[-RUNS:],
        feeds={**history.feeds, **seen.feeds} if run.cut_short is not None else seen.feeds,
    )


def _page(history: History, page: Page, report: Report, today: date) -> PageHistory:
    before = history.pages.get(page.identity, UNSEEN)
    outcome = type(page.outcome).__name__ if page.wanted else before.outcome
    if not page.verified:
        return replace(before, outcome=outcome)
    deaths = report.observations.deaths.get(page.identity, ()) if isinstance(page.outcome, Gone) else ()
    return PageHistory(outcome, today, kept_deaths(deaths))


def _open(history: History, report: Report, today: date) -> dict[str, OpenFinding]:
    """Return the findings that are open after a run, the newest first."""
    found = {}
    for each in report.findings:
        if not BY_ID[each.rule].folded:
            page = report.rests_on.get(each.fingerprint, each.identity)
            new = OpenFinding(today, each.rule, each.entry, each.url, page)
            found[each.fingerprint] = replace(new, since=history.open.get(each.fingerprint, new).since)
    for fingerprint, known in history.open.items():
        rule = BY_ID.get(known.rule)
        forgotten = rule is None or (rule.topic is Topic.NEW_ARTICLE and known.since + _FORGET <= today)
        if fingerprint not in report.ended and not forgotten:
            found.setdefault(fingerprint, known)
    newest = sorted(found, key=lambda each: (found[each].since, each), reverse=True)[:_OPEN]
    return {fingerprint: found[fingerprint] for fingerprint in newest}


def _seen(history: History, report: Report, open_: dict[str, OpenFinding]) -> dict[str, Page]:
    """Return the pages whose findings a block may hide tomorrow, as many as there is room for.

    The dead first, which take little, then those with the newest findings.
    """
    since = {each.identity: each.since for each in reversed(open_.values())}
    found: dict[str, Page] = {}
    for identity in since:
        page = report.observations.page(identity)
        if page is None or page.is_hidden:
            page = history.seen.get(identity)
        if page is not None:
            found[identity] = replace(page, attempts=1, heard=None)
    left = _SEEN_BYTES
    kept = {}
    ranked = sorted(found, key=lambda each: (not isinstance(found[each].outcome, Gone), -since[each].toordinal(), each))
    for identity in ranked:
        size = len(encode_line(page_document(found[identity])))
        if size <= left:
            left -= size
            kept[identity] = found[identity]
    return kept


def joined(base: History, mine: History) -> History:
    """Join two histories, in either order.

    For each page the later verification counts, and all dates of death since it was last alive. What is open or known
    of a page is taken from the history that verified it later; if both did on one date, from that of the later run. So
    what the later run removed stays removed.
    """
    older, newer = sorted((base, mine), key=_latest)
    both = (older, newer) if _latest(older) == _latest(newer) else (newer,)

    def speak(identity: str) -> tuple[History, ...]:
        first, second = (each.verified(identity) or date.min for each in (older, newer))
        return both if first == second else (older,) if first > second else (newer,)

    pages = {
        identity: _later([each.pages[identity] for each in (older, newer) if identity in each.pages])
        for identity in {**older.pages, **newer.pages}
        # The later run may not know yet what was verified on its date or after it.
        if identity in newer.pages or len(both) > 1 or str(older.verified(identity) or "") >= _latest(newer)[:10]
    }
    dead = {identity for identity, page in pages.items() if page.deaths}
    seen = _chosen(older.seen, newer.seen, lambda each, _: [one.seen for one in speak(each)])
    recoveries = _chosen(older.recoveries, newer.recoveries, lambda each, _: [one.recoveries for one in speak(each)])
    open_ = _chosen(older.open, newer.open, lambda _, each: [one.open for one in speak(each.identity)])
    runs = {run.started: run for run in sorted((*older.runs, *newer.runs), key=repr)}
    return History(
        pages=pages,
        seen={each: page for each, page in seen.items() if each in dead or not isinstance(page.outcome, Gone)},
        open={
            each: replace(found, since=min(one.open[each].since for one in (older, newer) if each in one.open))
            for each, found in open_.items()
        },
        recoveries={each: found for each, found in recoveries.items() if each in dead},
        runs=tuple(runs[started] for started in sorted(runs))[-RUNS:],
        feeds=_chosen(older.feeds, newer.feeds, lambda *_: [one.feeds for one in both]),
    )


def _latest(history: History) -> str:
    """Return when a history's last run began."""
    return max((run.started for run in history.runs), default="")


def _chosen(
    one: Mapping[str, _Thing], other: Mapping[str, _Thing], spoken: Callable[[str, _Thing], list[Mapping[str, _Thing]]]
) -> dict[str, _Thing]:
    """Return for each name what the history that decides says of it; if two do, always the same one of them."""
    found = {**one, **other}
    said = {name: [each[name] for each in spoken(name, thing) if name in each] for name, thing in found.items()}
    return {name: max(things, key=repr) for name, things in said.items() if things}


def _later(pages: list[PageHistory]) -> PageHistory:
    """Return the later verification; of two on one date, being alive outweighs being dead."""
    first, second = sorted((pages[0], pages[-1]), key=lambda each: (each.verified or date.min, repr(each)))
    if first.verified == second.verified:
        alive = next((each for each in (first, second) if each.verified is not None and not each.deaths), None)
        return alive or replace(second, deaths=kept_deaths((*first.deaths, *second.deaths)))
    if not second.deaths:
        return second
    lived = first.verified if not first.deaths else None
    return replace(
        second, deaths=kept_deaths((*first.deaths, *(each for each in second.deaths if not lived or each > lived)))
    )
