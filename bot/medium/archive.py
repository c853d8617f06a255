"""The Wayback Machine's answers. Asks nothing itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

_SNAPSHOT = re.compile(r"https?://web\.archive\.org/web/(\d{4,14})(?:[a-z]{2}_)?/(https?://\S+)\Z")


def wayback_query(url: str) -> str:
    """Return the address that tells the newest snapshot of a page: https://archive.org/help/wayback_api.php."""
    return f"https://archive.org/wayback/available?url={quote(url, safe='')}"


def read_wayback(body: bytes) -> Iterator[str]:
    """Yield the newest snapshot's address of the Wayback Machine's answer, if there is a good one."""
    try:
        closest = json.loads(body)["archived_snapshots"]["closest"]
        url, status, available = closest["url"], closest["status"], closest["available"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    match = _SNAPSHOT.match(url) if isinstance(url, str) else None
    if match and available is True and str(status) == "200":
        yield f"https://web.archive.org/web/{match[1]}/{match[2]}"


def page_of_snapshot(url: str) -> str | None:
    """Return the URL of the page that a snapshot's URL shows; None if it is not a snapshot's."""
    match = _SNAPSHOT.match(url)
    return match[2] if match is not None else None
