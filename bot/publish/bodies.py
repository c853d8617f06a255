"""The words of pull requests and issues, as Markdown for a reader with a minute, no longer than GitHub takes.

A body that would be too long loses the evidence of its rows first, then their links, then whole rows, and says
how many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from bot.model.findings import Finding
from bot.output.escape import own_link, plain, text
from bot.publish.kinds import IssueKind, PullKind
from bot.publish.marker import Marker, of_this_run, under_heading
from bot.publish.rows import Row, change_row
from bot.publish.session import Session, together
from bot.text import counted

LIMIT = 65_536  # GitHub answers 422 above; characters
_ROOM = 200  # for the line that counts the rows left out
_LONG = 25  # rows; a longer list is folded, so that what is below it is found


def pull_title(kind: PullKind, count: int) -> str:
    """Return a pull request's title, as `bot: 7 link fixes`."""
    return f"bot: {counted(count, kind.noun)}" + (" for review" if kind.review else "")


def pull_body(
    session: Session, kind: PullKind, marker: Marker, picked: Sequence[Finding], declined: Sequence[Finding], more: int
) -> str:
    """Return a pull request's body; `more` changes wait for the next one, as this one is full."""
    catalog = own_link(session.catalog.path, session.blob(session.catalog.path))
    changes, left = together(picked), together(declined)
    many = f"**{counted(len(changes), kind.noun)}**"
    if kind.review:
        head = (
            f"{many} for {catalog}, **each for review**: there is evidence, but only a person can say that it is "
            "right. Look at each, untick what is wrong, and merge the rest."
        )
    elif kind.intro:
        head = f"{many} for {text(session.records.path)}: {kind.intro}"
    else:
        head = f"{many} for {catalog}, each certain enough to merge unread."
    if more:
        head += f" Left for later, until this is merged: {counted(more, 'change')}."
    rows = [change_row(session, same, ticked=True) for same in changes]
    rows += [
        replace(change_row(session, same, ticked=False), heading="Declined: tick one to bring it back") for same in left
    ]
    return _fitted([str(marker), head], rows, [_how_to_decline(), _run(session)], "the diff shows all")


def issue_body(session: Session, kind: IssueKind, marker: Marker, rows: Sequence[Row], more: int = 0) -> str:
    """Return an issue's body; `more` rows beyond these wait until some of these are settled."""
    how = "**To leave one as it is**, tick its box: the bot will not speak of it until its evidence changes."
    return _fitted([str(marker), kind.intro], rows, [how, _run(session)], "they come when others are settled", more)


def commit_message(kind: PullKind, count: int, digest: str) -> str:
    """Return a commit's message; its last line says what the commit holds, so that the bot knows its own."""
    return f"{plain(pull_title(kind, count))}\n\nCatalog-Bot: {kind.name} {digest}\n"


def _how_to_decline() -> str:
    return (
        "**To decline a change**, untick its box: the next run takes it out. **To decline all**, close this pull "
        "request. What was declined does not come back until its evidence changes. On a line of the catalog, "
        "`<!-- bot: ignore RULE -->` silences a rule for good."
    )


def _run(session: Session) -> str:
    when = f"run of {text(session.report.run.finished.date().isoformat())}"
    return of_this_run(f"From the {own_link(when, session.run_url) if session.run_url else when}.")


def _fitted(head: Sequence[str], rows: Sequence[Row], foot: Sequence[str], where: str, more: int = 0) -> str:
    """Return a body that GitHub takes: with full rows, else with brief or terse ones, else with fewer."""
    above, under = "\n\n".join(head), "\n\n".join(foot)
    room = LIMIT - len(above) - len(under) - _ROOM
    kept, writers = list(rows), (Row.full, Row.brief, Row.terse)
    write = next((each for each in writers if len(_listed(kept, each)) <= room), Row.terse)
    while kept and len(_listed(kept, write)) > room:
        del kept[-max(1, len(kept) // 50) :]
    more += len(rows) - len(kept)
    many = f"… and {counted(more, 'row')} more, for which there is no room here: {where}."
    dropped = of_this_run(many) if more else ""
    return "\n\n".join(filter(None, [above, _listed(kept, write), dropped, under])) + "\n"


def _listed(rows: Sequence[Row], write: Callable[[Row], str]) -> str:
    """Return rows under their headings, in the order in which the headings first come."""
    order = {row.heading: at for at, row in reversed(list(enumerate(rows)))}
    parts = []
    for heading, group in groupby(sorted(rows, key=lambda row: order[row.heading]), key=lambda row: row.heading):
        lines = list(map(write, group))
        listed = "\n".join(lines)
        if len(lines) > _LONG:
            listed = f"<details><summary>Show all {len(lines)}</summary>\n\n{listed}\n\n</details>"
        parts.append(under_heading(heading, len(lines), listed))
    return "\n\n".join(parts)
