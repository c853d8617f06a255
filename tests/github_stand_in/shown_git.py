"""GitHub's JSON for commits, refs, trees, files and comparisons. It decides nothing."""

from __future__ import annotations

import base64
from urllib.parse import quote

from github_stand_in.changes import Change, changes
from github_stand_in.objects import TREE, Commit, Leaf, Person
from github_stand_in.repository import login_of
from github_stand_in.shown import WEB, Json, repo_url, show_user, when
from github_stand_in.state import Hub

_LARGE = 1_000_000  # bytes; the content of larger files is left out: https://docs.github.com/rest/repos/contents


def show_git_commit(hub: Hub, api: str, commit: Commit) -> Json:
    """Show a commit as the Git data API does."""
    url = f"{repo_url(hub, api)}/git/commits"
    return {
        "sha": commit.sha,
        "node_id": f"C_{commit.sha[:12]}",
        "url": f"{url}/{commit.sha}",
        "html_url": f"{WEB}/{hub.name}/commit/{commit.sha}",
        "author": _person(commit.author),
        "committer": _person(commit.committer),
        "tree": {"sha": commit.tree, "url": f"{repo_url(hub, api)}/git/trees/{commit.tree}"},
        "message": commit.message,
        "parents": [
            {"sha": sha, "url": f"{url}/{sha}", "html_url": f"{WEB}/{hub.name}/commit/{sha}"} for sha in commit.parents
        ],
        "verification": _verification(commit),
    }


def show_commit(hub: Hub, api: str, commit: Commit) -> Json:
    """Show a commit with the accounts of author and committer, null where GitHub finds none."""
    url = f"{repo_url(hub, api)}/commits"
    inside = show_git_commit(hub, api, commit)
    accounts = (login_of(commit.author), login_of(commit.committer))
    author, committer = (show_user(api, login) if login else None for login in accounts)
    return {
        "sha": commit.sha,
        "node_id": inside["node_id"],
        "url": f"{url}/{commit.sha}",
        "html_url": inside["html_url"],
        "comments_url": f"{url}/{commit.sha}/comments",
        "commit": {
            **{key: inside[key] for key in ("author", "committer", "message", "tree", "verification")},
            "url": inside["url"],
            "comment_count": 0,
        },
        "author": author,
        "committer": committer,
        "parents": inside["parents"],
    }


def show_whole_commit(hub: Hub, api: str, commit: Commit) -> Json:
    """Show a commit with what it changes."""
    parent = hub.objects.commits[commit.parents[0]].tree if commit.parents else None
    done = list(changes(hub.objects, parent, commit.tree))
    additions, deletions = sum(each.additions for each in done), sum(each.deletions for each in done)
    return {
        **show_commit(hub, api, commit),
        "stats": {"additions": additions, "deletions": deletions, "total": additions + deletions},
        "files": [show_change(hub, api, each, commit.sha) for each in done],
    }


def show_change(hub: Hub, api: str, change: Change, commit: str) -> Json:
    """Show what happened to a file."""
    path = quote(change.path)
    return {
        "sha": change.sha,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": f"{WEB}/{hub.name}/blob/{commit}/{path}",
        "raw_url": f"{WEB}/{hub.name}/raw/{commit}/{path}",
        "contents_url": f"{repo_url(hub, api)}/contents/{path}?ref={commit}",
        "patch": change.patch,
    }


def show_ref(hub: Hub, api: str, branch: str) -> Json:
    """Show a branch as a ref."""
    sha = hub.tip(branch)
    return {
        "ref": f"refs/heads/{branch}",
        "node_id": f"REF_{branch}",
        "url": f"{repo_url(hub, api)}/git/refs/heads/{quote(branch)}",
        "object": {"type": "commit", "sha": sha, "url": f"{repo_url(hub, api)}/git/commits/{sha}"},
    }


def show_branch(hub: Hub, api: str, branch: str) -> Json:
    """Show a branch with its newest commit."""
    url = f"{repo_url(hub, api)}/branches/{quote(branch)}"
    return {
        "name": branch,
        "commit": show_commit(hub, api, hub.objects.commits[hub.tip(branch)]),
        "_links": {"self": url, "html": f"{WEB}/{hub.name}/tree/{quote(branch)}"},
        "protected": False,
        "protection": {"enabled": False, "required_status_checks": {"contexts": [], "checks": []}},
        "protection_url": f"{url}/protection",
    }


def show_tree(hub: Hub, api: str, sha: str, *, recursive: bool) -> Json:
    """Show a tree's entries, or those of the trees below it too."""
    entries = hub.objects.walk(sha) if recursive else hub.objects.trees[sha].items()
    return {
        "sha": sha,
        "url": f"{repo_url(hub, api)}/git/trees/{sha}",
        "tree": [_entry(hub, api, path, leaf) for path, leaf in entries],
        "truncated": False,
    }


def _entry(hub: Hub, api: str, path: str, leaf: Leaf) -> Json:
    kind = "tree" if leaf.mode == TREE else "blob"
    entry: Json = {
        "path": path,
        "mode": leaf.mode.zfill(6),
        "type": kind,
        "sha": leaf.sha,
        "url": f"{repo_url(hub, api)}/git/{kind}s/{leaf.sha}",
    }
    return entry if kind == "tree" else {**entry, "size": len(hub.objects.blobs[leaf.sha])}


def show_blob(hub: Hub, api: str, sha: str) -> Json:
    """Show a blob."""
    content = hub.objects.blobs[sha]
    return {
        "sha": sha,
        "node_id": f"B_{sha[:12]}",
        "url": f"{repo_url(hub, api)}/git/blobs/{sha}",
        "size": len(content),
        "content": base64.encodebytes(content).decode(),
        "encoding": "base64",
    }


def show_content(hub: Hub, api: str, path: str, leaf: Leaf, ref: str, *, listed: bool) -> Json:
    """Show a file or folder at a ref; in lists without the content."""
    folder = leaf.mode == TREE
    url = f"{repo_url(hub, api)}/contents/{quote(path)}?ref={quote(ref)}"
    git_url = f"{repo_url(hub, api)}/git/{'trees' if folder else 'blobs'}/{leaf.sha}"
    html_url = f"{WEB}/{hub.name}/{'tree' if folder else 'blob'}/{quote(ref)}/{quote(path)}"
    content = b"" if folder else hub.objects.blobs[leaf.sha]
    large = len(content) > _LARGE
    shown: Json = {
        "type": "dir" if folder else "file",
        "size": len(content),
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": leaf.sha,
        "url": url,
        "git_url": git_url,
        "html_url": html_url,
        "download_url": None if folder else f"https://raw.githubusercontent.com/{hub.name}/{quote(ref)}/{quote(path)}",
        "_links": {"self": url, "git": git_url, "html": html_url},
    }
    if listed:
        return shown
    coded = "" if large else base64.encodebytes(content).decode()
    return {**shown, "encoding": "none" if large else "base64", "content": coded}


def show_comparison(hub: Hub, api: str, base: str, head: str, root: str) -> Json:
    """Show what `head` has that `base` lacks, given their merge base `root`."""
    objects = hub.objects
    ahead, behind = objects.ahead(base, head), objects.ahead(head, base)
    status = "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"
    web = f"{WEB}/{hub.name}/compare/{base}...{head}"
    return {
        "url": f"{repo_url(hub, api)}/compare/{base}...{head}",
        "html_url": web,
        "permalink_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "base_commit": show_commit(hub, api, objects.commits[base]),
        "merge_base_commit": show_commit(hub, api, objects.commits[root]),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [show_commit(hub, api, commit) for commit in ahead],
        "files": [
            show_change(hub, api, each, head)
            for each in changes(objects, objects.commits[root].tree, objects.commits[head].tree)
        ],
    }


def _person(person: Person) -> Json:
    return {"name": person.name, "email": person.email, "date": when(person.when)}


def _verification(commit: Commit) -> Json:
    signed = bool(commit.signature)
    return {
        "verified": signed,
        "reason": "valid" if signed else "unsigned",
        "signature": commit.signature or None,
        "payload": f"tree {commit.tree}\n" if signed else None,
        "verified_at": when(commit.committer.when) if signed else None,
    }
