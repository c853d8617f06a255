"""Rows and bodies of pull requests and issues, as Markdown for a reader who has one minute; hostile text stays text.

A row is a change or a finding: its name with a link, old → new, the reason, the evidence. Everything that comes from
a report is escaped, and what the first line says is not repeated below it. A body that is too long for GitHub loses
its rows' evidence first, then their links, then whole rows, and says how many.
"""

import re
from collections.abc import Callable, Sequence
from itertools import groupby

from bot.model.findings import Fact, Finding
from bot.model.spans import Edit
from bot.output.escape import code, fenced, link, own_link, shortened, text
from bot.publish.marker import Marker, Row, of_this_run, page_key
from bot.publish.session import Session
from bot.rules.registry import BY_ID
from bot.text import counted

LIMIT = 65_536  # characters; GitHub answers 422 above
_ROOM = 200  # for the line that counts the rows left out
_LONG = 25  # rows; a longer list is folded, so that what is below it is not missed
_NAME, _KIND, _VALUE, _MESSAGE = 120, 40, 400, 300
_FACTS = 12
_PASTED = 1_000
_SHOWN_APART = frozenset({"answer", "count", "anchors", "time"})  # as one chain; in the message; on a line below
_PLACES = frozenset({"candidate", "snapshot"})
# Kinds of facts with addresses that the bot itself has requested; one in a title or a heading stays text.
_ADDRESSES, _SEEN_THERE = _PLACES | {"form"}, frozenset({"post id"})
_NAMES_A_POST = re.compile(r"[0-9a-f]{7,12}\Z")
_PAPER = re.compile(r"arXiv (?P<id>\d{4}\.\d{4,5})(?P<rest>, .*)?\Z")


def change_row(session: Session, same: Sequence[Finding]) -> Row:
    """Return a fix, with all places that it changes, as a pull request shows it."""
    finding = same[0]
    edits = finding.fix.edits if finding.fix is not None else ()
    heading = BY_ID[finding.rule].summary
    if BY_ID[finding.rule].folded:
        facts = {fact.kind: fact.value for fact in finding.facts}
        title = shortened(facts.get("title") or finding.entry, _NAME)
        line, bare = f"**{link(title, finding.url)}**", f"**{text(title)}**"
        below = (f"- published {text(facts['published'][:10])}",) if "published" in facts else ()
        return Row(finding.fingerprint, heading, line, below, bare=bare)
    first, *others = sorted(edits, key=lambda edit: edit.path != session.inputs.catalog.path)
    sign = "#" if _values(first)[0] == finding.url.partition("#")[2] != "" else ""
    line, bare = (f"**{name}**{_section(finding)}: {_edit(first, sign)}" for name in _names(session, finding))
    more = [f"- in {text(edit.path.rpartition('/')[2])}: {_edit(edit)}" for edit in others]
    if finding.message and "://" not in finding.message:  # it would repeat the addresses
        more.append(f"- {text(shortened(finding.message, _MESSAGE))}")
    more += [*_evidence(finding), *_elsewhere(session, same)]
    return Row(finding.fingerprint, heading, line, tuple(more), bare=bare)


def finding_row(session: Session, same: Sequence[Finding], heading: str = "", note: str = "") -> Row:
    """Return a finding, with all its places, as an issue shows it; `note` says what became of its fix."""
    finding = same[0]
    said = f"{_section(finding)}: {text(shortened(finding.message, _MESSAGE))}"
    line, bare = (f"**{name}**{said}" for name in _names(session, finding))
    edits = finding.fix.edits if finding.fix is not None else ()
    below = [f"- {link(_short_address(finding.url), finding.url)}"] if finding.url else []
    below += [f"- {note or 'proposed'}: {_edit(edit)}" for edit in edits]
    below += [*_evidence(finding), *_elsewhere(session, same)]
    return Row(finding.fingerprint, heading, line, tuple(below), bare=bare, page=session.key(finding))


def uncatalogued_row(finding: Finding) -> Row:
    """Return an article that the catalog lacks, with the row to paste; its page is its post, at whatever address."""
    facts = {fact.kind: fact.value for fact in finding.facts}
    published = f", published {text(facts['published'][:10])}" if "published" in facts else ""
    line = f"**{link(shortened(facts.get('title') or finding.entry, _NAME), finding.url)}**{published}"
    below = tuple(fenced(facts["row"][:_PASTED], "markdown").splitlines()) if "row" in facts else ()
    return Row(finding.fingerprint, "", line, below, page=page_key(finding.identity.rpartition("/")[2]))


def _names(session: Session, finding: Finding) -> tuple[str, str]:
    """Return a finding's name, with a link to its line and without."""
    name = shortened(finding.entry or finding.url, _NAME)
    return session.line(finding, name), text(name)


def _elsewhere(session: Session, same: Sequence[Finding]) -> list[str]:
    return [f"- the same on {', '.join(session.line(each) for each in same[1:_FACTS])}"] if len(same) > 1 else []


def _section(finding: Finding) -> str:
    return f" in {text(shortened(finding.section, _NAME))}" if finding.section else ""


def _values(edit: Edit) -> list[str]:
    return [" ".join(each.decode("utf-8", "replace").split()) for each in (edit.expected, edit.replacement)]


def _edit(edit: Edit, sign: str = "") -> str:
    """Return what an edit changes, each value after a sign; the common end of long addresses is left out."""
    old, new = (sign + each.removeprefix(sign) if each else "" for each in _values(edit))
    if not new and edit.expected.endswith(b"\n"):
        return "drops the whole line"
    if not new:
        return f"removes {code(shortened(old, _VALUE))}"
    if not old:
        return f"adds {code(shortened(new, _VALUE))}"
    end = new.rpartition("/")[2]
    if "://" in old and "://" in new and len(end) > 20 and old.endswith(f"/{end}") and not old.endswith(f"//{end}"):
        old, new = f"{old.removesuffix(end)}…", f"{new.removesuffix(end)}…"
    return f"{code(shortened(old, _VALUE))} → {code(shortened(new, _VALUE))}"


def _evidence(finding: Finding) -> list[str]:
    """Return the facts on one line: the answers as one chain, then the others that have not been shown yet.

    A fact about a place where an article was seen is always shown, for its reason.
    """
    edits = finding.fix.edits if finding.fix is not None else ()
    shown = " ".join([finding.message, *(value for edit in edits for value in _values(edit))])
    answers = [link(fact.value, fact.source) for fact in finding.facts if fact.kind == "answer"]
    said = [f"answered {', then '.join(answers[:_FACTS])}"] if answers else _before_and_after(finding)
    others = [each for each in finding.facts if each.kind not in _SHOWN_APART]
    others = [each for each in others if each.kind in _PLACES or each.value not in shown]
    said += [_fact(fact) for fact in others[:_FACTS]]
    said += [f"and {len(others) - _FACTS} more"] if len(others) > _FACTS else []
    seen = [f"- {of_this_run(_fact(fact))}" for fact in finding.facts if fact.kind == "time"]
    return [f"- {'; '.join(said)}", *seen] if said else seen


def _before_and_after(finding: Finding) -> list[str]:
    """Return links to a link's present and proposed targets; nothing for other fixes."""
    edits = finding.fix.edits if finding.fix is not None else ()
    if len(edits) != 1:
        return []
    old, new = _values(edits[0])
    after = finding.url.replace(old, new, 1) if old else finding.url + new
    if after == finding.url or not _is_address(finding.url) or not _is_address(after):
        return []
    return [f"compare {link('now', finding.url)} and {link('as proposed', after)}"]


def _fact(fact: Fact) -> str:
    if fact.text:
        return f"{text(shortened(fact.text, _VALUE))}{_source(fact)}"
    value, paper = shortened(fact.value, _VALUE), _PAPER.match(fact.value)
    if paper is not None:
        cited = link(f"arXiv {paper['id']}", f"https://arxiv.org/abs/{paper['id']}")
        said = f"{cited}{text(shortened(paper['rest'] or '', _VALUE))}"
    elif fact.kind in _ADDRESSES and _is_address(value):
        said = link(_short_address(value), fact.value)
    else:
        said = code(value) if _NAMES_A_POST.match(value) else text(value)
    return f"{text(shortened(fact.kind, _KIND))}: {said}{_source(fact)}"


def _source(fact: Fact) -> str:
    source = shortened(fact.source, _VALUE)
    if fact.kind in _SEEN_THERE and _is_address(source):
        return f" ({link('there', fact.source)})"
    return f" ({text(source)})" if source else ""


def _is_address(value: str) -> bool:
    return value.startswith(("https://", "http://")) and " " not in value


def _short_address(url: str) -> str:
    """Return an address without its scheme, with a long path shortened."""
    host, _, path = url.partition("://")[2].partition("/")
    return f"{host}/{path if len(path) <= 40 else '…' + path[-24:]}"


def fitted(
    session: Session, marker: Marker, intro: str, rows: Sequence[Row], how: str, where: str, more: int = 0
) -> str:
    """Return a body that GitHub accepts: with full rows, else with brief or terse ones, else with fewer.

    `how` says what the checkboxes do, and `where` to find the rows left out, `more` of them besides those given.
    """
    run = own_link(f"run of {session.report.run.finished.date()}", session.asked.run_url)
    above, under = f"{marker}\n\n{intro}", f"{how}\n\n{of_this_run(f'From the {run}.')}"
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
