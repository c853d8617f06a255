"""`bot publish` from the environment of a job: what it needs, refuses, prints, and that the token goes nowhere."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from github_stand_in.model import Permissions
from github_stand_in.script import refusing
from github_stand_in.state import Hub
from hosted import Hosted
from publishing import CATALOG, PAPERS, Night, changed, publish, pull_of, state_of, stocked, writes_of
from support import CHECKED

from bot.checking.evaluate import Inputs, lint
from bot.commands.publish import publish_report
from bot.config import Settings
from bot.errors import BotError, ForgeError, UsageError
from bot.markdown.parse import parse
from bot.model.documents import encode_history, encode_report
from bot.model.history import History
from bot.publish.api import Api
from bot.publish.forge import Forge
from bot.publish.github import DryRun, PyGithubForge
from bot.publish.session import Publication
from bot.rules.registry import RULES

SETTINGS = replace(Settings(), pause=0.0)
ASKED = Publication(SETTINGS, CATALOG)


def environment(github: Hosted, **more: str) -> dict[str, str]:
    given = {"GITHUB_TOKEN": github.hub.token, "GITHUB_REPOSITORY": github.hub.name, "GITHUB_API_URL": github.url}
    return {name: value for name, value in {**given, **more}.items() if value}


def report_at(tmp_path: Path, github: Hosted, night: Night | None = None) -> Path:
    place = tmp_path / "report.json"
    place.write_bytes((night or Night()).report(github.hub))
    return place


def test_a_job_s_environment_is_enough(github: Hosted, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = stocked(github)
    run = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_RUN_ID": "77"}
    assert publish_report(report_at(tmp_path, github), ASKED, environment(github, **run)) == 0
    assert (len(hub.pulls), len(hub.issues)) == (5, 3)
    assert "From the [run of 2026-01-02](https://github.com/owner/name/actions/runs/77)." in pull_of(hub, "links").body
    lines = capsys.readouterr().out.splitlines()
    assert "opened     bot: 2 link fixes  https://github.com/owner/name/pull/1" in lines
    assert publish_report(report_at(tmp_path, github), ASKED, environment(github, **run)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "Nothing to change on GitHub."
    assert "kept       bot: 2 link fixes  https://github.com/owner/name/pull/1" in lines


def test_the_command_line_reaches_it(
    github: Hosted, tmp_path: Path, cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = stocked(github)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_TOKEN", hub.token)
    monkeypatch.setenv("GITHUB_API_URL", github.url)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    (tmp_path / "bot.toml").write_text("pause = 0\n")
    report_at(tmp_path, github)
    finished = cli(
        "publish", "report.json", "--repo", hub.name, "--catalog", CATALOG, "--select", "links,metadata", "-q"
    )
    assert (finished.code, finished.err) == (0, "")
    assert [pull.head for pull in hub.pulls.values()] == ["bot/links", "bot/metadata"]
    again = cli("publish", "report.json", "--repo", hub.name, "--catalog", CATALOG, "--select", "links", "-q")
    assert again.out == "Nothing to change on GitHub.\n"


def test_a_dry_run_prints_every_body_and_diff_and_writes_nothing(
    github: Hosted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = stocked(github)
    before = state_of(hub)
    publish_report(report_at(tmp_path, github), replace(ASKED, dry_run=True), environment(github))
    rehearsed = capsys.readouterr().out
    assert {request.method for request in hub.requests} == {"GET"}
    assert state_of(hub) == before
    for act in publish(github).acts:
        assert f"would be {act.verb} {act.what}" in rehearsed
        lines = [line for line in act.diff.splitlines() if line]
        assert all(f"    {line}" in rehearsed for line in lines)
        assert act.body.splitlines()[2] in rehearsed
    assert "\x1b" not in rehearsed


def test_a_dry_run_on_what_is_there_says_what_would_be_changed(
    github: Hosted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = stocked(github)
    publish(github)
    hub.push("main", {CATALOG: PAPERS.replace(b"June 2024", b"Junee 2024").replace(b"http:", b"https:")})
    report = report_at(tmp_path, github, Night(day=3, told="", recoveries={}))
    written = writes_of(hub, lambda: publish_report(report, replace(ASKED, dry_run=True), environment(github)))
    assert written == []
    out = capsys.readouterr().out
    assert "would be updated bot: 2 metadata fixes" in out
    assert "would be closed bot: 2 link fixes" in out


def test_a_dry_run_needs_no_token_where_reading_is_free(github: Hosted, tmp_path: Path) -> None:
    stocked(github)
    asked, around = replace(ASKED, dry_run=True), environment(github, GITHUB_TOKEN="")
    with pytest.raises(ForgeError, match="requires a token; set GITHUB_TOKEN"):
        publish_report(report_at(tmp_path, github), asked, around)  # the stand-in's reading is not free
    assert [request.headers.get("authorization") for request in github.hub.requests] == [None]


NEEDED: Mapping[str, tuple[dict[str, Any], str]] = {
    "no token": ({"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is not set; only --dry-run works without a token"),
    "a token in two lines": ({"GITHUB_TOKEN": "ghs_a\nb"}, "invalid GITHUB_TOKEN"),
    "a token with a blank": ({"GITHUB_TOKEN": "ghs a"}, "invalid GITHUB_TOKEN"),
    "a token with other letters": ({"GITHUB_TOKEN": "ghs_ä"}, "invalid GITHUB_TOKEN"),
    "no repository": ({"GITHUB_REPOSITORY": ""}, "no repository given; name it with --repo OWNER/NAME"),
    "an address for a repository": (
        {"GITHUB_REPOSITORY": "https://github.com/owner/name"},
        "invalid repository 'https://github.com/owner/name'; name it with --repo OWNER/NAME",
    ),
    "a path for a repository": (
        {"GITHUB_REPOSITORY": "owner/name/../../user"},
        "invalid repository 'owner/name/../../user'",
    ),
    "a query for a repository": ({"GITHUB_REPOSITORY": "owner/name?x=1"}, "invalid repository 'owner/name?x=1'"),
    "an API in clear": ({"GITHUB_API_URL": "http://api.github.com"}, "must be an https address"),
    "an API that looks local": ({"GITHUB_API_URL": "http://localhost.evil.example"}, "must be an https address"),
    "an API in clear at a private address": ({"GITHUB_API_URL": "http://192.168.0.1"}, "must be an https address"),
    "an API by another scheme": ({"GITHUB_API_URL": "ftp://api.github.com"}, "must be an https address"),
    "an API without a scheme": ({"GITHUB_API_URL": "api.github.com"}, "must be an https address"),
    "an API with a user": ({"GITHUB_API_URL": "https://me:pw@api.github.com"}, "not the address of an API"),
    "an API with a query": ({"GITHUB_API_URL": "https://api.github.com/?x=1"}, "not the address of an API"),
    "an API without a host": ({"GITHUB_API_URL": "https:///x"}, "not the address of an API"),
}


@pytest.mark.parametrize(("given", "said"), NEEDED.values(), ids=NEEDED.keys())
def test_an_environment_that_will_not_do_is_refused_before_any_request(
    github: Hosted, tmp_path: Path, given: dict[str, Any], said: str
) -> None:
    stocked(github)
    around = {**environment(github), **given}
    with pytest.raises(UsageError) as raised:
        publish_report(report_at(tmp_path, github), ASKED, {name: value for name, value in around.items() if value})
    assert said in str(raised.value)
    assert github.hub.requests == []
    assert around.get("GITHUB_TOKEN") != "ghs_a\nb" or "ghs_a" not in str(raised.value)


@pytest.mark.parametrize(
    "address", ["https://api.github.com", "https://git.example.org/api/v3", "http://localhost:8080"]
)
def test_an_api_elsewhere_is_fine_where_the_token_is_not_sent_in_clear(address: str) -> None:
    assert Api("ghs_x", address).base_url == address


def test_a_repository_that_is_not_there_is_said(github: Hosted, tmp_path: Path) -> None:
    stocked(github)
    asked = replace(ASKED, repository="owner/other")
    with pytest.raises(ForgeError, match="owner/other: there is no such repository, or the token may not read it"):
        publish_report(report_at(tmp_path, github), asked, environment(github))


def test_a_base_that_is_not_there_is_said(github: Hosted, tmp_path: Path) -> None:
    stocked(github)
    with pytest.raises(ForgeError, match="owner/name has no branch 'next'; name another with --base"):
        publish_report(report_at(tmp_path, github), replace(ASKED, base="next"), environment(github))


def test_an_unknown_kind_is_refused_with_the_nearest_one(github: Hosted, tmp_path: Path) -> None:
    stocked(github)
    with pytest.raises(UsageError, match=r"--select link: unknown kind; did you mean 'links'\?; they are"):
        publish_report(report_at(tmp_path, github), replace(ASKED, kinds=("link",)), environment(github))
    assert github.hub.requests == []


@pytest.mark.parametrize("catalog", ["/catalog/README.md", "../README.md", ".github/README.md", "./.github/x.md", ""])
def test_a_catalog_outside_the_repository_is_refused(github: Hosted, tmp_path: Path, catalog: str) -> None:
    stocked(github)
    with pytest.raises(UsageError, match="not a file of the repository"):
        publish_report(report_at(tmp_path, github), replace(ASKED, catalog=catalog), environment(github))


def test_a_report_that_is_not_there_is_said(github: Hosted, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="check-links writes a report with --format json --output"):
        publish_report(tmp_path / "none.json", ASKED, environment(github))


def partly(**run: object) -> bytes:
    return changed(Night().report_on(PAPERS), lambda data: data["run"].update(run))


PARTS = {
    "lint": encode_report(lint(Inputs(parse(PAPERS, CATALOG), Settings(), RULES), CHECKED)),
    "--since": partly(whole=False),
    "--select": partly(rules=["link-gone"]),
    "--ignore": partly(rules=[rule.id for rule in RULES[1:]]),
    "an invalid date": partly(finished="2026-02-30T00:00:00Z"),
    "another catalog": Night().report_on(PAPERS, path="README.md"),
    "a path that looks alike": Night().report_on(PAPERS, path="catalog/./README.md"),
}


@pytest.mark.parametrize("report", PARTS.values(), ids=PARTS.keys())
def test_a_report_of_a_part_is_refused_since_its_silence_means_nothing(
    github: Hosted, tmp_path: Path, report: bytes
) -> None:
    stocked(github)
    place = tmp_path / "report.json"
    place.write_bytes(report)
    with pytest.raises(UsageError, match=r"the run checked only a part|is about|at `\$\.run\.finished`"):
        publish_report(place, ASKED, environment(github))
    assert github.hub.requests == []


def test_a_report_of_the_rules_that_the_settings_choose_is_whole(github: Hosted, tmp_path: Path) -> None:
    hub = stocked(github)
    place = tmp_path / "report.json"
    place.write_bytes(changed(Night().report(hub), lambda data: data["run"].update(rules=["link-form", "link-moved"])))
    settings = replace(SETTINGS, select=("link-form", "link-moved"))
    assert publish_report(place, replace(ASKED, settings=settings), environment(github)) == 0


def test_the_job_s_summary_says_what_was_done_and_what_was_not(github: Hosted, tmp_path: Path) -> None:
    hub = stocked(github)
    report = report_at(tmp_path, github)
    hub.push("main", {CATALOG: PAPERS.replace(b"Februray", b"February").replace(b"old-home", b"x")})
    hub.script(refusing(403, "no | way"), "POST", r"/issues$")
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    with pytest.raises(ForgeError, match="dead-links: the token may not POST /issues"):
        publish_report(report, ASKED, environment(github, GITHUB_STEP_SUMMARY=str(summary)))
    text = summary.read_text("utf-8")
    assert text.startswith("before\n### Published\n\n| | what | why |\n|---|---|---|\n| opened | [bot: 1 link fix]")
    assert "- not done: dead-links: the token may not POST /issues (GitHub says: no \\| way)" in text
    opened = re.findall(r"^\| opened \| \[bot: (.*)\]\(", text, re.MULTILINE)  # but for what the catalog no longer says
    assert opened == ["1 link fix", "3 article records", "1 link fix for review", "1 metadata fix for review"]


def test_a_summary_that_cannot_be_written_is_said(github: Hosted, tmp_path: Path) -> None:
    stocked(github)
    with pytest.raises(BotError, match="cannot be written"):
        publish_report(report_at(tmp_path, github), ASKED, environment(github, GITHUB_STEP_SUMMARY=str(tmp_path)))


def test_failures_end_in_one_error_after_all_was_said(
    github: Hosted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = stocked(github)
    hub.permissions = Permissions(issues="none")
    with pytest.raises(ForgeError, match="issues: the token may not GET /issues"):
        publish_report(report_at(tmp_path, github), ASKED, environment(github))
    assert "opened     bot: 2 link fixes" in capsys.readouterr().out


def test_the_token_is_in_no_log_no_error_no_body_and_no_output(
    github: Hosted, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    hub = stocked(github)
    caplog.set_level(logging.DEBUG)
    for name in ("github", "github.Requester", "urllib3", "requests", "bot"):
        caplog.set_level(logging.DEBUG, name)
    hub.script(refusing(403, "not good enough"), "POST", r"/git/refs$", skip=2)
    hub.script(refusing(422, "nor this"), "POST", r"/issues$")
    api = Api(hub.token, github.url, 0.0, sleep=lambda _: None)
    summary = tmp_path / "summary.md"
    around = environment(github, GITHUB_STEP_SUMMARY=str(summary))
    with pytest.raises(ForgeError) as raised:
        publish_report(report_at(tmp_path, github), ASKED, around)
    hub.token = "another"
    with pytest.raises(ForgeError) as refused:
        PyGithubForge(api, hub.name).repository()
    token = around["GITHUB_TOKEN"]
    assert token in github.hub.requests[0].headers["authorization"]
    out, err = capsys.readouterr()
    said = [out, err, caplog.text, summary.read_text("utf-8"), repr(api), repr(ASKED)]
    said += [each.body for each in (*hub.pulls.values(), *hub.issues.values())]
    for one in (raised, refused):
        said += [repr(one.value), "".join(traceback.format_exception(one.value)), repr(one.value.__dict__)]
    assert "POST" in caplog.text
    assert [text for text in said if token in text] == []


def test_a_server_that_repeats_the_token_gets_it_into_no_error(github: Hosted, tmp_path: Path) -> None:
    hub = stocked(github)
    hub.script(refusing(403, f"{hub.token} may not"), "POST", r"/git/refs$", 9)
    hub.script(refusing(422, f"nor may {hub.token}"), "POST", r"/issues$", 9)
    with pytest.raises(ForgeError, match=r"GitHub says: … may not.*nor may …") as raised:
        publish_report(report_at(tmp_path, github), ASKED, environment(github))
    assert hub.token not in repr(raised.value)


def states(hub: Hub) -> list[str]:
    return [commit.message for commit in hub.log("bot-state")]


def test_the_state_goes_to_a_branch_of_its_own_once(github: Hosted, tmp_path: Path) -> None:
    hub = stocked(github)
    state = tmp_path / "state.json"
    state.write_bytes(encode_history(History()))
    asked = replace(ASKED, state=state)
    publish_report(report_at(tmp_path, github), asked, environment(github))
    assert hub.files("bot-state") == {"state.json": state.read_bytes()}
    assert states(hub) == ["State of 2026-01-02\n"]
    assert writes_of(hub, lambda: publish_report(report_at(tmp_path, github), asked, environment(github))) == []


def test_a_dry_run_keeps_no_state(github: Hosted, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hub = stocked(github)
    state = tmp_path / "state.json"
    state.write_bytes(encode_history(History()))
    publish_report(report_at(tmp_path, github), replace(ASKED, state=state, dry_run=True), environment(github))
    assert hub.writes == []
    assert "would be updated the branch bot-state" in capsys.readouterr().out


def test_the_state_is_kept_though_the_rest_failed(github: Hosted, tmp_path: Path) -> None:
    hub = stocked(github)
    report = report_at(tmp_path, github)
    state = tmp_path / "state.json"
    state.write_bytes(encode_history(History()))
    hub.push("main", {CATALOG: None})
    with pytest.raises(ForgeError, match=f"the branch main has no file {CATALOG}"):
        publish_report(report, replace(ASKED, state=state), environment(github))
    assert len(states(hub)) == 1


@pytest.mark.parametrize("content", [None, b"", b"{}"])
def test_a_state_that_cannot_be_read_is_said_and_not_kept(
    github: Hosted, tmp_path: Path, content: bytes | None
) -> None:
    hub = stocked(github)
    state = tmp_path / "state.json"
    if content is not None:
        state.write_bytes(content)
    with pytest.raises(BotError, match=r"state\.json"):
        publish_report(report_at(tmp_path, github), replace(ASKED, state=state), environment(github))
    assert "bot-state" not in hub.refs
    assert len(hub.pulls) == (0 if content is None else 5)


def test_github_and_the_dry_run_are_forges(github: Hosted) -> None:
    forges: list[Forge] = [kind(Api(None, github.url), "owner/name") for kind in (PyGithubForge, DryRun)]
    assert [type(each).__name__ for each in forges] == ["PyGithubForge", "DryRun"]
