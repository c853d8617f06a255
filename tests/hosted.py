"""The stand-in for GitHub on a thread of its own, and PyGithub to talk to it over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import github
import pytest
from github.Repository import Repository
from github_stand_in.server import serve_hub
from github_stand_in.state import Hub

NAME = "owner/name"
README = b"# Papers\n\n| Name | Date |\n|---|---|\n| One | May 2024 |\n| Two | June 2024 |\n| Three | July 2024 |\n"
FILES = {"catalog/README.md": README, "LICENSE": b"free\n"}


@dataclass(frozen=True, slots=True)
class Hosted:
    """A hub that answers at a URL."""

    hub: Hub
    url: str

    def client(self, token: str | None = None) -> github.Github:
        """Return PyGithub, without retries and pauses; `token` if it is not to be the right one."""
        auth = github.Auth.Token(self.hub.token if token is None else token)
        return github.Github(
            base_url=self.url, auth=auth, retry=None, seconds_between_requests=None, seconds_between_writes=None
        )

    def repo(self) -> Repository:
        """Return PyGithub's repository, for which one request is made."""
        return self.client().get_repo(self.hub.name)

    def ask(self, method: str, below: str, body: object = None, **query: object) -> Any:
        """Send a request to a path below the repository, through PyGithub; return the JSON of the answer."""
        requester = self.client().requester
        return requester.requestJsonAndCheck(method, f"/repos/{self.hub.name}{below}", query, input=body)[1]

    def propose(self, branch: str, text: str = "# Other\n", *, onto: str | None = None) -> str:
        """Commit a catalog on a new branch through the Git data API, as a publishing bot does; return the commit."""
        parent = onto or self.hub.tip("main")
        base_tree = self.ask("GET", f"/git/commits/{parent}")["tree"]["sha"]
        entry = {"path": "catalog/README.md", "mode": "100644", "type": "blob", "content": text}
        tree = self.ask("POST", "/git/trees", {"base_tree": base_tree, "tree": [entry]})["sha"]
        commit = self.ask("POST", "/git/commits", {"message": "Fix", "tree": tree, "parents": [parent]})["sha"]
        self.ask("POST", "/git/refs", {"ref": f"refs/heads/{branch}", "sha": commit})
        return str(commit)


@contextlib.contextmanager
def refused(status: int, *words: str) -> Iterator[None]:
    """Expect PyGithub to raise this status, with these words in the answer."""
    with pytest.raises(github.GithubException) as caught:
        yield
    if caught.value.status != status or any(word not in str(caught.value.data) for word in words):
        raise AssertionError(f"not {status} with {words}, but {caught.value}")


@contextlib.contextmanager
def hosting(hub: Hub, host: str = "127.0.0.1") -> Iterator[Hosted]:
    """Serve a hub until the block ends."""
    started = threading.Event()
    found: list[str] = []
    loop = asyncio.new_event_loop()
    end = asyncio.Event()

    async def main() -> None:
        async with serve_hub(hub, host) as url:
            found.append(url)
            started.set()
            await end.wait()
        await loop.shutdown_default_executor()

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    started.wait()
    try:
        yield Hosted(hub, found[0])
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        loop.close()
