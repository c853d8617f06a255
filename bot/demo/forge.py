"""A repository in memory: the `Forge` that the demo publishes to in place of GitHub."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.errors import ForgeError
from bot.publish.forge import LABEL, Commit, File, Forge, Issue, Pull, Repository, blob_id


# ruff: noqa: D102 - the protocol says what each method does
class MemoryForge(Forge):
    """A repository on which `author` does everything. `reads` and `writes` count what was asked and changed."""

    def __init__(self, name: str, author: str, base: str = "main") -> None:
        self.name, self.author, self.base = name, author, base
        self.reads, self.writes = 0, 0
        self.blobs: dict[str, bytes] = {}
        self.trees: dict[str, Mapping[str, File]] = {}  # each under its commit's id
        self.commits: dict[str, Commit] = {}
        self.heads: dict[str, str] = {}  # commits by branch
        self.threads: dict[int, Pull | Issue] = {}  # by number
        self.discussions: dict[int, list[tuple[str, str]]] = defaultdict(list)  # who said what
        self.labels: dict[str, set[int]] = defaultdict(set)

    def repository(self) -> Repository:
        self.reads += 1
        return Repository(self.name, self.base, f"https://github.com/{self.name}")

    def branches(self, prefix: str) -> Mapping[str, str]:
        self.reads += 1
        return {branch: sha for branch, sha in self.heads.items() if branch.startswith(prefix)}

    def tip(self, branch: str) -> Commit | None:
        self.reads += 1
        return self.commits.get(self.heads.get(branch, ""))

    def files(self, tree: str) -> Mapping[str, File]:
        self.reads += 1
        return self.trees[tree]

    def content(self, sha: str) -> bytes:
        self.reads += 1
        return self.blobs[sha]

    def make_commit(
        self, parent: Commit | None, contents: Mapping[str, bytes], modes: Mapping[str, str], message: str
    ) -> Commit:
        self.writes += 1
        self.blobs |= {blob_id(content): content for content in contents.values()}
        changed = {path: File(blob_id(content), modes.get(path, "100644")) for path, content in contents.items()}
        sha = f"{len(self.commits) + 1:040x}"  # a number: only files have the ids that git gives
        self.trees[sha] = {**self.trees[parent.tree], **changed} if parent is not None else changed
        self.commits[sha] = Commit(sha, sha, (parent.sha,) if parent is not None else (), message)
        return self.commits[sha]

    def point(self, branch: str, sha: str, *, new: bool, force: bool) -> None:
        if not (new or force) and self.heads.get(branch) not in self.commits[sha].parents:
            raise ForgeError(f"{branch}: not a fast-forward", 422)
        self.writes += 1
        self.heads[branch] = sha
        for number, each in self.threads.items():
            if isinstance(each, Pull) and each.is_open and each.branch == branch:
                self.threads[number] = replace(each, head=sha)

    def delete_branch(self, branch: str) -> None:
        self.writes += 1
        self.heads.pop(branch, None)

    def pulls(self, branch: str) -> Sequence[Pull]:
        self.reads += 1
        return [each for each in reversed(self.threads.values()) if isinstance(each, Pull) and each.branch == branch]

    def open_pull(self, branch: str, base: str, title: str, body: str, *, draft: bool) -> Pull:
        self.writes += 1
        number = len(self.threads) + 1
        url, head = f"https://github.com/{self.name}/pull/{number}", self.heads[branch]
        opened = Pull(number, title, body, self.author, True, True, url, False, draft, base, branch, head)
        self.threads[number] = opened
        return opened

    def issues(self) -> Sequence[Issue]:
        self.reads += 1
        return [each for each in reversed(self.threads.values()) if not isinstance(each, Pull)]

    def open_issue(self, title: str, body: str) -> Issue:
        self.writes += 1
        number = len(self.threads) + 1
        opened = Issue(number, title, body, self.author, True, True, f"https://github.com/{self.name}/issues/{number}")
        self.threads[number] = opened
        self.labels[LABEL].add(number)
        return opened

    def edit(self, each: Issue, title: str, body: str, *, is_open: bool = True) -> None:
        self.writes += 1
        self.threads[each.number] = replace(self.threads[each.number], title=title, body=body, is_open=is_open)

    def comment(self, number: int, body: str, *, once_by: str = "") -> bool:
        self.reads += 1
        said = self.discussions[number]
        if (once_by, body) in said or [each for _, each in said[-1:]] == [body]:
            return False
        self.writes += 1
        said.append((self.author, body))
        return True
