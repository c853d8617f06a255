"""What the libraries' exceptions mean: every one that they define, and exactly so the important ones."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
import aiohttp.http_exceptions
import httpx
import pytest
from aiohttp.client_exceptions import UnixClientConnectorError
from aiohttp.client_reqrep import ConnectionKey

from bot.http.addresses import RefusedAddressError
from bot.http.client import fault_of
from bot.model.answers import FaultKind

KEY = ConnectionKey("host", 443, is_ssl=True, ssl=True, proxy=None, proxy_auth=None, proxy_headers_hash=None)


def family(root: type[BaseException]) -> Iterator[type[BaseException]]:
    yield root
    for child in root.__subclasses__():
        yield from family(child)


MADE: dict[type[BaseException], Callable[[Any], BaseException]] = {
    aiohttp.ClientConnectorCertificateError: lambda kind: kind(KEY, Exception("expired")),
    UnixClientConnectorError: lambda kind: kind("/path", KEY, OSError(2, "gone")),
    aiohttp.ClientConnectorError: lambda kind: kind(KEY, OSError(113, "No route to host")),
    aiohttp.ServerFingerprintMismatch: lambda kind: kind(b"a", b"b", "host", 443),
    aiohttp.ClientResponseError: lambda kind: kind(None, (), message="what"),
    aiohttp.InvalidURL: lambda kind: kind("http://["),
    aiohttp.http_exceptions.LineTooLong: lambda kind: kind(b"line", 10),
    aiohttp.http_exceptions.InvalidHeader: lambda kind: kind("a b"),
    httpx.HTTPStatusError: lambda kind: kind("what", request=None, response=None),
}


def made(kind: type[BaseException]) -> BaseException:
    if kind is aiohttp.http_exceptions.HttpProcessingError:
        return aiohttp.http_exceptions.HttpProcessingError(message="what")
    return next((make(kind) for base, make in MADE.items() if issubclass(kind, base)), None) or kind("what")


ROOTS = (aiohttp.ClientError, aiohttp.http_exceptions.HttpProcessingError, httpx.HTTPError, httpx.InvalidURL)
ERRORS = sorted({kind for root in ROOTS for kind in family(root)}, key=lambda kind: (kind.__module__, kind.__name__))


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_error_of_the_libraries_has_a_meaning(kind: type[BaseException]) -> None:
    fault = fault_of(made(kind))
    assert not fault.detail.startswith(kind.__name__)  # so begin those that have none


def test_no_family_of_errors_is_left_out() -> None:
    assert len(ERRORS) > 50
    elsewhere = {
        each
        for module in (aiohttp, aiohttp.http_exceptions, httpx)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Exception) and each not in ERRORS
    }
    # Of websockets, multipart bodies, a misused stream or cookie jar: none of a GET.
    assert {each.__name__ for each in elsewhere if not issubclass(each, Warning)} <= {
        "CookieConflict",
        "EofStream",
        "RequestNotRead",
        "ResponseNotRead",
        "StreamClosed",
        "StreamConsumed",
        "StreamError",
        "WSMessageTypeError",
        "WebSocketError",
    }


def behind(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectTimeout("dns"), FaultKind.TIMEOUT),
        (httpx.ConnectError("x"), FaultKind.REFUSED),
        (httpx.ReadError("x"), FaultKind.RESET),
        (httpx.RemoteProtocolError("x"), FaultKind.GARBLED),
        (httpx.UnsupportedProtocol("x"), FaultKind.ADDRESS),
        (httpx.InvalidURL("x"), FaultKind.ADDRESS),
        (httpx.DecodingError("x"), FaultKind.ENCODING),
        (aiohttp.NonHttpUrlClientError("x"), FaultKind.ADDRESS),
        (aiohttp.InvalidURL("x"), FaultKind.ADDRESS),
        (aiohttp.ServerDisconnectedError(), FaultKind.RESET),
        (aiohttp.ServerTimeoutError(), FaultKind.TIMEOUT),
        (aiohttp.ConnectionTimeoutError(), FaultKind.TIMEOUT),
        (aiohttp.ClientOSError(104, "reset"), FaultKind.RESET),
        (aiohttp.ClientPayloadError("x"), FaultKind.RESET),
        (aiohttp.ServerFingerprintMismatch(b"a", b"b", "host", 443), FaultKind.TLS),
        (aiohttp.ClientConnectorCertificateError(KEY, Exception("expired")), FaultKind.TLS),
        (aiohttp.ClientConnectorSSLError(KEY, ssl.SSLError(1, "alert")), FaultKind.TLS),
        (aiohttp.ClientConnectorDNSError(KEY, OSError(-2, "unknown")), FaultKind.DNS),
        (aiohttp.http_exceptions.BadStatusLine("x"), FaultKind.GARBLED),
        (RefusedAddressError(13, "10.0.0.1 is not a public address"), FaultKind.FORBIDDEN),
        (OSError("Multiple exceptions: ::1 is not a public address, 127.0.0.1 is not a …"), FaultKind.FORBIDDEN),
        (OSError("x" * 300 + " 127.0.0.1 is not a public address"), FaultKind.FORBIDDEN),
        (TimeoutError(), FaultKind.TIMEOUT),
        (ConnectionRefusedError(), FaultKind.REFUSED),
        (ConnectionResetError(), FaultKind.RESET),
        (BrokenPipeError(), FaultKind.RESET),
        (OSError(24, "Too many open files"), FaultKind.RESET),
        (zlib.error("x"), FaultKind.ENCODING),
        (UnicodeError("x"), FaultKind.ADDRESS),
        (MemoryError(), FaultKind.GARBLED),
        (behind(httpx.ConnectTimeout("x"), aiohttp.ClientConnectorDNSError(KEY, OSError())), FaultKind.DNS),
        (behind(httpx.ConnectTimeout("x"), aiohttp.ServerDisconnectedError()), FaultKind.RESET),
        (behind(httpx.ConnectTimeout("x"), aiohttp.ClientConnectionResetError()), FaultKind.RESET),
        (behind(httpx.ReadTimeout("x"), aiohttp.SocketTimeoutError()), FaultKind.TIMEOUT),
        (
            behind(
                httpx.ConnectError("x"),
                behind(aiohttp.ClientConnectorError(KEY, OSError()), ConnectionResetError()),
            ),
            FaultKind.RESET,
        ),
        (
            behind(
                httpx.ConnectError("x"),
                behind(aiohttp.ClientConnectorError(KEY, OSError()), ConnectionRefusedError()),
            ),
            FaultKind.REFUSED,
        ),
        (
            behind(
                httpx.ConnectError("x"),
                behind(aiohttp.ClientConnectorError(KEY, OSError()), RefusedAddressError(13, "x")),
            ),
            FaultKind.FORBIDDEN,
        ),
    ],
    ids=repr,
)
def test_the_important_errors_mean_what_they_say(error: BaseException, kind: FaultKind) -> None:
    assert fault_of(error).kind is kind


def test_errors_that_are_each_others_cause_are_read_once() -> None:
    first, second = httpx.ReadError("x"), aiohttp.ClientConnectorDNSError(KEY, OSError())
    assert fault_of(behind(first, behind(second, first))).kind is FaultKind.DNS


def test_a_faults_detail_is_one_short_line_without_a_status_that_no_server_sent() -> None:
    fault = fault_of(aiohttp.http_exceptions.BadStatusLine("no\nHTTP " + "x" * 500))
    assert "400" not in fault.detail
    assert "\n" not in fault.detail
    assert len(fault.detail) == 200
