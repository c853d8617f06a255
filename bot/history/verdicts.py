"""What only history says of a run: whom to ask first, whose death counts, what was blocked; what is known and fixed.

A finding counts as fixed only if this run checked its page again and did not find it. A blocked page, a death that is
not confirmed yet, or another verdict in its place proves nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.model.history import History, OpenFinding
from bot.model.pages import Gone, Observations, Page, Recovery
from bot.model.report import Fixed, Report
from bot.rules.evidence import Evidence
from bot.rules.registry import BY_ID, check, found_offline, ran
from bot.rules.rule import Reads, Rule, Topic

# More new deaths than this, and more than this share of the verified pages, is an incident of Medium's.
_INCIDENT_DEATHS, _INCIDENT_SHARE = 5, 0.05


def priority(history: History, identity: str) -> tuple[bool, date]:
    """Sort key: pages seen dead first, then the least recently verified."""
    return not history.deaths(identity), history.verified(identity) or date.min


def weigh(pages: Mapping[str, Page], today: date, past: History, confirm: int, *, hold_back: bool) -> Observations:
    """Weigh this run's deaths against history, and recall what was blocked."""
    dead = [page.identity for page in pages.values() if isinstance(page.outcome, Gone)]
    on_medium = [each for each in dead if pages[each].address is not None]
    new = sum(not past.deaths(each) for each in on_medium)
    incident = new > max(_INCIDENT_DEATHS, _INCIDENT_SHARE * sum(page.verified for page in pages.values()))
    at_once = on_medium if incident and hold_back else ()
    held_back = frozenset(each for each in at_once if len(past.deaths(each)) < confirm)
    deaths = {each: past.deaths(each) for each in past.seen}
    for each in dead:
        before = past.deaths(each)
        deaths[each] = before if each in held_back or today in before else (*before, today)
    seen = Observations(pages, deaths=deaths, confirm=confirm, held_back=held_back)
    alive = {
        each: page for each, page in past.seen.items() if seen.is_doubtful(each) and not isinstance(page.outcome, Gone)
    }
    return replace(seen, recalled=recalled(past, pages) | alive)


def recalled(past: History, pages: Mapping[str, Page]) -> dict[str, Page]:
    """Return pages as they were last seen, where this run was blocked; a death without a date was withdrawn since."""
    return {
        each: page
        for each, page in past.seen.items()
        if each in pages and pages[each].is_hidden and (past.deaths(each) or not isinstance(page.outcome, Gone))
    }


def recovered(past: History, found: Mapping[str, tuple[Recovery, ...]]) -> dict[str, tuple[Recovery, ...]]:
    """Return where dead articles were found; a snapshot does not vanish because archive.org did not respond."""
    lasting = {each: tuple(one for one in places if one.snapshot) for each, places in past.recoveries.items()}
    return {**past.recoveries, **{each: places or lasting.get(each, ()) for each, places in found.items()}}


def compare(report: Report, evidence: Evidence, history: History | None, min_coverage: float) -> Report:
    """Return a report with what only history knows."""
    past = history or History()
    today = report.run.started.date()
    last = (today if page.verified else past.verified(page.identity) for page in report.pages if page.wanted)
    dated = [each for each in last if each is not None]
    run = replace(
        report.run,
        oldest=min(dated, default=None),
        never=report.wanted - len(dated),
        low_runs=past.low_runs(today) + 1 if report.coverage < min_coverage else 0,
    )
    report = replace(report, run=run)
    if history is None:
        return report
    rules = ran(report.rules)
    found = {each.fingerprint for each in report.findings}
    missing = {name: each for name, each in past.open.items() if name not in found and BY_ID.get(each.rule) in rules}
    report = replace(report, known={name: each.since for name, each in past.open.items()})
    if not missing or report.since is not None:
        return report
    pages = {page.identity: page for page in report.pages}
    new = {(each.rule, each.url) for each in report.findings if each.fingerprint not in past.open}
    unreported = [each for each in check(evidence, rules) if each.fingerprint not in found]
    accepted = {each.fingerprint for each in unreported}
    accepted_places = {(each.rule, each.entry, each.url) for each in unreported}
    # What the rules find if no page was seen: another verdict takes its place in this run.
    hidden = found_offline(evidence, rules)

    def is_over(fingerprint: str, each: OpenFinding) -> bool:
        page = pages.get(each.identity)
        if fingerprint in accepted:
            return True
        if fingerprint in hidden:
            return False
        if BY_ID[each.rule].topic is Topic.NEW_ARTICLE:
            return page is not None
        return page is None or (each.rule, each.url) in new or _was_seen(page, BY_ID[each.rule], evidence.seen)

    def is_fixed(each: OpenFinding) -> bool:
        page = pages.get(each.identity)
        is_moot = page is not None and isinstance(page.outcome, Gone) and BY_ID[each.rule].topic is not Topic.DEATH
        is_replaced = (each.rule, each.url) in new or (each.rule, each.entry, each.url) in accepted_places
        return not is_moot and not is_replaced

    ended = {name: each for name, each in missing.items() if is_over(name, each)}
    fixed = (Fixed(each.rule, each.entry, each.url, each.since) for each in ended.values() if is_fixed(each))
    return replace(report, fixed=tuple(fixed), ended=frozenset(ended))


def _was_seen(page: Page, rule: Rule, seen: Observations) -> bool:
    """Return True if this run looked at a page, and would have found there what the rule finds."""
    if not page.verified or page.identity in seen.held_back:
        return False
    if isinstance(page.outcome, Gone):
        return seen.is_confirmed(page.identity)
    in_part = page.article is not None and page.article.partial
    return rule.reads is not Reads.ARTICLE or not in_part
