"""Numbered cases: each is made again from its kind and number alone.

The tests run the first block of each kind. `make fuzz BLOCKS=50`, or `FUZZ_BLOCKS=50 pytest tests/fuzz`, runs fifty.
A failure names its case, and `FUZZ_CASE=markdown-1234 pytest tests/fuzz` runs that one alone.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from types import FrameType

import pytest
from fuzz.mutation import mutated

_ALONE = os.environ.get("FUZZ_CASE", "")
_BLOCKS = int(os.environ.get("FUZZ_BLOCKS", "1"))
# Far above what any case takes, far below what a hang or a square of the input's size would.
_SECONDS = 20.0


def blocks(kind: str, size: int) -> pytest.MarkDecorator:
    """Run a test over the cases of a kind, a block of `size` numbers at a time."""
    wanted, _, number = _ALONE.rpartition("-")
    if _ALONE:
        ranges = [range(int(number), int(number) + 1)] if wanted == kind else []
    else:
        ranges = [range(block * size, (block + 1) * size) for block in range(_BLOCKS)]
    return pytest.mark.parametrize("numbers", ranges, ids=lambda each: f"{kind}-{each.start}")


def hold(kind: str, numbers: Sequence[int], check: Callable[[int, Random], object]) -> None:
    """Check each case, given its number and its source of choices; what fails is named after its case."""
    for number in numbers:
        case = f"{kind}-{number}"
        try:
            with bounded():
                check(number, Random(case))
        except BaseException as error:
            error.add_note(f"this was a case of its own: FUZZ_CASE={case} pytest tests/fuzz")
            raise


def hold_bytes(
    kind: str,
    numbers: Sequence[int],
    seeds: Sequence[bytes],
    check: Callable[[bytes], object],
    pieces: Sequence[bytes] = (),
) -> None:
    """Check the bytes of each case: a seed, mutated. The first cases of a kind are the seeds as they are."""
    others = (*pieces, *pieces, *seeds)

    def made(number: int, random: Random) -> object:
        return check(seeds[number] if number < len(seeds) else mutated(random.choice(seeds), others, random))

    hold(kind, numbers, made)


class TookTooLongError(BaseException):
    """A case hangs, or takes far more than its size explains. No `except Exception` may swallow it."""


@contextmanager
def bounded(seconds: float = _SECONDS) -> Iterator[None]:
    """Fail what takes more of the processor's time than this; a slow machine and its other work do not count.

    No coverage is measured meanwhile: it would take most of the time.
    """

    def end(_: int, __: FrameType | None) -> None:
        raise TookTooLongError(f"more than {seconds:g} s of the processor's time")

    before, traced = signal.signal(signal.SIGVTALRM, end), sys.gettrace()
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(traced)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def work(do: Callable[[], object]) -> int:
    """Count the function calls that something takes, of Python's and of C's: the same count on every machine."""
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        do()
    finally:
        sys.setprofile(before)
    return calls
