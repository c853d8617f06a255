"""The memory after a night, and of two nights that ran side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from bot.report.model import Report
from bot.rules.registry import BY_ID
from bot.state.codec import seen_line, written_size
from bot.state.model import Night, Open, PageMemory, State
from bot.state.recall import mended_of
from bot.web.outcome import Gone, Page

_NIGHTS, _DEATHS = 400, 40
_SEEN_BYTES = 100_000
_FORGET = timedelta(days=60)  # what was open and hidden for longer is gone from the memory


def after(state: State, report: Report, today: date, min_coverage: float) -> State:
    """Return the memory after a run. One that looked at a part of the catalog touches what it saw, and no more."""
    asked = {page.identity: page for page in report.pages if page.wanted}
    pages = {each: _page(state, page, report, today) for each, page in asked.items()}
    if not report.whole:
        return replace(state, pages={**state.pages, **pages}, known=True)
    listed = {page.identity for page in report.pages}
    skipped = {each: memory for each, memory in state.pages.items() if each in listed and each not in asked}
    low = report.coverage < min_coverage
    run = report.run
    night = Night(
        started=run.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        requests=run.requests,
        verified=report.verified,
        wanted=report.wanted,
        findings=len(report.findings),
        held_back=len(run.held_back),
        low=low,
    )
    return State(
        pages=skipped | pages,
        seen=_seen(state, report, asked),
        open=_open(state, report, today),
        revivals={
            each: found for each, found in report.evidence.revivals.items() if each in pages and pages[each].deaths
        },
        history=(*state.history, night)[-_NIGHTS:],
        feeds=report.feeds,
    )


def _page(state: State, page: Page, report: Report, today: date) -> PageMemory:
    before = state.pages.get(page.identity) or PageMemory("Skipped")
    if not page.verified:
        return replace(before, outcome=type(page.outcome).__name__)
    dead = isinstance(page.outcome, Gone)
    deaths = report.evidence.deaths.get(page.identity, ()) if dead else ()
    return PageMemory(type(page.outcome).__name__, today, deaths[-_DEATHS:])


def _seen(state: State, report: Report, asked: Mapping[str, Page]) -> dict[str, Page]:
    """Return the pages whose findings a wall may hide tomorrow, as many as there is room for."""
    speaking = {
        each.identity: None for each in report.findings if BY_ID[each.rule].needs_web and not BY_ID[each.rule].folded
    }
    found: dict[str, Page] = {}
    left = _SEEN_BYTES
    for identity in speaking:
        page = asked.get(identity)
        kept = page if page is not None and (page.verified or page.article is not None) else state.seen.get(identity)
        if kept is not None:
            left -= written_size(seen_line(kept))
            if left < 0:
                break
            found[identity] = kept
    return found


def _open(state: State, report: Report, today: date) -> dict[str, Open]:
    spoken = [each for each in report.findings if not BY_ID[each.rule].folded]
    found = {}
    for each in spoken:
        before = state.open.get(each.fingerprint)
        since = before.since if before is not None else today
        found[each.fingerprint] = Open(since, each.rule, each.entry, each.url, each.identity)
    mended = set(mended_of(state, report))
    for fingerprint, known in state.open.items():
        if fingerprint not in mended and known.since + _FORGET > today:
            found.setdefault(fingerprint, known)
    return found


def merged(base: State, mine: State) -> State:
    """Join two memories that began as one: for each page the later verification, all dates of death since."""
    pages = dict(base.pages)
    for identity, each in mine.pages.items():
        pages[identity] = _later(pages[identity], each) if identity in pages else each
    nights = {night.started: night for night in (*base.history, *mine.history)}
    opened = dict(base.open)
    for fingerprint, one in mine.open.items():
        other = opened.get(fingerprint)
        opened[fingerprint] = one if other is None or one.since <= other.since else other
    return State(
        pages=pages,
        seen={**base.seen, **mine.seen},
        open=opened,
        revivals={**base.revivals, **mine.revivals},
        history=tuple(nights[started] for started in sorted(nights))[-_NIGHTS:],
        feeds={**base.feeds, **mine.feeds},
    )


def _later(one: PageMemory, other: PageMemory) -> PageMemory:
    """Return the memory of the later verification; of two on one date, life outweighs death."""
    first, second = sorted((one, other), key=lambda each: each.verified or date.min)
    if first.verified == second.verified:
        alive = next((each for each in (one, other) if each.verified is not None and not each.deaths), None)
        if alive is not None:
            return alive
        return replace(other, deaths=_joined(one.deaths, other.deaths))
    if not second.deaths:
        return second
    lived = first.verified if not first.deaths else None
    return replace(second, deaths=_joined(first.deaths, (each for each in second.deaths if not lived or each > lived)))


def _joined(*dates: Iterable[date]) -> tuple[date, ...]:
    return tuple(sorted({each for some in dates for each in some}))[-_DEATHS:]
