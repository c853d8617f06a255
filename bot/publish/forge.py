"""What the bot asks of the place that keeps a repository: a protocol and its values, no library behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository under its present name. `url` is where people look at it."""

    full_name: str
    default_branch: str
    url: str

    @property
    def owner(self) -> str:
        """The account that it belongs to."""
        return self.full_name.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its id, its tree's, its parents', and its message."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of a tree: the id of its content, and its mode as git writes it (`100644`)."""

    sha: str
    mode: str


@dataclass(frozen=True, slots=True)
class Pull:
    """A pull request. `own_head`: its branch is in this repository; `member`: its author works there."""

    number: int
    title: str
    body: str
    author: str
    member: bool
    is_open: bool
    merged: bool
    draft: bool
    base: str
    branch: str
    head: str
    own_head: bool
    url: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, no pull request. `member`: its author works in the repository."""

    number: int
    title: str
    body: str
    author: str
    member: bool
    is_open: bool
    url: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment under an issue or a pull request."""

    author: str
    body: str


class Forge(Protocol):
    """A repository, and what can be asked and changed there; every failure is a `ForgeError`.

    Whatever creates something looks first whether an earlier try succeeded whose answer was lost.
    """

    def repository(self) -> Repository:
        """Return the repository."""

    def branches(self, prefix: str) -> Mapping[str, str]:
        """Return the branches whose names begin so, with the ids of their tips."""

    def tip(self, branch: str) -> Commit | None:
        """Return a branch's newest commit; None if there is no such branch."""

    def files(self, tree: str) -> Mapping[str, File]:
        """Return all files of a tree by path."""

    def content(self, sha: str) -> bytes:
        """Return a file's bytes."""

    def make_commit(
        self, parent: Commit | None, contents: Mapping[str, bytes], modes: Mapping[str, str], message: str
    ) -> Commit:
        """Make a commit that changes files; without a parent it holds these files alone."""

    def point(self, branch: str, sha: str, *, new: bool, force: bool) -> None:
        """Make a branch, or move one: without `force` only forward."""

    def delete_branch(self, branch: str) -> None:
        """Delete a branch, if it is there."""

    def pulls(self, branch: str) -> Sequence[Pull]:
        """Return the newest pull requests of a branch of this repository, newest first, closed ones too."""

    def open_pull(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> Pull:
        """Open a pull request, or return the one that is open."""

    def edit_pull(self, number: int, *, title: str, body: str, close: bool) -> None:
        """Set a pull request's words, and close it if so asked."""

    def issues(self, label: str) -> Sequence[Issue]:
        """Return the newest issues with a label, newest first, closed ones too."""

    def open_issue(self, title: str, body: str, label: str) -> Issue:
        """Open an issue under a label."""

    def edit_issue(self, number: int, *, title: str, body: str, is_open: bool) -> None:
        """Set an issue's words, and whether it is open."""

    def comments(self, number: int) -> Sequence[Comment]:
        """Return the comments under an issue or pull request."""

    def comment(self, number: int, body: str) -> None:
        """Add a comment, unless the last one under it says the same."""

    def ensure_label(self, name: str, color: str, description: str) -> None:
        """Make a label, if it is not there."""

    def add_label(self, number: int, name: str) -> None:
        """Put a label on an issue or pull request."""
