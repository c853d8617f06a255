"""A repository and its forks' branches: refs, and pushes by people. No issues, no pull requests."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from github_stand_in.model import RefusedError
from github_stand_in.objects import FILE, Commit, Leaf, Objects, Person

_KNOWN = {"github-actions[bot]": 41898282, "web-flow": 19864447}
_NOREPLY = re.compile(r"(?:\d+\+)?(.+)@users\.noreply\.github\.com")


def user_id(login: str) -> int:
    """Return an account's id; GitHub's own accounts have their real ones."""
    return _KNOWN.get(login) or zlib.crc32(login.encode()) % 90_000_000


def email_of(login: str) -> str:
    """Return an account's address in commits."""
    return "noreply@github.com" if login == "web-flow" else f"{user_id(login)}+{login}@users.noreply.github.com"


def login_of(person: Person) -> str | None:
    """Return the account that GitHub finds for an author: None, unless the address is one of GitHub's."""
    if person.email == "noreply@github.com":
        return "web-flow"
    match = _NOREPLY.fullmatch(person.email)
    return match[1] if match else None


class Repository:
    """Branches, by name (`owner:name` in a fork), over an object store.

    `clock` is the time here: each event moves it by a second.
    """

    def __init__(self, name: str, files: Mapping[str, bytes], base: str, by: str) -> None:
        self.name, self.base = name, base
        self.objects = Objects()
        self.clock = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        self.refs: dict[str, str] = {}
        tree = self.objects.add_tree({path: Leaf(FILE, self.objects.add_blob(data)) for path, data in files.items()})
        person = self.person(by)
        self.refs[base] = self.objects.add_commit(tree, (), person, person, "Begin the catalog")

    @property
    def owner(self) -> str:
        """The account whose repository this is."""
        return self.name.partition("/")[0]

    def tick(self) -> datetime:
        """Move the clock by a second and return the time."""
        self.clock += timedelta(seconds=1)
        return self.clock

    def person(self, login: str) -> Person:
        """Return an account as the author of something at this moment."""
        return Person("GitHub" if login == "web-flow" else login, email_of(login), self.tick())

    def tip(self, branch: str) -> str:
        """Return the commit that a branch points at; `KeyError` if there is no such branch."""
        return self.refs[branch]

    def log(self, branch: str) -> list[Commit]:
        """Return a branch's commits, newest first."""
        return list(self.objects.history(self.tip(branch)))

    def files(self, branch: str) -> dict[str, bytes]:
        """Return all files of a branch by path."""
        tree = self.objects.commits[self.tip(branch)].tree
        return {path: self.objects.blobs[leaf.sha] for path, leaf in self.objects.files(tree).items()}

    def read(self, branch: str, path: str) -> bytes:
        """Return a file of a branch; `KeyError` if either is missing."""
        return self.files(branch)[path]

    def push(
        self,
        branch: str,
        changes: Mapping[str, bytes | None],
        author: str = "alice",
        *,
        message: str = "Fix a row",
        onto: str | None = None,
        committer: str | None = None,
    ) -> str:
        """Commit changes (None removes a file) on a branch, or on the commit `onto` by force; return the commit.

        A missing branch is created from the base. `committer` is `web-flow` for changes made on the web site.
        """
        parent = onto or self.refs.get(branch) or self.tip(self.base)
        files = self.objects.files(self.objects.commits[parent].tree)
        for path, content in changes.items():
            if content is None:
                del files[path]
            else:
                files[path] = Leaf(FILE, self.objects.add_blob(content))
        tree = self.objects.add_tree(files)
        by, through = self.person(author), self.person(committer or author)
        sha = self.objects.add_commit(tree, (parent,), by, through, message)
        self.move(branch, sha)
        return sha

    def move(self, branch: str, sha: str) -> None:
        """Point a branch at a commit, as a forced push does."""
        self.refs[branch] = sha
        self.tick()
        self.moved(branch)

    def delete_branch(self, branch: str) -> None:
        """Delete a branch."""
        del self.refs[branch]
        self.tick()
        self.moved(branch)

    def moved(self, branch: str) -> None:
        """Update what depends on a branch that was moved or deleted."""

    def commit_of(self, text: str) -> str | None:
        """Return the commit that a branch, a ref or an id (7 digits or more) refers to."""
        branch = text.removeprefix("refs/").removeprefix("heads/")
        if branch in self.refs:
            return self.refs[branch]
        if re.fullmatch(r"[0-9a-f]{7,40}", text):
            return next((sha for sha in self.objects.commits if sha.startswith(text)), None)
        return None

    def fast_forward(self, branch: str, sha: str) -> None:
        """Move a branch forward to a commit, or refuse."""
        if not self.objects.contains(sha, self.tip(branch)):
            raise RefusedError(422, "Update is not a fast forward")
        self.move(branch, sha)
