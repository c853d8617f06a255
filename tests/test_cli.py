"""The command line: what it prints, what it writes, and with which code it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Cli, StandIn
from support import ROOT, catalog_of

from bot.demo.facts import Facts
from bot.demo.world import Fault, World
from bot.medium.site import MEDIUM
from bot.rules.registry import RULES

BERT = "https://a.medium.com/papers-explained-02-bert-31e59abc0615"
GPT = "https://a.medium.com/papers-explained-43-gpt-30b6f1e6d226"
TEXT = f"# C\n\n| Paper | Date |\n|---|---|\n| [BERT]({BERT}) | May 2018 |\n| [GPT]({GPT}#0001) | June 2018 |\n"


def facts(url: str, title: str) -> Facts:
    address = MEDIUM.read(url)
    assert address is not None
    assert address.post_id is not None
    headings = (("0000", "h3", title), ("0001", "h3", title))
    return Facts(address.post_id, title, "2024-01-01T00:00:00.000Z", url, headings)


def small_world(**faults: Fault) -> World:
    both = (facts(BERT, "BERT"), facts(GPT, "GPT"))
    world = World({each.post_id: each for each in both}, paragraphs=2, retry_after=0)
    world.faults = {BERT[-12:]: faults["bert"]} if "bert" in faults else {}
    return world


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository's folder with a catalog, in which commands are run."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text(TEXT, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


# -- a clean run, findings, coverage ----------------------------------------------------------


def test_a_clean_catalog_ends_with_0(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    done = cli("check-links", "--rate", "0", "--remap", stand_in(small_world()))
    assert (done.code, done.err) == (0, "")
    assert "2 links of 2 entries on 2 pages, 3 requests" in done.out
    assert "Coverage 100.0%: 2 of 2 pages verified.\n" in done.out
    assert done.out.endswith("2 findings: 2 information. 2 safe fixes.\n")  # no article has a record yet
    assert [path.name for path in folder.iterdir() if path.name != ".git"] == ["README.md"]


def test_findings_end_with_1_and_are_shown_by_line(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    del folder
    remap = stand_in(small_world(bert=Fault.DELETED))
    done = cli("check-links", "--rate", "0", "--remap", remap)
    assert done.code == 1
    assert done.out.startswith("README.md:5:3: link-gone error: the page is gone: deleted by its author (410)\n")
    assert cli("check-links", "--rate", "0", "--remap", remap, "--exit-zero").code == 0


def test_too_little_coverage_ends_with_4(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    del folder
    remap = stand_in(small_world(bert=Fault.CHALLENGE))
    assert cli("check-links", "--rate", "0", "--remap", remap).code == 0
    done = cli("check-links", "--rate", "0", "--remap", remap, "--min-coverage", "0.8", "--exit-zero")
    assert done.code == 4
    assert "Blocked     https://a.medium.com/papers-explained-02-bert-31e59abc0615  a bot challenge" in done.out


def test_confirm_shows_a_death_without_calling_it_one(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    del folder
    done = cli("check-links", "--rate", "0", "--remap", stand_in(small_world(bert=Fault.DELETED)), "--confirm", "3")
    assert done.code == 0
    assert "not yet confirmed (1 of 3 dates)" in done.out


# -- formats and files --------------------------------------------------------------------------


def test_json_goes_to_standard_output_alone(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    del folder
    done = cli("check-links", "--rate", "0", "--remap", stand_in(small_world()), "--format", "json")
    data = json.loads(done.out)
    assert data["schema"] == "bot-report/2"
    assert [page["final_url"] for page in data["pages"]] == [BERT, GPT]


def test_output_writes_the_report_and_still_shows_it(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    remap = stand_in(small_world(bert=Fault.DELETED))
    done = cli("check-links", "--rate", "0", "--remap", remap, "--format", "json", "-o", "r.json")
    assert json.loads((folder / "r.json").read_text())["findings"][0]["rule"] == "link-gone"
    assert "link-gone error" in done.out
    cli("check-links", "--rate", "0", "--remap", remap, "--output", folder / "r.txt")
    assert (folder / "r.txt").read_text("utf-8").startswith("README.md:5:3: link-gone error")


def test_a_report_without_a_folder_is_rejected_before_any_request(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    del folder
    world = small_world()
    done = cli("check-links", "--rate", "0", "--remap", stand_in(world), "-o", "no/such/folder/r.txt")
    assert done == (2, "", "bot: no/such/folder/r.txt: there is no such folder; make it, or name another file\n")
    assert world.requests == 0


def test_quiet_prints_findings_only_and_verbose_each_page(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    del folder
    remap = stand_in(small_world())
    assert cli("check-links", "--rate", "0", "--remap", remap, "-q") == (0, "", "")
    done = cli("check-links", "--rate", "0", "--remap", remap, "-v")
    lines = [line.split(" ") for line in done.err.splitlines()]
    assert sorted(words[5] for words in lines) == [f"url={BERT}", f"url={GPT}"]
    assert all(words[1:4] == ["outcome=Alive", "status=200", "attempts=1"] for words in lines)


# -- choosing -----------------------------------------------------------------------------------


def test_rules_can_be_selected_and_ignored(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    del folder
    remap = stand_in(small_world(bert=Fault.DELETED))
    for more in (["--ignore", "link-gone"], ["--select", "fragment"], ["--select", "link-form,link-moved"]):
        assert cli("check-links", "--rate", "0", "--remap", remap, *more).code == 0
    assert cli("check-links", "--rate", "0", "--remap", remap, "--select", "all").code == 1


def test_a_marker_on_the_line_silences_a_rule_there(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    remap = stand_in(small_world(bert=Fault.DELETED))
    for marker, code in [("link-gone", 0), ("link-gone, link-form", 0), ("", 0), ("link-moved", 1)]:
        text = TEXT.replace("May 2018 |", f"May 2018 <!-- bot: ignore {marker} --> |")
        (folder / "README.md").write_text(text, "utf-8")
        assert cli("check-links", "--rate", "0", "--remap", remap).code == code


def test_excluded_addresses_are_not_requested(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    del folder
    world = small_world(bert=Fault.DELETED)
    done = cli("check-links", "--rate", "0", "--remap", stand_in(world), "--exclude", "bert")
    assert done.code == 0
    assert "skipped: 1 page, excluded by the settings" in done.out
    assert not any("bert" in url for url in world.asked)


def test_links_outside_medium_are_skipped_unless_asked_for(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    (folder / "README.md").write_text(TEXT + "\n[x](https://example.org/x) [y](docs/y.md) [z](mailto:z@example.org)\n")
    world = small_world()
    remap = stand_in(world)
    done = cli("check-links", "--rate", "0", "--remap", remap)
    assert "skipped: 1 page, not on Medium (--all-hosts checks them too)" in done.out
    assert "skipped: 2 pages, not a web address" in done.out
    assert not any("example.org" in url for url in world.asked)
    done = cli("check-links", "--rate", "0", "--remap", remap, "--all-hosts", "--format", "json")
    assert world.asked["https://example.org/x"] == 1
    data = json.loads(done.out)
    assert data["run"]["coverage"]["total"] == 3
    gone = [each["url"] for each in data["findings"] if each["rule"] == "link-gone"]
    assert gone == ["https://example.org/x"]


def test_since_checks_changed_lines_only(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    (folder / ".git").rmdir()

    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words], check=True, cwd=folder)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    world = small_world(bert=Fault.DELETED)
    remap = stand_in(world)
    done = cli("check-links", "--rate", "0", "--remap", remap, "--since", "HEAD")
    assert done.code == 0
    assert world.requests == 0
    (folder / "README.md").write_text(TEXT.replace("May", "June"), "utf-8")
    assert cli("check-links", "--rate", "0", "--remap", remap, "--since", "HEAD").code == 1
    assert {url for url in world.asked if not url.endswith("robots.txt")} == {BERT}
    done = cli("check-links", "--since", "no-such-ref")
    assert (done.code, done.err.count("\n")) == (2, 1)


# -- wrong usage --------------------------------------------------------------------------------


def not_utf_8(folder: Path) -> None:
    (folder / "README.md").write_bytes(b"# C\n\n- [x](https://medium.com/@\xff)\n")


def no_links(folder: Path) -> None:
    (folder / "README.md").write_text("# Nothing here\n")


def no_catalog(folder: Path) -> None:
    (folder / "README.md").unlink()


def wrong_key(folder: Path) -> None:
    (folder / "bot.toml").write_text("rate = 1\nignroe = []\n")


def nothing(folder: Path) -> None:
    assert folder.is_dir()


@pytest.mark.parametrize(
    ("arrange", "arguments", "message"),
    [
        (nothing, ["check-links", "none.md"], "bot: none.md: no such file"),
        (no_catalog, ["check-links"], "bot: README.md: no such file"),
        (nothing, ["check-links", "."], "bot: .: is a folder"),
        (not_utf_8, ["check-links"], "bot: README.md:3: not UTF-8 text"),
        (no_links, ["check-links"], "bot: README.md: contains no links"),
        (nothing, ["check-links", "--exclude", "("], "bot: exclude must be a list of regular expressions"),
        (nothing, ["check-links", "--remap", "("], "bot: remap '(': "),
        (nothing, ["check-links", "--remap", "( http://x"], "bot: remap '( http://x': "),
        (
            nothing,
            ["check-links", "--select", "link-gnoe"],
            "bot: unknown rule 'link-gnoe' (`bot rules` lists them all); did you mean 'link-gone'?",
        ),
        (nothing, ["check-links", "--ignore", "xyzzy"], "bot: unknown rule 'xyzzy' (`bot rules` lists them all)"),
        (nothing, ["check-links", "--rate", "-1"], "bot: rate must be a number from 0 to 1e9"),
        (nothing, ["check-links", "--concurrency", "0"], "bot: concurrency must be a whole number from 1 to 1000"),
        (
            nothing,
            ["check-links", "--config", "none.toml"],
            "bot: none.toml: no such file; name a settings file with --config",
        ),
        (wrong_key, ["check-links"], "unknown key 'ignroe'; did you mean 'ignore'?"),
        (nothing, ["check-links", "--rate", "fast"], "bot check-links: Invalid value for '--rate'"),
        (nothing, ["check-links", "--timeout", "soon"], "invalid duration 'soon'; use 90, 90s, 30m or 2h"),
        (nothing, ["check-links", "--no-such-option"], "bot check-links: No such option"),
        (nothing, ["explain", "link-gnoe"], "did you mean 'link-gone'?"),
        (nothing, ["chek-links"], "bot: No such command 'chek-links'"),
        (no_catalog, ["demo"], "bot: README.md: no such file"),
        (no_links, ["demo"], "bot: README.md: no links to Medium articles"),
        (nothing, ["demo", "-o", "README.md"], "bot: README.md: cannot create this folder"),
    ],
)
def test_wrong_usage_is_one_clear_line_and_2(
    cli: Cli, folder: Path, arrange: Callable[[Path], None], arguments: list[str], message: str
) -> None:
    arrange(folder)
    done = cli(*arguments)
    assert done.code == 2
    assert message in done.err.splitlines()[0]
    assert "Traceback" not in done.err
    assert len([line for line in done.err.splitlines() if not line.startswith("Try ")]) == 1
    assert done.out == ""


def test_durations_can_have_units(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    del folder
    arguments = ["--timeout", "10s", "--max-time", "2m"]
    assert cli("check-links", "--rate", "0", "--remap", stand_in(small_world()), *arguments).code == 0


def test_a_catalog_in_the_settings_is_relative_to_them(
    cli: Cli, stand_in: StandIn, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "docs").mkdir()
    (folder / "README.md").rename(folder / "docs" / "list.md")
    (folder / "bot.toml").write_text('catalog = "docs/list.md"\nrate = 0\n')
    monkeypatch.chdir(folder / "docs")
    done = cli("check-links", "--remap", stand_in(small_world()))
    assert done.code == 0
    assert "list.md: 2 links" in done.out


# -- ending early -------------------------------------------------------------------------------


def test_the_time_limit_ends_the_run_with_a_partial_report(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    del folder
    remap = stand_in(small_world(bert=Fault.SLOW))
    begun = time.monotonic()
    done = cli("check-links", "--rate", "0", "--remap", remap, "--max-time", "1", "--format", "json")
    assert time.monotonic() - begun < 10
    data = json.loads(done.out)
    assert data["run"]["partial"] is True
    assert [page["outcome"] for page in data["pages"]] == ["Skipped", "Alive"]
    assert data["run"]["coverage"] == {"verified": 1, "total": 2}


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_reports_what_is_known(stand_in: StandIn, folder: Path, which: signal.Signals) -> None:
    world = small_world(bert=Fault.SLOW)
    command = [sys.executable, "-c", "from bot.cli import entry_point; entry_point()"]
    command += ["check-links", "--rate", "0", "--remap", stand_in(world), "--format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        deadline = time.monotonic() + 20
        while world.requests < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(which)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    data = json.loads(out)
    assert data["run"]["partial"] is True
    assert data["pages"][0]["reason"] == "interrupted"
    assert data["pages"][1]["outcome"] == "Alive"


def test_a_reader_that_goes_away_is_not_a_failure(folder: Path) -> None:
    command = f"{sys.executable} -c 'from bot.cli import entry_point; entry_point()' explain link-gone | true"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr


# -- rules, explain, demo -----------------------------------------------------------------------


def test_rules_lists_every_rule_on_a_line(cli: Cli) -> None:
    lines = cli("rules").out.splitlines()
    assert [line.split()[0] for line in lines] == [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_explain_shows_why_and_the_example(cli: Cli, rule: object) -> None:
    id_ = rule.id  # type: ignore[attr-defined]
    out = cli("explain", id_).out
    assert out.startswith(f"{id_} (")
    assert "Why: " in out
    assert "Bad:" in out


def test_the_demo_shows_every_kind_of_finding_and_leaves_its_reports(cli: Cli, folder: Path) -> None:
    done = cli("demo", ROOT / "catalog" / "README.md")
    assert done.code == 0
    data = json.loads((folder / "demo-output" / "report.json").read_text())
    assert {finding["rule"] for finding in data["findings"]} == {
        "link-gone",
        "link-moved",
        "link-form",
        "fragment-missing",
        "fragment-mismatch",
        "fragment-wanted",
        "date-malformed",
        "date-order",
        "duplicate-entry",
        "duplicate-link",
        "name-mismatch",
        "record-missing",
    }
    assert (folder / "demo-output" / "report.txt").read_text("utf-8") in done.out
    assert data["run"]["coverage"]["verified"] == data["run"]["coverage"]["total"] - 1  # the one behind a bot challenge


def test_the_demo_works_on_any_catalog(cli: Cli, folder: Path) -> None:
    done = cli("demo", "-o", folder / "out")
    assert done.code == 0
    assert (folder / "out" / "report.json").exists()
    assert next(catalog_of(TEXT).entries()).name == "BERT"


def test_the_version_is_shown(cli: Cli) -> None:
    assert cli("--version").out.startswith("bot, version ")
