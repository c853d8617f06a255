"""When asking again is worth it, and how long to wait before: pure functions of an answer."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from bot.medium.classify import is_wall
from bot.model.answers import Answer, Fault, FaultKind

MAX_ATTEMPTS = 4
RETRY_AFTER_CAP = 60.0
_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530})
_TRANSIENT_FAULTS = frozenset({FaultKind.RESET, FaultKind.TIMEOUT, FaultKind.DNS, FaultKind.REFUSED})
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 15.0
_WALL_WORDS = (b"Just a moment", b"Attention Required", b"403 Blocked")


class Sign(Enum):
    """What a result says of the one who asks, rather than of the page."""

    SERVED = "an answer, whatever it says"
    LIMITED = "too many requests"
    REFUSED = "you, not now: a wall, a reset"
    FAILED = "nobody, for now"


def sign_of(result: Answer | Fault) -> Sign:
    """Return what a result says of the one who asks. A 403 without words may be a wall without its sign."""
    if isinstance(result, Fault):
        match result.kind:
            case FaultKind.RESET:
                return Sign.REFUSED
            case FaultKind.ENCODING:
                return Sign.SERVED
            case _:
                return Sign.FAILED
    if result.status == 429:
        return Sign.LIMITED
    if result.status == 403 or (_may_be_wall(result) and is_wall(result)):
        return Sign.REFUSED
    return Sign.FAILED if result.status in _TRANSIENT_STATUS else Sign.SERVED


def _may_be_wall(answer: Answer) -> bool:
    """Tell cheaply whether a page is worth reading for a wall's title."""
    return "cf-mitigated" in answer.headers or any(words in answer.body for words in _WALL_WORDS)


def is_worth_retrying(result: Answer | Fault, now: datetime, cap: float = RETRY_AFTER_CAP) -> bool:
    """Tell whether the same request may fare better soon.

    A wall does not fall by knocking again, and a server that names a longer wait than the cap means it.
    """
    match result:
        case Fault():
            return result.kind in _TRANSIENT_FAULTS
        case Answer():
            if result.status not in _TRANSIENT_STATUS or is_wall(result):
                return False
            wait = retry_after(result, now)
            return wait is None or wait <= cap


def retry_after(answer: Answer, now: datetime) -> float | None:
    """Return the seconds that `Retry-After` asks for, as a number or a date (RFC 9110, 10.2.3)."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    moment = _moment(value)
    if moment is None:
        return None
    # By the server's own clock, where it says what that shows: ours may be wrong, or set while the run goes on.
    return max(0.0, (moment - (_moment(answer.headers.get("date", "")) or now)).total_seconds())


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, LookupError, OverflowError):  # the parser checks no bounds
        return None


def backoff(attempt: int, result: Answer | Fault, now: datetime) -> float:
    """Return the seconds to wait after the attempt of this number (from 1): asked for, or doubling with jitter."""
    if isinstance(result, Answer):
        asked = retry_after(result, now)
        if asked is not None:
            return asked
    ceiling = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (attempt - 1))
    return random.uniform(ceiling / 2, ceiling)  # noqa: S311 - spreads retries, guards nothing
