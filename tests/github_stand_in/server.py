"""The stand-in's REST API on loopback: real sockets, real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from urllib.parse import unquote

from aiohttp import web

from github_stand_in.api import answer
from github_stand_in.model import Reply, Request
from github_stand_in.state import Hub


@contextlib.asynccontextmanager
async def serve_hub(hub: Hub, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Run the stand-in; yield the value for `GITHUB_API_URL`: `http://127.0.0.1:PORT`."""

    async def handle(request: web.Request) -> web.StreamResponse:
        # On a thread, since an action before a request may itself wait for this server.
        reply = await asyncio.to_thread(answer, hub, await _read(request), str(request.url.origin()))
        return _said(request, reply)

    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, 0).start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def _read(request: web.Request) -> Request:
    sent = await request.read()
    try:
        body: object = json.loads(sent) if sent else None
    except ValueError:
        body = sent.decode("utf-8", "replace")
    path = unquote(request.raw_path.partition("?")[0])
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Request(request.method, path, dict(request.query), body, headers)


def _said(request: web.Request, reply: Reply) -> web.StreamResponse:
    if reply.dropped:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    if reply.body is None:
        return web.Response(status=reply.status, headers=reply.headers)
    return web.json_response(reply.body, status=reply.status, headers=reply.headers)
