"""The only importer of the HTTP client: one GET, and every way in which it can end as a value.

httpx over aiohttp. The transport is called without httpx's client: that would keep cookies, follow
redirects and read proxies and credentials from the environment.
"""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import aiohttp.http_exceptions
import httpx
from aiohttp.connector import Connection
from httpx_aiohttp import AiohttpTransport

from bot.http.addresses import REFUSAL, RefusedAddressError, guarded_socket
from bot.model.answers import Answer, Fault, FaultKind

BODY_LIMIT = 4 * 1024 * 1024
_HEADER_LIMIT = 32 * 1024
_HEADER_COUNT = 256
_GZIPPED = {"": False, "identity": False, "gzip": True, "x-gzip": True}
_IDLE_CONNECTION = 15.0
_GZIP = zlib.MAX_WBITS | 16
_PIECE = 256 * 1024
_MEMBER = b"\x1f"  # how every member of a gzip file begins (RFC 1952, 2.3.1)
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

    async def get(
        self, url: str, *, remapped: bool = False, conditions: Mapping[str, str] | None = None
    ) -> Answer | Fault:
        """Ask for an address once; headers and body together get the time limit. Never raises.

        `conditions` are headers that ask for what is new.
        """
        try:
            request = httpx.Request("GET", _without_credentials(url), headers={**self._headers, **(conditions or {})})
            if request.url.scheme not in ("http", "https") or not request.url.host:
                return Fault(FaultKind.ADDRESS, request.url.scheme)
            request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout)
            self.sent += 1
            async with asyncio.timeout(self._timeout):
                return await self._exchange(self._remapped if remapped else self._guarded, request)
        except Exception as error:  # noqa: BLE001 - what a hostile answer makes a library raise is no failure of the bot
            return fault_of(error)

    async def _exchange(self, transport: Transport, request: httpx.Request) -> Answer | Fault:
        response = await transport.handle_async_request(request)
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            encoding = headers.get("content-encoding", "")
            gzipped = _GZIPPED.get(encoding.strip().lower())
            if gzipped is None:
                return Fault(FaultKind.ENCODING, encoding[:80])
            body, truncated = await read_limited(self._counted(response), BODY_LIMIT, gzipped=gzipped)
            return Answer(response.status_code, headers, body, truncated)
        finally:
            await response.aclose()

    async def _counted(self, response: httpx.Response) -> AsyncIterator[bytes]:
        async for chunk in response.aiter_raw():
            self.received += len(chunk)
            yield chunk


async def read_limited(chunks: AsyncIterator[bytes], limit: int, *, gzipped: bool) -> tuple[bytes, bool]:
    """Read a body up to `limit` bytes, decompressing as it comes; say whether it was cut.

    It is decompressed in pieces, so a small body cannot unfold to a huge one; nor is more than `limit`
    read of one that unfolds to nothing. Raises `zlib.error` for a damaged one.
    """
    body = bytearray()
    received = 0
    inflate = zlib.decompressobj(_GZIP)
    async for chunk in chunks:
        received += len(chunk)
        while chunk:
            if not gzipped:
                body += chunk
                chunk = b""
            elif not inflate.eof:
                body += inflate.decompress(chunk, _PIECE)
                chunk = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
            elif chunk.startswith(_MEMBER):
                inflate = zlib.decompressobj(_GZIP)
            else:
                return bytes(body), False  # what follows the last member is padding
            if max(received, len(body)) > limit:
                del body[limit:]
                return bytes(body), True
    return bytes(body), gzipped and received > 0 and not inflate.eof


class _Response(aiohttp.ClientResponse):
    """A response without the status line's words: httpx-aiohttp raises for those that are not UTF-8."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        await super().start(connection)
        self.reason = None
        return self


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
            response_class=_Response,
            trust_env=False,
            max_line_size=_HEADER_LIMIT,
            max_field_size=_HEADER_LIMIT,
            max_headers=_HEADER_COUNT,
        )
        # aiohttp repeats a GET by itself when a kept connection was closed; every request is counted here.
        made._retry_connection = False  # noqa: SLF001 - the only switch there is
        return made

    # The session verifies certificates with aiohttp's own context: without one here, httpx would load all
    # of them again for each transport, from where the environment says.
    return AiohttpTransport(client=session, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def _without_credentials(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))


# What an error means, the most telling first; those behind it count too: httpx-aiohttp names refused,
# reset and DNS failures alike ConnectTimeout.
_KINDS: tuple[tuple[type[BaseException], FaultKind], ...] = (
    (RefusedAddressError, FaultKind.FORBIDDEN),
    (aiohttp.ClientConnectorDNSError, FaultKind.DNS),
    (aiohttp.ClientSSLError, FaultKind.TLS),
    (aiohttp.ServerFingerprintMismatch, FaultKind.TLS),
    (TimeoutError, FaultKind.TIMEOUT),
    (ConnectionRefusedError, FaultKind.REFUSED),
    (ConnectionError, FaultKind.RESET),
    (aiohttp.ServerDisconnectedError, FaultKind.RESET),
    (aiohttp.ClientConnectorError, FaultKind.REFUSED),
    (aiohttp.ClientPayloadError, FaultKind.RESET),
    (aiohttp.InvalidURL, FaultKind.ADDRESS),
    (aiohttp.NonHttpUrlClientError, FaultKind.ADDRESS),
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
    (OSError, FaultKind.RESET),
    (ValueError, FaultKind.ADDRESS),
)


def fault_of(error: BaseException) -> Fault:
    """Return what a library's exception means, by its own type or that of an error behind it."""
    chain = [error]
    while (cause := chain[-1].__cause__) is not None and cause not in chain:
        chain.append(cause)
    message = getattr(error, "message", None)  # without the status 400 that aiohttp makes up for garbled answers
    detail = " ".join((message if isinstance(message, str) else str(error)).split())
    if REFUSAL in detail:
        # Several addresses of one name fail as one plain OSError that keeps only their words.
        return Fault(FaultKind.FORBIDDEN, detail[:200])
    for kind, meaning in _KINDS:
        if any(isinstance(each, kind) for each in chain):
            return Fault(meaning, detail[:200])
    return Fault(FaultKind.GARBLED, f"{type(error).__name__} {detail}"[:200])
