"""Ids as git makes them, so that what would be written can be compared with what is there."""

from __future__ import annotations

import hashlib


def blob_id(content: bytes) -> str:
    """Return the SHA-1 that git gives to a file's content."""
    return hashlib.sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()
