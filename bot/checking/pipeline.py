"""The order of steps: plan, probe, second pass, rules, report."""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot import __version__
from bot.checking.evaluate import Inputs, reported
from bot.checking.recovery import SecondPass
from bot.config import Settings
from bot.history.verdicts import compare, priority, recalled, recovered, weigh
from bot.http.addresses import read_remap
from bot.http.client import Client
from bot.http.probe import AGENT, Prober
from bot.medium.site import Site, is_http
from bot.model.history import History
from bot.model.pages import Page, Skipped, Target
from bot.model.report import Report, Run
from bot.rules.evidence import Evidence, Usage

_CONFIRM_WITH_HISTORY = 3


class Observer:
    """Watches a run. This one ignores what it sees."""

    def start(self, total: int) -> None:
        """Expect this many pages."""

    def asking(self, target: Target) -> None:
        """Note that a page is being requested."""

    def answered(self, page: Page, requests: int) -> None:
        """Note a page's outcome; `requests` is the number sent so far in the run."""


async def run(
    inputs: Inputs,
    *,
    observer: Observer | None = None,
    stop: asyncio.Event | None = None,
    history: History | None = None,
    notes: Collection[str] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    client_for: Callable[[str, float, int], Client] = Client,
) -> Report:
    """Check a catalog's links and return the report. Setting `stop` ends the run early, with a partial report.

    `history` is what earlier runs observed, or None if none is kept; `notes` are problems to report.
    """
    started = now()
    stop, observer = stop or asyncio.Event(), observer or Observer()
    settings = inputs.settings
    evidence = inputs.evidence()
    planned = _plan(inputs, evidence)
    past = history or History()
    targets = [each for each in planned.values() if isinstance(each, Target)]
    targets.sort(key=lambda each: priority(past, each.identity))
    confirm = _confirm(settings, history)
    agent = f"{AGENT}/{__version__} (+{settings.contact})"
    async with client_for(agent, settings.timeout, settings.concurrency) as client:
        prober = _prober(client, settings, evidence.site, now)
        pages, cut_short = await _probe_all(prober, targets, settings, observer, stop)
        seen = weigh(pages, started.date(), past, confirm, hold_back=not settings.no_hold_back)
        second = SecondPass(prober, evidence, pages)
        if cut_short is None and inputs.lines is None:
            cut_short = await _until(stop, prober.deadline, second.run(settings.feeds, past.feeds, seen))
        requests, received, retries = client.sent, client.received, prober.retries
    pages |= {identity: each for identity, each in planned.items() if isinstance(each, Page)} | second.heard
    seen = replace(
        seen,
        pages={**second.others, **pages},
        recalled={**recalled(past, second.others), **seen.recalled},
        recoveries=recovered(past, second.recoveries),
        feeds=second.feeds,
    )
    summary = Run(
        started=started,
        finished=max(started, now()),
        requests=requests,
        retries=retries,
        bytes=received,
        cut_short=cut_short,
        interrupted=stop.is_set(),
        held_back=tuple(pages[each].url for each in planned if each in seen.held_back),
        notes=(*notes, *second.notes),
    )
    evidence = evidence.seeing(seen)
    report = reported(inputs, evidence, summary, tuple(pages[identity] for identity in planned))
    return compare(report, evidence, history, settings.min_coverage)


def _plan(inputs: Inputs, evidence: Evidence) -> dict[str, Target | Page]:
    """Return what to request for each page, by identity in document order: its first address with a slug.

    With `lines`, only pages that are linked on those lines are requested. Of the others, return the page as skipped.
    """
    settings, lines = inputs.settings, inputs.lines
    excluded = [re.compile(pattern) for pattern in settings.exclude]
    chosen: dict[str, Usage] = {}
    reasons: dict[str, str | None] = {}
    for usage in evidence.links:
        identity = usage.address.identity
        if not identity:
            continue
        reason = _left_out(usage, settings, excluded)
        if reason is None and lines is not None and inputs.catalog.line_number(usage.link.span.start) not in lines:
            reason = "on lines that have not changed"
        known = chosen.setdefault(identity, usage)
        reasons[identity] = reason if known is usage or reason is None else reasons[identity]
        if known.address.slug is None and usage.address.slug is not None:
            chosen[identity] = usage
    planned: dict[str, Target | Page] = {}
    for identity, usage in chosen.items():
        target = evidence.site.target(usage.address) if usage.address.host else Target(identity, identity, None)
        reason = reasons[identity]
        planned[identity] = target if reason is None else Page(identity, target.url, target.address, Skipped(reason))
    return planned


def _left_out(usage: Usage, settings: Settings, excluded: list[re.Pattern[str]]) -> str | None:
    url = usage.link.url
    if not is_http(url):
        return "not a web address"
    if not usage.address.host and not settings.all_hosts:
        return "not on Medium (--all-hosts checks them too)"
    if any(pattern.search(url) for pattern in excluded):
        return "excluded by the settings"
    return None


def _prober(client: Client, settings: Settings, site: Site, now: Callable[[], datetime]) -> Prober:
    return Prober(
        client=client,
        timeout=settings.timeout,
        rate=settings.rate,
        remaps=[read_remap(text) for text in settings.remap],
        site=site,
        deadline=asyncio.get_running_loop().time() + settings.max_time if settings.max_time else None,
        floor=settings.rate_floor or settings.rate / 10,
        ceiling=settings.rate_ceiling or settings.rate * 2,
        now=now,
    )


def _confirm(settings: Settings, history: History | None) -> int:
    """Return the number of dates on which a page must be seen dead; after a lost history, this run is never enough."""
    confirm = settings.confirm or (_CONFIRM_WITH_HISTORY if history is not None else 1)
    return max(2, confirm) if history is not None and not history.known else confirm


async def _until(stop: asyncio.Event, deadline: float | None, coroutine: Coroutine[Any, Any, None]) -> str | None:
    """Run a coroutine until it ends, or the run is stopped, or until the deadline; return why it was cut short."""
    work, stopped = asyncio.ensure_future(coroutine), asyncio.ensure_future(stop.wait())
    left = None if deadline is None else max(0.0, deadline - asyncio.get_running_loop().time())
    waits: set[asyncio.Future[Any]] = {work, stopped}
    await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
    reason = None
    if not work.done():
        reason = "interrupted" if stopped.done() else "the time limit (--max-time) was reached"
        work.cancel()
    stopped.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work  # re-raises: a page never fails this way, so that is a defect
    return reason


async def _probe_all(
    prober: Prober, targets: Sequence[Target], settings: Settings, observer: Observer, stop: asyncio.Event
) -> tuple[dict[str, Page], str | None]:
    """Probe all pages, and refused ones once more, until time is up or the run is stopped."""
    waiting = deque(targets)
    pages: dict[str, Page] = {}
    observer.start(len(waiting))

    async def work() -> None:
        while waiting:
            target = waiting.popleft()
            observer.asking(target)
            page = await prober.probe(target)
            pages[target.identity] = page
            observer.answered(page, prober.client.sent)

    async def ask() -> None:
        await asyncio.gather(*(work() for _ in range(min(settings.concurrency, len(waiting)))))
        async for page in prober.probe_again():
            pages[page.identity] = page

    reason = await _until(stop, prober.deadline, ask())
    for target in targets:
        if target.identity not in pages:
            outcome = Skipped(reason or "not asked", wanted=True)
            pages[target.identity] = Page(target.identity, target.url, target.address, outcome)
    return pages, reason
