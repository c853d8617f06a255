"""What the commands do, once their arguments are read: the order of reading, checking, fixing and showing."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.checking import fixes
from bot.checking.evaluate import lint, spoken
from bot.checking.suppress import read_baseline, written_baseline
from bot.config import Settings
from bot.errors import BotError, CatalogError, EditError, UsageError
from bot.files import append, read_catalog, read_if_there, write_together, write_whole
from bot.git import changed_lines
from bot.markdown.catalog import Catalog
from bot.markdown.parse import parse
from bot.model.records import NAME as RECORDS
from bot.model.records import Records, read_records
from bot.model.report import EXIT_FINDINGS, EXIT_INTERRUPTED, Report
from bot.output.annotations import render_annotations
from bot.output.json import render_json
from bot.output.markdown import lines_address, render_markdown
from bot.output.terminal import print_lines, print_text
from bot.output.text import Line, render_text, text_lines
from bot.rules.evidence import observe
from bot.rules.registry import BY_ID, chosen
from bot.rules.rule import Rule
from bot.text import counted

if TYPE_CHECKING:
    from bot.checking.pipeline import Stop
    from bot.commands.history_file import Kept


STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Request:
    """How a check was asked for. `baseline` is where accepted findings are kept."""

    settings: Settings
    baseline: Path
    since: str | None = None
    format: str = "text"
    output: Path | None = None
    exit_zero: bool = False
    quiet: bool = False
    verbose: bool = False
    progress: bool = True
    fix: bool = False
    unsafe: bool = False
    diff: bool = False
    write_baseline: bool = False
    state: Path | None = None
    summary: Path | None = None
    annotations: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """All that is read before a check: each wrong input has been refused by then."""

    path: Path
    catalog: Catalog
    records_path: Path
    records: Records
    rules: tuple[Rule, ...]
    lines: Collection[int] | None
    accepted: frozenset[str]

    @property
    def piped(self) -> bool:
        """Tell whether the catalog came from standard input."""
        return self.path == STANDARD_INPUT


def read(path: Path, request: Request, *, needs_links: bool = True) -> Input:
    """Read the catalog and what belongs to it; raise `UsageError` with file, line and remedy."""
    settings = request.settings
    rules = chosen(settings.select, settings.ignore)
    taken = {path.resolve(), (path.parent / RECORDS).resolve()}
    new = (request.output, request.state, request.summary, request.baseline if request.write_baseline else None)
    for target in new:
        if target is not None and target.resolve() in taken:
            raise UsageError(f"{target}: is the catalog or its records; name another file to write to")
        if target is not None and not target.parent.is_dir():  # said now, not when an hour's work is to be written
            raise UsageError(f"{target}: there is no such folder; make it, or name another file")
    if request.output is not None and request.state is not None and request.output.resolve() == request.state.resolve():
        raise UsageError(f"{request.state}: the report would be written over the state; name another file")
    piped = path == STANDARD_INPUT
    source = sys.stdin.buffer.read() if piped else read_catalog(path)
    name = "standard input" if piped else str(path)
    catalog = parse(source, name, name_columns=settings.name_columns, date_columns=settings.date_columns)
    gc.freeze()  # the catalog stays to the end; walking it in every collection made large ones superlinear
    if needs_links and next(catalog.places(), None) is None:
        raise CatalogError(f"{name}: holds no links; is it the catalog?")
    records_path = path.parent / RECORDS
    records = read_records(b"" if piped else read_if_there(records_path), str(records_path))
    accepted = frozenset[str]()
    if not request.write_baseline:
        accepted = read_baseline(read_if_there(request.baseline), str(request.baseline))
    lines = changed_lines(path, request.since) if request.since is not None and not piped else None
    return Input(path, catalog, records_path, records, rules, lines, accepted)


def check_links(path: Path, request: Request) -> int:
    """Check a catalog over the network, then fix, show and write as asked; return the exit code."""
    from bot.checking import pipeline  # noqa: PLC0415
    from bot.commands.history_file import open_state  # noqa: PLC0415
    from bot.http.remap import read_remap  # noqa: PLC0415
    from bot.output import progress  # noqa: PLC0415 - importing the HTTP client takes a quarter of a second

    given = read(path, request)
    settings = request.settings
    for text in settings.remap:
        read_remap(text)
    today = datetime.now(UTC).date()
    kept = open_state(request.state, today, settings.site) if request.state is not None else None
    notes = [kept.note] if kept is not None and kept.note is not None else []
    for note in notes:
        _say(note)
    with progress.observer(quiet=request.quiet or not request.progress, verbose=request.verbose) as observer:

        async def run() -> Report:
            stop = pipeline.Stop()
            with _signals(stop):
                return await pipeline.run(
                    given.catalog,
                    settings,
                    given.rules,
                    records=given.records,
                    lines=given.lines,
                    accepted=given.accepted,
                    observer=observer,
                    stop=stop,
                    state=kept.state if kept is not None else None,
                    notes=notes,
                )

        report = asyncio.run(run())
    if kept is None:
        return finish(given, report, request)
    return _finish_and_keep(given, report, request, kept)


def _finish_and_keep(given: Input, report: Report, request: Request, kept: Kept) -> int:
    """Finish, and remember what was seen, whatever becomes of the report; return the exit code."""
    from bot.commands.history_file import keep  # noqa: PLC0415

    try:
        code = finish(given, report, request)
    except BaseException:
        with contextlib.suppress(BotError):
            keep(kept, report, request.settings.min_coverage)
        raise
    try:
        keep(kept, report, request.settings.min_coverage)
    except BotError as error:
        if code != EXIT_INTERRUPTED:
            raise
        _say(f"bot: {error}")
    return code


def lint_files(paths: Collection[Path], request: Request) -> int:
    """Check catalogs without the network, one after another; return the worst exit code."""
    if len(paths) > 1 and (request.output is not None or request.format != "text" or request.write_baseline):
        raise UsageError("one catalog at a time with --format, --output or --write-baseline")
    rules = chosen(request.settings.select, request.settings.ignore)
    if all(rule.needs_web for rule in rules):
        raise UsageError("none of the chosen rules works without the network; use check-links")
    code = 0
    for path in paths:
        given = read(path, request, needs_links=False)  # a hook hands over every Markdown file that changed
        report = lint(
            given.catalog,
            request.settings,
            given.rules,
            records=given.records,
            lines=given.lines,
            accepted=given.accepted,
        )
        code = max(code, finish(given, report, request))
    return code


def finish(given: Input, report: Report, request: Request) -> int:
    """Accept, mend or show what a check found; return the exit code."""
    settings = request.settings
    if request.write_baseline:
        if report.exit_code(settings.min_coverage, exit_zero=True) != 0 or given.lines is not None:
            deliver(report, request)
            raise UsageError(
                f"{request.baseline}: left as it is: only a whole run that saw enough can accept what it found"
            )
        # What a fix of the records waits for is work, not a habit to accept.
        found = [finding for finding in report.findings if not BY_ID[finding.rule].folded]
        whole = bool(report.pages) and len(given.rules) == len(BY_ID)
        kept = b"" if whole else read_if_there(request.baseline)  # a narrower run speaks of its own rules only
        write_whole(request.baseline, written_baseline(found, kept))
        _say(f"{counted(len(found), 'finding')} accepted in {request.baseline}.")
        return 0
    if request.diff or request.fix:
        picked = fixes.fitting(given.catalog, fixes.choose(report.findings, unsafe=request.unsafe))
        changed = fixes.new_texts(given.catalog, {given.records.path: given.records.source}, picked)
        if request.diff:
            return _show_diff(given, changed)
        try:
            report = _written(given, report, changed, picked, request)
        except BotError:
            deliver(report, request)
            raise
    deliver(report, request, fixed_text_on_stdout=request.fix and given.piped)
    return report.exit_code(settings.min_coverage, exit_zero=request.exit_zero)


def _show_diff(given: Input, changed: dict[str, bytes]) -> int:
    before = {given.catalog.path: given.catalog.source, given.records.path: given.records.source}
    text = "".join(fixes.diff(path, before[path], after) for path, after in changed.items())
    print_text(text)
    return EXIT_FINDINGS if text else 0


def _written(given: Input, report: Report, changed: dict[str, bytes], picked: fixes.Chosen, request: Request) -> Report:
    """Write what the fixes change, and return the report on what is left."""
    if given.piped:
        sys.stdout.buffer.write(changed.get(given.catalog.path, given.catalog.source))
        sys.stdout.buffer.flush()
    else:
        _write(given, changed)
    if picked.findings:
        _say(f"Fixed {counted(len(picked.findings), 'finding')} in {', '.join(changed)}.")
    return _again(given, report, changed, request)


def _again(given: Input, report: Report, changed: dict[str, bytes], request: Request) -> Report:
    """Run the rules over the mended files, with what the web said before."""
    settings, seen = request.settings, report.evidence
    source = changed.get(given.catalog.path, given.catalog.source)
    catalog = parse(source, given.catalog.path, name_columns=settings.name_columns, date_columns=settings.date_columns)
    evidence = observe(
        catalog,
        seen.pages,
        prefix=seen.prefix,
        site=seen.site,
        confirm=seen.confirm,
        deaths=seen.deaths,
        held_back=seen.held_back,
        dying=seen.dying,
        records=read_records(changed.get(given.records.path, given.records.source), given.records.path),
        recoveries=seen.recoveries,
        feed=seen.feed,
    )
    rules = given.rules if report.pages else [rule for rule in given.rules if not rule.needs_web]
    lines = changed_lines(given.path, request.since) if given.lines is not None and request.since else None
    findings, hidden = spoken(catalog, evidence, rules, lines, given.accepted)
    return replace(report, catalog=catalog, findings=findings, accepted=hidden, evidence=evidence)


def _write(given: Input, changed: dict[str, bytes]) -> None:
    """Write files, unless somebody else has written them since they were read: a run takes minutes."""
    read_then = {given.path: given.catalog.source, given.records_path: given.records.source}
    places = {given.catalog.path: given.path, given.records.path: given.records_path}
    for path in (places[name] for name in changed):
        if read_if_there(path) != read_then[path]:
            raise EditError(f"{path}: was changed while the run went on; nothing was written, run it again")
    write_together({places[name]: text for name, text in changed.items()})


def deliver(report: Report, request: Request, *, fixed_text_on_stdout: bool = False) -> None:
    """Print a report, or write it to a file and print it as text.

    A file that cannot be written is spoken of last: what was found is not lost for it.
    """
    render = _RENDERERS[request.format]
    with contextlib.ExitStack() as written:
        if request.summary is not None:
            summary = render_markdown(report, _lines_at(report)).encode("utf-8", "replace")
            written.callback(append, request.summary, summary)
        if request.output is not None:
            written.callback(write_whole, request.output, render(report).encode("utf-8", "replace"))
        _print(report, request, render, fixed_text_on_stdout=fixed_text_on_stdout)


def _print(report: Report, request: Request, render: Callable[[Report], str], *, fixed_text_on_stdout: bool) -> None:
    if request.annotations and request.format != "github":
        print_text(render_annotations(report), error=fixed_text_on_stdout)
    if request.format != "text" and request.output is None:
        print_text(render(report), error=fixed_text_on_stdout)
        return
    print_lines(text_lines(report, summary=not request.quiet), error=fixed_text_on_stdout)


_RENDERERS: Mapping[str, Callable[[Report], str]] = {
    "text": render_text,
    "json": render_json,
    "markdown": lambda report: render_markdown(report, _lines_at(report)),
    "github": render_annotations,
}


def _lines_at(report: Report) -> str:
    """Return where the catalog's lines can be seen, in a job of GitHub's."""
    server, repository, commit = (os.environ.get(f"GITHUB_{each}", "") for each in ("SERVER_URL", "REPOSITORY", "SHA"))
    return lines_address(server, repository, commit, report.catalog.path)


def fix_from_report(report: Path, catalog: Path, request: Request) -> int:
    """Apply the fixes of a saved report to the catalog and its records; return the exit code."""
    from bot.publish.load import anchored  # noqa: PLC0415 - commands import what they use
    from bot.publish.saved import read_report  # noqa: PLC0415

    if not report.exists():
        raise UsageError(f"{report}: no such report; check-links writes one with --format json --output")
    given = read(catalog, request)
    settings = request.settings
    evidence = observe(given.catalog, prefix=settings.series_prefix, site=settings.site, records=given.records)
    saved = read_report(read_catalog(report), str(report), settings.site)
    loaded = anchored(saved, given.catalog, given.records, evidence)
    if loaded.stale:
        raise EditError(loaded.stale[0])
    found = [finding for finding in loaded.findings if finding.fix is not None]
    picked = fixes.fitting(given.catalog, fixes.choose(found, unsafe=request.unsafe))
    changed = fixes.new_texts(given.catalog, {given.records.path: given.records.source}, picked)
    if request.diff:
        return _show_diff(given, changed)
    _write(given, changed)
    left = len(found) - len(picked.findings)
    _say(f"Applied {counted(len(picked.findings), 'fix')} of {report}; {left} left for review or another run.")
    return 0


@contextlib.contextmanager
def _signals(stop: Stop) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the run early, once; a second Ctrl-C ends the process."""
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGTERM)

    def handle() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    try:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, handle)
    except (NotImplementedError, ValueError, RuntimeError):  # not here, or not in this thread
        yield
        return
    try:
        yield
    finally:  # the loop would leave SIGTERM to kill the process where it stands, a file half written
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)
        signal.signal(signal.SIGTERM, before)


def _say(text: str) -> None:
    """Say something on standard error, if anybody listens: it is no reason to stop."""
    line: Line = ((text, "bold"),)
    with contextlib.suppress(OSError):
        print_lines([line], error=True)
