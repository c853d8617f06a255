"""Saved reports and histories, broken or made by somebody else: decoded or refused in one line, never acted on blindly."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from random import Random

import pytest
from fuzz.case import blocks, bounded, hold, work
from fuzz.mutation import STRINGS, Json, mutated, mutated_json
from fuzz.own_files import BERT, CATALOG, GPT, HISTORY, INPUTS, KNOWN, MOVED, PAGES, REPORT, SAVED, TODAY
from fuzz.survival import history_survives, survives

from bot.checking import fixes
from bot.checking.evaluate import Evaluation, evaluate, reported
from bot.commands.history_file import read_history
from bot.errors import UsageError
from bot.history.update import joined, updated
from bot.history.verdicts import compare, priority, recalled, recovered, weigh
from bot.medium.site import MEDIUM
from bot.model.codec import DecodeError
from bot.model.documents import decode_history, decode_report, encode_history
from bot.model.records import read_records

PIECES = (b"{", b"[", b'"', b"null", b"2026-01-02", b"9999-12-31", b'"schema"', b"0001-01-01T00:00:00+23:59")
LIES = (
    *("31e59abc0615", "30b6f1e6d226", "@a/31e59abc0615", "@a/30b6f1e6d226", "pub/76362a43e4ab", "@a", "BERT", "Elmo"),
    *("Alive", "Moved", "Gone", "NotArticle", "Blocked", "Unreachable", "Skipped", BERT, GPT, MOVED, "2020-01-01"),
    *("https://127.0.0.1/bert-31e59abc0615", "https://a.medium.com/)|`<x-31e59abc0615", "a260", "b1c2", "lists"),
    *("https://medium.com/@a/x\n- [y](https://b.c)-31e59abc0615", "BERT | [x](javascript:y)", "](javascript:z)"),
)


def test_the_seeds_are_good() -> None:
    assert len(REPORT.findings) >= 7
    assert len(decode_report(SAVED).findings) == len(REPORT.findings)
    assert read_history(HISTORY, "s.json", TODAY, MEDIUM)[1] is None
    survives(INPUTS, REPORT)
    history_survives(INPUTS, REPORT, TODAY)


def broken(source: bytes, data: Json, number: int, random: Random) -> bytes:
    """A document whose bytes are damaged, whose values are of other kinds, or that fits its schema and lies."""
    if number % 4 < 2:
        return (mutated_json(data, random), mutated(source, PIECES, random))[number % 4]
    for _ in range(random.choice((1, 2, 5))):
        data = lying(data, random)
    return json.dumps(data).encode()


def lying(value: Json, random: Random) -> Json:
    """A document with another value of the same kind somewhere in it."""
    if isinstance(value, dict) and value:
        name = random.choice(list(value))
        return {**value, name: lying(value[name], random)}
    if isinstance(value, list) and value:
        at = random.randrange(len(value))
        return [*value[:at], lying(value[at], random), *value[at + 1 :]]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return random.choice((0, 1, 2, 500, 10**12))
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d.*", value):
        return random.choice(("0001-01-01", "2025-12-31", "9999-12-31", "2026-01-01")) + value[10:]
    if isinstance(value, str) or value is None:
        return random.choice((*STRINGS, *LIES, None))
    return value


def refused(error: DecodeError) -> None:
    """See that an error is one line of a bearable length."""
    assert len(str(error).splitlines()) <= 1
    assert len(str(error)) < 6_000


# -- reports --------------------------------------------------------------------------------------


def used(source: bytes) -> None:
    """Use a saved report: it is refused, or its observations lead to edits that the rules make, and to no others."""
    try:
        seen = decode_report(source).observations(MEDIUM.read)
    except DecodeError as error:
        refused(error)
        return
    evaluation = evaluate(INPUTS, INPUTS.evidence().seeing(seen))
    picked = fixes.fitting(CATALOG, fixes.choose(evaluation.findings, unsafe=True))
    changed = fixes.new_texts(CATALOG, KNOWN, picked)
    assert set(changed) <= {CATALOG.path, KNOWN.path}
    for line in changed.get(CATALOG.path, CATALOG.source).splitlines():
        assert line in CATALOG.source.splitlines() or (b"javascript" not in line and b"127.0.0.1" not in line)
    read_records(changed.get(KNOWN.path, b""), "x")


@blocks("report", 250)
def test_any_report_is_used_or_refused(numbers: range) -> None:
    data = json.loads(SAVED)
    hold("report", numbers, lambda number, random: used(broken(SAVED, data, number, random)))


@blocks("conclusions", 100)
def test_nothing_of_a_reports_conclusions_is_believed(numbers: range) -> None:
    data = json.loads(SAVED)
    wanted = Evaluation(REPORT.findings, REPORT.accepted, REPORT.rests_on)

    def check(_: int, random: Random) -> None:
        tampered = {each: json.loads(clean(mutated_json(data[each], random))) for each in ("findings", "fixed")}
        try:
            seen = decode_report(json.dumps({**data, **tampered}).encode()).observations(MEDIUM.read)
        except DecodeError as error:
            refused(error)
        else:
            assert evaluate(INPUTS, INPUTS.evidence().seeing(seen)) == wanted

    hold("conclusions", numbers, check)


def clean(source: bytes) -> bytes:
    return source.decode("utf-8", "replace").encode()


# -- histories ------------------------------------------------------------------------------------


def kept(source: bytes) -> None:
    """Read a history: there is one, or a line says that there is none and nothing is called dead."""
    history, note = read_history(source, "s.json", TODAY, MEDIUM)
    if note is not None:
        assert not history.known
        assert not history.pages
        assert note.startswith("s.json: ")
        assert len(note.splitlines()) == 1
        assert len(note) < 500
        return
    assert read_history(encode_history(history), "s.json", TODAY, MEDIUM) == (history, None)
    weighed = weigh(PAGES, TODAY, history, 3, hold_back=True)
    sorted(PAGES, key=lambda identity: priority(history, identity))
    more = {**recalled(history, {}), **weighed.recalled}
    seen = replace(weighed, recalled=more, recoveries=recovered(history, {}), feeds=history.feeds)
    evidence = INPUTS.evidence().seeing(seen)
    report = reported(INPUTS, evidence, REPORT.run, REPORT.pages)
    dead = [each for each in report.findings if each.rule == "link-gone" and each.fix]
    assert all(len(weighed.deaths[each.identity]) >= 3 for each in dead)
    report = compare(report, evidence, history, 0.5)
    after = updated(history, report, TODAY, 0.5)
    encode_history(after)
    encode_history(joined(history, after))
    survives(INPUTS, report)


@blocks("history", 400)
def test_any_history_is_read_or_begun_anew(numbers: range) -> None:
    data = json.loads(HISTORY)
    hold("history", numbers, lambda number, random: kept(broken(HISTORY, data, number, random)))


# -- decoding -------------------------------------------------------------------------------------

DECODERS: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "report": (SAVED, lambda source: decode_report(source).observations(MEDIUM.read)),
    "history": (HISTORY, lambda source: decode_history(source, MEDIUM.read, TODAY)),
}
BAD = {
    "a lone surrogate": b'"\\ud800"',
    "a raw lone surrogate": b'"\xed\xa0\x80"',
    "NaN": b"NaN",
    "an infinity": b"-Infinity",
    "a huge exponent": b"1e999",
    "a huge integer": b"9" * 4_000,
    "more digits than Python reads": b"9" * 100_000,
    "a negative number": b"-1",
    "a fraction": b"1.5",
    "a duplicate key": b'{"a": 1, "a": 1}',
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a truth value": b"true",
    "an empty object": b"{}",
    "a list of lists": b"[[[]]]",
    "a time before the first": b'"0001-01-01T00:00:00+23:59"',
    "a time after the last": b'"9999-12-31T23:59:59-23:59"',
    "a time without its zone": b'"2026-01-01T00:00:00"',
    "not a date": b'"2026-02-31"',
}


def places(value: Json) -> list[tuple[object, ...]]:
    """The paths of all values of a document, one of each list or object whose members are alike."""
    found: list[tuple[object, ...]] = [()]
    if isinstance(value, dict):
        found += [(key, *rest) for key, each in value.items() for rest in places(each)]
    if isinstance(value, list):
        found += [(0, *rest) for rest in places(value[0])] if value else []
    return found


def planted(value: Json, place: tuple[object, ...], mark: str) -> Json:
    """A document with a mark instead of the value at a place."""
    if not place:
        return mark
    if isinstance(value, dict):
        return {key: planted(each, place[1:], mark) if key == place[0] else each for key, each in value.items()}
    assert isinstance(value, list)
    return [planted(value[0], place[1:], mark), *value[1:]]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("kind", DECODERS)
def test_wherever_a_bad_value_is_the_document_is_decoded_or_refused(kind: str, bad: bytes) -> None:
    source, read = DECODERS[kind]
    data = json.loads(source)
    decoded = 0
    with bounded():
        for place in places(data):
            try:
                read(json.dumps(planted(data, place, "MARK")).encode().replace(b'"MARK"', bad))
            except DecodeError as error:
                refused(error)
            else:
                decoded += 1
    assert decoded < len(places(data)) / 2


@blocks("decoded", 1_500)
def test_a_mutated_document_raises_nothing_but_a_decode_error(numbers: range) -> None:
    parsed = {kind: json.loads(source) for kind, (source, _) in DECODERS.items()}

    def check(number: int, random: Random) -> None:
        kind = random.choice(list(DECODERS))
        source, read = DECODERS[kind]
        try:
            read(broken(source, parsed[kind], number, random))
        except DecodeError as error:
            refused(error)

    hold("decoded", numbers, check)


@pytest.mark.parametrize("kind", DECODERS)
def test_twice_the_document_is_twice_the_work_to_decode(kind: str) -> None:
    source, read = DECODERS[kind]
    data = json.loads(source)
    page = data["pages"][0] if kind == "report" else next(iter(data["seen"].values()))

    def document(count: int) -> bytes:
        pages = [{**page, "identity": f"p/{number:012x}"} for number in range(count)]
        more = {"pages": pages} if kind == "report" else {"seen": {each["identity"]: each for each in pages}}
        return json.dumps({**data, **more}).encode()

    once, twice = (work(partial(read, document(count))) for count in (1_000, 2_000))
    assert once < twice < once * 2.2
    with bounded(2.0):
        read(document(5_000))


@pytest.mark.parametrize("depth", [100, 300, 500, 700, 900, 990, 1_000, 5_000, 200_000])
@pytest.mark.parametrize("shape", [b"[", b'{"a":', b'{"schema":"bot-report/2","findings":[[', b'{"pages":{"x":'])
def test_json_of_any_depth_is_refused_in_one_line(shape: bytes, depth: int) -> None:
    closing = bytes({ord("["): ord("]"), ord("{"): ord("}")}[each] for each in reversed(shape) if each in b"[{")
    source = shape * depth + b"1" + closing * depth
    readers: list[Callable[[], object]] = [
        lambda: read_records(source),
        lambda: used(source),
        lambda: used(SAVED[: SAVED.rindex(b"}")] + b', "more": ' + source + b"}"),
        lambda: used(SAVED.replace(b'"findings": [', b'"findings": [' + source + b",")),
        lambda: kept(source),
        lambda: kept(HISTORY.replace(b'"runs": [', b'"runs": [' + source + b",")),
    ]
    with bounded():
        for read in readers:
            try:
                read()
            except UsageError as error:
                assert len(str(error).splitlines()) == 1
