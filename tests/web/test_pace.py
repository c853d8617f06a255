"""Pace: starts spaced evenly, no limit at 0, and silence for everybody after a hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from web.hours import Time

from bot.web.pace import Pace


def starts(rate: float, callers: int, *, act: Callable[[Pace, Time], Awaitable[None]] | None = None) -> list[float]:
    """When each caller may start, in seconds from now, if all come at once and something happens."""

    async def main() -> list[float]:
        time = Time()
        pace = Pace(rate, lambda: time.now, time.sleep)
        begun: list[float] = []

        async def call() -> None:
            await pace.turn()
            begun.append(round(time.now - 1000, 6))

        works: list[Awaitable[None]] = [call() for _ in range(callers)]
        if act is not None:
            works.append(act(pace, time))
        await time.run(*works)
        return begun

    return asyncio.run(main())


def test_the_first_need_not_wait_and_the_others_are_spaced() -> None:
    assert starts(2.0, 5) == [0, 0.5, 1, 1.5, 2]
    assert starts(0.125, 3) == [0, 8, 16]


def test_a_rate_of_0_is_no_limit() -> None:
    assert starts(0, 5) == [0, 0, 0, 0, 0]


def test_time_that_passed_unused_is_not_saved_up() -> None:
    async def main() -> list[float]:
        time = Time()
        pace = Pace(1.0, lambda: time.now, time.sleep)
        begun = []
        await pace.turn()
        time.now += 100

        async def call() -> None:
            await pace.turn()
            begun.append(time.now - 1100)

        await time.run(*[call() for _ in range(3)])
        return begun

    assert asyncio.run(main()) == [0, 1, 2]


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_nobody_starts_during_a_hold(rate: float) -> None:
    async def hold(pace: Pace, time: Time) -> None:
        await time.sleep(0.25)
        pace.hold(10)

    begun = starts(rate, 4, act=hold)
    assert [at for at in begun if 0.25 < at < 10.25] == []


def test_those_who_waited_into_a_hold_start_spaced_behind_it() -> None:
    async def hold(pace: Pace, time: Time) -> None:
        await time.sleep(0.25)
        pace.hold(10)

    assert starts(1.0, 4, act=hold) == [0, 10.25, 11.25, 12.25]


def test_a_hold_keeps_even_an_unlimited_pace_waiting() -> None:
    async def main() -> float:
        time = Time()
        pace = Pace(0, lambda: time.now, time.sleep)
        pace.hold(7)
        await time.run(pace.turn(), pace.turn())
        return time.now - 1000

    assert asyncio.run(main()) == 7


def test_a_shorter_hold_does_not_end_a_longer_one_and_a_second_hold_counts() -> None:
    async def hold(pace: Pace, time: Time) -> None:
        await time.sleep(0.5)
        pace.hold(10)
        pace.hold(2)
        await time.sleep(9)
        pace.hold(5)

    assert starts(1.0, 6, act=hold) == [0, 14.5, 15.5, 16.5, 17.5, 18.5]


def test_a_hold_that_is_over_is_forgotten() -> None:
    async def main() -> float:
        time = Time()
        pace = Pace(0, lambda: time.now, time.sleep)
        pace.hold(3)
        time.now += 4
        await time.run(pace.turn())
        return time.now - 1000

    assert asyncio.run(main()) == 4


def test_a_cancelled_caller_keeps_nobody_waiting_for_ever() -> None:
    async def main() -> list[float]:
        time = Time()
        pace = Pace(1.0, lambda: time.now, time.sleep)
        await pace.turn()
        gone = asyncio.ensure_future(pace.turn())
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
        time.sleepers.clear()
        await time.run(pace.turn())
        return [time.now - 1000]

    assert asyncio.run(main()) == [2]
