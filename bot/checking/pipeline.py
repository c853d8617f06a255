"""The order of steps: parse → pages → probe → rules → report."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from bot import __version__
from bot.checking.evaluate import spoken
from bot.checking.recovery import SecondRound, look_further
from bot.config import Settings
from bot.history.differences import compared
from bot.history.recall import asked_first, behind, recall, revived
from bot.http.client import Client
from bot.http.probe import AGENT, Prober, Target
from bot.http.remap import read_remap
from bot.markdown.catalog import Catalog
from bot.medium.urls import is_http
from bot.model.articles import Address
from bot.model.history import State
from bot.model.pages import Page, Skipped
from bot.model.records import Records
from bot.model.report import Report, Run
from bot.rules.evidence import Evidence, observe
from bot.rules.rule import Rule

_CONFIRM_WITH_STATE = 3


class Observer(Protocol):
    """Sees a run as it goes. `total` is the number of pages to ask for."""

    def start(self, total: int) -> None:
        """Begin."""

    def asking(self, target: Target) -> None:
        """Note that a page is asked for."""

    def answered(self, page: Page, requests: int) -> None:
        """Note a page's outcome; `requests` were sent so far in all."""


class Silent:
    """An observer that shows nothing."""

    def start(self, total: int) -> None:
        """Do nothing."""

    def asking(self, target: Target) -> None:
        """Do nothing."""

    def answered(self, page: Page, requests: int) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Stop:
    """Ends a run early; what is known by then is reported."""

    event: asyncio.Event = field(default_factory=asyncio.Event)

    def set(self) -> None:
        """Ask the run to end."""
        self.event.set()


@dataclass(slots=True)
class _Plan:
    """What to ask for, in document order, and what not."""

    targets: list[Target] = field(default_factory=list)
    skipped: dict[str, Page] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)


Now = Callable[[], datetime]

MakeClient = Callable[[Settings, str], Client]


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def user_agent(contact: str) -> str:
    """Return the honest name under which the bot asks, with a link to who runs it."""
    return f"{AGENT}/{__version__} (+{contact})"


def make_client(settings: Settings, agent: str) -> Client:
    """Return the client for real requests."""
    return Client(agent, settings.timeout, settings.concurrency)


async def run(
    catalog: Catalog,
    settings: Settings,
    rules: Sequence[Rule],
    *,
    records: Records | None = None,
    lines: Collection[int] | None = None,
    accepted: Collection[str] = (),
    observer: Observer | None = None,
    stop: Stop | None = None,
    state: State | None = None,
    notes: Collection[str] = (),
    now: Now = utc_now,
    client_for: MakeClient = make_client,
) -> Report:
    """Check a catalog's links and return the report.

    `lines` limits it to entries on those lines; `accepted` are fingerprints not to speak of; `state` is
    what earlier nights saw, if that is remembered; `notes` are troubles to be told.
    """
    started = now()
    stop, observer = stop or Stop(), observer or Silent()
    seen = observe(catalog, prefix=settings.series_prefix, site=settings.site)
    plan = _plan(catalog, settings, seen, lines)
    if state is not None:
        plan.targets.sort(key=lambda target: asked_first(state, target.identity))
    confirm = _confirm(settings, state)
    async with client_for(settings, user_agent(settings.contact)) as client:
        prober = Prober(
            client=client,
            timeout=settings.timeout,
            rate=settings.rate,
            site=seen.site,
            remaps=[read_remap(text) for text in settings.remap],
            floor=settings.rate_floor or settings.rate / 10,
            ceiling=settings.rate_ceiling or settings.rate * 2,
            now=now,
        )
        until = _Until(stop, asyncio.get_running_loop().time() + settings.max_time if settings.max_time else None)
        pages, cut_short = await _probe_all(prober, plan, settings, observer, until)
        recalled = recall(pages, started.date(), state, confirm, hold_back=not settings.no_hold_back)
        further = SecondRound(feeds=dict(state.feeds) if state is not None else {})
        if cut_short is None and lines is None:
            silent = recalled.held_back | recalled.unconfirmed
            looking = look_further(prober, seen, pages, settings.feeds, silent, further)
            cut_short = await until.ended(asyncio.ensure_future(looking))
        requests, received, retries = client.sent, client.received, prober.retries
    pages |= plan.skipped
    remembered = {**behind(state, further.pages), **recalled.remembered}
    evidence = observe(
        catalog,
        {**further.pages, **pages, **further.heard, **remembered},
        prefix=settings.series_prefix,
        site=seen.site,
        confirm=confirm,
        deaths=recalled.deaths,
        held_back=recalled.held_back,
        dying=recalled.dying,
        records=records,
        recoveries=revived(state, further.recoveries),
        feed=further.feed,
    )
    findings, hidden = spoken(catalog, evidence, rules, lines, accepted)
    report = Report(
        catalog=catalog,
        pages=tuple(further.heard.get(identity, pages[identity]) for identity in plan.order),
        findings=findings,
        run=Run(
            started=started,
            finished=max(started, now()),
            requests=requests,
            retries=retries,
            bytes=received,
            cut_short=cut_short,
            interrupted=stop.event.is_set(),
            held_back=tuple(pages[identity].url for identity in plan.order if identity in recalled.held_back),
            notes=(*notes, *further.notes),
        ),
        further=tuple(further.pages.values()),
        accepted=hidden,
        evidence=evidence,
        rules=tuple(rule.id for rule in rules),
        whole=lines is None,
        feeds=further.feeds,
    )
    return compared(report, state, settings.min_coverage, remembered)


def _confirm(settings: Settings, state: State | None) -> int:
    """Return the number of dates that a death needs; where the memory was lost, tonight alone is never enough."""
    confirm = settings.confirm or (_CONFIRM_WITH_STATE if state is not None else 1)
    return max(2, confirm) if state is not None and not state.known else confirm


def _plan(catalog: Catalog, settings: Settings, seen: Evidence, lines: Collection[int] | None) -> _Plan:
    """Choose one address for each page, and say why the others are left out."""
    excluded = [re.compile(pattern) for pattern in settings.exclude]
    plan = _Plan()
    chosen: dict[str, Address | None] = {}
    reasons: dict[str, str | None] = {}
    for place in catalog.places():
        url = place.link.url
        address = seen.site.read(url)
        identity = seen.site.resolve(url).identity
        if not identity:
            continue
        reason = _left_out(url, address, settings, excluded)
        if reason is None and lines is not None and catalog.position(place.link.span.start).line not in lines:
            reason = "on lines that have not changed"
        if identity not in chosen:
            plan.order.append(identity)
            chosen[identity], reasons[identity] = address, reason
            continue
        if reason is None:
            reasons[identity] = None
        known = chosen[identity]
        if known is not None and address is not None and known.slug is None and address.slug is not None:
            chosen[identity] = address
    for identity in plan.order:
        address, reason = chosen[identity], reasons[identity]
        url = seen.site.usual(address).page if address else identity
        if reason is None:
            plan.targets.append(Target(identity, url, address))
        else:
            plan.skipped[identity] = Page(identity, url, address, Skipped(reason))
    return plan


def _left_out(url: str, address: Address | None, settings: Settings, excluded: list[re.Pattern[str]]) -> str | None:
    if not is_http(url):
        return "not an address of the web"
    if address is None and not settings.all_hosts:
        return "not on Medium (--all-hosts checks them too)"
    if any(pattern.search(url) for pattern in excluded):
        return "excluded by the settings"
    return None


@dataclass(slots=True)
class _Until:
    """When the run must end: at a time of the loop's clock, or when it is stopped."""

    stop: Stop
    deadline: float | None

    async def ended(self, work: asyncio.Future[Any]) -> str | None:
        """Wait for work as long as there is time; return why it was cut short, None if it was not."""
        stopped = asyncio.ensure_future(self.stop.event.wait())
        left = None if self.deadline is None else max(0.0, self.deadline - asyncio.get_running_loop().time())
        waits: set[asyncio.Future[Any]] = {work, stopped}
        await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        reason = None
        if not work.done():
            reason = "interrupted" if stopped.done() else "the time limit (--max-time) was reached"
            work.cancel()
        stopped.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work  # raises what the work raised: a page never does, so that is the bot's own failure
        return reason


async def _probe_all(
    prober: Prober, plan: _Plan, settings: Settings, observer: Observer, until: _Until
) -> tuple[dict[str, Page], str | None]:
    """Probe with some workers until all is asked, the refused ones again; or time is up or the run is stopped."""
    waiting = deque(plan.targets)
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

    prober.deadline = until.deadline
    reason = await until.ended(asyncio.ensure_future(ask()))
    for target in plan.targets:
        if target.identity not in pages:
            outcome = Skipped(reason or "not asked", wanted=True)
            pages[target.identity] = Page(target.identity, target.url, target.address, outcome)
    return pages, reason
