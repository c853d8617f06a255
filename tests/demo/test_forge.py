"""The demo's forge does what GitHub does: the same runs leave the same pull requests, issues and branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import Cli
from contract import held_to_contract
from github_stand_in.state import Hub
from hosted import FILES, NAME, Hosted
from publishing import ACCEPTED, BOT, CATALOG, PAPERS, RECORDS, Night, asked_of, decoded, forge_of, state_of, stocked
from support import ROOT

from bot.commands.publish import publish_report
from bot.config import Settings
from bot.demo.forge import MemoryForge
from bot.errors import ForgeError
from bot.publish.forge import STATE_BRANCH, STATE_FILE, Forge, Issue, Pull, keep_state
from bot.publish.marker import normalised
from bot.publish.run import publish
from bot.publish.session import Publication

FIXED = PAPERS.replace(b"http:", b"https:").replace(b"old-home", b"new-home").replace(b"Februray", b"February")
NOTHING = Night(told="", feed="", recoveries={}, day=3)
RUNS: Mapping[str, list[Night | bytes]] = {
    "once": [Night()],
    "again": [Night(), Night(day=3)],
    "pages unseen": [Night(), Night(unseen=("Alpha", "Epsilon"), day=3)],
    "all fixed": [Night(), FIXED, NOTHING],
    "fixed and back again": [Night(), FIXED, NOTHING, PAPERS, Night(day=4)],
}


def memory() -> MemoryForge:
    forge = MemoryForge(NAME, BOT)
    push(forge, {**FILES, CATALOG: PAPERS, RECORDS: ACCEPTED})
    return forge


def push(forge: MemoryForge, changes: Mapping[str, bytes]) -> None:
    commit = forge.make_commit(forge.tip(forge.base), changes, {}, "Change files")
    forge.point(forge.base, commit.sha, new=forge.base not in forge.heads, force=False)


def state(forge: MemoryForge) -> dict[str, Any]:
    """Return what `publishing.state_of` returns for the stand-in."""
    pulls = [each for each in forge.threads.values() if isinstance(each, Pull)]
    return {
        "branches": {
            branch: {path: forge.blobs[file.sha] for path, file in forge.trees[sha].items()}
            for branch, sha in forge.heads.items()
        },
        "pulls": [(*thread(forge, each), each.branch, each.base, each.draft, each.merged) for each in pulls],
        "issues": [thread(forge, each) for each in forge.threads.values() if not isinstance(each, Pull)],
        "labels": sorted(forge.labels),
    }


def thread(forge: MemoryForge, each: Issue) -> tuple[object, ...]:
    comments = tuple(forge.discussions[each.number])
    labels = tuple(name for name, numbers in forge.labels.items() if each.number in numbers)
    status = "open" if each.is_open else "closed"
    return each.title, normalised(each.body), each.author, status, labels, comments


@pytest.mark.parametrize("runs", RUNS.values(), ids=RUNS.keys())
def test_the_same_runs_leave_the_same_state_as_on_github(github: Hosted, runs: list[Night | bytes]) -> None:
    hub, forge, source = stocked(github), memory(), PAPERS
    for run in runs:
        if isinstance(run, bytes):
            source = run
            hub.push("main", {CATALOG: source})
            push(forge, {CATALOG: source})
            continue
        saved = decoded(run.report_on(source, ACCEPTED))
        there, here = (publish(each, *saved, asked_of()) for each in (forge_of(github), forge))
        assert there.failures == here.failures == []
        assert [replace(act, body="") for act in here.acts] == [replace(act, body="") for act in there.acts]
        assert state(forge) == state_of(hub)


def test_a_run_that_finds_the_same_only_reads(github: Hosted) -> None:
    del github
    forge = memory()
    publish(forge, *decoded(Night().report_on(PAPERS, ACCEPTED)), asked_of())
    reads, writes = forge.reads, forge.writes
    publish(forge, *decoded(Night(day=3).report_on(PAPERS, ACCEPTED)), asked_of())
    assert (forge.reads > reads, forge.writes) == (True, writes)


def test_a_branch_moves_only_forward_unless_forced(github: Hosted) -> None:
    for forge in (forge_of(github), memory()):
        assert keep_state(forge, b"a\n", joined(b"a\n"), "State\n")
        assert keep_state(forge, b"b\n", joined(b"b\n"), "State\n")
        assert not keep_state(forge, b"b\n", joined(b"b\n"), "State\n")
        tip, beside = forge.tip(STATE_BRANCH), forge.make_commit(None, {STATE_FILE: b"c\n"}, {}, "State\n")
        assert tip is not None
        assert forge.content(forge.files(tip.tree)[STATE_FILE].sha) == b"a\nb\n"
        with pytest.raises(ForgeError) as refused:
            forge.point(STATE_BRANCH, beside.sha, new=False, force=False)
        assert refused.value.status == 422
        forge.point(STATE_BRANCH, beside.sha, new=False, force=True)
        assert forge.branches(STATE_BRANCH) == {STATE_BRANCH: beside.sha}


def joined(mine: bytes) -> Callable[[bytes], bytes]:
    return lambda there: b"".join(line + b"\n" for line in sorted({*there.split(), *mine.split()}))


def test_open_pull_requests_follow_their_branch(github: Hosted) -> None:
    forges: list[Forge] = [forge_of(github), memory()]
    for forge in forges:
        main = forge.tip("main")
        first = forge.make_commit(main, {"LICENSE": b"one\n"}, {}, "One")
        forge.point("bot/links", first.sha, new=True, force=True)
        opened = forge.open_pull("bot/links", "main", "t", "b", draft=False)
        second = forge.make_commit(main, {"LICENSE": b"two\n"}, {}, "Two")
        forge.point("bot/links", second.sha, new=False, force=True)
        (found,) = forge.pulls("bot/links")
        assert (opened.head, found.head) == (first.sha, second.sha)


def test_the_demo_shows_what_its_report_would_leave_on_github(cli: Cli, tmp_path: Path) -> None:
    done = cli("demo", ROOT / "catalog" / "README.md", "-o", tmp_path)
    hub = Hub("someone/catalog", {path.name: path.read_bytes() for path in (ROOT / "catalog").iterdir()})
    counts = []
    with held_to_contract(hub) as hosted:
        environment = {"GITHUB_REPOSITORY": hub.name, "GITHUB_TOKEN": hub.token, "GITHUB_API_URL": hosted.url}
        for _ in range(2):
            before = (len(hub.requests), len(hub.writes))
            publish_report(
                tmp_path / "report.json", Publication(replace(Settings(), pause=0.0), "README.md"), environment
            )
            counts.append((len(hub.requests) - before[0], len(hub.writes) - before[1]))
    shown = {f"issue-{number}.md": each for number, each in hub.issues.items()}
    shown |= {f"pull-request-{number}.md": each for number, each in hub.pulls.items()}
    assert {path.name for path in tmp_path.glob("*.md")} == shown.keys()
    for name, each in shown.items():
        written = (tmp_path / name).read_text("utf-8")
        assert normalised(written) == normalised(f"# {each.title}\n\n{each.body}")
    assert done.out.endswith("\nThe first run made 14 reads and 13 writes; the second made 14 reads and 0 writes.\n")
    assert counts == [(36, 22), (14, 0)]
