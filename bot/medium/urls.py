"""Addresses of Medium: which article, list, author or publication one means, without asking the network.

The forms, and that any slug with the right id resolves, were read off saved pages and Medium's client.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from bot.medium import quirks
from bot.model.articles import Address, Kind

_POST_ID = re.compile(r"(?:(?P<slug>.*)-)?(?P<id>[0-9a-f]{8,12})\Z", re.DOTALL)

_USER_HOST = re.compile(r"([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.medium\.com\Z")

_MAIN_HOSTS = frozenset({"medium.com", "www.medium.com"})

_UNSAFE = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}()\[\]]|[^\x00-\x7f]")


def is_http(url: str) -> bool:
    """Tell whether an address is one of the web."""
    return url[:8].lower().startswith(("http://", "https://"))


@lru_cache(maxsize=65_536)
def read_address(url: str, custom_domains: frozenset[str] = frozenset()) -> Address | None:
    """Read an address; None if it is not one of Medium's, or not of the web.

    `custom_domains` are publications' own domains beyond the known ones.
    """
    if not is_http(url):
        return None
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return None
    if port not in (None, 80, 443) or parts.username is not None:
        return None
    if not is_medium_host(host, custom_domains):
        return None
    wrapped = unwrap(url)
    if wrapped is not None and len(wrapped) < len(url):
        inner = read_address(wrapped, custom_domains)
        if inner is not None:
            return replace(inner, url=url)
    host = "medium.com" if host in _MAIN_HOSTS else host
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    query = _without_tracking(parts.query)
    fragment = unquote(parts.fragment) or None
    clean = urlunsplit(("https", host, parts.path or "/", query, parts.fragment))
    owner, rest = _owner(host, segments)
    kind, slug, post_id = _kind(host, owner, rest)
    if kind is Kind.ARTICLE and post_id is not None:
        identity = f"{owner}/{post_id}" if owner else f"p/{post_id}"
    elif kind is Kind.LIST and post_id is not None:
        identity = f"{owner}/list/{post_id}"
    elif kind in (Kind.PROFILE, Kind.PUBLICATION):
        identity = f"{owner}"
    else:
        identity = urlunsplit(("", "", host + parts.path.rstrip("/"), query, ""))
    return Address(url, kind, identity, owner, slug, post_id, fragment, clean, host)


def elsewhere(url: str) -> Address:
    """Return an address outside Medium in the same shape: it is one page, whatever its fragment."""
    page, _, fragment = url.partition("#")
    return Address(url, Kind.OTHER, page, None, None, None, fragment or None, url, "")


def is_medium_host(host: str, custom_domains: Collection[str] = ()) -> bool:
    """Tell whether Medium serves a host, under any of its names."""
    return (
        host == "medium.com" or host.endswith(".medium.com") or host in quirks.CUSTOM_DOMAINS or host in custom_domains
    )


def unwrap(url: str) -> str | None:
    """Return where `/m/global-identity?redirectUrl=…` leads; None for any other address, or if that is none.

    Without cookies the server answers it with a redirect back, for ever: it is never asked.
    """
    try:
        parts = urlsplit(url)
        if (parts.hostname or "").lower() not in _MAIN_HOSTS or not parts.path.startswith("/m/global-identity"):
            return None
        targets = [value for key, value in parse_qsl(parts.query) if key == "redirectUrl"]
        return urljoin(url, targets[0]) if targets else None
    except ValueError:
        return None


def is_sign_in(url: str) -> bool:
    """Tell whether an address is Medium's sign-in page: the answer for drafts and unpublished posts."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower() in _MAIN_HOSTS and parts.path.rstrip("/") in ("/m/signin", "/m/connect")


def is_front_page(url: str) -> bool:
    """Tell whether an address is the front page of medium.com: the answer for some dead articles."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower() in _MAIN_HOSTS and parts.path in ("", "/")


def subdomain_form(address: Address) -> str | None:
    """Return `https://USER.medium.com/…` for an author's address; None where there is no such form."""
    if address.owner is None or not address.owner.startswith("@") or address.host != "medium.com":
        return None
    user = address.owner[1:].lower()
    if not _USER_HOST.fullmatch(f"{user}.medium.com") or user in quirks.RESERVED_SUBDOMAINS:
        return None
    path = urlsplit(address.clean).path.split("/", 2)
    rest = path[2] if len(path) > 2 else ""
    return _rebuild(address.clean, f"{user}.medium.com", f"/{rest}")


def at_form(address: Address) -> str | None:
    """Return `https://medium.com/@USER/…` for an author's subdomain; None for anything else."""
    if address.owner is None or not address.owner.startswith("@") or address.host == "medium.com":
        return None
    path = urlsplit(address.clean).path
    return _rebuild(address.clean, "medium.com", f"/{address.owner}{path if path != '/' else ''}")


def quoted(text: str) -> str:
    """Return an address with everything percent-encoded that could end, break or disguise a link.

    Letters of any script stay as they are.
    """
    return _UNSAFE.sub(
        lambda match: match[0] if match[0].isalpha() else quote(match[0], safe="", errors="replace"), text
    )


def _rebuild(url: str, host: str, path: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(("https", host, path, parts.query, parts.fragment))


def _without_tracking(query: str) -> str:
    if not query:
        return ""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(key, value) for key, value in pairs if not is_tracking(key)]
    return query if len(kept) == len(pairs) else urlencode(kept)


def without_tracking(url: str) -> str:
    """Return an address of any site without the parameters that only say where the reader came from."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=_without_tracking(parts.query)))


def is_tracking(parameter: str) -> bool:
    """Tell whether a query parameter only says where the reader came from."""
    return parameter in quirks.TRACKING_PARAMETERS or parameter.startswith(quirks.TRACKING_PREFIXES)


def _owner(host: str, segments: list[str]) -> tuple[str | None, list[str]]:
    if host != "medium.com":
        user = _USER_HOST.fullmatch(host)
        if user is None:
            return host, segments
        if user[1] in quirks.RESERVED_SUBDOMAINS:
            return None, segments
        return f"@{user[1]}", segments
    if not segments:
        return None, segments
    first = segments[0]
    if first.startswith("@") and len(first) > 1:
        return first.lower(), segments[1:]
    if first in ("p", "s", "feed", "amp") or first in quirks.RESERVED_SEGMENTS or _is_bare_id(segments):
        return None, segments
    return first.lower(), segments[1:]


def _is_bare_id(segments: list[str]) -> bool:
    match = _POST_ID.fullmatch(segments[0]) if len(segments) == 1 else None
    return match is not None and len(match["id"]) >= 11


def _kind(host: str, owner: str | None, rest: list[str]) -> tuple[Kind, str | None, str | None]:
    if rest and rest[0] == "feed":
        return Kind.FEED, None, None
    if owner is None:
        if rest and (host == "medium.com") and (rest[0] in ("p", "s", "amp") or _is_bare_id(rest)):
            slug, post_id = _post_id(rest[-1])
            if post_id is not None:
                return Kind.ARTICLE, slug, post_id
        return Kind.OTHER, None, None
    if not rest:
        return (Kind.PROFILE if owner.startswith("@") else Kind.PUBLICATION), None, None
    if rest[0] == "list" and len(rest) == 2:
        slug, post_id = _post_id(rest[1])
        if post_id is not None or rest[1] == "reading-list":
            return Kind.LIST, slug, post_id or rest[1]
    if rest[0].startswith("@") and not owner.startswith("@") and len(rest) == 1:
        return Kind.PROFILE, None, None
    slug, post_id = _post_id(rest[-1])
    if post_id is not None and (len(rest) == 1 or rest[0] in ("p", "s", "amp") or rest[0].startswith("@")):
        return Kind.ARTICLE, slug, post_id
    return Kind.OTHER, None, None


def _post_id(segment: str) -> tuple[str | None, str | None]:
    match = _POST_ID.fullmatch(segment)
    return (match["slug"] or None, match["id"]) if match else (None, None)
