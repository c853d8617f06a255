"""What a person sees while a run goes on. Knows the terminal, judges nothing."""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID
from rich.text import Text

from bot.checking.pipeline import Observer, Silent
from bot.model.pages import Page, Target
from bot.output.escape import on_terminal
from bot.output.terminal import Console
from bot.text import duration

_PLAIN_EVERY = 15.0
_SLOW_AFTER = 5.0
_QUOTED = re.compile(r'[\s"]')


@contextlib.contextmanager
def observer(*, quiet: bool, verbose: bool) -> Iterator[Observer]:
    """Yield what shows a run: live on a terminal, a line now and then elsewhere, nothing if quiet."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if quiet and not verbose:
        yield Silent()
    elif console.is_terminal and not quiet:
        with Progress(
            BarColumn(30), MofNCompleteColumn(), _Words(tally := _Tally()), console=console, transient=True
        ) as progress:
            yield _Live(tally, progress, console, verbose)
    else:
        grouped = verbose and os.environ.get("GITHUB_ACTIONS") == "true"
        if grouped:
            _show(console, "::group::Pages, as they were asked")
        try:
            yield _Plain(_Tally(), console, verbose, quiet)
        finally:
            if grouped:
                _show(console, "::endgroup::")


def _show(console: Console, line: str) -> None:
    """Print a line of progress; that it cannot be written is no reason to end a run."""
    with contextlib.suppress(OSError):
        console.print(Text(line), soft_wrap=True)


@dataclass(slots=True)
class _Tally:
    """Counts what has happened, and says so in words."""

    total: int = 0
    done: int = 0
    requests: int = 0
    started: float = field(default_factory=time.monotonic)
    waiting: dict[str, tuple[str, float]] = field(default_factory=dict)

    def words(self) -> str:
        now = time.monotonic()
        elapsed = max(now - self.started, 0.001)
        words = f"pages · {self.requests / elapsed:.1f} requests/s"
        if self.done and self.done < self.total:
            words += f" · {duration(elapsed / self.done * (self.total - self.done))} left"
        slowest = min(self.waiting.values(), key=lambda each: each[1], default=None)
        if slowest is not None and now - slowest[1] > _SLOW_AFTER:
            words += f" · {duration(now - slowest[1])} on {on_terminal(slowest[0])[-60:]}"
        return words

    def start(self, total: int) -> None:
        self.total, self.started = total, time.monotonic()

    def asking(self, target: Target) -> None:
        self.waiting[target.identity] = (target.url, time.monotonic())

    def answered(self, page: Page, requests: int) -> float:
        """Note an answer; return the seconds since the page was asked for, its turn in the queue among them."""
        now = time.monotonic()
        _, asked = self.waiting.pop(page.identity, ("", now))
        self.done, self.requests = self.done + 1, requests
        return now - asked


class _Words(ProgressColumn):
    """The tally in words, made anew at each refresh, so that the wait for a slow page is seen to grow."""

    def __init__(self, tally: _Tally) -> None:
        super().__init__()
        self._tally = tally

    def render(self, task: Task) -> Text:
        """Return the words; the task itself is not needed."""
        del task
        return Text(self._tally.words())


def _log(console: Console, page: Page) -> None:
    reason = f"  {page.reason}" if page.reason else ""
    _show(console, on_terminal(f"{type(page.outcome).__name__:<12}{page.url}{reason}"))


def _structured(page: Page, requests: int, seconds: float) -> str:
    """Return a page's line for a log: the same keys in the same order, so that it can be searched and cut.

    A value with spaces or quotes is a JSON string; `requests` counts those of the whole run.
    """
    when = page.checked_at.isoformat().replace("+00:00", "Z") if page.checked_at is not None else "-"
    values = {
        "outcome": type(page.outcome).__name__,
        "status": page.status or "-",
        "attempts": page.attempts,
        "seconds": f"{seconds:.1f}",
        "url": json.dumps(page.url) if _QUOTED.search(page.url) else page.url,
        "requests": requests,
        "reason": json.dumps(page.reason) if page.reason else "-",
    }
    return on_terminal(f"{when} " + " ".join(f"{key}={value}" for key, value in values.items()))


@dataclass(slots=True)
class _Live:
    """Progress on a terminal."""

    tally: _Tally
    progress: Progress
    console: Console
    verbose: bool
    task: TaskID | None = None

    def start(self, total: int) -> None:
        self.tally.start(total)
        self.task = self.progress.add_task("pages", total=total)

    def asking(self, target: Target) -> None:
        self.tally.asking(target)

    def answered(self, page: Page, requests: int) -> None:
        self.tally.answered(page, requests)
        if self.verbose:
            _log(self.console, page)
        if self.task is not None:
            self.progress.update(self.task, completed=self.tally.done)


@dataclass(slots=True)
class _Plain:
    """Progress in a log: a line now and then."""

    tally: _Tally
    console: Console
    verbose: bool
    quiet: bool
    last: float = field(default_factory=time.monotonic)

    def start(self, total: int) -> None:
        self.tally.start(total)

    def asking(self, target: Target) -> None:
        self.tally.asking(target)

    def answered(self, page: Page, requests: int) -> None:
        seconds = self.tally.answered(page, requests)
        if self.verbose:
            _show(self.console, _structured(page, requests, seconds))
        if not self.quiet and time.monotonic() - self.last > _PLAIN_EVERY:
            self.last = time.monotonic()
            _show(self.console, f"{self.tally.done} of {self.tally.total} {self.tally.words()}")
