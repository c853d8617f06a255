"""A body off the wire: at most one layer of gzip undone, and never more than a limit of it."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

_GZIP = zlib.MAX_WBITS | 16
_PIECE = 256 * 1024
_MEMBER = b"\x1f"  # how every member of a gzip file begins (RFC 1952, 2.3.1)


async def read_limited(chunks: AsyncIterator[bytes], limit: int, *, gzipped: bool) -> tuple[bytes, bool]:
    """Read a body up to `limit` bytes, decompressing as it comes; say whether it was cut.

    It is decompressed in pieces, so a small body cannot unfold to a huge one; nor is more than `limit`
    read of one that unfolds to nothing. Raises `zlib.error` for a damaged one.
    """
    body = bytearray()
    received = 0
    inflate = zlib.decompressobj(_GZIP)
    async for chunk in chunks:
        received += len(chunk)
        while chunk:
            if not gzipped:
                body += chunk
                chunk = b""
            elif not inflate.eof:
                body += inflate.decompress(chunk, _PIECE)
                chunk = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
            elif chunk.startswith(_MEMBER):
                inflate = zlib.decompressobj(_GZIP)
            else:
                return bytes(body), False  # what follows the last member is padding
            if max(received, len(body)) > limit:
                del body[limit:]
                return bytes(body), True
    return bytes(body), gzipped and received > 0 and not inflate.eof
