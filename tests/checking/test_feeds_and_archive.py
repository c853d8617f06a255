"""What feeds and archived copies say of blocked pages; feeds are asked only for what is new."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from streamed import BERT, GPT, Streamed, page
from support import catalog_of, record_of, records_file, run_check

from bot.checking.pipeline import Observer
from bot.commands.history_file import read_history
from bot.config import Settings
from bot.history.update import updated
from bot.http.client import Client
from bot.medium.site import MEDIUM
from bot.model.documents import encode_history, encode_report
from bot.model.history import History
from bot.model.records import read_records
from bot.model.report import Report
from bot.rules.registry import RULES

FEED = "https://medium.com/feed/@a"
BLOCKED = httpx.Response(403, headers={"cf-mitigated": "challenge"}, content=b"<title>Just a moment...</title>")
FIRST = datetime(2026, 11, 1, 3, 17, tzinfo=UTC)


def feed(*items: tuple[str, str]) -> bytes:
    entries = "".join(
        f"<item><title>{title}</title><link>{url}?source=rss</link><guid>https://medium.com/p/{url.rpartition('-')[2]}</guid>"
        "<pubDate>Mon, 01 Jan 2024 00:00:00 GMT</pubDate></item>"
        for url, title in items
    )
    return f"<?xml version='1.0'?><rss><channel>{entries}</channel></rss>".encode()


class Web:
    """Answers by address, and what was asked with which headers."""

    def __init__(self, answers: dict[str, httpx.Response]) -> None:
        self.answers = answers
        self.asked: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        found = self.answers.get(str(request.url), httpx.Response(404))
        etag = found.headers.get("etag")
        if etag and request.headers.get("if-none-match") == etag:
            found = httpx.Response(304)
        return httpx.Response(found.status_code, headers=found.headers, stream=Streamed(found.content))

    def run(
        self,
        text: str,
        history: History,
        days: int = 0,
        records: bytes = b"",
        feeds: tuple[str, ...] = ("@a",),
        **more: Any,
    ) -> tuple[Report, History]:
        client = partial(Client, transport=httpx.MockTransport(self.answer))
        at = FIRST + timedelta(days=days)
        settings = Settings(rate=0.0, feeds=feeds)
        running = run_check(
            catalog_of(text),
            settings,
            RULES,
            client_for=client,
            history=history,
            now=lambda: at,
            records=read_records(records, "articles.jsonl"),
            **more,
        )
        report = asyncio.run(running)
        again, note = read_history(encode_history(updated(history, report, at.date(), 0.5)), "s", at.date(), MEDIUM)
        assert note is None
        return report, again

    def of_feed(self) -> list[httpx.Request]:
        return [request for request in self.asked if str(request.url) == FEED]


def test_a_feed_is_asked_for_what_is_new_and_read_from_history_where_nothing_is() -> None:
    etag = {"etag": 'W/"abc"', "last-modified": "Sun, 01 Nov 2026 00:00:00 GMT"}
    web = Web(
        {
            BERT: page(BERT, "BERT"),
            GPT: page(GPT, "GPT"),
            FEED: httpx.Response(200, headers=etag, content=feed((GPT, "GPT"))),
        }
    )
    first, history = web.run(f"- [BERT]({BERT})\n", History())
    second, _ = web.run(f"- [BERT]({BERT})\n", history, 1)
    assert "if-none-match" not in web.of_feed()[0].headers
    assert web.of_feed()[1].headers["if-none-match"] == 'W/"abc"'
    assert web.of_feed()[1].headers["if-modified-since"] == "Sun, 01 Nov 2026 00:00:00 GMT"
    for report in (first, second):
        assert [each.entry for each in report.findings if each.rule == "article-uncatalogued"] == ["GPT"]
        assert report.run.notes == ()


@pytest.mark.parametrize("validator", ["x" * 101, "é", ""])
def test_a_validator_that_no_header_can_hold_is_not_kept(validator: str) -> None:
    answer = httpx.Response(200, headers=[(b"etag", validator.encode("latin-1"))], content=feed((GPT, "G")))
    _, history = Web({BERT: page(BERT, "BERT"), FEED: answer}).run(f"- [BERT]({BERT})\n", History())
    assert history.feeds["@a"].etag == ""


def test_a_feed_that_cannot_be_read_is_a_note_and_its_older_copy_is_used() -> None:
    web = Web({BERT: page(BERT, "BERT"), GPT: page(GPT, "GPT"), FEED: httpx.Response(200, content=feed((GPT, "GPT")))})
    _, history = web.run(f"- [BERT]({BERT})\n", History())
    web.answers[FEED] = httpx.Response(404)
    report, _ = web.run(f"- [BERT]({BERT})\n", history, 1)
    assert report.run.notes == ("the feed of @a could not be read, an older copy was used",)
    assert [each.entry for each in report.findings if each.rule == "article-uncatalogued"] == ["GPT"]
    assert Web({BERT: page(BERT, "BERT")}).run(f"- [BERT]({BERT})\n", History())[0].run.notes == (
        "the feed of @a could not be read",
    )


def one_feed() -> tuple[Web, History]:
    """A web with one feed, and the history after a run that read it."""
    web = Web({BERT: page(BERT, "BERT"), GPT: page(GPT, "GPT"), FEED: httpx.Response(200, content=feed((GPT, "GPT")))})
    _, history = web.run(f"- [BERT]({BERT})\n", History())
    assert [item.title for item in history.feeds["@a"].items] == ["GPT"]
    web.asked.clear()
    return web, history


def test_the_feed_of_an_owner_that_is_no_longer_set_is_neither_used_nor_kept() -> None:
    web, history = one_feed()
    report, after = web.run(f"- [BERT]({BERT})\n", history, 1, feeds=())
    assert web.of_feed() == []
    assert report.observations.feeds == after.feeds == {}
    assert not [each for each in report.findings if each.rule == "article-uncatalogued"]


def test_a_run_that_is_cut_short_keeps_the_feeds_that_it_did_not_ask_for_and_does_not_use_them() -> None:
    class Interrupting(Observer):
        def start(self, total: int) -> None:
            del total
            stop.set()

    web, history = one_feed()
    stop = asyncio.Event()
    report, after = web.run(f"- [BERT]({BERT})\n", history, 1, observer=Interrupting(), stop=stop)
    assert report.run.cut_short == "interrupted"
    assert web.of_feed() == []
    assert report.observations.feeds == {}
    assert not [each for each in report.findings if each.rule == "article-uncatalogued"]
    assert after.feeds == history.feeds


def test_where_pages_are_blocked_the_feed_still_gives_titles_marked_as_such() -> None:
    record = record_of("31e59abc0615", BERT, "BERT", "2024-01-01")
    web = Web({BERT: BLOCKED, FEED: httpx.Response(200, content=feed((BERT, "BERT, Revisited")))})
    report, _ = web.run(f"- [BERT]({BERT})\n", History(), records=records_file([record]))
    (seen,) = json.loads(encode_report(report))["pages"]
    assert (seen["outcome"], seen["title"], seen["title_source"]) == ("Blocked", "BERT, Revisited", "feed")
    assert report.coverage == 0.0
    (drift,) = [each for each in report.findings if each.rule == "title-drift"]
    assert [(fact.value, fact.source) for fact in drift.facts if fact.kind == "title"] == [("BERT, Revisited", "feed")]
    assert {each.rule for each in report.findings} == {"title-drift"}


def test_where_most_pages_are_blocked_archived_copies_give_titles_but_no_verdict_and_no_drift() -> None:
    snapshot = "https://web.archive.org/web/20240101000000/" + BERT
    found = {
        "archived_snapshots": {
            "closest": {"available": True, "url": snapshot, "timestamp": "20240101000000", "status": "200"}
        }
    }
    query = httpx.URL("https://archive.org/wayback/available", params={"url": BERT})
    answers = {BERT: BLOCKED, snapshot: page(BERT, "BERT, as it was"), FEED: httpx.Response(404)}

    class Archive(Web):
        def answer(self, request: httpx.Request) -> httpx.Response:
            if request.url.host == "archive.org" and request.url.path == query.path:
                self.asked.append(request)
                return httpx.Response(200, stream=Streamed(json.dumps(found).encode()))
            return super().answer(request)

    record = record_of("31e59abc0615", BERT, "BERT", "2024-01-01")
    report, _ = Archive(answers).run(f"- [BERT]({BERT})\n", History(), records=records_file([record]))
    (seen,) = json.loads(encode_report(report))["pages"]
    assert (seen["outcome"], seen["title"], seen["title_source"]) == ("Blocked", "BERT, as it was", "wayback")
    assert report.findings == ()


def test_the_archive_is_not_asked_in_a_run_that_saw_enough() -> None:
    web = Web({BERT: page(BERT, "BERT"), GPT: BLOCKED, FEED: httpx.Response(404)})
    web.run(f"- [BERT]({BERT})\n- [GPT]({GPT})\n", History())
    assert not any("archive.org" in str(request.url) for request in web.asked)
