"""The API's operations on issues, comments and labels."""

from __future__ import annotations

from collections.abc import Iterable

from github_stand_in.call import Call, texts
from github_stand_in.model import Comment, Issue, Label, Pull, RefusedError, Reply, comment_must_fit, invalid, not_found
from github_stand_in.shown import show_comment, show_issue, show_label

_LABEL_LIMIT, _DESCRIPTION_LIMIT = 50, 100


def thread(call: Call) -> Issue | Pull:
    """Return the issue or pull request that the path names."""
    try:
        return call.hub.thread(call.number("number"))
    except KeyError:
        raise not_found() from None


def list_issues(call: Call) -> Reply:
    """Answer with issues and pull requests, newest first."""
    call.only("state", "labels", "creator", "sort", "direction")
    state = call.one_of("state", "open", "closed", "all")
    sort = call.one_of("sort", "created", "updated", "comments")
    creator = call.query("creator")
    wanted = {name.strip().casefold() for name in call.query("labels").split(",") if name.strip()}
    everything: list[Issue] = [*call.hub.issues.values(), *call.hub.pulls.values()]
    found = [
        each
        for each in everything
        if state in ("all", each.state)
        and wanted <= {name.casefold() for name in each.labels}
        and (not creator or each.user == creator)
    ]
    orders = {
        "created": lambda each: (each.created, each.number),
        "updated": lambda each: (each.updated, each.number),
        "comments": lambda each: (len(each.comments), each.number),
    }
    found.sort(key=orders[sort], reverse=call.one_of("direction", "desc", "asc") == "desc")
    return call.page(found, lambda each: show_issue(call.hub, call.api, each))


def create_issue(call: Call) -> Reply:
    """Open an issue; unknown labels are created if the token may push, and silently dropped if not."""
    fields = call.fields
    if not call.hub.permissions.issues_enabled:
        raise RefusedError(410, "Issues has been disabled in this repository.")
    labels = fields.texts("labels") if call.hub.permissions.push else ()
    issue = call.hub.open_issue(fields.needed("title"), fields.text("body") or "", call.hub.bot, labels)
    return Reply(201, show_issue(call.hub, call.api, issue))


def get_issue(call: Call) -> Reply:
    """Answer with an issue, or a pull request as one."""
    return Reply(200, show_issue(call.hub, call.api, thread(call)))


def update_issue(call: Call) -> Reply:
    """Change the title, body, labels or state of an issue or pull request."""
    hub, fields, issue = call.hub, call.fields, thread(call)
    if "state" in fields and fields.text("state") == "open":
        hub.reopen(issue.number)
    if "title" in fields or "body" in fields.values:
        body = (fields.text("body") or "") if "body" in fields.values else None
        hub.edit(issue.number, title=fields.text("title"), body=body, by=hub.bot)
    if "labels" in fields:
        _set_labels(call, issue, fields.texts("labels"))
    if "state" in fields:
        state = fields.text("state")
        if state not in ("open", "closed"):
            raise invalid("Issue", "state")
        if state == "closed":
            hub.close(issue.number, hub.bot, fields.text("state_reason"))
    return Reply(200, show_issue(hub, call.api, issue))


def list_comments(call: Call) -> Reply:
    """Answer with the comments of an issue or pull request, oldest first."""
    call.only()
    issue = thread(call)
    return call.page(issue.comments, lambda each: show_comment(call.hub, call.api, issue.number, each))


def create_comment(call: Call) -> Reply:
    """Comment on an issue or pull request."""
    issue = thread(call)
    made = call.hub.comment(issue.number, call.fields.needed("body"), call.hub.bot)
    return Reply(201, show_comment(call.hub, call.api, issue.number, made))


def update_comment(call: Call) -> Reply:
    """Change a comment's text."""
    issue, comment = _comment(call)
    body = call.fields.needed("body")
    comment_must_fit(body)
    comment.body, comment.updated = body, call.hub.tick()
    return Reply(200, show_comment(call.hub, call.api, issue.number, comment))


def delete_comment(call: Call) -> Reply:
    """Delete a comment."""
    issue, comment = _comment(call)
    issue.comments.remove(comment)
    return Reply(204)


def _comment(call: Call) -> tuple[Issue, Comment]:
    for issue in (*call.hub.issues.values(), *call.hub.pulls.values()):
        for comment in issue.comments:
            if comment.id == call.number("comment"):
                return issue, comment
    raise not_found()


def list_issue_labels(call: Call) -> Reply:
    """Answer with the labels of an issue or pull request."""
    return _labels(call, thread(call))


def add_issue_labels(call: Call) -> Reply:
    """Add labels to an issue or pull request; unknown ones are created."""
    issue = thread(call)
    _set_labels(call, issue, [*issue.labels, *_named(call)])
    return _labels(call, issue)


def set_issue_labels(call: Call) -> Reply:
    """Replace the labels of an issue or pull request."""
    issue = thread(call)
    _set_labels(call, issue, _named(call))
    return _labels(call, issue)


def remove_issue_label(call: Call) -> Reply:
    """Remove a label from an issue or pull request."""
    issue = thread(call)
    kept = [name for name in issue.labels if name.casefold() != call.args["name"].casefold()]
    if len(kept) == len(issue.labels):
        raise RefusedError(404, "Label does not exist")
    issue.labels, issue.updated = kept, call.hub.tick()
    return _labels(call, issue)


def _named(call: Call) -> tuple[str, ...]:
    """Return the labels in a body: in an object, or a bare list, which is what PyGithub sends."""
    body = call.request.body
    return texts(body) if isinstance(body, list) else call.fields.texts("labels")


def _set_labels(call: Call, issue: Issue, names: Iterable[str]) -> None:
    issue.labels = list(dict.fromkeys(call.hub.label(name).name for name in names))
    issue.updated = call.hub.tick()


def _labels(call: Call, issue: Issue) -> Reply:
    labels = [call.hub.label(name) for name in issue.labels]
    return call.page(labels, lambda each: show_label(call.hub, call.api, each))


def list_labels(call: Call) -> Reply:
    """Answer with the repository's labels."""
    return call.page(call.hub.labels.values(), lambda each: show_label(call.hub, call.api, each))


def get_label(call: Call) -> Reply:
    """Answer with a label."""
    return Reply(200, show_label(call.hub, call.api, _label(call)))


def create_label(call: Call) -> Reply:
    """Create a label."""
    fields = call.fields
    name = fields.needed("name")
    if name.casefold() in call.hub.labels:
        raise RefusedError(422, "Validation Failed", {"resource": "Label", "code": "already_exists", "field": "name"})
    _label_fits(name, fields.text("color"), fields.text("description"))
    label = call.hub.label(name)
    label.color, label.description = fields.text("color") or label.color, fields.text("description")
    return Reply(201, show_label(call.hub, call.api, label))


def update_label(call: Call) -> Reply:
    """Change a label's color or description."""
    label, fields = _label(call), call.fields
    if "new_name" in fields:
        raise RefusedError(501, "the stand-in cannot rename labels")
    _label_fits(label.name, fields.text("color"), fields.text("description"))
    label.color = fields.text("color") or label.color
    label.description = fields.text("description") if "description" in fields.values else label.description
    return Reply(200, show_label(call.hub, call.api, label))


def _label(call: Call) -> Label:
    label = call.hub.labels.get(call.args["name"].casefold())
    if label is None:
        raise not_found()
    return label


def _label_fits(name: str, color: str | None, description: str | None) -> None:
    if not name.strip() or len(name) > _LABEL_LIMIT:
        raise invalid("Label", "name", "custom", f"name is too long (maximum is {_LABEL_LIMIT} characters)")
    if color is not None and (len(color) != 6 or set(color.lower()) - set("0123456789abcdef")):
        raise invalid("Label", "color")
    if len(description or "") > _DESCRIPTION_LIMIT:
        message = f"description is too long (maximum is {_DESCRIPTION_LIMIT} characters)"
        raise invalid("Label", "description", "custom", message)
