"""A saved report, read as what it is: untrusted input.

It is held to the schema, and none of its words are believed. A fix that needs no network is found anew on
the catalog as it is, and must be the same. Of the others only the value is taken, and it must fit: an
address of the very article (or of Medium, for review), or of a snapshot of the old address; a fragment; a month; a
plain name; a whole record. How safe a fix is, its rule decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from typing import Any

from bot.dates import mend_month
from bot.document.edit import Edit
from bot.document.escape import in_cell
from bot.document.model import Catalog, Entry, Link, Span
from bot.document.parse import parse
from bot.errors import EditError, UsageError
from bot.medium.urls import Kind, quoted, read_address
from bot.records import Records, read_records
from bot.rules.evidence import Evidence
from bot.rules.finding import Finding, Fix, Safety, Severity
from bot.rules.registry import BY_ID

_SNAPSHOT = re.compile(r"https://web\.archive\.org/web/\d{4,14}/(https?://.*)\Z")
_FRAGMENT = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_ADDRESS_RULES = frozenset({"link-moved", "link-form", "link-gone", "link-wrong-article"})
_FRAGMENT_RULES = frozenset({"fragment-missing", "fragment-mismatch", "fragment-wanted"})
_RECORD_RULES = frozenset({"record-missing", "published-drift"})
# Rules whose fixes may be merged unread; a report cannot make those of another rule safe.
_MAY_BE_SAFE = frozenset({"link-moved", "link-form", "fragment-missing", "date-drift", "record-missing"})


def load_fixes(
    source: bytes,
    name: str,
    catalog: Catalog,
    records: Records,
    evidence: Evidence,
    domains: frozenset[str] = frozenset(),
) -> list[Finding]:
    """Return a saved report's findings that have a fix, its edits anchored in the files as they are now.

    `evidence` is what the offline rules see, `domains` are publications' own beyond the known ones. Raises
    `UsageError` if the report is none, or a fix does not fit; `EditError` if the catalog has changed where
    it matters.
    """
    data = _checked(source, name)
    loader = _Loader(catalog, records, evidence, domains)
    return [
        loader.finding(each, f"{name}: finding {number} ({each['rule']})")
        for number, each in enumerate(data["findings"], 1)
        if each["fix"] is not None and not loader.is_done(each)
    ]


def _checked(source: bytes, name: str) -> dict[str, Any]:
    import jsonschema  # noqa: PLC0415 - 100 ms that only this needs

    try:
        data = json.loads(source)
        json.dumps(data, ensure_ascii=False).encode()  # halves of surrogate pairs are no text
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name}: not a JSON report: {str(error)[:200]}") from error
    schema = json.loads(files("bot.report").joinpath("schema.json").read_text("utf-8"))
    wrong = next(jsonschema.Draft202012Validator(schema).iter_errors(data), None)
    if wrong is not None:
        raise UsageError(f"{name}: not a report of this bot: {wrong.json_path}: {wrong.message[:200]}")
    assert isinstance(data, dict)  # noqa: S101 - the schema says so, and mypy cannot see it
    return data


class _Loader:
    """The catalog as it is, indexed once for all findings of a report."""

    def __init__(self, catalog: Catalog, records: Records, evidence: Evidence, domains: frozenset[str]) -> None:
        self.catalog = catalog
        self.domains = domains
        self.records = records
        self.own: dict[tuple[str, str, str], list[Finding]] = {}
        for rule in BY_ID.values():
            if not rule.needs_web:
                for found in rule.check(catalog, evidence):
                    self.own.setdefault((found.rule, found.entry, found.url), []).append(found)
        self.places: dict[tuple[str, str], list[tuple[Entry | None, Link]]] = {}
        for place in catalog.places():
            names = {place.entry.name if place.entry else "", place.link.text.strip()}
            for entry_name in names:
                self.places.setdefault((entry_name, place.link.url), []).append((place.entry, place.link))

    def is_done(self, data: dict[str, Any]) -> bool:
        """Tell whether a record that the finding adds is there already."""
        if data["rule"] != "record-missing":
            return False
        try:
            new = read_records(data["fix"]["edits"][0]["replacement"].encode()).by_id
        except UsageError:
            return False
        return bool(new) and all(self.records.by_id.get(post_id) == record for post_id, record in new.items())

    def finding(self, data: dict[str, Any], where: str) -> Finding:
        """Return a finding with its fix, checked; raise if it does not fit."""
        rule = data["rule"]
        if rule not in BY_ID:
            raise UsageError(f"{where}: there is no such rule")
        for edit in data["fix"]["edits"]:
            if edit["path"] not in (self.catalog.path, self.records.path):
                raise UsageError(
                    f"{where}: edits {edit['path'][:80]!r}, which is neither {self.catalog.path!r} nor "
                    f"{self.records.path!r}; name its catalog with --catalog"
                )
        same = self._found_anew(data)
        if same is not None:
            return same
        if not BY_ID[rule].needs_web and rule not in _ADDRESS_RULES:
            raise EditError(f"{where}: {self.catalog.path} has changed where it matters; run the check again")
        edits = tuple(self._edit(edit, data, where) for edit in data["fix"]["edits"])
        safe = rule in _MAY_BE_SAFE and data["fix"]["safety"] == "safe"
        fix = Fix(Safety.SAFE if safe else Safety.REVIEW, data["fix"]["summary"], data["fix"]["pr"], edits)
        severity = Severity(data["severity"])
        return Finding(rule, severity, edits[0].span, data["entry"], data["section"], data["url"], "", "", fix=fix)

    def _found_anew(self, data: dict[str, Any]) -> Finding | None:
        """Return the bot's own finding of today that puts in the same, if there is one."""
        wanted = [(edit["expected"].encode(), edit["replacement"].encode()) for edit in data["fix"]["edits"]]
        for found in self.own.get((data["rule"], data["entry"], data["url"]), []):
            fix = found.fix
            if fix is not None and [(edit.expected, edit.replacement) for edit in fix.edits] == wanted:
                return found
        return None

    def _edit(self, data: dict[str, Any], finding: dict[str, Any], where: str) -> Edit:
        rule, span = finding["rule"], Span(int(data["start"]), int(data["stop"]))
        edit = Edit(data["path"], span, data["expected"].encode(), data["replacement"].encode())
        if edit.path == self.records.path:
            if rule not in _RECORD_RULES | {"title-drift"}:
                raise UsageError(f"{where}: this rule has no business with {self.records.path}")
            _check_record(edit, where, self.records)
            return edit
        if rule in _ADDRESS_RULES:
            return self._link_edit(edit, finding, where, partial(_is_fit_address, rule, domains=self.domains))
        if rule in _FRAGMENT_RULES:
            return self._link_edit(edit, finding, where, _is_fit_fragment)
        if rule == "date-drift":
            return self._cell_edit(edit, finding, where, lambda entry: entry.date, _is_month)
        if rule == "title-drift":
            return self._cell_edit(edit, finding, where, lambda entry: entry.name_span, _is_plain)
        raise UsageError(f"{where}: this rule changes nothing in the catalog")

    def _link_edit(self, edit: Edit, finding: dict[str, Any], where: str, fits: Callable[[Link, str], bool]) -> Edit:
        """Anchor an edit of a link's address: the link of the same words and address, wherever it stands now."""
        stale = True
        for _, link in self.places.get((finding["entry"], finding["url"]), []):
            raw = self.catalog.raw(link.url_span)
            at = raw.find(edit.expected) if edit.expected else len(raw)
            if at < 0:
                continue
            stale = False
            new = (raw[:at] + edit.replacement + raw[at + len(edit.expected) :]).decode("utf-8", "replace")
            if fits(link, new.replace("&amp;", "&")):
                start = link.url_span.start + at
                return Edit(edit.path, Span(start, start + len(edit.expected)), edit.expected, edit.replacement)
        raise self._refusal(where, stale=stale)

    def _cell_edit(
        self,
        edit: Edit,
        finding: dict[str, Any],
        where: str,
        cell: Callable[[Entry], Span | None],
        fits: Callable[[str], bool],
    ) -> Edit:
        """Anchor an edit of a whole cell of the entry of the same name and link."""
        stale = True
        for entry, _ in self.places.get((finding["entry"], finding["url"]), []):
            span = cell(entry) if entry is not None else None
            if span is None or self.catalog.raw(span) != edit.expected:
                continue
            stale = False
            if fits(edit.replacement.decode()):
                return Edit(edit.path, span, edit.expected, edit.replacement)
        raise self._refusal(where, stale=stale)

    def _refusal(self, where: str, *, stale: bool) -> UsageError:
        if stale:
            return EditError(f"{where}: {self.catalog.path} has changed where it matters; run the check again")
        return UsageError(f"{where}: its replacement does not fit what it replaces; nothing was written")


def _is_fit_address(rule: str, link: Link, new: str, domains: frozenset[str]) -> bool:
    """Tell whether an address is one that this rule may put in the place of a link's."""
    old, address = read_address(link.url, domains), read_address(new, domains)
    snapshot = _SNAPSHOT.match(new)
    if old is None or quoted(new) != new:
        return False
    if snapshot is not None:
        seen = read_address(snapshot[1], domains)
        return rule == "link-gone" and seen is not None and seen.identity == old.identity
    if address is None or address.kind is not old.kind:
        return False
    if rule in ("link-gone", "link-wrong-article"):
        return address.kind is Kind.ARTICLE
    return address.post_id == old.post_id and (rule == "link-moved" or address.owner == old.owner)


def _is_fit_fragment(link: Link, new: str) -> bool:
    """Tell whether only the fragment of a link's address is another."""
    page, _, fragment = new.partition("#")
    return page == link.url.partition("#")[0] and _FRAGMENT.match(fragment) is not None


def _is_month(text: str) -> bool:
    return str(mend_month(text)) == text


def _is_plain(text: str) -> bool:
    """Tell whether text is a plain name as the bot itself would escape it."""
    (entry,) = list(parse(f"| N |\n|---|\n| {text} |\n".encode()).entries())[:1] or (None,)
    return entry is not None and len(entry.cells) == 1 and bool(entry.name) and in_cell(entry.name).decode() == text


def _check_record(edit: Edit, where: str, records: Records) -> None:
    """Refuse an edit of the records that is not one new record or one value of one that is there."""
    start, stop = edit.span
    if records.source[start:stop] != edit.expected or stop > len(records.source):
        raise EditError(f"{where}: {records.path} has changed where it matters; run the check again")
    try:
        after = read_records(records.source[:start] + edit.replacement + records.source[stop:], records.path).by_id
    except UsageError as error:
        raise UsageError(f"{where}: its replacement is no record: {error}") from error
    before = records.by_id
    changed = [post_id for post_id in {*before, *after} if before.get(post_id) != after.get(post_id)]
    for post_id in changed:
        record = after.get(post_id)
        address = read_address(record.url) if record is not None else None
        if record is None or address is None or address.post_id != post_id or quoted(record.url) != record.url:
            raise UsageError(f"{where}: its replacement is no record of an article of Medium")
    if len(changed) != 1:
        raise UsageError(f"{where}: it does not change one record")
