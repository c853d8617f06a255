"""One issue a kind, for what people must decide: updated in place, silent when nothing changed, never filed twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from bot.github import bodies
from bot.github.desk import Desk
from bot.github.forge import Issue
from bot.github.kinds import BLIND, LABEL, LABEL_COLOR, LABEL_SAYS, UNCATALOGUED, IssueKind
from bot.github.marker import Marker, blocks, boxes, normalised, with_marker
from bot.github.rows import Row

_LEFT = "Left as they are"
_DONE = "Nothing of this is left. Closed; it is opened again if something of the kind comes up."
_MOST = 1_000  # rows: their fingerprints must fit into the body


def file(
    desk: Desk, kind: IssueKind, issues: Sequence[Issue], rows: Mapping[Row, str], as_it_is: Collection[str] = ()
) -> None:
    """Bring a kind's issue to what was found tonight.

    `rows` come with the names of the pages that they need. Rows whose fingerprints or pages are in `as_it_is`
    stay as they stand: nobody has looked at them.
    """
    known = [(each, marker) for each in issues if (marker := desk.mine(each, kind.name)) is not None]
    declined = _declined(known)
    current = next((pair for pair in known if pair[0].is_open), known[0] if known else None)
    more = max(0, len(rows) - _MOST)
    wanted = {row: key for row, key in islice(rows.items(), _MOST) if row.fingerprint not in declined}
    hidden: dict[str, str] = {}
    if current is not None and current[0].is_open:
        wanted, hidden = _with_standing(desk, kind, *current, wanted, as_it_is, declined)
    if not wanted:
        if current is not None:
            _settle(desk, *current, forget=kind is BLIND and not rows)
        return
    items = {row.fingerprint: key for row, key in wanted.items()} | hidden
    left = [replace(row, heading=_LEFT, ticked=True) for row in rows if row.fingerprint in declined]
    body = bodies.issue_body(desk, kind, Marker(kind.name, items, declined), [*wanted, *left], more + len(hidden))
    if current is None:
        desk.forge.ensure_label(LABEL, LABEL_COLOR, LABEL_SAYS)
        issue = desk.forge.open_issue(kind.title, body, LABEL)
        desk.note("opened", kind.title, url=issue.url, body=body)
        return
    issue = current[0]
    if issue.is_open and normalised(issue.body) == normalised(body):
        desk.note("kept", kind.title, url=issue.url)
    else:
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


def _with_standing(
    desk: Desk,
    kind: IssueKind,
    issue: Issue,
    marker: Marker,
    wanted: Mapping[Row, str],
    as_it_is: Collection[str],
    declined: frozenset[str],
) -> tuple[dict[Row, str], dict[str, str]]:
    """Return tonight's rows, and as they stand in the issue, in their places, those that nobody looked at.

    And of these the fingerprints with their pages for which there was no room.
    """
    there = blocks(issue.body)
    unseen = {*desk.unseen(marker, lasting=kind is UNCATALOGUED)}
    unseen |= {each for each, key in marker.items.items() if each in as_it_is or key in as_it_is}
    unseen -= declined
    shown = {row.fingerprint: (row, key) for row, key in wanted.items()}
    order = list(shown)
    before: str | None = None
    for each, key in marker.items.items():
        if each in unseen and each in there:
            if each not in shown:
                order.insert(order.index(before) + 1 if before is not None else 0, each)
            shown[each] = (Row(each, *there[each]), key)
        before = each if each in shown else before
    hidden = {each: key for each, key in marker.items.items() if each in unseen and each not in shown}
    return dict(shown[each] for each in order), hidden


def _settle(desk: Desk, issue: Issue, marker: Marker, *, forget: bool) -> None:
    """Close an issue of which nothing is left, marked as the bot's own closing.

    `forget`: what people said of it was said of what is over, also where they closed it themselves.
    """
    body = with_marker(issue.body, replace(marker, superseded=True))
    if forget:
        body = with_marker(issue.body.replace("- [x] ", "- [ ] "), Marker(marker.kind, superseded=True))
    if issue.is_open:
        desk.forge.comment(issue.number, _DONE)
        desk.note("closed", issue.title, url=issue.url, why="nothing of it is left")
    elif not forget or body == issue.body:
        return
    desk.forge.edit_issue(issue.number, title=issue.title, body=body, is_open=False)
