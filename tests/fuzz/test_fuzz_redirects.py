"""Addresses and redirects: whatever a server sends, it leads to no private address, and the walk has an end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
from random import Random
from urllib.parse import quote, urlsplit

import httpx
import pytest
from fuzz.case import blocks, bounded, hold
from fuzz.mutation import ODD, mutated
from network import AT, Body

from bot.http import client as client_module
from bot.http.addresses import MAX_URL, flaw, guarded_socket, next_url, read_remap, route
from bot.http.client import Client
from bot.http.probe import MAX_REDIRECTS, Prober
from bot.http.robots import Robots
from bot.medium import site as urls
from bot.medium.classify import judge_target
from bot.medium.site import MEDIUM, other_form
from bot.model.answers import Answer, Fault
from bot.model.pages import Gone, Skipped, Target, Unreachable

LOOPBACK = (
    *("127.0.0.1", "127.1", "127.255.255.254", "0", "0.0.0.0", "2130706433", "0x7f.1", "0x7f000001", "017700000001"),
    *("localhost", "LOCALHOST.", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]"),
    *(
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[::1%25lo]",
        "[fe80::1%25eth0]",
        "[::ffff:0:127.0.0.1]",
    ),
    *(
        "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
        "１２７.0.0.1",
        "127。0。0。1",
        "①27.0.0.1",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "127.0.0.1%00",
        "loc\u00adalhost",
    ),
)
PRIVATE = (
    "10.0.0.1",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
)
PUBLIC = (
    "medium.com",
    "a.medium.com",
    "MEDIUM.COM.",
    "example.org",
    "xn--mnchen-3ya.de",
    "münchen.de",
    "1.1.1.1",
    "[2606:4700::1]",
)
SCHEMES = (
    "https:",
    "http:",
    "HTTP:",
    "",
    "javascript:",
    "file:",
    "data:",
    "ftp:",
    "ws:",
    "about:",
    "https",
    "http:\t",
    "\x00http:",
)
USERS = (
    "",
    "",
    "",
    "user@",
    "user:pw@",
    "medium.com@",
    "medium.com%40",
    "@",
    "a@b@",
    "127.0.0.1@",
    "medium.com:443@",
    "%00@",
)
PORTS = ("", "", ":80", ":443", ":0", ":65536", ":-1", ":x", ":", ":٣", ":1" * 3, ":" + "9" * 30)
PATHS = (
    *(
        "",
        "/",
        "//",
        "/\\",
        "/x-31e59abc0615",
        "/@a/x-31e59abc0615",
        "/p/31e59abc0615",
        "/m/signin",
        "/m/signin/?x",
        "/../..",
        "/%2e%2e/",
    ),
    *(
        "/m/global-identity",
        "/m/global-identity-2?redirectUrl=",
        "/m/global-identity-2?redirectUrl=https%3A%2F%2F127.0.0.1%2F",
    ),
    *(
        "/x?source=a&source=b",
        "/x#y",
        "/x?#",
        "?",
        "#",
        "/é",
        "/%",
        "/%ff",
        "/%0d%0aHost:%20x",
        "/\r\nX: y",
        "/ x",
        "/\t",
        "/;x=y",
        "/[",
        "/]",
    ),
)
SLASHES = ("//", "//", "//", "/", "///", "\\\\", "/\\", "", "//\t", "/\n/")


def location(random: Random) -> str:
    """An address that a redirect may name: whole, relative, wrapped, or anything but one."""
    hosts = random.choice((LOOPBACK, LOOPBACK, PRIVATE, PUBLIC))
    made = random.choice(SCHEMES) + random.choice(SLASHES) + random.choice(USERS) + random.choice(hosts)
    made += random.choice(PORTS) + random.choice(PATHS)
    for _ in range(random.choice((0, 0, 0, 1, 2, 40))):
        made = f"https://medium.com/m/global-identity-2?redirectUrl={quote(made, safe='')}"[:MAX_URL]
    if random.random() < 0.3:
        made = mutated(made.encode(), [each.encode() for each in (*LOOPBACK, *PATHS)], random).decode("latin-1")
    return random.choice(
        (made, made, made, f" {made}\t", made.replace("/", random.choice(ODD).decode("latin-1"), 1), "x" * 9_000)
    )


def addressed(random: Random) -> None:
    """Ask everything that can be asked of an address without asking its server."""
    first, then = location(random), location(random)
    try:
        url = next_url(random.choice((AT, first)), then, MEDIUM)
    except ValueError:
        url = then
    for each in (first, then, url):
        address = MEDIUM.read(each)
        urls.unwrap(each)
        MEDIUM.resolve(each)
        assert urls.quoted(urls.quoted(each)) == urls.quoted(each)
        if address is not None:
            again = MEDIUM.read(address.clean)
            assert again is not None
            assert (again.identity, again.kind, again.post_id) == (address.identity, address.kind, address.post_id)
            assert urlsplit(address.clean).hostname == address.host
            assert urlsplit(address.clean).username is None
            form = other_form(address)
            assert form is None or MEDIUM.read(form) is not None
        if flaw(each) is None:
            assert len(each) <= MAX_URL
            urls.untracked(urlsplit(each).query)
            judge_target(MEDIUM.read(AT), each)


@blocks("address", 250)
def test_any_address_is_read_or_refused(numbers: range) -> None:
    hold("address", numbers, lambda _, random: addressed(random))


REMAPS = [
    read_remap(text)
    for text in (
        "^https://medium.com http://127.0.0.1:8080",
        "^https?://(.*)$ http://127.0.0.1:8080/$1",
        "^https?://([^/]*)\\.medium\\.com http://127.0.0.1:8080/$1",
    )
]


@blocks("remap", 250)
def test_a_remap_leads_to_its_own_host_or_is_not_trusted(numbers: range) -> None:
    def check(_: int, random: Random) -> None:
        url, written = route(location(random), [random.choice(REMAPS)])
        if written:
            assert urlsplit(url).netloc.rpartition("@")[2] == "127.0.0.1:8080"

    hold("remap", numbers, check)


# -- the walk -------------------------------------------------------------------------------------


class Server(httpx.AsyncBaseTransport):
    """Answers what a case drew for it, and keeps what it was asked."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.asked: list[httpx.URL] = []
        self.drawn: dict[str, httpx.Response] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        if request.url.path == "/robots.txt" and self.random.random() < 0.8:
            return httpx.Response(404, stream=Body(b""))
        status = self.random.choice((301, 302, 303, 307, 308, 302, 302, 200, 304, 300, 399))
        plain = f"/@a/next-31e59abc0615?step={self.random.randrange(30)}"
        to = plain if self.random.random() < 0.8 else location(self.random)
        named = to.encode("utf-8", "replace").translate(None, b"\r\n\0")
        return httpx.Response(status, headers=[(b"location", named)], stream=Body(b"<title>x</title>"))


async def walked(random: Random) -> None:
    open_, mapped = Server(random), Server(random)
    remaps = [random.choice(REMAPS)] if random.random() < 0.5 else []
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    async with Client("tester/1", 10, 4, transport=open_, remap_transport=mapped) as client:
        prober = Prober(client, 10, 0, MEDIUM, remaps, clock=lambda: now, sleep=sleep)
        url = random.choice((AT, "https://example.org/x", location(random)))
        page = await prober.probe(Target("it", url, MEDIUM.read(url)))
    assert len(page.hops) <= MAX_REDIRECTS + 1
    assert len(open_.asked) + len(mapped.asked) < 100
    for asked in (*open_.asked, *mapped.asked):
        assert asked.scheme in ("http", "https")
        assert not asked.userinfo
        assert not asked.fragment
    assert all((asked.host, asked.port) == ("127.0.0.1", 8080) for asked in mapped.asked)
    if isinstance(page.outcome, Gone):
        assert page.outcome.reason == "redirects to Medium's front page"
        assert page.hops
    if isinstance(page.outcome, Unreachable | Skipped):
        assert len(page.outcome.reason) < 500


@blocks("walk", 250)
def test_any_walk_ends_and_asks_only_what_it_may(numbers: range) -> None:
    hold("walk", numbers, lambda _, random: asyncio.run(walked(random)))


# -- the guard, over the real client ----------------------------------------------------------------

FORBIDDEN = [
    ip_network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        *(
            "::/8",
            "100::/64",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8",
        ),
    )
]


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Let the guard judge, but open nothing: keep the addresses that it would have let through."""
    let_through: list[str] = []

    def judged(info: tuple[int, int, int, str, Sequence[object]]) -> socket.socket:
        guarded_socket(info).close()  # type: ignore[arg-type]
        let_through.append(str(info[4][0]))
        raise ConnectionRefusedError(111, "nobody is asked in a test")

    monkeypatch.setattr(client_module, "guarded_socket", judged)
    yield let_through
    for each in let_through:
        address = ip_address(each.partition("%")[0])
        assert not any(address in network for network in FORBIDDEN if network.version == address.version)


@blocks("guard", 250)
def test_no_address_leads_to_a_private_one(numbers: range, sockets: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name leads, as a hostile resolver would have it, to one public and several private addresses."""

    async def resolve(host: object, port: object, *_: object, **__: object) -> list[tuple[object, ...]]:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
        places = ["127.0.0.1", "::1", "10.0.0.1", "::ffff:127.0.0.1", "1.1.1.1"]
        try:
            places = [str(ip_address(name.partition("%")[0]))]
        except ValueError:
            with contextlib.suppress(OSError):
                places = [socket.inet_ntoa(socket.inet_aton(name))]
        kinds = [
            (socket.AF_INET6, (each, port, 0, 0)) if ":" in each else (socket.AF_INET, (each, port)) for each in places
        ]
        return [(family, socket.SOCK_STREAM, 6, "", where) for family, where in kinds]

    async def ask(random: Random) -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        async with Client("tester/1", 5, 4) as client:
            for _ in range(20):
                result = await client.get(location(random))
                assert isinstance(result, Fault)

    hold("guard", [number for number in numbers if number % 20 == 0], lambda _, random: asyncio.run(ask(random)))
    assert sockets or len(numbers) == 1


# -- robots.txt -----------------------------------------------------------------------------------

ROBOTS = (
    b"User-agent: *\nDisallow: /m/\nAllow: /\nCrawl-delay: 1\nSitemap: https://medium.com/sitemap.xml\n",
    b"\xef\xbb\xbfuser-agent : medium-catalog-bot\r\nDISALLOW:/*/edit$\r\n",
    b"",
)
IN_ROBOTS = (
    b"User-agent: ",
    b"Disallow: /",
    b"*" * 200,
    b"$",
    b"%",
    b"%ff",
    b"#",
    b":",
    b"/*a" * 60,
    b"Crawl-delay: 1e999",
    b"\r",
    b"\x00",
)


@blocks("robots", 250)
def test_any_robots_file_is_obeyed_or_stood_in_for(numbers: range) -> None:
    def check(number: int, random: Random) -> None:
        body = ROBOTS[number] if number < len(ROBOTS) else mutated(random.choice(ROBOTS), IN_ROBOTS, random)

        async def fetch(_: str) -> Answer | Fault:
            return Answer(random.choice((200, 200, 200, 404, 500, 429)), {}, body)

        async def ask() -> None:
            robots = Robots(fetch, "medium-catalog-bot", MEDIUM)
            for url in (AT, "https://example.org/x", "https://medium.com/m/signin", location(random)):
                if flaw(url) is None:
                    await robots.refusal(url)

        asyncio.run(ask())

    hold("robots", numbers, check)


@pytest.mark.parametrize(
    "piece",
    [b"*", b"/*", b"*a", b"Disallow: /*a*b*c$\n", b"User-agent: x\n", b"%", b"$"],
    ids=lambda piece: piece.decode(),
)
def test_a_huge_robots_file_takes_time_by_its_size(piece: bytes) -> None:
    async def ask() -> None:
        async def fetch(_: str) -> Answer:
            return Answer(200, {}, b"User-agent: *\nDisallow: /" + piece * (500_000 // len(piece)))

        robots = Robots(fetch, "medium-catalog-bot", MEDIUM)
        await robots.refusal(f"https://medium.com/{'a' * 2_000}")

    with bounded():
        asyncio.run(ask())
