"""Which lines of a file have changed since a commit, by asking git."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from bot.errors import UsageError

_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


def changed_lines(path: Path, ref: str) -> frozenset[int]:
    """Return the numbers of a file's lines that are new or different since a commit.

    A file that the commit does not have is new as a whole. Raises `UsageError` if the commit is
    unknown, or git is missing or stands outside a repository.
    """
    folder, name = path.resolve().parent, path.resolve().name
    if ref.startswith("-"):
        raise UsageError(f"--since {ref}: not a commit, branch or tag")
    commit = _git(folder, ref, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}").strip()
    if not _git(folder, ref, "ls-tree", "--name-only", commit, "--", name).strip():
        return frozenset(range(1, path.read_bytes().count(b"\n") + 2))
    diff = _git(folder, ref, "diff", "--unified=0", "--no-color", "--no-ext-diff", "--text", commit, "--", name)
    lines: set[int] = set()
    for start, count in _HUNK.findall(diff):
        lines.update(range(int(start), int(start) + (int(count) if count else 1)))
    return frozenset(lines)


def _git(folder: Path, ref: str, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words; the commit was refused if it looks like an option
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - git is where the user's PATH has it
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise UsageError(f"--since {ref}: git cannot be run: {error}") from error
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"--since {ref}: {words[0] if words else 'no such commit, branch or tag'}")
    return done.stdout.decode("utf-8", "replace")
