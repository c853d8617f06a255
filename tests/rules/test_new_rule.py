"""A rule with a kind of fix of its own needs its file, an import and a line in the registry, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import StandIn
from github_stand_in.state import Hub
from hosted import NAME, hosting
from support import ROOT, catalog_of

from bot.demo.facts import fitting
from bot.demo.world import World

RULE = '''"""An entry's name is capitalized differently from its article's title.

Why: the author knows best.
"""

from collections.abc import Iterator

from bot.markdown.edits import in_cell
from bot.matching.names import without_prefix
from bot.model.findings import Finding, Fix, Safety, Severity
from bot.rules.evidence import Evidence
from bot.rules.rule import FixKind, Reads, Rule, title_fact


def _check(evidence: Evidence) -> Iterator[Finding]:
    for usage in evidence.usages:
        title = without_prefix(usage.article.title, evidence.prefix) if usage.article else ""
        if usage.entry and usage.name != title and usage.name.casefold() == title.casefold():
            change = evidence.catalog.edit(usage.entry.name_span, in_cell(title))
            fix = Fix(Safety.SAFE, f"-> {title}", (change,))
            yield RULE.finding(usage.about, f"the article writes {title}", (title_fact(usage.article),), fix)


RULE = Rule("name-case", Severity.WARNING, Reads.ARTICLE, _check, __doc__, kind=FixKind("names", "name fix"))
'''
CATALOG = "catalog/README.md"
URL = "https://anna.medium.com/papers-explained-bert-aaaaaaaa0001"
BEFORE = f"| Paper |\n|---|\n| [Bert]({URL}) |\n"
AFTER = BEFORE.replace("Bert", "BERT")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a bot that has one more rule, a catalog, and settings."""
    shutil.copytree(ROOT / "bot", tmp_path / "bot")
    registry = tmp_path / "bot/rules/registry.py"
    text = registry.read_text("utf-8")
    for place, line in (
        ("    name_mismatch,\n", "    name_case,\n"),
        ("    name_mismatch.RULE,\n", "    name_case.RULE,\n"),
    ):
        assert text.count(place) == 1
        text = text.replace(place, line + place)
    registry.write_text(text, "utf-8")
    (tmp_path / "bot/rules/name_case.py").write_text(RULE, "utf-8")
    (tmp_path / "bot.toml").write_text(f'catalog = "{CATALOG}"\npause = 0\n', "utf-8")
    (tmp_path / CATALOG).parent.mkdir()
    (tmp_path / CATALOG).write_text(BEFORE, "utf-8")
    return tmp_path


def run(home: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run the bot of that folder; return its exit code and what it printed."""
    command = [sys.executable, "-c", "from bot.cli import entry_point; entry_point()", *arguments]
    around = {**os.environ, "PYTHONPATH": str(home), **environment}
    around.pop("GITHUB_STEP_SUMMARY", None)
    done = subprocess.run(command, cwd=home, env=around, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_a_new_rule_is_listed_and_explained(home: Path) -> None:
    listed = run(home, "rules")[1].splitlines()
    assert [line.split()[:3] for line in listed if line.startswith("name-case ")] == [["name-case", "warning", "web"]]
    assert run(home, "explain", "name-case")[1].startswith("name-case (warning, pull request names)\n")


def test_a_new_rule_is_checked_fixed_and_published(home: Path, stand_in: StandIn) -> None:
    facts, others = fitting(catalog_of(BEFORE))
    (post_id,) = facts
    world = World({post_id: replace(facts[post_id], title="Papers Explained: BERT")}, others)
    asked = ("--no-progress", "--rate", "0", "--remap", stand_in(world), "--format", "json", "--output", "report.json")
    assert run(home, "check-links", *asked)[0] == 1
    found = json.loads((home / "report.json").read_text("utf-8"))["findings"]
    assert ("name-case", 3, 3) in [(each["rule"], each["line"], each["column"]) for each in found]

    with hosting(Hub(NAME, {CATALOG: BEFORE.encode()})) as github:
        job = {"GITHUB_TOKEN": github.hub.token, "GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": NAME}
        published = ("publish", "report.json", "--select", "names")
        code, said = run(home, *published, "--dry-run", **job)
        assert code == 0
        assert "would be opened bot: 1 name fix" in said
        assert github.hub.pulls == {}
        assert run(home, *published, **job)[0] == 0
        (pull,) = github.hub.pulls.values()
        assert pull.head == "bot/names"
        assert github.hub.files("bot/names")[CATALOG].decode() == AFTER

    assert run(home, "fix", "report.json")[0] == 0
    assert (home / CATALOG).read_text("utf-8") == AFTER
