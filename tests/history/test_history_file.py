"""The history's file: an unreadable one is reported in one line and kept, and no trouble costs what was found."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli, Done, StandIn
from model_catalog import CATALOG, DEAD, IDS, SOURCE

from bot.checking import pipeline
from bot.commands.history_file import read_history
from bot.demo.facts import fitting
from bot.demo.world import World
from bot.medium.site import MEDIUM
from bot.model.documents import encode_history
from bot.model.history import History, PageHistory
from bot.model.report import Report

WITH_DATE = encode_history(History(pages={"a": PageHistory("Alive", date(2026, 1, 1))})).replace(b"2026-01-01", b"DATE")
OF_AN_OLDER_BOT = b'{"schema": "bot-state/1", "pages": {}, "seen": {}, "open": {}, "history": [], "feeds": {}}'
OTHER_SCHEMA = "the history cannot be read (schema 'bot-state/%s', but this version of the bot reads bot-state/2)"


@pytest.fixture
def check(cli: Cli, stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """Run `check-links` in a folder with the small catalog; some options are always given."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text(SOURCE)
    remap = stand_in(World(*fitting(CATALOG), faults=dict(DEAD), paragraphs=2))
    return lambda *more: cli("check-links", "--rate", "0", "--remap", remap, "--no-progress", *more)


# -- unreadable ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", ""),
        (b"{", ""),
        (b"[]", ""),
        (b"null", ""),
        (b"[" * 100_000, ""),
        (b'{"schema": "bot-state/2"}', "missing required field `pages`"),
        (b'{"schema": "bot-state/1"}', OTHER_SCHEMA % 1),
        (OF_AN_OLDER_BOT, OTHER_SCHEMA % 1),
        (OF_AN_OLDER_BOT.replace(b"bot-state/1", b"bot-state/3"), OTHER_SCHEMA % 3),
        (WITH_DATE.replace(b"DATE", b"2026-01-01").replace(b'"runs"', b'"more": 1, "runs"'), "unknown field `more`"),
        (WITH_DATE.replace(b'"DATE"', b"NaN"), "NaN"),
        (b'{"schema": "bot-state/2", "schema": "bot-state/2"}', "duplicate key"),
        (b"\xff\xfe\x00", ""),
        (WITH_DATE.replace(b"DATE", b"2026-02-31"), "Invalid RFC3339 encoded date - at `$.pages[...].verified`"),
        (WITH_DATE.replace(b"DATE", b"2031-01-01"), "dated 2031-01-01, in the future"),
    ],
)
def test_an_unreadable_history_is_reported_in_one_line_and_kept_beside_the_new_one(
    check: Callable[..., Done], content: bytes, why: str
) -> None:
    Path("state.json").write_bytes(content)
    done = check("--state", "state.json", "-q", "--confirm", "1", "-o", "r.json", "--format", "json")
    assert done.code == 0
    assert done.err.count("\n") == 1
    assert done.err.startswith("state.json: the history cannot be read (")
    assert why in done.err
    assert done.err.endswith("), so nothing is called dead in this run; a new one begins\n")
    assert Path("state.json.unreadable").read_bytes() == content
    data = json.loads(Path("r.json").read_text())
    assert [each["severity"] for each in data["findings"] if each["rule"] == "link-gone"] == ["information"]
    assert data["run"]["notes"] == [done.err.strip()]
    assert read_history(Path("state.json").read_bytes(), "s", datetime.now(UTC).date(), MEDIUM)[1] is None


def test_a_file_too_large_for_a_history_is_kept_whole(check: Callable[..., Done]) -> None:
    with Path("state.json").open("wb") as file:
        file.truncate(50 * 2**20)
    done = check("--state", "state.json", "--exit-zero")
    assert done.code == 0
    assert "(larger than 20 MiB)" in done.err
    assert Path("state.json.unreadable").stat().st_size == 50 * 2**20
    assert len(Path("state.json").read_bytes()) < 20_000


# -- trouble ------------------------------------------------------------------------------------


def test_where_the_history_cannot_be_written_the_report_is_and_the_exit_code_is_3(check: Callable[..., Done]) -> None:
    done = check("--state", "/proc/state.json", "-o", "r.json", "--format", "json")
    assert done.code == 3
    assert "Coverage 100.0%" in done.out
    assert json.loads(Path("r.json").read_text())["schema"] == "bot-report/2"
    first, second = done.err.splitlines()
    assert first.startswith("/proc/state.json: there is no history yet")
    assert second.startswith("bot: /proc/state.json: cannot be written: ")


def test_where_the_report_cannot_be_written_the_history_is(check: Callable[..., Done]) -> None:
    Path("taken").mkdir()
    done = check("--state", "state.json", "-o", "taken")
    assert done.code == 3
    history, note = read_history(Path("state.json").read_bytes(), "s", datetime.now(UTC).date(), MEDIUM)
    assert note is None
    assert len(history.pages) == len(IDS)


def test_a_history_in_a_missing_folder_or_that_is_a_folder_is_refused_before_anything_is_asked(
    check: Callable[..., Done],
) -> None:
    Path("folder").mkdir()
    for place in ("folder", "no/such/state.json"):
        done = check("--state", place)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"bot: {place}: ")
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["README.md", "folder"]


def test_what_another_run_wrote_meanwhile_is_not_lost(
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
    assert check("--state", "state.json", "--exit-zero").code == 0
    history, _ = read_history(Path("state.json").read_bytes(), "s", today, MEDIUM)
    assert [(today - each).days for each in history.deaths(dead)] == [2, 1, 0]
    assert len(history.runs) in (1, 2)  # two runs within a second are one line
