"""One issue a kind, for what people must decide: updated in place, silent when nothing changed, never filed twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from bot.github import bodies
from bot.github.bodies import Row
from bot.github.desk import Desk
from bot.github.forge import Issue
from bot.github.kinds import BLIND, LABEL, LABEL_COLOR, LABEL_SAYS, UNCATALOGUED, IssueKind
from bot.github.marker import Marker, blocks, boxes, normalised, with_marker

_LEFT = "Left as they are"
_DONE = "Nothing of this is left. Closed; it is opened again if something of the kind comes up."


def file(
    desk: Desk,
    kind: IssueKind,
    issues: Sequence[Issue],
    rows: Mapping[Row, str],
    extra: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Bring a kind's issue to what was found tonight.

    `rows` come with the names of the pages that they need; `extra` are paragraphs by fingerprint, below them.
    """
    known = [(each, marker) for each in issues if (marker := desk.mine(each, kind.name)) is not None]
    declined = _declined(known)
    current = next((pair for pair in known if pair[0].is_open), known[0] if known else None)
    wanted = {row: key for row, key in rows.items() if row.fingerprint not in declined}
    paragraphs = {each: words for each, words in extra.items() if each not in declined}
    items = {row.fingerprint: key for row, key in wanted.items()} | dict.fromkeys(paragraphs, "")
    shown = [*wanted]
    if current is not None and current[0].is_open:
        kept = _unseen(desk, kind, *current, declined)
        items |= {row.fingerprint: current[1].items[row.fingerprint] for row in kept}
        shown += kept
    if not items:
        if current is not None:
            _settle(desk, kind, *current)
        return
    shown += [replace(row, heading=_LEFT, ticked=True) for row in rows if row.fingerprint in declined]
    body = bodies.issue_body(desk, kind, Marker(kind.name, items, declined), shown, list(paragraphs.values()))
    if current is None:
        desk.forge.ensure_label(LABEL, LABEL_COLOR, LABEL_SAYS)
        issue = desk.forge.open_issue(kind.title, body, LABEL)
        desk.note("opened", kind.title, url=issue.url, body=body)
        return
    issue, before = current
    if issue.is_open and normalised(issue.body) == normalised(body):
        desk.note("kept", kind.title, url=issue.url)
    elif issue.is_open or before.superseded or set(items) - set(before.items):  # else people closed it over these
        desk.forge.edit_issue(issue.number, title=kind.title, body=body, is_open=True)
        desk.note("updated" if issue.is_open else "reopened", kind.title, url=issue.url, body=body)


def _declined(known: Sequence[tuple[Issue, Marker]]) -> frozenset[str]:
    """Return what people ticked to be left alone, or closed; later words overrule earlier ones."""
    declined: set[str] = set()
    for issue, marker in reversed(known):
        ticked = boxes(issue.body)
        declined |= marker.declined | {each for each, is_ticked in ticked.items() if is_ticked}
        declined -= {each for each, is_ticked in ticked.items() if not is_ticked}
        if not issue.is_open and not marker.superseded:
            declined |= set(marker.items)
    return frozenset(declined)


def _unseen(desk: Desk, kind: IssueKind, issue: Issue, marker: Marker, declined: frozenset[str]) -> list[Row]:
    """Return the rows of pages that were not seen tonight, as they stand in the issue."""
    there = blocks(issue.body)
    unseen = desk.unseen(marker, lasting=kind is UNCATALOGUED)
    return [_Verbatim(each, "", there[each]) for each in unseen if each in there and each not in declined]


class _Verbatim(Row):
    """A row that is kept as it stands."""

    __slots__ = ()

    def full(self) -> str:
        return self.line

    def brief(self) -> str:
        return self.line.partition("\n")[0]


def _settle(desk: Desk, kind: IssueKind, issue: Issue, marker: Marker) -> None:
    """Close an issue of which nothing is left, marked as the bot's own closing."""
    if marker.superseded or not (issue.is_open or kind is BLIND):
        return
    body = with_marker(issue.body, replace(marker, superseded=True))
    if issue.is_open:
        desk.forge.comment(issue.number, _DONE)
        desk.note("closed", kind.title, url=issue.url, why="nothing of it is left")
    desk.forge.edit_issue(issue.number, title=issue.title, body=body, is_open=False)
