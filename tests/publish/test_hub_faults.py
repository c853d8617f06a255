"""The stand-in for GitHub: what goes wrong on purpose, moved repositories, and races, over real sockets."""

from __future__ import annotations

import time

import github as pygithub
import pytest
import requests
from github_stand_in.script import (
    DROPPED,
    LOST,
    LOST_BEHIND_502,
    SECONDARY,
    Plan,
    primary_limit,
    refusing,
    secondary_limit,
    too_many,
)
from github_stand_in.state import Hub
from hosted import FILES, Hosted, hosting, refused

ISSUE = {"title": "t"}


@pytest.mark.parametrize("status", [404, 409, 422, 500, 502, 503])
def test_a_request_can_be_refused_before_it_is_carried_out(github: Hosted, status: int) -> None:
    github.hub.script(refusing(status, "because"), "POST", "/issues$")
    with refused(status, "because"):
        github.ask("POST", "/issues", ISSUE)
    assert (github.hub.issues, github.hub.writes) == ({}, [])
    github.ask("POST", "/issues", ISSUE)
    assert len(github.hub.issues) == 1


def test_an_answer_can_be_lost_after_the_request_was_carried_out(github: Hosted) -> None:
    github.hub.script(LOST, "POST", "/issues$")
    with pytest.raises(requests.ConnectionError):
        github.ask("POST", "/issues", ISSUE)
    assert (len(github.hub.issues), len(github.hub.writes)) == (1, 1)


def test_an_answer_can_be_replaced_by_a_bad_gateway(github: Hosted) -> None:
    github.hub.script(LOST_BEHIND_502, "POST", "/issues$")
    with refused(502):
        github.ask("POST", "/issues", ISSUE)
    assert (len(github.hub.issues), len(github.hub.writes)) == (1, 1)


def test_a_connection_can_be_dropped_before_anything_is_carried_out(github: Hosted) -> None:
    github.hub.script(DROPPED, "POST", "/issues$")
    with pytest.raises(requests.ConnectionError):
        github.ask("POST", "/issues", ISSUE)
    assert (github.hub.issues, github.hub.writes) == ({}, [])


def test_a_refused_write_does_not_count_even_if_its_answer_is_lost(github: Hosted) -> None:
    github.hub.script(LOST, "POST", "/issues$")
    with pytest.raises(requests.ConnectionError):
        github.ask("POST", "/issues", {"title": ""})
    assert github.hub.writes == []


def test_faults_apply_to_a_method_and_path_a_number_of_times_after_a_number_of_requests(github: Hosted) -> None:
    github.hub.script(refusing(500), "POST", r"/issues$", times=2, skip=1)
    github.ask("GET", "/issues")
    github.ask("POST", "/labels", {"name": "l"})
    github.ask("POST", "/issues", ISSUE)
    for _ in range(2):
        with refused(500):
            github.ask("POST", "/issues", ISSUE)
    github.ask("POST", "/issues", ISSUE)
    assert len(github.hub.issues) == 2


def test_steps_that_never_happened_can_be_seen(github: Hosted) -> None:
    github.hub.script(refusing(500), "DELETE", "/labels/x$")
    github.hub.before("GET", "/pulls$", lambda: None)
    github.ask("GET", "/issues")
    assert github.hub.plan.unused == ["DELETE /labels/x$", "GET /pulls$"]
    github.hub.plan = Plan()


def test_a_secondary_limit_may_say_how_long_to_wait(github: Hosted) -> None:
    for wait in (7, None):
        github.hub.script(secondary_limit(wait), "POST", "/issues$")
        with pytest.raises(pygithub.RateLimitExceededException) as caught:
            github.ask("POST", "/issues", ISSUE)
        assert caught.value.status == 403
        assert caught.value.data["message"] == SECONDARY
        assert (caught.value.headers or {}).get("retry-after") == (None if wait is None else str(wait))


def test_a_primary_limit_says_when_it_ends(github: Hosted) -> None:
    github.hub.script(primary_limit(90), "GET", "/issues$")
    with pytest.raises(pygithub.RateLimitExceededException) as caught:
        github.ask("GET", "/issues")
    headers = caught.value.headers or {}
    assert headers["x-ratelimit-remaining"] == "0"
    assert 80 < int(headers["x-ratelimit-reset"]) - time.time() <= 90


def test_too_many_requests(github: Hosted) -> None:
    github.hub.script(too_many(3), "GET", "/issues$")
    with pytest.raises(pygithub.GithubException, match="429") as caught:
        github.ask("GET", "/issues")
    assert (caught.value.headers or {})["retry-after"] == "3"


def test_the_base_can_move_just_before_a_write(github: Hosted) -> None:
    commit = github.propose("bot/links")
    github.hub.before("PATCH", "/git/refs/heads/bot/links$", lambda: github.hub.push("bot/links", {"LICENSE": b"x"}))
    with refused(422, "Update is not a fast forward"):
        github.ask("PATCH", "/git/refs/heads/bot/links", {"sha": commit})
    assert github.hub.log("bot/links")[0].author.name == "alice"


def test_a_branch_can_be_deleted_just_before_its_pull_request_is_opened(github: Hosted) -> None:
    github.propose("bot/links")
    github.hub.before("POST", "/pulls$", lambda: github.hub.delete_branch("bot/links"))
    body = {"title": "t", "head": "owner:bot/links", "base": "main"}
    with refused(422, "'head'"):
        github.ask("POST", "/pulls", body)


def test_a_whole_run_of_another_client_can_come_in_between(github: Hosted) -> None:
    github.hub.before("POST", "/issues$", lambda: github.repo().create_issue("theirs"))
    github.repo().create_issue("ours")
    assert [issue.title for issue in github.hub.issues.values()] == ["theirs", "ours"]


def test_an_action_happens_once_and_after_the_requests_that_are_skipped(github: Hosted) -> None:
    done: list[int] = []
    github.hub.before("GET", "/issues$", lambda: done.append(len(github.hub.requests)), skip=1)
    for _ in range(3):
        github.ask("GET", "/issues")
    assert done == [2]


def test_reads_of_a_former_name_get_a_301_and_writes_a_307(github: Hosted) -> None:
    client = github.client()
    github.hub.rename("owner/other")
    assert client.get_repo("owner/name").full_name == "owner/other"
    headers = {"Authorization": f"Bearer {github.hub.token}"}
    url = f"{github.url}/repos/owner/name/issues"
    said = requests.post(url, json=ISSUE, headers=headers, allow_redirects=False, timeout=9)
    assert (said.status_code, said.headers["Location"].startswith(f"{github.url}/repositories/")) == (307, True)
    assert github.hub.issues == {}
    assert requests.post(said.headers["Location"], json=ISSUE, headers=headers, timeout=9).status_code == 201
    assert github.hub.issues[1].title == "t"
    with pytest.raises(pygithub.UnknownObjectException):
        client.get_repo("owner/nam")


def test_a_repository_can_redirect_to_another_host_which_records_what_is_sent_there() -> None:
    with hosting(Hub("owner/name", FILES), "localhost") as other, hosting(Hub("owner/name", FILES)) as hosted:
        hosted.hub.moved_to = other.url
        url = f"{hosted.url}/repos/owner/name"
        requests.get(url, headers={"Authorization": "Bearer secret"}, timeout=9)
        assert [each.path for each in other.hub.requests] == ["/repos/owner/name"]
        other.hub.requests.clear()
        with pytest.raises(RuntimeError, match="redirected from host"):
            hosted.client().get_repo("owner/name")
        assert other.hub.requests == []


def test_the_token_of_an_app_installation_has_no_user(github: Hosted) -> None:
    with refused(403, "Resource not accessible by integration"):
        github.client().get_user().update()
    assert [each.path for each in github.hub.requests] == ["/user"]
    github.hub.requests.clear()  # the bot must never ask this: the contract does not know it
