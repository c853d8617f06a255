"""A saved report, read as what it is: untrusted input.

None of its words are believed. A fix that needs no network is found anew on
the catalog as it is, and must be the same. Of the others only the value is taken, and it must fit: an
address of the very article (or of Medium, for review), or of a snapshot of the old address; a fragment; a month; a
plain name; a whole record. How safe a fix is, its rule decides.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from bot.errors import EditError, UsageError
from bot.markdown.catalog import Catalog, Entry, Link
from bot.markdown.edits import in_cell
from bot.markdown.parse import parse
from bot.matching.dates import mend_month
from bot.medium.site import Site
from bot.medium.urls import quoted
from bot.model.articles import Kind
from bot.model.findings import Fact, Finding, Fix, Safety, Severity
from bot.model.records import Record, Records, read_records
from bot.model.spans import Edit, Span
from bot.publish.saved import Saved
from bot.rules.evidence import Evidence
from bot.rules.registry import BY_ID

_SNAPSHOT = re.compile(r"https://web\.archive\.org/web/\d{4,14}/(https?://.*)\Z")

_FRAGMENT = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")

_ADDRESS_RULES = frozenset({"link-moved", "link-form", "link-gone", "link-wrong-article"})

_FRAGMENT_RULES = frozenset({"fragment-missing", "fragment-mismatch", "fragment-wanted"})

_RECORD_KEYS = {"published-drift": "published", "title-drift": "title"}

# Rules whose fixes may be merged unread; a report cannot make those of another rule safe.
_MAY_BE_SAFE = frozenset({"link-moved", "link-form", "fragment-missing", "date-drift", "record-missing"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A report's findings, anchored in the files as they are now; `stale` says why others are left out."""

    findings: tuple[Finding, ...]
    stale: tuple[str, ...]


def anchored(saved: Saved, catalog: Catalog, records: Records, evidence: Evidence) -> Loaded:
    """Return a report's findings, spans and edits anchored in the files as they are now.

    `evidence` is what the offline rules see. Raises `UsageError` if a fix does not fit: then the report has been
    tampered with, and nothing of it is used.
    """
    loader = _Loader(catalog, records, evidence)
    found: list[Finding] = []
    stale: list[str] = []
    for number, each in enumerate(saved.findings, 1):
        where = f"{saved.name}: finding {number} ({each['rule'][:80]})"
        try:
            finding = loader.finding(each, where)
        except EditError as error:
            stale.append(str(error))
        else:
            found += [finding] if finding is not None else []
    return Loaded(tuple(found), tuple(stale))


class _Loader:
    """The catalog as it is, indexed once for all findings of a report."""

    def __init__(self, catalog: Catalog, records: Records, evidence: Evidence) -> None:
        self.catalog = catalog
        self.site = evidence.site
        self.records = records
        self.own: dict[tuple[str, str, str], list[Finding]] = {}
        for rule in BY_ID.values():
            if not rule.needs_web:
                for found in rule.check(catalog, evidence):
                    self.own.setdefault((found.rule, found.entry, found.url), []).append(found)
        self.identities = {usage.address.identity for usage in evidence.usages}
        self.places: dict[tuple[str, str], list[tuple[Entry | None, Link]]] = {}
        for place in catalog.places():
            names = {place.entry.name if place.entry else "", place.link.text.strip()}
            for entry_name in names:
                self.places.setdefault((entry_name, place.link.url), []).append((place.entry, place.link))

    def finding(self, data: dict[str, Any], where: str) -> Finding | None:
        """Return a finding, checked; None if its place is gone or its work is done; raise if it does not fit."""
        rule = data["rule"]
        if rule not in BY_ID:
            raise UsageError(f"{where}: there is no such rule")
        if data["fix"] is None:
            return self._without_fix(data)
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
            raise self._refusal(where, stale=True)
        if rule == "record-missing" and self._is_done(data):
            return None
        edits = tuple(self._edit(edit, data, where) for edit in data["fix"]["edits"])
        safe = rule in _MAY_BE_SAFE and data["fix"]["safety"] == "safe" and all(map(self._stays_on_medium, edits))
        fix = Fix(Safety.SAFE if safe else Safety.REVIEW, data["fix"]["summary"], data["fix"]["pr"], edits)
        on_catalog = next((edit.span for edit in edits if edit.path == self.catalog.path), None)
        return self._said(data, on_catalog or self._span(data) or Span(0, 0), fix)

    def _without_fix(self, data: dict[str, Any]) -> Finding | None:
        """Return a finding that only speaks, if what it speaks of is still there."""
        if not BY_ID[data["rule"]].needs_web:
            own = [each for each in self.own.get((data["rule"], data["entry"], data["url"]), []) if each.fix is None]
            return next(iter(own), None)
        if data["rule"] == "article-uncatalogued":
            end = len(self.catalog.source.rstrip())
            known = self.site.resolve(data["url"]).identity in self.identities
            return None if known else self._said(data, Span(end, end), None)
        span = self._span(data)
        return self._said(data, span, None) if span is not None else None

    def _span(self, data: dict[str, Any]) -> Span | None:
        """Return where a link of the same words and address stands now, nearest to its old line."""
        spans = [link.span for _, link in self.places.get((data["entry"], data["url"]), [])]
        if not spans:
            spans = [link.span for (_, url), each in self.places.items() if url == data["url"] for _, link in each]
        return min(spans, key=lambda span: abs(self.catalog.position(span.start).line - data["line"]), default=None)

    def _said(self, data: dict[str, Any], span: Span, fix: Fix | None) -> Finding:
        """Return a finding in the report's words; its fingerprint is made anew."""
        facts = tuple(Fact(fact["kind"], fact["value"], fact["source"]) for fact in data["evidence"])
        severity, url, entry = Severity(data["severity"]), data["url"], data["entry"]
        identities = dict.fromkeys([self.site.resolve(url).identity, url or entry])
        said = [
            Finding(data["rule"], severity, span, entry, data["section"], url, each, data["message"], facts, fix)
            for each in identities
        ]
        return next((each for each in said if each.fingerprint == data["fingerprint"]), said[0])

    def _is_done(self, data: dict[str, Any]) -> bool:
        """Tell whether a record that the finding adds is there already."""
        try:
            new = read_records(data["fix"]["edits"][0]["replacement"].encode()).by_id
        except UsageError:
            return False
        return bool(new) and all(self.records.by_id.get(post_id) == record for post_id, record in new.items())

    def _found_anew(self, data: dict[str, Any]) -> Finding | None:
        """Return the bot's own finding of today that puts in the same, if there is one."""
        wanted = [(edit["expected"].encode(), edit["replacement"].encode()) for edit in data["fix"]["edits"]]
        for found in self.own.get((data["rule"], data["entry"], data["url"]), []):
            fix = found.fix
            if fix is not None and [(edit.expected, edit.replacement) for edit in fix.edits] == wanted:
                return found
        return None

    def _stays_on_medium(self, edit: Edit) -> bool:
        """Tell whether an edit names no host beside those that are known as Medium's."""
        host = _host(edit.replacement.decode("utf-8", "replace")) if b"://" in edit.replacement else ""
        return not host or edit.path != self.catalog.path or self.site.is_host(host)

    def _edit(self, data: dict[str, Any], finding: dict[str, Any], where: str) -> Edit:
        rule, span = finding["rule"], Span(int(data["start"]), int(data["stop"]))
        edit = Edit(data["path"], span, data["expected"].encode(), data["replacement"].encode())
        if span.stop - span.start != len(edit.expected) and "\ufffd" not in data["expected"]:
            raise UsageError(f"{where}: its span is not as long as what it expects there")
        if edit.path == self.records.path:
            return self._record_edit(edit, finding, where)
        if rule in _ADDRESS_RULES:
            return self._link_edit(edit, finding, where, partial(_is_fit_address, rule, site=self.site))
        if rule in _FRAGMENT_RULES:
            return self._link_edit(edit, finding, where, _is_fit_fragment)
        if rule == "date-drift":
            return self._cell_edit(edit, finding, where, lambda entry: entry.date, _is_month)
        if rule == "title-drift":
            return self._cell_edit(edit, finding, where, lambda entry: entry.name_span, _is_plain)
        raise UsageError(f"{where}: this rule changes nothing in the catalog")

    def _record_edit(self, edit: Edit, finding: dict[str, Any], where: str) -> Edit:
        """Anchor an edit of the records anew: one new record, or one value of one that is there."""
        rule, records = finding["rule"], self.records
        unfit = UsageError(f"{where}: its replacement is no record of an article of Medium")
        if rule == "record-missing":
            new = _records_in(edit.replacement, where)
            if len(new) != 1 or edit.expected:
                raise UsageError(f"{where}: it does not change one record")
            address = self.site.read(new[0].url)
            if address is None or address.post_id != new[0].post_id or quoted(new[0].url) != new[0].url:
                raise unfit
            if new[0].post_id in records.by_id:
                raise EditError(f"{where}: {records.path} has another record of it already; run the check again")
            return records.addition(new[0])
        if rule not in _RECORD_KEYS:
            raise UsageError(f"{where}: this rule has no business with {records.path}")
        address = self.site.read(finding["url"])
        post_id = address.post_id if address is not None else None
        try:
            value = json.loads(edit.replacement)
        except ValueError:
            raise unfit from None
        if post_id is None or not (isinstance(value, str) or value is None):
            raise unfit
        stale = EditError(f"{where}: {records.path} has changed where it matters; run the check again")
        if post_id not in records.by_id:
            raise stale
        made = records.change(post_id, _RECORD_KEYS[rule], value)
        if made.expected != edit.expected:
            raise stale
        start, stop = made.span
        _records_in(records.source[:start] + made.replacement + records.source[stop:], where)
        return made

    def _link_edit(self, edit: Edit, finding: dict[str, Any], where: str, fits: Callable[[Link, str], bool]) -> Edit:
        """Anchor an edit of a link's address: the link of the same words and address, wherever it stands now."""
        stale = True
        for _, link in self.places.get((finding["entry"], finding["url"]), []):
            raw = self.catalog.raw(link.url_span)
            # A fragment's letters may stand in the address before it too.
            ends = (raw.find(edit.expected), raw.rfind(edit.expected)) if edit.expected else (len(raw),)
            for at in dict.fromkeys(ends):
                if at < 0:
                    continue
                stale = False
                put, new = (
                    text.decode("utf-8", "replace").replace("&amp;", "&")
                    for text in (edit.replacement, raw[:at] + edit.replacement + raw[at + len(edit.expected) :])
                )
                if quoted(put) == put and fits(link, new):
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


def _is_fit_address(rule: str, link: Link, new: str, site: Site) -> bool:
    """Tell whether an address is one that this rule may put in the place of a link's."""
    if rule == "link-moved":  # an article may move to any domain
        site = site.with_host(_host(new))
    old, address = site.read(link.url), site.read(new)
    snapshot = _SNAPSHOT.match(new)
    if old is None:
        return False
    if snapshot is not None:
        seen = site.read(snapshot[1])
        return rule == "link-gone" and seen is not None and seen.identity == old.identity
    if address is None:
        return False
    if rule in ("link-gone", "link-wrong-article"):  # an id with a letter too many was no article's address
        return address.kind is Kind.ARTICLE
    same_article = address.kind is old.kind and address.post_id == old.post_id
    return same_article and (rule == "link-moved" or address.owner == old.owner)


def _host(url: str) -> str:
    """Return the host that an address names; empty if it names none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


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


def _records_in(source: bytes, where: str) -> list[Record]:
    try:
        return list(read_records(source).by_id.values())
    except UsageError as error:
        raise UsageError(f"{where}: its replacement is no record: {error}") from error
