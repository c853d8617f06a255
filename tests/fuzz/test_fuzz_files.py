"""The bot's own files, broken or made by somebody else: an unreadable one is named in one line, and changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from fuzz.case import blocks, hold, hold_bytes
from fuzz.mutation import mutated_json
from fuzz.own_files import BASELINE, BY_HAND, IN_RECORDS, PROJECT, RECORDS, SETTINGS, TOML
from msgspec.structs import asdict
from support import record_of

from bot.checking.evaluate import read_baseline, written_baseline
from bot.config import Settings, checked, read_settings
from bot.errors import BotError, UsageError
from bot.http.addresses import read_remap, route
from bot.model.records import read_records


def one_line(error: BotError, name: str) -> None:
    """See that an error is one line of a bearable length that names its file."""
    text = str(error)
    assert name in text
    assert len(text.splitlines()) == 1
    assert len(text) < 2_000


# -- settings -------------------------------------------------------------------------------------


def test_the_seeds_are_good(tmp_path: Path) -> None:
    (tmp_path / "bot.toml").write_bytes(SETTINGS)
    (tmp_path / "pyproject.toml").write_bytes(PROJECT)
    assert read_settings(tmp_path / "bot.toml") == read_settings(tmp_path / "pyproject.toml") != Settings()


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
@blocks("settings", 250)
def test_any_settings_file_is_read_or_refused(numbers: range, tmp_path: Path) -> None:
    def check(source: bytes) -> None:
        for name in ("bot.toml", "pyproject.toml"):
            path = tmp_path / name
            path.write_bytes(source)
            try:
                settings = read_settings(path)
            except UsageError as error:
                one_line(error, str(path))
            else:
                assert isinstance(settings, Settings)
                for text in settings.remap:
                    remapped(text)

    hold_bytes("settings", numbers, (SETTINGS, PROJECT, b"", b"[tool.bot]\nrate = 1\n"), check, TOML)


def remapped(text: str) -> None:
    try:
        remap = read_remap(text)
    except UsageError as error:
        one_line(error, "remap")
        return
    route("https://medium.com/p/31e59abc0615", [remap])


@pytest.mark.parametrize(
    "value", [10**400, -(10**400), float("inf"), float("nan"), 1e308, -1e-9, True, "1", [1], {}, None]
)
@pytest.mark.parametrize("key", ["rate", "timeout", "concurrency", "min-coverage", "max-time", "confirm"])
def test_a_number_out_of_reach_is_refused(key: str, value: object) -> None:
    with pytest.raises(UsageError) as caught:
        checked(key, value)
    one_line(caught.value, key)


# -- records --------------------------------------------------------------------------------------


def recorded(source: bytes) -> None:
    """Read records; if they can be read, change each value of each, and add one: nothing else changes."""
    try:
        records = read_records(source, "articles.jsonl")
    except UsageError as error:
        one_line(error, "articles.jsonl:")
        return
    for post_id, record in records.by_id.items():
        for key, value in (("title", 'new, "url": "é'), ("published", "2026-01-01"), ("published", None)):
            edit = records.change(post_id, key, value)
            after_ = read_records(source[: edit.span.start] + edit.replacement + source[edit.span.stop :], "x")
            assert {**asdict(record), key: value} == asdict(after_.by_id[post_id])
            assert {**after_.by_id, post_id: record} == dict(records.by_id)
    new = record_of("0123456789ab", "https://medium.com/p/0123456789ab", "new")
    if new.post_id not in records.by_id:
        edit = records.addition(new)
        after_ = read_records(source[: edit.span.start] + edit.replacement + source[edit.span.stop :], "x")
        assert dict(after_.by_id) == {**records.by_id, new.post_id: new}


@blocks("records", 250)
def test_any_records_are_read_and_changed_or_refused(numbers: range) -> None:
    hold_bytes("records", numbers, (RECORDS, BY_HAND, b""), recorded, IN_RECORDS)


@blocks("record", 250)
def test_any_json_is_a_record_or_refused(numbers: range) -> None:
    lines = [json.loads(line) for line in RECORDS.splitlines() + BY_HAND.splitlines()]

    def check(_: int, random: Random) -> None:
        recorded(mutated_json(random.choice(lines), random).replace(b"\n", b"") + b"\n" + RECORDS[:200])

    hold("record", numbers, check)


# -- the baseline ---------------------------------------------------------------------------------


@blocks("baseline", 250)
def test_any_baseline_is_read_or_refused(numbers: range) -> None:
    def check(source: bytes) -> None:
        try:
            accepted = read_baseline(source, "bot-baseline.txt")
        except UsageError as error:
            one_line(error, "bot-baseline.txt:")
            written_baseline((), source)
        else:
            assert read_baseline(written_baseline((), source), "x") == accepted

    hold_bytes(
        "baseline", numbers, (BASELINE, b""), check, (b"0123456789abcdef", b"# ", b"\n", b"\x0c", b"\x85", b"\t")
    )
