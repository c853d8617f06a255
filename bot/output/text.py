"""The report for a terminal or a log: findings by line with their evidence, then a summary.

Yields lines of styled pieces. The styles are rich's names; without colors the text is the same.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from bot.model.findings import Finding, Safety, Severity
from bot.model.pages import Skipped
from bot.model.report import Report
from bot.output.escape import on_terminal
from bot.rules.registry import listed
from bot.text import counted, duration

Line = tuple[tuple[str, str], ...]
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFORMATION: "cyan"}
_OUTCOMES = ("Alive", "Moved", "Gone", "NotArticle", "Blocked", "Unreachable", "Skipped")
_SHOWN_UNVERIFIED = 20


def render(report: Report, lines_at: str = "") -> str:
    """Render a report as plain text."""
    del lines_at
    return "".join("".join(text for text, _ in line) + "\n" for line in text_lines(report))


def text_lines(report: Report, *, summary: bool = True) -> Iterator[Line]:
    """Yield the report line by line, each as (text, style) pieces."""
    findings, folded = listed(report.findings)
    for finding in findings:
        yield from _finding(finding)
    if summary:
        yield from _summary(report, folded)


def _line(text: str, style: str = "") -> Line:
    return ((on_terminal(text), style),)


def _finding(finding: Finding) -> Iterator[Line]:
    yield (
        (f"{on_terminal(finding.path)}:{finding.line}:{finding.column}: ", "bold"),
        (finding.rule, _STYLES[finding.severity]),
        (f" {finding.severity.value}: {on_terminal(finding.message)}", ""),
    )
    details = [("entry", f'{finding.entry} in "{finding.section}"' if finding.section else finding.entry, "")]
    details.append(("link", finding.url, ""))
    facts = ((fact.text or f"{fact.kind} {fact.value}", fact.source) for fact in finding.facts)
    details += [("evidence", f"{said} ({source})", "") for said, source in facts]
    if finding.fix is not None:
        label = "safe fix" if finding.fix.safety is Safety.SAFE else "fix for review"
        details.append(("fix", f"{finding.fix.summary}  [{label}]", "green"))
    for name, text, style in details:
        yield ((f"    {name:<10}", "dim"), (on_terminal(text), style))
    yield ()


def _summary(report: Report, folded: Mapping[str, int]) -> Iterator[Line]:
    run, offline = report.run, not report.pages and report.run.cut_short is None
    what = f"{report.path}: {counted(report.links, 'link')} of {counted(report.entries, 'entry')}"
    if offline:
        yield _line(f"{what}, checked without the network.")
    else:
        traffic = f"{counted(run.requests, 'request')} ({run.bytes / 1e6:.1f} MB, {counted(run.retries, 'retry')})"
        seconds = (run.finished - run.started).total_seconds()
        yield _line(f"{what} on {counted(len(report.pages), 'page')}, {traffic} in {duration(seconds)}.")
        yield from _coverage(report)
    for fixed in report.fixed:
        yield _line(f"Fixed: {fixed.rule} of {fixed.entry}, known since {fixed.since.isoformat()}.", "green")
    if report.accepted:
        yield _line(f"{counted(report.accepted, 'finding')} of the baseline, not shown.", "dim")
    for rule, count in folded.items():
        yield _line(f"{counted(count, 'finding')} of {rule}, not listed here; `bot explain {rule}` says why.", "dim")
    yield _verdict(report)


def _coverage(report: Report) -> Iterator[Line]:
    """Yield what became of the pages, which are not verified, and what went wrong."""
    run = report.run
    counts = Counter(type(page.outcome).__name__ for page in report.pages)
    yield _line("  " + " · ".join(f"{name} {counts[name]}" for name in _OUTCOMES if counts[name]))
    skipped = Counter(page.outcome.reason for page in report.pages if isinstance(page.outcome, Skipped))
    for reason, count in sorted(skipped.items()):
        yield _line(f"  skipped: {counted(count, 'page')}, {reason}", "dim")
    asked = [page for page in report.unverified if not isinstance(page.outcome, Skipped)]
    if asked:
        yield _line("Not verified:")
    for page in asked[:_SHOWN_UNVERIFIED]:
        yield ((f"  {type(page.outcome).__name__:<12}", "dim"), (on_terminal(f"{page.url}  {page.reason}"), ""))
    if len(asked) > _SHOWN_UNVERIFIED:
        yield _line(f"  … and {counted(len(asked) - _SHOWN_UNVERIFIED, 'page')} more; the JSON report lists all", "dim")
    verified = f"{report.verified} of {counted(report.wanted, 'page')} verified"
    yield _line(f"Coverage {report.coverage:.1%}: {verified}.", "bold")
    if run.oldest is not None and run.oldest < run.started.date():
        never = f", {counted(run.never, 'page')} never yet" if run.never else ""
        yield _line(f"Oldest verification: {run.oldest.isoformat()}{never}.")
    for note in run.notes:
        yield _line(f"Note: {note}.", "yellow")
    if run.cut_short is not None:
        yield _line(f"This report is partial: {run.cut_short}.", "bold yellow")
    if run.held_back:
        incident = "answered as gone at once, which looks like an incident at Medium"
        remedy = "If they are dead, --no-hold-back reports them:"
        yield _line(f"Held back: {counted(len(run.held_back), 'page')} {incident}. {remedy}", "bold yellow")
    yield from (_line(f"  {url}") for url in run.held_back)


def _verdict(report: Report) -> Line:
    if not report.findings:
        return _line("No findings.", "bold green")
    severities = Counter(finding.severity for finding in report.findings)
    fixes = Counter(finding.fix.safety for finding in report.findings if finding.fix is not None)
    parts = [counted(severities[each], each.value) for each in Severity if severities[each]]
    text = f"{counted(len(report.findings), 'finding')}: {', '.join(parts)}."
    if fixes:
        named = ((Safety.SAFE, "safe fix"), (Safety.REVIEW, "fix for review"))
        text += " " + ", ".join(counted(fixes[each], name) for each, name in named if fixes[each]) + "."
    return _line(text, "bold")
