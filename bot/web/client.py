"""The only importer of the HTTP client: one GET, and every way in which it can end as a value.

httpx over aiohttp. The transport is called without httpx's client: that would keep cookies, follow
redirects and read proxies and credentials from the environment.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import aiohttp.http_exceptions
import httpx
from httpx_aiohttp import AiohttpTransport

from bot.web.exchange import Answer, Fault, FaultKind
from bot.web.guard import REFUSAL, RefusedAddressError, guarded_socket

BODY_LIMIT = 4 * 1024 * 1024
_HEADER_LIMIT = 32 * 1024
_HEADER_COUNT = 256
_ENCODINGS = {"": None, "identity": None, "gzip": 31, "x-gzip": 31}
_IDLE_CONNECTION = 15.0

Transport = httpx.AsyncBaseTransport


class Client:
    """Sends single GET requests; `sent` counts them and `received` their bodies' bytes on the wire.

    Addresses that a remap produced go out over a transport of their own, without the guard: as no
    connection is shared, a redirect to the same host and port is still refused.
    """

    def __init__(
        self,
        user_agent: str,
        timeout: float,
        concurrency: int,
        *,
        transport: Transport | None = None,
        remap_transport: Transport | None = None,
    ) -> None:
        self.sent = 0
        self.received = 0
        self._timeout = timeout
        self._headers = {
            "user-agent": user_agent,
            "accept": "text/html,application/xhtml+xml,application/rss+xml;q=0.9,*/*;q=0.5",
            "accept-encoding": "gzip",
            "accept-language": "en",
        }
        self._guarded = transport or _transport(concurrency, guarded=True)
        self._remapped = remap_transport or transport or _transport(concurrency, guarded=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._guarded.aclose()
        if self._remapped is not self._guarded:
            await self._remapped.aclose()

    async def get(self, url: str, *, remapped: bool = False) -> Answer | Fault:
        """Ask for an address once; headers and body together get the time limit. Never raises."""
        try:
            request = httpx.Request("GET", _without_credentials(url), headers=self._headers)
            if request.url.scheme not in ("http", "https") or not request.url.host:
                return Fault(FaultKind.ADDRESS, request.url.scheme)
            request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout)
            self.sent += 1
            async with asyncio.timeout(self._timeout):
                return await self._exchange(self._remapped if remapped else self._guarded, request)
        except _FAILURES as error:
            return fault_of(error)

    async def _exchange(self, transport: Transport, request: httpx.Request) -> Answer | Fault:
        response = await transport.handle_async_request(request)
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            wbits = _ENCODINGS.get(headers.get("content-encoding", "").strip().lower(), -1)
            if wbits == -1:
                return Fault(FaultKind.ENCODING, headers["content-encoding"][:80])
            body, truncated = await read_limited(self._counted(response), BODY_LIMIT, wbits)
            return Answer(response.status_code, headers, body, truncated)
        finally:
            await response.aclose()

    async def _counted(self, response: httpx.Response) -> AsyncIterator[bytes]:
        async for chunk in response.aiter_raw():
            self.received += len(chunk)
            yield chunk


async def read_limited(chunks: AsyncIterator[bytes], limit: int, wbits: int | None) -> tuple[bytes, bool]:
    """Read a body up to `limit` bytes, decompressing as it comes; say whether it was cut.

    Each piece is decompressed into the room that is left, so a small body cannot unfold to a huge one.
    """
    body = bytearray()
    inflate = zlib.decompressobj(wbits) if wbits is not None else None
    async for chunk in chunks:
        while chunk:
            room = limit - len(body)
            if room <= 0:
                return bytes(body), True
            if inflate is None:
                body += chunk[:room]
                chunk = chunk[room:]
            else:
                body += inflate.decompress(chunk, room)
                chunk = inflate.unconsumed_tail
                if inflate.eof:
                    return bytes(body), False
    return bytes(body), inflate is not None and not inflate.eof and bool(body)


def _transport(concurrency: int, *, guarded: bool) -> Transport:
    def session() -> aiohttp.ClientSession:
        made = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=max(1, concurrency) * 2,
                keepalive_timeout=_IDLE_CONNECTION,
                socket_factory=guarded_socket if guarded else None,
                ttl_dns_cache=300,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            max_line_size=_HEADER_LIMIT,
            max_field_size=_HEADER_LIMIT,
            max_headers=_HEADER_COUNT,
        )
        # aiohttp repeats a GET by itself when a kept connection was closed; every request is counted here.
        made._retry_connection = False  # noqa: SLF001 - the only switch there is
        return made

    return AiohttpTransport(client=session)


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))


_FAILURES = (
    httpx.HTTPError,
    httpx.InvalidURL,
    aiohttp.ClientError,
    aiohttp.http_exceptions.HttpProcessingError,
    zlib.error,
    OSError,  # TimeoutError and ssl.SSLError are OSErrors
    ValueError,
)

# Most particular first. httpx-aiohttp names refused, reset and DNS failures alike ConnectTimeout: the
# aiohttp error behind it says which it was.
_KINDS: tuple[tuple[type[BaseException], FaultKind], ...] = (
    (RefusedAddressError, FaultKind.FORBIDDEN),
    (aiohttp.ClientConnectorDNSError, FaultKind.DNS),
    (aiohttp.ClientSSLError, FaultKind.TLS),
    (aiohttp.ServerFingerprintMismatch, FaultKind.TLS),
    (aiohttp.ServerTimeoutError, FaultKind.TIMEOUT),
    (aiohttp.ServerDisconnectedError, FaultKind.RESET),
    (aiohttp.ClientConnectorError, FaultKind.REFUSED),
    (aiohttp.ClientPayloadError, FaultKind.RESET),
    (aiohttp.InvalidURL, FaultKind.ADDRESS),
    (aiohttp.ClientResponseError, FaultKind.GARBLED),
    (aiohttp.http_exceptions.HttpProcessingError, FaultKind.GARBLED),
    (aiohttp.ClientError, FaultKind.RESET),
    (httpx.InvalidURL, FaultKind.ADDRESS),
    (httpx.UnsupportedProtocol, FaultKind.ADDRESS),
    (httpx.TimeoutException, FaultKind.TIMEOUT),
    (httpx.ProtocolError, FaultKind.GARBLED),
    (httpx.DecodingError, FaultKind.ENCODING),
    (zlib.error, FaultKind.ENCODING),
    (httpx.ConnectError, FaultKind.REFUSED),
    (httpx.HTTPError, FaultKind.RESET),
    (TimeoutError, FaultKind.TIMEOUT),
    (ConnectionRefusedError, FaultKind.REFUSED),
    (OSError, FaultKind.RESET),
    (ValueError, FaultKind.ADDRESS),
)


def fault_of(error: BaseException) -> Fault:
    """Return what a library's exception means, by its own type or that of the error behind it."""
    detail = " ".join(str(error).split())[:200]
    if REFUSAL in detail:
        # Several addresses of one name fail as one plain OSError that keeps only their words.
        return Fault(FaultKind.FORBIDDEN, detail)
    for each in (error.__cause__, error):
        if (
            isinstance(each, OSError | aiohttp.ClientError | aiohttp.http_exceptions.HttpProcessingError)
            or each is error
        ):
            for kind, meaning in _KINDS:
                if isinstance(each, kind):
                    return Fault(meaning, detail)
    raise AssertionError(f"unmapped {error!r}")  # pragma: no cover - `_FAILURES` holds only mapped types
