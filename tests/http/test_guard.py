"""Which addresses are public, and that a socket to any other is never opened, on no hop. Real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
from wire import Speak, Wire, reply, saying, serving

from bot.http.addresses import RefusedAddressError, guarded_socket, is_public, read_remap
from bot.http.client import Client
from bot.http.probe import Prober
from bot.medium.site import MEDIUM
from bot.model.answers import Answer, Fault, FaultKind
from bot.model.pages import Outcome, Page, Target, Unreachable

# -- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "0.0.0.1",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001:0:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "4000::1",
        "localhost",
        "127.1",
        "2130706433",
        "",
        "%",
    ],
)
def test_these_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "162.159.152.4",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.1",
        "192.167.255.255",
        "223.255.255.255",
        "2606:4700::6810:7888",
        "2a00:1450:4001:80b::200e",
        "2606:4700::6810:7888%eth0",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
        "2002:101:101::1",
    ],
)
def test_these_are_public(address: str) -> None:
    assert is_public(address)


def test_a_socket_is_made_for_a_public_address_alone() -> None:
    guarded_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", 80))).close()
    with pytest.raises(RefusedAddressError, match=r"10\.0\.0\.1 is not a public address"):
        guarded_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 80)))


# -- the first hop ------------------------------------------------------------------------------

LOCAL = [
    "127.0.0.1",
    "127.0.0.2",
    "0.0.0.0",
    "0",
    "0x7f000001",
    "0x7f.1",
    "2130706433",
    "017700000001",
    "127.1",
    "127.0.1",
    "localhost",
    "LOCALHOST",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::]",
    "[64:ff9b::7f00:1]",
    "user@127.0.0.1",
    "example.com@127.0.0.1",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "１２７.0.0.1",
    "127。0。0。1",
]
FAR = ["169.254.169.254", "10.0.0.1", "192.168.1.1", "100.64.0.1", "[fe80::1]", "[fc00::1]", "[2002:7f00:1::]"]


@pytest.mark.parametrize("host", LOCAL)
def test_nothing_on_this_machine_is_connected_to(host: str) -> None:
    async def ask() -> tuple[Answer | Fault, int]:
        async with serving(saying(reply(b"secret")), "0.0.0.0") as wire, Client("tester/1", 5, 4) as client:
            return await client.get(f"http://{host}:{wire.port}/"), wire.connections

    result, connections = asyncio.run(ask())
    assert isinstance(result, Fault)
    assert result.kind in (FaultKind.FORBIDDEN, FaultKind.ADDRESS, FaultKind.DNS)
    assert connections == 0


def test_nothing_on_this_machine_is_connected_to_over_ipv6() -> None:
    async def ask() -> tuple[Answer | Fault, int]:
        async with serving(saying(reply(b"secret")), "::1") as wire, Client("tester/1", 5, 4) as client:
            return await client.get(f"http://[::1]:{wire.port}/"), wire.connections

    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    result, connections = asyncio.run(ask())
    assert isinstance(result, Fault)
    assert (result.kind, connections) == (FaultKind.FORBIDDEN, 0)
    assert "::1 is not a public address" in result.detail


def probed(url: str) -> Page:
    async def probe() -> Page:
        async with Client("tester/1", 5, 4) as client:
            return await Prober(client, 5, 0, MEDIUM).probe(Target(url, url, MEDIUM.read(url)))

    return asyncio.run(probe())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "[::ffff:127.0.0.1]", *FAR])
def test_an_address_that_is_not_public_is_named_so_and_not_tried_again(host: str) -> None:
    page = probed(f"http://{host}/")
    assert page.outcome == Unreachable("the address is not public")
    assert (page.hops, page.attempts) == ((), 1)


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], ["127.0.0.1", "::1"], ["10.0.0.1", "10.0.0.2"], ["::ffff:127.0.0.1", "169.254.169.254"]]
)
def test_a_name_that_leads_to_no_public_address_is_not_connected_to(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(*_: object, **__: object) -> list[tuple[object, ...]]:
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            (family[":" in ip], socket.SOCK_STREAM, 6, "", (ip, 80, 0, 0) if ":" in ip else (ip, 80))
            for ip in addresses
        ]

    async def ask() -> Answer | Fault:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        async with Client("tester/1", 5, 4) as client:
            return await client.get("http://rebound.example/")

    result = asyncio.run(ask())
    assert isinstance(result, Fault)
    assert result.kind is FaultKind.FORBIDDEN


# -- redirects ----------------------------------------------------------------------------------

ARTICLE = "https://medium.com/@a/some-words-abcdef123456"


def redirecting(location: str) -> Speak:
    """Have no robots.txt, redirect the articles of @a, and tell the secret to whoever asks for more."""

    async def speak(wire: Wire, writer: asyncio.StreamWriter) -> None:
        path = wire.paths[-1]
        if path == "/robots.txt":
            answer = reply(b"", "404 Not Found")
        elif path.startswith("/@a"):
            answer = reply(b"", "302 Found", Location=location.replace("PORT", str(wire.port)))
        else:
            answer = reply(b"secret")
        writer.write(answer)
        await writer.drain()

    return speak


@contextlib.asynccontextmanager
async def followed(location: str) -> AsyncIterator[tuple[Wire, Page]]:
    """Probe an article, remapped to this machine, that redirects to a location."""
    async with serving(redirecting(location), "0.0.0.0") as wire, Client("tester/1", 5, 4) as client:
        prober = Prober(client, 5, 0, MEDIUM, [read_remap(f"^https://medium.com http://127.0.0.1:{wire.port}")])
        yield wire, await prober.probe(Target("it", ARTICLE, MEDIUM.read(ARTICLE)))


@pytest.mark.parametrize("host", LOCAL)
def test_a_redirect_from_a_remapped_hop_to_this_machine_is_refused(host: str) -> None:
    async def probe() -> tuple[list[str], int, Page]:
        async with followed(f"http://{host}:PORT/secret") as (wire, page):
            return wire.paths, wire.connections, page

    paths, connections, page = asyncio.run(probe())
    assert isinstance(page.outcome, Unreachable)
    assert [hop.status for hop in page.hops] == [302]
    assert paths == ["/robots.txt", "/@a/some-words-abcdef123456"]
    assert connections == 1


@pytest.mark.parametrize("host", FAR)
def test_a_redirect_to_a_private_network_is_refused(host: str) -> None:
    async def probe() -> Outcome:
        async with followed(f"http://{host}/latest/meta-data/") as (_, page):
            return page.outcome

    assert asyncio.run(probe()) == Unreachable("the address is not public")


def test_a_remapped_hop_to_this_machine_works_and_so_does_a_redirect_that_is_remapped_too() -> None:
    async def probe() -> tuple[list[str], Page]:
        async with followed("https://medium.com/@b/other-abcdef123456") as (wire, page):
            return wire.paths, page

    paths, page = asyncio.run(probe())
    assert paths == ["/robots.txt", "/@a/some-words-abcdef123456", "/@b/other-abcdef123456"]
    assert [(hop.url, hop.status) for hop in page.hops] == [
        (ARTICLE, 302),
        ("https://medium.com/@b/other-abcdef123456", 200),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://medium.com@127.0.0.2:PORT/@b/x",  # becomes http://127.0.0.1:PORT@127.0.0.2:PORT/@b/x
        "https://medium.com@localhost:PORT/",
        "https://medium.com@0:PORT/",
        "https://medium.com:x@127.0.0.2:PORT/",
    ],
)
def test_an_address_cannot_smuggle_its_own_host_through_a_remap(url: str) -> None:
    async def probe() -> tuple[Page, int]:
        async with serving(saying(reply(b"secret")), "0.0.0.0") as wire, Client("tester/1", 5, 4) as client:
            prober = Prober(client, 5, 0, MEDIUM, [read_remap(f"https://medium.com http://127.0.0.1:{wire.port}")])
            asked = url.replace("PORT", str(wire.port))
            return await prober.probe(Target("it", asked, None)), wire.connections

    page, connections = asyncio.run(probe())
    assert isinstance(page.outcome, Unreachable)
    assert connections == 0


def test_a_remap_that_keeps_the_host_does_not_open_the_guard() -> None:
    async def probe() -> tuple[Page, int]:
        async with serving(saying(reply(b"secret"))) as wire, Client("tester/1", 5, 4) as client:
            prober = Prober(client, 5, 0, MEDIUM, [read_remap("^https://(.*)$ http://$1")])
            url = f"https://127.0.0.1:{wire.port}/"
            return await prober.probe(Target(url, url, None)), wire.connections

    page, connections = asyncio.run(probe())
    assert page.outcome == Unreachable("the address is not public")
    assert connections == 0
