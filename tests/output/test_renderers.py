"""Reports as JSON and text: held to the schema, safe to show, the same bytes every time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

import jsonschema
import pytest
from support import article_of, catalog_of, findings_of, page_of

from bot.model.articles import Paper
from bot.model.pages import Alive, Blocked, Gone, Moved, Page, Skipped, Unreachable
from bot.model.report import Report, Run
from bot.output.escape import on_terminal
from bot.output.text import render_text
from bot.rules import link_gone, link_moved
from bot.rules.registry import RULES
from bot.text import counted, duration

URL = "https://a.medium.com/bert-31e59abc0615"
OTHER = "https://a.medium.com/gpt-30b6f1e6d226"
NIGHT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RUN = Run(NIGHT, NIGHT.replace(minute=7), requests=12, retries=1, bytes=2_500_000)
HOSTILE = "\x1b]0;owned\x07\x1b[31mred\u202eevil\x9b2J\r\n::error::x\x00\ud800\u2028end"


def report_of(*pages: Page, text: str = f"## S\n\n- [BERT]({URL})\n- [GPT]({OTHER})\n", run: Run = RUN) -> Report:
    catalog = catalog_of(text)
    findings = [finding for rule in RULES if not rule.folded for finding in findings_of(rule, catalog, pages)]
    return Report(catalog, pages, tuple(findings), run)


def schema() -> dict[str, object]:
    loaded = json.loads(files("bot.output").joinpath("schema.json").read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


MOVED = Moved(article_of("31e59abc0615", "BERT", [("aaaa", "BERT")]), "https://b.medium.com/bert-31e59abc0615")
ALIVE = Alive(
    article_of(
        "30b6f1e6d226",
        "GPT",
        published=NIGHT,
        modified=NIGHT,
        papers=(Paper("1810.04805", "Paper", "aaaa", "BERT: …"),),
    )
)


@pytest.mark.parametrize(
    "report",
    [
        report_of(page_of(URL, MOVED), page_of(OTHER, ALIVE)),
        report_of(
            page_of(URL, Gone("no such post (404)"), status=404), page_of(OTHER, Blocked("a bot wall"), status=403)
        ),
        report_of(page_of(URL, Unreachable(HOSTILE)), page_of(OTHER, Skipped("x", wanted=True))),
        report_of(run=replace(RUN, cut_short="interrupted", interrupted=True, held_back=(URL,))),
    ],
)
def test_every_report_fits_the_schema(report: Report) -> None:
    data = json.loads(rendered_json(report))
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.Draft202012Validator(schema()).validate(data)


def test_the_schema_refuses_what_it_does_not_know() -> None:
    data = as_dict(report_of(page_of(URL, MOVED), page_of(OTHER, ALIVE)))
    validator = jsonschema.Draft202012Validator(schema())
    for broken in (
        {**data, "more": 1},
        {**data, "schema": "bot-report/2"},
        {**data, "findings": [{**data["findings"][0], "severity": "fatal"}]},
        {**data, "pages": [{**data["pages"][0], "outcome": "Dead"}]},
    ):
        assert list(validator.iter_errors(broken))


def test_the_json_names_what_was_seen_and_where() -> None:
    data = as_dict(
        report_of(page_of(URL, MOVED, final="https://b.medium.com/bert-31e59abc0615"), page_of(OTHER, ALIVE))
    )
    assert data["run"]["coverage"] == {"verified": 2, "total": 2}
    assert data["catalog"]["links"] == data["catalog"]["entries"] == 2
    moved, alive = data["pages"]
    assert moved["outcome"] == "Moved"
    assert [hop["status"] for hop in moved["hops"]] == [302, 200]
    assert (alive["title"], alive["published"]) == ("GPT", "2026-01-02T03:04:05Z")
    assert alive["papers"] == [{"id": "1810.04805", "section": "Paper", "text": "BERT: …"}]
    (finding,) = data["findings"]
    assert (finding["line"], finding["column"], finding["section"]) == (3, 3, "S")
    edit = finding["fix"]["edits"][0]
    source = b"## S\n\n- [BERT](https://a.medium.com/bert-31e59abc0615)\n"
    assert source[edit["start"] : edit["stop"]].decode() == edit["expected"] == URL


def test_the_same_evidence_gives_the_same_bytes() -> None:
    pages = (page_of(URL, MOVED), page_of(OTHER, ALIVE))
    assert rendered_json(report_of(*pages)) == rendered_json(report_of(*pages))
    assert render_text(report_of(*pages)) == render_text(report_of(*pages))


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
    shown = render_text(report_of(*pages, text=f"- [BE\u202eRT\x1b[2J]({URL})\n- [GPT]({OTHER})\n"))
    assert not set(shown) & set("\x1b\x07\x9b\x00\u202e\ud800\u2028\r")
    shown.encode("utf-8")
    as_json = rendered_json(report_of(*pages))
    assert as_json.isascii()
    assert "\x1b" not in as_json


@pytest.mark.parametrize("text", ["GPT-2 «é» 漢字 🚀 → …", "plain"])
def test_ordinary_text_is_shown_as_it_stands(text: str) -> None:
    assert on_terminal(text) == text


def test_the_text_shows_place_evidence_fix_and_coverage() -> None:
    shown = render_text(report_of(page_of(URL, MOVED), page_of(OTHER, Blocked("a bot wall"), status=403)))
    assert shown.startswith("catalog.md:3:3: link-moved warning: the article has moved to https://b.medium.com/")
    assert "BERT in «S»" in shown
    assert "[safe fix]" in shown
    assert "Coverage 50.0%: 1 of 2 pages verified." in shown
    assert f"Blocked     {OTHER}  a bot wall" in shown
    assert "1 finding: 1 warning. 1 safe fix.\n" in shown


def test_without_findings_the_text_says_so() -> None:
    assert render_text(report_of(page_of(OTHER, ALIVE))).endswith("No findings.\n")


def test_without_the_summary_there_are_findings_only() -> None:
    assert render_text(report_of(page_of(OTHER, ALIVE)), summary=False) == ""


def test_many_unverified_pages_are_counted_not_listed() -> None:
    pages = [page_of(f"https://a.medium.com/x-{number:012x}", Blocked("a bot wall")) for number in range(30)]
    shown = render_text(report_of(*pages))
    assert shown.count("a bot wall") == 20
    assert "… and 10 pages more" in shown


def test_a_partial_run_and_what_was_held_back_are_said() -> None:
    shown = render_text(report_of(run=replace(RUN, cut_short="interrupted", held_back=(URL,))))
    assert "This report is partial: interrupted." in shown
    assert "Held back: 1 page" in shown
    assert f"  {URL}\n" in shown


@pytest.mark.parametrize(
    ("report", "exit_zero", "code"),
    [
        (report_of(page_of(OTHER, ALIVE)), False, 0),
        (report_of(page_of(URL, MOVED)), False, 1),
        (report_of(page_of(URL, MOVED)), True, 0),
        (report_of(page_of(URL, MOVED), page_of(OTHER, Blocked("x")), page_of(OTHER + "?x", Blocked("x"))), False, 4),
        (report_of(page_of(URL, Blocked("x"))), True, 4),
        (report_of(page_of(URL, MOVED), run=replace(RUN, interrupted=True)), False, 130),
        (report_of(page_of(URL, Blocked("x")), run=replace(RUN, interrupted=True)), False, 130),
        (report_of(page_of(URL, Skipped("not on Medium"))), False, 0),
        (report_of(), False, 0),
    ],
)
def test_the_exit_code_is_the_worst_that_happened(report: Report, exit_zero: bool, code: int) -> None:  # noqa: FBT001 - a row
    assert report.exit_code(0.5, exit_zero=exit_zero) == code


def test_information_alone_is_clean() -> None:
    catalog, page = catalog_of(f"- [BERT]({URL})\n"), page_of(URL, Gone("x"), status=404)
    findings = findings_of(link_gone.RULE, catalog, [page], confirm=3)
    assert findings
    assert Report(catalog, (page,), tuple(findings), RUN).exit_code(0.5, exit_zero=False) == 0


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
def test_a_length_of_time_reads_as_people_say_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text
