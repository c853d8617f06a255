"""Requests to GitHub's API: what is retried, how long rate limits are waited for, and what a refusal means."""

import json
import re
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from github import Auth
from github.Requester import Requester

from bot.errors import ForgeError, UsageError

API = "https://api.github.com"
_TRIES = 4
_Made = TypeVar("_Made")

# A repository's name in an address (its number in redirects and further pages), and the path below it.
_ADDRESS = re.compile(r"/(?:repos/([\w.-]+/[\w.-]+)|repositories/\d+)([\w./%-]*)")
# The permission that a request needs, by the first segment of its path; `contents` for all others.
_SCOPES = {"pulls": "pull-requests", "issues": "issues", "labels": "issues"}
NO_PULLS = "not permitted to create or approve pull requests"
_NO_PULLS_REMEDY = (
    "GitHub Actions may not open pull requests here: allow it in the repository's Settings → Actions → General → "
    "Workflow permissions → “Allow GitHub Actions to create and approve pull requests”"
)


class _LostError(ForgeError):
    """There is no usable answer, so the request may or may not have been carried out."""


class Api(Requester):
    """The requester for PyGithub's objects.

    PyGithub's own retries would repeat a POST after a 502, which may open a pull request twice, and would wait for a
    rate limit without a bound. The `pause` between two writes, a quarter of which is kept between two requests, and
    the `patience` with rate limits in total are in seconds.
    """

    def __init__(
        self,
        token: str | None,
        address: str,
        pause: float = 1.0,
        *,
        patience: float = 900.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(
            auth=Auth.Token(_checked_token(token)) if token is not None else None,
            base_url=_checked_address(address),
            timeout=15,  # seconds
            user_agent="medium-catalog-bot",
            per_page=100,
            verify=True,
            retry=None,
            pool_size=None,
            seconds_between_requests=pause / 4 or None,
            seconds_between_writes=pause or None,
            lazy=True,
        )
        self._patience, self._sleep = patience, sleep
        self._waited = 0.0

    def requestJsonAndCheck(self, verb: str, url: str, *rest: Any, **named: Any) -> tuple[dict[str, Any], Any]:  # noqa: ANN401, N802 - PyGithub's
        """Send a request; wait for rate limits, and without a usable answer try again unless it is a POST."""
        tries = 0
        while True:
            try:
                status, headers, data = self._send(verb, url, *rest, **named)
            except _LostError as lost:
                tries += 1
                if verb == "POST":
                    raise
                if tries >= _TRIES:
                    raise ForgeError(f"{lost}, {tries} times; try again later") from None
                self._sleep(2.0 ** (tries - 1))
                continue
            if status < 300:
                return headers, data
            said = _said(data)
            wait = _rate_wait(status, headers, said)
            if wait is None:
                raise self._refusal(verb, *_place(url), status, said)
            self._waited += wait
            if self._waited > self._patience:
                raise ForgeError(
                    f"GitHub's rate limit asks to wait {self._waited:.0f} s in total, "
                    f"more than {self._patience:.0f} s; what was done is kept, and the next run does the rest"
                )
            self._sleep(wait)

    def once(self, post: Callable[[], _Made], find: Callable[[], _Made | None] = lambda: None) -> _Made:
        """Create something; if the answer is lost, check if it exists before trying again.

        Without `find` it is created again: git's objects allow that, and elsewhere GitHub refuses a second one.
        """
        for tries in range(_TRIES):
            try:
                return post()
            except _LostError as error:
                lost = error
            self._sleep(2.0**tries)
            if (found := find()) is not None:
                return found
        raise lost

    def _send(self, verb: str, url: str, *rest: Any, **named: Any) -> tuple[int, dict[str, Any], Any]:  # noqa: ANN401 - as above
        """Send a request once; return status, headers and JSON.

        PyGithub uses only the path of a whole address: the token goes to no other host.
        """
        name, path = _place(url)
        try:
            status, headers, text = self.requestJson(verb, url, *rest, **named)
        except requests.RequestException as error:
            what = f"no answer from {self.base_url} to {verb} {path or name} ({type(error).__name__})"
            raise _LostError(what) from None
        except RuntimeError:  # PyGithub does not follow it
            raise ForgeError(f"{self.base_url} redirects to another host; correct GITHUB_API_URL") from None
        if status >= 500:
            raise _LostError(f"GitHub answered {status} to {verb} {path or name}")
        if 300 <= status < 400:
            raise ForgeError(f"{name} has moved during this run; run the bot again")
        try:
            data = json.loads(text) if text else None
        except ValueError:
            if status < 300:
                raise ForgeError(f"{self.base_url} does not answer with JSON; is it GitHub's API?") from None
            data = None
        return status, headers, data

    def _refusal(self, verb: str, name: str, path: str, status: int, said: str) -> ForgeError:
        """Return an error that says what GitHub refused, with the remedy; a token that a server echoes is removed."""
        said = said.replace(self.auth.token, "…") if self.auth is not None else said
        scope = _SCOPES.get(path.strip("/").partition("/")[0], "contents")
        what = f"{verb} {path or name}"
        match status:
            case 401 if self.auth is None:
                message = f"{self.base_url} requires a token; set GITHUB_TOKEN"
            case 401:
                message = "GitHub does not accept the token in GITHUB_TOKEN; is it complete, or has it expired?"
            case _ if NO_PULLS in said:
                message = _NO_PULLS_REMEDY
            case 403:
                right = "read" if verb == "GET" else "write"
                message = f"the token may not {what} (GitHub says: {said}); it needs the permission {scope}: {right}"
            case 404 if not path:
                message = f"{name}: there is no such repository, or the token may not read it (contents: read)"
            case 404 if verb != "GET":
                message = f"GitHub answered 404 to {what}: it is gone, or the token needs the permission {scope}: write"
            case 410 if scope == "issues":
                message = f"{name} has issues disabled: enable them in the repository's Settings → General → Features"
            case _:
                message = f"GitHub answered {status} to {what}: {said}"
        return ForgeError(message, status, said)


def _said(data: object) -> str:
    """Return GitHub's message and those of its individual errors, without control characters."""
    data = data if isinstance(data, Mapping) else {}
    errors = [each.get("message") if isinstance(each, Mapping) else each for each in data.get("errors") or []]
    words = "; ".join(str(each) for each in (data.get("message"), *errors) if each)
    return "".join(letter for letter in words if letter.isprintable())[:300]


def _rate_wait(status: int, headers: Mapping[str, str], said: str) -> float | None:
    """Return the seconds to wait for a rate limit; None if the answer is something else."""
    if status not in (403, 429):
        return None
    asked, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if asked.isdigit():
        return float(asked[:6])
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(1.0, float(reset[:12]) - time.time() + 1)
    limited = status == 429 or "rate limit" in said.lower()
    return 60.0 if limited else None  # what GitHub's documentation asks for if the answer names no time


def _place(url: str) -> tuple[str, str]:
    """Return the repository's name and the path below it, for messages."""
    found = _ADDRESS.search(url)
    return (found[1] or "the repository", found[2]) if found else ("GitHub", "")


def _checked_token(token: str) -> str:
    if not token.isascii() or not token.isprintable() or " " in token or not token:
        raise UsageError("invalid GITHUB_TOKEN: it is empty, or has spaces or characters other than ASCII")
    return token


def _checked_address(url: str) -> str:
    """Return an API's address that the token may be sent to: https, or on this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise UsageError(f"GITHUB_API_URL must be an https address, not {url[:80]!r}: the token would go unencrypted")
    if not host or parts.username or parts.query or parts.fragment:
        raise UsageError(f"invalid GITHUB_API_URL {url[:80]!r}: not the address of an API")
    return url.rstrip("/")
