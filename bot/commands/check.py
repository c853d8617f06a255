"""`bot check-links` and `bot lint`: read, check, finish, and update the history."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.checking.evaluate import Inputs, lint
from bot.commands.outcome import finish, say
from bot.commands.request import Request, read
from bot.errors import BotError, UsageError
from bot.model.report import EXIT_INTERRUPTED, Report
from bot.rules.registry import chosen

if TYPE_CHECKING:
    from bot.commands.history_file import HistoryFile


def check_links(request: Request) -> int:
    """Check a catalog over the network, then fix, show and write as requested; return the exit code."""
    from bot.checking import pipeline  # noqa: PLC0415 - importing the HTTP client takes a quarter of a second
    from bot.commands.history_file import open_history  # noqa: PLC0415
    from bot.http.addresses import read_remap  # noqa: PLC0415
    from bot.output import progress  # noqa: PLC0415

    inputs = read(request)
    settings = request.settings
    for text in settings.remap:
        read_remap(text)
    today = datetime.now(UTC).date()
    kept = open_history(request.state, today, settings.site) if request.state is not None else None
    notes = [kept.note] if kept is not None and kept.note is not None else []
    if notes:
        say(notes[0])
    with progress.observer(quiet=request.quiet or not request.progress, verbose=request.verbose) as observer:

        async def run() -> Report:
            stop = asyncio.Event()
            history = kept.history if kept is not None else None
            with _signals(stop):
                return await pipeline.run(inputs, observer=observer, stop=stop, history=history, notes=notes)

        report = asyncio.run(run())
    return finish(inputs, report, request) if kept is None else _finish_and_keep(inputs, report, request, kept)


def _finish_and_keep(inputs: Inputs, report: Report, request: Request, kept: HistoryFile) -> int:
    """Finish, and update the history even if delivering the report fails; return the exit code."""
    try:
        code = finish(inputs, report, request)
    except BaseException:
        with contextlib.suppress(BotError):
            kept.update(report, request.settings)
        raise
    try:
        kept.update(report, request.settings)
    except BotError as error:
        if code != EXIT_INTERRUPTED:
            raise
        say(f"bot: {error}")
    return code


def lint_files(requests: Sequence[Request]) -> int:
    """Check catalogs without the network, one after another; return the worst exit code."""
    request = requests[0]
    if len(requests) > 1 and (request.output is not None or request.format != "text" or request.write_baseline):
        raise UsageError("one catalog at a time with --format, --output or --write-baseline")
    rules = chosen(request.settings.select, request.settings.ignore)
    if all(rule.needs_web for rule in rules):
        raise UsageError("none of the chosen rules works without the network; use check-links")
    code = 0
    for request in requests:
        inputs = read(request, needs_links=False)  # a hook passes every Markdown file that changed
        code = max(code, finish(inputs, lint(inputs, datetime.now(UTC)), request))
    return code


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the run early, once; a second Ctrl-C ends the process."""
    loop = asyncio.get_running_loop()
    before = signal.getsignal(signal.SIGTERM)

    def handle() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    try:
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, handle)
    except (NotImplementedError, ValueError, RuntimeError):  # unsupported on this platform, or outside the main thread
        yield
        return
    try:
        yield
    finally:  # or SIGTERM would kill the process with a file half written
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(each)
        signal.signal(signal.SIGTERM, before)
