"""Requests to the API: what is repeated, what is looked up first, and what unusable answers mean."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from github_stand_in.script import DROPPED, LOST, Fault, refusing
from hosted import Hosted

from bot.errors import ForgeError
from bot.publish.api import Api
from bot.publish.github import DryRun, PyGithubForge


def api_of(github: Hosted, sleep: Callable[[float], None] = lambda _: None) -> Api:
    return Api(github.hub.token, github.url, 0.0, sleep=sleep)


def ask(api: Api, verb: str, path: str, body: object = None) -> Any:
    """Send a request as PyGithub's objects do; return the JSON of the answer."""
    return api.requestJsonAndCheck(verb, f"/repos/owner/name{path}", input=body)[1]


def ask_at(url: str) -> object:
    """Ask a server for a repository."""
    return ask(Api("t", url, 0.0, sleep=lambda _: None), "GET", "")


def test_a_request_is_for_the_repository_and_has_the_token_and_a_user_agent(github: Hosted) -> None:
    assert ask(api_of(github), "GET", "/branches/main")["name"] == "main"
    (request,) = github.hub.requests
    assert request.path == "/repos/owner/name/branches/main"
    assert request.headers["authorization"] == f"token {github.hub.token}"
    assert request.headers["user-agent"] == "medium-catalog-bot"


def test_an_address_of_another_host_gets_no_request(github: Hosted) -> None:
    _, shown = api_of(github).requestJsonAndCheck("GET", "https://127.0.0.2:1/repos/owner/name/branches/main")
    assert shown["name"] == "main"  # asked of the API's own host, where the token goes


def test_all_pages_of_comments_are_read(github: Hosted) -> None:
    issue = github.hub.open_issue("t")
    for number in range(101):
        github.hub.comment(issue.number, f"{number}", by="alice" if number else "bob")
    forge = PyGithubForge(api_of(github), "owner/name")
    assert forge.comment(issue.number, "0", once_by="bob") is False
    assert forge.comment(issue.number, "100") is False
    assert len(github.hub.requests) == 4
    assert github.hub.writes == []


def test_a_comment_is_repeated_unless_it_was_the_last_or_the_author_may_say_it_only_once(github: Hosted) -> None:
    issue = github.hub.open_issue("t")
    forge, dry = (kind(api_of(github), "owner/name") for kind in (PyGithubForge, DryRun))
    for by in ("alice", "bob"):
        github.hub.comment(issue.number, f"from {by}", by=by)
    assert dry.comment(issue.number, "from alice", once_by="alice") is False
    assert dry.comment(issue.number, "from alice", once_by="bob") is True
    assert forge.comment(issue.number, "from alice", once_by="bob") is True
    assert forge.comment(issue.number, "from alice") is False
    assert [each.body for each in issue.comments] == ["from alice", "from bob", "from alice"]


def test_an_answer_without_content_is_none(github: Hosted) -> None:
    github.hub.push("old", {})
    assert ask(api_of(github), "DELETE", "/git/refs/heads/old") is None


@pytest.mark.parametrize("fault", [refusing(500), refusing(502), refusing(503), DROPPED], ids=str)
def test_a_post_is_never_repeated_by_itself(github: Hosted, fault: Fault) -> None:
    github.hub.script(fault, "POST", "/issues$")
    with pytest.raises(ForgeError):
        ask(api_of(github), "POST", "/issues", {"title": "t"})
    assert len(github.hub.requests) == 1


def test_what_was_done_although_its_answer_was_lost_is_not_done_again(github: Hosted) -> None:
    api = api_of(github)
    github.hub.script(LOST, "POST", "/issues$")
    found = api.once(lambda: ask(api, "POST", "/issues", {"title": "t"}), lambda: next(iter(github.hub.issues), None))
    assert found == 1
    assert len(github.hub.issues) == 1


def test_what_was_not_done_is_tried_again_up_to_four_times(github: Hosted) -> None:
    pauses: list[float] = []
    api = api_of(github, pauses.append)
    github.hub.script(refusing(502), "POST", "/issues$", 4)
    with pytest.raises(ForgeError, match="GitHub answered 502 to POST"):
        api.once(lambda: ask(api, "POST", "/issues", {"title": "t"}), lambda: None)
    assert pauses == [1.0, 2.0, 4.0, 8.0]
    assert github.hub.issues == {}


def test_the_last_try_is_looked_up_too(github: Hosted) -> None:
    api = api_of(github)
    github.hub.script(refusing(502), "POST", "/issues$", 3)
    github.hub.script(LOST, "POST", "/issues$")
    found = api.once(lambda: ask(api, "POST", "/issues", {"title": "t"}), lambda: next(iter(github.hub.issues), None))
    assert found == 1


def test_a_refusal_keeps_the_message_without_control_characters(github: Hosted) -> None:
    github.hub.script(Fault(422, "no\x1b[31m way\n" + "x" * 999), "POST", "/issues$")
    with pytest.raises(ForgeError) as raised:
        ask(api_of(github), "POST", "/issues", {"title": "t"})
    assert (raised.value.status, raised.value.said[:12]) == (422, "no[31m wayxx")
    assert len(raised.value.said) == 300


def test_the_messages_of_single_errors_are_kept(github: Hosted) -> None:
    with pytest.raises(ForgeError, match="Validation Failed; body is too long"):
        ask(api_of(github), "POST", "/issues", {"title": "t", "body": "x" * 70_000})


@contextmanager
def answering(content: bytes, status: int = 200, location: str = "") -> Iterator[str]:
    """Give the same answer to every request, on loopback."""

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
def test_an_answer_that_is_not_json_is_not_the_api(content: bytes) -> None:
    with (
        answering(content) as url,
        pytest.raises(ForgeError, match="does not answer with JSON; is it GitHub's API"),
    ):
        ask_at(url)


def test_a_failure_without_json_is_a_failure() -> None:
    with answering(b"<html>Bad gateway</html>", 502) as url, pytest.raises(ForgeError, match="answered 502"):
        ask_at(url)


@pytest.mark.parametrize("status", [302, 303, 307, 308])
def test_a_redirect_other_than_301_is_not_followed(status: int) -> None:
    with (
        answering(b"", status, "http://127.0.0.2:1/") as url,
        pytest.raises(ForgeError, match="owner/name has moved during this run"),
    ):
        ask_at(url)


@pytest.mark.parametrize("location", ["https://127.0.0.1/x", "http://127.0.0.2/x", "//127.0.0.2/x"])
def test_a_move_to_another_host_or_scheme_is_refused(location: str) -> None:
    with answering(b"", 301, location) as url, pytest.raises(ForgeError, match="redirects to another host"):
        ask_at(url)


def test_an_address_without_a_server_is_reported() -> None:
    with answering(b"") as url:
        pass
    with pytest.raises(ForgeError, match=r"no answer from http://127.0.0.1:\d+ to GET .* \(ConnectionError\), 4 times"):
        ask_at(url)


def test_content_must_have_its_id(github: Hosted) -> None:
    forge = PyGithubForge(api_of(github), "owner/name")
    tip = forge.tip("main")
    assert tip is not None
    sha = forge.files(tip.tree)["LICENSE"].sha
    assert forge.content(sha) == b"free\n"
    github.hub.objects.blobs[sha] = b"other\n"
    with pytest.raises(ForgeError, match=f"GitHub sent different bytes than those of the file {sha}"):
        forge.content(sha)


def test_pull_requests_of_other_branches_and_forks_are_left_out(github: Hosted) -> None:
    hub = github.hub
    for branch in ("bot/links", "bot/links-review", "mallory:bot/links"):
        hub.push(branch, {"LICENSE": branch.encode()})
        hub.open_pull(branch, head=branch)
    found = PyGithubForge(api_of(github), "owner/name").pulls("bot/links")
    assert [pull.branch for pull in found] == ["bot/links"]


class Careless(Api):
    """An API that filters nothing, as GitHub does where a head is not qualified."""

    def requestJsonAndCheck(self, *_: object, **__: object) -> tuple[dict[str, Any], Any]:  # noqa: N802 - PyGithub's
        shown = {"number": 1, "title": "t", "body": None, "state": "open", "html_url": "u", "base": {"ref": "main"}}
        shown |= {"user": None, "author_association": "NONE", "merged_at": None, "draft": False}
        return {}, [
            {**shown, "head": {"ref": ref, "sha": "1" * 40, "repo": repo and {"full_name": repo}}}
            for ref, repo in [
                ("bot/links", "owner/name"),
                ("bot/links", "mallory/name"),
                ("bot/links", None),
                ("bot/links-review", "owner/name"),
            ]
        ]


def test_pull_requests_of_other_branches_and_forks_are_left_out_even_if_github_lists_all(github: Hosted) -> None:
    found = PyGithubForge(Careless(None, github.url), "owner/name").pulls("bot/links")
    assert [pull.branch for pull in found] == ["bot/links"]


def test_a_label_that_exists_or_that_a_concurrent_run_creates_is_not_a_failure(github: Hosted) -> None:
    forge = PyGithubForge(api_of(github), "owner/name")
    github.hub.before("POST", "/labels$", lambda: github.hub.label("catalog-bot"))
    opened = [forge.open_issue(title, title) for title in ("t", "u")]
    assert sorted(github.hub.labels) == ["catalog-bot"]
    assert forge.issues() == opened[::-1]
