"""The `Forge` on GitHub: the calls that each step takes, and what their answers mean."""
# ruff: noqa: D102 - what each method does see the protocol

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from urllib.parse import quote

from github import InputGitTreeElement
from github.GitCommit import GitCommit
from github.GithubObject import NotSet
from github.GitRef import GitRef
from github.GitTree import GitTree
from github.Issue import Issue as GithubIssue
from github.PullRequest import PullRequest
from github.Repository import Repository as GithubRepository

from bot.errors import ForgeError
from bot.publish.api import Api
from bot.publish.forge import LABEL, Commit, File, Forge, Issue, Pull, Repository, blob_id

_NOWHERE = "0" * 40
_REVIEW = "needs-review"
_LABELS = {  # color and description
    LABEL: ("5b8c5a", "opened and kept up to date by the catalog's bot"),
    _REVIEW: ("d4a72c", "look at each change before merging"),
}


class PyGithubForge(Forge):
    """A repository on GitHub. Only attributes in an answer are used: PyGithub would send a request for others."""

    def __init__(self, api: Api, name: str) -> None:
        self._api = api
        self._name = name
        self._repo = GithubRepository(api, url=f"/repos/{name}")  # `Github.get_repo` would use PyGithub's own requester

    def repository(self) -> Repository:
        """Return the repository, and use its present name from now on, so that requests are not redirected."""
        found = self._repo.complete()
        self._name = found.full_name
        self._repo = GithubRepository(self._api, url=f"/repos/{self._name}")
        return Repository(self._name, found.default_branch, found.html_url)

    def branches(self, prefix: str) -> Mapping[str, str]:
        # `get_git_matching_refs` would send `per_page`, which this call does not have.
        _, found = self._api.requestJsonAndCheck("GET", f"{self._repo.url}/git/matching-refs/heads/{quote(prefix)}")
        return {each["ref"].removeprefix("refs/heads/"): each["object"]["sha"] for each in found}

    def tip(self, branch: str) -> Commit | None:
        try:
            tip = self._repo.get_branch(branch).commit
        except ForgeError as error:
            if error.status == 404:
                return None
            raise
        return Commit(tip.sha, tip.commit.tree.sha, tuple(each.sha for each in tip.parents), tip.commit.message)

    def files(self, tree: str) -> Mapping[str, File]:
        """Return all files of a tree by path, with links and submodules, which have other modes."""
        found = self._repo.get_git_tree(tree, recursive=True).tree
        return {each.path: File(each.sha, each.mode) for each in found if each.type != "tree"}

    def content(self, sha: str) -> bytes:
        content = base64.b64decode(self._repo.get_git_blob(sha).content)
        if blob_id(content) != sha:
            raise ForgeError(f"GitHub sent different bytes than those of the file {sha}")
        return content

    def make_commit(
        self, parent: Commit | None, contents: Mapping[str, bytes], modes: Mapping[str, str], message: str
    ) -> Commit:
        """Create a commit. The files that GitHub stored are checked before anything points at them."""
        entries = []
        for path, content in contents.items():
            coded = base64.b64encode(content).decode()
            sha = self._api.once(partial(self._repo.create_git_blob, coded, "base64")).sha
            if sha != blob_id(content):
                raise ForgeError(f"GitHub stored different bytes for {path} than were sent")
            entries.append(InputGitTreeElement(path, modes.get(path, "100644"), "blob", sha=sha))
        # PyGithub requires objects where GitHub needs only ids; fetching them would cost requests.
        base = GitTree(self._api, attributes={"sha": parent.tree}) if parent is not None else NotSet
        parents = [GitCommit(self._api, attributes={"sha": parent.sha})] if parent is not None else []
        tree = self._api.once(partial(self._repo.create_git_tree, entries, base))
        made = self._api.once(partial(self._repo.create_git_commit, message, tree, parents))
        return Commit(made.sha, tree.sha, tuple(each.sha for each in parents), message)

    def point(self, branch: str, sha: str, *, new: bool, force: bool) -> None:
        def there() -> bool | None:
            return self.branches(branch).get(branch) == sha or None

        def create() -> bool:
            return self._api.once(lambda: bool(self._repo.create_git_ref(f"refs/heads/{branch}", sha)), there)

        def move() -> None:
            self._ref(branch).edit(sha, force)

        first, second = (create, move) if new else (move, create)
        try:
            first()
        except ForgeError as error:
            if error.status != 422 or "exist" not in error.said:
                raise
            if not there():  # the branch was created or deleted in the meantime
                second()

    def delete_branch(self, branch: str) -> None:
        try:
            self._ref(branch).delete()
        except ForgeError as error:
            if error.status not in (404, 422):
                raise

    def _ref(self, branch: str) -> GitRef:
        """Return a branch's ref for writing, without a request; `get_git_ref` gives an address for reading only."""
        return GitRef(self._api, url=f"{self._repo.url}/git/refs/heads/{quote(branch)}")

    def pulls(self, branch: str) -> Sequence[Pull]:
        found = self._repo.get_pulls(state="all", head=f"{self._name.partition('/')[0]}:{branch}").get_page(0)
        own = (each for each in found if each.head.repo and each.head.repo.full_name == self._name)  # not a fork's
        return [_pull(each) for each in own if each.head.ref == branch]

    def open_pull(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> Pull:
        """Open a pull request, or return the open one from an earlier attempt or a concurrent run."""
        create = partial(self._repo.create_pull, base, branch, title=title, body=body, draft=draft)

        def find() -> Pull | None:
            return next((each for each in self.pulls(branch) if each.is_open), None)

        try:
            return self._api.once(lambda: _pull(create()), find)
        except ForgeError as error:
            there = find() if error.status == 422 and "already exists" in error.said else None
            if there is not None:
                return there
            if not draft or error.status != 422 or "draft" not in error.said.lower():
                raise
        self._ensure_label(_REVIEW)
        pull = self.open_pull(branch, base, title, body, draft=False)
        self._api.once(partial(self._repo.get_issue(pull.number).add_to_labels, _REVIEW))
        return pull

    def issues(self) -> Sequence[Issue]:
        found = self._repo.get_issues(state="all", labels=[LABEL]).get_page(0)
        # Pull requests are listed too; reading `pull_request`, which issues lack, would cost a request for each.
        return [_issue(each) for each in found if each.html_url.endswith(f"/issues/{each.number}")]

    def open_issue(self, title: str, body: str) -> Issue:
        def find() -> Issue | None:
            return next((each for each in self.issues() if each.is_open and each.body.strip() == body.strip()), None)

        def create() -> Issue:
            made = self._repo.create_issue(title, body, labels=[LABEL])
            if LABEL not in {each.name for each in made.labels}:  # dropped silently if the token may not push
                raise ForgeError(
                    f"{made.html_url} could not be labeled {LABEL!r}, and without the label the bot cannot find its "
                    "issue again: the token needs the permission issues: write, and its account push access"
                )
            return _issue(made)

        self._ensure_label(LABEL)
        return self._api.once(create, find)

    def _ensure_label(self, name: str) -> None:
        try:
            self._api.once(partial(self._repo.create_label, name, *_LABELS[name]))
        except ForgeError as error:
            if error.status != 422:  # it exists
                raise

    def edit(self, each: Issue, title: str, body: str, *, is_open: bool = True) -> None:
        state = NotSet if is_open == each.is_open else "open" if is_open else "closed"
        if isinstance(each, Pull):
            self._repo.get_pull(each.number).edit(title, body, state)
        else:
            self._repo.get_issue(each.number).edit(title, body, state=state)

    def comment(self, number: int, body: str, *, once_by: str = "") -> bool:
        if self._is_said(number, body, once_by):
            return False
        create = partial(self._repo.get_issue(number).create_comment, body)
        return self._api.once(lambda: bool(create()), lambda: self._is_said(number, body) or None)

    def _is_said(self, number: int, body: str, by: str = "") -> bool:
        found = self._repo.get_issue(number).get_comments()
        said = [(each.user.login if each.user else "", (each.body or "").strip()) for each in found]
        return (by, body.strip()) in said or [each for _, each in said[-1:]] == [body.strip()]


class DryRun(PyGithubForge):
    """A repository on GitHub that is only read: writes do nothing, and return what GitHub would."""

    def make_commit(
        self, parent: Commit | None, contents: Mapping[str, bytes], modes: Mapping[str, str], message: str
    ) -> Commit:
        del contents, modes
        return Commit(_NOWHERE, _NOWHERE, (parent.sha,) if parent is not None else (), message)

    def open_pull(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> Pull:
        return Pull(0, title, body, "", True, True, "", False, draft, base, branch, _NOWHERE)

    def open_issue(self, title: str, body: str) -> Issue:
        return Issue(0, title, body, "", True, True, "")

    def comment(self, number: int, body: str, *, once_by: str = "") -> bool:
        return not once_by or not self._is_said(number, body, once_by)

    def _nothing(self, *_: object, **__: object) -> None:
        pass

    point = delete_branch = edit = _nothing


def _pull(each: PullRequest) -> Pull:
    merged = each.merged_at is not None  # lists lack `merged`
    base, head = each.base, each.head
    return Pull(**asdict(_issue(each)), merged=merged, draft=each.draft, base=base.ref, branch=head.ref, head=head.sha)


def _issue(each: PullRequest | GithubIssue) -> Issue:
    """Return an issue, or what a pull request has in common with one."""
    login = each.user.login if each.user else ""  # None if the account was deleted
    # A GitHub App can open something only where it is installed.
    member = each.author_association in ("OWNER", "MEMBER", "COLLABORATOR") or login.endswith("[bot]")
    return Issue(each.number, each.title, each.body or "", login, member, each.state == "open", each.html_url)
