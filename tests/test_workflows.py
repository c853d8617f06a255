"""The nightly workflow as it stands, run in a checkout by a test that plays the runner; what all workflows keep to."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from conftest import StandIn
from hosted import hosting
from runner import Runner, machine
from support import ROOT

from bot.demo.facts import fitting
from bot.demo.hub.state import Hub
from bot.demo.world import Fault, World
from bot.document.parse import parse

WORKFLOWS = sorted((ROOT / ".github").rglob("*.yml"))
NIGHTLY = Path(".github/workflows/nightly.yml")
IDS = [f"{number:012x}" for number in range(0xA00000000000, 0xA00000000008)]
CATALOG = "# C\n\n| Paper | Date |\n|---|---|\n" + "".join(
    f"| [Model {at}](https://medium.com/@ritvik19/model-{at}-{each}) | May 2020 |\n" for at, each in enumerate(IDS)
)
PINNED = {
    "actions/checkout": "3d3c42e5aac5ba805825da76410c181273ba90b1",
    "actions/setup-python": "5fda3b95a4ea91299a34e894583c3862153e4b97",
    "actions/upload-artifact": "bbbca2ddaa5d8feaa63e36b76fdaad77386f024f",
    "actions/download-artifact": "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c",
    "actions/create-github-app-token": "1b10c78c7865c340bc4f6099eb2f838309f1e8c3",
}

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="the runner's machine has curl, this one has not")


class Nightly:
    """A checkout with its machine, Medium and GitHub."""

    def __init__(self, tmp_path: Path, stand_in: StandIn, hub: Hub, url: str) -> None:
        self.world = World(*fitting(parse(CATALOG.encode())), paragraphs=2)
        self.hub = hub
        self.summary = tmp_path / "summary.md"
        self.summary.write_text("")
        environment = {
            "GITHUB_API_URL": url,
            "GITHUB_REPOSITORY": hub.name,
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": "c" * 40,
            "GITHUB_RUN_ID": "7",
            "GITHUB_STEP_SUMMARY": str(self.summary),
        }
        self.runner: Runner = machine(tmp_path, ROOT, environment, hub.token)
        remap = json.dumps(stand_in(self.world))
        self.settings = self.runner.workspace / "bot.toml"
        self.settings.write_text(f'catalog = "README.md"\nrate = 0.0\npause = 0.0\nremap = [{remap}]\n')
        (self.runner.workspace / "README.md").write_text(CATALOG)

    def night(self) -> dict[str, str]:
        self.summary.write_text("")
        self.runner.log.clear()
        return self.runner.run(ROOT / NIGHTLY)

    @property
    def said(self) -> str:
        return "".join(self.runner.log)


@pytest.fixture
def nightly(tmp_path: Path, stand_in: StandIn) -> object:
    with hosting(Hub("someone/cat", {"README.md": CATALOG.encode()})) as hosted:
        yield Nightly(tmp_path, stand_in, hosted.hub, hosted.url)


@needs_curl
def test_a_first_night_opens_what_it_found_and_keeps_the_state(nightly: Nightly) -> None:
    nightly.world.faults[IDS[3]] = Fault.MOVED
    assert nightly.night() == {"check": "success", "publish": "success"}, nightly.said
    assert [pull.title for pull in nightly.hub.pulls.values()] == ["bot: 1 link fix", "bot: 8 article records"]
    state = json.loads(nightly.hub.read("bot-state", "state.json"))
    assert len(state["pages"]) == 8
    assert "No state on the branch bot-state yet" in nightly.said
    assert nightly.summary.read_text().startswith("### README.md: 1 finding\n")
    assert "### Published" in nightly.summary.read_text()
    assert "::warning file=README.md,line=8," in nightly.said
    assert nightly.hub.token not in nightly.said


@needs_curl
def test_a_second_night_reads_the_state_and_writes_nothing_but_it(nightly: Nightly) -> None:
    nightly.world.faults[IDS[3]] = Fault.MOVED
    nightly.night()
    before = len(nightly.hub.writes)
    assert nightly.night() == {"check": "success", "publish": "success"}, nightly.said
    assert "No state on the branch" not in nightly.said
    paths = {write.path.partition("/git/")[2] for write in nightly.hub.writes[before:]}
    assert paths == {"blobs", "trees", "commits", "refs/heads/bot-state"}
    assert len(json.loads(nightly.hub.read("bot-state", "state.json"))["history"]) == 2


@needs_curl
def test_low_coverage_warns_and_is_published(nightly: Nightly) -> None:
    nightly.world.faults.update(dict.fromkeys(IDS, Fault.WALL))
    assert nightly.night() == {"check": "success", "publish": "success"}, nightly.said
    assert "::warning title=Medium bot::Too few pages could be verified" in nightly.said
    assert "Medium showed too little tonight" in nightly.summary.read_text()
    assert nightly.hub.pulls == {}


@needs_curl
def test_wrong_settings_fail_the_check_and_publish_nothing(nightly: Nightly) -> None:
    nightly.settings.write_text("no-such-key = 1\n")
    assert nightly.night() == {"check": "failure", "publish": "skipped"}
    assert "bot.toml:1: unknown key 'no-such-key'" in nightly.said
    assert nightly.hub.writes == []


@needs_curl
def test_a_state_that_cannot_be_fetched_stops_the_night_before_it_would_be_overwritten(nightly: Nightly) -> None:
    nightly.hub.permissions.contents = "none"
    nightly.hub.token, token = "another", nightly.hub.token
    assert nightly.night() == {"check": "failure", "publish": "skipped"}
    assert "could not be read (401); nothing was checked" in nightly.said
    assert token not in nightly.said


@needs_curl
def test_a_rehearsal_shows_what_it_would_do(nightly: Nightly) -> None:
    nightly.world.faults[IDS[3]] = Fault.MOVED
    nightly.runner.event = {"event_name": "workflow_dispatch", "inputs": {"max-time": "5m", "dry-run": "true"}}
    assert nightly.night() == {"check": "success", "publish": "success"}, nightly.said
    assert "would be opened" in nightly.said
    assert nightly.hub.writes == []


def test_a_fork_runs_nothing_by_itself(nightly: Nightly) -> None:
    nightly.runner.event = {"event": {"repository": {"fork": True}}}
    assert nightly.night() == {"check": "skipped", "publish": "skipped"}


@pytest.mark.parametrize(
    "path", WORKFLOWS, ids=lambda path: path.name if path.name != "action.yml" else path.parent.name
)
def test_actions_are_pinned_to_commits_with_their_versions_beside_them(path: Path) -> None:
    for line in re.findall(r"uses: .*", path.read_text()):
        match = re.fullmatch(r"uses: ([\w-]+/[\w-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+", line)
        assert line.startswith("uses: $/") or (match is not None and PINNED[match[1]] == match[2]), line


@pytest.mark.parametrize(
    "path", WORKFLOWS, ids=lambda path: path.name if path.name != "action.yml" else path.parent.name
)
def test_no_script_holds_an_expression_and_no_checkout_leaves_a_token(path: Path) -> None:
    data = yaml.safe_load(path.read_text())
    jobs = data["jobs"].values() if "jobs" in data else [data["runs"]]
    for step in (step for job in jobs for step in job["steps"]):
        assert "${{" not in step.get("run", "")
        if str(step.get("uses", "")).startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_only_publishing_may_write_and_it_never_meets_the_web() -> None:
    data = yaml.safe_load((ROOT / NIGHTLY).read_text())
    assert data["permissions"] == {}
    assert data["jobs"]["check"]["permissions"] == {"contents": "read"}
    assert data["jobs"]["publish"]["permissions"] == {"contents": "write", "issues": "write", "pull-requests": "write"}
    assert data["concurrency"]["cancel-in-progress"] is False
    (schedule,) = data[True]["schedule"]  # YAML 1.1 reads `on` as true
    minute = int(schedule["cron"].split()[0])
    assert minute % 2 == 1
    assert "check-links" not in json.dumps(data["jobs"]["publish"])
