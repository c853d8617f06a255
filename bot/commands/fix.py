"""`bot fix`: run the rules again on a saved report's observations, and apply their fixes to the files as they are."""

from dataclasses import replace
from pathlib import Path

from bot.checking.evaluate import evaluate
from bot.commands.outcome import fixed, say, show_diff, write
from bot.commands.request import Request, read
from bot.errors import UsageError
from bot.files import read_file
from bot.medium.site import Site
from bot.model.codec import DecodeError
from bot.model.documents import ReportDocument, decode_report
from bot.model.pages import Observations
from bot.rules.registry import ran
from bot.text import counted

_REMEDY = "check-links writes a report with --format json --output"


def read_report(path: Path, site: Site) -> tuple[ReportDocument, Observations]:
    """Read a saved report and what it has seen; raise `UsageError` if it is missing, invalid or contradicts itself."""
    try:
        report = decode_report(read_file(path, missing=_REMEDY))
        return report, report.observations(site.read)
    except DecodeError as error:
        raise UsageError(f"{path}: not a report of this bot: {error}; {_REMEDY}") from error


def fix_from_report(path: Path, request: Request) -> int:
    """Run a report's rules again on the catalog as it is now, and apply their fixes; return the exit code."""
    report, seen = read_report(path, request.settings.site)
    inputs = read(replace(request, since=report.run.since))
    if report.catalog.path != inputs.catalog.path:
        raise UsageError(
            f"{path}: is about {report.catalog.path[:80]!r}, not about {str(request.path)!r}; name it with --catalog"
        )
    inputs = replace(inputs, rules=ran(report.run.rules))
    found = [each for each in evaluate(inputs, inputs.evidence().seeing(seen)).findings if each.fix is not None]
    picked, changed = fixed(inputs, found, request)
    if request.diff:
        return show_diff(inputs, changed)
    write(inputs, changed)
    left = len(found) - len(picked)
    say(f"Applied {counted(len(picked), 'fix')} from {path}; {left} left for review or another run.")
    return 0
