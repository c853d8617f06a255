"""Runs a command as a process of its own, within limits: how long it took, how much memory it held."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command used: seconds, peak memory of it and its children in MiB; why it was `stopped`, if it was."""

    seconds: float
    peak: float
    code: int
    stopped: str
    output: str
    errors: str


def run(
    command: Sequence[str | Path], folder: Path, *, seconds: float = 400, mebibytes: float = 4096, cwd: Path = PROJECT
) -> Usage:
    """Run a command to its end or its limits; `folder` takes its output."""
    out, err, result = folder / "output.txt", folder / "errors.txt", folder / "usage.json"
    result.unlink(missing_ok=True)
    # -S and -E: the launcher stays small, and nobody's site packages or settings change it.
    launch = [sys.executable, "-S", "-E", _LAUNCHER, result, f"{seconds:g}", f"{mebibytes:g}", *command]
    with out.open("wb") as out_file, err.open("wb") as err_file:
        subprocess.run(launch, cwd=cwd, env=_environment(), stdout=out_file, stderr=err_file, check=False)
    errors = err.read_text("utf-8", "replace")
    if not result.exists():
        last = errors.strip().splitlines()[-1:]
        raise OSError(f"{command[0]} could not be started: {''.join(last)}")
    usage = json.loads(result.read_text("utf-8"))
    return Usage(output=out.read_text("utf-8", "replace"), errors=errors, **usage)


def _environment() -> dict[str, str]:
    """Return the environment without proxies: what is measured stays on loopback."""
    return {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}


def median_seconds(step: Callable[[], object], runs: int) -> float:
    """Return the median time of some runs in seconds."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        step()
        times.append(time.perf_counter() - started)
    return statistics.median(times)
