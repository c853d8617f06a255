"""A forge on which nothing happens: reads go through, writes are answered as if they had been made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.publish.forge import Comment, Commit, File, Forge, Issue, Pull, Repository

_NOWHERE = "0" * 40


class Rehearsal:
    """Another forge without its writes, for `--dry-run`."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    def repository(self) -> Repository:
        """Return the repository."""
        return self._forge.repository()

    def branches(self, prefix: str) -> Mapping[str, str]:
        """Return the branches whose names begin so."""
        return self._forge.branches(prefix)

    def tip(self, branch: str) -> Commit | None:
        """Return a branch's newest commit."""
        return self._forge.tip(branch)

    def files(self, tree: str) -> Mapping[str, File]:
        """Return all files of a tree by path."""
        return self._forge.files(tree)

    def content(self, sha: str) -> bytes:
        """Return a file's bytes."""
        return self._forge.content(sha)

    def pulls(self, branch: str) -> Sequence[Pull]:
        """Return the newest pull requests of a branch."""
        return self._forge.pulls(branch)

    def issues(self, label: str) -> Sequence[Issue]:
        """Return the newest issues with a label."""
        return self._forge.issues(label)

    def comments(self, number: int) -> Sequence[Comment]:
        """Return the comments under an issue or pull request."""
        return self._forge.comments(number)

    def make_commit(
        self, parent: Commit | None, contents: Mapping[str, bytes], modes: Mapping[str, str], message: str
    ) -> Commit:
        """Return a commit that is not there."""
        del contents, modes
        return Commit(_NOWHERE, _NOWHERE, (parent.sha,) if parent is not None else (), message)

    def point(self, branch: str, sha: str, *, new: bool, force: bool) -> None:
        """Do nothing."""

    def delete_branch(self, branch: str) -> None:
        """Do nothing."""

    def open_pull(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> Pull:
        """Return a pull request that is not there."""
        return Pull(0, title, body, "", True, True, False, draft, base, branch, _NOWHERE, True, "")

    def edit_pull(self, number: int, *, title: str, body: str, close: bool) -> None:
        """Do nothing."""

    def open_issue(self, title: str, body: str, label: str) -> Issue:
        """Return an issue that is not there."""
        del label
        return Issue(0, title, body, "", True, True, "")

    def edit_issue(self, number: int, *, title: str, body: str, is_open: bool) -> None:
        """Do nothing."""

    def comment(self, number: int, body: str) -> None:
        """Do nothing."""

    def ensure_label(self, name: str, color: str, description: str) -> None:
        """Do nothing."""

    def add_label(self, number: int, name: str) -> None:
        """Do nothing."""
