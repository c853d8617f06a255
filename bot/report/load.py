"""A saved report, read as what it is: untrusted input.

It is held to the schema; its edits may touch the catalog and its records and nothing else, must expect
what stands there now, and may put in only what fits the cell: an address of Medium or of the Wayback
Machine in a link, a month in a date, plain text in a name. What it says of evidence is not believed,
only shown.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from bot.dates import read_month
from bot.document.edit import Edit, splice
from bot.document.model import Catalog, Span
from bot.document.parse import parse
from bot.errors import EditError, UsageError
from bot.medium.urls import read_address
from bot.records import Records, read_records
from bot.rules.finding import Finding, Fix, Safety, Severity
from bot.rules.registry import BY_ID

_ARCHIVES = ("https://web.archive.org/web/",)


def load_fixes(source: bytes, name: str, catalog: Catalog, records: Records) -> list[Finding]:
    """Return a saved report's findings that have a fix, its edits anchored in the files as they are now.

    Raises `UsageError` if the report is none, and `EditError` if the catalog has changed where it matters.
    """
    data = _checked(source, name)
    found = []
    for number, each in enumerate(data["findings"]):
        if each["fix"] is None:
            continue
        where = f"{name}: finding {number + 1} ({each['rule']})"
        if each["rule"] not in BY_ID:
            raise UsageError(f"{where}: there is no such rule")
        found.append(_finding(each, where, catalog, records))
    return found


def _checked(source: bytes, name: str) -> dict[str, Any]:
    import jsonschema  # noqa: PLC0415 - 100 ms that only this needs

    try:
        data = json.loads(source)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not a JSON report: {error}") from error
    schema = json.loads(files("bot.report").joinpath("schema.json").read_text("utf-8"))
    wrong = next(jsonschema.Draft202012Validator(schema).iter_errors(data), None)
    if wrong is not None:
        raise UsageError(f"{name}: not a report of this bot: {wrong.json_path}: {wrong.message[:200]}")
    assert isinstance(data, dict)  # noqa: S101 - the schema says so, and mypy cannot see it
    return data


def _finding(data: dict[str, Any], where: str, catalog: Catalog, records: Records) -> Finding:
    edits = []
    for each in data["fix"]["edits"]:
        edit = Edit(
            each["path"], Span(each["start"], each["stop"]), each["expected"].encode(), each["replacement"].encode()
        )
        if edit.path == catalog.path:
            edits.append(_anchored(edit, data, where, catalog))
        elif edit.path == records.path:
            edits.append(edit)
            _check_record(edit, where, records)
        else:
            raise UsageError(
                f"{where}: edits {edit.path!r}, which is neither {catalog.path!r} nor {records.path!r}; "
                "name its catalog with --catalog"
            )
    fix = Fix(Safety(data["fix"]["safety"]), data["fix"]["summary"], data["fix"]["pr"], tuple(edits))
    return Finding(
        rule=data["rule"],
        severity=Severity(data["severity"]),
        span=edits[0].span,
        entry=data["entry"],
        section=data["section"],
        url=data["url"],
        identity=data["url"],
        message=data["message"],
        fix=fix,
    )


def _anchored(edit: Edit, data: dict[str, Any], where: str, catalog: Catalog) -> Edit:
    """Return the edit at its place in the file as it is now, once what it puts in was checked."""
    places = [edit.span, *_elsewhere(edit, data, catalog)]
    stale = True
    for span in places:
        if not 0 <= span.start <= span.stop <= len(catalog.source) or catalog.raw(span) != edit.expected:
            continue
        stale = False
        moved = Edit(edit.path, span, edit.expected, edit.replacement)
        if _is_fit(moved, data, catalog):
            return moved
    if stale:
        raise EditError(f"{where}: {catalog.path} has changed where it matters; run the check again")
    raise UsageError(f"{where}: its replacement does not fit what it replaces; nothing was written")


def _elsewhere(edit: Edit, data: dict[str, Any], catalog: Catalog) -> list[Span]:
    """Find the edit's bytes in the entry of the same name and link, wherever that stands now."""
    found: set[Span] = set()
    for entry in catalog.entries():
        links = [link for link in entry.links if link.url == data["url"]]
        if entry.name != data["entry"] or not links:
            continue
        if not edit.expected:
            found.update(Span(link.url_span.stop, link.url_span.stop) for link in links)
            continue
        raw = catalog.raw(entry.span)
        at = raw.find(edit.expected)
        if at >= 0 and raw.find(edit.expected, at + 1) < 0:
            start = entry.span.start + at
            found.add(Span(start, start + len(edit.expected)))
    return sorted(found) if len(found) == 1 else []


def _is_fit(edit: Edit, data: dict[str, Any], catalog: Catalog) -> bool:
    """Tell whether an edit of the catalog says only what its place can hold."""
    new = edit.replacement.decode()
    if not new.isprintable():
        return False
    for place in catalog.places():
        link = place.link
        if link.url_span.holds(edit.span):
            before = catalog.source[link.url_span.start : edit.span.start].decode("utf-8", "replace")
            after = catalog.source[edit.span.stop : link.url_span.stop].decode("utf-8", "replace")
            return _is_fit_address(before + new + after) or (data["rule"] == "link-syntax" and new == ")")
        if link.span.holds(edit.span) and data["rule"] == "link-syntax":
            return new in ("", "[", "](", ")")
    for entry in catalog.entries():
        if entry.date is not None and entry.date.holds(edit.span):
            return read_month(new) is not None
        if entry.name_span.holds(edit.span):
            return bool(new.strip()) and "<" not in new.replace("\\<", "") and _is_one_link(edit, catalog)
        if edit.span.holds(entry.span):
            return new == "" and data["rule"] == "duplicate-entry"
        if entry.span.holds(edit.span):
            return data["rule"] == "table-malformed" and set(new) <= set(" |\\")
    return False


def _is_one_link(edit: Edit, catalog: Catalog) -> bool:
    """Tell whether a new name leaves the catalog with the links that it had, to where they led."""
    new = parse(splice(catalog.source, [edit]), catalog.path)
    return [place.link.url for place in new.places()] == [place.link.url for place in catalog.places()]


def _is_fit_address(url: str) -> bool:
    if url.startswith(_ARCHIVES):
        return not any(each in url for each in " <>()|\"'`")
    return read_address(url) is not None and not any(each in url for each in ' <>|"`')


def _check_record(edit: Edit, where: str, records: Records) -> None:
    """Refuse an edit of the records after which they could not be read."""
    start, stop = edit.span
    if records.source[start:stop] != edit.expected:
        raise EditError(f"{where}: {records.path} has changed where it matters; run the check again")
    try:
        read_records(records.source[:start] + edit.replacement + records.source[stop:], records.path)
    except UsageError as error:
        raise UsageError(f"{where}: its replacement is no record: {error}") from error
