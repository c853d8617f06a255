"""The commands, given broken files: an exit code that fits, one line that says why, and no write but those allowed."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from conftest import Cli, Done, StandIn
from fuzz import catalogs
from fuzz import own_files as files
from fuzz.case import blocks, hold
from fuzz.mutation import mutated, mutated_json

from bot.demo.facts import Facts
from bot.demo.world import Fault, World

CATALOG = files.CATALOG.source
SETTINGS = b'catalog = "README.md"\nexclude = []\nmin-coverage = 0.5\nhosts = ["blog.example.org"]\n'
RECORDS = files.RECORDS
Tree = dict[str, bytes]


def tree(folder: Path) -> Tree:
    """All files below a folder, links and empty folders included, with what is in them."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"<folder>"
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "work" / ".git").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "README.md").write_bytes(CATALOG)
    monkeypatch.chdir(tmp_path / "work")
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def fill(folder: Path, random: Random) -> None:
    """Lay out a repository, each file of it good or broken."""
    work = folder / "work"
    for path in work.iterdir():
        if path.is_file():
            path.unlink()
    broken = random.choice(("catalog", "records", "settings", "baseline", "history", "report", "all"))

    def put(name: str, good: bytes, bad: bytes) -> None:
        (work / name).write_bytes(bad if broken in (kinds[name], "all") else good)

    kinds = {"README.md": "catalog", "articles.jsonl": "records", "bot.toml": "settings"}
    kinds |= {"bot-baseline.txt": "baseline", "s.json": "history", "r.json": "report"}
    report = files.SAVED.replace(b'"catalog.md"', b'"README.md"')
    put("README.md", CATALOG, catalogs.source_of(1_000 + random.randrange(9_999), random))
    put("articles.jsonl", RECORDS, mutated(RECORDS, files.IN_RECORDS, random))
    put("bot.toml", SETTINGS, mutated(SETTINGS, files.TOML, random))
    put("bot-baseline.txt", files.BASELINE, mutated(files.BASELINE, (), random))
    put("s.json", files.HISTORY, mutated_json(json.loads(files.HISTORY), random))
    put("r.json", report, mutated_json(json.loads(report), random))


# What each command may write.
OFFLINE = {
    ("lint",): set[str](),
    ("lint", "--fix"): {"README.md", "articles.jsonl"},
    ("lint", "--fix", "--unsafe-fixes", "-q"): {"README.md", "articles.jsonl"},
    ("lint", "--diff"): set(),
    ("lint", "--format", "json", "-o", "out.json"): {"out.json"},
    ("lint", "--format", "markdown"): set(),
    ("lint", "--write-baseline"): {"bot-baseline.txt"},
    ("fix", "r.json"): {"README.md", "articles.jsonl"},
    ("fix", "r.json", "--unsafe-fixes"): {"README.md", "articles.jsonl"},
    ("fix", "r.json", "--diff"): set(),
    ("rules",): set(),
}


def held(done: Done, before: Tree, after: Tree, may: set[str]) -> None:
    """See that a command ended well: what it may not write is as it was, and an error is one line."""
    named = {f"work/{name}" for name in may}
    assert {name: text for name, text in after.items() if name not in named} == {
        name: text for name, text in before.items() if name not in named
    }
    assert "Traceback" not in done.err
    assert done.code in (0, 1, 2, 4)
    if done.code == 2:
        (line,) = [line for line in done.err.splitlines() if not line.startswith(("s.json: ", "Fixed "))]
        assert line.startswith("bot: ")
        assert len(line) < 8_000
        assert "s.json" in {name.removeprefix("work/") for name in named} or after == before


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
@blocks("offline", 150)
def test_offline_commands_write_what_was_asked_for_and_nothing_else(numbers: range, cli: Cli, folder: Path) -> None:
    def check(_: int, random: Random) -> None:
        fill(folder, random)
        before = tree(folder)
        arguments, may = random.choice(list(OFFLINE.items()))
        held(cli(*arguments), before, tree(folder), may)

    hold("offline", numbers, check)


ONLINE = {
    (): {"s.json", "s.json.unreadable"},
    ("--fix",): {"s.json", "s.json.unreadable", "README.md", "articles.jsonl"},
    ("--format", "json", "-o", "out.json"): {"s.json", "s.json.unreadable", "out.json"},
    ("--diff",): {"s.json", "s.json.unreadable"},
}


@pytest.fixture
def remap(stand_in: StandIn) -> str:
    """A stand-in that knows the articles of the seeds, one of them dead."""
    ids = {"31e59abc0615": "BERT", "30b6f1e6d226": "GPT", "76362a43e4ab": "Elmo", "9d974a3b7957": "T5"}
    known = {
        id_: Facts(
            id_, name, "2024-01-01T00:00:00.000Z", f"https://a.medium.com/{name.lower()}-{id_}", (("a260", "h3", name),)
        )
        for id_, name in ids.items()
    }
    return stand_in(World(known, paragraphs=1, faults={"30b6f1e6d226": Fault.DELETED}))


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
@blocks("online", 40)
def test_check_links_writes_what_was_asked_for_and_nothing_else(
    numbers: range, cli: Cli, folder: Path, remap: str
) -> None:
    def check(_: int, random: Random) -> None:
        fill(folder, random)
        before = tree(folder)
        arguments, may = random.choice(list(ONLINE.items()))
        fixed = ("--rate", "0", "--timeout", "5", "--max-time", "20", "--remap", remap, "--no-progress")
        held(cli("check-links", "--state", "s.json", *fixed, *arguments), before, tree(folder), may)

    hold("online", numbers, check)
