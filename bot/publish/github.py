"""The forge that is GitHub: what is asked of its API for each step, and what its answers mean."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from bot.errors import ForgeError
from bot.publish.api import PAGE, Api
from bot.publish.forge import Comment, Commit, File, Issue, Pull, Repository
from bot.publish.objects import blob_id

_MEMBERS = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})


class PyGithubForge:
    """A repository on GitHub."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def repository(self) -> Repository:
        """Return the repository; its present name holds from then on, so that no later request is redirected."""
        data = self._api.ask("GET", "")
        self._api.name = data["full_name"]
        return Repository(self._api.name, data["default_branch"], data["html_url"])

    def branches(self, prefix: str) -> Mapping[str, str]:
        """Return the branches whose names begin so, with the ids of their tips."""
        found = self._api.ask("GET", f"/git/matching-refs/heads/{quote(prefix)}")
        return {each["ref"].removeprefix("refs/heads/"): each["object"]["sha"] for each in found}

    def tip(self, branch: str) -> Commit | None:
        """Return a branch's newest commit; None if there is no such branch."""
        try:
            data = self._api.ask("GET", f"/branches/{quote(branch)}")
        except ForgeError as error:
            if error.status == 404:
                return None
            raise
        return _commit(data["commit"]["sha"], data["commit"]["commit"], data["commit"]["parents"])

    def files(self, tree: str) -> Mapping[str, File]:
        """Return all files of a tree by path; a link or a submodule is none, and keeps its mode to be known by."""
        data = self._api.ask("GET", f"/git/trees/{quote(tree)}", query={"recursive": "1"})
        return {each["path"]: File(each["sha"], each["mode"]) for each in data["tree"] if each["type"] != "tree"}

    def content(self, sha: str) -> bytes:
        """Return a file's bytes."""
        data = self._api.ask("GET", f"/git/blobs/{quote(sha)}")
        content = base64.b64decode(data["content"])
        if blob_id(content) != sha:
            raise ForgeError(f"GitHub sent other bytes than those of {sha}")
        return content

    def make_commit(
        self, parent: Commit | None, contents: Mapping[str, bytes], modes: Mapping[str, str], message: str
    ) -> Commit:
        """Make a commit that changes files. What GitHub has stored is compared before anything points at it."""
        entries = []
        for path, content in contents.items():
            blob = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
            sha = self._api.again("/git/blobs", blob)["sha"]
            if sha != blob_id(content):
                raise ForgeError(f"GitHub has stored other bytes for {path} than were sent")
            entries.append({"path": path, "mode": modes.get(path, "100644"), "type": "blob", "sha": sha})
        tree: dict[str, Any] = {"tree": entries}
        if parent is not None:
            tree["base_tree"] = parent.tree
        made = self._api.again("/git/trees", tree)["sha"]
        parents = [parent.sha] if parent is not None else []
        data = self._api.again("/git/commits", {"message": message, "tree": made, "parents": parents})
        return Commit(data["sha"], made, tuple(parents), message)

    def point(self, branch: str, sha: str, *, new: bool, force: bool) -> None:
        """Make a branch, or move one: without `force` only forward."""
        moved = {"sha": sha, "force": force}
        if not new:
            try:
                self._api.ask("PATCH", f"/git/refs/heads/{quote(branch)}", moved)
            except ForgeError as error:
                if error.status not in (404, 422) or "not exist" not in error.said:
                    raise
            else:
                return  # else it was deleted meanwhile
        try:
            self._api.again("/git/refs", {"ref": f"refs/heads/{branch}", "sha": sha})
        except ForgeError as error:
            if error.status != 422 or "exists" not in error.said:
                raise
            # Made by an earlier try whose answer was lost, or by a run beside this one.
            if self.branches(branch).get(branch) != sha:
                self._api.ask("PATCH", f"/git/refs/heads/{quote(branch)}", moved)

    def delete_branch(self, branch: str) -> None:
        """Delete a branch, if it is there."""
        try:
            self._api.ask("DELETE", f"/git/refs/heads/{quote(branch)}")
        except ForgeError as error:
            if error.status not in (404, 422):
                raise

    def pulls(self, branch: str) -> Sequence[Pull]:
        """Return the newest pull requests of a branch of this repository, newest first, closed ones too."""
        query = {"state": "all", "head": f"{self._api.name.partition('/')[0]}:{branch}", "per_page": str(PAGE)}
        found = (self._pull(each) for each in self._api.ask("GET", "/pulls", query=query))
        return [each for each in found if each.branch == branch]

    def open_pull(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> Pull:
        """Open a pull request, or return the one that is open: of an earlier try, or of a run beside this one."""
        asked = {
            "title": title,
            "body": body,
            "head": f"{self._api.name.partition('/')[0]}:{branch}",
            "base": base,
            "draft": draft,
        }

        def find() -> Pull | None:
            return next((each for each in self.pulls(branch) if each.is_open and each.own_head), None)

        try:
            return self._api.once(lambda: self._pull(self._api.ask("POST", "/pulls", asked)), find)
        except ForgeError as error:
            there = find() if error.status == 422 and "already exists" in error.said else None
            if there is None:
                raise
            return there

    def edit_pull(self, number: int, *, title: str, body: str, close: bool) -> None:
        """Set a pull request's words, and close it if so asked."""
        self._api.ask(
            "PATCH", f"/pulls/{number}", {"title": title, "body": body, **({"state": "closed"} if close else {})}
        )

    def issues(self, label: str) -> Sequence[Issue]:
        """Return the newest issues with a label, newest first, closed ones too."""
        query = {"labels": label, "state": "all", "per_page": str(PAGE)}
        found = self._api.ask("GET", "/issues", query=query)
        return [_issue(each) for each in found if "pull_request" not in each]

    def open_issue(self, title: str, body: str, label: str) -> Issue:
        """Open an issue under a label, unless an earlier try did."""
        asked = {"title": title, "body": body, "labels": [label]}

        def find() -> Issue | None:
            mine = (each for each in self.issues(label) if each.is_open and each.body.strip() == body.strip())
            return next(mine, None)

        def make() -> Issue:
            data = self._api.ask("POST", "/issues", asked)
            if label not in {each["name"] for each in data["labels"]}:  # GitHub drops it silently
                raise ForgeError(
                    f"{data['html_url']} could not be labelled {label!r}, and without it the bot finds no issue again: "
                    "the token needs the permission issues: write, and its account push access"
                )
            return _issue(data)

        return self._api.once(make, find)

    def edit_issue(self, number: int, *, title: str, body: str, is_open: bool) -> None:
        """Set an issue's words, and whether it is open."""
        state = "open" if is_open else "closed"
        self._api.ask("PATCH", f"/issues/{number}", {"title": title, "body": body, "state": state})

    def comments(self, number: int) -> Sequence[Comment]:
        """Return the comments under an issue or pull request."""
        found: list[Comment] = []
        for page in itertools.count(1):
            query = {"per_page": str(PAGE), "page": str(page)}
            shown = self._api.ask("GET", f"/issues/{number}/comments", query=query)
            found += [Comment(_login(each), each.get("body") or "") for each in shown]
            if len(shown) < PAGE:
                break
        return found

    def comment(self, number: int, body: str) -> None:
        """Add a comment, unless the last one under it says the same."""

        def find() -> bool | None:
            return any(each.body.strip() == body.strip() for each in self.comments(number)[-1:]) or None

        if find() is None:
            self._api.once(lambda: bool(self._api.ask("POST", f"/issues/{number}/comments", {"body": body})), find)

    def ensure_label(self, name: str, color: str, description: str) -> None:
        """Make a label, if it is not there."""
        try:
            self._api.ask("GET", f"/labels/{quote(name)}")
        except ForgeError as error:
            if error.status != 404:
                raise
        else:
            return
        try:
            self._api.again("/labels", {"name": name, "color": color, "description": description})
        except ForgeError as error:
            if error.status != 422:  # made meanwhile
                raise

    def add_label(self, number: int, name: str) -> None:
        """Put a label on an issue or pull request."""
        self._api.again(f"/issues/{number}/labels", {"labels": [name]})

    def _pull(self, data: dict[str, Any]) -> Pull:
        head = data["head"]
        return Pull(
            number=data["number"],
            title=data["title"],
            body=data.get("body") or "",
            author=_login(data),
            member=_is_member(data),
            is_open=data["state"] == "open",
            merged=data.get("merged_at") is not None,
            draft=bool(data.get("draft")),
            base=data["base"]["ref"],
            branch=head["ref"],
            head=head["sha"],
            own_head=(head.get("repo") or {}).get("full_name") == self._api.name,
            url=data["html_url"],
        )


def _commit(sha: str, data: dict[str, Any], parents: list[dict[str, Any]]) -> Commit:
    return Commit(sha, data["tree"]["sha"], tuple(each["sha"] for each in parents), data["message"])


def _issue(data: dict[str, Any]) -> Issue:
    return Issue(
        number=data["number"],
        title=data["title"],
        body=data.get("body") or "",
        author=_login(data),
        member=_is_member(data),
        is_open=data["state"] == "open",
        url=data["html_url"],
    )


def _is_member(data: dict[str, Any]) -> bool:
    """Return True if an author works in the repository: a bot opens nothing where it was not installed."""
    return data.get("author_association") in _MEMBERS or _login(data).endswith("[bot]")


def _login(data: dict[str, Any]) -> str:
    return str((data.get("user") or {}).get("login", ""))
