"""What each issue lists tonight, as rows with the names of the pages that they need."""

from __future__ import annotations

from collections.abc import Mapping

from bot.github.desk import Desk, is_unconfirmed, together
from bot.github.kinds import BLIND, DEAD_LINKS, FOR_PEOPLE, IssueKind
from bot.github.marker import page_key
from bot.github.pull_requests import Proposed
from bot.github.rows import Row, blind_row, finding_row, rule_says, uncatalogued_row
from bot.report.gfm import own_link
from bot.rules.finding import Severity

Rows = dict[Row, str]


def rows_of(kind: IssueKind, desk: Desk, proposed: Mapping[str, Proposed]) -> Rows:
    """Return what a kind's issue lists; `proposed` is what tonight's pull requests carry, by their kinds."""
    if kind is DEAD_LINKS:
        return _dead(desk, proposed)
    if kind is FOR_PEOPLE:
        return _for_people(desk, proposed)
    return _blind(desk) if kind is BLIND else _uncatalogued(desk)


def _dead(desk: Desk, proposed: Mapping[str, Proposed]) -> Rows:
    """Return the confirmed dead, each with where its mending is proposed."""
    rows = {}
    for same in together(desk.findings):
        each = same[0]
        if each.rule == "link-gone" and not is_unconfirmed(each):
            where = next((one.url for one in proposed.values() if each.fingerprint in one.carried and one.url), "")
            note = f"proposed in {own_link('the pull request for review', where)}" if where else ""
            rows[finding_row(desk, same, note=note)] = desk.key(each)
    return rows


def _for_people(desk: Desk, proposed: Mapping[str, Proposed]) -> Rows:
    """Return what no pull request carries: findings without a fix, fixes that clash, and what may not be opened."""
    rows = {one.refused: page_key(kind) for kind, one in proposed.items() if one.refused is not None}
    waiting = {each.fingerprint for one in proposed.values() for each in one.waiting}
    for same in together(desk.findings):
        each = same[0]
        if each.fingerprint in waiting:
            note = "its fix clashes with another, or would change more than it names"
            rows[finding_row(desk, same, rule_says(each), note)] = desk.key(each)
        elif each.fix is None and each.severity is not Severity.INFORMATION and each.rule != "link-gone":
            rows[finding_row(desk, same, rule_says(each))] = desk.key(each)
    return rows


def _uncatalogued(desk: Desk) -> Rows:
    """Return the articles that the catalog lacks; each goes by its post's id, whoever's address it is linked by."""
    found = (same[0] for same in together(desk.findings) if same[0].rule == "article-uncatalogued")
    return {uncatalogued_row(each): page_key(each.identity.rpartition("/")[2]) for each in found}


def _blind(desk: Desk) -> Rows:
    return {blind_row(desk): ""} if desk.is_blind else {}
