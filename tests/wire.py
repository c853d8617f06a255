"""A server on loopback that says what a test tells it to, byte for byte, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from bot.http.client import Client
from bot.model.answers import Answer, Fault

Speak = Callable[["Wire", asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Wire:
    """`heads` are the requests as they came, `connections` how many there were, asked anything or not."""

    port: int = 0
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0
    spoken_to: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @property
    def paths(self) -> list[str]:
        return [head.split()[1].decode() for head in self.heads]

    def header(self, name: str, request: int = -1) -> str | None:
        """What a request said under a name."""
        lines = self.heads[request].decode("latin-1").split("\r\n")[1:]
        return next((line.partition(": ")[2] for line in lines if line.lower().startswith(f"{name}: ")), None)


def reply(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """A whole answer; its length is said unless a header says otherwise."""
    headers = {"Content_Length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def saying(*answers: bytes, then: str = "keep") -> Speak:
    """Say one answer a request, the last one for ever; `then` keep, close or abort the connection."""

    async def speak(wire: Wire, writer: asyncio.StreamWriter) -> None:
        writer.write(answers[min(len(wire.heads), len(answers)) - 1])
        await writer.drain()
        if then == "close":
            writer.close()
        elif then == "abort":
            writer.transport.abort()

    return speak


async def silence(_: Wire, __: asyncio.StreamWriter) -> None:
    """Say nothing, for ever."""
    await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def serving(speak: Speak, host: str = "127.0.0.1") -> AsyncIterator[Wire]:
    wire = Wire()
    crew: set[asyncio.Task[None]] = set()

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        crew.add(task)
        wire.connections += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                wire.heads.append(await reader.readuntil(b"\r\n\r\n"))
                wire.spoken_to.set()
                await speak(wire, writer)
        writer.close()

    server = await asyncio.start_server(attend, host, 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        for task in crew:
            task.cancel()
        await asyncio.gather(*crew)
        await asyncio.sleep(0)


def asked(speak: Speak, timeout: float = 5.0) -> tuple[Answer | Fault, Wire]:
    """What the client makes of one request to a server that speaks so, and the server."""

    async def ask() -> tuple[Answer | Fault, Wire]:
        async with serving(speak) as wire, Client("tester/1", timeout, 4) as client:
            return await client.get(wire.url, remapped=True), wire

    return asyncio.run(ask())


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
