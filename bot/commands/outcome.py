"""What becomes of what a check found: it is accepted, fixed, shown or written."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from dataclasses import replace

from bot.checking import fixes
from bot.checking.evaluate import evaluate, parsed, reported
from bot.checking.suppress import written_baseline
from bot.commands.request import Given, Request
from bot.errors import BotError, EditError, UsageError
from bot.files import append, read_if_there, write_together, write_whole
from bot.git import changed_lines
from bot.model.findings import Finding
from bot.model.records import read_records
from bot.model.report import EXIT_FINDINGS, Report
from bot.output.formats import renderer
from bot.output.markdown import lines_address
from bot.output.terminal import print_lines, print_text
from bot.output.text import Line, text_lines
from bot.rules.registry import BY_ID
from bot.text import counted


def finish(given: Given, report: Report, request: Request) -> int:
    """Accept, fix or show what a check found; return the exit code."""
    settings = request.settings
    if request.write_baseline:
        return _accept(given, report, request)
    if request.diff or request.fix:
        picked, changed = fixed(given, report.findings, request)
        if request.diff:
            return show_diff(given, changed)
        try:
            report = _written(given, report, changed, picked)
        except BotError:
            deliver(report, request)
            raise
    deliver(report, request, fixed_text_on_stdout=request.fix and given.piped)
    return report.exit_code(settings.min_coverage, exit_zero=request.exit_zero)


def _accept(given: Given, report: Report, request: Request) -> int:
    if report.exit_code(request.settings.min_coverage, exit_zero=True) != 0 or given.inputs.lines is not None:
        deliver(report, request)
        raise UsageError(f"{request.baseline}: not changed: only a whole run that saw enough can accept what it found")
    # A record that waits to be added is work, not a habit to accept.
    found = [finding for finding in report.findings if not BY_ID[finding.rule].folded]
    whole = bool(report.pages) and len(given.inputs.rules) == len(BY_ID)
    kept = b"" if whole else read_if_there(request.baseline)  # a narrower run speaks of its own rules only
    write_whole(request.baseline, written_baseline(found, kept))
    say(f"{counted(len(found), 'finding')} accepted in {request.baseline}.")
    return 0


def fixed(given: Given, findings: tuple[Finding, ...], request: Request) -> tuple[fixes.Chosen, dict[str, bytes]]:
    """Choose the fixes that were asked for and fit together; return them with the new text of each file they change."""
    catalog, records = given.inputs.catalog, given.inputs.records
    picked = fixes.fitting(catalog, fixes.choose(findings, unsafe=request.unsafe))
    return picked, fixes.new_texts(catalog, {records.path: records.source}, picked)


def show_diff(given: Given, changed: Mapping[str, bytes]) -> int:
    """Print what fixes would change as a diff; return the exit code."""
    catalog, records = given.inputs.catalog, given.inputs.records
    before = {catalog.path: catalog.source, records.path: records.source}
    text = "".join(fixes.diff(path, before[path], after) for path, after in changed.items())
    print_text(text)
    return EXIT_FINDINGS if text else 0


def write(given: Given, changed: Mapping[str, bytes]) -> None:
    """Write files, unless somebody else has written them since they were read: a run takes minutes."""
    read_then = {given.path: given.inputs.catalog.source, given.records_path: given.inputs.records.source}
    for path in (given.places[name] for name in changed):
        if read_if_there(path) != read_then[path]:
            raise EditError(f"{path}: was changed during the run; nothing was written, run it again")
    write_together({given.places[name]: text for name, text in changed.items()})


def _written(given: Given, report: Report, changed: Mapping[str, bytes], picked: fixes.Chosen) -> Report:
    """Write what the fixes change, and return the report on what is left."""
    catalog = given.inputs.catalog
    if given.piped:
        sys.stdout.buffer.write(changed.get(catalog.path, catalog.source))
        sys.stdout.buffer.flush()
    else:
        write(given, changed)
    if picked.findings:
        say(f"Fixed {counted(len(picked.findings), 'finding')} in {', '.join(changed)}.")
    return _again(given, report, changed)


def _again(given: Given, report: Report, changed: Mapping[str, bytes]) -> Report:
    """Run the rules over the fixed files, with what the web said before."""
    inputs = given.inputs
    catalog, records = inputs.catalog, inputs.records
    inputs = replace(
        inputs if report.pages else inputs.offline(),
        catalog=parsed(changed.get(catalog.path, catalog.source), catalog.path, inputs.settings),
        records=read_records(changed.get(records.path, records.source), records.path),
        lines=changed_lines(given.path, inputs.since) if inputs.since is not None else None,
    )
    evaluation = evaluate(inputs, inputs.evidence().seeing(report.observations))
    return replace(
        reported(inputs, evaluation, report.run, report.observations),
        pages=report.pages,
        rules=report.rules,
        known=report.known,
        fixed=report.fixed,
        ended=report.ended,
    )


def deliver(report: Report, request: Request, *, fixed_text_on_stdout: bool = False) -> None:
    """Print a report, or write it to a file and print it as text.

    A file that cannot be written is reported last: what was found is not lost for it.
    """
    lines_at = _lines_at(report)
    with contextlib.ExitStack() as written:
        if request.summary is not None:
            summary = renderer("markdown")(report, lines_at).encode("utf-8", "replace")
            written.callback(append, request.summary, summary)
        rendered = renderer(request.format)(report, lines_at) if request.output or request.format != "text" else ""
        if request.output is not None:
            written.callback(write_whole, request.output, rendered.encode("utf-8", "replace"))
        if request.annotations and request.format != "github":
            print_text(renderer("github")(report, lines_at), error=fixed_text_on_stdout)
        if request.format != "text" and request.output is None:
            print_text(rendered, error=fixed_text_on_stdout)
        else:
            print_lines(text_lines(report, summary=not request.quiet), error=fixed_text_on_stdout)


def _lines_at(report: Report) -> str:
    """Return where the catalog's lines can be seen, in a job of GitHub's."""
    server, repository, commit = (os.environ.get(f"GITHUB_{each}", "") for each in ("SERVER_URL", "REPOSITORY", "SHA"))
    return lines_address(server, repository, commit, report.path)


def say(text: str) -> None:
    """Print a line on standard error; a reader who has gone away is no reason to stop."""
    line: Line = ((text, "bold"),)
    with contextlib.suppress(OSError):
        print_lines([line], error=True)
