"""robots.txt: asked once a host, obeyed, and never a way to hurt the bot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import pytest

from bot.demo import page as stand_in
from bot.http.probe import AGENT
from bot.http.robots import Robots
from bot.medium.quirks import ROBOTS
from bot.medium.site import Site
from bot.model.answers import Answer, Fault, FaultKind
from bot.model.pages import Outcome, Skipped, Unreachable

FORBIDDEN = Skipped("robots.txt forbids it", wanted=True)
UNREAD = Skipped("robots.txt cannot be read", wanted=True)
SITE = "https://site.example"
MEDIUM = "https://medium.com"
ARTICLE = f"{MEDIUM}/@a/x-abcdef123456"
WALLED = Answer(403, {"cf-mitigated": "challenge"}, stand_in.CHALLENGE)
TITLED_WALL = Answer(200, {}, stand_in.CHALLENGE)
HTML = Answer(200, {}, b"\n <!doctype html><title>App</title>")


class Hosts:
    """Fetches from a table, and keeps what was asked."""

    def __init__(self, answers: Mapping[str, Answer | Fault]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def fetch(self, url: str) -> Answer | Fault:
        self.asked.append(url)
        await asyncio.sleep(0)
        return self.answers.get(url, Answer(404))


def refusals(rules: str | bytes | Answer | Fault, *urls: str, site: str = SITE) -> list[Outcome | None]:
    """What a site with these rules says of some of its addresses (paths will do)."""
    body = rules.encode() if isinstance(rules, str) else rules
    answer = Answer(200, {}, body) if isinstance(body, bytes) else body
    robots = Robots(Hosts({f"{site}/robots.txt": answer}).fetch, AGENT, Site(frozenset({"own.example"})))

    async def ask() -> list[Outcome | None]:
        return [await robots.refusal(url if "://" in url else site + url) for url in urls]

    return asyncio.run(ask())


# -- the rules ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "forbidden"),
    [
        ("", []),
        ("User-agent: *\nDisallow:", []),
        ("User-agent: *\nDisallow: /", ["/", "/a", "/a/b", "/a?q=1", "/b"]),
        ("User-agent: *\nDisallow: /a", ["/a", "/a/b", "/a?q=1"]),
        ("User-agent: *\nDisallow: /a/", ["/a/b"]),
        ("User-agent: *\nDisallow: /a$", ["/a"]),
        ("User-agent: *\nDisallow: /*q=", ["/a?q=1"]),
        ("User-agent: *\nDisallow: /\nAllow: /b", ["/", "/a", "/a/b", "/a?q=1"]),
        ("\ufeffUser-agent: *\nDisallow: /a", ["/a", "/a/b", "/a?q=1"]),
        ("User-agent: *\r\nDisallow: /a\r\n", ["/a", "/a/b", "/a?q=1"]),
        ("user-agent:*#all\ndisallow:/a#this", ["/a", "/a/b", "/a?q=1"]),
        ("User-agent: medium-catalog-bot\nDisallow: /a", ["/a", "/a/b", "/a?q=1"]),
        ("User-agent: Medium-Catalog-Bot\nDisallow: /a", ["/a", "/a/b", "/a?q=1"]),
        ("User-agent: *\nDisallow: /\n\nUser-agent: medium-catalog-bot\nDisallow: /b", ["/b"]),
        ("User-agent: medium-catalog-bot\nDisallow: /b\n\nUser-agent: *\nDisallow: /", ["/b"]),
        ("User-agent: Googlebot\nUser-agent: medium-catalog-bot\nDisallow: /b", ["/b"]),
        ("User-agent: medium-catalog-bot*\nDisallow: /b", ["/b"]),
        ("User-agent: Googlebot\nDisallow: /", []),
        ("User-agent: bot\nDisallow: /", []),
        ("User-agent: catalog-bot\nDisallow: /", []),
        ("User-agent: medium-catalog-bots\nDisallow: /", []),
        ("User-agent: Googlebot\nDisallow: /\n\nUser-agent: *\nDisallow: /b", ["/b"]),
        ("User-agent: *\nDisallow: /b\n\nUser-agent: Googlebot\nDisallow: /", ["/b"]),
        ("Disallow: /", []),
        ("User-agent: *\nDisallow: /agents\nDisallow: /user-agent: x", []),
        ("no rules at all, just text", []),
    ],
)
def test_a_sites_rules_are_obeyed(rules: str, forbidden: list[str]) -> None:
    paths = ["/", "/a", "/a/b", "/a?q=1", "/b"]
    assert refusals(rules, *paths) == [FORBIDDEN if path in forbidden else None for path in paths]


def test_medium_articles_are_allowed_and_what_medium_forbids_is_not() -> None:
    paths = ["/@a/x-abcdef123456", "/@a", "/p/abcdef123456", "/@a/list/x-abcdef123456", "/feed/@a"]
    assert refusals(ROBOTS, *paths, site=MEDIUM) == [None] * len(paths)
    paths = ["/m/signin", "/m/global-identity", "/me/stories", "/media/x", "/p/x/share", "/a/x?source=y"]
    assert refusals(ROBOTS, *paths, site=MEDIUM) == [FORBIDDEN] * len(paths)


# -- no rules -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 404, 405, 410, 418, 451])
@pytest.mark.parametrize("site", [SITE, MEDIUM, "https://a.medium.com"])
def test_a_file_that_is_not_there_allows_all(status: int, site: str) -> None:
    for body in (b"", b"<html>no such page</html>", b"User-agent: *\nDisallow: /"):
        assert refusals(Answer(status, {}, body), "/a", "/m/x", site=site) == [None, None]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500),
        Answer(503),
        Answer(429),
        Answer(302),
        Answer(999),
        Answer(304),
        Answer(302, {"location": "/robots.txt"}),
        WALLED,
        TITLED_WALL,
        Answer(404, {"cf-mitigated": "challenge"}),
        Fault(FaultKind.RESET),
        Fault(FaultKind.DNS),
        Fault(FaultKind.FORBIDDEN),
        Answer(403),
        HTML,
    ],
)
@pytest.mark.parametrize(
    "site", [MEDIUM, "https://a.medium.com", "https://towardsdatascience.com", "https://own.example"]
)
def test_mediums_known_rules_stand_in_where_its_file_cannot_be_had(answer: Answer | Fault, site: str) -> None:
    assert refusals(answer, "/@a/x-abcdef123456", "/m/x", "/a/b?source=c", site=site) == [None, FORBIDDEN, FORBIDDEN]


@pytest.mark.parametrize("answer", [Answer(500), Answer(503), Answer(429), Answer(302), WALLED, TITLED_WALL])
def test_elsewhere_nothing_is_asked_where_the_file_cannot_be_had(answer: Answer) -> None:
    assert refusals(answer, "/a") == [UNREAD]


def test_a_host_that_gives_no_answer_is_unreachable() -> None:
    assert refusals(Fault(FaultKind.TIMEOUT), "/a") == [Unreachable("no whole answer in time")]


@pytest.mark.parametrize("answer", [Answer(403), HTML, Answer(204)])
def test_elsewhere_a_page_instead_of_the_file_and_a_plain_403_hold_no_rules(answer: Answer) -> None:
    assert refusals(answer, "/a") == [None]


# -- asked once ---------------------------------------------------------------------------------


def test_a_host_is_asked_once_however_many_ask_at_the_same_time() -> None:
    hosts = Hosts({f"{SITE}/robots.txt": Answer(200, {}, b"User-agent: *\nDisallow: /b")})
    robots = Robots(hosts.fetch, AGENT, Site())

    async def ask() -> list[Outcome | None]:
        return await asyncio.gather(*(robots.refusal(f"{SITE}/{path}") for path in "abababab"))

    assert asyncio.run(ask()) == [None, FORBIDDEN] * 4
    assert hosts.asked == [f"{SITE}/robots.txt"]


def test_hosts_and_ports_have_files_of_their_own_but_spellings_of_a_host_do_not() -> None:
    hosts = Hosts({})
    robots = Robots(hosts.fetch, AGENT, Site())

    async def ask() -> None:
        for url in ("https://A.example/x", "https://a.example/y?z", "HTTPS://u:p@a.EXAMPLE", "https://a.example:8443/"):
            assert await robots.refusal(url) is None
        assert await robots.refusal("http://a.example/") is None

    asyncio.run(ask())
    assert hosts.asked == [
        "https://a.example/robots.txt",
        "https://a.example:8443/robots.txt",
        "http://a.example/robots.txt",
    ]


def test_one_who_is_cancelled_while_asking_spoils_it_for_nobody() -> None:
    answered = asyncio.Event()
    asked: list[str] = []

    async def fetch(url: str) -> Answer | Fault:
        asked.append(url)
        await answered.wait()
        return Answer(200, {}, b"User-agent: *\nDisallow: /b")

    async def ask() -> list[Outcome | None]:
        robots = Robots(fetch, AGENT, Site())
        first = asyncio.ensure_future(robots.refusal(f"{SITE}/a"))
        others = [asyncio.ensure_future(robots.refusal(f"{SITE}/{path}")) for path in "ab"]
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        assert first.cancelled()
        answered.set()
        return await asyncio.gather(*others)

    assert asyncio.run(ask()) == [None, FORBIDDEN]
    assert asked == [f"{SITE}/robots.txt"] * 2


def test_all_who_are_cancelled_leave_nothing_running() -> None:
    async def fetch(_: str) -> Answer | Fault:
        await asyncio.Event().wait()
        return Answer(404)

    async def ask() -> int:
        robots = Robots(fetch, AGENT, Site())
        callers = [asyncio.ensure_future(robots.refusal(f"{SITE}/{path}")) for path in "abc"]
        await asyncio.sleep(0)
        for caller in callers:
            caller.cancel()
        await asyncio.wait(callers)
        return len(asyncio.all_tasks())

    assert asyncio.run(ask()) == 1


# -- redirects ----------------------------------------------------------------------------------


def redirected(*locations: str, end: Answer | Fault) -> tuple[list[str], Outcome | None]:
    """Redirect SITE's file along some locations, the last of which gives the end."""
    answers: dict[str, Answer | Fault] = {}
    here = f"{SITE}/robots.txt"
    for location in locations:
        answers[here] = Answer(301, {"location": location})
        here = location if "://" in location else SITE + location
    answers.setdefault(here, end)
    hosts = Hosts(answers)
    return hosts.asked, asyncio.run(Robots(hosts.fetch, AGENT, Site()).refusal(f"{SITE}/a"))


RULES = Answer(200, {}, b"User-agent: *\nDisallow: /a")


def test_a_file_that_moved_is_followed_to_any_host() -> None:
    asked, refusal = redirected("/rules.txt", "https://www.site.example/robots.txt", end=RULES)
    assert refusal == FORBIDDEN
    assert asked == [f"{SITE}/robots.txt", f"{SITE}/rules.txt", "https://www.site.example/robots.txt"]


def test_five_redirects_are_followed_and_no_more() -> None:
    asked, refusal = redirected("/1", "/2", "/3", "/4", "/5", end=RULES)
    assert (len(asked), refusal) == (6, FORBIDDEN)
    asked, refusal = redirected("/1", "/2", "/3", "/4", "/5", "/6", end=RULES)
    assert (len(asked), refusal) == (6, UNREAD)


@pytest.mark.parametrize("location", ["http://[::1", "//[", "ftp://a/", "http://", "javascript:x", "/" + "x" * 2048])
def test_a_redirect_to_what_is_no_address_is_not_followed(location: str) -> None:
    asked, refusal = redirected(location, end=RULES)
    assert (asked, refusal) == ([f"{SITE}/robots.txt"], UNREAD)


def test_a_wrapped_redirect_is_unwrapped_and_not_asked() -> None:
    wrapper = "https://medium.com/m/global-identity-2?redirectUrl=https%3A%2F%2Fsite.example%2Frules.txt"
    hosts = Hosts({f"{SITE}/robots.txt": Answer(302, {"location": wrapper}), f"{SITE}/rules.txt": RULES})
    assert asyncio.run(Robots(hosts.fetch, AGENT, Site()).refusal(f"{SITE}/a")) == FORBIDDEN
    assert hosts.asked == [f"{SITE}/robots.txt", f"{SITE}/rules.txt"]


# -- hostile files ------------------------------------------------------------------------------

HALF = 256 * 1024


@pytest.mark.parametrize(
    "rules",
    [
        b"User-agent: *\nDisallow: /" + b"*" * HALF,
        b"User-agent: *\nDisallow: /" + b"*a" * HALF,
        b"User-agent: *\n" + b"Disallow: /*a*b*c*d\n" * (HALF // 20),
        b"User-agent: *\n" + b"Disallow: $$$$$$$$\n" * (HALF // 20),
        b"User-agent: *\nDisallow: /%" + b"%25" * HALF,
        b"\n".join(b"User-agent: b%d" % n for n in range(16_000)) + b"\n" + b"Disallow: /x\n" * 20_000,
        b"\n".join(b"user agent " + b"*" * (n % 300) + b"m" for n in range(1_700)) + b"\n" + b"Disallow: /x\n" * 20_000,
        ("\u2028".join(f"User-agent: b{n}" for n in range(14_000)) + "\u2028" + "Disallow: /x\n" * 20_000).encode(),
        b"\x0b".join(b"Useragent\tb%d" % n for n in range(16_000)) + b"\n" + b"Disallow: /x\n" * 20_000,
        b"User-agent: *\nCrawl-delay: " + b"9" * HALF + b"\nRequest-rate: 1/" + b"9" * HALF,
        bytes(range(256)) * 2_000,
        b"\xff\xfe" * HALF,
        b"\0" * HALF,
    ],
    ids=range(13),
)
def test_a_hostile_file_costs_little(rules: bytes) -> None:
    started = time.process_time()
    refusals(rules, "/" + "a" * 2000, "/abc", "/x?y=%")
    assert time.process_time() - started < 3


def test_rules_beyond_half_a_megabyte_are_not_read() -> None:
    assert refusals(b"User-agent: *\nDisallow: /b\n" + b"#" * 2 * HALF + b"\nDisallow: /a", "/a", "/b") == [
        None,
        FORBIDDEN,
    ]
