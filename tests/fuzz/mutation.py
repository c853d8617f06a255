"""Good input made bad: what a broken disk, a careless merge or somebody hostile makes of bytes. Knows no format.

A seeded generator makes every choice, so that a case's number is all that is needed to make it again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random

Mutation = Callable[[bytes, Sequence[bytes], Random], bytes]

# Bytes on which readers have stumbled, whatever the format.
ODD = (
    b"\x00",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe2\x82",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\r",
    b"\n\r",
    b"\x0b",
    b"\x0c",
    b"\x1b[2J",
    b"\x1c",
    "\x85".encode(),
    "\u2028".encode(),
    "\u202e".encode(),
    "\u200d".encode(),
    "\ufdd0".encode(),
    "\U000e0041".encode(),
    "ｘ".encode(),
    "İ".encode(),
    "٣".encode(),
    "²".encode(),
    "e\u0301".encode(),
    b"\\ud800",
    b"\\udfff",
    b"\\u0000",
    b"&#0;",
    b"&#xd800;",
    b"&#99999999999;",
    b"&amp;amp;",
    b"%00",
    b"%ff",
    b"%",
    b"-0",
    b"1e999",
    b"NaN",
    b"Infinity",
    b"true",
    b"null",
    b"\\",
    b"\\\\",
    b'"',
    b"'",
    b"`",
    b"..",
    b"../../../etc/passwd",
    b"${{ x }}",
    b"%n%s",
)
NUMBERS = (b"0", b"-1", b"00", b"255", b"65536", b"2147483648", b"18446744073709551616", b"9" * 400, b"0" * 400)
_DIGITS = re.compile(rb"\d+")
_LINES = re.compile(rb"[^\n]*\n|[^\n]+\Z")
_LONGEST = 20_000


def mutated(seed: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Return a seed after one to five mutations; `others` are pieces of its format, and other seeds to splice with."""
    made = seed
    for _ in range(random.choice((1, 1, 2, 3, 5))):
        made = random.choice(MUTATIONS)(made, others, random)[:_LONGEST]
    return made


def _slice(source: bytes, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(source))
    return start, min(len(source), start + random.choice((0, 1, 2, 5, 20, 100, len(source))))


def flip(source: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Turn single bits over."""
    del others
    made = bytearray(source)
    for _ in range(random.choice((1, 1, 4, 30)) if made else 0):
        made[random.randrange(len(made))] ^= 1 << random.randrange(8)
    return bytes(made)


def cut(source: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Lose one end, or a piece of the middle."""
    del others
    start, stop = _slice(source, random)
    return random.choice((source[:start], source[start:], source[:start] + source[stop:]))


def repeat(source: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Say a piece several times."""
    del others
    start, stop = _slice(source, random)
    return source[:stop] + source[start:stop] * random.choice((1, 2, 50)) + source[stop:]


def swap(source: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Exchange two pieces."""
    del others
    a, b, c = sorted(random.randint(0, len(source)) for _ in range(3))
    return source[:a] + source[b:c] + source[a:b] + source[c:]


def insert(source: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Put in, or put in place of something, bytes that are odd or belong elsewhere."""
    start, stop = _slice(source, random)
    return source[:start] + random.choice((*ODD, *others)) + source[random.choice((start, start, stop)) :]


def splice(source: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Go on as something else does."""
    other = random.choice(others) if others else source
    return source[: random.randint(0, len(source))] + other[random.randint(0, len(other)) :]


def lengthen(source: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Make a line, a word or a nesting very long."""
    at = random.randint(0, len(source))
    piece = random.choice((b"a", b" ", b"\n", b"(", b"[", b"{", b"<", b"*", b"|", b"-", b"\t", b"0", *others))
    return source[:at] + piece * min(random.choice((10, 300, 5_000)), _LONGEST // len(piece or b"a")) + source[at:]


def number(source: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Make a number huge, negative or empty."""
    del others
    found = list(_DIGITS.finditer(source))
    if not found:
        return source + random.choice(NUMBERS)
    match = random.choice(found)
    return source[: match.start()] + random.choice(NUMBERS) + source[match.end() :]


def end_lines(source: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Mix the ways in which lines can end."""
    del others
    return b"".join(
        line.rstrip(b"\r\n") + random.choice((b"\n", b"\n", b"\r\n", b"\r", b"")) for line in _LINES.findall(source)
    )


def shuffle(source: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Bring the lines into another order, some of them lost or doubled."""
    del others
    lines = _LINES.findall(source)
    return b"".join(random.choices(lines, k=len(lines))) if lines else source


def recode(source: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Save in another encoding, or with a byte order mark."""
    del others
    text = source.decode("utf-8", "replace")
    coding = random.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp1252", "cp037", "shift_jis"))
    return text.encode(coding, "replace")


MUTATIONS: tuple[Mutation, ...] = (
    *(flip, cut, cut, repeat, swap, insert, insert, insert, splice, splice, lengthen, number, end_lines, shuffle),
    recode,
)


Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

STRINGS = (
    *(
        "",
        " ",
        "\0",
        "\ud800",
        "\u2028",
        "a" * 5_000,
        "x\ny",
        "None",
        "true",
        "0",
        "-1",
        "..",
        "/etc/passwd",
        "\x1b[2J",
    ),
    *("0001-01-01", "9999-12-31", "2026-02-30", "٢٠٢٦-01-01", "2026-01-01T00:00:00Z", "9999-12-31T23:59:60Z"),
    *(
        "0000-00-00T00:00:00Z",
        "https://[",
        "https://medium.com:x/",
        "javascript:alert(1)",
        "http://medium.com@127.0.0.1/",
    ),
    *("https://medium.com/p/31e59abc0615", "31e59abc0615", "Gone", "Moved", "Alive", "Skipped", "link-gone", "safe"),
)


def mutated_json(data: Json, random: Random) -> bytes:
    """Return JSON in which one to four values are others, gone, doubled or of another kind."""
    for _ in range(random.choice((1, 1, 2, 4))):
        data = _changed(data, random)
    return json.dumps(data, ensure_ascii=random.random() < 0.8, indent=random.choice((None, 1))).encode(
        "utf-8", "surrogatepass"
    )


def _changed(data: Json, random: Random) -> Json:
    """Return a value with one change somewhere in it."""
    if isinstance(data, dict) and data and random.random() < 0.9:
        name = random.choice(list(data))
        match random.randrange(8):
            case 0:
                return {key: value for key, value in data.items() if key != name}
            case 1:
                return {**data, random.choice(STRINGS): data[name]}
            case _:
                return {**data, name: _changed(data[name], random)}
    if isinstance(data, list) and data and random.random() < 0.9:
        at = random.randrange(len(data))
        match random.randrange(8):
            case 0:
                return data[:at] + data[at + 1 :]
            case 1:
                return data + data[at : at + 1] * random.choice((1, 20))
            case _:
                return [*data[:at], _changed(data[at], random), *data[at + 1 :]]
    return _hostile(random)


def _hostile(random: Random) -> Json:
    deep: Json = "x"
    for _ in range(random.choice((3, 100, 600))):
        deep = [deep] if random.random() < 0.5 else {"a": deep}
    numbers: tuple[Json, ...] = (
        None,
        True,
        False,
        0,
        -1,
        1,
        2**63,
        10**400,
        1.5,
        1e308,
        -0.0,
        float("nan"),
        float("inf"),
    )
    kinds: tuple[Json, ...] = ([], {}, [[]], {"": None}, deep)
    return random.choice((random.choice(numbers), random.choice(STRINGS), random.choice(STRINGS), random.choice(kinds)))
