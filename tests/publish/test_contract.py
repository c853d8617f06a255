"""The contract refuses what GitHub's description of its API does not allow; otherwise it would prove nothing."""

from __future__ import annotations

import pytest
from contract import SOURCES, Contract, contract, held_to_contract
from github_stand_in.model import Reply, Request
from github_stand_in.script import refusing
from github_stand_in.state import Hub
from hosted import refused

REPO = "/repos/owner/name"
SHA = "0" * 40
PULL = {"title": "t", "head": "owner:b", "base": "main"}


@pytest.fixture(params=SOURCES)
def described(request: pytest.FixtureRequest) -> Contract:
    return contract(request.param)


def breaches(described: Contract, method: str, path: str, body: object, query: dict[str, str]) -> list[str]:
    return list(described.breaches(Request(method, path, query, body, {})))


@pytest.mark.parametrize(
    ("method", "path", "body", "query"),
    [
        ("GET", REPO, None, {}),
        ("GET", "/rate_limit", None, {}),
        ("GET", "/repositories/17/issues", None, {}),
        ("GET", f"{REPO}/branches/bot/links", None, {}),
        ("GET", f"{REPO}/git/matching-refs/heads/bot/", None, {}),
        ("GET", f"{REPO}/git/trees/{SHA}", None, {"recursive": "1"}),
        ("GET", f"{REPO}/contents/catalog/README.md", None, {"ref": "main"}),
        ("GET", f"{REPO}/compare/main...bot/links", None, {}),
        ("GET", f"{REPO}/pulls", None, {"head": "owner:b", "state": "all", "per_page": "100", "direction": "asc"}),
        ("GET", f"{REPO}/labels/bot: links", None, {}),
        ("POST", f"{REPO}/pulls", {**PULL, "draft": True}, {}),
        ("POST", f"{REPO}/issues", {"title": "t", "labels": ["a", {"name": "b"}]}, {}),
        ("POST", f"{REPO}/issues/1/labels", ["a", "b"], {}),
        ("PUT", f"{REPO}/issues/1/labels", {"labels": ["a"]}, {}),
        ("POST", f"{REPO}/git/trees", {"tree": [{"path": "a", "mode": "100644", "type": "blob", "sha": None}]}, {}),
        ("PATCH", f"{REPO}/git/refs/heads/b", {"sha": SHA, "force": False}, {}),
        ("PATCH", f"{REPO}/issues/1", {"state": "closed", "state_reason": None, "body": None}, {}),
        ("DELETE", f"{REPO}/git/refs/heads/b", None, {}),
    ],
)
def test_a_right_request_passes(
    described: Contract, method: str, path: str, body: object, query: dict[str, str]
) -> None:
    assert breaches(described, method, path, body, query) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "query", "words"),
    [
        ("GET", "/user", None, {}, "no such operation"),
        ("GET", f"{REPO}/nothing", None, {}, "no such operation"),
        ("GET", f"{REPO}/pulls/1/labels", None, {}, "no such operation"),
        ("GET", "/repos/owner", None, {}, "no such operation"),
        ("DELETE", f"{REPO}/issues/1", None, {}, "no such operation"),
        ("PUT", f"{REPO}/contents/a", {"message": "m", "content": ""}, {}, "no such operation"),
        ("GET", f"{REPO}/issues/one", None, {}, "is not of type 'integer'"),
        ("GET", f"{REPO}/pulls", None, {"heads": "owner:b"}, "no such parameter: heads"),
        ("GET", f"{REPO}/pulls", None, {"state": "merged"}, "is not one of"),
        ("GET", f"{REPO}/issues", None, {"per_page": "many"}, "is not of type 'integer'"),
        ("GET", f"{REPO}/issues", {"state": "all"}, {}, "takes no body"),
        ("POST", f"{REPO}/issues", {"body": "b"}, {}, "'title' is a required property"),
        ("POST", f"{REPO}/issues", {"title": "t", "labels": "bot"}, {}, "is not of type 'array'"),
        ("POST", f"{REPO}/issues", {"title": "t", "lables": []}, {}, "no such field: lables"),
        ("POST", f"{REPO}/issues", None, {}, "None is not of type 'object'"),
        ("POST", f"{REPO}/issues", "{", {}, "is not of type 'object'"),
        ("POST", f"{REPO}/issues/1/labels", [], {}, "not valid under any"),
        ("POST", f"{REPO}/issues/1/labels", {"label": ["a"]}, {}, "no such field: label"),
        ("POST", f"{REPO}/issues/1/comments", ["a"], {}, "is not of type 'object'"),
        ("POST", f"{REPO}/pulls", {"title": "t", "base": "main"}, {}, "'head' is a required property"),
        ("POST", f"{REPO}/pulls", {**PULL, "draft": "yes"}, {}, "is not of type 'boolean'"),
        ("POST", f"{REPO}/pulls", {**PULL, "body": None}, {}, "is not of type 'string'"),
        ("POST", f"{REPO}/git/trees", {"tree": [{"path": "a", "mode": "644"}]}, {}, "is not one of"),
        ("POST", f"{REPO}/git/refs", {"ref": "refs/heads/b"}, {}, "'sha' is a required property"),
        ("PATCH", f"{REPO}/git/refs/heads/b", {"sha": SHA, "force": 1}, {}, "is not of type 'boolean'"),
        ("PATCH", f"{REPO}/pulls/1", {"state": "merged"}, {}, "is not one of"),
        ("PATCH", f"{REPO}/issues/1", {"state_reason": "done"}, {}, "'done' is not valid"),
    ],
)
def test_a_wrong_request_is_named(
    described: Contract, method: str, path: str, body: object, query: dict[str, str], words: str
) -> None:
    found = breaches(described, method, path, body, query)
    assert found
    assert words in found[0]
    assert found[0].startswith(f"{method} {path}")


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, {"total_count": 1}, "is not of type 'array'"),
        (200, [{"number": 1}], "'title' is a required property"),
        (201, [], "no such answer"),
    ],
)
def test_an_answer_that_github_would_not_give_is_named(
    described: Contract, status: int, body: object, words: str
) -> None:
    request = Request("GET", f"{REPO}/issues", {}, None, {})
    assert any(words in breach for breach in described.answer_breaches(request, Reply(status, body)))
    assert list(described.answer_breaches(request, Reply(200, []))) == []
    assert list(described.answer_breaches(request, Reply(404, {"message": "Not Found"}))) == []


def test_null_is_allowed_only_where_the_description_says_so() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "nullable": True}, "b": {"type": "string"}}}
    operation = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    small = Contract({"paths": {"/x": {"post": operation}}, "components": {"parameters": {}}})
    assert list(small.breaches(Request("POST", "/x", {}, {"a": None, "b": ""}, {}))) == []
    assert len(list(small.breaches(Request("POST", "/x", {}, {"a": "", "b": None}, {})))) == 1


def test_a_test_whose_requests_keep_the_contract_passes() -> None:
    with held_to_contract(Hub("owner/name", {"a": b""})) as hosted:
        hosted.hub.push("bot/links", {"a": b"b"})
        hosted.ask("GET", "/branches/bot%2Flinks")
        hosted.ask("POST", "/labels", {"name": "x", "color": "0e8a16"})
        with refused(404):
            hosted.ask("GET", "/branches/none")


@pytest.mark.parametrize(
    ("method", "below", "body", "words"),
    [
        ("POST", "/labels", {"name": "x", "colour": "0e8a16"}, "no such field: colour"),
        ("GET", "/issues", {"state": "all"}, "takes no body"),
        ("GET", "/commits/main", None, None),
    ],
)
def test_a_test_whose_request_breaks_the_contract_fails_even_if_it_is_answered(
    method: str, below: str, body: object, words: str | None
) -> None:
    def run() -> None:
        with held_to_contract(Hub("owner/name", {"a": b""})) as hosted:
            hosted.ask(method, below, body)

    if words is None:
        run()
    else:
        with pytest.raises(AssertionError, match=words):
            run()


def test_a_test_that_calls_what_the_description_does_not_know_fails() -> None:
    def run() -> None:
        with held_to_contract(Hub("owner/name", {"a": b""})) as hosted, refused(403):
            hosted.client().get_user().update()

    with pytest.raises(AssertionError, match="no such operation"):
        run()


def test_a_test_whose_fault_never_happened_fails() -> None:
    def run() -> None:
        with held_to_contract(Hub("owner/name", {"a": b""})) as hosted:
            hosted.hub.script(refusing(500), "POST", "/pulls$")
            hosted.ask("GET", "/pulls")

    with pytest.raises(AssertionError, match="planned, but never happened: POST /pulls"):
        run()


def test_an_expected_refusal_has_that_status_and_those_words() -> None:
    def run(status: int, *words: str) -> None:
        with held_to_contract(Hub("owner/name", {"a": b""})) as hosted, refused(status, *words):
            hosted.ask("GET", "/branches/none")

    run(404, "Branch not found")
    for status, words in ((403, "Branch"), (404, "Reference")):
        with pytest.raises(AssertionError, match="not found"):
            run(status, words)
