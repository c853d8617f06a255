"""Several nights with a memory: confirmation, incidents, what a wall hides, what is new and what is mended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from bot.model.runs import History, PageHistory
from bot.runs.update import updated
from conftest import Cli, StandIn
from support import ROOT, run_check

from bot.commands.history_file import read_history
from bot.config import Settings
from bot.demo.facts import fitting
from bot.demo.server import serve
from bot.demo.world import Fault, World
from bot.markdown.parse import parse
from bot.medium.site import MEDIUM
from bot.model.documents import encode_history
from bot.model.findings import Severity
from bot.model.report import Report
from bot.rules.registry import RULES

FAST = Settings(rate=0.0, concurrency=16, timeout=2.0)
IDS = [f"{number:012x}" for number in range(0xA00000000000, 0xA00000000000 + 24)]
SOURCE = "# C\n\n| Paper | Date |\n|---|---|\n" + "".join(
    f"| [Model {at}](https://medium.com/@ritvik19/model-{at}-{post_id}) | May 2020 |\n"
    for at, post_id in enumerate(IDS)
)
CATALOG = parse(SOURCE.encode(), "catalog.md")
FIRST = datetime(2026, 11, 1, 3, 17, tzinfo=UTC)


class Nights:
    """Runs one night after another; `state` is what the last one left, through its file's bytes."""

    def __init__(self, settings: Settings = FAST) -> None:
        self.settings = settings
        self.state: History = History(known=True)
        self.at = FIRST

    def night(self, faults: Mapping[str, Fault] | None = None, *, days: int = 1, source: str = SOURCE) -> Report:
        catalog = parse(source.encode(), "catalog.md")
        world = World(*fitting(CATALOG), faults=dict(faults or {}), paragraphs=2)

        async def run() -> Report:
            async with serve(world) as remap:
                return await run_check(
                    catalog, replace(self.settings, remap=(remap,)), RULES, state=self.state, now=lambda: self.at
                )

        report = asyncio.run(run())
        state = updated(self.state, report, self.at.date(), self.settings.min_coverage)
        self.state, trouble = read_history(encode_history(state), "state.json", self.at.date(), MEDIUM)
        assert trouble is None
        assert self.state == state
        self.at += timedelta(days=days)
        return report


def gone(report: Report) -> list[tuple[str, Severity]]:
    return [(finding.entry, finding.severity) for finding in report.findings if finding.rule == "link-gone"]


DEAD = {IDS[3]: Fault.NOT_FOUND}
UNSURE, SURE = [("Model 3", Severity.INFORMATION)], [("Model 3", Severity.ERROR)]


def test_a_death_counts_on_the_third_date_on_which_it_was_seen() -> None:
    nights = Nights()
    assert [gone(nights.night(DEAD)) for _ in range(3)] == [UNSURE, UNSURE, SURE]


def test_two_runs_on_one_date_count_once() -> None:
    nights = Nights()
    assert [gone(nights.night(DEAD, days=0)) for _ in range(4)] == [UNSURE] * 4


def test_one_living_answer_begins_anew() -> None:
    nights = Nights()
    for _ in range(2):
        nights.night(DEAD)
    assert gone(nights.night()) == []
    assert [gone(nights.night(DEAD)) for _ in range(3)] == [UNSURE, UNSURE, SURE]


@pytest.mark.parametrize("hidden", [Fault.WALL, Fault.SUSPENDED, Fault.SIGN_IN, Fault.LOOP])
def test_a_night_that_does_not_see_the_page_neither_counts_nor_resets(hidden: Fault) -> None:
    nights = Nights()
    for _ in range(2):
        nights.night(DEAD)
    assert gone(nights.night({IDS[3]: hidden})) == UNSURE  # as it was
    assert gone(nights.night(DEAD)) == SURE


def test_what_a_wall_hides_keeps_its_verdict_and_says_how_old_it_is() -> None:
    nights = Nights()
    seen = [nights.night(DEAD) for _ in range(3)][-1]
    hidden = nights.night({IDS[3]: Fault.WALL})
    assert gone(hidden) == SURE
    (before,), (now,) = ([each for each in report.findings if each.rule == "link-gone"] for report in (seen, hidden))
    assert now.fingerprint == before.fingerprint
    assert [fact.value for fact in now.facts if fact.kind == "time"] == ["2026-11-03"]
    assert hidden.coverage == 23 / 24
    assert {type(page.outcome).__name__ for page in hidden.pages} == {"Alive", "Blocked"}


def test_many_new_deaths_at_once_are_held_back_for_as_long_as_they_last_and_leave_no_trace() -> None:
    nights = Nights()
    for _ in range(3):
        nights.night(DEAD)
    incident = DEAD | dict.fromkeys(IDS[10:20], Fault.NOT_FOUND)
    for _ in range(4):
        report = nights.night(incident)
        assert gone(report) == SURE  # what was confirmed before stays so
        assert len(report.run.held_back) == 10
    assert gone(nights.night(DEAD)) == SURE
    assert [each for each, page in nights.state.pages.items() if page.deaths] == [f"@ritvik19/{IDS[3]}"]


def test_an_incident_neither_counts_for_nor_resets_a_streak_that_was_there() -> None:
    nights = Nights()
    for _ in range(2):
        nights.night(DEAD)
    incident = nights.night(DEAD | dict.fromkeys(IDS[10:20], Fault.NOT_FOUND))
    assert len(incident.run.held_back) == 11
    assert gone(nights.night(DEAD)) == SURE


def test_a_lost_memory_calls_nothing_dead_that_night_and_begins_anew() -> None:
    for confirm in (0, 1, 3):
        nights = Nights(replace(FAST, confirm=confirm))
        for _ in range(4):
            nights.night(DEAD)
        nights.state, trouble = read_history(
            b'{"schema": "bot-state/1", "pages', "state.json", nights.at.date(), MEDIUM
        )
        assert trouble is not None
        assert not nights.state.known
        assert gone(nights.night(DEAD)) == UNSURE
        later = [gone(nights.night(DEAD)) for _ in range(2)]
        assert later == ([SURE, SURE] if confirm == 1 else [UNSURE, SURE])


def test_what_is_new_open_and_mended_is_told_once() -> None:
    nights = Nights()
    moved = {IDS[5]: Fault.MOVED}
    first, second, third, fourth = (nights.night(faults) for faults in (moved, moved, {}, {}))
    (print_,) = {each.fingerprint for each in first.findings if each.rule == "link-moved"}
    assert first.known == {}
    assert second.known[print_] == date(2026, 11, 1)
    assert [(each.rule, each.entry, each.since) for each in third.fixed if each.rule == "link-moved"] == [
        ("link-moved", "Model 5", date(2026, 11, 1))
    ]
    assert fourth.fixed == ()


def test_what_is_hidden_is_not_mended() -> None:
    nights = Nights()
    nights.night({IDS[5]: Fault.MOVED})
    hidden = nights.night({IDS[5]: Fault.WALL})
    assert hidden.fixed == ()
    assert [each.entry for each in hidden.findings if each.rule == "link-moved"] == ["Model 5"]


def test_pages_with_a_streak_go_first_then_the_longest_unverified() -> None:
    nights = Nights(replace(FAST, concurrency=1))
    nights.night({IDS[3]: Fault.NOT_FOUND, IDS[7]: Fault.WALL})
    world = World(*fitting(CATALOG), paragraphs=2)

    async def run() -> None:
        async with serve(world) as remap:
            settings = replace(nights.settings, remap=(remap,))
            await run_check(CATALOG, settings, RULES, state=nights.state, now=lambda: nights.at)

    asyncio.run(run())
    asked = [url.rpartition("-")[2] for url in world.asked if "model-" in url]
    assert asked[:3] == [IDS[3], IDS[7], IDS[0]]


def test_the_report_says_how_old_the_oldest_word_is_and_how_long_too_little_was_seen() -> None:
    nights = Nights()
    walled = dict.fromkeys(IDS, Fault.WALL)
    fine = nights.night({IDS[0]: Fault.WALL})
    assert (fine.run.oldest, fine.run.never, fine.run.low_runs) == (date(2026, 11, 1), 1, 0)
    assert [nights.night(walled).run.low_runs for _ in range(3)] == [1, 2, 3]
    again = nights.night()
    assert (again.run.oldest, again.run.never, again.run.low_runs) == (date(2026, 11, 5), 0, 0)


def test_pages_that_left_the_catalog_are_forgotten() -> None:
    nights = Nights()
    nights.night(DEAD)
    nights.night(source="\n".join(SOURCE.splitlines()[:8]) + "\n")
    assert len(nights.state.pages) == 4


WITH_DATE = encode_history(History(pages={"a": PageHistory("Alive", date(2026, 1, 1))})).replace(b"2026-01-01", b"DATE")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"schema": "bot-state/2"}',
        b'{"schema": "bot-state/1"}',
        b"[" * 100_000,
        b'{"schema": "bot-state/1", "pages": {}, "seen": {}, "open": {}, "history": [], "feeds": {}, "more": 1}',
        b'{"schema": "bot-state/1", "pages": {"a": {"outcome": "Gone", "verified": NaN}}}',
        b'{"schema": "bot-state/1", "schema": "bot-state/1"}',
        b"\xff\xfe\x00",
        WITH_DATE.replace(b"DATE", b"2026-02-31"),
        WITH_DATE.replace(b"DATE", b"2031-01-01"),
    ],
)
def test_a_state_that_cannot_be_read_is_said_in_one_line_and_kept_beside_the_new_one(
    cli: Cli, stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text(SOURCE)
    (tmp_path / "state.json").write_bytes(content)
    world = World(*fitting(CATALOG), faults=dict(DEAD), paragraphs=2)
    arguments = ("--rate", "0", "--confirm", "1", "--remap", stand_in(world), "--no-progress")
    done = cli("check-links", "--state", "state.json", "-q", *arguments, "-o", "r.json", "--format", "json")
    assert done.code == 0
    assert done.err.count("\n") == 1
    assert done.err.startswith("state.json: the state ")
    assert (tmp_path / "state.json.unreadable").read_bytes() == content
    data = json.loads((tmp_path / "r.json").read_text())
    assert [each["severity"] for each in data["findings"] if each["rule"] == "link-gone"] == ["information"]
    assert len(data["run"]["notes"]) == 1
    assert read_history((tmp_path / "state.json").read_bytes(), "s", datetime.now(UTC).date(), MEDIUM)[1] is None


def test_the_real_catalogs_memory_is_small_and_reads_line_by_line() -> None:
    catalog = parse((ROOT / "catalog" / "README.md").read_bytes(), "catalog/README.md")
    world = World(*fitting(catalog), paragraphs=60)

    async def run() -> Report:
        async with serve(world) as remap:
            return await run_check(catalog, replace(FAST, remap=(remap,)), RULES, state=History(), now=lambda: FIRST)

    state = updated(History(), asyncio.run(run()), FIRST.date(), 0.5)
    nights = replace(state, history=state.runs * 400)
    written = encode_history(nights)
    assert len(written) < 200 * 1024
    assert len(written.splitlines()) > 380 + 400
