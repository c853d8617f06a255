"""How a command was asked for, and all that is read before it starts: invalid input is refused by then."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.checking.evaluate import Inputs, parsed
from bot.checking.suppress import read_baseline
from bot.config import Settings
from bot.errors import CatalogError, UsageError
from bot.files import read_catalog, read_if_there
from bot.git import changed_lines
from bot.model.records import NAME as RECORDS
from bot.model.records import read_records
from bot.rules.registry import chosen

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
class Given:
    """The files that were read, and what is to be checked in them."""

    path: Path
    records_path: Path
    inputs: Inputs

    @property
    def piped(self) -> bool:
        """True if the catalog came from standard input."""
        return self.path == STANDARD_INPUT

    @property
    def places(self) -> dict[str, Path]:
        """Where the files are, by the paths that findings name."""
        return {self.inputs.catalog.path: self.path, self.inputs.records.path: self.records_path}


def read(path: Path, request: Request, *, needs_links: bool = True) -> Given:
    """Read the catalog and what belongs to it; raise `UsageError` with file, line and remedy."""
    settings = request.settings
    rules = chosen(settings.select, settings.ignore)
    _check_targets(path, request)
    piped = path == STANDARD_INPUT
    source = sys.stdin.buffer.read() if piped else read_catalog(path)
    name = "standard input" if piped else str(path)
    catalog = parsed(source, name, settings)
    gc.freeze()  # the catalog stays to the end; walking it in every collection made large ones superlinear
    if needs_links and next(catalog.places(), None) is None:
        raise CatalogError(f"{name}: holds no links; is it the catalog?")
    records_path = path.parent / RECORDS
    records = read_records(b"" if piped else read_if_there(records_path), str(records_path))
    since = request.since if not piped else None
    accepted = frozenset[str]()
    if not request.write_baseline:
        accepted = read_baseline(read_if_there(request.baseline), str(request.baseline))
    lines = changed_lines(path, since) if since is not None else None
    return Given(path, records_path, Inputs(catalog, settings, rules, records, since, lines, accepted))


def _check_targets(path: Path, request: Request) -> None:
    """Refuse files to write that cannot be written, or would overwrite the catalog, before an hour's work."""
    taken = {path.resolve(), (path.parent / RECORDS).resolve()}
    new = (request.output, request.state, request.summary, request.baseline if request.write_baseline else None)
    for target in new:
        if target is not None and target.resolve() in taken:
            raise UsageError(f"{target}: is the catalog or its records; name another file to write to")
        if target is not None and not target.parent.is_dir():
            raise UsageError(f"{target}: there is no such folder; make it, or name another file")
    if request.output is not None and request.state is not None and request.output.resolve() == request.state.resolve():
        raise UsageError(f"{request.state}: the report would be written over the state; name another file")
