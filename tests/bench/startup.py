"""How long the command line takes to answer."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.meter import PROJECT, median_seconds
from bench.table import Figure, print_figures

BOT = Path(sys.executable).with_name("bot")


def bench_startup() -> None:
    """Print how long commands take that ask nobody."""
    commands: dict[str, list[str | Path]] = {
        "bot --help": [BOT, "--help"],
        "bot rules": [BOT, "rules"],
        "for comparison: python -c pass": [sys.executable, "-c", "pass"],
    }
    took = {what: median_seconds(partial(_quietly, command), 15) for what, command in commands.items()}
    print_figures("start-up (medians of 15 runs)", [Figure(what, each * 1000, "ms") for what, each in took.items()])


def _quietly(command: list[str | Path]) -> None:
    subprocess.run(command, cwd=PROJECT, stdout=subprocess.DEVNULL, check=True)
