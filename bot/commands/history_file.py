"""The history file: read before a run, replaced after it; an unreadable one is kept beside the new one."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.config import Settings
from bot.errors import UsageError
from bot.files import read_file, write_together
from bot.history.update import joined, updated
from bot.medium.site import Site
from bot.model.codec import DecodeError
from bot.model.documents import decode_history, encode_history
from bot.model.history import History
from bot.model.report import Report
from bot.output.escape import on_terminal

_LOST = "so nothing is called dead in this run"


def read_history(source: bytes | None, name: str, today: date, site: Site) -> tuple[History, str | None]:
    """Return the history, and a note to report if there is none (`source` is None) or it is invalid; never raises."""
    if source is None:
        return History(known=False), f"{name}: there is no history yet, {_LOST}"
    try:
        return decode_history(source, site.read, today), None
    except DecodeError as error:
        why = on_terminal(str(error))
        return History(known=False), f"{name}: the history cannot be read ({why}), {_LOST}; a new one begins"


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A history and its file: `source` is what was read there, `note` says what is wrong with it."""

    path: Path
    source: bytes | None
    history: History
    note: str | None

    def update(self, report: Report, settings: Settings) -> None:
        """Write the history, joined with what another run has written meanwhile; raise `BotError` if that fails."""
        today = report.run.started.date()
        history = updated(self.history, report, today, settings.min_coverage)
        there = read_file(self.path) if self.path.exists() else None
        if there != self.source:
            theirs, note = read_history(there, str(self.path), today, settings.site)
            history = joined(theirs, history) if note is None else history
        aside = {}
        if there is not None and there == self.source and self.note is not None:
            target = self.path.resolve()
            aside[target.with_name(f"{target.name}.unreadable")] = there
        write_together({**aside, self.path: encode_history(history)})


def open_history(path: Path, today: date, site: Site) -> HistoryFile:
    """Read a history file; raise `UsageError` if the path cannot be one. Unreadable content is a note, not an error."""
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: not a file; name one with --state")
    source = read_file(path) if path.exists() else None
    return HistoryFile(path, source, *read_history(source, str(path), today, site))
