"""The job's summary and its annotations: read in ten seconds, bounded, and hostile text stays text."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import Cli
from rendered import html_of, reading_of
from reports import ALIVE, HOSTILE, MOVED, OTHER, RUN, URL, report_on
from support import article_of, page_of

from bot.model.findings import Finding, Severity
from bot.model.pages import Blocked, Gone, Moved, Skipped
from bot.model.report import Fixed, Report
from bot.model.spans import Span
from bot.output.annotations import render as render_annotations
from bot.output.markdown import lines_address
from bot.output.markdown import render as render_markdown
from bot.output.text import render as render_text

EVIL = f"{HOSTILE} @octocat #12 <img src=x> [a](javascript:b) | `c` --> ##[error]x %0A::error::y, https://evil.example"


def many(count: int, severity: Severity = Severity.WARNING) -> Report:
    report = report_on(page_of(URL, ALIVE), page_of(OTHER, ALIVE))
    found = tuple(
        Finding("link-moved", severity, Span(6, 7), f"Model {at}", "S", URL, f"article:{at}", "m" * 200)
        for at in range(count)
    )
    return replace(report, findings=found)


def test_the_summary_begins_with_what_matters() -> None:
    report = report_on(page_of(URL, MOVED), page_of(OTHER, Blocked("a bot challenge"), status=403))
    known = {each.fingerprint: date(2026, 1, 1) for each in report.findings[:1]}
    fixed = (Fixed("link-gone", "GPT", OTHER, date(2025, 12, 30)),)
    run = replace(RUN, oldest=date(2025, 12, 24), never=1, notes=("the feed of @a could not be read",))
    text = render_markdown(replace(report, known=known, fixed=fixed, run=run))
    lines = text.splitlines()
    assert lines[0].startswith("### catalog.md: ")
    assert lines[2].startswith("**50%** of 2 pages verified · oldest verification: 2025-12-24, 1 never yet · ")
    assert " · 1 still open · 1 fixed · " in lines[2]
    assert "> the feed of @‍a could not be read" in lines
    assert "- fixed: `link-gone` of GPT, known since 2025-12-30" in lines
    assert "since 2026-01-01" in text
    assert "<details><summary>1 page not verified</summary>\n\n- 1 × blocked: a bot challenge" in text


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (report_on(page_of(URL, Blocked("x")), page_of(OTHER, Blocked("x"))), "Too few pages could be seen."),
        (report_on(page_of(URL, ALIVE), run=replace(RUN, cut_short="interrupted")), "This run is partial"),
        (report_on(page_of(URL, Gone("x")), run=replace(RUN, held_back=(URL,))), "1 page held back"),
    ],
)
def test_troubles_are_shown_above_the_table(report: Report, words: str) -> None:
    head = render_markdown(report).partition("| |")[0]
    assert words in head


def test_a_good_run_without_findings_is_two_lines() -> None:
    assert render_markdown(replace(report_on(page_of(URL, ALIVE)), findings=())).strip().count("\n") == 2


def test_entries_link_to_their_lines_where_these_can_be_seen() -> None:
    at = lines_address("https://github.com", "a/b", "c" * 40, "docs/my list.md")
    assert at == f"https://github.com/a/b/blob/{'c' * 40}/docs/my%20list.md?plain=1"
    assert f"]({at}#L3)" in render_markdown(report_on(page_of(URL, MOVED)), at)
    assert lines_address("https://github.com", "a/b", "c", "./x.md") == "https://github.com/a/b/blob/c/x.md?plain=1"
    assert lines_address("", "a/b", "c", "x") == lines_address("https://github.com", "", "c", "x") == ""


@pytest.mark.parametrize("path", ["/somewhere/x.md", "../x.md", "a/../../x.md"])
def test_a_file_that_may_be_outside_the_repository_has_no_links_to_lines(path: str) -> None:
    assert lines_address("https://github.com", "a/b", "c", path) == ""


def test_all_pages_are_verified_only_where_none_is_missing() -> None:
    pages = [page_of(f"https://a.medium.com/x-{number:012x}", ALIVE) for number in range(299)]
    assert render_markdown(report_on(*pages)).splitlines()[2].startswith("**100%** of 299 pages")
    pages.append(page_of(URL, Blocked("x")))
    assert render_markdown(report_on(*pages)).splitlines()[2].startswith("**99%** of 300 pages")


def test_without_a_history_nothing_is_called_new() -> None:
    report = report_on(page_of(URL, MOVED))
    assert "new" not in render_markdown(report)
    later = render_markdown(replace(report, known={"another": date(2026, 1, 1)}))
    assert " · 1 new · 0 still open · 0 fixed" in later
    assert "**new**" in later


def test_runs_that_saw_less_than_the_settings_want_are_counted() -> None:
    half = replace(report_on(page_of(URL, ALIVE), page_of(OTHER, Blocked("x"))), run=replace(RUN, low_runs=3))
    assert "Too few pages could be seen, for 3 runs in a row." in render_markdown(half)


def test_what_was_fixed_and_what_was_not_seen_is_listed_below_the_table() -> None:
    fixed = tuple(Fixed("link-gone", f"Model {at}", URL, date(2026, 1, 1)) for at in range(25))
    blocked = [page_of(f"https://a.medium.com/x-{at:012x}", Blocked(f"challenge {at}")) for at in range(25)]
    text = render_markdown(replace(report_on(page_of(URL, MOVED), *blocked), fixed=fixed))
    table, _, foot = text.partition("- fixed: ")
    assert "| warning |" in table
    assert "not verified" not in table
    assert foot.count("- fixed: `link-gone` of Model") == 19
    assert "- fixed: 5 more\n" in foot
    assert foot.count("× blocked: challenge") == 20
    assert "- 5 × another reason\n" in foot


def test_hostile_text_stays_text_in_the_summary() -> None:
    evil = Moved(article_of("31e59abc0615", EVIL, [("aaaa", EVIL)]), f"https://evil.example/{EVIL}-31e59abc0615")
    catalog = f"## S\n\n- [BERT]({URL})\n- [GPT]({OTHER})\n"
    report = report_on(page_of(URL, evil), page_of(OTHER, Blocked(EVIL)), text=catalog)
    report = replace(
        report,
        run=replace(RUN, cut_short=EVIL, notes=(EVIL,), held_back=(f"https://a.medium.com/{EVIL}",)),
        fixed=(Fixed("link-gone", EVIL, EVIL, date(2026, 1, 1)),),
        findings=(
            *report.findings,
            *(replace(each, entry=EVIL, message=EVIL, section=EVIL) for each in report.findings),
        ),
    )
    written = render_markdown(report, "https://github.com/a/b/blob/c/d.md")
    assert "##[" not in written  # it may be printed to a job's log
    assert not any(line.lstrip().startswith("::") for line in written.splitlines())
    reading = reading_of(written)
    assert reading.turned == ()
    assert not {"img", "script", "input", "del"} & set(reading.tags)
    assert all(link.startswith("https://github.com/a/b/blob/c/d.md#L") for link in reading.links)
    rows = re.findall(r"<tr>(.*?)</tr>", html_of(render_markdown(report)), re.DOTALL)
    assert {row.count("<td") + row.count("<th") for row in rows} == {4}


def test_a_summary_stays_below_githubs_limit_and_counts_what_it_leaves_out() -> None:
    text = render_markdown(many(20_000))
    assert len(text.encode()) < 1024 * 1024
    left = int(re.findall(r"… and (\d+) findings more", text)[0])
    assert left + text.count("| warning |") == 20_000


def test_annotations_are_on_the_catalogs_lines() -> None:
    text = render_annotations(report_on(page_of(URL, Gone("no such post (404)"), status=404)))
    assert text.startswith("::error file=catalog.md,line=3,col=3,title=link-gone%3A BERT::the page is gone")


@pytest.mark.parametrize("severity", list(Severity))
def test_github_shows_ten_of_a_kind_so_the_rest_is_counted(severity: Severity) -> None:
    lines = render_annotations(many(40, severity)).splitlines()
    shown = [line for line in lines if "link-moved" in line]
    assert len(shown) == (9 if severity is Severity.INFORMATION else 10)
    assert (
        lines[-1] == f"::notice title=Medium bot::{40 - len(shown)} findings more; the summary and the report list all"
    )


def test_hostile_text_can_neither_end_an_annotation_nor_begin_another() -> None:
    report = many(1)
    evil = replace(report.findings[0], entry=EVIL, message=EVIL)
    (line,) = render_annotations(replace(report, findings=(evil,))).splitlines()
    properties, _, message = line.removeprefix("::warning ").partition("::")
    assert [each.partition("=")[0] for each in properties.split(",")] == ["file", "line", "col", "title"]
    assert "##[" not in line
    assert "%250A" in message


def test_no_line_of_a_text_report_is_a_workflow_command() -> None:
    report = report_on(page_of(URL, Moved(article_of("31e59abc0615", EVIL, []), EVIL)), page_of(OTHER, Skipped(EVIL)))
    text = render_text(replace(report, run=replace(RUN, notes=(EVIL,), cut_short=EVIL)))
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert "##[" not in text


def test_the_command_writes_summary_and_annotations(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    third = "| [H](https://medium.com/p/ab12ab12ab12) | May 2024 |"
    rows = f"| [BERT]({URL}) | Februray 2024 |\n| [G]({OTHER}) | May 2024 |\n{third}\n"
    (tmp_path / "README.md").write_text(f"| Paper | Date |\n|---|---|\n{rows}")
    (tmp_path / "summary.md").write_text("before\n")
    done = cli("lint", "-q", "--summary", "summary.md", "--annotations")
    assert done.out.startswith("::warning file=README.md,line=3,")
    assert (tmp_path / "summary.md").read_text().startswith("before\n### README.md: 1 finding\n")
    assert cli("lint", "--format", "github").out == "".join(
        line for line in done.out.splitlines(keepends=True) if line.startswith("::")
    )
    assert cli("lint", "--format", "markdown").out.startswith("### README.md: 1 finding\n")
    assert cli("lint", "--summary", "no/such/folder").code == 2
