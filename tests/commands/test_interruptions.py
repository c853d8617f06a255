"""Interruptions: whatever ends a run early, what is known by then is told, and no file is left half written.

The real command, in a process of its own, against the stand-in on loopback; the network's absence and the clock's
jumps in this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import Cli, StandIn
from hours import in_no_time
from support import ROOT, catalog_of, run_check

from bot.commands.history_file import read_history
from bot.config import Settings
from bot.demo.facts import Facts
from bot.demo.world import Fault, World
from bot.history.update import updated
from bot.markdown.catalog import Catalog
from bot.medium.site import MEDIUM
from bot.model.documents import encode_history, encode_report
from bot.model.history import History
from bot.model.pages import Skipped, Unreachable
from bot.model.report import Report
from bot.output.text import render as render_text
from bot.rules.registry import RULES

SLOW = "https://a.medium.com/papers-explained-02-bert-31e59abc0615"
GPT = "https://a.medium.com/papers-explained-43-gpt-30b6f1e6d226"
TEXT = f"# C\n\n| Paper | Date |\n|---|---|\n| [BERT]({SLOW}) | Jume 2018 |\n| [GPT]({GPT}) | June 2018 |\n| x | June 2018 |\n"  # noqa: E501
OLD = {
    "README.md": TEXT.encode(),
    "r.json": b"the old report\n",
    "bot-baseline.txt": b"# old\n",
    "summary.md": b"# old\n",
}
PATIENCE = 30.0  # far more than any of this takes


def world(fault: Fault | None = None) -> World:
    known = {}
    for url, title in ((SLOW, "BERT"), (GPT, "GPT")):
        address = MEDIUM.read(url)
        assert address is not None
        assert address.post_id is not None
        known[address.post_id] = Facts(
            address.post_id, title, "2024-01-01T00:00:00.000Z", url, (("0000", "h3", title), ("0001", "h3", title))
        )
    return World(known, paragraphs=2, faults={"31e59abc0615": fault} if fault else {})


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with the files of an earlier run in it."""
    (tmp_path / ".git").mkdir()
    for name, content in OLD.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@dataclass
class Run:
    """A command in a process of its own; `heard` is what it has written to standard error so far."""

    process: subprocess.Popen[bytes]
    heard: str = ""

    def wait_for(self, words: str) -> None:
        """Read what the command says until it says these words."""
        timer = threading.Timer(PATIENCE, self.process.kill)
        timer.start()
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.heard += line.decode()
            if words in self.heard:
                timer.cancel()
                return
        timer.cancel()
        raise AssertionError(f"never printed {words!r}: {self.heard}")

    def end(self) -> tuple[int, str, str]:
        """Return the exit code, standard output and standard error."""
        out, err = self.process.communicate(timeout=PATIENCE)
        assert b"Traceback" not in err, err.decode()
        return self.process.returncode, out.decode(), self.heard + err.decode()


Start = Callable[..., Run]


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Start commands in the folder; `patch` is Python that runs before, `limit` the most bytes of a file."""
    with contextlib.ExitStack() as stack:

        def begin(*arguments: str, patch: str = "", limit: int | None = None) -> Run:
            process = subprocess.Popen(
                [sys.executable, "-c", f"{patch}\nfrom bot.cli import entry_point; entry_point()", *arguments],
                cwd=folder,
                env=CLEAN,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                preexec_fn=None if limit is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),  # noqa: PLW1509 - no thread runs here
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return Run(process)

        yield begin


CLEAN = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
CLEAN |= {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
CHECK = ("check-links", "--rate", "0", "-v", "--format", "json", "-o", "r.json", "--state", "s.json")


# -- signals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_and_what_is_known_is_reported_and_stored(
    stand_in: StandIn, start: Start, folder: Path, which: signal.Signals
) -> None:
    run = start(*CHECK, "--remap", stand_in(world(Fault.SLOW)))
    run.wait_for("outcome=Alive")
    run.process.send_signal(which)
    code, out, _ = run.end()
    assert code == 130
    assert "This report is partial: interrupted." in out
    data = json.loads((folder / "r.json").read_text())
    assert data["run"]["partial"] is True
    assert [(page["outcome"], page["reason"]) for page in data["pages"]] == [
        ("Skipped", "interrupted"),
        ("Alive", None),
    ]
    state, note = read_history((folder / "s.json").read_bytes(), "s.json", datetime.now(UTC).date(), MEDIUM)
    assert note is None
    assert [state.verified(each) is not None for each in ("@a/31e59abc0615", "@a/30b6f1e6d226")] == [False, True]
    assert files(folder) == OLD | {name: (folder / name).read_bytes() for name in ("r.json", "s.json")}


# Pauses in the middle of writing a file, and prints that it does.
STUCK = """
import os, sys, time
def stuck(fd):
    print("writing", file=sys.stderr, flush=True)
    time.sleep(60)
os.fsync = stuck
"""
WRITING = {
    "the report": ("lint", "--format", "json", "-o", "r.json"),
    "the catalog": ("lint", "--fix"),
    "the baseline": ("lint", "--write-baseline"),
}


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("arguments", WRITING.values(), ids=WRITING.keys())
def test_a_signal_during_a_write_leaves_the_old_file_and_no_temporary_one(
    start: Start, folder: Path, arguments: tuple[str, ...], which: signal.Signals
) -> None:
    run = start(*arguments, patch=STUCK)
    run.wait_for("writing")
    run.process.send_signal(which)
    assert run.end()[0] == 130
    assert files(folder) == OLD


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_process_and_leaves_the_old_files(
    stand_in: StandIn, start: Start, folder: Path, second: signal.Signals
) -> None:
    run = start(*CHECK, "--remap", stand_in(world(Fault.SLOW)), patch=STUCK)
    run.wait_for("outcome=Alive")
    run.process.send_signal(signal.SIGINT)
    run.wait_for("writing")
    run.process.send_signal(second)
    run.wait_for("writing\nwriting")  # what was seen is remembered all the same
    run.process.send_signal(second)
    assert run.end()[0] == 130
    assert files(folder) == OLD


@pytest.mark.parametrize("arguments", WRITING.values(), ids=WRITING.keys())
def test_even_a_kill_leaves_the_old_file_intact(start: Start, folder: Path, arguments: tuple[str, ...]) -> None:
    run = start(*arguments, patch=STUCK)
    run.wait_for("writing")
    run.process.kill()
    assert run.end()[0] == -signal.SIGKILL
    assert {name: text for name, text in files(folder).items() if not name.startswith(".bot.")} == OLD


def test_a_kill_in_the_middle_of_the_run_leaves_all_files_as_they_were(
    stand_in: StandIn, start: Start, folder: Path
) -> None:
    run = start(*CHECK, "--remap", stand_in(world(Fault.SLOW)))
    run.wait_for("outcome=Alive")
    run.process.kill()
    assert run.end()[0] == -signal.SIGKILL
    assert files(folder) == OLD


def test_a_signal_before_the_run_begins_ends_it_too(start: Start, folder: Path) -> None:
    waiting = "import sys, io\nclass Slow(io.RawIOBase):\n readable = lambda self: True\n"
    waiting += " def readinto(self, _): import time; print('reading', file=sys.stderr, flush=True); time.sleep(60)\n"
    waiting += "sys.stdin = io.TextIOWrapper(io.BufferedReader(Slow()))"
    run = start("lint", "-", patch=waiting)
    run.wait_for("reading")
    run.process.send_signal(signal.SIGTERM)
    assert run.end()[0] == 130
    assert files(folder) == OLD


# -- no room, no folder ---------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0, 7])
@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("-o", "r.json"), "r.json"),
        (("-o", "new.txt"), "new.txt"),
        (("--state", "s.json"), "s.json"),
        (("--fix",), "README.md"),
        (("--write-baseline",), "bot-baseline.txt"),
        (("--summary", "summary.md"), "summary.md"),
        (("--summary", "new.md"), "new.md"),
    ],
)
def test_a_full_disk_is_one_line_and_3_and_no_file_changes(
    stand_in: StandIn,
    start: Start,
    folder: Path,
    arguments: tuple[str, ...],
    name: str,
    limit: int,
) -> None:
    run = start("check-links", "--rate", "0", "--remap", stand_in(world()), *arguments, limit=limit)
    code, out, err = run.end()
    assert code == 3
    (line,) = [line for line in err.splitlines() if not line.startswith("s.json: there is no history yet")]
    assert line.startswith("bot: ")
    assert f"{name}: cannot be written: File too large" in line
    assert "date-malformed" in out or arguments == ("--write-baseline",)  # what was found is not lost
    assert files(folder) == OLD


@pytest.mark.parametrize("device", ["/dev/full"])
def test_a_full_device_in_place_of_the_report_is_one_line_and_3(start: Start, folder: Path, device: str) -> None:
    if not Path(device).is_char_device():
        pytest.skip("this system has no full device")
    code, out, err = start("lint", "-o", device).end()
    assert (code, err) == (3, "bot: /dev/full: cannot be written: No space left on device\n")
    assert "date-malformed" in out
    assert files(folder) == OLD


FULL = pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no full device")


def shell(folder: Path, command: str) -> tuple[int, str, str]:
    """Run a line of Bash in which `bot` is the bot; return its exit code, output and errors."""
    bot = f"bot() {{ {sys.executable} -c 'from bot.cli import entry_point; entry_point()' \"$@\"; }}"
    done = subprocess.run(
        ["bash", "-c", f"{bot}; {command}"],
        cwd=folder,
        env=CLEAN,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    return done.returncode, done.stdout, done.stderr


@FULL
@pytest.mark.parametrize(
    "arguments", ["lint", "lint --format json", "lint --diff", "rules", "explain link-gone", "--help"]
)
def test_standard_output_that_cannot_be_written_is_one_line_and_3(folder: Path, arguments: str) -> None:
    code, _, err = shell(folder, f"bot {arguments} > /dev/full")
    assert code == 3
    assert err.count("\n") == 1
    assert "No space left on device" in err


@FULL
def test_standard_error_that_cannot_be_written_does_not_fail_a_run(stand_in: StandIn, folder: Path) -> None:
    remap = stand_in(world())
    code, out, _ = shell(folder, f"bot check-links --rate 0 -v --remap '{remap}' --fix 2> /dev/full")
    assert code == 0
    assert "No findings" in out or "information" in out
    assert shell(folder, "bot lint none.md 2> /dev/full")[0] == 2


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-"])
def test_closed_streams_do_not_fail_a_run(stand_in: StandIn, folder: Path, closed: str) -> None:
    remap = stand_in(world())
    code, _, err = shell(folder, f"bot check-links --rate 0 -v --remap '{remap}' -o r.json --format json {closed}")
    assert code == 1, err
    assert json.loads((folder / "r.json").read_text())["run"]["partial"] is False


@pytest.mark.parametrize(
    "arguments", ["lint", "lint --format json", "lint --format markdown", "lint --diff", "lint -o r.json"]
)
def test_a_reader_that_goes_away_changes_no_exit_code(folder: Path, arguments: str) -> None:
    rows = "".join(
        f"| [B{n}](https://a.medium.com/b-{n:012x}) | {'June' if n % 3 else 'Jume'} 2001 |\n" for n in range(3_000)
    )
    (folder / "README.md").write_text(TEXT + rows)
    code, out, err = shell(folder, f"set -o pipefail; bot {arguments} | head -1")
    assert (code, out.count("\n"), err) == (1, 1, "")
    if "-o" in arguments:
        assert (folder / "r.json").read_text().count("date-malformed") == 1_001


def test_a_log_whose_reader_goes_away_does_not_end_the_run(stand_in: StandIn, folder: Path) -> None:
    remap = stand_in(world())
    command = f"bot check-links --rate 0 -v --remap '{remap}' -o r.txt 2> >(true) > out.txt"
    assert shell(folder, f"{command}; code=$?; wait; exit $code")[0] == 1
    assert "Coverage 100.0%" in (folder / "out.txt").read_text()


@pytest.mark.parametrize(
    "target",
    [("-o", "no/such/r.json"), ("--state", "no/such/s.json"), ("-o", "r.json/r.json"), ("--summary", "no/m.md")],
)
def test_a_file_without_a_folder_is_rejected_before_any_request(
    stand_in: StandIn, cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch, target: tuple[str, str]
) -> None:
    monkeypatch.chdir(folder)
    asked = world()
    done = cli("check-links", "--remap", stand_in(asked), *target)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"bot: {target[1]}: there is no such folder; make it, or name another file\n"
    assert asked.requests == 0
    assert files(folder) == OLD


@pytest.mark.parametrize("number", [30, 13, 122, 5])
def test_an_unwritable_folder_is_one_line_and_3(
    stand_in: StandIn, cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Read-only, closed to us, over quota, or broken: permissions do not bind who runs this as root."""

    def refused(**options: object) -> object:
        raise OSError(number, os.strerror(number), str(options["dir"]))

    monkeypatch.chdir(folder)
    monkeypatch.setattr(tempfile, "mkstemp", refused)
    for more in (["-o", "r.json"], ["--state", "s.json"], ["--fix"], ["--write-baseline"]):
        done = cli("check-links", "--rate", "0", "--remap", stand_in(world()), *more)
        assert done.code == 3
        assert f"cannot be written: {os.strerror(number)}; check the folder and its space\n" in done.err
    assert files(folder) == OLD


# -- files that others change ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda folder: (folder / "README.md").write_text(TEXT + "\nmore\n"),
            "README.md: was changed during the run",
        ),
        (lambda folder: (folder / "README.md").unlink(), "README.md: was changed during the run"),
        (lambda folder: (folder / "articles.jsonl").write_text("{}\n"), "articles.jsonl: was changed during the run"),
    ],
)
def test_files_changed_by_others_during_a_run_are_not_overwritten(
    stand_in: StandIn, start: Start, folder: Path, change: Callable[[Path], object], message: str
) -> None:
    run = start(*CHECK, "--fix", "--max-time", "3", "--remap", stand_in(world(Fault.SLOW)))
    run.wait_for("outcome=Alive")
    change(folder)
    before = {name: text for name, text in files(folder).items() if name != "r.json"}
    run.process.send_signal(signal.SIGINT)
    code, out, err = run.end()
    assert code == 2
    assert f"bot: {message}" in err
    assert "date-malformed" in out
    now = files(folder)
    assert json.loads(now.pop("r.json"))["run"]["partial"] is True
    assert now.pop("s.json")
    assert now == before


# -- no network -----------------------------------------------------------------------------------

MANY = catalog_of(
    "# C\n\n| Paper | Date |\n|---|---|\n"
    + "".join(f"| [B{n}](https://u{n % 7}.medium.com/b-{n:012x}) | May 2018 |\n" for n in range(1, 301))
)
NOBODY = {
    "the name server is down": (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), None),
    "no name is known": (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), None),
    "there is no network": (None, OSError(101, "Network is unreachable")),
    "nobody listens": (None, ConnectionRefusedError(111, "Connection refused")),
}


@pytest.mark.parametrize(("lookup", "connection"), NOBODY.values(), ids=NOBODY.keys())
def test_without_a_network_no_page_gets_a_verdict_and_the_run_ends_soon(
    monkeypatch: pytest.MonkeyPatch, lookup: OSError | None, connection: OSError | None
) -> None:
    tries = 0

    async def resolve(*_: object, **__: object) -> list[tuple[object, ...]]:
        nonlocal tries
        tries += 1
        if lookup is not None:
            raise lookup
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.88.99.1" if connection is None else "1.1.1.1", 443))]

    async def connect(*_: object) -> None:
        assert connection is not None
        raise connection

    async def checked() -> tuple[Report, float]:
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "getaddrinfo", resolve)
        monkeypatch.setattr(loop, "sock_connect", connect)
        report = await run_check(MANY, Settings(), RULES)
        return report, loop.time()

    report, seconds = in_no_time(checked())
    assert report.verified == 0
    assert report.wanted == 300
    assert {type(page.outcome) for page in report.pages} <= {Unreachable, Skipped}
    assert report.findings == ()
    assert report.exit_code(0.5, exit_zero=True) == 4
    assert report.run.requests < 40
    assert seconds < 1_800
    assert tries


# -- clocks ---------------------------------------------------------------------------------------


def jumping(catalog: Catalog, remap: str, jump: timedelta, history: History | None) -> Report:
    """Check a catalog while the system clock jumps once, after its first reading."""
    begun = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    looks = iter([begun])

    def now() -> datetime:
        return next(looks, begun + jump)

    settings = Settings(rate=0.0, remap=(remap,))
    return asyncio.run(run_check(catalog, settings, RULES, history=history, now=now))


@pytest.mark.parametrize("days", [-36_500, -365, -1, -0.01, 0.01, 1, 365, 36_500])
@pytest.mark.parametrize("fault", [None, Fault.LIMITED, Fault.DELETED])
def test_a_clock_jump_makes_no_duration_negative_and_no_page_dead(
    stand_in: StandIn, days: float, fault: Fault | None
) -> None:
    jump, catalog = timedelta(days=days), catalog_of(TEXT)
    known = world(fault)
    known.retry_after = 0
    report = jumping(catalog, stand_in(known), jump, History(known=True))
    assert report.run.finished >= report.run.started
    assert "-" not in render_text(report).partition(" in ")[2].partition("\n")[0]
    data = json.loads(encode_report(report))
    assert data["run"]["started"] == "2026-03-01T12:00:00Z"
    assert report.coverage == 1.0
    assert not [each for each in report.findings if each.rule == "link-gone" and each.severity.value == "error"]
    history = updated(History(), report, report.run.started.date(), 0.5)
    written = encode_history(history)
    assert read_history(written, "s.json", report.run.started.date() + max(jump, timedelta()), MEDIUM)[1] is None
    assert all(len(history.deaths(identity)) <= 1 for identity in history.pages)


def test_a_history_written_with_a_wrong_clock_calls_nothing_dead(stand_in: StandIn) -> None:
    catalog, remap = catalog_of(TEXT), stand_in(world(Fault.DELETED))
    report = jumping(catalog, remap, timedelta(), History())
    wrong = encode_history(updated(History(), report, report.run.started.date(), 0.5))
    earlier = report.run.started.date() - timedelta(days=30)
    history, note = read_history(wrong, "s.json", earlier, MEDIUM)
    assert note is not None
    assert "in the future" in note
    assert not history.known
