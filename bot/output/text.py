"""The report for a terminal or a log: findings by line with their evidence, then a summary.

Yields lines of styled pieces. The styles are rich's names; without colors the text is the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from bot.model.findings import Finding, Safety, Severity
from bot.model.pages import Skipped
from bot.model.report import Report
from bot.output.escape import on_terminal
from bot.rules.registry import listed
from bot.text import counted, duration

Piece = tuple[str, str]
Line = tuple[Piece, ...]


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


def _finding(finding: Finding) -> Iterator[Line]:
    yield (
        (f"{on_terminal(finding.path)}:{finding.line}:{finding.column}: ", "bold"),
        (finding.rule, _STYLES[finding.severity]),
        (f" {finding.severity.value}: {on_terminal(finding.message)}", ""),
    )
    where = f'{finding.entry} in "{finding.section}"' if finding.section else finding.entry
    yield (("    entry     ", "dim"), (on_terminal(where), ""))
    yield (("    link      ", "dim"), (on_terminal(finding.url), ""))
    for fact in finding.facts:
        yield (
            ("    evidence  ", "dim"),
            (on_terminal(f"{fact.text or f'{fact.kind} {fact.value}'} ({fact.source})"), ""),
        )
    if finding.fix is not None:
        label = "safe fix" if finding.fix.safety is Safety.SAFE else "fix for review"
        yield (("    fix       ", "dim"), (on_terminal(f"{finding.fix.summary}  [{label}]"), "green"))
    yield ()


def _summary(report: Report, folded: Mapping[str, int]) -> Iterator[Line]:
    run, links, entries = report.run, report.links, report.entries
    if not report.pages and run.cut_short is None:
        words = f"{counted(links, 'link')} of {counted(entries, 'entry')}, checked without the network."
        yield ((f"{on_terminal(report.path)}: {words}", ""),)
        yield from _accepted(report)
        yield (_verdict(report),)
        return
    seconds = (run.finished - run.started).total_seconds()
    yield (
        (
            (
                f"{on_terminal(report.path)}: {counted(links, 'link')} of {counted(entries, 'entry')} on "
                f"{counted(len(report.pages), 'page')}, {counted(run.requests, 'request')} "
                f"({run.bytes / 1e6:.1f} MB, {counted(run.retries, 'retry')}) in {duration(seconds)}."
            ),
            "",
        ),
    )
    counts = Counter(type(page.outcome).__name__ for page in report.pages)
    yield (("  " + " · ".join(f"{name} {counts[name]}" for name in _OUTCOMES if counts[name]), ""),)
    skipped = Counter(page.outcome.reason for page in report.pages if isinstance(page.outcome, Skipped))
    for reason, count in sorted(skipped.items()):
        yield ((f"  skipped: {counted(count, 'page')}, {on_terminal(reason)}", "dim"),)
    yield from _unverified(report)
    yield (
        (f"Coverage {report.coverage:.1%}: {report.verified} of {counted(report.wanted, 'page')} verified.", "bold"),
    )
    if run.oldest is not None and run.oldest < run.started.date():
        never = f", {counted(run.never, 'page')} never yet" if run.never else ""
        yield ((f"Oldest verification: {run.oldest.isoformat()}{never}.", ""),)
    for note in run.notes:
        yield ((f"Note: {on_terminal(note)}.", "yellow"),)
    if run.cut_short is not None:
        yield ((f"This report is partial: {on_terminal(run.cut_short)}.", "bold yellow"),)
    if run.held_back:
        yield (
            (
                (
                    f"Held back: {counted(len(run.held_back), 'page')} answered as gone at once, which looks like an "
                    "incident at Medium. If they are dead, --no-hold-back reports them:"
                ),
                "bold yellow",
            ),
        )
        for url in run.held_back:
            yield ((f"  {on_terminal(url)}", ""),)
    for fixed in report.fixed:
        yield ((f"Fixed: {fixed.rule} of {on_terminal(fixed.entry)}, known since {fixed.since.isoformat()}.", "green"),)
    yield from _accepted(report)
    for rule, count in folded.items():
        yield ((f"{counted(count, 'finding')} of {rule}, not listed here; `bot explain {rule}` says why.", "dim"),)
    yield (_verdict(report),)


def _accepted(report: Report) -> Iterator[Line]:
    if report.accepted:
        yield ((f"{counted(report.accepted, 'finding')} of the baseline, not shown.", "dim"),)


def _unverified(report: Report) -> Iterator[Line]:
    """Name the pages that were requested but gave no verdict: they raise no finding."""
    asked = [page for page in report.unverified if not isinstance(page.outcome, Skipped)]
    if asked:
        yield (("Not verified:", ""),)
    for page in asked[:_SHOWN_UNVERIFIED]:
        yield ((f"  {type(page.outcome).__name__:<12}", "dim"), (on_terminal(f"{page.url}  {page.reason}"), ""))
    if len(asked) > _SHOWN_UNVERIFIED:
        yield ((f"  … and {counted(len(asked) - _SHOWN_UNVERIFIED, 'page')} more; the JSON report lists all", "dim"),)


def _verdict(report: Report) -> Piece:
    if not report.findings:
        return ("No findings.", "bold green")
    severities = Counter(finding.severity for finding in report.findings)
    fixes = Counter(finding.fix.safety for finding in report.findings if finding.fix is not None)
    parts = [counted(severities[each], each.value) for each in Severity if severities[each]]
    text = f"{counted(len(report.findings), 'finding')}: {', '.join(parts)}."
    if fixes:
        named = ((Safety.SAFE, "safe fix"), (Safety.REVIEW, "fix for review"))
        text += " " + ", ".join(counted(fixes[each], name) for each, name in named if fixes[each]) + "."
    return (text, "bold")
