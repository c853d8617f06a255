"""From findings to edits to new text, which is parsed again and compared. Writes nothing."""

import difflib
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import attrgetter

from bot.errors import EditError
from bot.markdown.catalog import Catalog, Entry
from bot.markdown.edits import splice
from bot.markdown.parse import parse
from bot.model.findings import Finding, Safety
from bot.model.records import Records, read_records
from bot.model.spans import Edit, Span

_span = attrgetter("span")


class _Edits:
    """Edits of one file that do not overlap, in order: finding those at a span takes O(log n)."""

    def __init__(self, edits: Iterable[Edit] = ()) -> None:
        self._edits = sorted(edits, key=_span)

    def add(self, edit: Edit) -> None:
        """Add an edit that does not clash."""
        insort(self._edits, edit, key=_span)

    def clashes(self, span: Span) -> bool:
        """Return True if a span overlaps an edit's. Spans that only touch, or insert at one place, do not overlap."""
        at = bisect_left(self._edits, span, key=_span)
        near = (edit.span for edit in self._edits[max(0, at - 1) : at + 1])
        return any(each.start < span.stop and span.start < each.stop for each in near)

    def touching(self, span: Span) -> list[Edit]:
        """Return the edits that begin within a span or at its end."""
        first, behind = Span(span.start, span.start), Span(span.stop + 1, span.stop + 1)
        return self._edits[bisect_left(self._edits, first, key=_span) : bisect_left(self._edits, behind, key=_span)]

    def delete(self, span: Span) -> bool:
        """Return True if a whole span is deleted."""
        at = bisect_left(self._edits, Span(span.start + 1, span.start + 1), key=_span)
        edit = self._edits[at - 1] if at else None
        return edit is not None and not edit.replacement and span.start < span.stop <= edit.span.stop


def choose(findings: Iterable[Finding], *, unsafe: bool) -> list[Finding]:
    """Choose the findings whose fixes can be applied together: safe ones, and with `unsafe` those for review too.

    A fix is applied whole or not at all. Of two that overlap, a safe one wins, then the one found first; an edit that
    two fixes share does not overlap.
    """
    fixable = [(each, each.fix) for each in findings if each.fix and (unsafe or each.fix.safety is Safety.SAFE)]
    fixable.sort(key=lambda pair: pair[1].safety is not Safety.SAFE)
    taken: dict[str, _Edits] = defaultdict(_Edits)
    edits: set[Edit] = set()
    picked = []
    for finding, fix in fixable:
        new = [edit for edit in fix.edits if edit not in edits]
        if any(taken[edit.path].clashes(edit.span) for edit in new):
            continue
        for edit in new:
            taken[edit.path].add(edit)
        edits.update(new)
        picked.append(finding)
    return picked


def edits_of(path: str, findings: Iterable[Finding]) -> list[Edit]:
    """Return the edits of one file, each once, in the order of their findings."""
    return list(dict.fromkeys(edit for each in findings if each.fix for edit in each.fix.edits if edit.path == path))


def applied(catalog: Catalog, edits: Sequence[Edit]) -> bytes:
    """Return a catalog's bytes after edits; raise `EditError` if they would change how anything else is parsed.

    The new text is parsed again. It must have the same sections, the same entries except those that were deleted, and
    in each entry the same cells and links except for the edits.
    """
    new = splice(catalog.source, edits)
    again = parse(new, catalog.path)
    made = _Edits(edits)
    if [each.level for each in again.sections] != [each.level for each in catalog.sections] or any(
        old.title != new.title and not made.touching(old.span)
        for old, new in zip(catalog.sections, again.sections, strict=True)
    ):
        raise EditError(f"{catalog.path}: the fixes would change the sections; nothing was written")
    kept = [entry for entry in catalog.entries() if not made.delete(entry.span)]
    found = list(again.entries())
    if len(kept) != len(found):
        raise EditError(f"{catalog.path}: the fixes would change the number of entries; nothing was written")
    for entry, after in zip(kept, found, strict=True):
        if not _as_intended(catalog, entry, again, after, made):
            line = catalog.position(entry.span.start).line
            raise EditError(f"{catalog.path}:{line}: the fixes would change more than they name; nothing was written")
    return new


def _as_intended(catalog: Catalog, entry: Entry, again: Catalog, after: Entry, made: _Edits) -> bool:
    same_text = again.raw(after.span).strip() == _spliced(catalog, entry.span, made).strip()
    if not same_text or len(after.links) != len(entry.links):
        return False
    for old, new in zip(entry.links, after.links, strict=True):
        if old.url != new.url and not made.touching(old.span) and not made.touching(old.url_span):
            return False
    if len(after.cells) != len(entry.cells):
        return len(after.cells) == len(after.columns)  # a malformed row that was fixed
    return all(
        again.raw(new) == _spliced(catalog, old, made) for old, new in zip(entry.cells, after.cells, strict=True)
    )


def _spliced(catalog: Catalog, span: Span, made: _Edits) -> bytes:
    inside = [
        replace(edit, span=Span(edit.span.start - span.start, edit.span.stop - span.start))
        for edit in made.touching(span)
        if span.holds(edit.span)
    ]
    return splice(catalog.raw(span), inside) if inside else catalog.raw(span)


def fitting(catalog: Catalog, findings: Sequence[Finding], kept: Sequence[Finding] = ()) -> list[Finding]:
    """Return `kept` and the findings whose fixes fit with theirs and change nothing else; the first of two wins."""
    together = [*kept, *findings]
    try:
        applied(catalog, edits_of(catalog.path, together))
    except EditError:
        half = len(findings) // 2
        return fitting(catalog, findings[half:], fitting(catalog, findings[:half], kept)) if half else list(kept)
    return together


def diff(path: str, before: bytes, after: bytes) -> str:
    """Return a unified diff of one file, empty if nothing changed."""
    old, new = (text.decode("utf-8", "replace").splitlines(keepends=True) for text in (before, after))
    lines = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", n=1)
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


def new_texts(catalog: Catalog, records: Records, findings: Sequence[Finding]) -> dict[str, bytes]:
    """Return the new bytes of each file that the findings' fixes change; raise `BotError` if they would break one."""
    changed: dict[str, bytes] = {}
    if edits := edits_of(catalog.path, findings):
        changed[catalog.path] = applied(catalog, edits)
    if edits := edits_of(records.path, findings):
        changed[records.path] = splice(records.source, edits)
        read_records(changed[records.path], records.path)  # never write a file that the next run cannot read
    return changed
