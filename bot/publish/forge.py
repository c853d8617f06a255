"""What publishing needs from the host of a repository: a protocol and its types."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.errors import ForgeError

LABEL = "catalog-bot"  # on each of the bot's issues, which are found by it
STATE_BRANCH, STATE_FILE = "bot-state", "state.json"  # the history between runs, on a branch of its own
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository under its present name. `url` is its web page."""

    full_name: str
    default_branch: str
    url: str


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit: its id, the ids of its tree and parents, and its message."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class File:
    """A file in a tree: the id of its content, and its mode as git writes it (`100644`)."""

    sha: str
    mode: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue. `member`: its author may push to the repository."""

    number: int
    title: str
    body: str
    author: str
    member: bool
    is_open: bool
    url: str


@dataclass(frozen=True, slots=True)
class Pull(Issue):
    """A pull request, which has all that an issue has. `head` is the commit that its branch points at."""

    merged: bool
    draft: bool
    base: str
    branch: str
    head: str


class Forge(Protocol):
    """A repository that can be read and changed; every failure is a `ForgeError`.

    Nothing is created twice, even if the answer to the first attempt was lost.
    """

    def repository(self) -> Repository:
        """Return the repository."""

    def branches(self, prefix: str) -> Mapping[str, str]:
        """Return the branches whose names start with a prefix, with the ids of their newest commits."""

    def tip(self, branch: str) -> Commit | None:
        """Return a branch's newest commit; None if there is no such branch."""

    def files(self, tree: str) -> Mapping[str, File]:
        """Return all files of a tree by path."""

    def content(self, sha: str) -> bytes:
        """Return a file's bytes."""

    def make_commit(
        self, parent: Commit | None, contents: Mapping[str, bytes], modes: Mapping[str, str], message: str
    ) -> Commit:
        """Create a commit that changes files; without a parent it has no other files."""

    def point(self, branch: str, sha: str, *, new: bool, force: bool) -> None:
        """Create a branch or move it; without `force` only as a fast-forward."""

    def delete_branch(self, branch: str) -> None:
        """Delete a branch, if it exists."""

    def pulls(self, branch: str) -> Sequence[Pull]:
        """Return the latest pull requests from a branch of this repository, newest first, closed ones included."""

    def open_pull(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> Pull:
        """Open a pull request, or return the one that is open; where there are no drafts, a label says the same."""

    def issues(self) -> Sequence[Issue]:
        """Return the latest issues with the bot's label, newest first, closed ones included."""

    def open_issue(self, title: str, body: str) -> Issue:
        """Open an issue with the bot's label."""

    def edit(self, each: Issue, title: str, body: str, *, is_open: bool = True) -> None:
        """Set the title and body of an issue or pull request, and open or close it."""

    def comment(self, number: int, body: str, *, once_by: str = "") -> bool:
        """Add a comment, unless the last one or any by `once_by` says the same; return True if it was added."""


def blob_id(content: bytes) -> str:
    """Return the id that git gives a file's content."""
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()


def keep_state(forge: Forge, mine: bytes, join: Callable[[bytes], bytes], message: str) -> bool:
    """Commit a state to its branch, joined with what a concurrent run wrote there; return True if anything changed."""
    for _ in range(_TRIES):
        tip = forge.tip(STATE_BRANCH)
        there = forge.files(tip.tree).get(STATE_FILE) if tip is not None else None
        new = mine if there is None or there.sha == blob_id(mine) else join(forge.content(there.sha))
        if there is not None and there.sha == blob_id(new):
            return False
        commit = forge.make_commit(tip, {STATE_FILE: new}, {}, message)
        try:  # the branch moves only from what was read (compare and swap)
            forge.point(STATE_BRANCH, commit.sha, new=tip is None, force=False)
        except ForgeError as error:
            if error.status not in (409, 422):
                raise
        else:
            return True
    raise ForgeError(f"the branch {STATE_BRANCH} keeps moving; the history of this run was not saved")
