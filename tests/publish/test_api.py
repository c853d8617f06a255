"""Requests to the API: what is repeated, what is looked up first, and what an answer that is none means."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hosted import Hosted

from bot.demo.hub.script import DROPPED, LOST, Fault, refusing
from bot.errors import ForgeError
from bot.publish.api import Api
from bot.publish.github import PyGithubForge


def api_of(github: Hosted, sleep: Callable[[float], None] = lambda _: None) -> Api:
    return Api(github.hub.name, github.hub.token, github.url, 0.0, 0.0, sleep=sleep)


def test_a_request_is_for_the_repository_and_carries_token_and_name(github: Hosted) -> None:
    assert api_of(github).ask("GET", "/branches/main")["name"] == "main"
    (request,) = github.hub.requests
    assert request.path == "/repos/owner/name/branches/main"
    assert request.headers["authorization"] == f"token {github.hub.token}"
    assert request.headers["user-agent"] == "medium-catalog-bot"


def test_an_answer_without_content_is_none(github: Hosted) -> None:
    github.hub.push("old", {})
    assert api_of(github).ask("DELETE", "/git/refs/heads/old") is None


@pytest.mark.parametrize("fault", [refusing(500), refusing(502), refusing(503), DROPPED], ids=str)
def test_a_post_is_never_repeated_by_itself(github: Hosted, fault: Fault) -> None:
    github.hub.script(fault, "POST", "/issues$")
    with pytest.raises(ForgeError):
        api_of(github).ask("POST", "/issues", {"title": "t"})
    assert len(github.hub.requests) == 1


def test_what_happened_though_its_answer_was_lost_is_not_done_again(github: Hosted) -> None:
    api = api_of(github)
    github.hub.script(LOST, "POST", "/issues$")
    found = api.once(lambda: api.ask("POST", "/issues", {"title": "t"}), lambda: next(iter(github.hub.issues), None))
    assert found == 1
    assert len(github.hub.issues) == 1


def test_what_did_not_happen_is_done_again_up_to_a_number_of_tries(github: Hosted) -> None:
    pauses: list[float] = []
    api = api_of(github, pauses.append)
    github.hub.script(refusing(502), "POST", "/issues$", 4)
    with pytest.raises(ForgeError, match="GitHub answered 502 to POST"):
        api.once(lambda: api.ask("POST", "/issues", {"title": "t"}), lambda: None)
    assert pauses == [1.0, 2.0, 4.0, 8.0]
    assert github.hub.issues == {}


def test_a_last_try_that_was_lost_is_looked_for_too(github: Hosted) -> None:
    api = api_of(github)
    github.hub.script(refusing(502), "POST", "/issues$", 3)
    github.hub.script(LOST, "POST", "/issues$")
    found = api.once(lambda: api.ask("POST", "/issues", {"title": "t"}), lambda: next(iter(github.hub.issues), None))
    assert found == 1


def test_a_refusal_keeps_githubs_words_without_what_a_terminal_acts_on(github: Hosted) -> None:
    github.hub.script(Fault(422, "no\x1b[31m way\n" + "x" * 999), "POST", "/issues$")
    with pytest.raises(ForgeError) as raised:
        api_of(github).ask("POST", "/issues", {"title": "t"})
    assert (raised.value.status, raised.value.said[:12]) == (422, "no[31m wayxx")
    assert len(raised.value.said) == 300


def test_the_words_of_single_errors_are_kept(github: Hosted) -> None:
    with pytest.raises(ForgeError, match="Validation Failed; body is too long"):
        api_of(github).ask("POST", "/issues", {"title": "t", "body": "x" * 70_000})


@contextmanager
def answering(content: bytes, status: int = 200, location: str = "") -> Iterator[str]:
    """Serve one answer to whatever is asked, on loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("content", [b"<html>hello</html>", b"{", b"ok"])
def test_an_answer_that_is_no_json_is_no_api(content: bytes) -> None:
    with (
        answering(content) as url,
        pytest.raises(ForgeError, match="answers what is no JSON; is it GitHub's API"),
    ):
        Api("owner/name", "t", url, 0.0, 0.0).ask("GET", "")


def test_a_failure_that_is_no_json_is_a_failure() -> None:
    with answering(b"<html>Bad gateway</html>", 502) as url, pytest.raises(ForgeError, match="answered 502"):
        Api("owner/name", "t", url, 0.0, 0.0, sleep=lambda _: None).ask("GET", "")


@pytest.mark.parametrize("status", [302, 303, 307, 308])
def test_a_redirect_that_is_not_github_s_is_not_followed(status: int) -> None:
    with (
        answering(b"", status, "http://127.0.0.2:1/") as url,
        pytest.raises(ForgeError, match="owner/name has moved while the bot was at work"),
    ):
        Api("owner/name", "t", url, 0.0, 0.0).ask("GET", "")


@pytest.mark.parametrize("location", ["https://127.0.0.1/x", "http://127.0.0.2/x", "//127.0.0.2/x"])
def test_a_move_to_another_host_or_scheme_is_refused(location: str) -> None:
    with answering(b"", 301, location) as url, pytest.raises(ForgeError, match="redirects to another host"):
        Api("owner/name", "t", url, 0.0, 0.0).ask("GET", "")


def test_nobody_at_the_address_is_said() -> None:
    with answering(b"") as url:
        pass
    with pytest.raises(ForgeError, match=r"no answer from http://127.0.0.1:\d+ to GET .* \(ConnectionError\), 4 times"):
        Api("owner/name", "t", url, 0.0, 0.0, sleep=lambda _: None).ask("GET", "")


def test_bytes_are_what_their_name_says(github: Hosted) -> None:
    forge = PyGithubForge(api_of(github))
    tip = forge.tip("main")
    assert tip is not None
    sha = forge.files(tip.tree)["LICENSE"].sha
    assert forge.content(sha) == b"free\n"
    github.hub.objects.blobs[sha] = b"other\n"
    with pytest.raises(ForgeError, match=f"GitHub sent other bytes than those of {sha}"):
        forge.content(sha)


def test_pull_requests_of_other_branches_and_forks_are_told_apart(github: Hosted) -> None:
    hub = github.hub
    for branch in ("bot/links", "bot/links-review", "mallory:bot/links"):
        hub.push(branch, {"LICENSE": branch.encode()})
        hub.open_pull(branch, head=branch)
    found = PyGithubForge(api_of(github)).pulls("bot/links")
    assert [(pull.branch, pull.own_head) for pull in found] == [("bot/links", True)]


class Careless(Api):
    """An API that filters nothing, as GitHub does where a head is not qualified."""

    def ask(self, verb: str, path: str, body: object = None, query: object = None) -> Any:  # noqa: ARG002
        shown = {"number": 1, "title": "t", "state": "open", "html_url": "u", "base": {"ref": "main"}}
        return [
            {**shown, "head": {"ref": ref, "sha": "1" * 40, "repo": repo and {"full_name": repo}}}
            for ref, repo in [
                ("bot/links", "owner/name"),
                ("bot/links", "mallory/name"),
                ("bot/links", None),
                ("bot/links-review", "owner/name"),
            ]
        ]


def test_pull_requests_are_told_apart_even_if_all_are_answered(github: Hosted) -> None:
    found = PyGithubForge(Careless("owner/name", None, github.url)).pulls("bot/links")
    assert [pull.own_head for pull in found] == [True, False, False]


def test_a_label_is_made_once_and_a_second_maker_is_no_failure(github: Hosted) -> None:
    forge = PyGithubForge(api_of(github))
    forge.ensure_label("x", "5b8c5a", "says")
    forge.ensure_label("x", "5b8c5a", "says")
    assert len(github.hub.writes) == 1
    github.hub.before("POST", "/labels$", lambda: github.hub.label("y"))
    forge.ensure_label("y", "5b8c5a", "says")
    assert sorted(github.hub.labels) == ["x", "y"]
