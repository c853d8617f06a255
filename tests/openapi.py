"""GitHub's own description of its API in OpenAPI's form, rebuilt from the client that GitHubKit generates from it.

A method of GitHubKit's client gives its operation in the docstring, its parameters in the signature, and the models of
both bodies in its code. So each method is called once with a recorder in place of the network. GitHubKit does not carry
the status of successful answers: it is listed here for each operation that the bot may use.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from types import FunctionType, SimpleNamespace
from typing import Annotated, Any, TypeVar

VERSION = "githubkit_schemas.v2022_11_28"  # the version that GitHub uses if a request names none, as PyGithub's do
SUCCESS = {
    "GET /rate_limit": 200,
    "GET /repos/{owner}/{repo}": 200,
    "GET /repos/{owner}/{repo}/branches/{branch}": 200,
    "GET /repos/{owner}/{repo}/commits": 200,
    "GET /repos/{owner}/{repo}/commits/{ref}": 200,
    "GET /repos/{owner}/{repo}/compare/{basehead}": 200,
    "GET /repos/{owner}/{repo}/contents/{path}": 200,
    "POST /repos/{owner}/{repo}/git/blobs": 201,
    "GET /repos/{owner}/{repo}/git/blobs/{file_sha}": 200,
    "POST /repos/{owner}/{repo}/git/commits": 201,
    "GET /repos/{owner}/{repo}/git/commits/{commit_sha}": 200,
    "GET /repos/{owner}/{repo}/git/matching-refs/{ref}": 200,
    "GET /repos/{owner}/{repo}/git/ref/{ref}": 200,
    "POST /repos/{owner}/{repo}/git/refs": 201,
    "DELETE /repos/{owner}/{repo}/git/refs/{ref}": 204,
    "PATCH /repos/{owner}/{repo}/git/refs/{ref}": 200,
    "POST /repos/{owner}/{repo}/git/trees": 201,
    "GET /repos/{owner}/{repo}/git/trees/{tree_sha}": 200,
    "GET /repos/{owner}/{repo}/issues": 200,
    "POST /repos/{owner}/{repo}/issues": 201,
    "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}": 204,
    "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}": 200,
    "GET /repos/{owner}/{repo}/issues/{issue_number}": 200,
    "PATCH /repos/{owner}/{repo}/issues/{issue_number}": 200,
    "GET /repos/{owner}/{repo}/issues/{issue_number}/comments": 200,
    "POST /repos/{owner}/{repo}/issues/{issue_number}/comments": 201,
    "GET /repos/{owner}/{repo}/issues/{issue_number}/labels": 200,
    "POST /repos/{owner}/{repo}/issues/{issue_number}/labels": 200,
    "PUT /repos/{owner}/{repo}/issues/{issue_number}/labels": 200,
    "DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}": 200,
    "GET /repos/{owner}/{repo}/labels": 200,
    "POST /repos/{owner}/{repo}/labels": 201,
    "GET /repos/{owner}/{repo}/labels/{name}": 200,
    "PATCH /repos/{owner}/{repo}/labels/{name}": 200,
    "GET /repos/{owner}/{repo}/pulls": 200,
    "POST /repos/{owner}/{repo}/pulls": 201,
    "GET /repos/{owner}/{repo}/pulls/{pull_number}": 200,
    "PATCH /repos/{owner}/{repo}/pulls/{pull_number}": 200,
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/commits": 200,
    "GET /repos/{owner}/{repo}/pulls/{pull_number}/files": 200,
    "GET /search/issues": 200,
}
CLIENTS = {
    "git": "GitClient",
    "issues": "IssuesClient",
    "pulls": "PullsClient",
    "rate_limit": "RateLimitClient",
    "repos": "ReposClient",
    "search": "SearchClient",
}
SLASHES = ("branch", "commit_sha", "ref", "tree_sha")  # path parameters that may contain slashes
_OWN = ("headers", "stream", "data", "kwargs")  # parameters of the client itself
T = TypeVar("T")


def description() -> dict[str, Any]:
    """Return the description of the operations above."""
    # GitHubKit also allows null for every optional property (its issue 47); GitHub's description does not.
    import_module("githubkit.typing").__dict__["Missing"] = Annotated[T, "optional"]
    models: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for operation, method in _methods():
        verb, path = operation.split()
        paths.setdefault(path, {})[verb.lower()] = _described(operation, method, models)
    adapter = import_module("pydantic").TypeAdapter
    schemas, definitions = adapter.json_schemas(
        [(name, "validation", adapter(model)) for name, model in models.items()],
        ref_template="#/components/schemas/{model}",
    )
    named = {name: schema for (name, _), schema in schemas.items()}
    return {"paths": paths, "components": {"parameters": {}, "schemas": {**definitions.get("$defs", {}), **named}}}


def _methods() -> Iterator[tuple[str, FunctionType]]:
    missing = set(SUCCESS)
    for module, name in CLIENTS.items():
        for method in vars(getattr(import_module(f"{VERSION}.rest.{module}"), name)).values():
            operation = (inspect.getdoc(method) or "").partition("\n\n")[2].partition("\n")[0]
            if operation in missing:
                missing.remove(operation)
                yield operation, method
    assert not missing, f"not in GitHubKit: {missing}"


def _described(operation: str, method: FunctionType, models: dict[str, Any]) -> dict[str, Any]:
    """Describe an operation, and add the models that it refers to to `models` by name."""
    parameters = [each for each in inspect.signature(method).parameters.values() if each.name != "self"]
    asked = [each for each in parameters if each.name not in _OWN]
    named: dict[str, Any] = {}
    _call(method, parameters, named)
    described: dict[str, Any] = {"parameters": [_parameter(operation, each, models) for each in asked]}
    if "body" in named:
        described["requestBody"] = _content(f"{operation} body", named["body"], models)
    answer = _content(f"{operation} answer", named["answer"], models) if named.get("answer") is not None else {}
    return {**described, "responses": {str(SUCCESS[operation]): answer}}


def _call(method: FunctionType, parameters: list[inspect.Parameter], named: dict[str, Any]) -> None:
    """Call a method that records the models of its bodies in `named` instead of sending a request."""

    def validated(model: object, _: object) -> dict[str, Any]:
        named["body"] = model
        return {}

    def request(*_: object, response_model: object = None, **__: object) -> None:
        named["answer"] = response_model

    core = SimpleNamespace(config=SimpleNamespace(rest_api_validate_body=True), request=request)
    function = FunctionType(method.__code__, {**method.__globals__, "type_validate_python": validated})
    function.__kwdefaults__ = method.__kwdefaults__
    given = {each.name: "x" for each in parameters if each.default is each.empty and each.name != "kwargs"}
    function(SimpleNamespace(_github=core, _REST_API_VERSION=""), **given)


def _parameter(operation: str, parameter: inspect.Parameter, models: dict[str, Any]) -> dict[str, Any]:
    known = {**vars(import_module("typing")), **vars(import_module("githubkit.typing"))}
    known["_dt"] = SimpleNamespace(datetime=datetime)
    return {
        "name": parameter.name,
        "in": "path" if f"{{{parameter.name}}}" in operation else "query",
        "required": parameter.default is parameter.empty,
        "schema": _reference(f"{operation} {parameter.name}", eval(parameter.annotation, known), models),
        "x-multi-segment": parameter.name in SLASHES,
    }


def _content(name: str, model: object, models: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": _reference(name, model, models)}}}


def _reference(name: str, model: object, models: dict[str, Any]) -> dict[str, str]:
    name = re.sub(r"\W+", "-", name)
    models[name] = model
    return {"$ref": f"#/components/schemas/{name}"}
