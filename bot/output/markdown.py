"""The report as Markdown for a job's summary: what a maintainer needs to know in ten seconds, then a table.

Foreign text is escaped by `bot.output.escape`. GitHub drops a summary above 1 MiB entirely, so this one stays below.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import PurePosixPath
from urllib.parse import quote

from bot.model.findings import Finding, Safety, Severity
from bot.model.pages import Page, Skipped
from bot.model.report import Report
from bot.output.escape import code, on_terminal, own_link, shortened, text
from bot.rules.registry import listed
from bot.text import counted, duration

_LIMIT = 900_000  # bytes; GitHub's limit is 1,048,576 for all steps of a job together
_NAME, _MESSAGE = 120, 300
_LITTLE = 0.5  # for runs without a history, which would know `min-coverage`
_ORDER = {severity: at for at, severity in enumerate(Severity)}
_MOST_FIXED, _MOST_HELD, _MOST_REASONS = 20, 20, 20


def render(report: Report, lines_at: str = "") -> str:
    """Render a report; `lines_at` is the address of the catalog's file on the web, for links to its lines."""
    findings, folded = listed(report.findings)
    body = "\n".join([*_head(report, findings), ""])
    foot = "".join(f"{line}\n" for line in _foot(report, folded))
    if findings:
        body += "\n| | entry | what | fix |\n|---|---|---|---|\n"
    findings.sort(key=lambda finding: _ORDER[finding.severity])  # stable: in document order within each
    rows = [_row(report, finding, lines_at) for finding in findings]
    sizes = accumulate((len(row.encode()) for row in rows), initial=len(body.encode()) + len(foot.encode()))
    shown = bisect_right(list(sizes), _LIMIT, lo=1) - 1
    body += "".join(rows[:shown])
    if shown < len(rows):
        body += f"\n… and {counted(len(rows) - shown, 'finding')} more that do not fit; the report lists all.\n"
    return body + foot


def _head(report: Report, findings: Sequence[Finding]) -> Iterator[str]:
    """Yield the lines that are read first: whether all is well, what is new, and what could not be seen."""
    run = report.run
    new = sum(each.fingerprint not in report.known for each in findings)
    yield f"### {text(report.path)}: {counted(len(findings), 'finding') if findings else 'no findings'}"
    yield ""
    figures = []
    if report.wanted:
        figures.append(f"**{int(report.coverage * 100)}%** of {counted(report.wanted, 'page')} verified")
    if run.oldest is not None and run.oldest < run.started.date():
        never = f", {run.never} never yet" if run.never else ""
        figures.append(f"oldest verification: {run.oldest.isoformat()}{never}")
    if report.known or report.fixed:  # otherwise this is the first run, or no history is kept
        figures += [f"{new} new", f"{len(findings) - new} still open", f"{len(report.fixed)} fixed"]
    if run.requests:
        seconds = (run.finished - run.started).total_seconds()
        figures.append(f"{counted(run.requests, 'request')} in {duration(seconds)}")
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
        yield f"**This run is partial**: {text(run.cut_short)}. The rest goes first next time."
    if run.held_back:
        named = ", ".join(code(on_terminal(url)) for url in run.held_back[:_MOST_HELD])
        more = f" and {len(run.held_back) - _MOST_HELD} more" if len(run.held_back) > _MOST_HELD else ""
        yield (
            f"**{counted(len(run.held_back), 'page')} held back**: so many at once look like an incident at Medium. "
            f"If they are truly dead, `--no-hold-back` reports them: {named}{more}"
        )
    for note in run.notes:
        yield text(note)


def _foot(report: Report, folded: Mapping[str, int]) -> Iterator[str]:
    """Yield the lines below the table: what was fixed, what is not listed, what was not verified."""
    if report.fixed:
        yield ""
    for each in report.fixed[:_MOST_FIXED]:
        yield f"- fixed: `{each.rule}` of {text(shortened(each.entry, _NAME))}, known since {each.since.isoformat()}"
    if len(report.fixed) > _MOST_FIXED:
        yield f"- fixed: {len(report.fixed) - _MOST_FIXED} more"
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
    """Yield how many pages were not verified, by reason, collapsed."""
    if not report.unverified:
        return
    yield f"\n<details><summary>{counted(len(report.unverified), 'page')} not verified</summary>\n"
    reasons = Counter(_reason(page) for page in report.unverified).most_common()
    for reason, count in reasons[:_MOST_REASONS]:
        yield f"- {count} × {text(shortened(reason, _MESSAGE))}"
    if rest := sum(count for _, count in reasons[_MOST_REASONS:]):
        yield f"- {rest} × another reason"
    yield "\n</details>"


def _reason(page: Page) -> str:
    kind = "not asked" if isinstance(page.outcome, Skipped) else type(page.outcome).__name__.lower()
    return f"{kind}: {page.reason}"


def lines_address(server: str, repository: str, commit: str, path: str) -> str:
    """Return the address of a file on GitHub, not rendered, so that `#L1` can be added; empty if a part is missing."""
    file = PurePosixPath(path)
    if not (server.startswith("https://") and repository and commit) or file.is_absolute() or ".." in file.parts:
        return ""
    return f"{server}/{repository}/blob/{commit}/{quote(str(file))}?plain=1"
