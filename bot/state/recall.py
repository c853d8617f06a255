"""What a night draws from the memory before it judges: whom to ask first, whose death is confirmed, what is hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from bot.report.model import Mended, Report
from bot.rules.finding import Fact, Finding
from bot.rules.registry import BY_ID
from bot.state.model import Open, State
from bot.web.outcome import Gone, Page

# More new deaths than this, and more than this share of the verified pages, is an incident of Medium's.
INCIDENT_DEATHS, INCIDENT_SHARE = 5, 0.05
_NEVER = date.min


@dataclass(frozen=True, slots=True)
class Recalled:
    """What the rules are told beside tonight's answers.

    `deaths` are the dates on which each page was seen dead, tonight included; pages in `held_back` died in an
    incident; `remembered` are pages that tonight hid, as they were last seen.
    """

    deaths: Mapping[str, tuple[date, ...]]
    held_back: frozenset[str] = frozenset()
    remembered: Mapping[str, Page] = field(default_factory=dict)


def asked_first(state: State, identity: str) -> tuple[bool, date]:
    """Return what pages are asked in the order of: those seen dead first, then the longest not verified."""
    return (not state.deaths(identity), state.verified(identity) or _NEVER)


def recall(pages: Mapping[str, Page], today: date, state: State | None, confirm: int, *, hold_back: bool) -> Recalled:
    """Bring tonight's answers together with what is remembered; without a memory every death is new."""
    memory = state or State()
    dead = [page.identity for page in pages.values() if isinstance(page.outcome, Gone)]
    new = [each for each in dead if pages[each].address is not None and not memory.deaths(each)]
    held_back = frozenset[str]()
    if hold_back and is_incident(len(new), pages.values()):
        held_back = frozenset(
            each for each in dead if pages[each].address is not None and len(memory.deaths(each)) < confirm
        )
    deaths = {each: memory.deaths(each) for each in memory.seen}
    for each in dead:
        before = memory.deaths(each)
        deaths[each] = before if each in held_back or today in before else (*before, today)
    hidden = {each: page for each, page in memory.seen.items() if each in pages and not pages[each].verified}
    return Recalled(deaths, held_back, hidden)


def is_incident(new_deaths: int, pages: Iterable[Page]) -> bool:
    """Tell whether so many pages died at once that it must be Medium's trouble, not theirs."""
    return new_deaths > max(INCIDENT_DEATHS, INCIDENT_SHARE * sum(page.verified for page in pages))


def as_remembered(finding: Finding, remembered: Mapping[str, Page]) -> Finding:
    """Return a finding with the date on which its page was last seen, if tonight hid it."""
    page = remembered.get(finding.identity) if BY_ID[finding.rule].needs_web else None
    if page is None or page.checked_at is None:
        return finding
    fact = Fact("time", page.checked_at.date().isoformat(), "when its page was last seen: tonight it was not shown")
    return replace(finding, facts=(*finding.facts, fact))


def compared(report: Report, state: State | None, min_coverage: float) -> Report:
    """Return a report with what only the memory knows: what is new, what is mended, and how old the oldest word is."""
    memory = state or State()
    today = report.run.started.date()
    wanted = [page for page in report.pages if page.wanted]
    last = [today if page.verified else memory.verified(page.identity) for page in wanted]
    dated = [each for each in last if each is not None]
    low = report.coverage < min_coverage
    run = replace(
        report.run,
        oldest=min(dated, default=None),
        never=len(last) - len(dated),
        low_nights=memory.low_nights + 1 if low else 0,
    )
    mended = tuple(Mended(each.rule, each.entry, each.url, each.since) for each in mended_of(memory, report).values())
    known = {fingerprint: each.since for fingerprint, each in memory.open.items()}
    return replace(report, run=run, known=known, mended=mended)


def mended_of(state: State, report: Report) -> dict[str, Open]:
    """Return what was open and is not found any more, though tonight could have seen it."""
    if not report.whole:
        return {}
    found = {each.fingerprint for each in report.findings}
    listed = {page.identity for page in report.pages}
    unseen = {page.identity for page in report.pages if not page.verified or page.url in report.run.held_back}
    ran = set(report.rules)
    return {
        fingerprint: each
        for fingerprint, each in state.open.items()
        if fingerprint not in found
        and each.rule in ran
        and (not BY_ID[each.rule].needs_web or each.identity not in unseen)
        and (each.rule != "article-uncatalogued" or each.identity in listed)  # a feed forgets what is old
    }
