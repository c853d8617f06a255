"""Where a redirect leads, and which addresses are not asked at all. No requests here."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from bot.medium.site import Site
from bot.medium.urls import is_http, unwrap

MAX_URL = 2048


def next_url(url: str, location: str, site: Site) -> str:
    """Return the address that a redirect leads to, wrappers undone and without what robots.txt forbids.

    Raises `ValueError` if it cannot be read, or is a wrapper around nothing: a server would redirect back for ever.
    """
    target = urljoin(url, location.strip())
    while (inner := unwrap(target)) is not None:
        if len(inner) >= len(target):
            raise ValueError("Invalid wrapper")
        target = inner
    parts = urlsplit(target)
    query = parts.query
    medium = site.is_host((parts.hostname or "").lower())
    if medium and parts.path.startswith("/m/global-identity"):
        raise ValueError("Invalid wrapper")
    if medium and "source=" in query:
        query = urlencode([pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "source"])
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def flaw(url: str) -> str | None:
    """Say why an address cannot be asked; None if it can."""
    if len(url) > MAX_URL:
        return f"an address longer than {MAX_URL} characters"
    if not is_http(url):
        return "an address that is neither http nor https"
    try:
        url.encode()
        parts = urlsplit(url)
        readable = parts.port != 0 and bool(parts.hostname)
    except ValueError:
        readable = False
    return None if readable else "an address that cannot be read"
