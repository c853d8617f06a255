"""What happens to findings after a check: they are accepted, fixed, printed or written."""

import contextlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.checking import fixes
from bot.checking.evaluate import Inputs, parsed, reported, written_baseline
from bot.commands.request import Request
from bot.errors import BotError, EditError, UsageError
from bot.files import append, read_if_there, write_together, write_whole
from bot.git import changed_lines
from bot.model.findings import Finding
from bot.model.records import read_records
from bot.model.report import EXIT_FINDINGS, Report
from bot.output.formats import renderer
from bot.output.markdown import lines_address
from bot.output.terminal import print_lines, print_text
from bot.output.text import text_lines
from bot.rules.registry import BY_ID, listed
from bot.text import counted


def finish(inputs: Inputs, report: Report, request: Request) -> int:
    """Accept, fix or show what a check found; return the exit code."""
    if request.write_baseline:
        return _accept(inputs, report, request)
    if request.diff or request.fix:
        picked, changed = fixed(inputs, report.findings, request)
        if request.diff:
            return show_diff(inputs, changed)
        try:
            report = _written(inputs, report, request, changed, picked)
        except BotError:
            deliver(report, request)
            raise
    deliver(report, request, fixed_text_on_stdout=request.fix and request.piped)
    return report.exit_code(request.settings.min_coverage, exit_zero=request.exit_zero)


def _accept(inputs: Inputs, report: Report, request: Request) -> int:
    if report.exit_code(request.settings.min_coverage, exit_zero=True) != 0 or inputs.lines is not None:
        deliver(report, request)
        raise UsageError(
            f"{request.baseline}: not changed: only a complete run that verified enough pages can accept findings"
        )
    found, _ = listed(report.findings)  # a record still to be added is work, not something to accept
    complete = bool(report.pages) and len(inputs.rules) == len(BY_ID)
    kept = b"" if complete else read_if_there(request.baseline)  # a narrower run only replaces its own rules
    write_whole(request.baseline, written_baseline(found, kept))
    say(f"{counted(len(found), 'finding')} accepted in {request.baseline}.")
    return 0


def fixed(inputs: Inputs, findings: Iterable[Finding], request: Request) -> tuple[list[Finding], dict[str, bytes]]:
    """Choose the requested fixes that fit together; return them with the new text of each file they change."""
    picked = fixes.fitting(inputs.catalog, fixes.choose(findings, unsafe=request.unsafe))
    return picked, fixes.new_texts(inputs.catalog, inputs.records, picked)


def show_diff(inputs: Inputs, changed: Mapping[str, bytes]) -> int:
    """Print what fixes would change as a diff; return the exit code."""
    text = "".join(fixes.diff(path, inputs.sources[path], after) for path, after in changed.items())
    print_text(text)
    return EXIT_FINDINGS if text else 0


def write(inputs: Inputs, changed: Mapping[str, bytes]) -> None:
    """Write files, unless they have changed on disk since they were read: a run takes minutes."""
    for path in changed:
        if read_if_there(Path(path)) != inputs.sources[path]:
            raise EditError(f"{path}: was changed during the run; nothing was written, run it again")
    write_together({Path(path): text for path, text in changed.items()})


def _written(
    inputs: Inputs, report: Report, request: Request, changed: Mapping[str, bytes], picked: Sequence[Finding]
) -> Report:
    """Write what the fixes change, run the rules again on the fixed files, and return the report on what is left."""
    catalog, records = inputs.catalog, inputs.records
    source = changed.get(catalog.path, catalog.source)
    if request.piped:
        sys.stdout.buffer.write(source)
        sys.stdout.buffer.flush()
    else:
        write(inputs, changed)
    if picked:
        say(f"Fixed {counted(len(picked), 'finding')} in {', '.join(changed)}.")
    inputs = replace(
        inputs if report.pages else inputs.offline(),
        catalog=parsed(source, catalog.path, inputs.settings),
        records=read_records(changed.get(records.path, records.source), records.path),
        lines=changed_lines(request.path, inputs.since) if inputs.since is not None else None,
    )
    again = reported(inputs, inputs.evidence().seeing(report.observations), report.run, report.pages)
    return replace(again, rules=report.rules, known=report.known, fixed=report.fixed, ended=report.ended)


def deliver(report: Report, request: Request, *, fixed_text_on_stdout: bool = False) -> None:
    """Print a report, or write it to a file and print it as text; files last, so that a failure hides no finding."""
    server, repository, commit = (os.environ.get(f"GITHUB_{each}", "") for each in ("SERVER_URL", "REPOSITORY", "SHA"))
    lines_at = lines_address(server, repository, commit, report.path)
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


def say(text: str) -> None:
    """Print a line on standard error, if it is still open."""
    with contextlib.suppress(OSError):
        print_lines([((text, "bold"),)], error=True)
