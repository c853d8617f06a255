"""A server on loopback that answers for all of Medium's hosts: real sockets, real HTTP."""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace

from aiohttp import web

from bot.demo.world import Reply, World

_ENDLESS_CHUNK = b"<p>and so on</p>" * 4096


@contextlib.asynccontextmanager
async def serve(world: World, *, local_redirects: bool = False) -> AsyncIterator[str]:
    """Run the stand-in; yield the remap that leads to it: `https://HOST/PATH` becomes `…/HOST/PATH` there.

    `local_redirects`: redirects lead to the stand-in too, for a client that has no remap.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        host, _, path = request.raw_path.removeprefix("/").partition("/")
        reply = world.reply(f"https://{host}/{path}")
        return await _send(request, _led_back(reply, request) if local_redirects else reply)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield rf"^https?://(.*)$ http://{host}:{port}/$1"
    finally:
        await runner.cleanup()


def _led_back(reply: Reply, request: web.Request) -> Reply:
    """Return a reply whose `Location` leads to the stand-in that was asked."""
    headers = tuple(
        (name, f"{request.url.origin()}/{value.partition('://')[2]}" if name == "Location" else value)
        for name, value in reply.headers
    )
    return replace(reply, headers=headers)


async def _send(request: web.Request, reply: Reply) -> web.StreamResponse:
    await asyncio.sleep(reply.delay)
    if reply.reset:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    headers = {"Content-Type": "text/html; charset=utf-8", **dict(reply.headers)}
    if reply.endless:
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while request.method != "HEAD":
                await response.write(_ENDLESS_CHUNK)
                await asyncio.sleep(0)  # a fast reader must not keep the others waiting
        return response
    body = reply.body
    if "gzip" in request.headers.get("Accept-Encoding", "") and len(body) > 1024:
        body = gzip.compress(body, 1)
        headers["Content-Encoding"] = "gzip"
    return web.Response(status=reply.status, body=body, headers=headers)
