"""What goes wrong on purpose: faults that are ordered, and deeds that are done just before a request is handled."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.demo.hub.model import Reply, Request

Deed = TypeVar("Deed")
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID."
)


@dataclass(frozen=True, slots=True)
class Fault:
    """How an answer goes wrong. `executed`: only after the request was carried out; `dropped`: nothing is answered.

    `headers` may hold `{reset:N}`: N seconds from the moment of the answer, as GitHub counts.
    """

    status: int = 0
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    executed: bool = False
    dropped: bool = False

    def reply(self) -> Reply:
        """Return what is answered."""
        headers = {
            name: re.sub(r"\{reset:(\d+)\}", lambda match: str(int(time.time()) + int(match[1])), value)
            for name, value in self.headers.items()
        }
        return Reply(self.status, {"message": self.message}, headers, dropped=self.dropped)


DROPPED = Fault(dropped=True)
LOST = Fault(dropped=True, executed=True)
LOST_BEHIND_502 = Fault(502, "Server Error", executed=True)


def refusing(status: int, message: str = "") -> Fault:
    """Answer with a status and carry nothing out."""
    return Fault(status, message or {404: "Not Found", 409: "Conflict"}.get(status, "Server Error"))


def secondary_limit(retry_after: int | None = None) -> Fault:
    """Answer that requests came too fast; say for how many seconds to wait, or do not."""
    return Fault(403, SECONDARY, {} if retry_after is None else {"Retry-After": str(retry_after)})


def primary_limit(seconds: int) -> Fault:
    """Answer that the hour's requests are used up; they come back in so many seconds."""
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{{reset:{seconds}}}"}
    return Fault(403, "API rate limit exceeded for installation ID 1234567.", headers)


def too_many(retry_after: int | None = None) -> Fault:
    """Answer 429; say for how many seconds to wait, or do not."""
    return Fault(429, SECONDARY, {} if retry_after is None else {"Retry-After": str(retry_after)})


@dataclass(slots=True)
class _Order(Generic[Deed]):
    deed: Deed
    method: str
    path: re.Pattern[str]
    skip: int
    times: int
    met: bool = False

    def comes_due(self, request: Request) -> bool:
        if request.method != self.method or not self.times or not self.path.search(request.path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        self.met = True
        return True


@dataclass(slots=True)
class Script:
    """The orders of a stand-in. An order meets requests of one method whose decoded path a pattern is found in."""

    faults: list[_Order[Fault]] = field(default_factory=list)
    deeds: list[_Order[Callable[[], object]]] = field(default_factory=list)

    def order(self, fault: Fault, method: str, path: str, times: int, skip: int) -> None:
        """Let so many matching requests fail, after so many that do not."""
        self.faults.append(_Order(fault, method, re.compile(path), skip, times))

    def before(self, method: str, path: str, deed: Callable[[], object], skip: int) -> None:
        """Do something once, just before a matching request is handled."""
        self.deeds.append(_Order(deed, method, re.compile(path), skip, 1))

    def due_deeds(self, request: Request) -> list[Callable[[], object]]:
        """Return what is to be done before a request."""
        return [order.deed for order in self.deeds if order.comes_due(request)]

    def due_fault(self, request: Request) -> Fault | None:
        """Return what goes wrong with a request."""
        return next((order.deed for order in self.faults if order.comes_due(request)), None)

    @property
    def unmet(self) -> list[str]:
        """What was ordered and has never happened: such a test proves less than it seems to."""
        faults = [f"{order.method} {order.path.pattern}" for order in self.faults if not order.met]
        return faults + [f"{order.method} {order.path.pattern}" for order in self.deeds if not order.met]
