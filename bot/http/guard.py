"""Which network addresses the bot may connect to: public ones only.

Asked at connection time, for the very address of the socket: a resolver is never asked about
literals (`::ffff:127.0.0.1`), and a name may resolve to anything between check and use.
"""

from __future__ import annotations

import errno
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

REFUSAL = "is not a public address"


class RefusedAddressError(OSError):
    """A socket was asked for an address that is not public."""


def is_public(address: str) -> bool:
    """Tell whether a numeric address is on the public internet, tunnelled IPv4 addresses unwrapped."""
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
