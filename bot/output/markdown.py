"""The report as Markdown for a job's summary: what a maintainer needs to know in ten seconds, then a table.

Everything from the web goes through `gfm`. GitHub drops a summary above 1 MiB whole, so this one stays below.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import quote

from bot.model.findings import Finding, Safety, Severity
from bot.model.pages import Page, Skipped
from bot.model.report import Report
from bot.output.escape import code, on_terminal, own_link, shortened, text
from bot.rules.registry import BY_ID
from bot.text import counted, duration

_LIMIT = 900_000  # bytes; GitHub's limit is 1,048,576 for all steps of a job together
_NAME, _MESSAGE = 120, 300
_LITTLE = 0.5  # where no history says by the settings' own measure that a run saw too little
_ORDER = {severity: at for at, severity in enumerate(Severity)}
_MOST_FIXED, _MOST_HELD, _MOST_REASONS = 20, 20, 20


def render(report: Report, lines_at: str = "") -> str:
    """Render a report; `lines_at` is the address of the catalog's file on the web, for links to its lines."""
    body, foot = "\n".join([*_head(report), ""]), "".join(f"{line}\n" for line in _foot(report))
    spoken = [each for each in report.findings if not BY_ID[each.rule].folded]
    spoken.sort(key=lambda finding: _ORDER[finding.severity])  # stable: in document order within each
    if spoken:
        body += "\n| | entry | what | fix |\n|---|---|---|---|\n"
    size, left = len(body.encode()) + len(foot.encode()), len(spoken)
    rows = []
    for finding in spoken:
        row = _row(report, finding, lines_at)
        size += len(row.encode())
        if size > _LIMIT:
            break
        rows.append(row)
        left -= 1
    body += "".join(rows)
    if left:
        body += f"\n… and {counted(left, 'finding')} more, for which there is no room; the report names all.\n"
    return body + foot


def _head(report: Report) -> Iterator[str]:
    """Yield the lines that are read first: is all well, what is new, and what could not be seen."""
    run = report.run
    spoken = [each for each in report.findings if not BY_ID[each.rule].folded]
    new = sum(each.fingerprint not in report.known for each in spoken)
    yield f"### {text(report.path)}: {counted(len(spoken), 'finding') if spoken else 'no findings'}"
    yield ""
    figures = (
        [f"**{int(report.coverage * 100)}%** of {counted(report.wanted, 'page')} verified"] if report.wanted else []
    )
    if run.oldest is not None and run.oldest < run.started.date():
        never = f", {run.never} never yet" if run.never else ""
        figures.append(f"oldest verification: {run.oldest.isoformat()}{never}")
    if report.known or report.fixed:  # else it is the first run, or no history is kept
        figures += [f"{new} new", f"{len(spoken) - new} still open", f"{len(report.fixed)} fixed"]
    seconds = (run.finished - run.started).total_seconds()
    figures += [f"{counted(run.requests, 'request')} in {duration(seconds)}"] if run.requests else []
    yield " · ".join(figures)
    for trouble in _troubles(report):
        yield ""
        yield f"> {trouble}"


def _troubles(report: Report) -> Iterator[str]:
    run = report.run
    if report.wanted and (report.coverage < _LITTLE or run.low_runs):
        runs = f", for {counted(run.low_runs, 'run')} in a row" if run.low_runs > 1 else ""
        yield f"**Too few pages could be seen{runs}.** Pages that were not seen raise no finding, and nothing is lost."
    if run.cut_short is not None:
        yield f"**This run is partial**: {text(run.cut_short)}. What is left goes first the next time."
    if run.held_back:
        named = ", ".join(code(on_terminal(url)) for url in run.held_back[:_MOST_HELD])
        more = f" and {len(run.held_back) - _MOST_HELD} more" if len(run.held_back) > _MOST_HELD else ""
        yield (
            f"**{counted(len(run.held_back), 'page')} held back**: so many at once look like an incident of Medium's. "
            f"If they are truly dead, `--no-hold-back` reports them: {named}{more}"
        )
    for note in run.notes:
        yield text(note)


def _foot(report: Report) -> Iterator[str]:
    """Yield the lines below the table: what is fixed, what is not listed, what was not seen."""
    if report.fixed:
        yield ""
    for each in report.fixed[:_MOST_FIXED]:
        yield f"- fixed: `{each.rule}` of {text(shortened(each.entry, _NAME))}, known since {each.since.isoformat()}"
    if len(report.fixed) > _MOST_FIXED:
        yield f"- fixed: {len(report.fixed) - _MOST_FIXED} more"
    folded = Counter(each.rule for each in report.findings if BY_ID[each.rule].folded)
    for rule, count in folded.items():
        yield f"\n{counted(count, 'finding')} of `{rule}`, not listed here."
    yield from _unverified(report)


def _row(report: Report, finding: Finding, lines_at: str) -> str:
    name = shortened(finding.entry or finding.url, _NAME)
    entry = own_link(name, f"{lines_at}#L{finding.line}") if lines_at else f"{text(name)} (line {finding.line})"
    since = report.known.get(finding.fingerprint)
    known = f", since {since.isoformat()}" if since is not None else ", **new**" if report.known else ""
    fix = ""
    if finding.fix is not None:
        safe = "safe" if finding.fix.safety is Safety.SAFE else "for review"
        fix = f"{text(shortened(finding.fix.summary, _MESSAGE))} ({safe})"
    what = f"`{finding.rule}`: {text(shortened(finding.message, _MESSAGE))}{known}"
    return f"| {finding.severity.value} | {entry} | {what} | {fix} |\n"


def _unverified(report: Report) -> Iterator[str]:
    """Yield how many pages were not verified, by reason, folded."""
    pages = [page for page in report.pages if page.wanted and not page.verified]
    if not pages:
        return
    yield f"\n<details><summary>{counted(len(pages), 'page')} not verified</summary>\n"
    reasons = Counter(_reason(page) for page in pages).most_common()
    for reason, count in reasons[:_MOST_REASONS]:
        yield f"- {count} × {text(shortened(reason, _MESSAGE))}"
    if rest := sum(count for _, count in reasons[_MOST_REASONS:]):
        yield f"- {rest} × another reason"
    yield "\n</details>"


def _reason(page: Page) -> str:
    kind = "not asked" if isinstance(page.outcome, Skipped) else type(page.outcome).__name__.lower()
    return f"{kind}: {page.reason}"


def lines_address(server: str, repository: str, commit: str, path: str) -> str:
    """Return where a file's lines can be linked to on GitHub; empty if something of it is missing.

    Without `plain=1` GitHub shows Markdown as a page, which has no lines to go to.
    """
    file = PurePosixPath(path)
    if not (server.startswith("https://") and repository and commit) or file.is_absolute() or ".." in file.parts:
        return ""
    return f"{server}/{repository}/blob/{commit}/{quote(str(file))}?plain=1"
