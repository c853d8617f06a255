"""Fills the README's blocks from what commands print, so that it says nothing that is not so.

A block stands between `<!-- begin: SOURCE -->` and `<!-- end -->`. SOURCE is a `bot` command, with
`| lines A-B` or `| last N` for a part of its output; `settings` for the table of settings; or `file PATH`.

    python docs/readme.py          write the blocks
    python docs/readme.py --check  exit 1 if they are not what the commands print now
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from bot.config import KEYS, Settings
from bot.matching.names import SERIES_PREFIX

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- begin: (?P<source>.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
_PART = re.compile(r"(?P<command>.+?) \| (?:lines (?P<first>\d+)-(?P<last>\d+)|last (?P<end>\d+))")


def filled(text: str) -> str:
    """Return the text with every block made again."""
    return _BLOCK.sub(lambda match: f"{match[1]}{_content(match['source'])}{match[3]}", text)


def _content(source: str) -> str:
    if source == "settings":
        return _settings()
    if source.startswith("file "):
        return _fenced((ROOT / source.removeprefix("file ")).read_text("utf-8"))
    part = _PART.fullmatch(source)
    command = part["command"] if part else source
    output = _output(command)
    if part:
        lines = output.splitlines(keepends=True)
        chosen = lines[-int(part["end"]) :] if part["end"] else lines[int(part["first"]) - 1 : int(part["last"])]
        output = "".join(chosen)
    return _fenced(f"$ {command}\n{output}")


@cache
def _output(command: str) -> str:
    words = command.split()
    if words[0] != "bot":
        raise SystemExit(f"README.md: {command!r} is no command of the bot")
    with tempfile.TemporaryDirectory() as folder:
        if words[1:] == ["demo"]:
            words += ["--output", folder]
        run = [sys.executable, "-c", "from bot.cli import entry_point; entry_point()", *words[1:]]
        environment = {**os.environ, "COLUMNS": "110", "NO_COLOR": "1"}
        return subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def _fenced(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"


def _settings() -> str:
    rows = ["| key | default | meaning |", "|---|---|---|"]
    for key, each in KEYS.items():
        value = getattr(Settings(), each.name)
        rows.append(f"| `{key}` | {_default(value)} | {each.metadata['help']} |")
    return "\n".join(rows) + "\n"


def _default(value: object) -> str:
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case tuple():
            return ", ".join(f"`{each}`" for each in value) or "none"
        case str() if value == SERIES_PREFIX:
            return "the forms of *Papers Explained N:*"
        case _:
            return f"`{value}`"


def main() -> int:
    """Write the README, or check it."""
    before = README.read_text("utf-8")
    after = filled(before)
    if "--check" in sys.argv[1:]:
        if after != before:
            sys.stderr.write("README.md is not what the commands print; run: make readme\n")
        return int(after != before)
    README.write_text(after, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
