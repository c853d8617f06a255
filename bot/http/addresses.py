"""Where requests go: where a redirect leads, what `--remap` makes of an address, and which are not asked at all.

Network addresses are judged at connection time, for the very address of the socket: a resolver is never asked about
literals (`::ffff:127.0.0.1`), and a name may resolve to anything between check and use.
"""

import errno
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from bot.errors import UsageError
from bot.medium.site import Site, is_http, unwrap

MAX_URL = 2048
REFUSAL = "is not a public address"
_GROUP = re.compile(r"\$(?:(\d+)|\{(\w+)\}|(\$))")
_REFERENCE = re.compile(r"\\g<\w+>")


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
    """Return why an address cannot be requested; None if it can."""
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


@dataclass(frozen=True, slots=True)
class Remap:
    """A regular expression, found anywhere in an address, and what the whole match becomes."""

    pattern: re.Pattern[str]
    replacement: str


def read_remap(text: str) -> Remap:
    """Read `PATTERN REPLACEMENT`, with `$1` or `${name}` for groups; raise `UsageError` otherwise."""
    pattern, _, replacement = text.strip().partition(" ")
    if not replacement.strip():
        raise UsageError(f"remap {text!r:.200}: give a pattern and a replacement, separated by a space")
    try:
        compiled = re.compile(pattern)
        template = _GROUP.sub(_reference, replacement.strip().replace("\\", r"\\"))
        re.compile(f"{pattern}\n|").sub(template, "")  # an empty match makes every group reference be looked up
    except (re.error, IndexError, OverflowError, RecursionError) as error:
        raise UsageError(f"remap {text!r:.200}: {error}") from error
    return Remap(compiled, template)


def _reference(match: re.Match[str]) -> str:
    return "$" if match[3] else rf"\g<{match[1] or match[2]}>"


def route(url: str, remaps: Sequence[Remap]) -> tuple[str, bool]:
    """Return where a request for `url` goes by the first pattern found in it, and whether that place is the remap's."""
    for remap in remaps:
        if remap.pattern.search(url):
            target = remap.pattern.sub(remap.replacement, url, count=1)
            return target, _is_written(target, remap.replacement)
    return url, False


def _is_written(target: str, replacement: str) -> bool:
    """Return True if a target's host and port come from the replacement itself, not from what a group matched.

    `https://medium.com` → `http://127.0.0.1:80` makes of `https://medium.com@10.0.0.1/` a request to 10.0.0.1.
    """
    try:
        place = urlsplit(target).netloc.rpartition("@")[2]
    except ValueError:
        return False
    own_words = _REFERENCE.sub("\0", replacement)
    return re.search(rf"(?<![\w.:\[-]){re.escape(place)}(?![\w.:\]-])", own_words) is not None


class RefusedAddressError(OSError):
    """A socket was asked for an address that is not public."""


def is_public(address: str) -> bool:
    """Return True if a numeric address is on the public internet; IPv4 addresses inside IPv6 ones are unwrapped."""
    try:
        return _is_public(ip_address(address.partition("%")[0]))
    except ValueError:
        return False


def _is_public(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in _NAT64:
            inner = IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return _is_public(inner)
        return ip.is_global and ip in _UNICAST
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_UNICAST = IPv6Network("2000::/3")  # all that IANA has given out: no site-local, no IPv4-compatible, no multicast


AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]


def guarded_socket(info: AddressInfo) -> socket.socket:
    """Make the socket for a connection; raise `RefusedAddressError` unless its address is public."""
    family, kind, protocol, _, where = info
    if not is_public(str(where[0])):
        raise RefusedAddressError(errno.EACCES, f"{where[0]} {REFUSAL}")
    return socket.socket(family, kind, protocol)
