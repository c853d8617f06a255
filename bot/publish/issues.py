"""One issue a kind, for what people must decide: updated in place, silent when nothing changed, never filed twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from bot.model.findings import Severity
from bot.output.escape import own_link
from bot.publish import bodies
from bot.publish.forge import Issue
from bot.publish.kinds import BLIND, DEAD_LINKS, FOR_PEOPLE, LABEL, LABEL_COLOR, LABEL_SAYS, UNCATALOGUED, IssueKind
from bot.publish.marker import Marker, blocks, boxes, normalised, page_key, with_marker
from bot.publish.pull_requests import Proposed
from bot.publish.rows import Row, blind_row, finding_row, uncatalogued_row
from bot.publish.session import Session, is_death, is_unconfirmed, together
from bot.rules.registry import BY_ID
from bot.rules.rule import Topic

Rows = dict[Row, str]


def rows_of(kind: IssueKind, session: Session, proposed: Mapping[str, Proposed]) -> Rows:
    """Return what a kind's issue lists; `proposed` is what the pull requests carry, by their kinds."""
    if kind is DEAD_LINKS:
        return _dead(session, proposed)
    if kind is FOR_PEOPLE:
        return _for_people(session, proposed)
    return _blind(session) if kind is BLIND else _uncatalogued(session)


def _dead(session: Session, proposed: Mapping[str, Proposed]) -> Rows:
    """Return the confirmed deaths, each with where a fix is proposed."""
    rows = {}
    for same in together(session.findings):
        each = same[0]
        if is_death(each) and not is_unconfirmed(each):
            where = next((one.url for one in proposed.values() if each.fingerprint in one.carried and one.url), "")
            note = f"proposed in {own_link('the pull request for review', where)}" if where else ""
            rows[finding_row(session, same, note=note)] = session.key(each)
    return rows


def _for_people(session: Session, proposed: Mapping[str, Proposed]) -> Rows:
    """Return what no pull request carries: findings without a fix, fixes that clash, and what may not be opened."""
    rows = {one.refused: page_key(kind) for kind, one in proposed.items() if one.refused is not None}
    waiting = {each.fingerprint for one in proposed.values() for each in one.waiting}
    for same in together(session.findings):
        each = same[0]
        if each.fingerprint in waiting:
            note = "its fix clashes with another, or would change more than it names"
            rows[finding_row(session, same, BY_ID[each.rule].summary, note)] = session.key(each)
        elif each.fix is None and each.severity is not Severity.INFORMATION and not is_death(each):
            rows[finding_row(session, same, BY_ID[each.rule].summary)] = session.key(each)
    return rows


def _uncatalogued(session: Session) -> Rows:
    """Return the articles that the catalog lacks; each goes by its post's id, whoever's address it is linked by."""
    found = (same[0] for same in together(session.findings) if BY_ID[same[0].rule].topic is Topic.NEW_ARTICLE)
    return {uncatalogued_row(each): page_key(each.identity.rpartition("/")[2]) for each in found}


def _blind(session: Session) -> Rows:
    return {blind_row(session): ""} if session.is_blind else {}


_LEFT = "Left as they are"
_DONE = "Nothing of this is left. Closed; it is opened again if something of the kind comes up."
_MOST = 1_000  # rows: their fingerprints must fit into the body


def file(
    session: Session, kind: IssueKind, issues: Sequence[Issue], rows: Mapping[Row, str], as_it_is: Collection[str] = ()
) -> None:
    """Bring a kind's issue up to date with what was found.

    `rows` come with the names of the pages that they need. Rows whose fingerprints or pages are in `as_it_is`
    stay as they stand: nobody has looked at them.
    """
    known = [(each, marker) for each in issues if (marker := session.mine(each, kind.name)) is not None]
    declined = _declined(known)
    current = next((pair for pair in known if pair[0].is_open), known[0] if known else None)
    more = max(0, len(rows) - _MOST)
    wanted = {row: key for row, key in islice(rows.items(), _MOST) if row.fingerprint not in declined}
    hidden: dict[str, str] = {}
    if current is not None and current[0].is_open:
        wanted, hidden = _with_standing(session, kind, *current, wanted, as_it_is, declined)
    if not wanted:
        if current is not None:
            _settle(session, *current, forget=kind is BLIND and not rows)
        return
    items = {row.fingerprint: key for row, key in wanted.items()} | hidden
    left = [replace(row, heading=_LEFT, ticked=True) for row in rows if row.fingerprint in declined]
    body = bodies.issue_body(session, kind, Marker(kind.name, items, declined), [*wanted, *left], more + len(hidden))
    if current is None:
        session.forge.ensure_label(LABEL, LABEL_COLOR, LABEL_SAYS)
        issue = session.forge.open_issue(kind.title, body, LABEL)
        session.note("opened", kind.title, url=issue.url, body=body)
        return
    issue = current[0]
    if issue.is_open and normalised(issue.body) == normalised(body):
        session.note("kept", kind.title, url=issue.url)
    else:
        session.forge.edit_issue(issue.number, title=kind.title, body=body, is_open=True)
        session.note("updated" if issue.is_open else "reopened", kind.title, url=issue.url, body=body)


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
    session: Session,
    kind: IssueKind,
    issue: Issue,
    marker: Marker,
    wanted: Mapping[Row, str],
    as_it_is: Collection[str],
    declined: frozenset[str],
) -> tuple[dict[Row, str], dict[str, str]]:
    """Return this run's rows and, unchanged and in their places, those of the issue that nobody looked at.

    And of these the fingerprints with their pages for which there was no room.
    """
    there = blocks(issue.body)
    unseen = {*session.unseen(marker, lasting=kind is UNCATALOGUED)}
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


def _settle(session: Session, issue: Issue, marker: Marker, *, forget: bool) -> None:
    """Close an issue of which nothing is left, marked as the bot's own closing.

    `forget`: what people said of it was said of what is over, also where they closed it themselves.
    """
    body = with_marker(issue.body, replace(marker, superseded=True))
    if forget:
        body = with_marker(issue.body.replace("- [x] ", "- [ ] "), Marker(marker.kind, superseded=True))
    if issue.is_open:
        session.forge.comment(issue.number, _DONE)
        session.note("closed", issue.title, url=issue.url, why="nothing of it is left")
    elif not forget or body == issue.body:
        return
    session.forge.edit_issue(issue.number, title=issue.title, body=body, is_open=False)
