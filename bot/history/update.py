"""The memory after a night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from bot.history.codec import seen_line, written_size
from bot.history.differences import FEED_RULE
from bot.medium.site import Site
from bot.model.articles import Article
from bot.model.history import NIGHTS, Night, Open, PageMemory, State, kept_deaths, paragraph
from bot.model.pages import Alive, Gone, Moved, NotArticle, Page
from bot.model.report import Report
from bot.rules.registry import BY_ID

_SEEN_BYTES = 100_000

_OPEN = 20_000

_FORGET = timedelta(days=60)  # what a feed showed for the last time longer ago may be read anew


def after(state: State, report: Report, today: date, min_coverage: float) -> State:
    """Return the memory after a run. One that looked at a part of the catalog touches what it saw, and no more."""
    asked = {page.identity: page for page in report.pages if page.wanted}
    pages = {each: _page(state, page, report, today) for each, page in asked.items()}
    if not report.whole:
        return replace(state, pages={**state.pages, **pages}, known=True)
    listed = {page.identity for page in report.pages}
    skipped = {each: memory for each, memory in state.pages.items() if each in listed and each not in asked}
    run = report.run
    night = Night(
        started=run.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        requests=run.requests,
        verified=report.verified,
        wanted=report.wanted,
        findings=len(report.findings),
        held_back=len(run.held_back),
        low=report.coverage < min_coverage,
    )
    open_ = _open(state, report, today)
    return State(
        pages=skipped | pages,
        seen=_seen(state, report, open_),
        open=open_,
        recoveries={
            each: found for each, found in report.evidence.recoveries.items() if each in pages and pages[each].deaths
        },
        history=(*state.history, night)[-NIGHTS:],
        feeds=report.feeds,
    )


def _page(state: State, page: Page, report: Report, today: date) -> PageMemory:
    before = state.pages.get(page.identity) or PageMemory("Skipped")
    if not page.verified:
        return replace(before, outcome=type(page.outcome).__name__)
    dead = isinstance(page.outcome, Gone)
    deaths = report.evidence.deaths.get(page.identity, ()) if dead else ()
    return PageMemory(type(page.outcome).__name__, today, kept_deaths(deaths))


def _open(state: State, report: Report, today: date) -> dict[str, Open]:
    found = {}
    for each in report.findings:
        if not BY_ID[each.rule].folded:
            before = state.open.get(each.fingerprint)
            since = before.since if before is not None else today
            page = report.rests_on.get(each.fingerprint, each.identity)
            found[each.fingerprint] = Open(since, each.rule, each.entry, each.url, page)
    for fingerprint, known in state.open.items():
        forgotten = known.rule == FEED_RULE and known.since + _FORGET <= today
        if fingerprint not in report.ended and known.rule in BY_ID and not forgotten:
            found.setdefault(fingerprint, known)
    newest = sorted(found, key=lambda each: (found[each].since, each), reverse=True)[:_OPEN]
    return {fingerprint: found[fingerprint] for fingerprint in newest}


def _seen(state: State, report: Report, open_: Mapping[str, Open]) -> dict[str, Page]:
    """Return the pages whose findings a wall may hide tomorrow, as many as there is room for.

    The dead first, who take little, then those with the newest findings.
    """
    since: dict[str, date] = {}
    for each in open_.values():
        since[each.identity] = max(each.since, since.get(each.identity, date.min))
    found: dict[str, Page] = {}
    for identity in since:
        page = report.evidence.pages.get(identity) or state.seen.get(identity)
        if page is None or not _says_something(page):
            page = state.seen.get(identity)
        if page is not None:
            found[identity] = _compact(page, report.evidence.site)
    left = _SEEN_BYTES
    kept = {}
    for identity in sorted(found, key=lambda each: (_is_alive(found[each]), -since[each].toordinal(), each)):
        size = written_size(seen_line(found[identity]))
        if size <= left:
            left -= size
            kept[identity] = found[identity]
    return kept


def _says_something(page: Page) -> bool:
    match page.outcome:
        case Alive() | Moved() | Gone():
            return True
        case NotArticle(_, article):
            return article is not None
        case _:
            return False


def _is_alive(page: Page) -> bool:
    return not isinstance(page.outcome, Gone)


def _compact(page: Page, site: Site) -> Page:
    """Return a page without what no rule looks at: the words of paragraphs, and how it was asked for."""
    outcome = page.outcome
    match outcome:
        case Alive(article) | NotArticle(_, article) if article is not None:
            outcome = replace(outcome, article=_without_text(article))
        case Moved(article, _):
            outcome = replace(outcome, article=_without_text(article))
        case _:
            pass
    return replace(page, address=site.read(page.url), outcome=outcome, attempts=1, heard=None)


def _without_text(article: Article) -> Article:
    anchors = tuple(paragraph(each.id, at) if each.level is None else each for at, each in enumerate(article.anchors))
    return replace(article, anchors=anchors)
