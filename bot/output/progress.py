"""What a person sees while a run goes on. Knows the terminal, judges nothing."""

import contextlib
import json
import os
import re
import time
from collections.abc import Iterator
from operator import itemgetter

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from bot.checking.pipeline import Observer
from bot.files import abandon
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
        yield Observer()
    elif console.is_terminal and not quiet:
        watch = _Watch(console, verbose=verbose)
        words = TextColumn("{task.fields[watch]}", style="", markup=False, table_column=Column())
        with Progress(BarColumn(30), MofNCompleteColumn(), words, console=console, transient=True) as watch.bar:
            yield watch
    else:
        grouped = verbose and os.environ.get("GITHUB_ACTIONS") == "true"
        if grouped:
            _show(console, "::group::Pages, as they were asked")
        try:
            yield _Watch(console, verbose=verbose, quiet=quiet)
        finally:
            if grouped:
                _show(console, "::endgroup::")


def _show(console: Console, line: str) -> None:
    """Print a line of progress; a failure to print does not end the run."""
    try:
        console.print(Text(line), soft_wrap=True)
    except OSError:
        abandon(console.file)


class _Watch(Observer):
    """Counts what has happened, and shows it: on a `bar`, or without one by a line now and then."""

    def __init__(self, console: Console, *, verbose: bool, quiet: bool = False) -> None:
        self.console, self.verbose, self.quiet = console, verbose, quiet
        self.bar: Progress | None = None
        self.total = self.done = self.requests = 0
        self.started = self.last = time.monotonic()
        self.waiting: dict[str, tuple[str, float]] = {}

    def start(self, total: int) -> None:
        self.total, self.started = total, time.monotonic()
        if self.bar is not None:
            self.bar.add_task("pages", total=total, watch=self)

    def asking(self, target: Target) -> None:
        self.waiting[target.identity] = (target.url, time.monotonic())

    def answered(self, page: Page, requests: int) -> None:
        now = time.monotonic()
        _, asked = self.waiting.pop(page.identity, ("", now))
        self.done, self.requests = self.done + 1, requests
        if self.verbose and self.bar is not None:
            line = f"{type(page.outcome).__name__:<12}{page.url}  {page.reason or ''}"
            _show(self.console, on_terminal(line.rstrip()))
        elif self.verbose:
            _show(self.console, _structured(page, requests, now - asked))
        if self.bar is not None:
            self.bar.advance(TaskID(0))
        elif not self.quiet and now - self.last > _PLAIN_EVERY:
            self.last = now
            _show(self.console, f"{self.done} of {self.total} {self}")

    def __str__(self) -> str:
        # Called at each refresh, so that the wait for a slow page is seen to grow.
        now = time.monotonic()
        elapsed = max(now - self.started, 0.001)
        words = f"pages · {self.requests / elapsed:.1f} requests/s"
        if self.done and self.done < self.total:
            words += f" · {duration(elapsed / self.done * (self.total - self.done))} left"
        url, since = min(self.waiting.values(), key=itemgetter(1), default=("", now))
        if now - since > _SLOW_AFTER:
            words += f" · {duration(now - since)} on {on_terminal(url)[-60:]}"
        return words


def _structured(page: Page, requests: int, seconds: float) -> str:
    """Return a page's line for a log: the same keys in the same order, so that it can be searched and cut.

    A value with spaces or quotes is a JSON string. `seconds` since the page was requested include its time in the
    queue; `requests` counts those of the whole run.
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
