"""The types of the stand-in: issues, pull requests, comments, labels, permissions, requests, replies, refusals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Level = Literal["none", "read", "write"]
BODY_LIMIT = 65_536  # characters, in bodies and comments
TITLE_LIMIT = 256


@dataclass(slots=True)
class Permissions:
    """What the token may do. Without `push` GitHub silently drops the labels of new issues."""

    contents: Level = "write"
    issues: Level = "write"
    pull_requests: Level = "write"
    may_open_pulls: bool = True
    drafts: bool = True
    push: bool = True
    issues_enabled: bool = True


@dataclass(slots=True)
class Comment:
    """A comment on an issue or pull request."""

    id: int
    user: str
    body: str
    association: str
    created: datetime
    updated: datetime


@dataclass(slots=True)
class Label:
    """A label of the repository."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass(slots=True, kw_only=True)
class Issue:
    """An issue. `state` is open or closed; `state_reason` completed, not_planned, duplicate or reopened."""

    number: int
    title: str
    body: str
    user: str
    association: str
    created: datetime
    updated: datetime
    state: str = "open"
    state_reason: str | None = None
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    closed: datetime | None = None
    closed_by: str | None = None


@dataclass(slots=True, kw_only=True)
class Pull(Issue):
    """A pull request. `head` is a branch, `owner:branch` in a fork; the commits are the last ones while it was open."""

    head: str
    base: str
    head_sha: str
    base_sha: str
    draft: bool = False
    merged: bool = False
    merge_sha: str | None = None
    merged_by: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What came in. `path` is decoded, without the query; `body` is the parsed JSON, or None if there was no body."""

    method: str
    path: str
    query: Mapping[str, str]
    body: object
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes out. `body` becomes JSON, or no body if None; `dropped`: the connection is cut instead."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    dropped: bool = False


class RefusedError(Exception):
    """A refusal: a status, a message, and for `Validation Failed` what is wrong with which field."""

    def __init__(self, status: int, message: str, *errors: Mapping[str, str]) -> None:
        super().__init__(f"{status} {message} {[*errors] if errors else ''}".rstrip())
        self.status, self.message, self.errors = status, message, errors


def invalid(resource: str, field: str, code: str = "invalid", message: str = "") -> RefusedError:
    """Return the refusal of a field's value."""
    error = {"resource": resource, "field": field, "code": code}
    return RefusedError(422, "Validation Failed", {**error, "message": message} if message else error)


def custom(resource: str, message: str) -> RefusedError:
    """Return the refusal of a request as a whole."""
    return RefusedError(422, "Validation Failed", {"resource": resource, "code": "custom", "message": message})


def must_fit(resource: str, *, title: str, body: str) -> None:
    """Refuse a title or body that GitHub would refuse."""
    if not title.strip():
        raise invalid(resource, "title", "missing_field")
    if len(title) > TITLE_LIMIT:
        raise invalid(resource, "title", "custom", f"title is too long (maximum is {TITLE_LIMIT} characters)")
    if len(body) > BODY_LIMIT:
        # GitHub says "Issue" for pull requests too: https://github.com/renovatebot/renovate/issues/2032
        raise invalid("Issue", "body", "custom", f"body is too long (maximum is {BODY_LIMIT} characters)")


def comment_must_fit(text: str) -> None:
    """Refuse a comment that GitHub would refuse."""
    if len(text) > BODY_LIMIT:
        message = f"Body is too long (maximum is {BODY_LIMIT} characters)"
        raise invalid("IssueComment", "data", "unprocessable", message)
    if not text.strip():
        raise invalid("IssueComment", "body", "missing_field")


def not_found() -> RefusedError:
    """Return the refusal of what does not exist, or may not be seen."""
    return RefusedError(404, "Not Found")
