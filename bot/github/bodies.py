"""The words of pull requests and issues, as Markdown for a reader with a minute; hostile text stays text.

Everything that comes from a report goes through `gfm`. A body that would be too long loses the evidence of
its rows first, then whole rows, and says how many.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.document.edit import Edit
from bot.github.desk import Desk
from bot.github.kinds import BLIND, IssueKind, PullKind
from bot.github.marker import Marker, box
from bot.report.as_text import counted
from bot.report.gfm import code, fenced, link, own_link, plain, shortened, text
from bot.rules.finding import Fact, Finding
from bot.rules.registry import BY_ID

LIMIT = 65_536  # GitHub answers 422 above; characters
_ROOM = 1_000  # for what stands around the rows
_NAME, _VALUE, _MESSAGE = 120, 400, 300
_FACTS = 12
_PATCH = 30_000
_UNTOLD = frozenset({"answer", "count"})  # told as one chain; told by the message
_NAMES_A_POST = re.compile(r"[0-9a-f]{7,12}\Z")


@dataclass(frozen=True, slots=True)
class Row:
    """One change or finding: what names it, the heading above it (our own words), its first line and those below."""

    fingerprint: str
    heading: str
    line: str
    below: tuple[str, ...] = ()
    ticked: bool = False

    def full(self) -> str:
        """Return the row with all that speaks for it."""
        return "\n".join([self.brief(), *(f"  {each}" for each in self.below)])

    def brief(self) -> str:
        """Return the row's first line alone."""
        return box(self.line, self.fingerprint, ticked=self.ticked)


def pull_title(kind: PullKind, count: int) -> str:
    """Return a pull request's title, as `bot: 7 link fixes`."""
    return f"bot: {counted(count, kind.noun)}" + (" for review" if kind.review else "")


def pull_body(
    desk: Desk, kind: PullKind, marker: Marker, picked: Sequence[Finding], declined: Sequence[Finding], more: int
) -> str:
    """Return a pull request's body; `more` changes wait for the next one, as this one is full."""
    catalog = own_link(desk.catalog.path, desk.blob(desk.catalog.path))
    many = f"**{counted(len(picked), kind.noun)}**"
    if kind.review:
        head = (
            f"{many} for {catalog}, **each for review**: the bot has evidence, but only a person can say that it is "
            "right. Look at each, untick what is wrong, and merge the rest. It is a draft until somebody presses "
            "«Ready for review»."
        )
    elif kind.name == "records":
        head = (
            f"{many} for {text(desk.records.path)}: what the articles' pages say now, to be accepted as true of them. "
            "Later changes of a title or a date are noticed against these records."
        )
    else:
        head = f"{many} for {catalog}, each certain enough to merge unread. Untick what you do not want."
    foot = [_how_to_decline(), _run(desk)]
    if more:
        head += f" {counted(more, 'change')} more wait until this is merged."
    rows = [_change(desk, each, ticked=True) for each in picked]
    left = [_change(desk, each, ticked=False) for each in declined]
    return _fitted([str(marker), head], [*rows, *(_under("Declined, and left out", each) for each in left)], foot)


def issue_body(desk: Desk, kind: IssueKind, marker: Marker, rows: Sequence[Row], extra: Sequence[str] = ()) -> str:
    """Return an issue's body; `extra` are paragraphs between its rows and its foot."""
    foot = [*extra]
    if rows:
        foot.append("**To leave one as it is**, tick its box: the bot will not speak of it until its evidence changes.")
    foot.append(_run(desk))
    return _fitted([str(marker), kind.intro], rows, foot)


def finding_row(desk: Desk, finding: Finding, heading: str = "", note: str = "") -> Row:
    """Return a finding as an issue shows it."""
    where = f", {text(shortened(finding.section, _NAME))}" if finding.section else ""
    line = f"**{_name(desk, finding)}**{where}: {text(shortened(finding.message, _MESSAGE))}"
    below = [f"- {_address(finding)}"] if finding.url else []
    if note:
        below.append(f"- {note}")
    fix = finding.fix
    if fix is not None:
        below += [f"- proposed: {_edit(edit)}" for edit in fix.edits]
    below += _evidence(finding)
    return Row(finding.fingerprint, heading, line, tuple(below))


def rule_says(finding: Finding) -> str:
    """Return what the finding's rule finds, in a sentence of our own."""
    return BY_ID[finding.rule].doc.strip().splitlines()[0]


def proposed_in(url: str) -> str:
    """Return the words for a finding whose fix is in a pull request."""
    return f"proposed in {own_link('the pull request for review', url)}"


def uncatalogued_row(finding: Finding) -> Row:
    """Return an article that the catalog lacks, with the row to paste."""
    facts = {fact.kind: fact.value for fact in finding.facts}
    published = f", published {text(facts['published'][:10])}" if "published" in facts else ""
    line = f"**{link(shortened(facts.get('title') or finding.entry, _NAME), finding.url)}**{published}"
    row = tuple(fenced(facts["row"][:1000], "markdown").splitlines()) if "row" in facts else ()
    return Row(finding.fingerprint, "", line, row)


def blind_row(desk: Desk, fingerprint: str) -> Row:
    """Return what to do where Medium shows too little."""
    run = desk.saved.run
    nights = f", for {counted(run.low_nights, 'night')} now" if run.low_nights > 1 else ""
    line = f"**{run.verified} of {counted(run.wanted, 'page')} could be verified**{nights}"
    below = (
        "- Medium treats the machines of data centres worse than homes. Often it passes within some days: wait.",
        "- Ask more slowly: set `rate` lower in the settings, and give the job more time with `--max-time`.",
        "- Run `bot check-links` by hand from another network, or let the job run on a runner of your own.",
        "- To check less each night, set `max-time`: what is left out goes first the next night.",
    )
    return Row(fingerprint, BLIND.title, line, below)


def refused_pull(desk: Desk, kind: PullKind, count: int, diff: str) -> str:
    """Return the paragraph of an issue that stands for a pull request which the bot may not open."""
    compare = f"{desk.repository.url}/compare/{desk.base}...{kind.branch}?expand=1"
    shown = fenced(diff, "diff") if len(diff) <= _PATCH else "The patch is too long to show here; the branch holds it."
    return (
        f"### {text(pull_title(kind, count))}\n\nThe bot may not open pull requests here. Its branch is ready: "
        f"{own_link('open the pull request yourself', compare)}, or allow it in Settings → Actions → General → «Allow "
        f"GitHub Actions to create and approve pull requests».\n\n{shown}"
    )


def _how_to_decline() -> str:
    return (
        "**To decline a change**, untick its box and save: the next run takes it out. **To decline all**, close this "
        "pull request. What was declined does not come back until its evidence changes. On a line of the catalog, "
        "`<!-- bot: ignore RULE -->` silences a rule for good."
    )


def _run(desk: Desk) -> str:
    when = text(desk.saved.run.finished[:10])
    run = own_link(f"run of {when}", desk.run) if desk.run else f"run of {when}"
    return f"<!-- run --> From the {run}."


def _change(desk: Desk, finding: Finding, *, ticked: bool) -> Row:
    fix = finding.fix
    edits = fix.edits if fix is not None else ()
    where = f", {text(shortened(finding.section, _NAME))}" if finding.section else ""
    doc = rule_says(finding)
    if finding.rule == "record-missing":
        title = next((fact.value for fact in finding.facts if fact.kind == "title"), finding.entry)
        return Row(finding.fingerprint, doc, f"**{link(shortened(title, _NAME), finding.url)}**", (), ticked)
    first = f"**{_name(desk, finding)}**{where}: {_edit(edits[0]) if edits else ''}"
    below = [f"- {_edit(edit)}" for edit in edits[1:]]
    if finding.message and "://" not in finding.message:  # else it repeats the addresses
        below.append(f"- {text(shortened(finding.message, _MESSAGE))}")
    return Row(finding.fingerprint, doc, first, (*below, *_evidence(finding)), ticked)


def _under(heading: str, row: Row) -> Row:
    return Row(row.fingerprint, heading, row.line, row.below, row.ticked)


def _name(desk: Desk, finding: Finding) -> str:
    return desk.line(finding, shortened(finding.entry or finding.url, _NAME))


def _address(finding: Finding) -> str:
    return link(_short_address(finding.url), finding.url)


def _edit(edit: Edit) -> str:
    """Return what an edit changes; of long values that end alike, the end is left out."""
    old, new = (" ".join(each.decode("utf-8", "replace").split()) for each in (edit.expected, edit.replacement))
    if not new and edit.expected.endswith(b"\n"):
        return "drops the whole line"
    if not new:
        return f"removes {code(shortened(old, _VALUE))}"
    if not old:
        return f"adds {code(shortened(new, _VALUE))}"
    same = _common_end(old, new)
    if same:
        old, new = f"{old[:-same]}…", f"{new[:-same]}…"
    return f"{code(shortened(old, _VALUE))} → {code(shortened(new, _VALUE))}"


def _common_end(old: str, new: str) -> int:
    """Return the length of the path's last part if both addresses end in it; 0 for other values."""
    if "://" not in old or "://" not in new:
        return 0
    last = new.rpartition("/")[2]
    return len(last) if len(last) > 20 and old.endswith(f"/{last}") and not old.endswith(f"//{last}") else 0


def _evidence(finding: Finding) -> list[str]:
    """Return the facts on one line: the answers as one chain, then each other with its source."""
    answers = [fact for fact in finding.facts if fact.kind == "answer"]
    others = [fact for fact in finding.facts if fact.kind not in _UNTOLD]
    said = [", then ".join(link(fact.value, fact.source) for fact in answers[:_FACTS])] if answers else []
    said = [f"answered {each}" for each in said] + [_fact(fact) for fact in others[:_FACTS]]
    said += [f"and {len(others) - _FACTS} more"] if len(others) > _FACTS else []
    return [f"- evidence: {'; '.join(said)}"] if said else []


def _fact(fact: Fact) -> str:
    value = shortened(fact.value, _VALUE)
    if _is_address(value):
        return f"{text(fact.kind)} {link(_short_address(value), fact.value)}{_source(fact)}"
    return f"{text(fact.kind)} {code(value) if _NAMES_A_POST.match(value) else text(value)}{_source(fact)}"


def _source(fact: Fact) -> str:
    source = shortened(fact.source, _VALUE)
    if _is_address(source):
        return f" ({link('there', fact.source)})"
    return f" ({text(source)})" if source else ""


def _is_address(value: str) -> bool:
    return value.startswith(("https://", "http://")) and " " not in value


def _short_address(url: str) -> str:
    """Return an address as people read it: without its scheme, a long last part cut."""
    host, _, path = url.partition("://")[2].partition("/")
    return f"{host}/{path if len(path) <= 40 else '…' + path[-24:]}"


def _fitted(head: Iterable[str], rows: Sequence[Row], foot: Iterable[str]) -> str:
    """Return a body that GitHub takes: with full rows, else with brief ones, else with fewer."""
    above, under = "\n\n".join(head), "\n\n".join(foot)
    room = LIMIT - len(above) - len(under) - _ROOM
    for write in (Row.full, Row.brief):
        listed = _listed(rows, write)
        if len(listed) <= room:
            return "\n\n".join(filter(None, [above, listed, under])) + "\n"
    kept = list(rows)
    while kept and len(_listed(kept, Row.brief)) > room:
        del kept[-max(1, len(kept) // 50) :]
    dropped = (
        f"… and {counted(len(rows) - len(kept), 'row')} more, for which there is no room here; the diff shows all."
    )
    return "\n\n".join(filter(None, [above, _listed(kept, Row.brief), dropped, under])) + "\n"


def _listed(rows: Sequence[Row], write: Callable[[Row], str]) -> str:
    """Return rows under their headings, in the order in which the headings first come."""
    order = {row.heading: at for at, row in reversed(list(enumerate(rows)))}
    parts = []
    for heading, group in groupby(sorted(rows, key=lambda row: order[row.heading]), key=lambda row: row.heading):
        listed = "\n".join(map(write, group))
        parts.append(f"#### {heading}\n\n{listed}" if heading else listed)
    return "\n\n".join(parts)


def commit_message(kind: PullKind, count: int, digest: str) -> str:
    """Return a commit's message; its last line says what the commit holds, so that the bot knows its own."""
    return f"{plain(pull_title(kind, count))}\n\nCatalog-Bot: {kind.name} {digest}\n"
