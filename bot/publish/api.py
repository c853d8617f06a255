"""Requests to GitHub's API, by PyGithub: the only module that imports it, and the one place where refusals are read.

Requests go through PyGithub's requester, which authenticates and paces them; its objects are not used, since
they ask for more by themselves and the number of requests is a promise. Retries are not its own: it would
repeat a POST after a 502, and sleep without end on a rate limit.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from github import Auth, Github

from bot.errors import ForgeError, UsageError

API = "https://api.github.com"
PAGE = 100
_TRIES = 4
_SECONDARY_WAIT = 60.0  # what GitHub asks for where it names no time
_Found = TypeVar("_Found")


# What the token must be allowed for a request, by the path's first word.
_SCOPES = {"pulls": "pull-requests", "issues": "issues", "labels": "issues"}
NO_PULLS = "not permitted to create or approve pull requests"
_NO_PULLS_REMEDY = (
    "GitHub Actions may not open pull requests here: allow it in the repository's Settings → Actions → General → "
    "Workflow permissions → “Allow GitHub Actions to create and approve pull requests”"
)


class _LostError(ForgeError):
    """No answer to something that creates: it may have happened or not."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back. `headers` are named in small letters; `data` is JSON's reading, None if it is none."""

    status: int
    headers: Mapping[str, str]
    data: Any

    @property
    def said(self) -> str:
        """GitHub's own words, those of the single errors too, without anything a terminal acts on."""
        data = self.data if isinstance(self.data, dict) else {}
        errors = data.get("errors")
        single = [each.get("message") if isinstance(each, dict) else each for each in errors or []]
        words = "; ".join(str(each) for each in (data.get("message"), *single) if each)
        return "".join(letter for letter in words if letter.isprintable())[:300]


@dataclass(slots=True)
class Api:
    """One repository's part of the API. Pauses, and `patience` for rate limits in all, are in seconds."""

    name: str
    token: str | None = field(repr=False)
    address: str
    between_requests: float = 0.25
    between_writes: float = 1.0
    patience: float = 900.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time
    _github: Github = field(init=False, repr=False)
    _waited: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._github = Github(
            auth=Auth.Token(_checked_token(self.token)) if self.token is not None else None,
            base_url=_checked_address(self.address),
            retry=None,
            per_page=PAGE,
            seconds_between_requests=self.between_requests or None,
            seconds_between_writes=self.between_writes or None,
            user_agent="medium-catalog-bot",
        )

    def ask(self, verb: str, path: str, body: dict[str, Any] | None = None, query: dict[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON, read by the caller
        """Send a request; wait out rate limits, and repeat what may be repeated where no answer came."""
        url = f"/repos/{self.name}{path}"
        tries = 0
        while True:
            tries += 1
            answer = self._sent(verb, url, body, query)
            if isinstance(answer, _Answer):
                if answer.status < 300:
                    return answer.data
                wait = self._rate_wait(answer)
                if wait is not None:
                    self._rest(wait)
                    tries -= 1
                    continue
                if answer.status < 500:
                    raise self._refusal(verb, path, answer)
                what = f"GitHub answered {answer.status} to {verb} {url}"
            else:
                what = f"no answer from {self.address} to {verb} {url} ({answer})"
            if verb == "POST":
                raise _LostError(what)
            if tries >= _TRIES:
                raise ForgeError(f"{what}, {tries} times; try again later")
            self.sleep(2.0 ** (tries - 1))

    def _sent(self, verb: str, url: str, body: dict[str, Any] | None, query: dict[str, str] | None) -> _Answer | str:
        """Send a request once; return the answer, or what went wrong in its place."""
        try:
            status, headers, text = self._github.requester.requestJson(verb, url, parameters=query, input=body)
        except requests.RequestException as error:
            return type(error).__name__
        except RuntimeError:  # PyGithub's word for a redirect to another host; the token has not gone there
            raise ForgeError(f"{self.address} redirects to another host; set GITHUB_API_URL to the right one") from None
        if 300 <= status < 400:
            raise ForgeError(f"{self.name} has moved while the bot was at work; run it again")
        try:
            data = json.loads(text) if text else None
        except ValueError:
            if status < 300:
                raise ForgeError(f"{self.address} answers what is no JSON; is it GitHub's API?") from None
            data = None
        return _Answer(status, {name.lower(): value for name, value in headers.items()}, data)

    def again(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON, read by the caller
        """POST what does no harm twice: git's objects, a ref or a label of one name."""
        return self.once(lambda: self.ask("POST", path, body), lambda: None)

    def once(self, do: Callable[[], _Found], find: Callable[[], _Found | None]) -> _Found:
        """Do what must not happen twice: if the answer is lost, look whether it happened before trying again."""
        tries = 0
        while True:
            tries += 1
            try:
                return do()
            except _LostError:
                self.sleep(2.0 ** (tries - 1))
                found = find()
                if found is not None:
                    return found
                if tries >= _TRIES:
                    raise

    def _rate_wait(self, answer: _Answer) -> float | None:
        """Return the seconds that a rate limit asks for; None if it is none."""
        if answer.status not in (403, 429):
            return None
        asked, reset = answer.headers.get("retry-after", ""), answer.headers.get("x-ratelimit-reset", "")
        if asked.isdigit():
            return float(asked[:6])
        if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
            return max(1.0, float(reset[:12]) - self.now() + 1)
        limited = answer.status == 429 or "rate limit" in answer.said.lower()
        return _SECONDARY_WAIT if limited else None

    def _rest(self, seconds: float) -> None:
        self._waited += seconds
        if self._waited > self.patience:
            raise ForgeError(
                f"GitHub's rate limit asks to wait {self._waited:.0f} s in all, more than {self.patience:.0f} s; "
                "what is done is done, and the next run does the rest"
            )
        self.sleep(seconds)

    def _refusal(self, verb: str, path: str, answer: _Answer) -> ForgeError:
        """Say what GitHub refused, with the remedy; a server that repeats the token is not believed to be GitHub's."""
        said, status = answer.said.replace(self.token or "\0", "…"), answer.status
        scope = _SCOPES.get(path.strip("/").partition("/")[0], "contents")
        right = "read" if verb == "GET" else "write"
        if status == 401 and self.token is None:
            message = f"{self.address} shows nothing without a token; set GITHUB_TOKEN"
        elif status == 401:
            message = "GitHub does not accept the token in GITHUB_TOKEN; is it whole, and has it expired?"
        elif NO_PULLS in said:
            message = _NO_PULLS_REMEDY
        elif status == 403:
            what = f"{verb} {path or self.name}"
            message = f"the token may not {what} (GitHub says: {said}); it needs the permission {scope}: {right}"
        elif status == 404 and not path:
            message = f"{self.name}: there is no such repository, or the token may not read it (contents: read)"
        elif status == 404 and verb != "GET":
            message = (
                f"GitHub answered 404 to {verb} {path}: it is gone, or the token needs the permission {scope}: write"
            )
        elif status == 410 and path.startswith("/issues"):
            message = f"{self.name} has no issues: switch them on in the repository's Settings → General → Features"
        else:
            message = f"GitHub answered {status} to {verb} {path or self.name}: {said}"
        return ForgeError(message, status, said)


def _checked_token(token: str) -> str:
    if not token.isascii() or not token.isprintable() or " " in token or not token:
        raise UsageError("GITHUB_TOKEN is no token: it is empty, or holds blanks or other signs than ASCII's")
    return token


def _checked_address(url: str) -> str:
    """Return an address of an API that may be sent the token: https, or this machine's own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        local = ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise UsageError(f"GITHUB_API_URL must be an https address, not {url[:80]!r}: the token would go in clear")
    if not host or parts.username or parts.query or parts.fragment:
        raise UsageError(f"GITHUB_API_URL is no address of an API: {url[:80]!r}")
    return url.rstrip("/")
