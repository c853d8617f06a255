"""GitHub's published description of its API, and checks that requests and answers keep to it."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema
from github_stand_in.model import Reply, Request
from github_stand_in.state import Hub
from hosted import Hosted, hosting
from openapi import description
from support import SHARED

DESCRIPTION = SHARED / "github-openapi.json"
SOURCES: dict[str, Callable[[], dict[str, Any]]] = {"GitHubKit": description}
if DESCRIPTION.exists():
    SOURCES["GitHub's file"] = lambda: dict(json.loads(DESCRIPTION.read_text("utf-8")))
_CHANGING = re.compile(r"[0-9a-f]{40}|\d{4}-\d\d-\d\dT[\d:]+Z|127\.0\.0\.1:\d+")  # hashes, times, ports
_BARE_LABELS = re.compile(r"/repos/[^/]+/[^/]+/issues/\d+/labels")


@cache
def contract(source: str) -> Contract:
    """Return the contract by the name of its source."""
    return Contract(SOURCES[source]())


@contextlib.contextmanager
def held_to_contract(hub: Hub) -> Iterator[Hosted]:
    """Serve a hub until the block ends; then no request and no answer may have broken the contract.

    And every planned fault must have happened.
    """
    with hosting(hub) as hosted:
        yield hosted
    found = [f"planned, but never happened: {step}" for step in hub.plan.unused]
    for described in map(contract, SOURCES):
        found += [breach for request in hub.requests for breach in described.breaches(request)]
        found += [breach for exchange in hub.replies for breach in described.answer_breaches(*exchange)]
    if found:
        raise AssertionError("\n".join(found))


class Contract:
    """An OpenAPI 3.0 description: which requests are allowed, and what their answers look like."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._described = _json_schema(description)
        self._passed: set[str] = set()
        self._validators: dict[str, jsonschema.Draft202012Validator] = {}
        self._operations = [
            (_pattern(path, self._described), path, operations) for path, operations in self._described["paths"].items()
        ]

    def breaches(self, request: Request) -> Iterator[str]:
        """Yield what is wrong with a request; `/repositories/ID` is where GitHub redirects a former name."""
        path = re.sub(r"^/repositories/\d+", "/repos/owner/name", request.path)
        named = f"{request.method} {request.path}"
        found = self._operation(request.method, path)
        if found is None:
            yield f"{named}: no such operation"
            return
        operation, segments = found
        parameters = [self._resolved(each) for each in operation.get("parameters", [])]
        for parameter in parameters:
            values = segments if parameter["in"] == "path" else request.query
            yield from self._parameter(named, parameter, values)
        known = {each["name"] for each in parameters if each["in"] == "query"}
        yield from (f"{named}: no such parameter: {name}" for name in sorted(request.query.keys() - known))
        yield from self._body(named, path, operation, request.body)

    def answer_breaches(self, request: Request, reply: Reply) -> Iterator[str]:
        """Go over what is wrong with an answer to a request that the description knows, errors left out.

        Of answers that differ only in hashes, times or ports, one is checked.
        """
        form = _CHANGING.sub("#", json.dumps([request.method, request.path, reply.status, reply.body, reply.dropped]))
        if form in self._passed:
            return
        found = list(self._answer_breaches(request, reply))
        if not found:
            self._passed.add(form)
        yield from found

    def _answer_breaches(self, request: Request, reply: Reply) -> Iterator[str]:
        path = re.sub(r"^/repositories/\d+", "/repos/owner/name", request.path)
        found = self._operation(request.method, path)
        if found is None or reply.dropped or reply.status >= 300:
            return
        named = f"{reply.status} to {request.method} {request.path}"
        responses = found[0]["responses"]
        if str(reply.status) not in responses:
            yield f"{named}: no such answer"
            return
        media = self._resolved(responses[str(reply.status)]).get("content", {}).get("application/json")
        if media is not None:
            yield from self._against(named, media["schema"], reply.body)

    def _operation(self, method: str, path: str) -> tuple[dict[str, Any], dict[str, str]] | None:
        for pattern, _, operations in self._operations:
            match = pattern.fullmatch(path)
            if match and method.lower() in operations:
                return operations[method.lower()], match.groupdict()
        return None

    def _parameter(self, named: str, parameter: dict[str, Any], values: Mapping[str, str]) -> Iterator[str]:
        value = values.get(parameter["name"])
        if value is None:
            if parameter.get("required"):
                yield f"{named}: needs the parameter {parameter['name']}"
            return
        schema = self._resolved(parameter["schema"])
        read: object = int(value) if schema.get("type") == "integer" and value.isdigit() else value
        yield from self._against(f"{named} {parameter['name']}", schema, read)

    def _body(self, named: str, path: str, operation: dict[str, Any], body: object) -> Iterator[str]:
        described = operation.get("requestBody")
        if described is None:
            if body is not None:
                yield f"{named}: takes no body"
            return
        if _BARE_LABELS.fullmatch(path) and isinstance(body, list):
            body = {"labels": body}  # PyGithub sends label lists bare, which GitHub also takes
        schema = self._resolved(described["content"]["application/json"]["schema"])
        yield from self._against(named, schema, body)
        known = self._properties(schema)
        if isinstance(body, dict) and known:
            yield from (f"{named}: no such field: {name}" for name in sorted(body.keys() - known))

    def _properties(self, schema: dict[str, Any]) -> set[str]:
        alternatives = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
        return set(schema.get("properties", {})).union(
            *(self._properties(self._resolved(each)) for each in alternatives)
        )

    def _against(self, named: str, schema: dict[str, Any], value: object) -> Iterator[str]:
        written = json.dumps(schema)
        if written not in self._validators:
            whole = {**schema, "components": self._described["components"]}
            self._validators[written] = jsonschema.Draft202012Validator(whole)
        for error in self._validators[written].iter_errors(value):
            yield f"{named}: {error.json_path}: {error.message[:200]}"

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self._described
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node


def _pattern(path: str, description: dict[str, Any]) -> re.Pattern[str]:
    """Return a pattern for the paths of an operation; some of their parameters may contain slashes."""
    several = {
        each["name"]
        for each in _all_parameters(path, description)
        if each.get("x-multi-segment") or each["name"] in ("path", "name", "basehead")
    }
    parts = re.split(r"\{(\w+)\}", path)
    return re.compile(
        "".join(
            re.escape(part) if number % 2 == 0 else f"(?P<{part}>{'.+' if part in several else '[^/]+'})"
            for number, part in enumerate(parts)
        )
    )


def _all_parameters(path: str, description: dict[str, Any]) -> Iterator[dict[str, Any]]:
    named = description["components"]["parameters"]
    for operation in description["paths"][path].values():
        for each in operation.get("parameters", []):
            yield named[each["$ref"].rpartition("/")[2]] if "$ref" in each else each


def _json_schema(node: Any) -> Any:
    """Return an OpenAPI 3.0 description with JSON Schema's way of saying `nullable`."""
    if isinstance(node, list):
        return [_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {key: _json_schema(value) for key, value in node.items()}
    if made.pop("nullable", None) is not True:
        return made
    if isinstance(made.get("type"), str) and "enum" not in made:
        return {**made, "type": [made["type"], "null"]}
    return {"anyOf": [{"type": "null"}, made]}
