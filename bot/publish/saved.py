"""A saved report as data: held to the schema, its addresses read, none of its words believed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from bot.errors import UsageError
from bot.medium.site import Site

_VERIFIED = frozenset({"Alive", "Moved", "Gone"})


@dataclass(frozen=True, slots=True)
class SavedRun:
    """What a report says of its run. `low_runs` counts the nights in a row that saw too little.

    `whole`: it looked at every line, with `rules`.
    """

    finished: str
    verified: int
    wanted: int
    partial: bool
    held_back: tuple[str, ...]
    low_runs: int = 0
    notes: tuple[str, ...] = ()
    whole: bool = False
    rules: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Saved:
    """A report that fits the schema: what it says of its catalog, its run, and its pages.

    `pages` are the identities of all pages, `seen` of those of which tonight's answer decides.
    """

    name: str
    catalog: str
    run: SavedRun
    pages: frozenset[str]
    seen: frozenset[str]
    findings: tuple[dict[str, Any], ...] = field(repr=False)

    def edits(self, path: str) -> bool:
        """Tell whether a fix changes a file."""
        fixes = (each["fix"] for each in self.findings if each["fix"] is not None)
        return any(edit["path"] == path for fix in fixes for edit in fix["edits"])


def read_report(source: bytes, name: str, site: Site) -> Saved:
    """Read a report that is not trusted; raise `UsageError` if it is none."""
    data = _checked(source, name)
    run = data["run"]
    pages, seen = set(), set()
    undecided = {site.resolve(url).identity for url in run["held_back"]}
    for finding in data["findings"]:  # a death that is not confirmed yet, or not again after the memory was lost
        if finding["rule"] == "link-gone" and finding["severity"] == "information":
            undecided.add(site.resolve(finding["url"]).identity)
    for page in data["pages"]:
        identity = site.resolve(page["url"]).identity
        pages.add(identity)
        if page["outcome"] in _VERIFIED and identity not in undecided:
            seen.add(identity)
    return Saved(
        name=name,
        catalog=data["catalog"]["path"],
        run=SavedRun(
            finished=run["finished"],
            verified=run["coverage"]["verified"],
            wanted=run["coverage"]["total"],
            partial=run["partial"],
            held_back=tuple(run["held_back"]),
            low_runs=run.get("low_runs", 0),
            notes=tuple(run.get("notes", ())),
            whole=run["whole"],
            rules=frozenset(run["rules"]),
        ),
        pages=frozenset(pages),
        seen=frozenset(seen),
        findings=tuple(data["findings"]),
    )


def _checked(source: bytes, name: str) -> dict[str, Any]:
    import jsonschema  # noqa: PLC0415 - 100 ms that only this needs

    try:
        data = json.loads(source)
        json.dumps(data, ensure_ascii=False).encode()  # halves of surrogate pairs are no text
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not a JSON report: {str(error)[:200]}") from error
    schema = json.loads(files("bot.output").joinpath("schema.json").read_text("utf-8"))
    wrong = next(jsonschema.Draft202012Validator(schema).iter_errors(data), None)
    if wrong is not None:
        raise UsageError(f"{name}: not a report of this bot: {wrong.json_path}: {wrong.message[:200]}")
    assert isinstance(data, dict)  # noqa: S101 - the schema says so, and mypy cannot see it
    return data
