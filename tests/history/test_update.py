"""The state after a run: what it keeps of the previous one, what it adds, and what it drops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from support import article_of, catalog_of, observe, page_of, report_of

from bot.history import update
from bot.history.update import updated
from bot.model.articles import Article, Feed, FeedItem
from bot.model.codec import encode_line
from bot.model.documents import page_document
from bot.model.findings import Finding, Severity
from bot.model.history import RUNS, History, OpenFinding, PageHistory, RunSummary
from bot.model.pages import Alive, Blocked, Gone, Moved, NotArticle, Outcome, Page, Recovery, Skipped
from bot.model.report import Run
from bot.model.spans import Span
from bot.rules.evidence import Evidence

TODAY, BEFORE = date(2026, 11, 20), date(2026, 11, 10)
STARTED = datetime(2026, 11, 20, 3, 17, 5, tzinfo=UTC)
RUN = Run(STARTED, STARTED, requests=7, retries=0, bytes=0, held_back=("a", "b"))


def url(number: int) -> str:
    return f"https://a.medium.com/x-{number:012x}"


def page(number: int, outcome: Outcome | None = None) -> Page:
    return page_of(url(number), outcome or Alive(article_of(f"{number:012x}", f"X {number}")))


def finding(number: int, rule: str = "fragment-missing", entry: str = "X") -> Finding:
    """A finding on a page; its fingerprint depends on its rule, entry and page."""
    identity = page(number).identity
    return Finding(rule, Severity.WARNING, Span(0, 1), entry, "S", url(number), identity, "a message")


def known(number: int, since: date = BEFORE, rule: str = "fragment-missing") -> OpenFinding:
    return OpenFinding(since, rule, "X", url(number), page(number).identity)


def shown(page: Page) -> Article:
    """Return the article that a page shows, whether or not it is the linked one."""
    article = page.outcome.article if isinstance(page.outcome, Alive | Moved | NotArticle) else None
    assert article is not None
    return article


def run(
    state: History,
    *pages: Page,
    findings: tuple[Finding, ...] = (),
    evidence: Evidence | None = None,
    min_coverage: float = 0.5,
    **more: Any,
) -> History:
    catalog = catalog_of("".join(f"- [X]({each.url})\n" for each in pages))
    seen = evidence or observe(catalog, {each.identity: each for each in pages})
    return updated(state, report_of(catalog, pages, findings, RUN, seen, **more), TODAY, min_coverage)


def evidence_of(*pages: Page, **more: Any) -> Evidence:
    return observe(catalog_of(""), {each.identity: each for each in pages}, **more)


# -- pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "memory"),
    [
        (Alive(None), PageHistory("Alive", TODAY)),
        (Gone("x"), PageHistory("Gone", TODAY, (BEFORE, TODAY))),
        (Blocked("x"), PageHistory("Blocked", BEFORE, (BEFORE,))),
        (Skipped("x", wanted=True), PageHistory("Skipped", BEFORE, (BEFORE,))),
    ],
)
def test_a_page_is_recorded_as_seen_and_keeps_its_dates_if_it_was_not_verified(
    outcome: Outcome, memory: PageHistory
) -> None:
    seen = page(1, outcome)
    state = History(pages={seen.identity: PageHistory("Gone", BEFORE, (BEFORE,))})
    evidence = evidence_of(seen, deaths={seen.identity: (BEFORE, TODAY)})
    assert run(state, seen, evidence=evidence).pages == {seen.identity: memory}


def test_a_page_that_was_never_verified_has_no_date() -> None:
    assert run(History(), page(1, Blocked("x"))).pages == {page(1).identity: PageHistory("Blocked")}
    assert run(History(), page(1, Gone("x"))).pages == {page(1).identity: PageHistory("Gone", TODAY)}


def test_a_skipped_page_keeps_its_history_while_it_is_in_the_catalog() -> None:
    memory = PageHistory("Alive", BEFORE)
    listed, left = page(1, Skipped("excluded")), page(2)
    assert run(History(pages={listed.identity: memory, left.identity: memory}), listed).pages == {
        listed.identity: memory
    }


def test_a_run_over_part_of_the_catalog_changes_only_the_pages_it_saw() -> None:
    memory, open_ = PageHistory("Alive", BEFORE), {"f" * 16: known(2)}
    state = History(pages={page(2).identity: memory}, open=open_, known=False)
    part = run(state, page(1), findings=(finding(1),), since="main")
    assert part == replace(
        state, pages={page(2).identity: memory, page(1).identity: PageHistory("Alive", TODAY)}, known=True
    )


def test_new_addresses_of_dead_articles_are_kept_while_the_pages_are_dead() -> None:
    dead, living, other = page(1, Gone("x")), page(2), page(3, Gone("x"))
    found = (Recovery("https://b.medium.com/x", "X", "a reason"),)
    recoveries = {each.identity: found for each in (dead, living, other, page(4))}
    evidence = evidence_of(dead, living, other, recoveries=recoveries, deaths={dead.identity: (TODAY,)})
    assert run(History(), dead, living, other, evidence=evidence).recoveries == {dead.identity: found}


# -- runs ---------------------------------------------------------------------------------------


def test_a_run_is_recorded_in_figures() -> None:
    state = run(History(), page(1), page(2, Blocked("x")), page(3, Skipped("x")), findings=(finding(1),))
    assert state.runs == (RunSummary("2026-11-20T03:17:05Z", 7, 1, 2, 1, 2, low=False),)


@pytest.mark.parametrize(("min_coverage", "low"), [(0.4, False), (0.5, False), (0.6, True)])
def test_coverage_below_the_minimum_is_low_and_equal_to_it_is_not(min_coverage: float, *, low: bool) -> None:
    assert run(History(), page(1), page(2, Blocked("x")), min_coverage=min_coverage).runs[0].low is low


def test_only_the_latest_runs_are_kept() -> None:
    runs = tuple(RunSummary(str(at), 0, 0, 0, 0, 0, low=False) for at in range(RUNS))
    history = run(History(runs=runs), page(1)).runs
    assert history[:-1] == runs[1:]
    assert len(history) == RUNS


def test_the_feeds_are_those_of_the_run() -> None:
    item = FeedItem("000000000001", "X", page(1).address, None)  # type: ignore[arg-type]
    seen = observe(catalog_of(""), {page(1).identity: page(1)}, feed=(item,))
    after = run(History(feeds={"@b": Feed("", "", ())}), page(1), evidence=seen).feeds
    assert after == seen.seen.feeds
    assert "@b" not in after


# -- findings -----------------------------------------------------------------------------------


def test_a_new_finding_is_open_since_today_and_a_known_one_since_it_was_first_found() -> None:
    first, second = finding(1), finding(2)
    state = History(open={first.fingerprint: known(1)})
    rests_on = {second.fingerprint: "elsewhere"}
    assert run(state, page(1), page(2), findings=(first, second), rests_on=rests_on).open == {
        first.fingerprint: known(1),
        second.fingerprint: OpenFinding(TODAY, "fragment-missing", "X", url(2), "elsewhere"),
    }


def test_findings_that_reports_fold_are_not_kept_as_open() -> None:
    assert run(History(), page(1), findings=(finding(1, "record-missing"),)).open == {}


def test_an_open_finding_stays_until_it_has_ended_or_its_rule_is_unknown() -> None:
    state = History(open={"a" * 16: known(1), "b" * 16: known(2), "c" * 16: known(3, rule="no-such-rule")})
    assert run(state, page(1), ended=frozenset({"b" * 16})).open == {"a" * 16: known(1)}


@pytest.mark.parametrize(("days", "kept"), [(59, True), (60, False), (61, False)])
def test_findings_from_feeds_are_dropped_after_sixty_days(days: int, *, kept: bool) -> None:
    since = TODAY - timedelta(days=days)
    open_ = {"a" * 16: known(1, since, "article-uncatalogued"), "b" * 16: known(1, since)}
    assert set(run(History(open=open_), page(1)).open) == ({"a" * 16, "b" * 16} if kept else {"b" * 16})


def test_the_newest_open_findings_are_kept_if_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update, "_OPEN", 2)
    days = {"a" * 16: 3, "b" * 16: 1, "c" * 16: 2, "d" * 16: 3}
    open_ = {each: known(1, TODAY - timedelta(days=age)) for each, age in days.items()}
    assert list(run(History(open=open_), page(1)).open) == ["b" * 16, "c" * 16]


# -- pages with findings ------------------------------------------------------------------------


def seen_after(state: History, *pages: Page, open_: Mapping[int, date]) -> list[str]:
    """Return the pages kept in full, given open findings on these pages since these dates."""
    kept = run(
        replace(state, open={f"{number:016x}": known(number, since) for number, since in open_.items()}), *pages
    ).seen
    return [each.url for each in kept.values()]


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [
        (Alive(article_of("000000000001", "Now")), "Now"),
        (Moved(article_of("000000000001", "Now"), "https://b.medium.com/x-000000000001"), "Now"),
        (NotArticle("another", article_of("000000000009", "Now")), "Now"),
        (NotArticle("an empty page"), "Then"),
        (Blocked("x"), "Then"),
        (Skipped("x", wanted=True), "Then"),
    ],
)
def test_a_page_that_says_nothing_is_kept_as_last_seen(outcome: Outcome, kept: str) -> None:
    then = page(1, Alive(article_of("000000000001", "Then")))
    state = History(seen={then.identity: then}, open={"a" * 16: known(1)})
    (found,) = run(state, page(1, outcome)).seen.values()
    assert shown(found).title == kept


def test_a_page_without_an_open_finding_is_not_kept() -> None:
    assert run(History(seen={page(1).identity: page(1)}), page(1)).seen == {}


def test_an_open_finding_on_an_unknown_page_keeps_no_page() -> None:
    assert run(History(open={"a" * 16: known(5)}), page(1)).seen == {}


def test_the_dead_are_kept_first_then_those_with_the_newest_findings() -> None:
    open_ = {1: BEFORE, 2: TODAY, 3: BEFORE, 4: BEFORE + timedelta(days=1)}
    pages = [page(1), page(2), page(3, Gone("x")), page(4)]
    assert seen_after(History(), *pages, open_=open_) == [url(3), url(2), url(4), url(1)]


def test_a_page_is_ranked_by_its_newest_finding() -> None:
    state = History(
        open={"a" * 16: known(1, TODAY), "b" * 16: known(1, BEFORE), "c" * 16: known(2, BEFORE + timedelta(1))}
    )
    assert [each.url for each in run(state, page(1), page(2)).seen.values()] == [url(1), url(2)]


def test_pages_are_kept_until_the_room_is_used_and_one_too_large_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = {number: page(number) for number in (1, 3, 4, 5)}
    pages[2] = page(2, Alive(article_of(f"{2:012x}", "A long title " * 200)))
    room = sum(len(encode_line(page_document(pages[number]))) for number in (1, 3, 4))
    monkeypatch.setattr(update, "_SEEN_BYTES", room)  # to the byte
    open_ = {1: TODAY, 2: BEFORE + timedelta(1), 3: BEFORE, 4: BEFORE - timedelta(1), 5: BEFORE - timedelta(2)}
    assert seen_after(History(), *pages.values(), open_=open_) == [url(1), url(3), url(4)]


@pytest.mark.parametrize("kind", ["alive", "moved", "another"])
def test_a_page_is_kept_with_its_article_but_not_how_often_it_was_asked_for(kind: str) -> None:
    article = article_of("000000000001", "X", [("a260", "A heading")])
    outcomes: dict[str, Outcome] = {
        "alive": Alive(article),
        "moved": Moved(article, url(1)),
        "another": NotArticle("x", article),
    }
    outcome = outcomes[kind]
    asked = replace(page(1, outcome), attempts=3)
    (kept,) = run(History(open={"a" * 16: known(1)}), asked).seen.values()
    assert shown(kept) == article
    assert (kept.url, kept.attempts, kept.heard, kept.hops) == (url(1), 1, None, asked.hops)
    assert type(kept.outcome) is type(outcome)
    assert kept.address == asked.address
