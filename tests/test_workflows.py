"""The workflows' steps, run as they are by a stand-in for the runner, against stand-ins for Medium and GitHub."""

from __future__ import annotations

import base64
import compileall
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from conftest import StandIn
from contract import held_to_contract
from expressions import Scope, UnknownError
from github_stand_in import server as hub_server
from github_stand_in.model import Permissions, Reply
from github_stand_in.script import Fault as Refusal
from github_stand_in.state import Hub
from hosted import Hosted
from played import committed, copied
from runner import Job, Runner
from support import ROOT

from bot.demo.facts import fitting
from bot.demo.world import Fault, World
from bot.markdown.parse import parse

NIGHTLY = ".github/workflows/nightly.yml"
HOME = "https://anna.medium.com"
CLEAN = (
    "# Papers\n\n| Paper | Date |\n|---|---|\n"
    f"| [Alpha]({HOME}/alpha-aaaaaaaa0001) | January 2024 |\n"
    f"| [Beta]({HOME}/beta-aaaaaaaa0002) | February 2024 |\n"
    f"| [Gamma]({HOME}/gamma-aaaaaaaa0003) | March 2024 |\n"
)
UNTIDY = CLEAN.replace(f"{HOME}/beta", f"{HOME.replace('https', 'http')}/beta")
SETTINGS = 'catalog = "catalog/README.md"\nignore = ["record-missing"]\nrate = 0\npause = 0\n'
# Full commits and the versions that they were when they were read; a new version is a line here and in the workflows.
TABLE = ROOT.parent / "shared" / "github.md"  # where they were read; not in every clone
PINNED = {
    "actions/checkout": ("3d3c42e5aac5ba805825da76410c181273ba90b1", "v7.0.1"),
    "actions/setup-python": ("5fda3b95a4ea91299a34e894583c3862153e4b97", "v7.0.0"),
    "actions/upload-artifact": ("bbbca2ddaa5d8feaa63e36b76fdaad77386f024f", "v7.0.0"),
    "actions/download-artifact": ("3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c", "v8.0.1"),
    "actions/create-github-app-token": ("1b10c78c7865c340bc4f6099eb2f838309f1e8c3", "v3.1.1"),
}
FILES = sorted(
    path for folder in ("workflows", "actions") for path in (ROOT / ".github" / folder).rglob("*.yml") if path.is_file()
)


@dataclass(slots=True)
class Stage:
    """A checkout of the project with a small catalog, and the stand-ins that its runs meet."""

    runner: Runner
    github: Hosted
    world: World
    tokens: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def hub(self) -> Hub:
        return self.github.hub

    def night(self, **more: Any) -> dict[str, Job]:
        """Run the nightly workflow once; return its jobs by name."""
        for name, value in more.items():
            setattr(self.runner, name, value)
        return self.runner.run(NIGHTLY)

    def put(self, path: str, text: str) -> None:
        """Commit a file, here and on the hub."""
        (self.runner.project / path).parent.mkdir(parents=True, exist_ok=True)
        (self.runner.project / path).write_text(text)
        committed(self.runner.project)
        self.hub.push("main", {path: text.encode()})

    def token_of(self, permissions: Mapping[str, str]) -> str:
        """Give a job its token: from now on the hub knows this one alone, and what it may do."""
        may = {
            name.replace("-", "_"): permissions.get(name, "none") for name in ("contents", "issues", "pull-requests")
        }
        self.hub.permissions = Permissions(**may)  # type: ignore[arg-type]
        self.hub.token = f"ghs_secret-{len(self.tokens)}"
        self.tokens[self.hub.token] = permissions
        return self.hub.token


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as it is now, without its own catalog."""
    folder = tmp_path_factory.mktemp("project")
    copied(ROOT, folder, "bot", ".github", "pyproject.toml", "requirements", "README.md", ".gitignore")
    compileall.compile_dir(folder / "bot", quiet=2)  # once for all the checkouts that are made of it
    return folder


@pytest.fixture
def stage(
    project: Path, tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Stage]]:
    """Set the stage for a catalog; at its end no request may have broken GitHub's contract."""
    monkeypatch.setattr(hub_server, "_said", _said_raw(hub_server._said))
    hub = Hub("owner/name", {})
    with held_to_contract(hub) as github:

        def set_(text: str = CLEAN, settings: str = SETTINGS) -> Stage:
            world = World(fitting(parse(CLEAN.encode(), "c.md"))[0], paragraphs=1)
            checkout = tmp_path / "project"
            shutil.copytree(project, checkout)
            made = Stage(Runner(checkout, tmp_path / "runner", github.url, hub.name, str), github, world)
            made.runner.token_of = made.token_of
            made.put("catalog/README.md", text)
            made.put("bot.toml", f"{settings}remap = [{json.dumps(stand_in(world))}]\n")
            return made

        yield set_


def _said_raw(said: Callable[[web.Request, Reply], web.StreamResponse]) -> Callable[..., web.StreamResponse]:
    """Let the stand-in for GitHub answer with a file itself where a request accepts that, as GitHub does."""

    def answer(request: web.Request, reply: Reply) -> web.StreamResponse:
        raw = "application/vnd.github.raw+json" in request.headers.get("Accept", "")
        if raw and reply.status == 200 and isinstance(reply.body, dict):
            return web.Response(body=base64.b64decode(str(reply.body["content"])))
        return said(request, reply)

    return answer


def results(jobs: Mapping[str, Job]) -> dict[str, str]:
    for job in jobs.values():
        sys.stdout.write(f"--- {job.name}: {job.result}\n{job.log}\n")  # shown where a test fails
    return {name: job.result for name, job in jobs.items()}


def writes_beside_state(hub: Hub) -> list[str]:
    """The writes that reached the hub, but for those that keep the state: objects of git and its branch."""
    own = re.compile(r"/git/(?:blobs|trees|commits)$")
    state = ("/git/refs/heads/bot-state",)
    return [
        f"{each.method} {each.path}"
        for each in hub.writes
        if not own.search(each.path)
        and not each.path.endswith(state)
        and not (isinstance(each.body, dict) and each.body.get("ref") == "refs/heads/bot-state")
    ]


# -- nightly runs -----------------------------------------------------------------------------------------


def test_a_good_first_run_is_green_and_begins_the_history(stage: Callable[..., Stage]) -> None:
    on = stage()
    jobs = on.night()
    assert results(jobs) == {"check": "success", "publish": "success"}
    check = jobs["check"].step("Check the links").outputs
    assert (check["exit-code"], check["coverage"], check["findings"]) == ("0", "1.000", "0")
    assert "first run" in jobs["check"].step("Fetch what earlier runs saw").log
    assert sorted(on.runner.artifacts["bot-run"]) == ["report.json", "state.json"]
    assert set(on.hub.refs) == {"main", "bot-state"}
    assert len(json.loads(on.hub.read("bot-state", "state.json"))["runs"]) == 1
    assert writes_beside_state(on.hub) == []
    assert "**100%** of 3 pages verified" in jobs["check"].summary
    assert "Published" in jobs["publish"].summary


def test_a_run_with_findings_is_green_publishes_them_and_shows_no_token(stage: Callable[..., Stage]) -> None:
    on = stage(UNTIDY)
    jobs = on.night()
    assert results(jobs) == {"check": "success", "publish": "success"}
    check = jobs["check"].step("Check the links").outputs
    assert (check["exit-code"], check["findings"]) == ("1", "1")
    assert "::warning file=catalog/README.md,line=6" in jobs["check"].log
    (pull,) = on.hub.pulls.values()
    assert (pull.head, pull.user) == ("bot/links", "github-actions[bot]")
    assert "https://github.com/owner/name/actions/runs/1" in pull.body
    assert on.hub.read("bot/links", "catalog/README.md").decode() == CLEAN
    assert on.tokens[jobs["check"].token] == {"contents": "read"}
    assert on.tokens[jobs["publish"].token] == {"contents": "write", "issues": "write", "pull-requests": "write"}
    shown = "".join(job.log + job.summary for job in jobs.values())
    files = b"".join(each for artifact in on.runner.artifacts.values() for each in artifact.values())
    for token in on.tokens:
        assert token not in shown
        assert token.encode() not in files


def test_the_next_run_continues_the_history_and_writes_nothing_else(stage: Callable[..., Stage]) -> None:
    on = stage(UNTIDY)
    on.night()
    on.hub.writes.clear()
    jobs = on.night()
    assert results(jobs) == {"check": "success", "publish": "success"}
    assert "first run" not in jobs["check"].log
    assert len(json.loads(on.hub.read("bot-state", "state.json"))["runs"]) == 2
    assert writes_beside_state(on.hub) == []
    assert len(on.hub.pulls) == 1


def test_a_run_that_sees_too_little_is_green_with_a_warning_and_its_state_is_kept(
    stage: Callable[..., Stage],
) -> None:
    on = stage()
    on.world.faults.update(dict.fromkeys(on.world.facts, Fault.CHALLENGE))
    jobs = on.night()
    assert results(jobs) == {"check": "success", "publish": "success"}
    check = jobs["check"].step("Check the links")
    assert (check.outputs["exit-code"], check.outputs["coverage"]) == ("4", "0.000")
    assert "::warning title=Medium bot::Too few pages could be verified" in check.log
    assert json.loads(on.hub.read("bot-state", "state.json"))["runs"][0]["low"] is True


def test_a_death_is_reported_on_the_third_date_only_since_runs_share_a_history(
    stage: Callable[..., Stage],
) -> None:
    on = stage()
    on.world.faults["aaaaaaaa0002"] = Fault.NOT_FOUND
    on.night()
    on.night()
    assert on.hub.issues == {}
    state = json.loads(on.hub.read("bot-state", "state.json"))
    (dead,) = (page["deaths"] for page in state["pages"].values() if page.get("deaths"))
    state["pages"] = {
        name: {**page, "deaths": ["2026-01-01", "2026-01-02", *dead]} if page.get("deaths") else page
        for name, page in state["pages"].items()
    }
    on.hub.push("bot-state", {"state.json": json.dumps(state).encode()})
    on.night()
    (issue,) = on.hub.issues.values()
    assert "Beta" in issue.body


def test_settings_that_are_wrong_turn_the_check_red_and_nothing_is_published(stage: Callable[..., Stage]) -> None:
    on = stage(UNTIDY, settings=SETTINGS.replace("rate", "rat"))
    jobs = on.night()
    assert results(jobs) == {"check": "failure", "publish": "skipped"}
    check = jobs["check"].step("Check the links")
    assert (check.outputs["exit-code"], check.outputs["code"]) == ("2", "2")
    assert "bot.toml:3: unknown key 'rat'" in check.log
    assert on.runner.artifacts == {}
    assert on.hub.writes[2:] == []  # the first two are the stage's own
    assert on.world.requests == 0


def test_a_bot_that_fails_turns_the_check_red_and_nothing_is_published(stage: Callable[..., Stage]) -> None:
    on = stage(UNTIDY)
    on.put("bot/rules/registry.py", (ROOT / "bot/rules/registry.py").read_text() + "\n1 / 0\n")
    jobs = on.night()
    assert results(jobs) == {"check": "failure", "publish": "skipped"}
    assert jobs["check"].step("Check the links").outputs["exit-code"] == "3"
    assert "this is a bug in the bot" in jobs["check"].log


def test_a_state_that_cannot_be_asked_for_is_not_taken_for_a_first_run(stage: Callable[..., Stage]) -> None:
    on = stage()
    before = on.hub.push("bot-state", {"state.json": b"{}"})
    on.hub.script(Refusal(403, "Resource not accessible by integration"), "GET", "/contents/state.json")
    jobs = on.night()
    assert results(jobs) == {"check": "failure", "publish": "skipped"}
    assert "::error title=Medium bot::The state on the branch bot-state could not be read (403)" in jobs["check"].log
    assert on.hub.tip("bot-state") == before


def test_a_state_that_cannot_be_read_calls_nothing_dead_and_starts_over(stage: Callable[..., Stage]) -> None:
    on = stage()
    on.hub.push("bot-state", {"state.json": b'{"schema": "bot-st'})
    on.world.faults["aaaaaaaa0002"] = Fault.NOT_FOUND
    jobs = on.night()
    assert results(jobs) == {"check": "success", "publish": "success"}
    assert jobs["check"].step("Check the links").outputs["exit-code"] == "0"
    assert len(json.loads(on.hub.read("bot-state", "state.json"))["runs"]) == 1


def test_a_cancelled_run_keeps_what_it_saw_as_an_artifact_and_publishes_nothing(stage: Callable[..., Stage]) -> None:
    on = stage(UNTIDY)
    slow = "aaaaaaaa0003"
    on.world.faults[slow] = Fault.SLOW
    others = set(on.world.facts) - {slow}

    def due() -> bool:
        return others | {slow} <= {url.rpartition("-")[2] for url in on.world.asked}

    jobs = on.night(interrupt=("Check the links", due))
    assert results(jobs) == {"check": "cancelled", "publish": "skipped"}
    assert jobs["check"].step("Check the links").outputs["exit-code"] == "130"
    report = json.loads(on.runner.artifacts["bot-run"]["report.json"])
    assert report["run"]["partial"] is True
    assert "state.json" in on.runner.artifacts["bot-run"]
    assert set(on.hub.refs) == {"main"}


def test_a_rehearsal_by_hand_shows_all_and_writes_nothing(stage: Callable[..., Stage]) -> None:
    on = stage(UNTIDY)
    on.hub.writes.clear()
    jobs = on.night(event="workflow_dispatch", inputs={"dry-run": True, "max-time": "30s"})
    assert results(jobs) == {"check": "success", "publish": "success"}
    assert "would be opened" in jobs["publish"].log
    assert on.hub.writes == []


def test_a_fork_sleeps_unless_its_owner_wakes_it(stage: Callable[..., Stage]) -> None:
    on = stage()
    assert results(on.night(fork=True)) == {"check": "skipped", "publish": "skipped"}
    assert on.world.requests == 0
    assert results(on.night(event="workflow_dispatch")) == {"check": "success", "publish": "success"}


def test_an_app_publishes_under_its_own_name_where_one_is_set_up(stage: Callable[..., Stage]) -> None:
    on = stage(UNTIDY)
    on.hub.bot = on.hub.signs_as = "catalog-keeper[bot]"
    jobs = on.night(vars={"BOT_APP_CLIENT_ID": "Iv1.a"}, secrets={"BOT_APP_PRIVATE_KEY": "a key"})
    assert results(jobs) == {"check": "success", "publish": "success"}
    assert [pull.user for pull in on.hub.pulls.values()] == ["catalog-keeper[bot]"]
    assert list(on.tokens.values())[-1] == {"contents": "write", "issues": "write", "pull-requests": "write"}
    more = UNTIDY.replace(f"{HOME}/gamma", f"{HOME.replace('https', 'http')}/gamma")
    on.put("catalog/README.md", more)
    assert results(on.night()) == {"check": "success", "publish": "success"}
    (pull,) = on.hub.pulls.values()  # it knows its own again
    assert pull.title == "bot: 2 link fixes"


def test_where_pull_requests_are_not_allowed_the_setting_is_named(stage: Callable[..., Stage]) -> None:
    on = stage(UNTIDY)
    give = on.token_of

    def restricted(permissions: Mapping[str, str]) -> str:
        token = give(permissions)
        on.hub.permissions.may_open_pulls = False
        return token

    jobs = on.night(token_of=restricted)
    said = jobs["publish"].log + "".join(issue.body for issue in on.hub.issues.values())
    assert "“Allow GitHub Actions to create and approve pull requests”" in said


def test_the_bot_is_installed_out_of_the_checkout_of_its_action_with_hashes_once_a_job(
    stage: Callable[..., Stage],
) -> None:
    on = stage()
    on.put("bot/__init__.py", (ROOT / "bot/__init__.py").read_text().replace('__version__ = "', '__version__ = "77.'))
    on.night()
    assert json.loads(on.runner.artifacts["bot-run"]["report.json"])["bot"]["version"].startswith("77.")
    log = (on.runner.folder / "pip.log").read_text().splitlines()
    assert len(log) == 4
    assert all("--require-hashes --only-binary=:all: -r" in line for line in log[::2])
    assert all(line.endswith(f"--no-deps --no-index --no-build-isolation {on.runner.project}") for line in log[1::2])


# -- what is in the files -------------------------------------------------------------------------


def steps(path: Path) -> Iterator[dict[str, Any]]:
    node = yaml.safe_load(path.read_text("utf-8"))
    for job in node["jobs"].values() if "jobs" in node else [node["runs"]]:
        yield from job["steps"]


def test_the_linters_find_nothing() -> None:
    for command in (["actionlint"], ["zizmor", "--offline", "--quiet", "--no-progress", ".github"]):
        done = subprocess.run(
            [Path(sys.executable).parent / command[0], *command[1:]],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT / ".github").as_posix())
def test_scripts_take_text_through_env_alone_and_actions_are_pinned(path: Path) -> None:
    for step in steps(path):
        assert "${{" not in step.get("run", "")
    for line in re.findall(r"uses: *(.*)", path.read_text("utf-8")):
        if not line.startswith("$/.github/actions/"):
            name, commit, version = re.fullmatch(r"(\S+)@(\S+) # (\S+)", line).groups()  # type: ignore[union-attr]
            assert (commit, version) == PINNED[name]
            assert not TABLE.exists() or f"| {name} | {commit} | {version} |" in TABLE.read_text("utf-8")


def test_jobs_may_do_what_they_must_and_no_more() -> None:
    node = yaml.safe_load((ROOT / NIGHTLY).read_text("utf-8"))
    assert node["permissions"] == {}
    assert node["concurrency"]["cancel-in-progress"] is False
    assert node["jobs"]["check"]["permissions"] == {"contents": "read"}
    assert node["jobs"]["publish"]["permissions"] == dict.fromkeys(("contents", "issues", "pull-requests"), "write")
    assert all(job["timeout-minutes"] <= 75 for job in node["jobs"].values())
    (schedule,) = node[True]["schedule"]
    assert int(schedule["cron"].split()[0]) % 2 == 1


def pins(path: Path) -> dict[tuple[str, str], set[str]]:
    """The hashes that a requirements file allows, by name and version."""
    found: dict[tuple[str, str], set[str]] = {}
    for block in re.split(r"\n(?=\S)", path.read_text("utf-8").strip()):
        name, version = re.match(r"([\w.-]+)(?:\[[\w, -]+\])?==([\w.]+)", block).groups()  # type: ignore[union-attr]
        found[name, version] = set(re.findall(r"sha256:\w+", block))
    return found


def test_what_the_bot_runs_on_is_pinned_as_what_it_is_tested_with() -> None:
    run, test = (pins(ROOT / name) for name in ("requirements/run.txt", "requirements/dev.txt"))
    assert {name: pin for name, pin in run.items() if test.get(name) != pin} == {}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.split(r"[=<>!~; ]", each)[0] for each in project["dependencies"]}
    assert wanted
    assert {"flit-core"} | wanted <= {name for name, _ in run}


# -- the evaluator of expressions, which would make all of the above worthless if it guessed ------------


SCOPE = Scope(
    {"inputs": {"a": "x", "no": None, "yes": True}, "steps": {"s-1": {"outputs": {"o": ""}}}},
    {"success": True, "failure": False, "always": True, "cancelled": False},
)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("inputs.a", "x"),
        ("inputs.no || 'it''s'", "it's"),
        ("inputs.a == 'X' && 'same' || 'other'", "same"),
        ("steps.s-1.outputs.o != ''", False),
        ("!inputs.no && !(inputs.a != 'x')", True),
        ("format('{0}[bot]-{0}', inputs.a)", "x[bot]-x"),
        ("steps.s-1.outputs.o || format('{0}', 'y')", "y"),
        ("false || null", None),
    ],
)
def test_expressions_mean_what_they_mean_on_github(source: str, value: object) -> None:
    assert SCOPE.value(source) == value


@pytest.mark.parametrize(
    "source",
    [
        "",
        "1",
        "inputs",
        "inputs.b",
        "steps.s.outputs.o",
        "steps['s-1']",
        "inputs.a inputs.a",
        "inputs.a > 'x'",
        "inputs.yes == 'true'",
        "(inputs.a",
        "'open",
        "always('x')",
        "contains(inputs.a, 'x')",
        "format('{0}{', 'x')",
    ],
)
def test_an_expression_that_is_not_known_is_an_error(source: str) -> None:
    with pytest.raises(UnknownError):
        SCOPE.value(source)


def test_a_condition_without_a_status_asks_for_success() -> None:
    failed = Scope(SCOPE.contexts, {"success": False, "failure": True, "always": True, "cancelled": False})
    assert SCOPE.holds(None)
    assert not failed.holds(None)
    assert not failed.holds("inputs.a == 'x'")
    assert failed.holds("${{ always() && inputs.a == 'x' }}")
    assert failed.holds("failure()")
