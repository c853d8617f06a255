"""Several runs, the awkward ones: single bad answers, joined histories, pages that are blocked and change."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from model_catalog import CATALOG, DEAD, FAST, IDS, SOURCE, SURE, Runs, gone
from support import ROOT

from bot.checking import pipeline
from bot.demo.facts import fitting
from bot.demo.world import Fault, World
from bot.history.update import joined, updated
from bot.markdown.parse import parse
from bot.model.documents import encode_history
from bot.model.history import DEATHS, kept_deaths
from bot.model.pages import Gone, Page
from bot.model.report import Report

OTHER = "c0ffee000001"
STRANGE = {IDS[5]: "Zebras"}  # no word of the entry's name
MISMATCH = [("name-mismatch", "Model 5")]
BLOCKED = dict.fromkeys(IDS, Fault.CHALLENGE)


def on_branch(source: str = SOURCE, confirm: int = 0) -> Runs:
    return Runs(replace(FAST, confirm=confirm), source=source, branch=True)


def rules(report: Report, *, but: str = "record-missing") -> list[tuple[str, str]]:
    return [(each.rule, each.entry) for each in report.findings if each.rule != but]


def fixed(report: Report) -> list[tuple[str, str]]:
    return [(each.rule, each.entry) for each in report.fixed]


def fingerprints(report: Report, rule: str) -> set[str]:
    return {each.fingerprint for each in report.findings if each.rule == rule}


# -- one bad answer changes nothing -------------------------------------------------------------


def test_a_page_that_looks_gone_in_one_run_keeps_its_other_findings_and_none_is_fixed() -> None:
    runs = on_branch()
    first = runs.run(titles=STRANGE)
    assert rules(first) == MISMATCH
    second = runs.run({IDS[5]: Fault.NOT_FOUND}, titles=STRANGE)
    assert sorted(rules(second)) == [("link-gone", "Model 5"), *MISMATCH]
    assert second.fixed == ()
    third = runs.run(titles=STRANGE)
    assert rules(third) == MISMATCH
    assert fingerprints(third, "name-mismatch") <= set(third.known)
    assert fixed(third) == [("link-gone", "Model 5")]


def test_a_finding_that_is_moot_since_its_page_is_confirmed_dead_is_not_called_fixed() -> None:
    runs = on_branch()
    runs.run(titles=STRANGE)
    reports = [runs.run({IDS[5]: Fault.NOT_FOUND}, titles=STRANGE) for _ in range(4)]
    assert [rules(each) for each in reports[2:]] == [[("link-gone", "Model 5")]] * 2
    assert [each.fixed for each in reports] == [()] * 4


def test_a_death_that_is_confirmed_is_not_called_fixed() -> None:
    runs = on_branch()
    reports = [runs.run(DEAD) for _ in range(5)]
    assert [each.fixed for each in reports] == [()] * 5
    assert fixed(runs.run()) == [("link-gone", "Model 3")]
    assert runs.run().fixed == ()


def test_a_page_that_is_held_back_keeps_its_other_findings() -> None:
    runs = on_branch()
    runs.run(titles=STRANGE)
    incident = dict.fromkeys(IDS[2:12], Fault.NOT_FOUND)
    for _ in range(2):
        report = runs.run(incident, titles=STRANGE)
        assert rules(report) == MISMATCH
        assert report.fixed == ()
    hidden = runs.run(BLOCKED, titles=STRANGE)
    assert rules(hidden) == MISMATCH
    assert fixed(runs.run()) == MISMATCH


def test_an_address_in_another_form_is_not_fixed_by_a_page_that_looks_gone() -> None:
    odd = SOURCE.replace(f"model-5-{IDS[5]}", f"model-5-{IDS[5]}?source=rss-1")
    runs = on_branch(odd)
    assert rules(runs.run()) == [("link-form", "Model 5")]
    second = runs.run({IDS[5]: Fault.NOT_FOUND})
    assert second.fixed == ()
    third = runs.run()
    assert fingerprints(third, "link-form") <= set(third.known)
    runs.source = SOURCE
    assert fixed(runs.run()) == [("link-form", "Model 5")]


# -- blocked pages ------------------------------------------------------------------------------


def test_a_form_that_only_the_page_shows_is_kept_while_the_page_is_blocked() -> None:
    bare = SOURCE.replace(f"model-5-{IDS[5]}", IDS[5])
    runs = on_branch(bare)
    assert rules(runs.run()) == [("link-form", "Model 5")]
    hidden = runs.run({IDS[5]: Fault.CHALLENGE})
    assert rules(hidden) == [("link-form", "Model 5")]
    assert hidden.fixed == ()


def test_another_article_at_the_address_outweighs_the_page_as_it_was_and_is_kept_itself() -> None:
    runs = Runs()
    runs.run(titles=STRANGE)
    moved = replace(fitting(CATALOG)[0][IDS[5]], post_id=OTHER, title="Model 5")
    wrong = World(*fitting(CATALOG), paragraphs=2)
    wrong.facts = {**wrong.facts, IDS[5]: moved}
    report = runs.check(wrong)
    assert ("link-wrong-article", "Model 5") in rules(report)
    assert report.fixed == ()
    runs.keep(report)
    runs.at += timedelta(days=1)
    assert ("link-wrong-article", "Model 5") in rules(runs.run({IDS[5]: Fault.CHALLENGE}))


def test_one_page_too_large_to_keep_does_not_push_the_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.history.update._SEEN_BYTES", 3_000)
    runs = on_branch()
    for _ in range(3):
        runs.run(DEAD, titles={IDS[0]: "Zebras " * 40, IDS[1]: "Gnus"})
    assert {page.outcome.__class__ for page in runs.history.seen.values()} > {Gone}
    report = runs.run(BLOCKED)
    assert gone(report) == SURE


def test_all_pages_of_the_real_catalog_that_have_findings_are_kept() -> None:
    runs = on_branch((ROOT / "catalog" / "README.md").read_text("utf-8"))
    seen = runs.run()
    hidden = runs.run(dict.fromkeys(fitting(parse(runs.source.encode()))[0], Fault.CHALLENGE))
    assert rules(hidden) == rules(seen)
    assert {each.fingerprint for each in hidden.findings if each.rule != "record-missing"} == {
        each.fingerprint for each in seen.findings if each.rule != "record-missing"
    }
    assert len(encode_history(runs.history)) < 120_000


# -- histories joined on the branch -------------------------------------------------------------


def test_a_fixed_finding_is_reported_once_though_the_branch_still_had_it() -> None:
    runs = on_branch()
    runs.run({IDS[5]: Fault.MOVED})
    assert fixed(runs.run()) == [("link-moved", "Model 5")]
    assert [runs.run().fixed for _ in range(2)] == [(), ()]
    assert rules(runs.run(BLOCKED)) == []


@pytest.mark.parametrize("confirm", [1, 3])
def test_a_page_that_lives_again_is_not_dead_when_it_is_blocked(confirm: int) -> None:
    runs = on_branch(confirm=confirm)
    for _ in range(3):
        runs.run(DEAD)
    runs.run()
    assert gone(runs.run({IDS[3]: Fault.CHALLENGE})) == []


def test_a_page_that_left_the_catalog_leaves_the_branch_too() -> None:
    runs = on_branch()
    runs.run(DEAD)
    runs.source = "\n".join(SOURCE.splitlines()[:8]) + "\n"
    runs.run()
    assert len(runs.history.pages) == 4


def test_after_two_runs_side_by_side_the_findings_of_both_are_known() -> None:
    runs = on_branch()
    runs.run()
    base = runs.history
    one = runs.run({IDS[7]: Fault.CHALLENGE}, titles=STRANGE, days=0)
    alone, runs.history = runs.history, base
    runs.at += timedelta(minutes=5)
    runs.run(titles={**STRANGE, IDS[7]: "Gnus"}, days=1)
    runs.history = joined(alone, runs.history)
    assert len(runs.history.runs) == 3
    report = runs.run(titles={**STRANGE, IDS[7]: "Gnus"})
    assert {each.fingerprint for each in report.findings} - set(report.known) == fingerprints(report, "record-missing")
    assert rules(one) == MISMATCH


# -- what was not looked at ---------------------------------------------------------------------


def test_findings_of_other_rules_are_still_known_after_a_run_of_one_rule_however_old() -> None:
    runs = on_branch()
    runs.run(titles=STRANGE, days=100)
    assert runs.run(titles=STRANGE, select=("link-gone",)).fixed == ()
    report = runs.run(titles=STRANGE)
    assert date(2026, 11, 1) in report.known.values()


def test_an_accepted_or_silenced_finding_is_not_called_fixed() -> None:
    runs = on_branch()
    (found,) = fingerprints(runs.run(titles=STRANGE), "name-mismatch")
    assert runs.run(titles=STRANGE, accepted=frozenset({found})).fixed == ()
    runs.run(titles=STRANGE)
    runs.source = SOURCE.replace(
        f"{IDS[5]}) | May 2020 |", f"{IDS[5]}) | May 2020 | <!-- bot: ignore name-mismatch -->"
    )
    assert runs.run(titles=STRANGE).fixed == ()


def test_nobody_looks_for_the_article_of_an_unconfirmed_death() -> None:
    runs = on_branch()
    asked = []
    for _ in range(3):
        assert gone(runs.run(DEAD))
        asked.append(len(runs.asked))
    assert asked[0] == asked[1] == len(IDS) < asked[2]


def test_several_runs_on_one_date_that_verified_too_little_count_once() -> None:
    runs = on_branch()
    assert [runs.run(BLOCKED, days=0).run.low_runs for _ in range(3)] == [1, 1, 1]
    runs.at += timedelta(days=1)
    assert runs.run(BLOCKED).run.low_runs == 2


class _Counting(pipeline.Observer):
    """Ends a run after some pages."""

    def __init__(self, most: int, stop: asyncio.Event) -> None:
        self.left, self.stop = most, stop

    def answered(self, page: Page, requests: int) -> None:
        del page, requests
        self.left -= 1
        if not self.left:
            self.stop.set()


def test_a_run_too_short_for_all_pages_leaves_the_others_to_the_next() -> None:
    runs = Runs(replace(FAST, concurrency=1), branch=True)
    seen: set[str] = set()
    for _ in range(3):
        stop = asyncio.Event()
        report = runs.check(World(*fitting(CATALOG), paragraphs=2), observer=_Counting(8, stop), stop=stop)
        runs.keep(report)
        runs.at += timedelta(days=1)
        asked = {page.identity for page in report.pages if page.verified}
        assert len(asked) == 8
        assert not asked & seen
        seen |= asked
        assert report.run.never == len(IDS) - len(seen)
    assert len(seen) == len(IDS)


def test_a_run_of_some_lines_changes_the_history_of_their_pages_alone() -> None:
    runs = on_branch()
    runs.run(titles=STRANGE)
    before = runs.history
    world = World(*fitting(CATALOG), faults=dict(DEAD), paragraphs=2)
    (line,) = [at for at, text in enumerate(SOURCE.splitlines(), 1) if IDS[3] in text]
    report = runs.check(world, lines={line})
    history = updated(before, report, runs.at.date(), 0.5)
    assert report.fixed == ()
    changed = {each for each in history.pages if history.pages[each] != before.pages[each]}
    assert changed == {f"@ritvik19/{IDS[3]}"}
    assert replace(history, pages=before.pages) == before


def test_the_first_date_of_a_long_death_is_always_kept() -> None:
    dates = [date(2026, 1, 1) + timedelta(days=day) for day in range(100)]
    kept: tuple[date, ...] = ()
    for each in dates:
        kept = kept_deaths((*kept, each))
    assert len(kept) == DEATHS
    assert (kept[0], kept[1:]) == (dates[0], tuple(dates[-DEATHS + 1 :]))
