"""What tests make happen: requests that fail, and actions just before a request is handled."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from github_stand_in.model import Reply, Request

What = TypeVar("What")
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """How an answer goes wrong. `executed`: after the request was carried out; `dropped`: there is no answer.

    `headers` may contain `{reset:N}`: the Unix time N seconds after the answer.
    """

    status: int = 0
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    executed: bool = False
    dropped: bool = False

    def reply(self) -> Reply:
        """Return the answer."""
        headers = {
            name: re.sub(r"\{reset:(\d+)\}", lambda match: str(int(time.time()) + int(match[1])), value)
            for name, value in self.headers.items()
        }
        return Reply(self.status, {"message": self.message}, headers, dropped=self.dropped)


DROPPED = Fault(dropped=True)
LOST = Fault(dropped=True, executed=True)
LOST_BEHIND_502 = Fault(502, "Server Error", executed=True)


def refusing(status: int, message: str = "") -> Fault:
    """Answer with a status, without carrying out the request."""
    return Fault(status, message or {404: "Not Found", 409: "Conflict"}.get(status, "Server Error"))


def secondary_limit(retry_after: int | None = None) -> Fault:
    """Answer that requests come too fast, with or without the seconds to wait."""
    return Fault(403, SECONDARY, {} if retry_after is None else {"Retry-After": str(retry_after)})


def primary_limit(seconds: int) -> Fault:
    """Answer that the hour's requests are used up, until so many seconds from now."""
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{{reset:{seconds}}}"}
    return Fault(403, "API rate limit exceeded for installation ID 1234567.", headers)


def too_many(retry_after: int | None = None) -> Fault:
    """Answer 429, with or without the seconds to wait."""
    return Fault(429, SECONDARY, {} if retry_after is None else {"Retry-After": str(retry_after)})


@dataclass(slots=True)
class _Step(Generic[What]):
    what: What
    method: str
    path: re.Pattern[str]
    skip: int
    times: int
    used: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path.pattern}"

    def is_due(self, request: Request) -> bool:
        """Return True if a request is the turn of this step, and count it."""
        if request.method != self.method or not self.times or not self.path.search(request.path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        self.used = True
        return True


@dataclass(slots=True)
class Plan:
    """What happens at which requests. A step is for requests of one method whose decoded path matches a pattern."""

    faults: list[_Step[Fault]] = field(default_factory=list)
    actions: list[_Step[Callable[[], object]]] = field(default_factory=list)

    def fail(self, fault: Fault, method: str, path: str, times: int, skip: int) -> None:
        """Make a number of matching requests fail, after `skip` that do not."""
        self.faults.append(_Step(fault, method, re.compile(path), skip, times))

    def before(self, method: str, path: str, action: Callable[[], object], skip: int) -> None:
        """Do something once, just before a matching request is handled."""
        self.actions.append(_Step(action, method, re.compile(path), skip, 1))

    def due_actions(self, request: Request) -> list[Callable[[], object]]:
        """Return what to do before a request."""
        return [step.what for step in self.actions if step.is_due(request)]

    def due_fault(self, request: Request) -> Fault | None:
        """Return what goes wrong with a request."""
        return next((step.what for step in self.faults if step.is_due(request)), None)

    @property
    def unused(self) -> list[str]:
        """The steps that never happened: a test that plans them proves less than it seems to."""
        faults = [str(step) for step in self.faults if not step.used]
        return faults + [str(step) for step in self.actions if not step.used]
