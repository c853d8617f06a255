"""Plays GitHub's runner: the jobs of a workflow as they stand, with its files, environment, conditions and exit codes.

What it does not know it refuses: an expression, a function or an action that nobody taught it fails the test.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w.-]*)|(?P<sign>\|\||&&|==|!=|[!(),]))")
_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_ACTION = re.compile(r"(?:\$|[\w.-]+/[\w.-]+)/(?P<path>\.github/actions/[\w-]+)(?:@\w+)?\Z")


class _Expression:
    """One expression of a workflow, evaluated on contexts; `always()` and `failure()` know how the job fares."""

    def __init__(self, text: str, contexts: Mapping[str, Any], *, failed: bool) -> None:
        self.tokens = list(self._split(text.strip()))
        self.at = 0
        self.contexts = contexts
        self.failed = failed
        self.asks_status = False

    @staticmethod
    def _split(text: str) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            assert match is not None, f"an expression that this runner does not know: {text!r}"
            assert match.lastgroup is not None
            yield match.lastgroup, match[match.lastgroup]
            at = match.end()

    def value(self) -> Any:
        found = self._or()
        assert self.at == len(self.tokens), f"more than an expression: {self.tokens[self.at :]}"
        return found

    def _next(self, *signs: str) -> str | None:
        if self.at < len(self.tokens) and self.tokens[self.at] in [("sign", sign) for sign in signs]:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return None

    def _or(self) -> Any:
        found = self._and()
        while self._next("||"):
            other = self._and()
            found = found or other
        return found

    def _and(self) -> Any:
        found = self._equal()
        while self._next("&&"):
            other = self._equal()
            found = found and other
        return found

    def _equal(self) -> Any:
        found = self._one()
        while sign := self._next("==", "!="):
            found = (str(found or "") == str(self._one() or "")) is (sign == "==")
        return found

    def _one(self) -> Any:
        if self._next("!"):
            return not self._one()
        if self._next("("):
            found = self._or()
            assert self._next(")")
            return found
        kind, word = self.tokens[self.at]
        self.at += 1
        if kind == "text":
            return word[1:-1].replace("''", "'")
        if self._next("("):
            return self._called(word)
        if word in ("true", "false"):
            return word == "true"
        found = self.contexts
        for part in word.split("."):
            found = found.get(part, "") if isinstance(found, Mapping) else ""
        return found

    def _called(self, name: str) -> Any:
        given = []
        while not self._next(")"):
            given.append(self._or())
            self._next(",")
        if name == "format":
            return re.sub(r"\{(\d)\}", lambda match: str(given[int(match[1]) + 1]), given[0])
        self.asks_status = True
        known = {"always": True, "failure": self.failed, "success": not self.failed, "cancelled": False}
        assert name in known, f"a function that this runner does not know: {name}"
        return known[name]


@dataclass
class Runner:
    """A machine with a checkout. `environment` is what every step sees; artifacts lie in a folder of their own."""

    workspace: Path
    temporary: Path
    artifacts: Path
    environment: Mapping[str, str]
    event: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    log: list[str] = field(default_factory=list)

    def run(self, workflow: Path) -> dict[str, str]:
        """Run all jobs in the order of their needs; return how each ended: success, failure or skipped."""
        data = yaml.safe_load(workflow.read_text("utf-8"))
        ended: dict[str, str] = {}
        for name, job in data["jobs"].items():
            needs = job.get("needs", [])
            needs = [needs] if isinstance(needs, str) else needs
            contexts = self._contexts({}, {})
            wanted = all(ended[each] == "success" for each in needs)
            wanted = wanted and bool(self._evaluated(job.get("if", "true"), contexts, failed=False))
            ended[name] = ("success" if self._steps(job["steps"], {}) else "failure") if wanted else "skipped"
        return ended

    def _contexts(self, steps: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
        github = {"event_name": "schedule", "token": self.token, **self.event}
        runner = {"temp": str(self.temporary)}
        given = inputs or self.event.get("inputs", {})
        return {
            "steps": steps,
            "inputs": given,
            "github": github,
            "runner": runner,
            "vars": self.variables,
            "secrets": {},
        }

    def _evaluated(self, text: object, contexts: Mapping[str, Any], *, failed: bool) -> Any:
        expression = _Expression(_HOLE.sub(lambda match: match[1], str(text)), contexts, failed=failed)
        value = expression.value()
        return value if expression.asks_status else value and not failed

    def _filled(self, text: object, contexts: Mapping[str, Any]) -> str:
        def put(match: re.Match[str]) -> str:
            value = _Expression(match[1], contexts, failed=False).value()
            return str(value).lower() if isinstance(value, bool) else str(value)

        return _HOLE.sub(put, str(text).lower() if isinstance(text, bool) else str(text))

    def _steps(self, steps: list[dict[str, Any]], inputs: Mapping[str, Any], action: Path | None = None) -> bool:
        """Run steps; return whether none failed. `action` is the folder of a composite one."""
        known: dict[str, Any] = {}
        failed = False
        for step in steps:
            contexts = self._contexts(known, inputs)
            if not self._evaluated(step.get("if", "true"), contexts, failed=failed):
                continue
            outputs: dict[str, str] = {}
            if "run" in step:
                assert "${{" not in step["run"], "an expression stands in a script"
                good = self._script(step, contexts, action, outputs)
            else:
                good = self._used(step, contexts, outputs)
            failed = failed or not (good or step.get("continue-on-error"))
            if "id" in step:
                known[step["id"]] = {"outputs": outputs, "outcome": "success" if good else "failure"}
        self._last = known
        return not failed

    def _script(
        self, step: Mapping[str, Any], contexts: Mapping[str, Any], action: Path | None, outputs: dict[str, str]
    ) -> bool:
        """Run a script as the runner does, and read what it wrote for later steps."""
        output = self.temporary / "output"
        output.write_text("")
        environment = {
            **self.environment,
            **{name: self._filled(value, contexts) for name, value in step.get("env", {}).items()},
            "GITHUB_OUTPUT": str(output),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_ACTION_PATH": str(action or ""),
            "GITHUB_ACTIONS": "true",
            "RUNNER_TEMP": str(self.temporary),
        }
        shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            shell, cwd=self.workspace, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        self.log.append(f"$ {step.get('name', step['run'])}\n{done.stdout}{done.stderr}[{done.returncode}]\n")
        for line in output.read_text().splitlines():
            name, _, value = line.partition("=")
            outputs[name] = value
        return done.returncode == 0

    def _used(self, step: Mapping[str, Any], contexts: Mapping[str, Any], outputs: dict[str, str]) -> bool:
        uses = str(step["uses"])
        given = {name: self._filled(value, contexts) for name, value in step.get("with", {}).items()}
        own = _ACTION.match(uses)
        if own is not None:
            return self._composite(self.workspace / own["path"], given, outputs)
        match uses.partition("@")[0]:
            case "actions/checkout":
                assert given.get("persist-credentials") == "false"
            case "actions/setup-python":
                outputs["python-path"] = sys.executable
            case "actions/upload-artifact":
                shutil.copytree(given["path"], self.artifacts / given["name"], dirs_exist_ok=True)
            case "actions/download-artifact":
                shutil.rmtree(given["path"], ignore_errors=True)
                shutil.copytree(self.artifacts / given["name"], given["path"])
            case other:
                raise AssertionError(f"an action that this runner does not know: {other}")
        return True

    def _composite(self, folder: Path, given: Mapping[str, str], outputs: dict[str, str]) -> bool:
        data = yaml.safe_load((folder / "action.yml").read_text("utf-8"))
        assert set(given) <= set(data["inputs"]), f"{folder.name} has no input {set(given) - set(data['inputs'])}"
        contexts = self._contexts({}, {})
        inputs = {
            name: given.get(name, self._filled(each.get("default", ""), contexts))
            for name, each in data["inputs"].items()
        }
        good = self._steps(data["runs"]["steps"], inputs, folder)
        contexts = self._contexts(self._last, inputs)
        for name, each in data.get("outputs", {}).items():
            outputs[name] = self._filled(each["value"], contexts)
        return good


def machine(tmp_path: Path, root: Path, environment: Mapping[str, str], token: str) -> Runner:
    """Return a runner with a checkout of the project's actions, and the bot installed from this interpreter."""
    workspace, temporary, artifacts = (tmp_path / name for name in ("workspace", "temp", "artifacts"))
    for folder in (workspace, temporary, artifacts):
        folder.mkdir()
    shutil.copytree(root / ".github", workspace / ".github")
    # What the install step would leave; it finds it there and does no more.
    installed = temporary / "bot" / "bin"
    installed.mkdir(parents=True)
    (installed / "python").symlink_to(sys.executable)
    start = "import sys; sys.path.insert(0, sys.argv.pop(1)); from bot.cli import entry_point; entry_point()"
    (installed / "bot").write_text(f'#!/bin/sh\nexec {sys.executable} -c {json.dumps(start)} {root} "$@"\n')
    (installed / "bot").chmod(0o755)
    path = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    return Runner(workspace, temporary, artifacts, {**path, **environment}, token=token)
