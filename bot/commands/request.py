"""What a command was asked to do, and the files it reads: invalid input is rejected before any work begins."""

import gc
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.checking.evaluate import Inputs, parsed, read_baseline
from bot.config import Settings
from bot.errors import UsageError
from bot.files import read_catalog, read_if_there
from bot.git import changed_lines
from bot.model.records import NAME as RECORDS
from bot.model.records import read_records
from bot.rules.registry import chosen


@dataclass(frozen=True, slots=True)
class Request:
    """What to do with the catalog at `path`, and how. `baseline` is the file of accepted findings."""

    settings: Settings
    path: Path
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

    @property
    def piped(self) -> bool:
        """True if the catalog comes from standard input."""
        return self.path == Path("-")


def read(request: Request, *, needs_links: bool = True) -> Inputs:
    """Read the catalog, its records and the baseline; raise `UsageError` with file, line and remedy."""
    path, settings, piped = request.path, request.settings, request.piped
    rules = chosen(settings.select, settings.ignore)
    _check_targets(request)
    source = sys.stdin.buffer.read() if piped else read_catalog(path)
    catalog = parsed(source, "standard input" if piped else str(path), settings)
    gc.freeze()  # the catalog lives until the process ends; scanning it in every collection is slow for large ones
    if needs_links and next(catalog.places(), None) is None:
        raise UsageError(f"{catalog.path}: contains no links; is it the catalog?")
    records = path.parent / RECORDS
    since = request.since if not piped else None
    return Inputs(
        catalog,
        settings,
        rules,
        read_records(b"" if piped else read_if_there(records), str(records)),
        since,
        changed_lines(path, since) if since is not None else None,
        read_baseline(b"" if request.write_baseline else read_if_there(request.baseline), str(request.baseline)),
    )


def _check_targets(request: Request) -> None:
    """Reject output files that cannot be written or would overwrite the catalog, before an hour's work."""
    path, output, state = request.path, request.output, request.state
    taken = {path.resolve(), (path.parent / RECORDS).resolve()}
    for target in (output, state, request.summary, request.baseline if request.write_baseline else None):
        if target is not None and target.resolve() in taken:
            raise UsageError(f"{target}: is the catalog or its records; name another file to write to")
        if target is not None and not target.parent.is_dir():
            raise UsageError(f"{target}: there is no such folder; make it, or name another file")
    if output is not None and state is not None and output.resolve() == state.resolve():
        raise UsageError(f"{state}: the report would overwrite the state; name another file")
