"""Plays GitHub's runner: runs a workflow's steps as they stand, with bash, in checkouts, with the runner's files.

What our workflows do not use is refused. Their actions of others are played in `played`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from expressions import Context, Scope, Value, shown
from played import PLAYED, Place

Node = dict[str, Any]
LIMIT = 60  # seconds for one step


class Optional(dict[str, str]):
    """Variables or secrets: one that is not set is empty."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Step:
    """How a step ended: `skipped`, `success`, `failure` or `cancelled`."""

    name: str
    outcome: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    log: str = ""


@dataclass(slots=True)
class Job:
    """A job as it runs, and how it ended. `steps` are those of its composite actions too, in order."""

    name: str
    permissions: Mapping[str, str]
    token: str
    workspace: Path
    temp: Path
    result: str = "success"
    steps: list[Step] = field(default_factory=list)
    summary: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def step(self, name: str) -> Step:
        """Return the step of a name."""
        return next(step for step in self.steps if step.name == name)

    @property
    def log(self) -> str:
        """All that the steps printed."""
        return "".join(step.log for step in self.steps)


@dataclass(slots=True)
class Runner:
    """Runs workflows of a project. `project` is a git repository, the bot's or one that uses the bot.

    `published` are other repositories' files by `OWNER/REPO@COMMIT`; `token_of` gives a job its token by its
    permissions; `interrupt`: when the step of this name runs and the function says so, its shell alone gets SIGINT, as
    when a person cancels the run.
    """

    project: Path
    folder: Path
    api_url: str
    repository: str
    token_of: Callable[[Mapping[str, str]], str]
    published: Mapping[str, Path] = field(default_factory=dict)
    event: str = "schedule"
    fork: bool = False
    inputs: Mapping[str, Value] = field(default_factory=dict)
    vars: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    interrupt: tuple[str, Callable[[], bool]] | None = None
    artifacts: dict[str, dict[str, bytes]] = field(default_factory=dict)
    runs: int = 0

    def run(self, workflow: str) -> dict[str, Job]:
        """Run a workflow by its path in the project, jobs in order; return them by name."""
        self.runs += 1
        self.artifacts.clear()
        node: Node = yaml.safe_load((self.project / workflow).read_text("utf-8"))
        assert node["permissions"] == {}, "what a job may do must stand at the job"
        triggers = next(each for key, each in node.items() if str(key) == "True")  # YAML 1.1 reads `on` as true
        declared = triggers.get("workflow_dispatch", {}).get("inputs", {})
        assert self.event in triggers
        assert set(self.inputs) <= set(declared)
        given: dict[str, Value] = dict.fromkeys(declared)
        if self.event == "workflow_dispatch":
            given = {name: self.inputs.get(name, each.get("default")) for name, each in declared.items()}
        jobs: dict[str, Job] = {}
        for name, job in node["jobs"].items():
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            jobs[name] = self._job(name, job, [jobs[each] for each in needs], given)
        return jobs

    def _job(self, name: str, node: Node, needs: list[Job], inputs: Mapping[str, Value]) -> Job:
        known = {"name", "if", "needs", "runs-on", "timeout-minutes", "permissions", "steps"}
        assert set(node) <= known, set(node) - known
        home = self.folder / f"run-{self.runs}" / name
        job = Job(name, node["permissions"], self.token_of(node["permissions"]), home / "work", home / "temp")
        contexts = self._contexts(
            job, {"inputs": inputs, "vars": Optional(self.vars), "secrets": Optional(self.secrets)}
        )
        well = all(each.result == "success" for each in needs)
        cancelled = any(each.result == "cancelled" for each in needs)
        status = {"success": well, "failure": not well, "always": True, "cancelled": cancelled}
        scope = Scope(contexts, status)
        if not scope.holds(node.get("if")):
            job.result = "skipped"
            return job
        for folder in (job.workspace, job.temp):
            folder.mkdir(parents=True)
        Steps(self, job, contexts, None).run(node["steps"])
        return job

    def _contexts(self, job: Job, more: Context) -> Context:
        event = {"repository": {"fork": self.fork}}
        github: Context = {
            "event_name": self.event,
            "event": event,
            "token": job.token,
            "repository": self.repository,
            "workspace": str(job.workspace),
        }
        return {"github": github, "runner": {"temp": str(job.temp)}, **more}

    def action_folder(self, uses: str) -> Path | None:
        """Return where an action's own files lie; None if it is played here."""
        if uses.startswith("$/"):
            return self.project / uses[2:]
        name, _, commit = uses.partition("@")
        owner, repository, *path = name.split("/")
        published = self.published.get(f"{owner}/{repository}@{commit}")
        return published.joinpath(*path) if published is not None else None


@dataclass(slots=True)
class Steps:
    """Runs the steps of a job, or of a composite action whose files lie in `action`."""

    runner: Runner
    job: Job
    contexts: Context
    action: Path | None
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(self, nodes: list[Node]) -> None:
        """Run steps in order; the job keeps how it goes."""
        ids = {node["id"]: {"outputs": Optional()} for node in nodes if "id" in node}
        self.outputs.update(ids)
        for node in nodes:
            known = {"name", "id", "if", "uses", "with", "run", "shell", "env"}
            assert set(node) <= known, set(node) - known
            name = node.get("name") or node.get("uses", "").partition("@")[0]
            scope = self._scope()
            if not scope.holds(node.get("if")):
                self.job.steps.append(Step(name, "skipped"))
                continue
            outputs = self._shell(name, node, scope) if "run" in node else self._action(name, node, scope)
            if "id" in node:
                self.outputs[node["id"]]["outputs"] = Optional(outputs)

    def _scope(self) -> Scope:
        result = self.job.result
        status = {**{each: result == each for each in ("success", "failure", "cancelled")}, "always": True}
        return Scope({**self.contexts, "steps": self.outputs}, status)

    def _filled(self, node: Mapping[str, Any] | None, scope: Scope) -> dict[str, str]:
        return {name: scope.filled(shown(value)) for name, value in (node or {}).items()}

    # -- run: -----------------------------------------------------------------------------------

    def _shell(self, name: str, node: Node, scope: Scope) -> dict[str, str]:
        assert "${{" not in node["run"], f"{name}: text must reach a script through env alone"
        assert node.get("shell") == "bash" or self.action is None, f"{name}: a composite action must name its shell"
        files = {each: self.job.temp / f"_{each}" for each in ("OUTPUT", "ENV", "STEP_SUMMARY", "PATH")}
        for path in files.values():
            path.write_bytes(b"")
        script = self.job.temp / "_script.sh"
        script.write_text(node["run"], "utf-8")
        options = ["--noprofile", "--norc", "-eo", "pipefail"] if node.get("shell") else ["-e"]
        environment = {
            **self._environment(),
            **{f"GITHUB_{each}": str(path) for each, path in files.items()},
            **self._filled(node.get("env"), scope),
        }
        code, log = self._processed(name, ["bash", *options, str(script)], environment)
        assert files["PATH"].read_bytes() == b"", f"{name}: GITHUB_PATH is not played"
        self.job.environment.update(_pairs(files["ENV"].read_text("utf-8")))
        self.job.summary += files["STEP_SUMMARY"].read_text("utf-8")
        if code != 0 and self.job.result == "success":
            self.job.result = "failure"
        outcome = self.job.result if self.job.result == "cancelled" else "failure" if code else "success"
        outputs = dict(_pairs(files["OUTPUT"].read_text("utf-8")))
        self.job.steps.append(Step(name, outcome, {**outputs, "code": str(code)}, log))
        return outputs

    def _environment(self) -> dict[str, str]:
        runner, job = self.runner, self.job
        github = {
            "ACTIONS": "true",
            "API_URL": runner.api_url,
            "EVENT_NAME": runner.event,
            "REPOSITORY": runner.repository,
            "RUN_ID": str(runner.runs),
            "SERVER_URL": "https://github.com",
            "SHA": "c0ffee" * 6 + "beef",
            "WORKSPACE": str(job.workspace),
            **({"ACTION_PATH": str(self.action)} if self.action is not None else {}),
        }
        return {
            "CI": "true",
            "HOME": str(job.temp),
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "RUNNER_TEMP": str(job.temp),
            **{f"GITHUB_{name}": value for name, value in github.items()},
            **job.environment,
        }

    def _processed(self, name: str, command: list[str], environment: Mapping[str, str]) -> tuple[int, str]:
        """Run a command and return its exit code and what it printed; interrupt it if that is ordered."""
        log = self.job.temp / "_log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                cwd=self.job.workspace,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                if self.runner.interrupt is not None and self.runner.interrupt[0] == name:
                    self._cancelled(process, self.runner.interrupt[1])
                code = process.wait(LIMIT)
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                raise
        return code, log.read_text("utf-8")

    def _cancelled(self, process: subprocess.Popen[bytes], due: Callable[[], bool]) -> None:
        while not due():
            assert process.poll() is None, "it ended before it was to be interrupted"
            time.sleep(0.01)
        self.job.result = "cancelled"
        process.send_signal(signal.SIGINT)

    # -- uses: ----------------------------------------------------------------------------------

    def _action(self, name: str, node: Node, scope: Scope) -> dict[str, str]:
        given = self._filled(node.get("with"), scope)
        folder = self.runner.action_folder(node["uses"])
        if folder is not None:
            return self._composite(folder, given)
        play = PLAYED.get(node["uses"].partition("@")[0])
        assert play is not None, f"{node['uses']} is not played"
        place = Place(self.runner.project, self.runner.folder, self.job.workspace, self.runner.artifacts)
        outputs = play(place, given)
        if "app-slug" in outputs:  # the one action that makes a token asks for its permissions by inputs
            outputs["token"] = self.runner.token_of(_wanted(given))
        self.job.steps.append(Step(name, "success", outputs))
        return outputs

    def _composite(self, folder: Path, given: Mapping[str, str]) -> dict[str, str]:
        node: Node = yaml.safe_load((folder / "action.yml").read_text("utf-8"))
        assert node["runs"]["using"] == "composite"
        assert set(given) <= set(node["inputs"]), set(given) - set(node["inputs"])
        inputs = {}
        for name, each in node["inputs"].items():
            assert not each.get("required") or given.get(name), f"the input {name} is needed"
            inputs[name] = given.get(name, self._scope().filled(shown(each.get("default"))))
        contexts = {"github": self.contexts["github"], "runner": self.contexts["runner"], "inputs": inputs}
        inside = Steps(self.runner, self.job, contexts, folder)
        inside.run(node["runs"]["steps"])
        return {name: inside._scope().filled(each["value"]) for name, each in node.get("outputs", {}).items()}


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Read `name=value` lines, as steps leave them; the form of several lines is not played."""
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        assert equals, f"{line!r} is no output"
        assert re.fullmatch(r"[A-Za-z_][\w-]*", name), f"{line!r} is no output"
        yield name, value


def _wanted(given: Mapping[str, str]) -> dict[str, str]:
    """Return the permissions that a GitHub App's token is asked for."""
    return {name.removeprefix("permission-"): level for name, level in given.items() if name.startswith("permission-")}
