"""The memory's file: read before a run, written whole after it; what cannot be read is kept beside the new one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.errors import BotError, CatalogError, UsageError
from bot.files import write_whole
from bot.history.codec import LARGEST, read_state, write_state
from bot.history.join import merged
from bot.history.update import after
from bot.medium.site import Site
from bot.model.history import State
from bot.model.report import Report


@dataclass(frozen=True, slots=True)
class Kept:
    """A state with the file it is kept in: `source` is what stood there, `note` says what is wrong with it."""

    path: Path
    source: bytes | None
    state: State
    note: str | None


def open_state(path: Path, today: date, site: Site) -> Kept:
    """Read a state's file; raise `UsageError` if there can be none. One that holds no state is a note, no error."""
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no such folder; make it, or name another with --state")
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: is no file; name one with --state")
    source = _read(path)
    state, note = read_state(source, str(path), today, site)
    return Kept(path, source, state, note)


def keep(kept: Kept, report: Report, min_coverage: float) -> None:
    """Write the memory after a run; raise `BotError` if it cannot be, with the old one as it was.

    If another run has written its own meanwhile, the two are joined.
    """
    today = report.run.started.date()
    state = after(kept.state, report, today, min_coverage)
    there = _read(kept.path)
    if there != kept.source:
        theirs, note = read_state(there, str(kept.path), today, report.evidence.site)
        state = merged(theirs, state) if note is None else state
    if there is None or kept.note is None or there != kept.source:
        write_whole(kept.path, write_state(state))
        return
    with _set_aside(kept.path.resolve()):
        write_whole(kept.path, write_state(state))


@contextlib.contextmanager
def _set_aside(target: Path) -> Iterator[None]:
    """Move a file out of the way of a new one, and back if that cannot be written."""
    aside = target.with_name(f"{target.name}.unreadable")
    try:
        target.replace(aside)
    except OSError as error:
        raise BotError(f"{target}: cannot be kept as {aside.name}: {error.strerror}") from error
    try:
        yield
    except BotError:
        with contextlib.suppress(OSError):
            aside.replace(target)
        raise


def _read(path: Path) -> bytes | None:
    """Return a file's bytes, no more than a state may have and one; None if there is none."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CatalogError(f"{path}: cannot be read: {error.strerror}") from error
