"""Titles and bodies of pull requests and issues, as Markdown for a reader who has one minute.

A body that is too long for GitHub loses its rows' evidence first, then their links, then whole rows, and says how many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from bot.model.findings import Finding
from bot.output.escape import own_link, text
from bot.publish.kinds import IssueKind, PullKind
from bot.publish.marker import Marker, Row, of_this_run
from bot.publish.rows import change_row
from bot.publish.session import Session, together
from bot.text import counted

LIMIT = 65_536  # characters; GitHub answers 422 above
_ROOM = 200  # for the line that counts the rows left out
_LONG = 25  # rows; a longer list is folded, so that what is below it is not missed
_HOW_TO_DECLINE = (
    "**To decline a change**, untick its box: the next run removes it. **To decline all of them**, close this pull "
    "request. A declined change does not come back until its evidence changes. To silence a rule for good, put "
    "`<!-- bot: ignore RULE -->` on the line in the catalog."
)
_HOW_TO_LEAVE = "**Tick a box** to leave that item alone until its evidence changes."


def pull_title(kind: PullKind, count: int) -> str:
    """Return a pull request's title, as `bot: 7 link fixes`."""
    return f"bot: {counted(count, kind.noun)}" + (" for review" if kind.review else "")


def pull_body(
    session: Session, kind: PullKind, marker: Marker, picked: Sequence[Finding], declined: Sequence[Finding], more: int
) -> str:
    """Return a pull request's body; `more` changes wait until it is merged."""
    catalog = own_link(session.catalog.path, session.blob(session.catalog.path))
    changes, left = together(picked), together(declined)
    many = f"**{counted(len(changes), kind.noun)}**"
    if kind.review:
        head = (
            f"{many} for {catalog}, **each for review**: there is evidence, but only a person can judge it. Look at "
            "each change, untick those that are wrong, and merge the rest."
        )
    elif kind.intro:
        head = f"{many} for {text(session.records.path)}: {kind.intro}"
    else:
        head = f"{many} for {catalog}, each certain enough to merge unread."
    if more:
        head += f" Once this is merged, {counted(more, 'more change')} will follow."
    rows = [replace(change_row(session, same), ticked=True) for same in changes]
    rows += [replace(change_row(session, same), heading="Declined: tick one to bring it back") for same in left]
    return _fitted(session, [str(marker), head], rows, _HOW_TO_DECLINE, "the diff shows them all")


def issue_body(session: Session, kind: IssueKind, marker: Marker, rows: Sequence[Row], more: int = 0) -> str:
    """Return an issue's body; `more` rows wait until some of these are settled."""
    return _fitted(session, [str(marker), kind.intro], rows, _HOW_TO_LEAVE, "they follow as others are settled", more)


def _fitted(session: Session, head: Sequence[str], rows: Sequence[Row], how: str, where: str, more: int = 0) -> str:
    """Return a body that GitHub accepts: with full rows, else with brief or terse ones, else with fewer."""
    when = f"run of {text(session.report.run.finished.date().isoformat())}"
    run = of_this_run(f"From the {own_link(when, session.run_url) if session.run_url else when}.")
    above, under = "\n\n".join(head), f"{how}\n\n{run}"
    room = LIMIT - len(above) - len(under) - _ROOM
    kept, writers = list(rows), (Row.full, Row.brief, Row.terse)
    write = next((each for each in writers if len(_listed(kept, each)) <= room), Row.terse)
    while kept and len(_listed(kept, write)) > room:
        del kept[-max(1, len(kept) // 50) :]
    more += len(rows) - len(kept)
    many = f"… and {counted(more, 'more row')} that did not fit here: {where}."
    dropped = of_this_run(many) if more else ""
    return "\n\n".join(filter(None, [above, _listed(kept, write), dropped, under])) + "\n"


def _listed(rows: Sequence[Row], write: Callable[[Row], str]) -> str:
    """Return rows under their headings, in the order of the headings' first rows."""
    order = {row.heading: at for at, row in reversed(list(enumerate(rows)))}
    parts = []
    for heading, group in groupby(sorted(rows, key=lambda row: order[row.heading]), key=lambda row: row.heading):
        lines = list(map(write, group))
        listed = "\n".join(lines)
        if len(lines) > _LONG:
            listed = f"<details><summary>Show all {len(lines)}</summary>\n\n{listed}\n\n</details>"
        parts.append(f"#### {heading} ({len(lines)})\n\n{listed}" if heading else listed)
    return "\n\n".join(parts)
