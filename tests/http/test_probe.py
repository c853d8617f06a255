"""One page: ask, follow, judge. A stand-in for the network but where sockets matter."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network import ARTICLE, AT, ID, OWN, PUB, START, Body, Night, chain, says, to
from wire import Wire, reply, serving, silence

from bot.demo import page as stand_in
from bot.http.addresses import read_remap
from bot.http.client import BODY_LIMIT, Client
from bot.http.probe import AGENT, MAX_REDIRECTS, Prober
from bot.medium.quirks import ROBOTS
from bot.medium.site import MEDIUM
from bot.model.pages import Alive, Blocked, Gone, Hop, Moved, NotArticle, Page, Skipped, Target, Unreachable

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
    challenged = says(403, stand_in.CHALLENGE, cf_mitigated="challenge")
    night = Night({"https://a.medium.com/robots.txt": challenged, OWN: says(200, ARTICLE)})
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
            return await Prober(client, 5, 0, MEDIUM, sleep=Night({}).sleep).probe(Target("it", AT, MEDIUM.read(AT)))

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


# -- real sockets -------------------------------------------------------------------------------


def test_a_cancelled_probe_leaves_nothing_behind() -> None:
    async def probe() -> int:
        async with serving(silence) as wire, Client("tester/1", 60, 4) as client:
            prober = Prober(client, 60, 0, MEDIUM, [read_remap(f"^https://(.*)$ http://127.0.0.1:{wire.port}/$1")])
            targets = [Target(url, url, MEDIUM.read(url)) for url in (AT, OWN, PUB)]
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
            prober = Prober(client, 5, 0, MEDIUM, [read_remap(f"^https://(.*)$ http://127.0.0.1:{wire.port}/$1")])
            pages = [await prober.probe(Target(url, url, MEDIUM.read(url))) for url in (PUB, OWN, AT)]
            return pages, client.sent, len(wire.heads)

    pages, sent, seen = asyncio.run(probe())
    assert [type(page.outcome) for page in pages] == [Moved, Alive, Alive]
    assert sent == seen
    assert sum(page.attempts for page in pages) > 3
