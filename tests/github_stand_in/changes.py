"""Differences between two trees, and three-way merges, by lines."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from github_stand_in.objects import Leaf, Objects


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a file. `sha` is its content, now or before it was removed; `patch` a diff without a header."""

    path: str
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str


def changes(objects: Objects, before: str | None, after: str) -> Iterator[Change]:
    """Yield the files that differ between two trees, by path; None counts as an empty tree."""
    old = objects.files(before) if before else {}
    new = objects.files(after)
    for path in sorted(old.keys() | new.keys()):
        was, now = old.get(path), new.get(path)
        if was == now:
            continue
        status = "added" if was is None else "removed" if now is None else "modified"
        patch = _patch(_content(objects, was), _content(objects, now))
        added = sum(line.startswith("+") for line in patch)
        removed = sum(line.startswith("-") for line in patch)
        sha = now.sha if now else was.sha if was else ""
        yield Change(path, status, sha, added, removed, "\n".join(patch))


def _content(objects: Objects, leaf: Leaf | None) -> list[str]:
    return objects.blobs[leaf.sha].decode("utf-8", "replace").splitlines() if leaf else []


def _patch(before: list[str], after: list[str]) -> list[str]:
    return list(difflib.unified_diff(before, after, lineterm="", n=3))[2:]


def merged(
    objects: Objects, base: Mapping[str, Leaf], ours: Mapping[str, Leaf], theirs: Mapping[str, Leaf]
) -> dict[str, Leaf] | None:
    """Merge two sets of files with a common base; None if both changed the same lines of a file."""
    result: dict[str, Leaf] = {}
    for path in sorted(base.keys() | ours.keys() | theirs.keys()):
        was, mine, yours = base.get(path), ours.get(path), theirs.get(path)
        if mine == yours or yours == was:
            leaf = mine
        elif mine == was:
            leaf = yours
        else:
            leaf = _merged_file(objects, was, mine, yours)
            if leaf is None:
                return None
        if leaf is not None:
            result[path] = leaf
    return result


def _merged_file(objects: Objects, was: Leaf | None, mine: Leaf | None, yours: Leaf | None) -> Leaf | None:
    if was is None or mine is None or yours is None:
        return None
    base, one, other = (objects.blobs[leaf.sha].splitlines(keepends=True) for leaf in (was, mine, yours))
    edits = sorted({*_edits(base, one), *_edits(base, other)})
    result: list[bytes] = []
    done = -1
    for start, stop, replacement in edits:
        if start <= done:
            return None  # git needs an unchanged line between the two sides' changes
        result += [*base[max(done, 0) : start], *replacement]
        done = stop
    return Leaf(mine.mode, objects.add_blob(b"".join([*result, *base[max(done, 0) :]])))


def _edits(before: list[bytes], after: list[bytes]) -> Iterator[tuple[int, int, tuple[bytes, ...]]]:
    for tag, start, stop, new_start, new_stop in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            yield start, stop, tuple(after[new_start:new_stop])
