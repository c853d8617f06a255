"""The house's doors: who may import whom, and which libraries stand in which room only."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest
from support import ROOT

# Each part of `bot`, and the parts that it may import beside itself. Outermost last.
ALLOWED = {
    "errors": set(),
    "suggest": set(),
    "slips": set(),
    "names": set(),
    "mentions": {"names"},
    "dates": {"slips"},
    "document": {"errors"},
    "medium": set(),
    "candidates": {"medium", "names", "slips"},
    "records": {"document", "errors"},
    "files": {"errors"},
    "git": {"errors"},
    "web": {"errors", "medium"},
    "config": {"document", "errors", "medium", "names", "suggest"},
    "rules": {
        "candidates",
        "dates",
        "document",
        "errors",
        "medium",
        "mentions",
        "names",
        "records",
        "suggest",
        "web",
    },
    "baseline": {"errors", "rules"},
    "fixes": {"document", "errors", "rules"},
    "report": {"dates", "document", "errors", "medium", "records", "rules", "web"},
    "terminal": {"report"},
    "lint": {"config", "document", "records", "report", "rules"},
    "hearsay": {"candidates", "medium", "web"},
    "second_round": {"candidates", "hearsay", "medium", "names", "report", "rules", "web"},
    "state": {"candidates", "document", "errors", "files", "medium", "report", "rules", "web"},
    "pipeline": {"config", "document", "lint", "medium", "records", "report", "rules", "second_round", "state", "web"},
    "watch": {"pipeline", "report", "terminal", "web"},
    "github": {"config", "document", "errors", "fixes", "records", "report", "rules"},
    "publishing": {"config", "errors", "files", "github", "medium", "report", "rules", "state", "suggest", "terminal"},
    "demo": {
        "config",
        "document",
        "errors",
        "files",
        "medium",
        "pipeline",
        "publishing",
        "records",
        "report",
        "rules",
        "terminal",
        "watch",
    },
    "commands": {
        "baseline",
        "config",
        "document",
        "errors",
        "files",
        "fixes",
        "git",
        "lint",
        "pipeline",
        "records",
        "report",
        "rules",
        "state",
        "terminal",
        "watch",
        "web",
    },
    "repository": {"errors"},
    "origin": {"config", "errors", "repository"},
    "survey": {"config", "document", "errors", "files", "medium", "repository"},
    "init": {"config", "errors", "files", "origin", "repository", "survey"},
    "cli": {"commands", "config", "demo", "errors", "init", "publishing", "rules", "terminal"},
}
# Third-party libraries and the only modules that may import them.
ROOMS = {
    "httpx": {"bot.web.client"},
    "httpx_aiohttp": {"bot.web.client"},
    "aiohttp": {"bot.web.client", "bot.demo.server", "bot.demo.hub_server"},
    "tenacity": {"bot.web.fetch"},
    "protego": {"bot.web.robots"},
    "bs4": {"bot.medium.metadata"},
    "selectolax": {"bot.medium.scrape", "bot.medium.anchors"},
    "pyromark": {"bot.document.parse"},
    "rapidfuzz": {"bot.rules.fragment_missing"},
    "rich": {"bot.watch", "bot.terminal"},
    "jsonschema": {"bot.report.saved", "bot.state.codec"},
    "github": {"bot.github.api"},
    "requests": {"bot.github.api"},
    "click": {"bot.cli", "bot.demo.show", "bot.demo.published"},
}
# Values that cross between rooms without what stands behind them.
PURE_OF_WEB = {"bot.web.outcome"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "bot").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, ast.parse(path.read_text("utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_imports_point_one_way() -> None:
    for name, tree in modules():
        part = name.split(".")[1] if "." in name else ""
        for imported in imports(tree):
            if not imported.startswith("bot."):
                continue
            other = imported.split(".")[1]
            if part and other not in (part, "__version__"):
                assert other in ALLOWED[part], f"{name} imports {imported}"


def test_no_part_can_come_round_to_itself() -> None:
    order: list[str] = []
    while len(order) < len(ALLOWED):
        ready = [part for part, others in ALLOWED.items() if part not in order and others <= set(order)]
        assert ready, f"a circle among {set(ALLOWED) - set(order)}"
        order += ready


def test_each_library_stays_in_its_room() -> None:
    for name, tree in modules():
        for imported in imports(tree):
            library = imported.split(".")[0]
            if library in ROOMS:
                assert name in ROOMS[library], f"{name} imports {library}"


def test_every_library_that_is_imported_is_known_here() -> None:
    known = {*ROOMS, "bot"} | sys.stdlib_module_names
    for name, tree in modules():
        for imported in imports(tree):
            assert imported.split(".")[0] in known, f"{name} imports {imported}"


def test_rules_and_reports_see_only_the_values_of_the_web() -> None:
    for name, tree in modules():
        if name.split(".")[1:2] in (["rules"], ["report"]):
            for imported in imports(tree):
                if imported.startswith("bot.web"):
                    assert imported.rpartition(".")[0] in PURE_OF_WEB, f"{name} imports {imported}"


@pytest.mark.parametrize("module", ["bot.document.parse", "bot.rules.registry", "bot.cli", "bot.commands", "bot.lint"])
def test_what_works_offline_imports_no_http_or_html_library(module: str) -> None:
    heavy = {"httpx", "aiohttp", "bs4", "selectolax", "tenacity", "protego", "github"}
    code = f"import sys, {module}; print(*(name.split('.')[0] for name in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not heavy & set(loaded.split())
