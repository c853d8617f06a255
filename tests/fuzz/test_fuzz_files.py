"""The bot's own files, broken or made by somebody else: what cannot be read is named in one line, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from bot.publish.load import anchored
from bot.publish.saved import read_report
from fuzz.case import blocks, bounded, hold, hold_bytes
from fuzz.mutation import mutated, mutated_json
from support import CHECKED, article_of, catalog_of, observe, page_of

from bot.checking import fixes
from bot.checking.evaluate import spoken
from bot.checking.suppress import read_baseline, written_baseline
from bot.commands.history_file import read_history
from bot.config import Settings, checked, read_settings
from bot.errors import BotError, ConfigError, UsageError
from bot.history.differences import compare
from bot.history.join import joined
from bot.history.update import updated
from bot.history.verdicts import priority, recall
from bot.http.remap import read_remap, route
from bot.medium.site import MEDIUM
from bot.model.documents import encode_history, encode_report
from bot.model.history import History
from bot.model.pages import Alive, Gone, Moved, Page
from bot.model.records import Record, read_records, write_records
from bot.model.report import Report, Run
from bot.rules.registry import BY_ID, RULES

TODAY = date(2026, 1, 2)


def one_line(error: BotError, name: str) -> None:
    """See that an error is one line of a bearable length that names its file."""
    text = str(error)
    assert name in text
    assert len(text.splitlines()) == 1
    assert len(text) < 2_000


# -- settings -------------------------------------------------------------------------------------

SETTINGS = b"""catalog = "docs/list.md"
select = ["link", "date-drift"]
exclude = ['^https://a\\.b/', "x"]
hosts = ["blog.example.org"]
feeds = ["@ritvik19"]
all-hosts = true
rate = 0.5
concurrency = 8
timeout = 20
max-time = 1800.0
min-coverage = 0.8
remap = ['^https?://(.*)$ http://127.0.0.1:80/$1']
name-columns = ["Paper"]
contact = "https://example.org"
"""
PROJECT = b'[project]\nname = "x"\n\n[tool.bot]\n' + SETTINGS
TOML = (
    *(
        b"[",
        b"]",
        b"[[",
        b"]]",
        b"[tool.bot]\n",
        b"[tool]\nbot = 1\n",
        b"{",
        b"}",
        b"'''",
        b'"""',
        b"=",
        b".",
        b",",
        b"#",
    ),
    *(b"inf", b"nan", b"-nan", b"1e400", b"0x" + b"f" * 400, b"9" * 5_000, b"1979-05-27", b"07:32:00", b"+1", b"1_0"),
    *(b"a.b.c = 1\n", b'"rate" = 1\n', b"rate = []\n", b"rate = true\n", b"x = [" + b"[" * 3_000, b"x = {a=" * 1_000),
    *(b"exclude = ['" + b"(" * 500 + b"']\n", b"exclude = ['(?P<a>']\n", b"exclude = ['a{99999999999}']\n"),
    *(b"series-prefix = '(?i'\n", b"series-prefix = '\\1'\n", b'"\\ud800"', b'"\\u0000"', b"\r", b"'\x7f'"),
)


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
@blocks("settings", 700)
def test_any_settings_file_is_read_or_refused(numbers: range, tmp_path: Path) -> None:
    def check(source: bytes) -> None:
        for name in ("bot.toml", "pyproject.toml"):
            path = tmp_path / name
            path.write_bytes(source)
            try:
                settings = read_settings(path)
            except ConfigError as error:
                one_line(error, str(path))
            else:
                assert isinstance(settings, Settings)
                for text in settings.remap:
                    remapped(text)

    hold_bytes("settings", numbers, (SETTINGS, PROJECT, b"", b"[tool.bot]\nrate = 1\n"), check, TOML)


def remapped(text: str) -> None:
    try:
        remap = read_remap(text)
    except ConfigError as error:
        one_line(error, "remap")
        return
    route("https://medium.com/p/31e59abc0615", [remap])


@pytest.mark.parametrize(
    "value", [10**400, -(10**400), float("inf"), float("nan"), 1e308, -1e-9, True, "1", [1], {}, None]
)
@pytest.mark.parametrize("key", ["rate", "timeout", "concurrency", "min-coverage", "max-time", "confirm"])
def test_a_number_out_of_reach_is_refused(key: str, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        checked(key, value)
    one_line(caught.value, key)


# -- records --------------------------------------------------------------------------------------

RECORDS = write_records(
    [
        Record(
            "31e59abc0615",
            "https://a.medium.com/bert-31e59abc0615",
            "BERT",
            "2023-02-06",
            ("1810.04805",),
            {"a260": "x"},
        ),
        Record("30b6f1e6d226", "https://medium.com/p/30b6f1e6d226", "GPT « é »", None, (), {"title": "y", "url": "z"}),
    ]
)
# The same records, as people may write them: other orders of keys, blanks, escapes, no last line end.
BY_HAND = b"\r\n".join(
    [
        b'{"headings": {"title": "no", "published": "x"}, "papers": [], "published" : null, "title" :"BERT", '
        b'"url":"https://a.medium.com/bert-31e59abc0615", "post_id":"31e59abc0615"}',
        b'{"\\u0074itle": "GPT, \\"title\\": \\"x\\"", "post_id": "30b6f1e6d226", "url": "https://medium.com/p/30b6f1e6d226", '
        b'"published": "2020-01-01", "papers": ["a"], "headings": {}}',
    ]
)
IN_RECORDS = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b'"title": ',
        b'"published": null',
        b'"headings": {"title": "x"}, ',
        b"\n\n",
    ),
    *(
        b"\\",
        b'\\"',
        b"\\u0074itle",
        b"[" * 5_000,
        b'{"a":' * 5_000,
        b"1" * 5_000,
        b"NaN",
        b"\r",
        b"\x1c",
        "\u2028".encode(),
    ),
)


def recorded(source: bytes) -> None:
    """Read records; if they can be read, change each value of each, and add one: nothing else is another then."""
    try:
        records = read_records(source, "articles.jsonl")
    except UsageError as error:
        one_line(error, "articles.jsonl:")
        return
    for post_id, record in records.by_id.items():
        for key, value in (("title", 'new, "url": "é'), ("published", "2026-01-01"), ("published", None)):
            edit = records.change(post_id, key, value)
            after_ = read_records(source[: edit.span.start] + edit.replacement + source[edit.span.stop :], "x")
            assert {**vars_of(record), key: value} == vars_of(after_.by_id[post_id])
            assert {**after_.by_id, post_id: record} == dict(records.by_id)
    new = Record("0123456789ab", "https://medium.com/p/0123456789ab", "new")
    if new.post_id not in records.by_id:
        edit = records.addition(new)
        after_ = read_records(source[: edit.span.start] + edit.replacement + source[edit.span.stop :], "x")
        assert dict(after_.by_id) == {**records.by_id, new.post_id: new}


def vars_of(record: Record) -> dict[str, object]:
    return {name: getattr(record, name) for name in Record.__slots__}


@blocks("records", 700)
def test_any_records_are_read_and_mended_or_refused(numbers: range) -> None:
    hold_bytes("records", numbers, (RECORDS, BY_HAND, b""), recorded, IN_RECORDS)


@blocks("record", 300)
def test_any_json_is_a_record_or_refused(numbers: range) -> None:
    lines = [json.loads(line) for line in RECORDS.splitlines() + BY_HAND.splitlines()]

    def check(_: int, random: Random) -> None:
        recorded(mutated_json(random.choice(lines), random).replace(b"\n", b"") + b"\n" + RECORDS[:200])

    hold("record", numbers, check)


# -- the baseline ---------------------------------------------------------------------------------

BASELINE = b"# Findings\n0123456789abcdef  link-gone  BERT\n\nfedcba9876543210  date-drift  GPT\n"


@blocks("baseline", 300)
def test_any_baseline_is_read_or_refused(numbers: range) -> None:
    def check(source: bytes) -> None:
        try:
            accepted = read_baseline(source, "bot-baseline.txt")
        except ConfigError as error:
            one_line(error, "bot-baseline.txt:")
            written_baseline((), source)
        else:
            assert read_baseline(written_baseline((), source), "x") == accepted

    hold_bytes(
        "baseline", numbers, (BASELINE, b""), check, (b"0123456789abcdef", b"# ", b"\n", b"\x0c", b"\x85", b"\t")
    )


# -- saved reports and the state ------------------------------------------------------------------

BERT, GPT = "https://a.medium.com/bert-31e59abc0615", "https://a.medium.com/gpt-30b6f1e6d226"
MOVED = "https://medium.com/pub/elmo-76362a43e4ab"
CATALOG = catalog_of(
    f"# C\n\n| Paper | Date |\n|---|---|\n| [BERT]({BERT}#a260) | Mai 2018 |\n| [GPT]({GPT}) | June 2018 |\n\n"
    f"- [Elmo]({MOVED})\n- [T5] (https://medium.com/@a/t5-9d974a3b7957?source=x)\n"
)


def night() -> tuple[Report, dict[str, Page]]:
    """A night that found one of each: drift, a death, a move, a near-link, a date, records to add."""
    bert = article_of("31e59abc0615", "BERT", [("0000", "BERT"), ("b1c2", "BERT")], published=CHECKED)
    elmo = article_of("76362a43e4ab", "Elmo", [("0001", "Elmo")])
    pages = [
        page_of(BERT, Alive(bert)),
        page_of(GPT, Gone("no such post (404)"), status=404),
        page_of(MOVED, Moved(elmo, "https://a.medium.com/elmo-76362a43e4ab")),
    ]
    by_identity = {page.identity: page for page in pages}
    known = read_records(write_records([Record("31e59abc0615", BERT, "Bert", "2020-01-01")]), "articles.jsonl")
    evidence = observe(CATALOG, by_identity, records=known)
    findings, _ = spoken(CATALOG, evidence, RULES, None, ())
    run = Run(CHECKED, CHECKED + timedelta(seconds=5), requests=4, retries=0, bytes=1000)
    return Report(CATALOG, tuple(pages), findings, run, evidence=evidence, rules=tuple(BY_ID)), by_identity


REPORT, PAGES = night()
SAVED = encode_report(REPORT)
FEED = MEDIUM.read(GPT)


def test_the_seeds_are_good() -> None:
    assert len(REPORT.findings) >= 7
    assert len(read_report(SAVED, "r.json", MEDIUM).findings) == len(REPORT.findings)
    assert read_history(STATE, "s.json", TODAY, MEDIUM)[1] is None
    assert read_settings_of(PROJECT) == read_settings_of(SETTINGS)


def read_settings_of(source: bytes) -> object:
    return source.partition(b"[tool.bot]\n")[2] or source


def used(source: bytes) -> None:
    """Use a saved report: it is refused as a whole, or only what its rules could write is written."""
    before = CATALOG.source
    try:
        saved = read_report(source, "r.json", MEDIUM)
        records = REPORT.evidence.records
        loaded = anchored(saved, CATALOG, records, observe(CATALOG, records=records))
        picked = fixes.fitting(CATALOG, fixes.choose(loaded.findings, unsafe=True))
        changed = fixes.new_texts(CATALOG, {records.path: records.source}, picked)
    except UsageError as error:
        one_line(error, "r.json")
        return
    assert set(changed) <= {CATALOG.path, records.path}
    for line in changed.get(CATALOG.path, before).splitlines():
        assert line in before.splitlines() or (b"javascript" not in line and b"127.0.0.1" not in line)
    read_records(changed.get(records.path, b""), "x")


@blocks("report", 250)
def test_any_report_is_used_or_refused(numbers: range) -> None:
    data = json.loads(SAVED)

    def check(number: int, random: Random) -> None:
        used(mutated_json(data, random) if number % 3 else mutated(SAVED, (b"{", b"[", b'"', b"null"), random))

    hold("report", numbers, check)


STATE = encode_history(updated(History(), compare(REPORT, History(), 0.5, {}), TODAY, 0.5))


def remembered(source: bytes) -> None:
    """Read a state: there is one, or a line says that there is none and nothing is called dead."""
    state, note = read_history(source, "s.json", TODAY, MEDIUM)
    if note is not None:
        assert not state.known
        assert not state.pages
        assert note.startswith("s.json: ")
        assert len(note.splitlines()) == 1
        assert len(note) < 500
        return
    again, trouble = read_history(encode_history(state), "s.json", TODAY, MEDIUM)
    assert (again, trouble) == (state, None)
    recalled = recall(PAGES, TODAY, state, 3, hold_back=True)
    sorted(PAGES, key=lambda identity: priority(state, identity))
    report = compare(REPORT, state, 0.5, recalled.remembered)
    evidence = observe(
        CATALOG,
        {**PAGES, **recalled.remembered},
        confirm=3,
        deaths=recalled.deaths,
        held_back=recalled.held_back,
        recoveries=state.recoveries,
    )
    findings, _ = spoken(CATALOG, evidence, RULES, None, ())
    assert all(len(recalled.deaths[each.identity]) >= 3 for each in findings if each.rule == "link-gone" and each.fix)
    encode_history(updated(state, report, TODAY, 0.5))
    encode_history(joined(state, updated(state, report, TODAY, 0.5)))
    rendered_json(report)


@blocks("state", 400)
def test_any_state_is_read_or_begun_anew(numbers: range) -> None:
    data = json.loads(STATE)

    def check(number: int, random: Random) -> None:
        pieces = (b"{", b"[", b'"', b"null", b"2026-01-02", b"9999-12-31", b'"schema"')
        remembered(mutated_json(data, random) if number % 3 else mutated(STATE, pieces, random))

    hold("state", numbers, check)


# -- depth ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [100, 300, 500, 700, 900, 990, 1_000, 5_000, 200_000])
@pytest.mark.parametrize("shape", [b"[", b'{"a":', b'{"schema":"bot-report/1","findings":[[', b'{"pages":{"x":'])
def test_no_depth_of_json_is_a_traceback(shape: bytes, depth: int) -> None:
    closing = bytes({ord("["): ord("]"), ord("{"): ord("}")}[each] for each in reversed(shape) if each in b"[{")
    source = shape * depth + b"1" + closing * depth
    readers: list[Callable[[], object]] = [
        lambda: read_records(source),
        lambda: read_report(source, "r.json", MEDIUM),
        lambda: used(SAVED[: SAVED.rindex(b"}")] + b', "more": ' + source + b"}"),
        lambda: used(SAVED.replace(b'"findings": [', b'"findings": [' + source + b",")),
        lambda: remembered(source),
        lambda: remembered(STATE.replace(b'"history": [', b'"history": [' + source + b",")),
    ]
    with bounded():
        for read in readers:
            try:
                read()
            except UsageError as error:
                assert len(str(error).splitlines()) == 1
