"""Which lines of a file have changed since a commit, by asking git."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bot.errors import UsageError

# git ends lines at LF alone; in a catalog CR ends one too, as in CommonMark.
_LINE_END = re.compile(rb"\r\n?|\n")
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def changed_lines(path: Path, ref: str) -> frozenset[int]:
    """Return the numbers of a file's lines that are new or different since a commit.

    A file that the commit does not have is new as a whole. Raises `UsageError` if the commit is
    unknown, or git is missing or stands outside a repository.
    """
    path = path.resolve()
    if ref.startswith("-"):
        raise UsageError(f"--since {ref}: not a commit, branch or tag")
    commit = _git(path.parent, ref, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").strip()
    source = path.read_bytes()
    if not _git(path.parent, ref, "ls-tree", "--name-only", commit, "--", path.name).strip():
        return frozenset(range(1, _lines(source) + 1))
    # What a user's settings may change (hunks joined, file converted, diff drawn by a program) is set here.
    fixed = ("--unified=0", "--inter-hunk-context=0", "--no-color", "--no-ext-diff", "--no-textconv", "--text")
    diff = _git(path.parent, ref, "diff", *fixed, commit, "--", path.name)
    lines: set[int] = set()
    for start, count in _HUNK.findall(diff):
        lines.update(range(int(start), int(start) + (int(count) if count else 1)))
    return frozenset(lines) if b"\r" not in source else _with_returns(source, lines)


def _lines(source: bytes) -> int:
    return sum(1 for _ in _LINE_END.finditer(source)) + 1


def _with_returns(source: bytes, lines: set[int]) -> frozenset[int]:
    """Return the numbers that git's lines have when a CR alone ends a line too."""
    numbers: set[int] = set()
    first = 1
    for number, line in enumerate(source.split(b"\n"), start=1):
        count = _lines(line.removesuffix(b"\r"))
        if number in lines:
            numbers.update(range(first, first + count))
        first += count
    return frozenset(numbers)


def _git(folder: Path, ref: str, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words; the commit was refused if it looks like an option
            ["git", "--literal-pathspecs", "-C", str(folder), *arguments],  # noqa: S607 - git is where the user's PATH has it
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise UsageError(f"--since {ref}: git cannot be run: {error}") from error
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"--since {ref}: {words[0] if words else 'no such commit, branch or tag'}")
    return done.stdout.decode("utf-8", "replace")
