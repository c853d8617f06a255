"""Git objects in memory under the ids that git gives them: blobs, trees, commits. No refs, nothing of GitHub."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

FILE, TREE = "100644", "40000"


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote or committed something, and when."""

    name: str
    email: str
    when: datetime

    def __str__(self) -> str:
        """Return the line in a commit, always in UTC."""
        return f"{self.name} <{self.email}> {int(self.when.timestamp())} +0000"


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry of a tree: `mode` is as git stores it (`40000` for a folder)."""

    mode: str
    sha: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit. `signature` is its `gpgsig` header, or empty."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str
    signature: str = ""


@dataclass(slots=True)
class Objects:
    """An object store; every `add_…` returns the object's SHA-1 in hexadecimal."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    trees: dict[str, dict[str, Leaf]] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)

    def add_blob(self, content: bytes) -> str:
        """Store a file's content."""
        sha = _name("blob", content)
        self.blobs[sha] = content
        return sha

    def add_tree(self, files: Mapping[str, Leaf]) -> str:
        """Store files, given by full paths, as a tree with its subtrees."""
        entries: dict[str, Leaf] = {}
        folders: dict[str, dict[str, Leaf]] = {}
        for path, leaf in files.items():
            folder, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(folder, {})[rest] = leaf
            else:
                entries[path] = leaf
        entries |= {folder: Leaf(TREE, self.add_tree(inside)) for folder, inside in folders.items()}
        # Git sorts a folder as if its name ended in a slash.
        entries = dict(sorted(entries.items(), key=lambda item: (item[0] + "/" * (item[1].mode == TREE)).encode()))
        body = b"".join(f"{leaf.mode} {name}\0".encode() + bytes.fromhex(leaf.sha) for name, leaf in entries.items())
        sha = _name("tree", body)
        self.trees[sha] = entries
        return sha

    def add_commit(
        self,
        tree: str,
        parents: tuple[str, ...],
        author: Person,
        committer: Person,
        message: str,
        *,
        signature: str = "",
    ) -> str:
        """Store a commit."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {author}", f"committer {committer}"]
        if signature:
            lines.append("gpgsig " + signature.replace("\n", "\n "))
        sha = _name("commit", ("\n".join(lines) + f"\n\n{message}").encode())
        self.commits[sha] = Commit(sha, tree, parents, author, committer, message, signature)
        return sha

    def tree_of(self, sha: str) -> str | None:
        """Return the tree of a commit, or the tree itself; None for another object."""
        commit = self.commits.get(sha)
        return commit.tree if commit else sha if sha in self.trees else None

    def files(self, tree: str) -> dict[str, Leaf]:
        """Return all files below a tree by their full paths, in the tree's order."""
        return {path: leaf for path, leaf in self.walk(tree) if leaf.mode != TREE}

    def walk(self, tree: str, under: str = "") -> Iterator[tuple[str, Leaf]]:
        """Yield a tree's folders and files, each folder before its contents."""
        for name, leaf in self.trees[tree].items():
            yield under + name, leaf
            if leaf.mode == TREE:
                yield from self.walk(leaf.sha, f"{under}{name}/")

    def history(self, tip: str) -> Iterator[Commit]:
        """Yield a commit and its ancestors, newest first."""
        waiting = [(-self.commits[tip].committer.when.timestamp(), tip)]
        seen = {tip}
        while waiting:
            commit = self.commits[heapq.heappop(waiting)[1]]
            yield commit
            for parent in commit.parents:
                if parent not in seen:
                    seen.add(parent)
                    heapq.heappush(waiting, (-self.commits[parent].committer.when.timestamp(), parent))

    def contains(self, tip: str, sha: str) -> bool:
        """Return True if a commit is `tip` or an ancestor of it."""
        return any(commit.sha == sha for commit in self.history(tip))

    def ahead(self, base: str, head: str) -> list[Commit]:
        """Return the commits of `head` that `base` lacks, oldest first."""
        known = {commit.sha for commit in self.history(base)}
        return [commit for commit in self.history(head) if commit.sha not in known][::-1]

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the newest commit that two have in common."""
        known = {commit.sha for commit in self.history(one)}
        return next((commit.sha for commit in self.history(other) if commit.sha in known), None)


def moment(text: str) -> datetime:
    """Parse a timestamp as GitHub writes it."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _name(kind: str, body: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(body)}\0".encode() + body, usedforsecurity=False).hexdigest()
