"""Reports as JSON and text: held to the schema, safe to show, the same bytes every time."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import msgspec
import pytest
from reports import ALIVE, HOSTILE, MOVED, OTHER, RUN, URL, report_on
from support import catalog_of, findings_of, page_of, report_of

from bot.medium.site import MEDIUM
from bot.model.documents import ReportDocument, decode_report, encode_report
from bot.model.findings import Fact
from bot.model.pages import Blocked, Gone, Page, Skipped, Unreachable
from bot.model.report import Report
from bot.output.escape import on_terminal
from bot.output.text import render as render_text
from bot.output.text import text_lines
from bot.rules import link_gone, link_moved
from bot.text import counted, duration


def as_dict(report: Report) -> dict[str, Any]:
    data = json.loads(encode_report(report))
    assert isinstance(data, dict)
    return data


@pytest.mark.parametrize(
    "report",
    [
        report_on(page_of(URL, MOVED), page_of(OTHER, ALIVE)),
        report_on(
            page_of(URL, Gone("no such post (404)"), status=404), page_of(OTHER, Blocked("a bot challenge"), status=403)
        ),
        report_on(page_of(URL, Unreachable(HOSTILE)), page_of(OTHER, Skipped("x", wanted=True))),
        report_on(run=replace(RUN, cut_short="interrupted", interrupted=True, held_back=(URL,))),
    ],
)
def test_every_report_fits_the_schema(report: Report) -> None:
    jsonschema.Draft202012Validator.check_schema(msgspec.json.schema(ReportDocument))
    jsonschema.Draft202012Validator(msgspec.json.schema(ReportDocument)).validate(as_dict(report))


def test_what_was_seen_is_read_back_as_it_was_written() -> None:
    pages = (page_of(URL, MOVED, final=MOVED.url), page_of(OTHER, ALIVE))
    for report in (report_on(*pages), report_on(page_of(URL, Gone("x"), status=404), page_of(OTHER, Blocked("y")))):
        assert decode_report(encode_report(report)).observations(MEDIUM.read) == report.observations


def test_the_schema_refuses_what_it_does_not_know() -> None:
    data = as_dict(report_on(page_of(URL, MOVED), page_of(OTHER, ALIVE)))
    validator = jsonschema.Draft202012Validator(msgspec.json.schema(ReportDocument))
    for broken in (
        {**data, "more": 1},
        {**data, "schema": "bot-report/1"},
        {**data, "findings": [{**data["findings"][0], "severity": "fatal"}]},
        {**data, "pages": [{**data["pages"][0], "outcome": "Dead"}]},
    ):
        assert list(validator.iter_errors(broken))


def test_the_json_names_what_was_seen_and_where() -> None:
    data = as_dict(
        report_on(page_of(URL, MOVED, final="https://b.medium.com/bert-31e59abc0615"), page_of(OTHER, ALIVE))
    )
    assert data["run"]["coverage"] == {"verified": 2, "total": 2}
    assert data["catalog"]["links"] == data["catalog"]["entries"] == 2
    moved, alive = data["pages"]
    assert moved["outcome"] == "Moved"
    assert [hop["status"] for hop in moved["hops"]] == [302, 200]
    assert (alive["title"], alive["published"]) == ("GPT", "2026-01-02T03:04:05Z")
    assert alive["papers"] == [{"id": "1810.04805", "section": "Paper", "anchor": "aaaa", "text": "BERT: …"}]
    (finding,) = data["findings"]
    assert (finding["line"], finding["column"], finding["section"]) == (3, 3, "S")
    edit = finding["fix"]["edits"][0]
    source = b"## S\n\n- [BERT](https://a.medium.com/bert-31e59abc0615)\n"
    assert source[edit["start"] : edit["stop"]].decode() == edit["expected"] == URL


def test_the_same_evidence_gives_the_same_bytes() -> None:
    pages = (page_of(URL, MOVED), page_of(OTHER, ALIVE))
    assert encode_report(report_on(*pages)) == encode_report(report_on(*pages))
    assert render_text(report_on(*pages)) == render_text(report_on(*pages))


def test_the_fingerprint_outlives_line_moves_and_not_a_change_of_evidence() -> None:
    def fingerprint(text: str, page: Page) -> str:
        (found,) = findings_of(link_moved.RULE, catalog_of(text), [page])
        return found.fingerprint

    page = page_of(URL, MOVED)
    first = fingerprint(f"- [BERT]({URL})\n", page)
    assert fingerprint(f"# New\n\ntext\n\n- [BERT]({URL}) more\n", page) == first
    assert fingerprint(f"- [Other]({URL})\n", page) != first
    elsewhere = page_of(URL, replace(MOVED, url="https://c.medium.com/bert-31e59abc0615"))
    assert fingerprint(f"- [BERT]({URL})\n", elsewhere) != first


def test_text_from_the_web_cannot_act_on_a_terminal() -> None:
    hostile = replace(MOVED, article=replace(MOVED.article, title=HOSTILE))
    pages = (page_of(URL, Unreachable(HOSTILE)), page_of(OTHER, replace(hostile, url=f"https://e.example/{HOSTILE}")))
    shown = render_text(report_on(*pages, text=f"- [BE\u202eRT\x1b[2J]({URL})\n- [GPT]({OTHER})\n"))
    assert not set(shown) & set("\x1b\x07\x9b\x00\u202e\ud800\u2028\r")
    shown.encode("utf-8")
    as_json = encode_report(report_on(*pages))
    assert as_json.isascii()
    assert b"\x1b" not in as_json


@pytest.mark.parametrize("text", ["GPT-2 «é» 漢字 🚀 → …", "plain"])
def test_ordinary_text_is_shown_unchanged(text: str) -> None:
    assert on_terminal(text) == text


def test_the_text_shows_place_evidence_fix_and_coverage() -> None:
    shown = render_text(report_on(page_of(URL, MOVED), page_of(OTHER, Blocked("a bot challenge"), status=403)))
    assert shown.startswith("catalog.md:3:3: link-moved warning: the article has moved to https://b.medium.com/")
    assert 'BERT in "S"' in shown
    assert "[safe fix]" in shown
    assert "Coverage 50.0%: 1 of 2 pages verified." in shown
    assert f"Blocked     {OTHER}  a bot challenge" in shown
    assert "1 finding: 1 warning. 1 safe fix.\n" in shown


def test_a_fact_that_has_words_for_readers_is_shown_in_them() -> None:
    report = report_on(page_of(URL, MOVED))
    facts = (Fact("anchors", "none is #a260", "64 ids", 'no element with id "a260"'), Fact("title", "T", "og:title"))
    shown = render_text(replace(report, findings=(replace(report.findings[0], facts=facts),)))
    assert '    evidence  no element with id "a260" (64 ids)\n    evidence  title T (og:title)\n' in shown
    assert "anchors" not in shown


def test_the_text_of_a_report_without_findings_is_short() -> None:
    assert render_text(report_on(page_of(OTHER, ALIVE))).endswith("No findings.\n")


def test_without_the_summary_there_are_findings_only() -> None:
    assert list(text_lines(report_on(page_of(OTHER, ALIVE)), summary=False)) == []


def test_many_unverified_pages_are_counted_not_listed() -> None:
    pages = [page_of(f"https://a.medium.com/x-{number:012x}", Blocked("a bot challenge")) for number in range(30)]
    shown = render_text(report_on(*pages))
    assert shown.count("a bot challenge") == 20
    assert "… and 10 pages more" in shown


def test_a_partial_run_and_held_back_pages_are_reported() -> None:
    shown = render_text(report_on(run=replace(RUN, cut_short="interrupted", held_back=(URL,))))
    assert "This report is partial: interrupted." in shown
    assert "Held back: 1 page" in shown
    assert f"  {URL}\n" in shown


@pytest.mark.parametrize(
    ("report", "exit_zero", "code"),
    [
        (report_on(page_of(OTHER, ALIVE)), False, 0),
        (report_on(page_of(URL, MOVED)), False, 1),
        (report_on(page_of(URL, MOVED)), True, 0),
        (report_on(page_of(URL, MOVED), page_of(OTHER, Blocked("x")), page_of(OTHER + "?x", Blocked("x"))), False, 4),
        (report_on(page_of(URL, Blocked("x"))), True, 4),
        (report_on(page_of(URL, MOVED), run=replace(RUN, interrupted=True)), False, 130),
        (report_on(page_of(URL, Blocked("x")), run=replace(RUN, interrupted=True)), False, 130),
        (report_on(page_of(URL, Skipped("not on Medium"))), False, 0),
        (report_on(), False, 0),
    ],
)
def test_the_exit_code_is_the_worst_that_happened(report: Report, exit_zero: bool, code: int) -> None:  # noqa: FBT001 - a row
    assert report.exit_code(0.5, exit_zero=exit_zero) == code


def test_information_alone_is_clean() -> None:
    catalog, page = catalog_of(f"- [BERT]({URL})\n"), page_of(URL, Gone("x"), status=404)
    findings = findings_of(link_gone.RULE, catalog, [page], confirm=3)
    assert findings
    assert report_of(catalog, (page,), findings, RUN).exit_code(0.5, exit_zero=False) == 0


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (1, "page", "1 page"),
        (2, "entry", "2 entries"),
        (0, "retry", "0 retries"),
        (2, "information", "2 information"),
        (2, "safe fix", "2 safe fixes"),
        (2, "fix for review", "2 fixes for review"),
        (1, "fix for review", "1 fix for review"),
    ],
)
def test_numbers_and_nouns_agree(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.84, "0.8 s"), (12, "12 s"), (185, "3 min 5 s"), (120, "2 min"), (3840, "1 h 4 min"), (59.7, "1 min")],
)
def test_durations_are_written_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text
