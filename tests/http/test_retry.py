"""When a request is worth repeating, and how long to wait before: pure functions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import tenacity

from bot.demo import page as stand_in
from bot.http.retry import MAX_ATTEMPTS, RETRY_AFTER_CAP, backoff, is_worth_retrying
from bot.model.answers import Answer, Fault, FaultKind

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def answer(status: int, after: str | None = None, body: bytes = b"") -> Answer:
    return Answer(status, {} if after is None else {"retry-after": after}, body)


# -- whether ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530])
def test_these_answers_may_be_better_soon(status: int) -> None:
    assert is_worth_retrying(answer(status), NOW)


@pytest.mark.parametrize(
    "status", [0, 101, 200, 204, 301, 302, 304, 400, 401, 403, 404, 405, 410, 418, 451, 501, 505, 511, 525, 526, 999]
)
def test_these_answers_stay_what_they_are(status: int) -> None:
    assert not is_worth_retrying(answer(status), NOW)
    assert not is_worth_retrying(answer(status, "1"), NOW)


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.TIMEOUT, FaultKind.DNS, FaultKind.REFUSED])
def test_these_faults_may_pass(kind: FaultKind) -> None:
    assert is_worth_retrying(Fault(kind), NOW)


@pytest.mark.parametrize(
    "kind", [FaultKind.FORBIDDEN, FaultKind.TLS, FaultKind.GARBLED, FaultKind.ENCODING, FaultKind.ADDRESS]
)
def test_these_faults_do_not_pass(kind: FaultKind) -> None:
    assert not is_worth_retrying(Fault(kind), NOW)


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_bot_challenge_is_not_worth_retrying(status: int) -> None:
    assert not is_worth_retrying(Answer(status, {"cf-mitigated": "challenge"}), NOW)
    assert not is_worth_retrying(answer(status, body=stand_in.CHALLENGE), NOW)


def test_a_busy_server_that_sends_no_challenge_is_asked_again() -> None:
    assert is_worth_retrying(answer(503, body=b"<title>Just a moment, we are busy</title>"), NOW)


@pytest.mark.parametrize(
    ("after", "worth"),
    [
        ("0", True),
        ("60", True),
        ("61", False),
        ("3600", False),
        ("9" * 400, False),
        ("Fri, 02 Jan 2026 03:05:05 GMT", True),
        ("Fri, 02 Jan 2026 03:05:06 GMT", False),
        ("Fri, 02 Jan 1970 03:05:06 GMT", True),
        ("soon", True),
        ("-5", True),
    ],
)
def test_a_server_that_names_a_longer_wait_than_the_cap_is_left_alone(after: str, *, worth: bool) -> None:
    assert is_worth_retrying(answer(429, after), NOW) is worth
    assert is_worth_retrying(answer(503, after), NOW) is worth


def after(attempt: int) -> tenacity.RetryCallState:
    state = tenacity.RetryCallState(tenacity.AsyncRetrying(), None, (), {})
    state.attempt_number = attempt
    return state


# -- how long -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("attempt", "low", "high"), [(1, 0.25, 0.5), (2, 0.5, 1), (3, 1, 2), (9, 7.5, 15)])
@pytest.mark.parametrize("result", [Fault(FaultKind.RESET), answer(503), answer(429, "soon")])
def test_without_retry_after_the_wait_doubles(result: Answer | Fault, attempt: int, low: float, high: float) -> None:
    waits = {backoff(after(attempt), result, NOW) for _ in range(50)}
    assert low <= min(waits) <= max(waits) <= high
    assert len(waits) > 1


def test_the_wait_that_a_server_asks_for_is_the_wait() -> None:
    assert [backoff(after(attempt), answer(429, "7"), NOW) for attempt in (1, 2, 3)] == [7, 7, 7]
    assert backoff(after(1), answer(503, "Fri, 02 Jan 2026 03:04:35 GMT"), NOW) == 30


def test_the_bounds_are_what_the_readme_may_rely_on() -> None:
    assert (MAX_ATTEMPTS, RETRY_AFTER_CAP) == (4, 60)
