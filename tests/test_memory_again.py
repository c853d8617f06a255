"""Several nights with a memory, the awkward ones: single bad answers, joined memories, pages that hide and change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bot.model.runs import DEATHS, History, PageHistory, kept_deaths
from bot.runs.join import joined
from bot.runs.update import updated
from conftest import Cli, Done, StandIn
from support import ROOT, run_check
from test_memory import CATALOG, DEAD, FAST, FIRST, IDS, SOURCE, SURE, gone

from bot.checking import pipeline
from bot.commands.history_file import read_history
from bot.config import Settings
from bot.demo.facts import Facts, fitting
from bot.demo.server import serve
from bot.demo.world import Fault, World
from bot.markdown.parse import parse
from bot.medium.site import MEDIUM
from bot.model.documents import encode_history
from bot.model.pages import Gone, Page
from bot.model.report import Report
from bot.rules.registry import chosen

OTHER = "c0ffee000001"


class Nights:
    """Runs one night after another; what is remembered is joined with what was there, as on the branch."""

    def __init__(self, settings: Settings = FAST, *, source: str = SOURCE) -> None:
        self.settings, self.source = settings, source
        self.state = History()
        self.at = FIRST
        self.asked: list[str] = []

    def night(
        self,
        faults: Mapping[str, Fault] | None = None,
        *,
        titles: Mapping[str, str] | None = None,
        days: int = 1,
        select: tuple[str, ...] = (),
        accepted: frozenset[str] = frozenset(),
    ) -> Report:
        catalog = parse(self.source.encode(), "catalog.md")
        facts, others = fitting(catalog)
        for post_id, title in (titles or {}).items():
            facts[post_id] = _titled(facts[post_id], title)
        world = World(facts, others, faults=dict(faults or {}), paragraphs=2)
        settings = replace(self.settings, select=select)

        async def run() -> Report:
            async with serve(world) as remap:
                return await run_check(
                    catalog,
                    replace(settings, remap=(remap,)),
                    chosen(select, ()),
                    state=self.state,
                    accepted=accepted,
                    now=lambda: self.at,
                )

        report = asyncio.run(run())
        mine = updated(self.state, report, self.at.date(), settings.min_coverage)
        self.state, trouble = read_history(
            encode_history(joined(self.state, mine)), "state.json", self.at.date(), MEDIUM
        )
        assert trouble is None
        assert self.state == joined(self.state, self.state) == joined(mine, self.state)
        self.asked = [url for url in world.asked if not url.endswith("robots.txt")]
        self.at += timedelta(days=days)
        return report


def _titled(facts: Facts, title: str) -> Facts:
    headings = ((facts.headings[0][0], facts.headings[0][1], title), *facts.headings[1:])
    return replace(facts, title=title, headings=headings)


def rules(report: Report, *, but: str = "record-missing") -> list[tuple[str, str]]:
    return [(each.rule, each.entry) for each in report.findings if each.rule != but]


def mended(report: Report) -> list[tuple[str, str]]:
    return [(each.rule, each.entry) for each in report.fixed]


STRANGE = {IDS[5]: "Zebras"}  # no word of the entry's name
MISMATCH = [("name-mismatch", "Model 5")]


# -- one bad answer is no event -----------------------------------------------------------------


def test_a_page_that_looks_gone_for_a_night_keeps_its_other_findings_and_none_is_mended() -> None:
    nights = Nights()
    first = nights.night(titles=STRANGE)
    assert rules(first) == MISMATCH
    second = nights.night({IDS[5]: Fault.NOT_FOUND}, titles=STRANGE)
    assert sorted(rules(second)) == [("link-gone", "Model 5"), *MISMATCH]
    assert second.fixed == ()
    third = nights.night(titles=STRANGE)
    assert rules(third) == MISMATCH
    assert {each.fingerprint for each in third.findings if each.rule == "name-mismatch"} <= set(third.known)
    assert mended(third) == [("link-gone", "Model 5")]


def test_what_is_moot_since_its_page_is_surely_gone_is_not_called_mended() -> None:
    nights = Nights()
    nights.night(titles=STRANGE)
    reports = [nights.night({IDS[5]: Fault.NOT_FOUND}, titles=STRANGE) for _ in range(4)]
    assert [rules(each) for each in reports[2:]] == [[("link-gone", "Model 5")]] * 2
    assert [each.fixed for each in reports] == [()] * 4


def test_a_death_that_is_confirmed_is_not_called_mended() -> None:
    nights = Nights()
    reports = [nights.night(DEAD) for _ in range(5)]
    assert [each.fixed for each in reports] == [()] * 5
    assert mended(nights.night()) == [("link-gone", "Model 3")]
    assert nights.night().fixed == ()


def test_what_is_held_back_keeps_its_other_findings() -> None:
    nights = Nights()
    nights.night(titles=STRANGE)
    incident = dict.fromkeys(IDS[2:12], Fault.NOT_FOUND)
    for _ in range(2):
        report = nights.night(incident, titles=STRANGE)
        assert rules(report) == MISMATCH
        assert report.fixed == ()
    hidden = nights.night(dict.fromkeys(IDS, Fault.WALL), titles=STRANGE)
    assert rules(hidden) == MISMATCH
    assert mended(nights.night()) == MISMATCH


def test_an_address_in_another_form_is_not_mended_by_a_page_that_looks_gone() -> None:
    odd = SOURCE.replace(f"model-5-{IDS[5]}", f"model-5-{IDS[5]}?source=rss-1")
    nights = Nights(source=odd)
    assert rules(nights.night()) == [("link-form", "Model 5")]
    second = nights.night({IDS[5]: Fault.NOT_FOUND})
    assert second.fixed == ()
    third = nights.night()
    assert {each.fingerprint for each in third.findings if each.rule == "link-form"} <= set(third.known)
    nights.source = SOURCE
    assert mended(nights.night()) == [("link-form", "Model 5")]


# -- hidden pages -------------------------------------------------------------------------------


def test_a_form_that_only_the_page_tells_is_remembered_behind_a_wall() -> None:
    bare = SOURCE.replace(f"model-5-{IDS[5]}", IDS[5])
    nights = Nights(source=bare)
    assert rules(nights.night()) == [("link-form", "Model 5")]
    hidden = nights.night({IDS[5]: Fault.WALL})
    assert rules(hidden) == [("link-form", "Model 5")]
    assert hidden.fixed == ()


def test_another_article_at_the_address_is_seen_through_what_is_remembered_and_is_remembered_itself() -> None:
    nights = Nights()
    nights.night(titles=STRANGE)
    moved = replace(fitting(CATALOG)[0][IDS[5]], post_id=OTHER, title="Model 5")
    wrong = World(*fitting(CATALOG), paragraphs=2)
    wrong.facts = {**wrong.facts, IDS[5]: moved}

    async def run() -> Report:
        async with serve(wrong) as remap:
            settings = replace(FAST, remap=(remap,))
            return await run_check(CATALOG, settings, chosen((), ()), state=nights.state, now=lambda: nights.at)

    report = asyncio.run(run())
    assert ("link-wrong-article", "Model 5") in rules(report)
    assert report.fixed == ()
    nights.state = updated(nights.state, report, nights.at.date(), 0.5)
    nights.at += timedelta(days=1)
    assert ("link-wrong-article", "Model 5") in rules(nights.night({IDS[5]: Fault.WALL}))


def test_one_page_too_large_to_remember_does_not_push_the_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runs.update._SEEN_BYTES", 3_000)
    nights = Nights()
    for _ in range(3):
        nights.night(DEAD, titles={IDS[0]: "Zebras " * 40, IDS[1]: "Gnus"})
    assert {page.outcome.__class__ for page in nights.state.seen.values()} > {Gone}
    report = nights.night(dict.fromkeys(IDS, Fault.WALL))
    assert gone(report) == SURE


def test_the_real_catalogs_pages_with_findings_are_all_remembered() -> None:
    nights = Nights(source=(ROOT / "catalog" / "README.md").read_text("utf-8"))
    seen = nights.night()
    hidden = nights.night(dict.fromkeys(fitting(parse(nights.source.encode()))[0], Fault.WALL))
    assert rules(hidden) == rules(seen)
    assert {each.fingerprint for each in hidden.findings if each.rule != "record-missing"} == {
        each.fingerprint for each in seen.findings if each.rule != "record-missing"
    }
    assert len(encode_history(nights.state)) < 120_000


# -- what is joined on the branch ---------------------------------------------------------------


def test_what_was_mended_is_told_once_though_the_branch_still_knew_it() -> None:
    nights = Nights()
    nights.night({IDS[5]: Fault.MOVED})
    assert mended(nights.night()) == [("link-moved", "Model 5")]
    assert [nights.night().fixed for _ in range(2)] == [(), ()]
    assert rules(nights.night(dict.fromkeys(IDS, Fault.WALL))) == []


@pytest.mark.parametrize("confirm", [1, 3])
def test_a_page_that_lives_again_is_not_dead_behind_a_wall(confirm: int) -> None:
    nights = Nights(replace(FAST, confirm=confirm))
    for _ in range(3):
        nights.night(DEAD)
    nights.night()
    assert gone(nights.night({IDS[3]: Fault.WALL})) == []


def test_a_page_that_left_the_catalog_leaves_the_branch_too() -> None:
    nights = Nights()
    nights.night(DEAD)
    nights.source = "\n".join(SOURCE.splitlines()[:8]) + "\n"
    nights.night()
    assert len(nights.state.pages) == 4


def test_of_two_runs_side_by_side_each_finding_is_known_afterwards() -> None:
    nights = Nights()
    nights.night()
    base = nights.state
    one = nights.night({IDS[7]: Fault.WALL}, titles=STRANGE, days=0)
    alone, nights.state = nights.state, base
    nights.at += timedelta(minutes=5)
    nights.night(titles={**STRANGE, IDS[7]: "Gnus"}, days=1)
    nights.state = joined(alone, nights.state)
    assert len(nights.state.runs) == 3
    report = nights.night(titles={**STRANGE, IDS[7]: "Gnus"})
    assert {each.fingerprint for each in report.findings} - set(report.known) == {
        each.fingerprint for each in report.findings if each.rule == "record-missing"
    }
    assert rules(one) == MISMATCH


# -- what was not looked at ---------------------------------------------------------------------


def test_what_other_rules_found_is_still_known_after_a_run_of_one_rule_however_old() -> None:
    nights = Nights()
    nights.night(titles=STRANGE, days=100)
    assert nights.night(titles=STRANGE, select=("link-gone",)).fixed == ()
    report = nights.night(titles=STRANGE)
    assert date(2026, 11, 1) in report.known.values()


def test_what_is_accepted_or_silenced_is_not_called_mended() -> None:
    nights = Nights()
    (found,) = [each for each in nights.night(titles=STRANGE).findings if each.rule == "name-mismatch"]
    assert nights.night(titles=STRANGE, accepted=frozenset({found.fingerprint})).fixed == ()
    nights.night(titles=STRANGE)
    nights.source = SOURCE.replace(
        f"{IDS[5]}) | May 2020 |", f"{IDS[5]}) | May 2020 | <!-- bot: ignore name-mismatch -->"
    )
    assert nights.night(titles=STRANGE).fixed == ()


def test_an_unconfirmed_death_costs_no_search_for_where_the_article_lives_now() -> None:
    nights = Nights()
    asked = []
    for _ in range(3):
        assert gone(nights.night(DEAD))
        asked.append(len(nights.asked))
    assert asked[0] == asked[1] == len(IDS) < asked[2]


def test_several_runs_on_one_date_that_saw_too_little_are_one_night() -> None:
    nights = Nights()
    walled = dict.fromkeys(IDS, Fault.WALL)
    assert [nights.night(walled, days=0).run.low_runs for _ in range(3)] == [1, 1, 1]
    nights.at += timedelta(days=1)
    assert nights.night(walled).run.low_runs == 2


def test_a_night_too_short_for_all_pages_leaves_the_others_to_the_next() -> None:
    nights = Nights(replace(FAST, concurrency=1))
    seen: set[str] = set()
    for _ in range(3):
        stop = pipeline.Stop()
        report = _cut_after(nights, 8, stop)
        asked = {page.identity for page in report.pages if page.verified}
        assert len(asked) == 8
        assert not asked & seen
        seen |= asked
        assert report.run.never == len(IDS) - len(seen)
    assert len(seen) == len(IDS)


class _Counting(pipeline.Silent):
    def __init__(self, most: int, stop: pipeline.Stop) -> None:
        self.left, self.stop = most, stop

    def answered(self, page: Page, requests: int) -> None:
        del page, requests
        self.left -= 1
        if not self.left:
            self.stop.set()


def _cut_after(nights: Nights, most: int, stop: pipeline.Stop) -> Report:
    """Run a night that is interrupted after some pages."""
    world = World(*fitting(CATALOG), paragraphs=2)

    async def run() -> Report:
        async with serve(world) as remap:
            settings = replace(nights.settings, remap=(remap,))
            return await run_check(
                CATALOG,
                settings,
                chosen((), ()),
                state=nights.state,
                observer=_Counting(most, stop),
                stop=stop,
                now=lambda: nights.at,
            )

    report = asyncio.run(run())
    nights.state = joined(nights.state, updated(nights.state, report, nights.at.date(), 0.5))
    nights.at += timedelta(days=1)
    return report


# -- the file -----------------------------------------------------------------------------------


@pytest.fixture
def check(cli: Cli, stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run `check-links` with a state in a folder with the small catalog; some options are given always."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text(SOURCE)
    remap = stand_in(World(*fitting(CATALOG), faults=dict(DEAD), paragraphs=2))
    return lambda *more: cli("check-links", "--rate", "0", "--remap", remap, "--no-progress", "--exit-zero", *more)


def test_a_state_that_cannot_be_written_costs_no_report_and_ends_with_3(check: Callable[..., Done]) -> None:
    done = check("--state", "/proc/state.json", "-o", "r.json", "--format", "json")
    assert done.code == 3
    assert "Coverage 100.0%" in done.out
    assert json.loads(Path("r.json").read_text())["schema"] == "bot-report/1"
    first, second = done.err.splitlines()
    assert first.startswith("/proc/state.json: there is no state yet")
    assert second.startswith("bot: /proc/state.json: cannot be written: ")


def test_a_report_that_cannot_be_written_costs_no_memory(check: Callable[..., Done]) -> None:
    Path("taken").mkdir()
    done = check("--state", "state.json", "-o", "taken")
    assert done.code == 3
    state, trouble = read_history(Path("state.json").read_bytes(), "s", datetime.now(UTC).date(), MEDIUM)
    assert trouble is None
    assert len(state.pages) == len(IDS)


def test_a_state_in_no_folder_or_that_is_one_is_refused_before_anything_is_asked(check: Callable[..., Done]) -> None:
    Path("folder").mkdir()
    for place in ("folder", "no/such/state.json"):
        done = check("--state", place)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"bot: {place}: ")
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["README.md", "folder"]


def test_a_state_too_large_to_be_one_is_kept_whole(check: Callable[..., Done]) -> None:
    with Path("state.json").open("wb") as file:
        file.truncate(50 * 2**20)
    done = check("--state", "state.json")
    assert done.code == 0
    assert "it is larger than 20 MiB" in done.err
    assert Path("state.json.unreadable").stat().st_size == 50 * 2**20
    assert len(Path("state.json").read_bytes()) < 20_000


def test_what_a_run_beside_this_one_wrote_is_not_lost(
    check: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.now(UTC).date()
    dead = f"@ritvik19/{IDS[3]}"
    check("--state", "state.json")
    run = pipeline.run

    def run_beside(*given: Any, **more: Any) -> Awaitable[Report]:
        page = PageHistory("Gone", today - timedelta(days=1), (today - timedelta(days=2), today - timedelta(days=1)))
        Path("state.json").write_bytes(encode_history(History(pages={dead: page})))
        return run(*given, **more)

    monkeypatch.setattr(pipeline, "run", run_beside)
    assert check("--state", "state.json").code == 0
    state, _ = read_history(Path("state.json").read_bytes(), "s", today, MEDIUM)
    assert [(today - each).days for each in state.deaths(dead)] == [2, 1, 0]
    assert len(state.runs) in (1, 2)  # two runs within a second are one line


def test_a_run_of_some_lines_remembers_their_pages_and_nothing_else() -> None:
    nights = Nights()
    nights.night(titles=STRANGE)
    before = nights.state
    world = World(*fitting(CATALOG), faults=dict(DEAD), paragraphs=2)
    (line,) = [at for at, text in enumerate(SOURCE.splitlines(), 1) if IDS[3] in text]

    async def run() -> Report:
        async with serve(world) as remap:
            settings = replace(FAST, remap=(remap,))
            return await run_check(CATALOG, settings, chosen((), ()), lines={line}, state=before, now=lambda: nights.at)

    report = asyncio.run(run())
    state = updated(before, report, nights.at.date(), 0.5)
    assert report.fixed == ()
    changed = {each for each in state.pages if state.pages[each] != before.pages[each]}
    assert changed == {f"@ritvik19/{IDS[3]}"}
    assert replace(state, pages=before.pages) == before


def test_the_first_date_of_a_long_death_is_never_forgotten() -> None:
    dates = [date(2026, 1, 1) + timedelta(days=day) for day in range(100)]
    kept: tuple[date, ...] = ()
    for each in dates:
        kept = kept_deaths((*kept, each))
    assert len(kept) == DEATHS
    assert (kept[0], kept[1:]) == (dates[0], tuple(dates[-DEATHS + 1 :]))
