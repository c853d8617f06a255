"""Fixtures: the stand-ins on threads of their own, and the command line run in this process."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import pytest
from contract import held_to_contract
from github_stand_in.state import Hub
from hosted import FILES, NAME, Hosted
from hypothesis import settings

from bot.cli import entry_point
from bot.demo.server import serve
from bot.demo.world import World


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


# A machine that is busy, as with a test process on each core, fails no test for the time that an example takes.
settings.register_profile("any-machine", deadline=None)
settings.load_profile("any-machine")

Cli = Callable[..., Done]
StandIn = Callable[[World], str]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run `bot` with arguments, in this process."""

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["bot", *map(str, arguments)])
        code: object = 0
        try:
            entry_point()
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        assert isinstance(code, int)
        return Done(code, out, err)

    return run


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """Serve worlds on loopback until the test ends; each call returns the world's remap."""
    with contextlib.ExitStack() as stack:
        yield lambda world: stack.enter_context(_serving(world))


@contextlib.contextmanager
def _serving(world: World) -> Iterator[str]:
    ready: SimpleQueue[tuple[str, asyncio.AbstractEventLoop]] = SimpleQueue()
    end = asyncio.Event()

    async def main() -> None:
        async with serve(world) as remap:
            ready.put((remap, asyncio.get_running_loop()))
            await end.wait()

    thread = threading.Thread(target=asyncio.run, args=(main(),))  # which cancels what still runs at the end
    thread.start()
    remap, loop = ready.get()
    try:
        yield remap
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()


@pytest.fixture
def github() -> Iterator[Hosted]:
    """Serve a hub with a small catalog; at the end no request may have broken GitHub's contract."""
    with held_to_contract(Hub(NAME, FILES)) as hosted:
        yield hosted
