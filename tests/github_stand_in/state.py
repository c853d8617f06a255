"""GitHub's rules for issues and pull requests, and what tests do as people there. No sockets, no JSON."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterable, Mapping

from github_stand_in.changes import merged
from github_stand_in.model import (
    Comment,
    Issue,
    Label,
    Permissions,
    Pull,
    RefusedError,
    Reply,
    Request,
    comment_must_fit,
    custom,
    invalid,
    must_fit,
)
from github_stand_in.objects import Leaf
from github_stand_in.repository import Repository
from github_stand_in.script import Fault, Plan


class Hub(Repository):
    """One repository on GitHub, as callers of the API and as people use it.

    `bot` is the account of `token`. `signs_as` is the committer where the API is given neither author nor committer;
    with some tokens that is GitHub's own `web-flow`. `moved_to` is another host's origin, to which all requests are
    redirected. `requests` are all that came in, `replies` their answers, `writes` the requests that changed something,
    whether or not they were answered.
    """

    def __init__(
        self,
        name: str,
        files: Mapping[str, bytes],
        *,
        base: str = "main",
        bot: str = "github-actions[bot]",
        token: str = "ghs_stand-in",
    ) -> None:
        super().__init__(name, files, base, name.partition("/")[0])
        self.bot, self.token, self.signs_as = bot, token, bot
        self.private = False
        self.permissions = Permissions()
        self.associations = {self.owner: "OWNER", "alice": "COLLABORATOR", bot: "CONTRIBUTOR"}
        self.issues: dict[int, Issue] = {}
        self.pulls: dict[int, Pull] = {}
        self.labels: dict[str, Label] = {}  # by name in lower case, since GitHub ignores case
        self.former_names: set[str] = set()
        self.deleted_forks: set[str] = set()  # by owner
        self.moved_to: str | None = None
        self.requests: list[Request] = []
        self.replies: list[tuple[Request, Reply]] = []
        self.writes: list[Request] = []
        self.plan = Plan()
        self.lock = threading.RLock()
        self.ids = itertools.count(1001)

    def script(self, fault: Fault, method: str = "POST", path: str = r"", times: int = 1, *, skip: int = 0) -> None:
        """Make requests whose decoded path matches fail: `times` of them, after `skip` that do not."""
        self.plan.fail(fault, method, path, times, skip)

    def before(self, method: str, path: str, action: Callable[[], object], *, skip: int = 0) -> None:
        """Do something once, just before a request whose decoded path matches is handled."""
        self.plan.before(method, path, action, skip)

    def rename(self, name: str) -> None:
        """Rename the repository; requests for the old name are redirected."""
        self.former_names.add(self.name)
        self.name = name

    def thread(self, number: int) -> Issue | Pull:
        """Return an issue or pull request by number; `KeyError` if there is none."""
        return self.pulls.get(number) or self.issues[number]

    def association(self, login: str) -> str:
        """Return an account's `author_association`."""
        return self.associations.get(login, "NONE")

    def open_issue(
        self,
        title: str,
        body: str = "",
        by: str = "alice",
        labels: Iterable[str] = (),
        association: str | None = None,
    ) -> Issue:
        """Open an issue; unknown labels are created."""
        must_fit("Issue", title=title, body=body)
        now = self.tick()
        issue = Issue(
            number=self._next(),
            title=title.strip(),
            body=body,
            user=by,
            association=association or self.association(by),
            created=now,
            updated=now,
            labels=[self.label(name).name for name in labels],
        )
        self.issues[issue.number] = issue
        return issue

    def open_pull(
        self,
        title: str,
        body: str = "",
        by: str = "alice",
        *,
        head: str,
        base: str | None = None,
        draft: bool = False,
        association: str | None = None,
    ) -> Pull:
        """Open a pull request for a branch (`owner:name` in a fork), or refuse as GitHub does."""
        base = base or self.base
        must_fit("PullRequest", title=title, body=body)
        for name, branch in (("head", head), ("base", base)):
            if branch not in self.refs:
                raise invalid("PullRequest", name)
        if not self.objects.ahead(self.refs[base], self.refs[head]):
            raise custom("PullRequest", f"No commits between {base} and {head}")
        if any(self._same(pull, head, base) for pull in self.pulls.values()):
            raise custom("PullRequest", f"A pull request already exists for {self.qualified(head)}.")
        now = self.tick()
        pull = Pull(
            number=self._next(),
            title=title.strip(),
            body=body,
            user=by,
            association=association or self.association(by),
            created=now,
            updated=now,
            head=head,
            base=base,
            head_sha=self.refs[head],
            base_sha=self.refs[base],
            draft=draft,
        )
        self.pulls[pull.number] = pull
        return pull

    def close(self, number: int, by: str = "alice", reason: str | None = None) -> None:
        """Close an issue (as completed, if there is no reason) or, unmerged, a pull request."""
        thread = self.thread(number)
        if thread.state == "closed":
            return
        thread.state, thread.closed, thread.closed_by, thread.updated = "closed", self.tick(), by, self.clock
        thread.state_reason = None if isinstance(thread, Pull) else reason or "completed"

    def reopen(self, number: int) -> None:
        """Reopen an issue or pull request, or refuse as GitHub does."""
        thread = self.thread(number)
        if thread.state == "open":
            return
        if isinstance(thread, Pull):
            problem = self._unopenable(thread)
            if problem:
                raise invalid("PullRequest", "state", message=f"state cannot be changed. {problem}")
            thread.head_sha, thread.base_sha = self.refs[thread.head], self.refs[thread.base]
        else:
            thread.state_reason = "reopened"
        thread.state, thread.closed, thread.closed_by, thread.updated = "open", None, None, self.tick()

    def edit(
        self, number: int, *, title: str | None = None, body: str | None = None, by: str = "alice", crlf: bool = True
    ) -> None:
        """Change a title or body. `crlf`: with the line endings of the form on the web site, which people use."""
        thread = self.thread(number)
        must_fit("Issue", title=thread.title if title is None else title, body=body or "")
        if title is not None:
            thread.title = title.strip()
        if body is not None:
            thread.body = re.sub("\r?\n", "\r\n", body) if crlf and by != self.bot else body
        thread.updated = self.tick()

    def comment(self, number: int, text: str, by: str = "alice", association: str | None = None) -> Comment:
        """Comment on an issue or pull request."""
        comment_must_fit(text)
        now = self.tick()
        made = Comment(next(self.ids), by, text, association or self.association(by), now, now)
        thread = self.thread(number)
        thread.comments.append(made)
        thread.updated = now
        return made

    def label(self, name: str) -> Label:
        """Return a label by name, ignoring case; create it if there is none."""
        return self.labels.setdefault(name.casefold(), Label(next(self.ids), name))

    def merge(self, number: int, by: str = "alice", method: str = "merge", *, delete_branch: bool = False) -> str:
        """Merge a pull request (`method`: merge or squash) and return the commit; 409 if there is a conflict."""
        pull = self.pulls[number]
        files = self.merged_files(pull)
        if pull.state == "closed" or files is None:
            raise RefusedError(409, "Merge conflict" if files is None else "Pull Request is not mergeable")
        tip = self.refs[pull.base]
        parents = (tip,) if method == "squash" else (tip, pull.head_sha)
        message = f"{pull.title} (#{number})" if method == "squash" else f"Merge pull request #{number}\n\n{pull.title}"
        author = pull.user if method == "squash" else by
        sha = self.objects.add_commit(
            self.objects.add_tree(files), parents, self.person(author), self.person("web-flow"), message
        )
        self._mark_merged(pull, by, sha)
        self.move(pull.base, sha)
        if delete_branch:
            self.delete_branch(pull.head)
        return sha

    def merged_files(self, pull: Pull) -> dict[str, Leaf] | None:
        """Return the files that the merge would leave on the base; None if there is a conflict."""
        tip = self.refs.get(pull.base, pull.base_sha)
        root = self.objects.merge_base(tip, pull.head_sha)
        base, ours, theirs = (
            self.objects.files(self.objects.commits[sha].tree) if sha else {} for sha in (root, tip, pull.head_sha)
        )
        return merged(self.objects, base, ours, theirs)

    def moved(self, branch: str) -> None:
        """Update open pull requests of a branch; they are closed if it was deleted or has no commits left."""
        for pull in self.pulls.values():
            if pull.state == "closed" or branch not in (pull.head, pull.base):
                continue
            if branch not in self.refs:
                self.close(pull.number)
            elif branch == pull.base and self.objects.contains(self.refs[branch], pull.head_sha):
                self._mark_merged(pull, "alice", self.refs[branch])
            else:
                if branch == pull.head:
                    pull.head_sha, pull.base_sha, pull.updated = self.refs[branch], self.refs[pull.base], self.clock
                if not self.objects.ahead(self.refs[pull.base], pull.head_sha):
                    self.close(pull.number)

    def qualified(self, branch: str) -> str:
        """Return a branch with its owner, `owner:name`."""
        return branch if ":" in branch else f"{self.owner}:{branch}"

    def _mark_merged(self, pull: Pull, by: str, sha: str) -> None:
        self.close(pull.number, by)
        pull.merged, pull.merged_by, pull.merge_sha = True, by, sha

    def _same(self, pull: Pull, head: str, base: str) -> bool:
        return pull.state == "open" and (pull.head, pull.base) == (head, base)

    def _unopenable(self, pull: Pull) -> str | None:
        if pull.merged:
            return "The pull request has been merged."
        if pull.head not in self.refs:
            return f"The {pull.head} branch has been deleted."
        if not self.objects.contains(self.refs[pull.head], pull.head_sha):
            return f"The {pull.head} branch was force-pushed or recreated."
        if any(self._same(other, pull.head, pull.base) for other in self.pulls.values()):
            return f"There is already an open pull request from {pull.head} to {pull.base}."
        if pull.base not in self.refs or not self.objects.ahead(self.refs[pull.base], self.refs[pull.head]):
            return f"There are no new commits on the {pull.head} branch."
        return None

    def _next(self) -> int:
        return len(self.issues) + len(self.pulls) + 1
