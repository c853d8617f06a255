"""The stand-in for Medium in a process of its own, so that what is measured shares nothing with it."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection

from bot.demo.server import serve
from bot.demo.world import World

_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class StandIn:
    """A running stand-in. `remap` leads the bot to it; `base` stands before `HOST/PATH` in its addresses."""

    remap: str
    line: Connection

    @property
    def base(self) -> str:
        """The address under which a host's pages are found."""
        return self.remap.partition(" ")[2].removesuffix("$1")

    def asked(self) -> Counter[str]:
        """Return how often each address was asked for so far."""
        self.line.send("asked")
        counted: Counter[str] = self.line.recv()
        return counted


@contextlib.contextmanager
def stand_in(world: World, *, local_redirects: bool = False) -> Iterator[StandIn]:
    """Serve a world from another process for the length of the block."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_answer, args=(there, world), kwargs={"local_redirects": local_redirects})
    process.start()
    there.close()
    try:
        yield StandIn(_remap(here), here)
    finally:
        here.close()
        process.terminate()
        process.join(_PATIENCE)


def _remap(line: Connection) -> str:
    try:
        if line.poll(_PATIENCE):
            return str(line.recv())
    except EOFError:
        pass  # it died, and has said why
    raise OSError("the stand-in did not start")


def _answer(line: Connection, world: World, *, local_redirects: bool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    async def answer() -> None:
        async with serve(world, local_redirects=local_redirects) as remap:
            line.send(remap)
            # The line's end closes when the bench is done, or dies.
            with contextlib.suppress(EOFError):
                while await asyncio.to_thread(line.recv):
                    line.send(world.asked)

    asyncio.run(answer())
