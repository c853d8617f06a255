"""Bodies: one layer of gzip, never more than the limit, and an honest word on what is missing."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.http.client import read_limited

LIMIT = 1000
TEXT = bytes(range(256)) * 3
GZIP = gzip.compress(TEXT, mtime=0)
EMPTY = gzip.compress(b"", mtime=0)


def read(raw: bytes, *, gzipped: bool = True, size: int = 7, limit: int = LIMIT) -> tuple[bytes, bool]:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(raw), size):
            yield raw[start : start + size]

    return asyncio.run(read_limited(chunks(), limit, gzipped=gzipped))


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"", b""),
        (EMPTY, b""),
        (GZIP, TEXT),
        (GZIP + GZIP[:0], TEXT),
        (gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0) + EMPTY, b"one two"),
        (GZIP + b"\0\0\0", TEXT),
        (GZIP + b"padding", TEXT),
        (gzip.compress(GZIP, mtime=0), GZIP),
    ],
)
def test_a_gzip_body_is_unfolded_once_and_whole(raw: bytes, body: bytes, size: int) -> None:
    assert read(raw, size=size) == (body, False)


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize("raw", [b"", b"hello", GZIP, b"a" * LIMIT])
def test_a_plain_body_is_left_as_it_is(raw: bytes, size: int) -> None:
    assert read(raw, gzipped=False, size=size) == (raw, False)


@pytest.mark.parametrize("size", [1, 7, 4096])
@pytest.mark.parametrize("missing", [1, 4, 8, 9, 20, len(GZIP) - 11, len(GZIP) - 1])
def test_a_gzip_body_that_stops_early_is_cut(missing: int, size: int) -> None:
    body, cut = read(GZIP[:-missing], size=size)
    assert cut
    assert TEXT.startswith(body)


def test_a_second_member_that_stops_early_is_cut() -> None:
    assert read(GZIP + gzip.compress(b"two", mtime=0)[:-3]) == (TEXT + b"two", True)


@pytest.mark.parametrize("size", [1, 999, 1000, 1001, 4096])
def test_what_is_as_long_as_the_limit_is_whole_and_one_byte_more_is_cut(size: int) -> None:
    whole, more = b"a" * LIMIT, b"a" * (LIMIT + 1)
    assert read(whole, gzipped=False, size=size) == (whole, False)
    assert read(more, gzipped=False, size=size) == (whole, True)
    assert read(gzip.compress(whole, mtime=0), size=size) == (whole, False)
    assert read(gzip.compress(more, mtime=0), size=size) == (whole, True)


@pytest.mark.parametrize(
    "raw",
    [
        b"<html>no gzip</html>",
        GZIP[:20] + b"\xff\xff\xff\xff" + GZIP[24:],
        GZIP[:-8] + b"\0\0\0\0" + GZIP[-4:],
        b"\x1f" + b"\0" * 30,
        zlib.compress(TEXT),
        GZIP + b"\x1f no second member",
    ],
)
def test_a_damaged_body_says_so(raw: bytes) -> None:
    with pytest.raises(zlib.error):
        read(raw)


def test_what_unfolds_to_nothing_is_not_read_for_ever() -> None:
    assert read(EMPTY * 100) == (b"", True)
    squeeze = zlib.compressobj(0, zlib.DEFLATED, 31)
    flushes = squeeze.compress(b"") + b"".join(squeeze.flush(zlib.Z_FULL_FLUSH) for _ in range(3))
    assert read(flushes + b"\x00\x00\x00\xff\xff" * LIMIT) == (b"", True)


@given(st.lists(st.binary(max_size=400), max_size=4), st.integers(1, 300), st.integers(1, 600))
def test_any_members_in_any_pieces_are_the_text_or_its_beginning(parts: list[bytes], size: int, limit: int) -> None:
    text = b"".join(parts)
    raw = b"".join(map(gzip.compress, parts))
    body, cut = read(raw, size=size, limit=limit)
    assert text.startswith(body)
    assert len(body) <= limit
    assert cut == (len(text) > limit or len(raw) > limit)
