"""JSON documents to typed values and back: the one codec of reports, histories and records.

Decoding is strict: UTF-8 text of a bounded size, no key twice, no lone surrogate, no NaN, and every value of the type
that its field declares. A fault is one line that names its place, as in `$.pages[3].url`.
"""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

LARGEST = 64 * 2**20  # bytes
_Document = TypeVar("_Document")


class Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value that is an object of JSON as it is, of exactly these keys."""


class DecodeError(ValueError):
    """A document is not what it should be; the message is one line."""


def decode(source: bytes, type_: type[_Document], *, schema: str | None = None, largest: int = LARGEST) -> _Document:
    """Decode JSON into a value of a type; raise `DecodeError` otherwise, also for an object of another `schema`."""
    if len(source) > largest:
        raise DecodeError(f"larger than {largest / 2**20:.0f} MiB")
    try:
        data = json.loads(source, object_pairs_hook=_unique, parse_constant=_refused)
        json.dumps(data, ensure_ascii=False).encode()
        _check_schema(data, schema)
        return msgspec.convert(data, type_)
    except UnicodeEncodeError as error:
        raise DecodeError(f"{error.object[error.start]!r} is half a character, not text") from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise DecodeError(" ".join(str(error).split())[:200]) from error


def encode(document: object, *, sort: bool = False) -> bytes:
    """Encode a document as ASCII JSON, one element of its lists and objects a line, so that a diff reads well.

    `sort` puts the keys of mappings in order. Whatever the web sent, a terminal sees no control character, and a job's
    log no command of its runner.
    """
    parts = [f" {_json(key)}: {_lines(value)}" for key, value in _plain(document, sort=sort).items()]
    return ("{\n" + ",\n".join(parts) + "\n}\n").replace("##[", "##\\u005b").encode()


def encode_line(document: object) -> bytes:
    """Encode a document on one line, in UTF-8, with the keys of mappings in order."""
    return json.dumps(_plain(document, sort=True), ensure_ascii=False, default=_second).encode("utf-8", "replace")


def _plain(document: object, *, sort: bool) -> Any:  # noqa: ANN401 - JSON's own types
    return msgspec.to_builtins(document, order="deterministic" if sort else None, builtin_types=[datetime])


def _second(moment: datetime) -> str:
    """Return a time in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


_json = json.JSONEncoder(default=_second).encode


def _lines(value: object) -> str:
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(f"  {_json(each)}" for each in value) + "\n ]"
    if isinstance(value, Mapping) and any(isinstance(each, Mapping | list | tuple) for each in value.values()):
        return "{\n" + ",\n".join(f"  {_json(key)}: {_json(each)}" for key, each in value.items()) + "\n }"
    return _json(value)


def _check_schema(data: object, schema: str | None) -> None:
    found = data.get("schema", schema) if isinstance(data, dict) else schema
    if found != schema:
        raise ValueError(f"schema {found!r:.40}, but this version of the bot reads {schema}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"duplicate key {name[:80]!r}")
    return found


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")
