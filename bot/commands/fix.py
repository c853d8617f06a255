"""`bot fix`: apply what a saved report's observations say of the files as they are now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bot.checking.evaluate import evaluate
from bot.commands.outcome import fixed, say, show_diff, write
from bot.commands.request import Request, read
from bot.errors import UsageError
from bot.files import read_file
from bot.model.codec import DecodeError
from bot.model.documents import ReportDocument, decode_report
from bot.rules.registry import ran
from bot.text import counted


def read_report(path: Path) -> ReportDocument:
    """Read a saved report; raise `UsageError` if it is none."""
    if not path.exists():
        raise UsageError(f"{path}: no such report; check-links writes one with --format json --output")
    try:
        return decode_report(read_file(path))
    except DecodeError as error:
        raise UsageError(f"{path}: not a report of this bot: {error}") from error


def fix_from_report(path: Path, catalog: Path, request: Request) -> int:
    """Run a report's rules again over the catalog as it is now, and apply their fixes; return the exit code."""
    report = read_report(path)
    given = read(catalog, replace(request, since=report.run.since))
    if report.catalog.path not in (str(catalog), given.inputs.catalog.path):
        raise UsageError(
            f"{path}: is about {report.catalog.path[:80]!r}, not about {str(catalog)!r}; name it with --catalog"
        )
    inputs = replace(given.inputs, rules=ran(report.run.rules))
    try:
        seen = report.observations(request.settings.site.read)
    except DecodeError as error:
        raise UsageError(f"{path}: not a report of this bot: {error}") from error
    found = [each for each in evaluate(inputs, inputs.evidence().seeing(seen)).findings if each.fix is not None]
    picked, changed = fixed(given, tuple(found), request)
    if request.diff:
        return show_diff(given, changed)
    write(given, changed)
    left = len(found) - len(picked.findings)
    say(f"Applied {counted(len(picked.findings), 'fix')} of {path}; {left} left for review or another run.")
    return 0
