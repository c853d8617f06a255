"""The order of steps: plan, probe, second pass, rules, report."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from bot import __version__
from bot.checking.evaluate import Inputs, reported
from bot.checking.plan import plan
from bot.checking.recovery import SecondPass
from bot.config import Settings
from bot.history.differences import compare
from bot.history.verdicts import priority, recalled, recovered, weigh
from bot.http.addresses import read_remap
from bot.http.client import Client
from bot.http.probe import AGENT, Prober
from bot.medium.site import Site
from bot.model.history import History
from bot.model.pages import Observations, Page, Skipped, Target
from bot.model.report import Report, Run

_CONFIRM_WITH_HISTORY = 3


class Observer:
    """Watches a run. This one ignores what it sees."""

    def start(self, total: int) -> None:
        """Expect this many pages."""

    def asking(self, target: Target) -> None:
        """Note that a page is being requested."""

    def answered(self, page: Page, requests: int) -> None:
        """Note a page's outcome; `requests` is the number sent so far in the run."""


Now = Callable[[], datetime]
MakeClient = Callable[[Settings, str], Client]


def make_client(settings: Settings, agent: str) -> Client:
    """Return the client for real requests."""
    return Client(agent, settings.timeout, settings.concurrency)


async def run(
    inputs: Inputs,
    *,
    observer: Observer | None = None,
    stop: asyncio.Event | None = None,
    history: History | None = None,
    notes: Collection[str] = (),
    now: Now = lambda: datetime.now(UTC),
    client_for: MakeClient = make_client,
) -> Report:
    """Check a catalog's links and return the report. Setting `stop` ends the run early, with a partial report.

    `history` is what earlier runs observed, or None if none is kept; `notes` are problems to report.
    """
    started = now()
    stop, observer = stop or asyncio.Event(), observer or Observer()
    settings = inputs.settings
    evidence = inputs.evidence()
    planned = plan(inputs.catalog, evidence, settings, inputs.lines)
    targets = sorted(planned.targets, key=lambda each: priority(history, each.identity))
    confirm = _confirm(settings, history)
    async with client_for(settings, f"{AGENT}/{__version__} (+{settings.contact})") as client:
        prober = _prober(client, settings, evidence.site, now)
        pages, cut_short = await _probe_all(prober, targets, settings, observer, stop)
        verdicts = weigh(pages, started.date(), history, confirm, hold_back=not settings.no_hold_back)
        second = SecondPass(prober, evidence, pages)
        if cut_short is None and inputs.lines is None:
            known = history.feeds if history is not None else {}
            work = second.run(settings.feeds, known, verdicts.held_back | verdicts.unconfirmed)
            cut_short = await _until(stop, prober.deadline, work)
        requests, received, retries = client.sent, client.received, prober.retries
    pages |= planned.skipped
    pages |= second.heard
    seen = Observations(
        pages={**second.others, **pages},
        recalled={**recalled(history, second.others), **verdicts.recalled},
        deaths=verdicts.deaths,
        confirm=confirm,
        held_back=verdicts.held_back,
        recoveries=recovered(history, second.recoveries),
        feeds=second.feeds,
    )
    evidence = evidence.seeing(seen)
    summary = Run(
        started=started,
        finished=max(started, now()),
        requests=requests,
        retries=retries,
        bytes=received,
        cut_short=cut_short,
        interrupted=stop.is_set(),
        held_back=tuple(pages[each].url for each in planned.order if each in verdicts.held_back),
        notes=(*notes, *second.notes),
    )
    report = reported(inputs, evidence, summary, tuple(pages[identity] for identity in planned.order))
    return compare(report, inputs.catalog, evidence, history, settings.min_coverage)


def _prober(client: Client, settings: Settings, site: Site, now: Now) -> Prober:
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
    """Run a coroutine until it ends, the run is stopped, or the loop's clock reaches the deadline.

    Return why it was cut short, or None if it finished.
    """
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
