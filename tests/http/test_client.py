"""One GET and every way in which it can end: as a value, counted, within limits. Real sockets."""

from __future__ import annotations

import asyncio
import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path

import httpx
import pytest
from wire import Speak, Wire, asked, free_port, reply, saying, serving, silence

from bot.http.client import BODY_LIMIT, Client
from bot.model.answers import Answer, Fault, FaultKind

OK = reply(b"hello")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PLAIN = b"HTTP/1.1 200 OK\r\n"


def kind_of(result: Answer | Fault) -> FaultKind | None:
    return result.kind if isinstance(result, Fault) else None


def got(*urls: str, remapped: bool = True, timeout: float = 5.0) -> list[Answer | Fault]:
    """What the client makes of some addresses, one after the other."""

    async def ask() -> list[Answer | Fault]:
        async with Client("tester/1", timeout, 4) as client:
            return [await client.get(url, remapped=remapped) for url in urls]

    return asyncio.run(ask())


# -- one GET ------------------------------------------------------------------------------------


def test_an_answer_is_its_status_headers_in_small_letters_and_body() -> None:
    result, wire = asked(saying(reply(b"hello", "418 Teapot", X_Thing="Yes")))
    assert result == Answer(418, {"content-length": "5", "x-thing": "Yes"}, b"hello")
    assert len(wire.heads) == 1


def test_a_request_is_a_get_that_says_who_asks_and_wants_gzip_alone() -> None:
    _, wire = asked(saying(OK))
    assert wire.heads[0].startswith(b"GET / HTTP/1.1\r\n")
    assert wire.header("host") == f"127.0.0.1:{wire.port}"
    assert wire.header("user-agent") == "tester/1"
    assert wire.header("accept-encoding") == "gzip"


def test_a_kept_connection_is_used_again() -> None:
    async def ask() -> tuple[int, int]:
        async with serving(saying(OK)) as wire, Client("tester/1", 5, 4) as client:
            for _ in range(3):
                assert isinstance(await client.get(wire.url, remapped=True), Answer)
            return wire.connections, client.sent

    assert asyncio.run(ask()) == (1, 3)


@pytest.mark.parametrize("ending", ["close", "abort"])
def test_a_request_on_a_connection_that_closes_is_not_repeated_in_secret(ending: str) -> None:
    async def speak(wire: Wire, writer: asyncio.StreamWriter) -> None:
        if len(wire.heads) == 1:
            writer.write(OK)
            await writer.drain()
        elif ending == "close":
            writer.close()
        else:
            writer.transport.abort()

    async def ask() -> tuple[list[FaultKind | None], int, int, int]:
        async with serving(speak) as wire, Client("tester/1", 5, 4) as client:
            results = [await client.get(wire.url, remapped=True) for _ in range(2)]
            return [kind_of(result) for result in results], client.sent, len(wire.heads), wire.connections

    assert asyncio.run(ask()) == ([None, FaultKind.RESET], 2, 2, 1)


def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next() -> None:
    async def ask() -> tuple[list[Answer | Fault], int]:
        async with (
            serving(saying(reply(b"first") + reply(b"unasked"), reply(b"second"))) as wire,
            Client("tester/1", 5, 4) as client,
        ):
            return [await client.get(wire.url, remapped=True) for _ in range(2)], wire.connections

    results, connections = asyncio.run(ask())
    assert [result.body for result in results if isinstance(result, Answer)] == [b"first", b"second"]
    assert connections == 2


def test_received_counts_the_bodies_bytes_on_the_wire() -> None:
    body = gzip.compress(b"a" * 10_000)

    async def ask() -> tuple[Answer | Fault, int]:
        async with serving(saying(reply(body, Content_Encoding="gzip"))) as wire, Client("tester/1", 5, 4) as client:
            return await client.get(wire.url, remapped=True), client.received

    result, received = asyncio.run(ask())
    assert isinstance(result, Answer)
    assert len(result.body) == 10_000
    assert received == len(body)


# -- nothing kept, nothing sent along -----------------------------------------------------------


def test_no_cookie_is_kept() -> None:
    async def ask() -> list[str | None]:
        async with (
            serving(saying(reply(b"", Set_Cookie="uid=1; Path=/"))) as wire,
            Client("tester/1", 5, 4) as client,
        ):
            first = await client.get(wire.url, remapped=True)
            assert isinstance(first, Answer)
            assert SimpleCookie(first.headers["set-cookie"])["uid"].value == "1"
            await client.get(wire.url, remapped=True)
            return [wire.header("cookie", request) for request in range(2)]

    assert asyncio.run(ask()) == [None, None]


def test_credentials_of_an_address_are_not_sent() -> None:
    async def ask() -> Wire:
        async with serving(saying(OK)) as wire, Client("tester/1", 5, 4) as client:
            url = wire.url.replace("//", "//user:p%40ss@")
            assert isinstance(await client.get(url, remapped=True), Answer)
            return wire

    wire = asyncio.run(ask())
    assert wire.header("authorization") is None
    assert b"p%40ss" not in wire.heads[0]


def test_proxies_and_credentials_in_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    result, wire = asked(saying(OK))
    assert isinstance(result, Answer)
    assert wire.header("authorization") is None


# -- no answer ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("speak", "kind"),
    [
        (saying(b"", then="close"), FaultKind.RESET),
        (saying(b"", then="abort"), FaultKind.RESET),
        (saying(PLAIN + b"X-Half: ", then="close"), FaultKind.RESET),
        (saying(PLAIN + b"X-Half: ", then="abort"), FaultKind.RESET),
        (saying(reply(b"half", Content_Length="30"), then="close"), FaultKind.RESET),
        (saying(reply(b"half", Content_Length="30"), then="abort"), FaultKind.RESET),
        (saying(CHUNKED + b"5\r\nhello\r\n", then="close"), FaultKind.RESET),
        (saying(CHUNKED + b"5\r\nhello\r\n", then="abort"), FaultKind.RESET),
        (saying(CHUNKED + b"five\r\nhello\r\n"), FaultKind.GARBLED),
        (saying(CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"), FaultKind.GARBLED),
        (saying(CHUNKED + b"5\r\nhello\r\n0\r\n" + b"X: y\r\n" * 50_000 + b"\r\n"), FaultKind.GARBLED),
        (saying(b"what is this?\r\n\r\n"), FaultKind.GARBLED),
        (saying(b"<html>no status line</html>", then="close"), FaultKind.GARBLED),
        (saying(bytes(range(256)) * 16), FaultKind.GARBLED),
        (saying(b"HTTP/3.0 200 OK\r\nContent-Length: 0\r\n\r\n", then="close"), FaultKind.GARBLED),
        (saying(b"HTTP/1.1 1000 Much\r\n\r\n"), FaultKind.GARBLED),
        (saying(PLAIN + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n"), FaultKind.GARBLED),
        (saying(PLAIN + b"X: " + b"a" * 1_000_000), FaultKind.GARBLED),
        (saying(PLAIN + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\n"), FaultKind.GARBLED),
        (saying(PLAIN + b"no colon\r\n\r\n"), FaultKind.GARBLED),
        (saying(reply(b"hello", Transfer_Encoding="chunked")), FaultKind.GARBLED),
        (saying(reply(b"hello", Content_Length="99999999999999999999999")), FaultKind.GARBLED),
        (saying(reply(b"hello", Content_Encoding="gzip")), FaultKind.ENCODING),
        (saying(reply(b"hello", Content_Encoding="br")), FaultKind.ENCODING),
        (saying(reply(b"hello", Content_Encoding="zstd")), FaultKind.ENCODING),
        (saying(reply(b"hello", Content_Encoding="deflate")), FaultKind.ENCODING),
        (saying(reply(gzip.compress(gzip.compress(b"hello")), Content_Encoding="gzip, gzip")), FaultKind.ENCODING),
    ],
)
def test_what_is_no_answer_is_a_fault_of_its_kind(speak: Speak, kind: FaultKind) -> None:
    result, wire = asked(speak)
    assert kind_of(result) is kind
    assert len(wire.heads) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + OK,
        b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100 + OK,
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 Gef\xfcnden \xff\r\nContent-Length: 5\r\n\r\nhello",
        PLAIN + b"X: \xff\xfe\r\nContent-Length: 5\r\n\r\nhello",
        PLAIN + b"X: " + b"a" * 20_000 + b"\r\nContent-Length: 5\r\n\r\nhello",
        PLAIN + b"Link: <http://[::1>; rel=next\r\nContent-Type: a/b; charset=\xff\r\nContent-Length: 5\r\n\r\nhello",
        CHUNKED + b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX: trailer\r\n\r\n",
        reply(b"hello", Content_Encoding="identity"),
    ],
)
def test_what_is_odd_but_whole_is_an_answer(raw: bytes) -> None:
    result, _ = asked(saying(raw))
    assert isinstance(result, Answer)
    assert (result.status, result.body, result.truncated) == (200, b"hello", False)


def test_an_answer_without_a_length_ends_where_the_connection_does() -> None:
    result, _ = asked(saying(PLAIN + b"\r\nhello", then="close"))
    assert result == Answer(200, {}, b"hello")


def test_a_location_beyond_ascii_is_read_as_it_was_written() -> None:
    result, _ = asked(saying("HTTP/1.1 301 Moved\r\nLocation: /é\r\nContent-Length: 0\r\n\r\n".encode()))
    assert isinstance(result, Answer)
    assert result.location == "/é"


def test_a_refused_connection_is_named_so() -> None:
    (result,) = got(f"http://127.0.0.1:{free_port()}/")
    assert kind_of(result) is FaultKind.REFUSED


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (b"HTTP/1.1 400 This is no TLS\r\n\r\n", FaultKind.TLS),
        (b"\x15\x03\x03\x00\x02\x02\x28", FaultKind.TLS),  # the alert of a server that shares no cipher
        (b"", FaultKind.RESET),
    ],
)
def test_a_port_that_does_not_speak_tls_is_named_so(said: bytes, kind: FaultKind) -> None:
    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(said)
        writer.close()

    async def ask() -> Answer | Fault:
        server = await asyncio.start_server(attend, "127.0.0.1", 0)
        async with server, Client("tester/1", 5, 4) as client:
            return await client.get(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", remapped=True)

    assert kind_of(asyncio.run(ask())) is kind


@pytest.mark.parametrize(
    "url",
    [
        "",
        "//host/",
        "http://",
        "http:///path",
        "https://[::1",
        "http://[v1.a]/",
        "http://host:port/",
        "http://host:99999/",
        "http://a..b/",
        "http://" + "a" * 70 + ".invalid/",
        "http://xn--/",
        "http://ⓛocalhost/",
        "http://a℀b/",
        "http://\udc80/",
        "http://host/\udc80",
        "http://\x00/",
        "ftp://host/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:a@b",
    ],
)
def test_what_is_no_address_of_the_web_is_named_so(url: str) -> None:
    assert [kind_of(result) for result in got(url, remapped=False)] == [FaultKind.ADDRESS]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://nobody.invalid/", "nobody.invalid"),
        ("http://bücher.invalid/", "xn--bcher-kva.invalid"),
        ("http://exa mple/", "exa%20mple"),
        ("http://ex%61mple.invalid/", "ex%61mple.invalid"),
    ],
)
def test_an_odd_name_is_only_a_name_that_is_not_found(url: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    names = []

    def nobody(host: str, *_: object, **__: object) -> None:
        names.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert [kind_of(result) for result in got(url, remapped=False)] == [FaultKind.DNS]
    assert names == [name]


def test_a_library_that_raises_what_it_does_not_document_is_a_fault_too() -> None:
    class Broken(httpx.AsyncBaseTransport):
        def __init__(self, error: Exception) -> None:
            self.error = error

        async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
            raise self.error

    async def ask(error: Exception) -> Answer | Fault:
        async with Client("tester/1", 1, 1, transport=Broken(error)) as client:
            return await client.get("https://medium.com/")

    for error in (RuntimeError("session\nis closed"), IndexError(), AssertionError(), RecursionError(), KeyError("x")):
        result = asyncio.run(ask(error))
        assert isinstance(result, Fault)
        assert result.kind is FaultKind.GARBLED
        assert result.detail.startswith(type(error).__name__)
        assert "\n" not in result.detail


def test_being_cancelled_is_no_fault() -> None:
    async def ask() -> None:
        async with serving(silence) as wire, Client("tester/1", 60, 4) as client:
            asking = asyncio.ensure_future(client.get(wire.url, remapped=True))
            await wire.spoken_to.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking

    asyncio.run(ask())


def test_being_cancelled_while_a_name_is_looked_up_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    looking = asyncio.Event()

    async def never(*_: object, **__: object) -> list[object]:
        looking.set()
        await asyncio.Event().wait()
        return []

    async def ask() -> set[asyncio.Task[object]]:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
        async with Client("tester/1", 60, 4) as client:
            asking = asyncio.ensure_future(client.get("http://slow.invalid/"))
            await looking.wait()
            asking.cancel()
            await asyncio.wait([asking])
        return asyncio.all_tasks() - {task for task in [asyncio.current_task()] if task}

    assert asyncio.run(ask()) == set()


# -- time ---------------------------------------------------------------------------------------


def drip(raw: bytes, piece: bytes, pause: float = 0.02) -> Speak:
    """Say something, then a little more, for ever."""

    async def speak(_: Wire, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return speak


@pytest.mark.parametrize(
    "speak",
    [
        silence,
        drip(PLAIN + b"Content-Length: 1000000\r\n\r\n", b"a"),
        drip(PLAIN, b"X: y\r\n"),
        drip(PLAIN + b"X: ", b"y"),
        drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        drip(CHUNKED, b"1\r\na\r\n"),
        saying(PLAIN + b"\r\nhello"),
        saying(CHUNKED + b"5\r\nhello\r\n"),
    ],
)
def test_an_answer_that_does_not_end_is_given_up_at_the_time_limit(speak: Speak) -> None:
    result, wire = asked(speak, timeout=0.2)
    assert kind_of(result) is FaultKind.TIMEOUT
    assert len(wire.heads) == 1


def test_a_slow_answer_within_the_limit_is_an_answer() -> None:
    async def speak(_: Wire, writer: asyncio.StreamWriter) -> None:
        for byte in OK:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.001)

    result, _ = asked(speak)
    assert isinstance(result, Answer)
    assert result.body == b"hello"


# -- size ---------------------------------------------------------------------------------------


def endless(raw: bytes, piece: Callable[[], bytes]) -> Speak:
    async def speak(_: Wire, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        while True:
            writer.write(piece())
            await writer.drain()
            await asyncio.sleep(0)

    return speak


def test_a_body_without_end_is_cut_at_the_limit() -> None:
    result, _ = asked(endless(PLAIN + b"\r\n", lambda: b"a" * 65_536), timeout=20)
    assert isinstance(result, Answer)
    assert (len(result.body), result.truncated) == (BODY_LIMIT, True)


def test_a_gzip_body_without_end_is_cut_at_the_limit() -> None:
    squeeze = zlib.compressobj(1, zlib.DEFLATED, 31)
    raw = PLAIN + b"Content-Encoding: gzip\r\n\r\n"
    result, _ = asked(endless(raw, lambda: squeeze.compress(b"ab" * 500_000)), timeout=20)
    assert isinstance(result, Answer)
    assert (len(result.body), result.truncated) == (BODY_LIMIT, True)


def bomb(size: int) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = bytes(1 << 20)
    return b"".join([*(squeeze.compress(block) for _ in range(size >> 20)), squeeze.flush()])


def test_a_bomb_of_256_mib_costs_no_more_memory_than_the_limit() -> None:
    raw = reply(bomb(256 << 20), Content_Encoding="gzip")
    assert len(raw) < 300_000

    async def ask() -> tuple[int, bool, int]:
        async with serving(saying(raw)) as wire, Client("tester/1", 20, 4) as client:
            tracemalloc.start()
            result = await client.get(wire.url, remapped=True)
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert isinstance(result, Answer)
        return len(result.body), result.truncated, peak

    length, truncated, peak = asyncio.run(ask())
    assert (length, truncated) == (BODY_LIMIT, True)
    assert peak < 3 * BODY_LIMIT
