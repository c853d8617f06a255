"""One request and what came of it, as plain values: the border to the HTTP client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum


class FaultKind(StrEnum):
    """Why there was no answer; the value completes "the request failed: …"."""

    REFUSED = "connection refused"
    FORBIDDEN = "the address is not public"
    DNS = "the name was not found"
    RESET = "connection reset"
    TIMEOUT = "no whole answer in time"
    TLS = "no valid certificate or TLS connection"
    GARBLED = "the answer is not valid HTTP"
    ENCODING = "the body's encoding is not gzip, or is damaged"
    ADDRESS = "the address is not one of the web"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: header names in small letters, the body decompressed and cut at the limit."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    truncated: bool = False

    @property
    def location(self) -> str | None:
        """Where a redirect leads, as written."""
        return self.headers.get("location") if self.status in (301, 302, 303, 307, 308) else None

    def retry_after(self, now: datetime) -> float | None:
        """Return the seconds that `Retry-After` asks for, as a number or a date (RFC 9110, 10.2.3)."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        until = read_date(value)
        if until is None:
            return None
        # By the server's own clock, where it says what that shows: ours may be wrong, or set while the run goes on.
        return max(0.0, (until - (read_date(self.headers.get("date", "")) or now)).total_seconds())


def read_date(value: str) -> datetime | None:
    """Read a date as headers and feeds write it (RFC 5322), in UTC; None if it is invalid."""
    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, LookupError, OverflowError):  # the parser checks no bounds: a lone comma fails
        return None


@dataclass(frozen=True, slots=True)
class Fault:
    """No answer; `detail` is the client's own word for it."""

    kind: FaultKind
    detail: str = ""
