"""Which hosts Medium serves, and what their URLs lead to, without asking the network.

`Site` is the only thing that turns a URL into an `Address`: only it knows the settings' `hosts`. The forms, and that
any slug with the right post id resolves, were read off saved pages and Medium's client.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from bot.medium import quirks
from bot.model.articles import Address, Kind
from bot.model.pages import Target

MAIN_HOSTS = frozenset({"medium.com", "www.medium.com"})
_UNSAFE = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}()\[\]]|[^\x00-\x7f]")
_POST_ID = re.compile(r"(?:(?P<slug>.*)-)?(?P<id>[0-9a-f]{8,12})\Z", re.DOTALL)
_USER_HOST = re.compile(r"([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\.medium\.com\Z")
_WITHOUT_OWNER = ("p", "s", "amp")  # the first segments of paths that lead to a post by its id alone
_WITH_FORMS = (Kind.ARTICLE, Kind.LIST)


@dataclass(frozen=True, slots=True)
class Site:
    """Medium as one run sees it.

    `hosts` are publications' own domains beyond the known ones. `forms` are pairs of an author (`@user`) and the host
    (`user.medium.com` or `medium.com`) that more than half of the author's links use.
    """

    hosts: frozenset[str] = frozenset()
    forms: frozenset[tuple[str, str]] = frozenset()

    def read(self, url: str) -> Address | None:
        """Read a URL; None unless it is http or https and on one of Medium's hosts."""
        return _read(url, self.hosts)

    def resolve(self, url: str) -> Address:
        """Read a URL; one outside Medium is a page of its own, whatever its fragment."""
        page, _, fragment = url.partition("#")
        return self.read(url) or Address(url, Kind.OTHER, page, None, None, None, fragment or None, url, "")

    def is_host(self, host: str) -> bool:
        """Return True if Medium serves a host, under any of its names."""
        return f".{host}".endswith(".medium.com") or host in quirks.CUSTOM_DOMAINS or host in self.hosts

    def usual(self, address: Address) -> Address:
        """Return an address in the host form of more than half of its owner's links."""
        if address.kind not in _WITH_FORMS or (address.owner, address.host) in self.forms:
            return address
        url = other_form(address)
        other = self.read(url) if url is not None else None
        return other if other is not None and (other.owner, other.host) in self.forms else address

    def target(self, address: Address) -> Target:
        """Return the page to ask for: the address in its usual form, without fragment or tracking."""
        url = self.usual(address).page
        return Target(address.identity, url, self.read(url))

    def with_forms_of(self, addresses: Iterable[Address]) -> Site:
        """Return the same site with the host forms that are usual among these addresses."""
        uses = Counter(
            (each.owner, each.host)
            for each in addresses
            if each.kind in _WITH_FORMS and each.owner is not None and each.owner.startswith("@")
        )
        total = Counter(owner for owner, _ in uses.elements())
        return replace(self, forms=frozenset(form for form, count in uses.items() if 2 * count > total[form[0]]))

    def read_anywhere(self, url: str) -> Address | None:
        """Read a URL as if Medium served its host: an article may move to any domain."""
        return _read(url, self.hosts, anywhere=True)


MEDIUM = Site()  # with the known hosts alone: for whoever has no settings


def other_form(address: Address) -> str | None:
    """Return an author's URL in the other host form (`https://USER.medium.com/…`, `https://medium.com/@USER/…`).

    None if there is no other: for publications, and for names that cannot be a host name.
    """
    if address.owner is None or not address.owner.startswith("@"):
        return None
    parts = urlsplit(address.clean)
    if address.host != "medium.com":
        path = f"/{address.owner}{parts.path if parts.path != '/' else ''}"
        return urlunsplit(parts._replace(netloc="medium.com", path=path))
    user = address.owner[1:].lower()
    if not _USER_HOST.fullmatch(f"{user}.medium.com") or user in quirks.RESERVED_SUBDOMAINS:
        return None
    _, _, rest = parts.path.removeprefix("/").partition("/")
    return urlunsplit(parts._replace(netloc=f"{user}.medium.com", path=f"/{rest}"))


@lru_cache(maxsize=65_536)
def _read(url: str, hosts: frozenset[str], *, anywhere: bool = False) -> Address | None:
    if not is_http(url):
        return None
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").lower().rstrip("."), parts.port
    except ValueError:
        return None
    known = Site(hosts).is_host(host) or (anywhere and "%" not in host)
    if port not in (None, 80, 443) or parts.username is not None or not known:
        return None
    wrapped = unwrap(url)
    if wrapped is not None and len(wrapped) < len(url):
        inner = _read(wrapped, hosts)
        if inner is not None:
            return replace(inner, url=url)
    host = "medium.com" if host in MAIN_HOSTS else host
    query = untracked(parts.query)
    clean = urlunsplit(("https", host, parts.path or "/", query, parts.fragment))
    owner, rest = _owner(host, [unquote(segment) for segment in parts.path.split("/") if segment])
    kind, slug, post_id = _kind(host, owner, rest)
    if kind is Kind.ARTICLE:
        identity = f"{owner or 'p'}/{post_id}"
    elif kind is Kind.LIST:
        identity = f"{owner}/list/{post_id}"
    elif kind in (Kind.PROFILE, Kind.PUBLICATION):
        identity = f"{owner}"
    else:
        identity = urlunsplit(("", "", host + parts.path.rstrip("/"), query, ""))
    return Address(url, kind, identity, owner, slug, post_id, unquote(parts.fragment) or None, clean, host)


def _owner(host: str, segments: list[str]) -> tuple[str | None, list[str]]:
    if host != "medium.com":
        user = _USER_HOST.fullmatch(host)
        if user is None:
            return host, segments
        return None if user[1] in quirks.RESERVED_SUBDOMAINS else f"@{user[1]}", segments
    first = segments[0] if segments else ""
    is_author = first.startswith("@") and len(first) > 1
    reserved = first in (*_WITHOUT_OWNER, "", "feed") or first in quirks.RESERVED_SEGMENTS
    if not is_author and (reserved or _is_bare_id(segments)):
        return None, segments
    return first.lower(), segments[1:]


def _is_bare_id(segments: list[str]) -> bool:
    match = _POST_ID.fullmatch(segments[0]) if len(segments) == 1 else None
    return match is not None and len(match["id"]) >= 11


def _kind(host: str, owner: str | None, rest: list[str]) -> tuple[Kind, str | None, str | None]:
    """Return what an owner's path, after the owner, leads to, with its slug and post id."""
    slug, post_id = _post_id(rest[-1]) if rest else (None, None)
    is_article = False
    match rest:
        case ["feed", *_]:
            return Kind.FEED, None, None
        case [first, *_] if owner is None:
            is_article = host == "medium.com" and (first in _WITHOUT_OWNER or _is_bare_id(rest))
        case [] if owner is not None:
            return (Kind.PROFILE if owner.startswith("@") else Kind.PUBLICATION), None, None
        case ["list", last] if post_id is not None or last == "reading-list":
            return Kind.LIST, slug, post_id or last
        case [first] if first.startswith("@") and owner is not None and not owner.startswith("@"):
            return Kind.PROFILE, None, None
        case [first, *more]:
            is_article = not more or first in _WITHOUT_OWNER or first.startswith("@")
    return (Kind.ARTICLE, slug, post_id) if is_article and post_id is not None else (Kind.OTHER, None, None)


def _post_id(segment: str) -> tuple[str | None, str | None]:
    match = _POST_ID.fullmatch(segment)
    return (match["slug"] or None, match["id"]) if match else (None, None)


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
