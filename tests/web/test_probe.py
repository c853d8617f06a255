"""One page: ask, follow, retry, judge. A stand-in for the network but where sockets matter."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import quote

import httpx
import pytest
import respx
from hypothesis import given, settings
from hypothesis import strategies as st
from web.hours import Time
from web.wire import Wire, reply, serving, silence

from bot.demo import page as stand_in
from bot.demo.facts import Facts
from bot.medium.oddities import ROBOTS
from bot.medium.urls import read_address
from bot.web.client import BODY_LIMIT, Client
from bot.web.outcome import Alive, Blocked, Gone, Hop, Moved, NotArticle, Page, Skipped, Unreachable
from bot.web.probe import AGENT, MAX_REDIRECTS, Prober, Target
from bot.web.remap import read_remap

ID = "abcdef123456"
OWN = f"https://a.medium.com/some-words-{ID}"
AT = f"https://medium.com/@a/some-words-{ID}"
PUB = f"https://medium.com/pub/some-words-{ID}"
ARTICLE = stand_in.article_page(Facts(ID, "Some Words", "2024-01-02T03:04:05.000Z", AT, ()), paragraphs=1)
START = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)


class Body(httpx.AsyncByteStream):
    """A body as the network gives it: httpx reads one that it was given as bytes before we can."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self):  # type: ignore[no-untyped-def]
        yield self.content


def says(status: int = 200, body: bytes = b"", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, stream=Body(body))


def to(location: str, status: int = 302) -> httpx.Response:
    return says(status, location=location)


@dataclass
class Night:
    """A network that answers from a table, and a clock that only sleeping moves."""

    answers: dict[str, httpx.Response | Exception | list[httpx.Response | Exception]]
    rate: float = 0
    remaps: tuple[str, ...] = ()
    custom_domains: frozenset[str] = frozenset()
    timeout: float = 10
    robots: bytes | None = ROBOTS.encode()
    now: float = 0
    sleeps: list[float] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    sent: int = 0
    retries: int = 0

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def transport(self) -> httpx.MockTransport:
        router = respx.MockRouter()
        router.route().mock(side_effect=self._answer)
        return httpx.MockTransport(router.async_handler)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        self.asked.append(url)
        answer = self.answers.get(url)
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        if answer is None and self.robots is not None and url.endswith("/robots.txt"):
            return says(200, self.robots)
        return answer or says(404)

    async def probe_all(self, *urls: str) -> list[Page]:
        async with Client("tester/1", self.timeout, 4, transport=self.transport()) as client:
            prober = Prober(
                client,
                self.timeout,
                self.rate,
                [read_remap(text) for text in self.remaps],
                self.custom_domains,
                clock=lambda: self.now,
                sleep=self.sleep,
                now=lambda: START + timedelta(seconds=self.now),
            )
            pages = await asyncio.gather(*(prober.probe(self.target(url)) for url in urls))
            self.sent, self.retries = client.sent, prober.retries
        return pages

    def target(self, url: str) -> Target:
        address = read_address(url, self.custom_domains)
        return Target(address.identity if address else url, url, address)

    def probe(self, url: str) -> Page:
        return asyncio.run(self.probe_all(url))[0]

    @property
    def pages_asked(self) -> list[str]:
        return [url for url in self.asked if not url.endswith("/robots.txt")]


# -- one page -----------------------------------------------------------------------------------


def test_a_living_page_costs_one_request_and_its_hosts_robots_txt() -> None:
    night = Night({OWN: says(200, ARTICLE)})
    page = night.probe(OWN)
    assert isinstance(page.outcome, Alive)
    assert (page.identity, page.url, page.attempts) == (f"@a/{ID}", OWN, 1)
    assert page.hops == (Hop(OWN, 200),)
    assert page.checked_at == START.replace(microsecond=0)
    assert night.asked == ["https://a.medium.com/robots.txt", OWN]
    assert (night.sent, night.retries, night.sleeps) == (2, 0, [])


def test_a_hosts_robots_txt_is_asked_once_for_all_its_pages() -> None:
    others = [f"https://a.medium.com/x-abcdef12345{n}" for n in range(5)]
    night = Night({})
    pages = asyncio.run(night.probe_all(*others))
    assert [page.outcome for page in pages] == [Gone("no such post (404)")] * 5
    assert sorted(night.asked) == sorted([*others, "https://a.medium.com/robots.txt"])


def test_an_address_that_is_not_mediums_is_judged_by_its_status() -> None:
    night = Night({"https://arxiv.org/abs/1": says(200)}, robots=b"")
    assert night.probe("https://arxiv.org/abs/1").outcome == Alive()
    assert night.probe("https://arxiv.org/abs/2").outcome == Gone("status 404")


def test_an_article_that_was_cut_is_partial() -> None:
    night = Night(
        {OWN: says(200, ARTICLE + b" " * BODY_LIMIT), AT: to(PUB), PUB: says(200, ARTICLE + b" " * BODY_LIMIT)}
    )
    for url in (OWN, AT):
        article = night.probe(url).article
        assert article is not None
        assert article.partial


def test_an_article_that_is_whole_is_not_partial() -> None:
    article = Night({OWN: says(200, ARTICLE)}).probe(OWN).article
    assert article is not None
    assert not article.partial


# -- robots.txt ---------------------------------------------------------------------------------


def test_a_page_that_robots_txt_forbids_is_skipped_wanted_and_never_asked() -> None:
    night = Night({OWN: says(200, ARTICLE)}, robots=f"User-agent: {AGENT}\nDisallow: /some".encode())
    page = night.probe(OWN)
    assert page.outcome == Skipped("robots.txt forbids it", wanted=True)
    assert (page.hops, page.status, night.pages_asked) == ((), None, [])


def test_a_redirect_to_what_robots_txt_forbids_is_not_followed() -> None:
    night = Night({OWN: to("https://medium.com/p/x/share"), "https://medium.com/p/x/share": says(200, ARTICLE)})
    page = night.probe(OWN)
    assert page.outcome == Skipped("robots.txt forbids it", wanted=True)
    assert (page.hops, night.pages_asked) == ((Hop(OWN, 302),), [OWN])


def test_a_wall_before_robots_txt_keeps_no_article_from_being_asked() -> None:
    walled = says(403, stand_in.WALL, cf_mitigated="challenge")
    night = Night({"https://a.medium.com/robots.txt": walled, OWN: says(200, ARTICLE)})
    assert isinstance(night.probe(OWN).outcome, Alive)


# -- redirects ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_the_same_owners_other_form_is_alive(status: int) -> None:
    night = Night({AT: to(OWN, status), OWN: says(200, ARTICLE)})
    page = night.probe(AT)
    assert isinstance(page.outcome, Alive)
    assert page.hops == (Hop(AT, status), Hop(OWN, 200))
    assert night.pages_asked == [AT, OWN]


def test_a_redirect_to_another_owner_is_a_move() -> None:
    page = Night({PUB: to(AT), AT: to(OWN), OWN: says(200, ARTICLE)}).probe(PUB)
    assert isinstance(page.outcome, Moved)
    assert page.outcome.url == OWN
    assert [hop.status for hop in page.hops] == [302, 302, 200]


def test_a_redirect_to_an_unknown_domain_is_a_move() -> None:
    there = f"https://unknown.example/some-words-{ID}"
    page = Night({PUB: to(there), there: says(200, ARTICLE)}).probe(PUB)
    assert isinstance(page.outcome, Moved)
    assert page.outcome.url == there


def test_a_redirect_to_another_article_is_no_move() -> None:
    there = "https://a.medium.com/other-abcdef123457"
    page = Night({OWN: to(there), there: says(200, ARTICLE.replace(ID.encode(), b"abcdef123457"))}).probe(OWN)
    assert isinstance(page.outcome, NotArticle)


@pytest.mark.parametrize("location", ["/", "https://medium.com", "http://www.medium.com/?gi=1"])
def test_a_redirect_to_the_front_page_is_a_dead_article_and_not_asked(location: str) -> None:
    night = Night({AT: to(location)})
    assert night.probe(AT).outcome == Gone("redirects to Medium's front page")
    assert night.pages_asked == [AT]


def test_the_front_page_itself_is_no_dead_article() -> None:
    assert Night({"https://medium.com/": says(200, stand_in.FRONT)}).probe("https://medium.com/").outcome == Alive()


def test_a_redirect_to_sign_in_is_no_verdict_and_not_asked() -> None:
    night = Night({AT: to("/m/signin?redirect=" + quote(AT, safe=""))})
    assert night.probe(AT).outcome == Blocked("redirects to the sign-in page: a draft, or unpublished")
    assert night.pages_asked == [AT]


def test_a_wrapper_is_undone_and_never_asked() -> None:
    custom = f"https://towardsdatascience.com/some-words-{ID}"
    wrapper = "https://medium.com/m/global-identity-2?redirectUrl=" + quote(f"{custom}?gi=1", safe="")
    night = Night({custom: to(wrapper), f"{custom}?gi=1": says(200, ARTICLE)})
    assert isinstance(night.probe(custom).outcome, Alive)
    assert night.pages_asked == [custom, f"{custom}?gi=1"]


def test_a_wrapper_that_leads_back_is_a_loop() -> None:
    custom = f"https://towardsdatascience.com/some-words-{ID}"
    night = Night({custom: to("https://medium.com/m/global-identity?redirectUrl=" + quote(custom, safe=""))})
    assert night.probe(custom).outcome == Unreachable("a redirect loop")
    assert night.pages_asked == [custom]


def test_source_is_stripped_before_asking() -> None:
    night = Night({AT: to(f"{OWN}?source=rss&sk=1"), f"{OWN}?sk=1": says(200, ARTICLE)})
    assert isinstance(night.probe(AT).outcome, Alive)
    assert night.pages_asked == [AT, f"{OWN}?sk=1"]


def test_a_loop_is_seen_before_it_is_asked_again() -> None:
    night = Night({AT: to(OWN), OWN: to(AT)})
    page = night.probe(AT)
    assert page.outcome == Unreachable("a redirect loop")
    assert night.pages_asked == [AT, OWN]


@pytest.mark.parametrize("location", ["", "   ", "#part", f"/@a/some-words-{ID}"])
def test_a_redirect_to_itself_is_a_loop(location: str) -> None:
    assert Night({AT: to(location)}).probe(AT).outcome == Unreachable("a redirect loop")


def chain(length: int) -> dict[str, httpx.Response | Exception | list[httpx.Response | Exception]]:
    """The article behind so many redirects."""
    urls = [AT, *(f"{AT}?step={n}" for n in range(1, length + 1))]
    redirects = {here: to(there) for here, there in pairwise(urls)}
    return {**redirects, urls[-1]: says(200, ARTICLE)}


def test_ten_redirects_are_followed() -> None:
    page = Night(chain(MAX_REDIRECTS)).probe(AT)
    assert isinstance(page.outcome, Alive)
    assert len(page.hops) == MAX_REDIRECTS + 1


def test_the_eleventh_redirect_is_not() -> None:
    night = Night(chain(MAX_REDIRECTS + 1))
    assert night.probe(AT).outcome == Unreachable("more than 10 redirects")
    assert len(night.pages_asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("ftp://medium.com/x", "redirects to an address that is neither http nor https"),
        ("javascript:alert(1)", "redirects to an address that is neither http nor https"),
        ("file:///etc/passwd", "redirects to an address that is neither http nor https"),
        ("data:text/html,x", "redirects to an address that is neither http nor https"),
        ("/" + "x" * 2048, "redirects to an address longer than 2048 characters"),
        ("http://[::1", "redirects to an address that cannot be read"),
        ("//[", "redirects to an address that cannot be read"),
        ("http://[a@b]/", "redirects to an address that cannot be read"),
        ("http://a@[/", "redirects to an address that cannot be read"),
        ("http://", "redirects to an address that cannot be read"),
        ("http://medium.com:99999/", "redirects to an address that cannot be read"),
        ("http://medium.com:port/", "redirects to an address that cannot be read"),
        ("http://a℀b.example/", "redirects to an address that cannot be read"),
        (
            "https://medium.com/m/global-identity?redirectUrl=http%3A%2F%2F%5B",
            "redirects to an address that cannot be read",
        ),
        (
            "https://medium.com/m/global-identity?redirectUrl=ftp%3A%2F%2Fx",
            "redirects to an address that is neither http nor https",
        ),
    ],
)
def test_a_location_that_leads_nowhere_is_unreachable(location: str, words: str) -> None:
    night = Night({AT: says(302, location=location) if location.isascii() else to_bytes(location)})
    page = night.probe(AT)
    assert page.outcome == Unreachable(words)
    assert page.hops == (Hop(AT, 302),)
    assert night.pages_asked == [AT]


def to_bytes(location: str) -> httpx.Response:
    return httpx.Response(302, headers=[(b"location", location.encode())], stream=Body(b""))


def test_a_redirect_without_a_location_leads_nowhere() -> None:
    night = Night({AT: says(302, b"moved")})
    assert night.probe(AT).outcome == Unreachable("status 302")


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://a℀b/", "http://x:99999/", "ftp://x/", "http://", "https://x/\udc80"]
)
def test_an_address_that_cannot_be_asked_is_unreachable(url: str) -> None:
    night = Night({})
    page = night.probe(url)
    assert isinstance(page.outcome, Unreachable)
    assert not page.outcome.reason.startswith("redirects")
    assert night.asked == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from([200, 200, 301, 302, 302, 302, 308, 403, 404, 410, 503]),
            st.one_of(
                st.binary(max_size=40),
                st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")),
                st.sampled_from(
                    [b"http://[", b"//", b"https://medium.com/m/global-identity?redirectUrl=", b"https://a.b:c"]
                ),
            ),
            st.sampled_from([b"", ARTICLE, stand_in.SOFT_404, b"<html", b"\xff\x00<title>"]),
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=150, deadline=None)
def test_whatever_the_web_does_is_an_outcome(hops: list[tuple[int, bytes, bytes]]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        status, location, body = hops[len(asked) % len(hops)]
        asked.append(str(request.url))
        return httpx.Response(status, headers=[(b"location", location)], stream=Body(body))

    async def probe() -> Page:
        async with Client("tester/1", 5, 1, transport=httpx.MockTransport(answer)) as client:
            return await Prober(client, 5, 0, sleep=Night({}).sleep).probe(Target("it", AT, read_address(AT)))

    asked: list[str] = []
    page = asyncio.run(probe())
    assert isinstance(page.outcome, Alive | Moved | Gone | NotArticle | Blocked | Unreachable | Skipped)
    assert len(page.hops) <= MAX_REDIRECTS + 1
    assert not any("/m/global-identity" in url and "redirectUrl" in url for url in asked)


# -- remaps -------------------------------------------------------------------------------------


def test_every_hop_is_remapped_and_reported_under_its_own_address() -> None:
    mirror = "http://mirror.example/"
    night = Night(
        {
            f"{mirror}medium.com/@a/some-words-{ID}": to(f"/pub/some-words-{ID}"),
            f"{mirror}medium.com/pub/some-words-{ID}": to(OWN),
            f"{mirror}a.medium.com/some-words-{ID}": says(200, ARTICLE),
            f"{mirror}medium.com/robots.txt": says(200),
            f"{mirror}a.medium.com/robots.txt": says(200),
        },
        remaps=("^ftp: none:", f"^https://(.*)$ {mirror}$1", "^https://medium.com http://second.example"),
        robots=None,
    )
    page = night.probe(AT)
    assert isinstance(page.outcome, Alive)
    assert (page.url, page.final_url) == (AT, OWN)
    assert page.hops == (Hop(AT, 302), Hop(PUB, 302), Hop(OWN, 200))
    assert [url.removeprefix(mirror) for url in night.asked] == [
        "medium.com/robots.txt",
        f"medium.com/@a/some-words-{ID}",
        f"medium.com/pub/some-words-{ID}",
        "a.medium.com/robots.txt",
        f"a.medium.com/some-words-{ID}",
    ]


# -- retries ------------------------------------------------------------------------------------


def test_a_busy_server_is_asked_again() -> None:
    night = Night({OWN: [says(503), httpx.ReadError("reset"), says(200, ARTICLE)]})
    page = night.probe(OWN)
    assert isinstance(page.outcome, Alive)
    assert (page.attempts, night.retries, night.sent) == (3, 2, 4)
    assert page.hops == (Hop(OWN, 200),)
    assert len(night.sleeps) == 2


def test_attempts_are_bounded() -> None:
    night = Night({OWN: says(503)})
    page = night.probe(OWN)
    assert page.outcome == Unreachable("status 503")
    assert (page.attempts, len(night.pages_asked)) == (4, 4)


def test_the_time_for_attempts_is_bounded_the_waits_to_come_included() -> None:
    night = Night({OWN: says(503, retry_after="9")}, timeout=10)
    page = night.probe(OWN)
    assert page.outcome == Unreachable("status 503")
    assert night.sleeps == [9, 9]  # a third would end after the 20 seconds that leave time for one more answer
    assert page.attempts == 3


def test_retries_of_all_hops_are_counted_and_share_the_time() -> None:
    night = Night({AT: [says(503, retry_after="9"), to(OWN)], OWN: [says(503, retry_after="9"), says(200, ARTICLE)]})
    page = night.probe(AT)
    assert isinstance(page.outcome, Alive)
    assert (page.attempts, night.retries) == (3, 2)
    night = Night({AT: [says(503, retry_after="15"), to(OWN)], OWN: says(503, retry_after="9")})
    page = night.probe(AT)
    assert (page.outcome, page.attempts, night.sleeps) == (Unreachable("status 503"), 2, [15])


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (says(404), Gone("no such post (404)")),
        (says(410, stand_in.DELETED), Gone("deleted by its author (410)")),
        (says(403), Unreachable("status 403")),
        (says(403, stand_in.WALL, cf_mitigated="challenge"), Blocked("a bot wall")),
        (says(503, stand_in.WALL, cf_mitigated="challenge"), Blocked("a bot wall")),
        (says(503, stand_in.WALL), Blocked("a bot wall")),
        (says(429, stand_in.WALL), Blocked("a bot wall")),
        (says(429, retry_after="61"), Blocked("rate limited (429)")),
        (says(503, retry_after="3600"), Unreachable("status 503")),
        (says(200, b"x", content_encoding="br"), Unreachable("the body's encoding is not gzip, or is damaged (br)")),
        (httpx.RemoteProtocolError("what?"), Unreachable("the answer is no valid HTTP (what?)")),
        (RuntimeError("a bug"), Unreachable("the answer is no valid HTTP (RuntimeError a bug)")),
    ],
)
def test_what_another_try_will_not_change_is_asked_once(answer: httpx.Response | Exception, outcome: object) -> None:
    night = Night({OWN: answer})
    page = night.probe(OWN)
    assert (page.outcome, page.attempts) == (outcome, 1)
    assert (night.pages_asked, night.sleeps) == ([OWN], [])


def test_no_answer_after_all_attempts_is_unreachable_without_a_hop() -> None:
    page = Night({OWN: httpx.ReadError("x")}).probe(OWN)
    assert (page.outcome, page.attempts, page.hops) == (Unreachable("connection reset"), 4, ())


def test_a_rate_limit_is_obeyed_and_then_tried_again() -> None:
    night = Night({OWN: [says(429, retry_after="7"), says(200, ARTICLE)]})
    assert isinstance(night.probe(OWN).outcome, Alive)
    assert night.sleeps == [7]


def test_a_rate_limit_of_one_page_keeps_all_of_medium_silent_but_no_other_host() -> None:
    time = Time(0)
    other, elsewhere = "https://b.medium.com/x-abcdef123457", "https://arxiv.org/abs/1"
    answers = {OWN: [says(429, retry_after="7"), says(200, ARTICLE)]}
    asked: list[tuple[str, float]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        asked.append((url, time.now))
        return answers[url].pop(0) if url in answers else says(404)

    async def probe() -> None:
        async with Client("tester/1", 30, 4, transport=httpx.MockTransport(answer)) as client:
            prober = Prober(client, 30, 1, clock=lambda: time.now, sleep=time.sleep, now=lambda: START)

            async def one(url: str) -> None:
                await prober.probe(Target(url, url, read_address(url)))

            await time.run(one(OWN), one(other), one(elsewhere))

    asyncio.run(probe())
    assert [(url, at) for url, at in asked if "medium" in url] == [
        ("https://a.medium.com/robots.txt", 0),
        (OWN, 1),  # 429: the slot of the other page's robots.txt, 2, is no more
        ("https://b.medium.com/robots.txt", 8),
        (other, 9),
        (OWN, 10),
    ]
    assert (elsewhere, 1) in asked


def test_all_of_mediums_hosts_share_one_pace_and_another_host_has_its_own() -> None:
    urls = [OWN, "https://b.medium.com/x-abcdef123457", "https://towardsdatascience.com/x-abcdef123458"]
    own = "https://own.example/x-abcdef123459"
    night = Night({}, rate=0.5, custom_domains=frozenset({"own.example"}))
    asyncio.run(night.probe_all(*urls, own))
    assert len(night.asked) == 8
    assert night.now >= 14  # 8 requests, one each 2 seconds
    night = Night({}, rate=0.5, robots=b"")
    asyncio.run(night.probe_all("https://arxiv.org/abs/1"))
    assert night.sleeps == [2]


# -- real sockets -------------------------------------------------------------------------------


def test_a_cancelled_probe_leaves_nothing_behind() -> None:
    async def probe() -> int:
        async with serving(silence) as wire, Client("tester/1", 60, 4) as client:
            prober = Prober(client, 60, 0, [read_remap(f"^https://(.*)$ http://127.0.0.1:{wire.port}/$1")])
            targets = [Target(url, url, read_address(url)) for url in (AT, OWN, PUB)]
            probing = [asyncio.ensure_future(prober.probe(target)) for target in targets]
            await wire.spoken_to.wait()
            for each in probing:
                each.cancel()
            await asyncio.wait(probing)
            assert all(each.cancelled() for each in probing)
        return len(asyncio.all_tasks())

    assert asyncio.run(probe()) == 1


def test_the_server_saw_what_was_counted() -> None:
    async def speak(wire: Wire, writer: asyncio.StreamWriter) -> None:
        path = wire.paths[-1]
        if path.endswith("/robots.txt"):
            writer.write(reply(ROBOTS.encode()))
        elif "pub" in path:
            writer.write(reply(b"", "301 Moved", Location=OWN))
        elif len(wire.heads) % 2:
            writer.transport.abort()
            return
        else:
            writer.write(reply(ARTICLE))
        await writer.drain()

    async def probe() -> tuple[list[Page], int, int]:
        async with serving(speak) as wire, Client("tester/1", 5, 4) as client:
            prober = Prober(client, 5, 0, [read_remap(f"^https://(.*)$ http://127.0.0.1:{wire.port}/$1")])
            pages = [await prober.probe(Target(url, url, read_address(url))) for url in (PUB, OWN, AT)]
            return pages, client.sent, len(wire.heads)

    pages, sent, seen = asyncio.run(probe())
    assert [type(page.outcome) for page in pages] == [Moved, Alive, Alive]
    assert sent == seen
    assert sum(page.attempts for page in pages) > 3
