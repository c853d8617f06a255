"""Asking again: what is worth it, how often, how long, and how that keeps all of Medium waiting."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from hours import in_no_time
from network import ARTICLE, AT, OWN, Night, chain, says, to

from bot.demo import page as stand_in
from bot.http.client import Client
from bot.http.probe import Prober
from bot.medium.site import MEDIUM, Site
from bot.model.pages import Alive, Blocked, Gone, Hop, Page, Target, Unreachable


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


def test_slow_redirects_end_with_the_pages_time() -> None:
    night = Night(chain(5), timeout=10, slowness=9)
    page = night.probe(AT)
    assert page.outcome == Unreachable("no whole answer in time")
    assert len(page.hops) == 4  # 3 answers of 9 seconds leave time for one more


def test_waiting_for_ones_turn_costs_no_patience() -> None:
    night = Night({**chain(4), f"{AT}?step=4": [says(503), says(200, ARTICLE)]}, timeout=10, rate=0.01)
    page = night.probe(AT)
    assert isinstance(page.outcome, Alive)
    assert page.attempts == 2
    assert night.now > 500


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
        (says(403, stand_in.CHALLENGE, cf_mitigated="challenge"), Blocked("a bot challenge")),
        (says(503, stand_in.CHALLENGE, cf_mitigated="challenge"), Blocked("a bot challenge")),
        (says(503, stand_in.CHALLENGE), Blocked("a bot challenge")),
        (says(429, stand_in.CHALLENGE), Blocked("a bot challenge")),
        (says(429, retry_after="61"), Blocked("rate limited (429)")),
        (says(503, retry_after="3600"), Unreachable("status 503")),
        (says(200, b"x", content_encoding="br"), Unreachable("the body's encoding is not gzip, or is damaged (br)")),
        (httpx.RemoteProtocolError("what?"), Unreachable("the answer is not valid HTTP (what?)")),
        (RuntimeError("a bug"), Unreachable("the answer is not valid HTTP (RuntimeError a bug)")),
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
    other, elsewhere = "https://b.medium.com/x-abcdef123457", "https://arxiv.org/abs/1"
    answers = {OWN: [says(429, retry_after="7"), says(200, ARTICLE)]}
    asked: list[tuple[str, float]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        asked.append((url, asyncio.get_running_loop().time()))
        return answers[url].pop(0) if url in answers else says(404)

    async def probe() -> None:
        async with Client("tester/1", 30, 4, transport=httpx.MockTransport(answer)) as client:
            prober = Prober(client, 30, 1, MEDIUM)
            await asyncio.gather(*(prober.probe(target(url)) for url in (OWN, other, elsewhere)))

    in_no_time(probe())
    assert [(url, at) for url, at in asked if "medium" in url] == [
        ("https://a.medium.com/robots.txt", 0),
        (OWN, 1),  # 429: the slot of the other page's robots.txt, 2, is void
        ("https://b.medium.com/robots.txt", 8),
        (OWN, 9),
        (other, 10),
    ]
    assert (elsewhere, 1) in asked


def test_all_of_mediums_hosts_share_one_pace_and_another_host_has_its_own() -> None:
    urls = [OWN, "https://b.medium.com/x-abcdef123457", "https://towardsdatascience.com/x-abcdef123458"]
    own = "https://own.example/x-abcdef123459"
    night = Night({}, rate=0.5, site=Site(frozenset({"own.example"})))
    asyncio.run(night.probe_all(*urls, own))
    assert len(night.asked) == 8
    assert night.now >= 14  # 8 requests, one each 2 seconds
    night = Night({}, rate=0.5, robots=b"")
    asyncio.run(night.probe_all("https://arxiv.org/abs/1"))
    assert night.sleeps == [2]


# -- at the end of a run ------------------------------------------------------------------------


def target(url: str) -> Target:
    return Target(url, url, MEDIUM.read(url))


def article(number: int) -> str:
    return f"https://a.medium.com/x-{number:012x}"


def asked_again(refusals: dict[str, list[httpx.Response | Exception]]) -> tuple[dict[str, Page], int]:
    """Ask for twelve pages, four at a time, and again at the end; each is gone after its refusals."""

    def answer(request: httpx.Request) -> httpx.Response:
        left = refusals.get(str(request.url), [])
        result = left.pop(0) if left else says(404)
        if isinstance(result, Exception):
            raise result
        return result

    async def probe() -> tuple[dict[str, Page], int]:
        async with Client("tester/1", 30, 4, transport=httpx.MockTransport(answer)) as client:
            prober = Prober(client, 30, 0, MEDIUM)
            for start in range(0, 12, 4):
                await asyncio.gather(*(prober.probe(target(article(n))) for n in range(start, start + 4)))
            return {page.url: page async for page in prober.probe_again()}, prober.retries

    return in_no_time(probe())


def challenge() -> httpx.Response:
    return says(403, stand_in.CHALLENGE, cf_mitigated="challenge")


def test_pages_that_were_refused_together_are_asked_again_and_a_page_refused_alone_is_not() -> None:
    pages, retries = asked_again({article(n): [challenge()] for n in (1, 4, 5, 6)})
    assert set(pages) == {article(n) for n in (4, 5, 6)}
    assert {page.outcome for page in pages.values()} == {Gone("no such post (404)")}
    assert [page.attempts for page in pages.values()] == [2, 2, 2]
    assert retries == 3


def test_pages_that_were_reset_or_limited_are_asked_again_even_alone() -> None:
    resets: list[httpx.Response | Exception] = [httpx.ReadError("reset")] * 4
    pages, _ = asked_again({article(1): resets, article(8): [says(429, retry_after="61")]})
    assert {url: (page.outcome, page.attempts) for url, page in pages.items()} == {
        article(1): (Gone("no such post (404)"), 5),
        article(8): (Gone("no such post (404)"), 2),
    }


def test_after_three_in_a_row_that_are_refused_again_the_others_are_left_alone() -> None:
    pages, _ = asked_again({article(n): [challenge(), challenge()] for n in (0, 1, 2, 3, 4)})
    assert len(pages) == 3
    assert {page.outcome for page in pages.values()} == {Blocked("a bot challenge")}
