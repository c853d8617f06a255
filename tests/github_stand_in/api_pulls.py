"""The API's operations on pull requests."""

from __future__ import annotations

from github_stand_in.call import Call
from github_stand_in.changes import changes
from github_stand_in.model import Pull, RefusedError, Reply, invalid, not_found
from github_stand_in.shown import Json, show_pull, show_user
from github_stand_in.shown_git import show_change, show_commit


def list_pulls(call: Call) -> Reply:
    """Answer with pull requests; a `head` that is not `owner:branch` filters nothing."""
    call.only("state", "head", "base", "sort", "direction")
    state = call.one_of("state", "open", "closed", "all")
    sort = call.one_of("sort", "created", "updated")
    head, base = call.query("head"), call.query("base")
    found = [
        pull
        for pull in call.hub.pulls.values()
        if state in ("all", pull.state)
        and (":" not in head or call.hub.qualified(pull.head) == head)
        and (not base or pull.base == base)
    ]
    found.sort(key=lambda pull: (pull.created if sort == "created" else pull.updated, pull.number))
    # Newest first by default, but oldest first when sorted by something other than `created`.
    if call.one_of("direction", "asc" if call.query("sort", sort) == "updated" else "desc", "asc", "desc") == "desc":
        found.reverse()
    return call.page(found, lambda pull: show_pull(call.hub, call.api, pull))


def create_pull(call: Call) -> Reply:
    """Open a pull request."""
    hub, fields = call.hub, call.fields
    if not hub.permissions.may_open_pulls:
        raise RefusedError(403, "GitHub Actions is not permitted to create or approve pull requests.")
    draft = fields.flag("draft")
    if draft and not hub.permissions.drafts:
        raise RefusedError(422, "Draft pull requests are not supported in this repository.")
    pull = hub.open_pull(
        fields.needed("title"),
        fields.text("body") or "",
        hub.bot,
        head=fields.needed("head").removeprefix(f"{hub.owner}:"),
        base=fields.needed("base"),
        draft=draft,
    )
    return Reply(201, _whole(call, pull))


def get_pull(call: Call) -> Reply:
    """Answer with a pull request, computed fields included."""
    return Reply(200, _whole(call, _pull(call)))


def update_pull(call: Call) -> Reply:
    """Change a pull request's title, body, base or state."""
    hub, fields, pull = call.hub, call.fields, _pull(call)
    state, base = fields.text("state"), fields.text("base")
    if state not in (None, "open", "closed"):
        raise invalid("PullRequest", "state")
    if base is not None and base not in hub.refs:
        raise invalid("PullRequest", "base")
    if state == "open":
        hub.reopen(pull.number)
    body = (fields.text("body") or "") if "body" in fields.values else None
    if body is not None or "title" in fields:
        hub.edit(pull.number, title=fields.text("title"), body=body, by=hub.bot)
    pull.base = base or pull.base
    if state == "closed":
        hub.close(pull.number, hub.bot)
    return Reply(200, _whole(call, pull))


def list_pull_commits(call: Call) -> Reply:
    """Answer with a pull request's commits, oldest first."""
    objects, pull = call.hub.objects, _pull(call)
    return call.page(
        objects.ahead(_root(call, pull), pull.head_sha), lambda each: show_commit(call.hub, call.api, each)
    )


def list_pull_files(call: Call) -> Reply:
    """Answer with the files that a pull request changes."""
    objects, pull = call.hub.objects, _pull(call)
    root = objects.commits[_root(call, pull)].tree
    found = changes(objects, root, objects.commits[pull.head_sha].tree)
    return call.page(found, lambda each: show_change(call.hub, call.api, each, pull.head_sha))


def _pull(call: Call) -> Pull:
    pull = call.hub.pulls.get(call.number("number"))
    if pull is None:
        raise not_found()
    return pull


def _root(call: Call, pull: Pull) -> str:
    """Return the merge base of a pull request."""
    return call.hub.objects.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha


def _whole(call: Call, pull: Pull) -> Json:
    hub = call.hub
    root = _root(call, pull)
    done = list(changes(hub.objects, hub.objects.commits[root].tree, hub.objects.commits[pull.head_sha].tree))
    mergeable = pull.state == "open" and hub.merged_files(pull) is not None
    return {
        **show_pull(hub, call.api, pull),
        "merged": pull.merged,
        "merged_by": show_user(call.api, pull.merged_by) if pull.merged_by else None,
        "mergeable": mergeable if pull.state == "open" else None,
        "mergeable_state": "unknown" if pull.state == "closed" else "clean" if mergeable else "dirty",
        "rebaseable": mergeable if pull.state == "open" else None,
        "maintainer_can_modify": False,
        "comments": len(pull.comments),
        "review_comments": 0,
        "commits": len(hub.objects.ahead(root, pull.head_sha)),
        "additions": sum(each.additions for each in done),
        "deletions": sum(each.deletions for each in done),
        "changed_files": len(done),
    }
