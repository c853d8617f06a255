"""Where dead articles live now, and what the feeds list: requested once, proposed only if the title fits."""

from __future__ import annotations

import asyncio
import json
from functools import partial

import httpx
import pytest
from streamed import BERT, Streamed, page
from support import catalog_of, fixed, run_check

from bot.config import Settings
from bot.http.client import Client
from bot.model.findings import Safety
from bot.model.report import Report
from bot.rules.registry import RULES

FILLER = "".join(f"- [Filler {number}](https://a.medium.com/filler-{number}-{number:012x})\n" for number in range(1, 4))


def checked(text: str, answers: dict[str, httpx.Response], **more: object) -> tuple[Report, list[str]]:
    """Check a catalog against answers by address; everything else is 404. Return the report and what was asked."""
    known = dict(answers)
    for number in range(1, 4):
        url = f"https://a.medium.com/filler-{number}-{number:012x}"
        known[url] = page(url, f"Filler {number}")
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        found = known.get(str(request.url), httpx.Response(404))
        if request.url.path != "/robots.txt":
            asked.append(str(request.url))
        return httpx.Response(found.status_code, headers=found.headers, stream=Streamed(found.content))

    client = partial(Client, transport=httpx.MockTransport(answer))
    settings = Settings(rate=0.0, **more)  # type: ignore[arg-type]
    report = asyncio.run(run_check(catalog_of(text), settings, RULES, client_for=client))
    return report, asked


def gone(report: Report) -> list[tuple[str, str | None]]:
    return [
        (each.entry, each.fix.summary if each.fix else None) for each in report.findings if each.rule == "link-gone"
    ]


def test_no_further_requests_are_sent_if_nothing_is_dead() -> None:
    report, asked = checked(f"- [BERT]({BERT})\n", {BERT: page(BERT, "BERT")})
    assert asked == [BERT]
    assert len(report.pages) == 1
    assert set(report.observations.pages) == {page.identity for page in report.pages}


def test_an_id_with_a_letter_too_many_is_found_in_the_catalog() -> None:
    wrong = BERT.replace("31e59abc0615", "31e59aabc0615")
    text = f"- [BERT]({BERT})\n- [BERT model]({wrong})\n"
    report, asked = checked(text, {BERT: page(BERT, "Papers Explained 02: BERT")})
    assert gone(report) == [("BERT model", f"→ {BERT}")]
    assert asked.count(BERT) == 1  # it was seen already
    (finding,) = [each for each in report.findings if each.rule == "link-gone"]
    assert finding.fix is not None
    assert finding.fix.safety is Safety.REVIEW
    assert "an id one letter away" in finding.facts[-1].source
    assert fixed(catalog_of(text), [finding]) == f"- [BERT]({BERT})\n- [BERT model]({BERT})\n"


def test_an_article_that_left_a_publication_is_found_by_its_id() -> None:
    at_pub = "https://medium.com/pub/bert-31e59abc0615#aaaa"
    answers = {
        "https://medium.com/p/31e59abc0615": httpx.Response(302, headers={"Location": BERT}),
        BERT: page(BERT, "BERT"),
    }
    text = f"- [BERT]({at_pub})\n"
    report, _ = checked(text, answers)
    assert gone(report) == [("BERT", f"→ {BERT}")]
    assert (
        fixed(catalog_of(text), [each for each in report.findings if each.rule == "link-gone"])
        == f"- [BERT]({BERT}#aaaa)\n"
    )


def test_the_same_slug_under_another_id_is_found_in_the_feed() -> None:
    new = "https://a.medium.com/papers-explained-102-bert-aaaaaaaa0002"
    feed = (
        '<?xml version="1.0"?><rss><channel><item><title><![CDATA[Papers Explained 102: BERT]]></title>'
        f"<link>{new}?source=rss-1</link><guid>https://medium.com/p/aaaaaaaa0002</guid>"
        "<pubDate>Mon, 01 Jan 2024 00:00:00 GMT</pubDate></item></channel></rss>"
    )
    answers = {"https://medium.com/feed/@a": httpx.Response(200, text=feed), new: page(new, "BERT")}
    report, asked = checked(f"- [BERT]({BERT})\n{FILLER}", answers, feeds=("@a",))
    assert gone(report) == [("BERT", f"→ {new}")]
    assert asked.count(new) == 1
    seen = report.observations
    assert [seen.pages[each].url for each in seen.pages if seen.pages[each] not in report.pages] == [
        "https://medium.com/p/31e59abc0615",
        new,
    ][::-1]
    assert report.wanted == 4  # pages outside the catalog do not count for coverage
    assert [each.url for each in report.findings if each.rule == "article-uncatalogued"] == [new]


def test_a_candidate_whose_title_does_not_fit_is_not_proposed() -> None:
    near = BERT.replace("31e59abc0615", "31e59abc0616")
    report, _ = checked(f"- [GPT]({near})\n- [BERT]({BERT})\n", {near: page(near, "GPT")})
    assert gone(report) == [("BERT", None)]


def test_a_dead_candidate_is_not_proposed() -> None:
    near = BERT.replace("31e59abc0615", "31e59abc0616")
    report, _ = checked(f"- [BERT]({near})\n- [BERT]({BERT})\n", {})
    assert gone(report) == [("BERT", None), ("BERT", None)]


SNAPSHOT = f"https://web.archive.org/web/20240101000000/{BERT}"


def wayback(url: str = SNAPSHOT, *, available: bool = True, status: str = "200") -> httpx.Response:
    closest = {
        "available": available,
        "url": url.replace("https://web", "http://web"),
        "timestamp": "2024",
        "status": status,
    }
    return httpx.Response(200, text=json.dumps({"archived_snapshots": {"closest": closest}}))


QUERY = "https://archive.org/wayback/available?url=https%3A%2F%2Fa.medium.com%2Fpapers-explained-02-bert-31e59abc0615"


def test_without_a_living_candidate_the_newest_snapshot_is_proposed() -> None:
    report, _ = checked(f"- [BERT]({BERT})\n", {QUERY: wayback(), SNAPSHOT: page(BERT, "Papers Explained 02: BERT")})
    assert gone(report) == [("BERT", f"→ {SNAPSHOT}")]


def test_a_snapshot_that_redirects_to_its_very_moment_is_followed() -> None:
    exact = SNAPSHOT.replace("20240101000000", "20240101000123")
    answers = {QUERY: wayback(), SNAPSHOT: httpx.Response(302, headers={"Location": exact}), exact: page(BERT, "BERT")}
    report, _ = checked(f"- [BERT]({BERT})\n", answers)
    assert gone(report) == [("BERT", f"→ {SNAPSHOT}")]


@pytest.mark.parametrize(
    "answers",
    [
        {QUERY: wayback(), SNAPSHOT: httpx.Response(302, headers={"Location": SNAPSHOT})},
        {QUERY: wayback(), SNAPSHOT: httpx.Response(302, headers={"Location": "file:///etc/passwd"})},
        {QUERY: wayback(), SNAPSHOT: httpx.Response(302, headers={"Location": "http://[::1"})},
        {QUERY: wayback(), SNAPSHOT: page(BERT, "Another Title")},
        {QUERY: wayback()},
        {QUERY: wayback(available=False), SNAPSHOT: page(BERT, "BERT")},
        {QUERY: wayback(status="404"), SNAPSHOT: page(BERT, "BERT")},
        {QUERY: wayback("https://evil.example/web/20240101000000/https://x"), SNAPSHOT: page(BERT, "BERT")},
        {QUERY: httpx.Response(200, text="[]"), SNAPSHOT: page(BERT, "BERT")},
        {QUERY: httpx.Response(200, text="{"), SNAPSHOT: page(BERT, "BERT")},
        {QUERY: httpx.Response(200, text='{"archived_snapshots": {}}'), SNAPSHOT: page(BERT, "BERT")},
    ],
)
def test_a_snapshot_that_was_not_confirmed_to_fit_is_not_proposed(answers: dict[str, httpx.Response]) -> None:
    report, _ = checked(f"- [BERT]({BERT})\n", answers)
    assert gone(report) == [("BERT", None)]


@pytest.mark.parametrize(
    "feed",
    [
        "",
        "<rss><channel><item></item></channel></rss>",
        "<rss",
        '<!DOCTYPE x [<!ENTITY a "b">]><rss><item/></rss>',
        "<rss><item><title>T</title><link>https://evil.example/x</link><guid>https://medium.com/p/aaaaaaaa0001</guid></item></rss>",
        "<rss><item><title>T</title><link>https://a.medium.com/x-bbbbbbbb0001</link><guid>https://medium.com/p/aaaaaaaa0001</guid></item></rss>",
        '<?xml version="1.0" encoding="foo"?><rss><item/></rss>',
        "<rss><item><title> </title><link>https://a.medium.com/x-aaaaaaaa0001</link><guid>https://medium.com/p/aaaaaaaa0001</guid></item></rss>",
    ],
)
def test_an_unreadable_feed_raises_no_finding(feed: str) -> None:
    answers = {BERT: page(BERT, "BERT"), "https://medium.com/feed/@a": httpx.Response(200, text=feed)}
    report, _ = checked(f"- [BERT]({BERT})\n", answers, feeds=("@a",))
    assert not any(each.rule == "article-uncatalogued" for each in report.findings)


@pytest.mark.parametrize(
    "date", ["Fri, 31 Dec 9999 23:59:59 -1200", "Mon, 99999999999999999999 Jan 2024 0:0:0 +0000", "soon", ""]
)
def test_an_absurd_date_in_a_feed_is_ignored(date: str) -> None:
    item = (
        "<item><title>X</title><link>https://a.medium.com/x-aaaaaaaa0001</link>"
        f"<guid>https://medium.com/p/aaaaaaaa0001</guid><pubDate>{date}</pubDate></item>"
    )
    answers = {BERT: page(BERT, "BERT"), "https://medium.com/feed/@a": httpx.Response(200, text=f"<rss>{item}</rss>")}
    report, _ = checked(f"- [BERT]({BERT})\n", answers, feeds=("@a",))
    (found,) = [each for each in report.findings if each.rule == "article-uncatalogued"]
    assert [fact.kind for fact in found.facts] == ["title", "row"]


def test_a_hostile_title_in_a_feed_stays_text_in_the_row() -> None:
    item = (
        "<item><title>X](https://evil.example) | &lt;b&gt;\n@you #1</title><link>https://a.medium.com/x-aaaaaaaa0001</link>"
        "<guid>https://medium.com/p/aaaaaaaa0001</guid><pubDate>soon</pubDate></item>"
    )
    answers = {BERT: page(BERT, "BERT"), "https://medium.com/feed/@a": httpx.Response(200, text=f"<rss>{item}</rss>")}
    report, _ = checked(
        f"| Paper | Date | x |\n|---|---|---|\n| [BERT]({BERT}) | May 2020 | |\n", answers, feeds=("@a",)
    )
    (found,) = [each for each in report.findings if each.rule == "article-uncatalogued"]
    row = next(fact.value for fact in found.facts if fact.kind == "row")
    again = catalog_of(f"| Paper | Date | x |\n|---|---|---|\n{row}\n")
    assert [place.link.url for place in again.places()] == ["https://a.medium.com/x-aaaaaaaa0001"]
    (entry,) = again.entries()
    assert entry.name == "X](https://evil.example) | <b> @you #1"
    assert len(entry.cells) == 3
