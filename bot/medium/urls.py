"""What a URL of Medium says by itself, and what an `Address` is. `Site` reads one: only it knows Medium's hosts."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

from bot.medium import quirks

MAIN_HOSTS = frozenset({"medium.com", "www.medium.com"})
_UNSAFE = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}()\[\]]|[^\x00-\x7f]")


def is_http(url: str) -> bool:
    """Return True if a URL is http or https."""
    return url[:8].lower().startswith(("http://", "https://"))


def unwrap(url: str) -> str | None:
    """Return where `/m/global-identity?redirectUrl=…` leads; None for any other URL, or an invalid target.

    Without cookies the server redirects back to it forever, so it is never requested.
    """
    try:
        parts = urlsplit(url)
        if parts.hostname not in MAIN_HOSTS or not parts.path.startswith("/m/global-identity"):
            return None
        targets = [value for key, value in parse_qsl(parts.query) if key == "redirectUrl"]
        return urljoin(url, targets[0]) if targets else None
    except ValueError:
        return None


def quoted(text: str) -> str:
    """Percent-encode everything in a URL that could end, break or disguise a link; letters of any script stay."""
    return _UNSAFE.sub(
        lambda match: match[0] if match[0].isalpha() else quote(match[0], safe="", errors="replace"), text
    )


def untracked(query: str) -> str:
    """Return a query string without the parameters that only say where the reader came from."""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(key, value) for key, value in pairs if not is_tracking(key)]
    return query if len(kept) == len(pairs) else urlencode(kept)


def is_tracking(parameter: str) -> bool:
    """Return True if a query parameter only says where the reader came from."""
    return parameter in quirks.TRACKING_PARAMETERS or parameter.startswith(quirks.TRACKING_PREFIXES)
