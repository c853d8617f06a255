"""Histories come back from their encoding unchanged, and joining two loses nothing, whichever run came first."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import article_of, page_of

from bot.commands.history_file import read_history
from bot.history.update import joined
from bot.medium.site import MEDIUM
from bot.model.articles import Feed, FeedItem, Paper
from bot.model.documents import encode_history
from bot.model.history import History, OpenFinding, PageHistory, RunSummary
from bot.model.pages import Alive, Gone, Moved, NotArticle, Recovery

TODAY = date(2026, 11, 20)
URL = "https://a.medium.com/bert-31e59abc0615"
DAYS = st.dates(date(2026, 1, 1), TODAY)
OUTCOMES = st.sampled_from(["Alive", "Moved", "Gone", "Blocked", "Unreachable"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PAGES = st.builds(
    PageHistory,
    OUTCOMES,
    st.none() | DAYS,
    st.lists(DAYS, unique=True, max_size=5).map(lambda days: tuple(sorted(days))),
)
OPEN = st.builds(OpenFinding, DAYS, st.just("link-gone"), TEXT, TEXT, TEXT)
RUNS = st.builds(
    RunSummary,
    DAYS.map(lambda day: f"{day.isoformat()}T03:17:00Z"),
    *[st.integers(0, 10**6)] * 5,
    st.booleans(),
)
FINGERPRINTS = st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")
HISTORIES = st.builds(
    History,
    pages=st.dictionaries(TEXT, PAGES, max_size=5),
    open=st.dictionaries(FINGERPRINTS, OPEN, max_size=4),
    runs=st.lists(RUNS, max_size=4, unique_by=lambda run: run.started).map(
        lambda runs: tuple(sorted(runs, key=lambda run: run.started))
    ),
)


@given(HISTORIES)
def test_a_history_comes_back_as_it_was_written(history: History) -> None:
    written = encode_history(history)
    assert read_history(written, "s", TODAY, MEDIUM) == (history, None)
    assert encode_history(read_history(written, "s", TODAY, MEDIUM)[0]) == written


@pytest.mark.parametrize(
    "outcome",
    [
        Alive(
            article_of(
                "31e59abc0615",
                'A “title” with "quotes" and \u200d',
                [("a260", "One"), ("b261", "Two")],
                published=datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
                papers=(Paper("1810.04805", "Paper", None, "BERT"),),
            )
        ),
        Alive(None),
        Moved(article_of("31e59abc0615", "BERT", [("a260", "BERT")]), "https://b.medium.com/bert-31e59abc0615"),
        Gone("no such post (404)"),
        NotArticle("another article", article_of("31e59abc0615", "BERT", [])),
    ],
)
def test_a_page_as_it_was_last_seen_comes_back_as_it_was(outcome: Alive | Moved | Gone | NotArticle) -> None:
    page = page_of(URL, outcome)
    address = MEDIUM.read("https://medium.com/@a/new-30b6f1e6d226")
    assert address is not None
    feed = Feed('W/"x"', "Sun, 01 Nov 2026 00:00:00 GMT", (FeedItem("30b6f1e6d226", "New", address, None),))
    history = History(
        seen={page.identity: page},
        recoveries={page.identity: (Recovery("https://web.archive.org/web/1/x", "BERT", "a reason", snapshot=True),)},
        feeds={"@a": feed},
    )
    assert read_history(encode_history(history), "s", TODAY, MEDIUM) == (history, None)


@given(HISTORIES)
def test_a_history_joined_with_itself_stays_as_it_is(history: History) -> None:
    assert joined(history, history) == history


@given(HISTORIES, HISTORIES)
def test_it_does_not_matter_which_run_comes_first(one: History, other: History) -> None:
    both = joined(one, other)
    assert joined(other, one) == both
    assert joined(both, both) == both


def after_looks(seen: list[tuple[int, bool]], start: PageHistory) -> PageHistory:
    """Return a page's history after looks at it, as (day, dead)."""
    page = start
    for day, dead in sorted(seen):
        on = TODAY - timedelta(days=30 - day)
        deaths = (*(each for each in page.deaths if each != on), on) if dead else ()
        page = PageHistory("Gone" if dead else "Alive", on, deaths)
    return page


def test_two_runs_from_one_history_join_to_what_one_run_would_have_seen() -> None:
    chance = random.Random(7)
    for _ in range(500):
        start = after_looks(
            [(day, chance.random() < 0.7) for day in range(chance.randrange(4))], PageHistory("Skipped")
        )
        days = chance.sample(range(5, 12), chance.randrange(1, 3))
        looks = [(day, chance.random() < 0.7) for day in days]
        (one, *rest) = looks
        alone = History(pages={"p": after_looks([one], start)})
        beside = History(pages={"p": after_looks(rest, start)})
        together = joined(alone, beside).pages["p"]
        wanted = after_looks(looks, start)
        assert (together.verified, together.deaths) == (wanted.verified, wanted.deaths)


def test_of_two_looks_on_one_date_the_living_one_counts() -> None:
    dead = History(pages={"p": PageHistory("Gone", TODAY, (TODAY,))})
    living = History(pages={"p": PageHistory("Alive", TODAY)})
    assert joined(dead, living).pages["p"].deaths == joined(living, dead).pages["p"].deaths == ()


def test_a_large_or_deep_history_is_refused_in_one_line() -> None:
    for source in (
        b"x" * (21 * 2**20),
        b'{"a":' * 50_000,
        b"[" * 10**6,
        b'{"schema": "bot-state/2", "pages": ' + b"9" * 10**5,
    ):
        history, note = read_history(source, "s", TODAY, MEDIUM)
        assert note is not None
        assert "\n" not in note
        assert len(note) < 400
        assert not history.known
