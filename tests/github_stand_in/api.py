"""How the API answers a request: faults, redirects, token, permissions, operation, and rate limits in headers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

from github_stand_in import api_git, api_history, api_pulls, api_talk
from github_stand_in.call import Call
from github_stand_in.model import Level, Permissions, RefusedError, Reply, Request, not_found
from github_stand_in.repository import user_id
from github_stand_in.shown import show_repo
from github_stand_in.state import Hub

HOURLY = 1000  # requests of one GITHUB_TOKEN in one repository


@dataclass(frozen=True, slots=True)
class Operation:
    """What answers a method at paths of a form below the repository. One of the permissions in `needs` is enough."""

    method: str
    path: re.Pattern[str]
    needs: tuple[str, ...]
    run: Callable[[Call], Reply]


def _operation(method: str, form: str, needs: str, run: Callable[[Call], Reply]) -> Operation:
    """`form`: `{name}` is a number, `{name:s}` a segment, `{name:p}` a path."""
    kinds = {"": r"\d+", ":s": "[^/]+", ":p": ".+"}
    path = re.sub(r"\{(\w+)(:\w)?\}", lambda match: f"(?P<{match[1]}>{kinds[match[2] or '']})", form)
    return Operation(method, re.compile(path), tuple(needs.split()), run)


def _get_repo(call: Call) -> Reply:
    return Reply(200, show_repo(call.hub, call.api))


OPERATIONS = (
    _operation("GET", "", "", _get_repo),
    _operation("GET", "/branches/{branch:p}", "contents", api_git.get_branch),
    _operation("GET", "/git/ref/{ref:p}", "contents", api_git.get_ref),
    _operation("GET", "/git/matching-refs/{ref:p}", "contents", api_git.matching_refs),
    _operation("POST", "/git/refs", "contents", api_git.create_ref),
    _operation("PATCH", "/git/refs/{ref:p}", "contents", api_git.update_ref),
    _operation("DELETE", "/git/refs/{ref:p}", "contents", api_git.delete_ref),
    _operation("POST", "/git/blobs", "contents", api_git.create_blob),
    _operation("GET", "/git/blobs/{sha:s}", "contents", api_git.get_blob),
    _operation("POST", "/git/trees", "contents", api_git.create_tree),
    _operation("GET", "/git/trees/{sha:p}", "contents", api_git.get_tree),
    _operation("POST", "/git/commits", "contents", api_git.create_commit),
    _operation("GET", "/git/commits/{sha:s}", "contents", api_git.get_git_commit),
    _operation("GET", "/commits", "contents", api_history.list_commits),
    _operation("GET", "/commits/{ref:p}", "contents", api_history.get_commit),
    _operation("GET", "/contents(?:/{path:p})?/?", "contents", api_history.get_contents),
    _operation("GET", "/compare/{basehead:p}", "contents", api_history.compare),
    _operation("GET", "/pulls", "pull_requests", api_pulls.list_pulls),
    _operation("POST", "/pulls", "pull_requests", api_pulls.create_pull),
    _operation("GET", "/pulls/{number}", "pull_requests", api_pulls.get_pull),
    _operation("PATCH", "/pulls/{number}", "pull_requests", api_pulls.update_pull),
    _operation("GET", "/pulls/{number}/commits", "pull_requests", api_pulls.list_pull_commits),
    _operation("GET", "/pulls/{number}/files", "pull_requests", api_pulls.list_pull_files),
    _operation("GET", "/issues", "issues", api_talk.list_issues),
    _operation("POST", "/issues", "issues", api_talk.create_issue),
    _operation("PATCH", "/issues/comments/{comment}", "issues pull_requests", api_talk.update_comment),
    _operation("DELETE", "/issues/comments/{comment}", "issues pull_requests", api_talk.delete_comment),
    _operation("GET", "/issues/{number}", "thread", api_talk.get_issue),
    _operation("PATCH", "/issues/{number}", "thread", api_talk.update_issue),
    _operation("GET", "/issues/{number}/comments", "thread", api_talk.list_comments),
    _operation("POST", "/issues/{number}/comments", "thread", api_talk.create_comment),
    _operation("GET", "/issues/{number}/labels", "thread", api_talk.list_issue_labels),
    _operation("POST", "/issues/{number}/labels", "thread", api_talk.add_issue_labels),
    _operation("PUT", "/issues/{number}/labels", "thread", api_talk.set_issue_labels),
    _operation("DELETE", "/issues/{number}/labels/{name:p}", "thread", api_talk.remove_issue_label),
    _operation("GET", "/labels", "issues pull_requests", api_talk.list_labels),
    _operation("POST", "/labels", "issues pull_requests", api_talk.create_label),
    _operation("GET", "/labels/{name:p}", "issues pull_requests", api_talk.get_label),
    _operation("PATCH", "/labels/{name:p}", "issues pull_requests", api_talk.update_label),
)


def answer(hub: Hub, request: Request, api: str) -> Reply:
    """Carry out a request and answer as GitHub would; `api` is the origin under which the caller knows the API."""
    with hub.lock:
        hub.requests.append(request)
        actions = hub.plan.due_actions(request)
        fault = hub.plan.due_fault(request)
    for action in actions:  # without the lock: an action may be a whole run of another bot
        action()
    with hub.lock:
        if fault is not None and not fault.executed:
            reply = fault.reply()
        else:
            try:
                reply = _carried_out(hub, request, api)
            except RefusedError as refused:
                reply = _refusal(refused)
            if request.method != "GET" and reply.status < 300:
                hub.writes.append(request)
            if fault is not None:
                reply = fault.reply()
        reply = replace(reply, headers={**_limits(hub), **reply.headers})
        hub.replies.append((request, reply))
    return reply


def _carried_out(hub: Hub, request: Request, api: str) -> Reply:
    if hub.moved_to is not None:
        return _moved(f"{hub.moved_to}{quote(request.path)}", 301)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if not token:
        raise RefusedError(401, "Requires authentication")
    if scheme.lower() not in ("token", "bearer") or token != hub.token:
        raise RefusedError(401, "Bad credentials")
    if request.path == "/rate_limit":
        rate = {"limit": HOURLY, "remaining": HOURLY - len(hub.requests), "used": len(hub.requests), "reset": _reset()}
        return Reply(200, {"resources": {"core": rate, "search": rate}, "rate": rate})
    if request.path == "/user":
        raise RefusedError(403, "Resource not accessible by integration")
    below = _below(hub, request, api)
    return below if isinstance(below, Reply) else _operated(hub, request, api, below)


def _below(hub: Hub, request: Request, api: str) -> str | Reply:
    """Return the part of a path below the repository, or the redirect from a former name."""
    by_id = f"/repositories/{user_id(hub.name)}"
    for name in (f"/repos/{hub.name}", by_id):
        if f"{request.path}/".lower().startswith(f"{name}/".lower()):
            return request.path[len(name) :]
    for former in hub.former_names:
        if f"{request.path}/".lower().startswith(f"/repos/{former}/".lower()):
            # Reads get a 301, writes a 307: https://github.com/google/go-github/issues/184
            rest = request.path[len(f"/repos/{former}") :]
            return _moved(f"{api}{by_id}{quote(rest)}", 301 if request.method == "GET" else 307)
    raise not_found()


def _operated(hub: Hub, request: Request, api: str, below: str) -> Reply:
    for operation in OPERATIONS:
        match = operation.path.fullmatch(below)
        if match and operation.method == request.method:
            call = Call(hub, api, request, {name: value for name, value in match.groupdict().items() if value})
            level: Level = "read" if request.method == "GET" else "write"
            if not _allowed(hub, _needs(operation, call), level):
                raise RefusedError(403, "Resource not accessible by integration")
            return operation.run(call)
    raise not_found()


def _needs(operation: Operation, call: Call) -> tuple[str, ...]:
    """Return the permissions of which one is enough: either, for what issues and pull requests share."""
    if operation.needs != ("thread",):
        return operation.needs
    return ("issues", "pull_requests") if call.number("number") in call.hub.pulls else ("issues",)


def _allowed(hub: Hub, needs: tuple[str, ...], level: Level) -> bool:
    levels = ("none", "read", "write")
    return not needs or any(levels.index(_level(hub.permissions, each)) >= levels.index(level) for each in needs)


def _level(permissions: Permissions, name: str) -> Level:
    match name:
        case "contents":
            return permissions.contents
        case "issues":
            return permissions.issues
        case _:
            return permissions.pull_requests


def _refusal(refused: RefusedError) -> Reply:
    body: dict[str, object] = {
        "message": refused.message,
        "documentation_url": "https://docs.github.com/rest",
        "status": str(refused.status),
    }
    if refused.errors:
        body["errors"] = list(refused.errors)
    return Reply(refused.status, body)


def _moved(url: str, status: int) -> Reply:
    body = {"message": "Moved Permanently", "url": url, "documentation_url": "https://docs.github.com/rest"}
    return Reply(status, body, {"Location": url})


def _limits(hub: Hub) -> dict[str, str]:
    used = len(hub.requests)
    return {
        "x-ratelimit-limit": str(HOURLY),
        "x-ratelimit-remaining": str(max(0, HOURLY - used)),
        "x-ratelimit-used": str(used),
        "x-ratelimit-reset": str(_reset()),
        "x-ratelimit-resource": "core",
    }


def _reset() -> int:
    return int(time.time()) + 3600
