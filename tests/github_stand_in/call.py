"""One request to the API and how its parameters and fields are read; what no caller may send is refused here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote, urlencode

from github_stand_in.model import RefusedError, Reply, Request
from github_stand_in.state import Hub

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Call:
    """`args` are the parameters in the path; `api` is the origin under which the caller knows the API."""

    hub: Hub
    api: str
    request: Request
    args: Mapping[str, str]

    def number(self, name: str) -> int:
        """Return a number in the path."""
        return int(self.args[name])

    def query(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        return self.request.query.get(name, default)

    def one_of(self, name: str, default: str, *others: str) -> str:
        """Return a query parameter that has a fixed set of values."""
        value = self.query(name, default)
        if value not in (default, *others):
            raise RefusedError(422, "Validation Failed", {"resource": "Search", "field": name, "code": "invalid"})
        return value

    def only(self, *names: str) -> None:
        """Refuse parameters that the stand-in does not know: ignoring them would answer a different question."""
        for name in self.request.query:
            if name not in (*names, "page", "per_page"):
                raise RefusedError(501, f"the stand-in does not know the parameter {name!r} here")

    @property
    def fields(self) -> Fields:
        """The request's body, which must be an object."""
        if not isinstance(self.request.body, dict):
            raise RefusedError(400, "Problems parsing JSON")
        return Fields(self.request.body)

    def page(self, things: Iterable[Thing], show: Callable[[Thing], object]) -> Reply:
        """Answer with a page of a list, and links to its neighbors."""
        all_of_them = list(things)
        size = min(int(self.query("per_page", "30")), 100)
        page = max(1, int(self.query("page", "1")))
        last = max(1, -(-len(all_of_them) // size))
        query = urlencode({name: value for name, value in self.request.query.items() if name != "page"})
        url = f"{self.api}{quote(self.request.path)}?{query + '&' if query else ''}page="
        links = [f'<{url}{page - 1}>; rel="prev"'] if page > 1 else []
        links += [f'<{url}{page + 1}>; rel="next"', f'<{url}{last}>; rel="last"'] if page < last else []
        headers = {"Link": ", ".join(links)} if links else {}
        return Reply(200, [show(thing) for thing in all_of_them[(page - 1) * size : page * size]], headers)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a JSON object; a wrong type is refused as GitHub refuses it."""

    values: Mapping[str, object] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str) -> str | None:
        """Return a string, or None if the field is missing or null."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, value, "string")
        return value

    def needed(self, name: str) -> str:
        """Return a required string."""
        value = self.text(name)
        if value is None:
            raise RefusedError(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        return value

    def flag(self, name: str) -> bool:
        """Return a flag; False if it is missing."""
        value = self.values.get(name, False)
        if not isinstance(value, bool):
            raise self._wrong(name, value, "boolean")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings, or of objects with a `name`."""
        return texts(self.values.get(name, []))

    def objects(self, name: str) -> list[Fields]:
        """Return a list of objects."""
        value = self.values.get(name)
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self._wrong(name, value, "array")
        return [Fields(each) for each in value]

    @staticmethod
    def _wrong(name: str, value: object, wanted: str) -> RefusedError:
        return RefusedError(422, f"Invalid request.\n\nFor '{name}', {value!r} is not a {wanted}.")


def texts(value: object) -> tuple[str, ...]:
    """Return the strings of a list of strings or of objects with a `name`."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        names = [each.get("name") if isinstance(each, Mapping) else each for each in value]
        if all(isinstance(name, str) for name in names):
            return tuple(map(str, names))
    raise RefusedError(422, f"Invalid request.\n\n{value!r} is not an array of strings.")
