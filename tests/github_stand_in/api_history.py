"""The API's operations on history: commits with their changes, files at a commit, comparisons."""

from __future__ import annotations

from github_stand_in.call import Call
from github_stand_in.model import RefusedError, Reply, not_found
from github_stand_in.objects import TREE, Leaf
from github_stand_in.shown_git import show_commit, show_comparison, show_content, show_whole_commit


def get_commit(call: Call) -> Reply:
    """Answer with a commit, given by its id or a branch, and what it changes."""
    sha = call.hub.commit_of(call.args["ref"])
    if sha is None:
        raise RefusedError(422, f"No commit found for SHA: {call.args['ref']}")
    return Reply(200, show_whole_commit(call.hub, call.api, call.hub.objects.commits[sha]))


def list_commits(call: Call) -> Reply:
    """Answer with a branch's commits, newest first; with `path` only those that changed it or something below it."""
    hub = call.hub
    call.only("sha", "path")
    start = hub.commit_of(call.query("sha", hub.base))
    if start is None:
        raise not_found()
    path = call.query("path")

    def at(sha: str) -> list[tuple[str, Leaf]]:
        files = hub.objects.files(hub.objects.commits[sha].tree)
        return [(name, leaf) for name, leaf in files.items() if name == path or name.startswith(f"{path}/")]

    found = [
        commit
        for commit in hub.objects.history(start)
        if not path or at(commit.sha) != (at(commit.parents[0]) if commit.parents else [])
    ]
    return call.page(found, lambda commit: show_commit(hub, call.api, commit))


def get_contents(call: Call) -> Reply:
    """Answer with a file, or with the entries of a folder."""
    hub, path, ref = call.hub, call.args.get("path") or "", call.query("ref", call.hub.base)
    sha = hub.commit_of(ref)
    if sha is None:
        raise RefusedError(404, f"No commit found for the ref {ref}")
    leaf = Leaf(TREE, hub.objects.commits[sha].tree)
    for name in path.strip("/").split("/") if path.strip("/") else ():
        found = hub.objects.trees[leaf.sha].get(name) if leaf.mode == TREE else None
        if found is None:
            raise not_found()
        leaf = found
    if leaf.mode != TREE:
        return Reply(200, show_content(hub, call.api, path, leaf, ref, listed=False))
    under = f"{path.strip('/')}/".lstrip("/")
    entries = hub.objects.trees[leaf.sha].items()
    return Reply(200, [show_content(hub, call.api, under + name, each, ref, listed=True) for name, each in entries])


def compare(call: Call) -> Reply:
    """Answer with what a head has that a base lacks."""
    hub = call.hub
    base, dots, head = call.args["basehead"].partition("...")
    ends = [hub.commit_of(each.removeprefix(f"{hub.owner}:")) for each in (base, head)]
    if not dots or ends[0] is None or ends[1] is None:
        raise not_found()
    root = hub.objects.merge_base(ends[0], ends[1])
    if root is None:
        raise RefusedError(404, f"No common ancestor between {base} and {head}.")
    return Reply(200, show_comparison(hub, call.api, ends[0], ends[1], root))
