"""One issue for each kind of decision: updated in place, untouched if nothing changed, never opened twice."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.model.findings import Severity
from bot.output.escape import own_link
from bot.publish.bodies import finding_row, fitted, uncatalogued_row
from bot.publish.forge import Issue
from bot.publish.marker import Marker, Row, name_of, normalised, of_this_run, page_key, rows_in, with_marker
from bot.publish.pull_requests import PULL_KINDS, Proposed
from bot.publish.session import Session, is_death, is_unconfirmed
from bot.rules.registry import BY_ID
from bot.rules.rule import Topic
from bot.text import counted

_LEFT = "Left as they are"
_HOW_TO_LEAVE = "**Tick a box** to leave that item alone until its evidence changes."
_DONE = "Closed: nothing here is left to do. The bot reopens it if that changes."
_MOST = 1_000  # rows in one body, which must hold their fingerprints
# The row of a refused pull request has its kind in place of a page.
_REFUSED = {page_key(kind.name) for kind in PULL_KINDS}


@dataclass(frozen=True, slots=True)
class IssueKind:
    """A kind of issue: its title, and the text above its rows."""

    name: str
    title: str
    intro: str


DEAD_LINKS = IssueKind(
    "dead-links",
    "Dead links in the catalog",
    "Medium says that the articles behind these links are gone. For each, link elsewhere or remove the entry.",
)
FOR_PEOPLE = IssueKind(
    "for-people",
    "What the bot found and cannot fix",
    "No pull request carries these: there is more than one way to fix them, or none that the bot can choose.",
)
UNCATALOGUED = IssueKind(
    "uncatalogued",
    "Articles that the catalog lacks",
    "The authors' feeds have these articles, but no link in the catalog leads to them. The rows are ready to paste.",
)
BLIND = IssueKind(
    "blind",
    "The bot cannot see Medium",
    "Most pages could not be verified, so nothing is said about them: the bot calls no page dead without seeing it.",
)
ISSUE_KINDS = (DEAD_LINKS, FOR_PEOPLE, UNCATALOGUED, BLIND)


def rows_of(kind: IssueKind, session: Session, proposed: Mapping[str, Proposed]) -> list[Row]:
    """Return what a kind's issue lists; `proposed` is what the pull requests carry, by their kinds."""
    if kind is DEAD_LINKS:
        return _dead(session, proposed)
    if kind is FOR_PEOPLE:
        return _for_people(session, proposed)
    if kind is UNCATALOGUED:
        return [uncatalogued_row(same[0]) for same in session.groups if BY_ID[same[0].rule].topic is Topic.NEW_ARTICLE]
    return [blind_row(session)] if session.is_blind else []


def _dead(session: Session, proposed: Mapping[str, Proposed]) -> list[Row]:
    """Return the confirmed deaths, each with a link to where a fix is proposed."""
    notes = {
        fingerprint: f"proposed in {own_link('the pull request for review', one.url)}"
        for one in proposed.values()
        for fingerprint in (one.carried if one.url else ())
    }
    dead = [same for same in session.groups if is_death(same[0]) and not is_unconfirmed(same[0])]
    return [finding_row(session, same, note=notes.get(same[0].fingerprint, "")) for same in dead]


def _for_people(session: Session, proposed: Mapping[str, Proposed]) -> list[Row]:
    """Return what no pull request carries: refused ones, fixes that clash, and findings without a fix."""
    rows = [one.refused for one in proposed.values() if one.refused is not None]
    waiting = {each.fingerprint for one in proposed.values() for each in one.waiting}
    for same in session.groups:
        each = same[0]
        summary = BY_ID[each.rule].summary
        if each.fingerprint in waiting:
            note = "not proposed, since it clashes with another fix or would change more than it names"
            rows.append(finding_row(session, same, summary, note))
        elif each.fix is None and each.severity is not Severity.INFORMATION and not is_death(each):
            rows.append(finding_row(session, same, summary))
    return rows


def file(
    session: Session, kind: IssueKind, issues: Sequence[Issue], rows: Sequence[Row], as_it_is: Collection[str]
) -> None:
    """Bring a kind's issue up to date with its rows; those there whose fingerprints or pages are in `as_it_is` stay."""
    known, declined = session.decided(issues, kind.name, declines=True)
    current = next((pair for pair in known if pair[0].is_open), known[0] if known else None)
    wanted = [row for row in rows[:_MOST] if row.fingerprint not in declined]
    hidden: dict[str, str] = {}
    if current is not None and current[0].is_open:
        items = current[1].items
        unseen = {each for each in session.unseen(items, lasting=kind is UNCATALOGUED) if items[each] not in _REFUSED}
        unseen |= {each for each, key in items.items() if each in as_it_is or key in as_it_is}
        wanted, hidden = _with_unseen(*current, wanted, unseen - declined)
    if not wanted:
        if current is not None:
            _settle(session, *current, forget=kind is BLIND and not rows)
        return
    marker = Marker(kind.name, {row.fingerprint: row.page for row in wanted} | hidden, declined)
    left = [replace(row, heading=_LEFT, ticked=True) for row in rows if row.fingerprint in declined]
    more = max(0, len(rows) - _MOST) + len(hidden)
    body = issue_body(session, kind, marker, [*wanted, *left], more)
    if current is None:
        issue = session.forge.open_issue(kind.title, body)
        session.note("opened", kind.title, url=issue.url, body=body)
        return
    issue = current[0]
    if issue.is_open and normalised(issue.body) == normalised(body):
        session.note("kept", kind.title, url=issue.url)
    else:
        session.forge.edit(issue, kind.title, body)
        session.note("updated" if issue.is_open else "reopened", kind.title, url=issue.url, body=body)


def blind_row(session: Session) -> Row:
    """Return what to do when too few pages could be seen."""
    run = session.report.run
    runs = f", as in the {counted(run.low_runs - 1, 'run')} before" if run.low_runs > 1 else ""
    seen = (
        f"On {run.finished.date()} the bot saw {run.coverage.verified} of {counted(run.coverage.total, 'page')}{runs}."
    )
    below = (
        f"- {of_this_run(seen)}",
        "- Wait: Medium blocks data centers more often than homes, and often stops within a few days.",
        "- Send requests more slowly: lower `rate` in the settings, and give the job more time with `--max-time`.",
        "- Run `bot check-links` by hand from another network, or run the job on a self-hosted runner.",
        "- To check less in each run, set `max-time`: the pages left out go first in the next run.",
    )
    return Row(name_of(BLIND.name), "", "**Too few of Medium's pages could be verified.** What helps:", below)


def issue_body(session: Session, kind: IssueKind, marker: Marker, rows: Sequence[Row], more: int = 0) -> str:
    """Return an issue's body; `more` rows wait until some of these are settled."""
    return fitted(session, marker, kind.intro, rows, _HOW_TO_LEAVE, "they follow as others are settled", more)


def _with_unseen(
    issue: Issue, marker: Marker, wanted: Sequence[Row], unseen: Collection[str]
) -> tuple[list[Row], dict[str, str]]:
    """Return the rows with those of the issue that were not seen, unchanged and in their places.

    Of unseen items for which the issue had no room, return the fingerprints with their pages.
    """
    there = rows_in(issue.body)
    shown = {row.fingerprint: row for row in wanted}
    order = list(shown)
    before: str | None = None
    for each, key in marker.items.items():
        if each in unseen and each in there:
            if each not in shown:
                order.insert(order.index(before) + 1 if before is not None else 0, each)
            shown[each] = replace(there[each], page=key)
        before = each if each in shown else before
    hidden = {each: key for each, key in marker.items.items() if each in unseen and each not in shown}
    return [shown[each] for each in order], hidden


def _settle(session: Session, issue: Issue, marker: Marker, *, forget: bool) -> None:
    """Close an issue with nothing left in it, marked as closed by the bot.

    `forget` drops what people ticked or closed, since it was about a problem that is over.
    """
    body = with_marker(issue.body, replace(marker, superseded=True))
    if forget:
        body = with_marker(issue.body.replace("- [x] ", "- [ ] "), Marker(marker.kind, superseded=True))
    if issue.is_open:
        session.close(issue, body, _DONE)
    elif forget and body != issue.body:
        session.forge.edit(issue, issue.title, body, is_open=False)
