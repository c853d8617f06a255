"""The floors of the house: imports point downwards, and each library stays in its room."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import ROOT

# Each room of `bot` on its floor, from the ground. A room imports itself and rooms on lower floors.
FLOORS = (
    {"errors"},
    {"files", "git", "text"},
    {"model"},
    {"markdown", "matching", "medium"},
    {"config", "http", "rules"},
    {"history"},
    {"checking"},
    {"output"},
    {"publish"},
    {"commands"},
    {"demo"},
    {"cli"},
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
# Rooms that must not know each other, whatever their floors.
STRANGERS = {
    "medium": {"markdown", "publish"},
    "markdown": {"medium", "publish"},
    "rules": {"http", "publish"},
    "output": {"http"},
    "publish": {"http"},
}
# Third-party libraries and the only modules that may import them.
ROOMS = {
    "httpx": {"bot.http.client"},
    "httpx_aiohttp": {"bot.http.client"},
    "aiohttp": {"bot.http.client", "bot.demo.server"},
    "tenacity": {"bot.http.retry"},
    "protego": {"bot.http.robots"},
    "bs4": {"bot.medium.metadata"},
    "selectolax": {"bot.medium.scrape"},
    "msgspec": {"bot.config", "bot.model.codec", "bot.model.documents", "bot.model.records", "bot.model.pages"},
    "pyromark": {"bot.markdown.events"},
    "rapidfuzz": {"bot.checking.recovery", "bot.matching.dates", "bot.rules.fragment_missing"},
    "rich": {"bot.output.progress", "bot.output.terminal", "bot.demo.published"},
    "github": {"bot.publish.api", "bot.publish.github"},
    "requests": {"bot.publish.api"},
    "click": {"bot.cli", "bot.demo.show", "bot.demo.published"},
}


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


def test_imports_point_downwards() -> None:
    for name, tree in modules():
        room = name.split(".")[1] if "." in name else ""
        for imported in imports(tree):
            other = imported.split(".")[1] if imported.startswith("bot.") else room
            if room not in ("", other) and other != "__version__":
                assert FLOOR[other] < FLOOR[room], f"{name} imports {imported}"
                assert other not in STRANGERS.get(room, ()), f"{name} imports {imported}"


def test_the_top_of_the_package_has_few_modules() -> None:
    assert len(list((ROOT / "bot").glob("*.py"))) <= 8


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


def test_tests_import_no_tests() -> None:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for imported in imports(ast.parse(path.read_text("utf-8"))):
            assert not any(part.startswith("test_") for part in imported.split(".")[:-1]), f"{path} imports {imported}"


@pytest.mark.parametrize(
    "module", ["bot.markdown.parse", "bot.rules.registry", "bot.cli", "bot.commands.check", "bot.checking.evaluate"]
)
def test_what_works_offline_imports_no_http_or_html_library(module: str) -> None:
    heavy = {"httpx", "aiohttp", "bs4", "selectolax", "tenacity", "protego", "github"}
    code = f"import sys, {module}; print(*(name.split('.')[0] for name in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not heavy & set(loaded.split())


def test_no_function_is_longer_than_a_screen_and_a_half() -> None:
    for path in (*(ROOT / "bot").rglob("*.py"), *(ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                assert length <= 60, f"{Path(path).relative_to(ROOT)}: {node.name} has {length} lines"
