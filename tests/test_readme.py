"""The README is true: its blocks are what the commands print, its commands and files exist."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from conftest import Cli
from support import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_every_block_is_what_its_command_prints() -> None:
    done = subprocess.run([sys.executable, "docs/readme.py", "--check"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_every_option_that_it_names_exists(cli: Cli) -> None:
    commands = ("check-links", "demo", "publish", "init", "lint")
    known = "".join(cli(each, "--help").out for each in commands) + cli("--help").out
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", README))
    assert named
    assert {option for option in named if option not in known} == set()


def test_every_make_target_that_it_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"\bmake ([a-z]+)\b", README))
    assert {"demo", "test", "bench"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_file_that_it_links_to_exists() -> None:
    for path in re.findall(r"\]\((?!https?://|#)([^)#]+)", README):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("line", re.findall(r"^    (bot [^\n]+)$", README, re.MULTILINE))
def test_every_example_is_a_command_line_that_is_understood(cli: Cli, line: str) -> None:
    words = [word.strip("'\"") for word in re.findall(r"'[^']*'|\"[^\"]*\"|\S+", line.partition("  #")[0])]
    done = cli(words[1], "--help") if len(words) > 1 else cli("--help")
    assert done.code == 0
    for word in words:
        if word.startswith("-"):
            assert word in done.out
