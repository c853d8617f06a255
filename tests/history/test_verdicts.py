"""Several runs with a history: confirmed deaths, incidents, blocked pages, what is new and what is fixed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from model_catalog import DEAD, FAST, FIRST, IDS, SOURCE, SURE, UNSURE, Runs, gone
from support import ROOT, run_check

from bot.commands.history_file import read_history
from bot.demo.facts import fitting
from bot.demo.server import serve
from bot.demo.world import Fault, World
from bot.history.update import updated
from bot.markdown.parse import parse
from bot.medium.site import MEDIUM
from bot.model.documents import encode_history
from bot.model.history import History
from bot.model.report import Report
from bot.rules.registry import RULES


def test_a_death_counts_on_the_third_date_on_which_it_was_seen() -> None:
    runs = Runs()
    assert [gone(runs.run(DEAD)) for _ in range(3)] == [UNSURE, UNSURE, SURE]


def test_two_runs_on_one_date_count_once() -> None:
    runs = Runs()
    assert [gone(runs.run(DEAD, days=0)) for _ in range(4)] == [UNSURE] * 4


def test_one_living_answer_starts_the_count_again() -> None:
    runs = Runs()
    for _ in range(2):
        runs.run(DEAD)
    assert gone(runs.run()) == []
    assert [gone(runs.run(DEAD)) for _ in range(3)] == [UNSURE, UNSURE, SURE]


@pytest.mark.parametrize("hidden", [Fault.CHALLENGE, Fault.SUSPENDED, Fault.SIGN_IN, Fault.LOOP])
def test_a_run_that_does_not_see_the_page_neither_counts_nor_resets(hidden: Fault) -> None:
    runs = Runs()
    for _ in range(2):
        runs.run(DEAD)
    assert gone(runs.run({IDS[3]: hidden})) == UNSURE  # as it was
    assert gone(runs.run(DEAD)) == SURE


def test_a_blocked_page_keeps_its_verdict_and_the_finding_says_how_old_it_is() -> None:
    runs = Runs()
    seen = [runs.run(DEAD) for _ in range(3)][-1]
    hidden = runs.run({IDS[3]: Fault.CHALLENGE})
    assert gone(hidden) == SURE
    (before,), (now,) = ([each for each in report.findings if each.rule == "link-gone"] for report in (seen, hidden))
    assert now.fingerprint == before.fingerprint
    assert [fact.value for fact in now.facts if fact.kind == "time"] == ["2026-11-03"]
    assert hidden.coverage == 23 / 24
    assert {type(page.outcome).__name__ for page in hidden.pages} == {"Alive", "Blocked"}


def test_many_new_deaths_at_once_are_held_back_for_as_long_as_they_last_and_leave_no_trace() -> None:
    runs = Runs()
    for _ in range(3):
        runs.run(DEAD)
    incident = DEAD | dict.fromkeys(IDS[10:20], Fault.NOT_FOUND)
    for _ in range(4):
        report = runs.run(incident)
        assert gone(report) == SURE  # what was confirmed before stays so
        assert len(report.run.held_back) == 10
    assert gone(runs.run(DEAD)) == SURE
    assert [each for each, page in runs.history.pages.items() if page.deaths] == [f"@ritvik19/{IDS[3]}"]


def test_an_incident_neither_counts_toward_confirmation_nor_resets_it() -> None:
    runs = Runs()
    for _ in range(2):
        runs.run(DEAD)
    incident = runs.run(DEAD | dict.fromkeys(IDS[10:20], Fault.NOT_FOUND))
    assert len(incident.run.held_back) == 11
    assert gone(runs.run(DEAD)) == SURE


def test_where_the_history_was_lost_the_run_calls_nothing_dead_and_a_new_one_begins() -> None:
    for confirm in (0, 1, 3):
        runs = Runs(replace(FAST, confirm=confirm))
        for _ in range(4):
            runs.run(DEAD)
        runs.history, note = read_history(b'{"schema": "bot-state/2", "pages', "state.json", runs.at.date(), MEDIUM)
        assert note is not None
        assert not runs.history.known
        assert gone(runs.run(DEAD)) == UNSURE
        later = [gone(runs.run(DEAD)) for _ in range(2)]
        assert later == ([SURE, SURE] if confirm == 1 else [UNSURE, SURE])


def test_a_finding_is_new_once_and_fixed_once() -> None:
    runs = Runs()
    moved = {IDS[5]: Fault.MOVED}
    first, second, third, fourth = (runs.run(faults) for faults in (moved, moved, {}, {}))
    (fingerprint,) = {each.fingerprint for each in first.findings if each.rule == "link-moved"}
    assert first.known == {}
    assert second.known[fingerprint] == date(2026, 11, 1)
    assert [(each.rule, each.entry, each.since) for each in third.fixed if each.rule == "link-moved"] == [
        ("link-moved", "Model 5", date(2026, 11, 1))
    ]
    assert fourth.fixed == ()


def test_a_finding_on_a_blocked_page_is_not_fixed() -> None:
    runs = Runs()
    runs.run({IDS[5]: Fault.MOVED})
    hidden = runs.run({IDS[5]: Fault.CHALLENGE})
    assert hidden.fixed == ()
    assert [each.entry for each in hidden.findings if each.rule == "link-moved"] == ["Model 5"]


def test_pages_seen_dead_are_asked_first_then_the_least_recently_verified() -> None:
    runs = Runs(replace(FAST, concurrency=1))
    runs.run({IDS[3]: Fault.NOT_FOUND, IDS[7]: Fault.CHALLENGE})
    runs.run()
    asked = [url.rpartition("-")[2] for url in runs.asked if "model-" in url]
    assert asked[:3] == [IDS[3], IDS[7], IDS[0]]


def test_the_report_names_the_oldest_verification_and_counts_runs_that_verified_too_little() -> None:
    runs = Runs()
    blocked = dict.fromkeys(IDS, Fault.CHALLENGE)
    fine = runs.run({IDS[0]: Fault.CHALLENGE})
    assert (fine.run.oldest, fine.run.never, fine.run.low_runs) == (date(2026, 11, 1), 1, 0)
    assert [runs.run(blocked).run.low_runs for _ in range(3)] == [1, 2, 3]
    again = runs.run()
    assert (again.run.oldest, again.run.never, again.run.low_runs) == (date(2026, 11, 5), 0, 0)


def test_pages_that_left_the_catalog_leave_the_history() -> None:
    runs = Runs()
    runs.run(DEAD)
    runs.source = "\n".join(SOURCE.splitlines()[:8]) + "\n"
    runs.run()
    assert len(runs.history.pages) == 4


def test_the_history_of_the_real_catalog_is_small_and_has_a_line_for_each_page_and_run() -> None:
    catalog = parse((ROOT / "catalog" / "README.md").read_bytes(), "catalog/README.md")
    world = World(*fitting(catalog), paragraphs=60)

    async def run() -> Report:
        async with serve(world) as remap:
            return await run_check(catalog, replace(FAST, remap=(remap,)), RULES, history=History(), now=lambda: FIRST)

    history = updated(History(), asyncio.run(run()), FIRST.date(), 0.5)
    written = encode_history(replace(history, runs=history.runs * 400))
    assert len(written) < 200 * 1024
    assert len(written.splitlines()) > 380 + 400
