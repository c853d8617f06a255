"""The report as workflow commands, which GitHub shows on the catalog's lines. Foreign text ends or begins none."""

from collections.abc import Iterator

from bot.model.findings import Finding, Severity
from bot.model.report import Report
from bot.output.escape import on_terminal
from bot.rules.registry import listed
from bot.text import counted

# GitHub shows ten of each kind for a step, and silently drops the rest.
_SHOWN = 10
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "notice"}


def render(report: Report, lines_at: str = "") -> str:
    """Render the findings as annotations, the worst first; a last one counts those that GitHub would drop."""
    del lines_at
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    findings, _ = listed(report.findings)
    dropped = 0
    for severity, command in _COMMANDS.items():
        those = [each for each in findings if each.severity is severity]
        shown = _SHOWN - 1 if severity is Severity.INFORMATION else _SHOWN  # leaves one for the count
        dropped += len(those[shown:])
        for finding in those[:shown]:
            yield _annotation(finding, command)
    if dropped:
        yield f"::notice title=Medium bot::{counted(dropped, 'finding')} more; the summary and the report list all"


def _annotation(finding: Finding, command: str) -> str:
    title = f"{finding.rule}: {finding.entry}"
    where = {"file": finding.path, "line": str(finding.line), "col": str(finding.column), "title": title}
    properties = ",".join(f"{name}={_property(value)}" for name, value in where.items())
    fix = f" Proposed: {finding.fix.summary}" if finding.fix is not None else ""
    return f"::{command} {properties}::{_message(finding.message + '.' + fix)}"


def _message(value: str) -> str:
    """Return text as a command's message: https://docs.github.com/actions, "Workflow commands"."""
    return on_terminal(value).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _message(value).replace(":", "%3A").replace(",", "%2C")
