"""`Retry-After`, as servers write it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.answers import Answer

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def answer(after: str | None) -> Answer:
    return Answer(429, {} if after is None else {"retry-after": after})


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        ("0", 0),
        ("1", 1),
        (" 120 ", 120),
        ("007", 7),
        ("9" * 400, 999_999_999),
        ("Fri, 02 Jan 2026 03:04:35 GMT", 30),
        ("Friday, 02-Jan-26 03:04:35 GMT", 30),
        ("Fri Jan  2 03:04:35 2026", 30),
        ("Fri, 02 Jan 2026 04:04:35 +0100", 30),
        ("Fri, 02 Jan 2026 03:04:05 GMT", 0),
        ("Thu, 01 Jan 2026 00:00:00 GMT", 0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("+5", None),
        ("1.5", None),
        ("1e9", None),
        ("0x10", None),
        ("٣", None),
        ("²", None),
        ("1, 1", None),
        ("Fri, 99 Jan 2026 03:04:35 GMT", None),
        ("Fri, 02 Jan 2026 99:99:99 GMT", None),
        ("Fri, 02 Jan 2026 03:04:35 +9999999999999999999999", None),
        ("Fri, 02 Jan 99999999999999 03:04:35 GMT", None),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
        ("2026-01-02T03:04:35Z", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_or_nothing(after: str | None, seconds: float | None) -> None:
    assert answer(after).retry_after(NOW) == seconds


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} Jan \d{1,6} \d+:\d+(:\d+)? [+-]?\w+")))
def test_no_retry_after_raises(after: str) -> None:
    seconds = answer(after).retry_after(NOW)
    assert seconds is None or seconds >= 0


def test_a_date_is_read_by_the_servers_own_clock() -> None:
    headers = {"retry-after": "Fri, 02 Jan 2026 03:04:35 GMT", "date": "Fri, 02 Jan 2026 03:04:30 GMT"}
    assert Answer(429, headers).retry_after(NOW) == 5
    assert Answer(429, {**headers, "date": "today"}).retry_after(NOW) == 30
