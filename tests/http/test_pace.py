"""Pace: starts spaced evenly, no limit at 0, and silence for everybody after a hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from hours import Time

from bot.http.pace import Pace, Turn


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


# -- following the answers ----------------------------------------------------------------------


async def given(pace: Pace, time: Time, number: int) -> list[Turn]:
    turns: list[Turn] = []

    async def one() -> None:
        turns.append(await pace.turn())

    await time.run(*(one() for _ in range(number)))
    return turns


def adaptive(time: Time, rate: float = 1.0) -> Pace:
    return Pace(rate, lambda: time.now, time.sleep, floor=0.01, ceiling=100)


def test_answers_quicken_an_adaptive_pace_and_no_other() -> None:
    async def main(pace: Pace, time: Time) -> float:
        for turn in await given(pace, time, 20):
            pace.answered(turn)
        return pace.beat

    time = Time()
    assert asyncio.run(main(adaptive(time), time)) < 0.7
    time = Time()
    assert asyncio.run(main(Pace(1.0, lambda: time.now, time.sleep), time)) == 1.0


def test_a_turn_that_nobody_waited_for_says_nothing_of_a_faster_pace() -> None:
    async def main() -> float:
        time = Time()
        pace = adaptive(time)
        for _ in range(20):
            turn = await pace.turn()
            time.now += 5  # a slow server: there is never a queue
            pace.answered(turn)
        return pace.beat

    assert asyncio.run(main()) == 1.0


def test_one_burst_of_refusals_is_one_signal() -> None:
    async def main() -> tuple[list[bool], float]:
        time = Time()
        pace = adaptive(time)
        turns = await given(pace, time, 4)
        return [pace.refused(turn, limited=True) for turn in turns], pace.beat

    assert asyncio.run(main()) == ([True, False, False, False], 2.0)


def test_the_next_refusal_is_another_signal() -> None:
    async def main() -> float:
        time = Time()
        pace = adaptive(time)
        pace.refused(await pace.turn(), limited=True)
        (turn,) = await given(pace, time, 1)
        assert pace.refused(turn, limited=True)
        return pace.beat

    assert asyncio.run(main()) > 4.0


def test_turns_promised_at_the_old_pace_are_void_after_a_refusal() -> None:
    async def main() -> list[float]:
        time = Time()
        pace = adaptive(time)
        first = await pace.turn()
        begun: list[float] = []

        async def call() -> None:
            begun.append((await pace.turn()).at - 1000)

        async def refuse() -> None:
            await time.sleep(0.5)
            pace.refused(first, limited=True)

        await time.run(call(), call(), call(), refuse())
        return begun

    assert asyncio.run(main()) == [2.5, 4.5, 6.5]  # a beat of the new pace after the refusal, and then at that pace


def test_between_two_refusals_what_was_served_a_second_is_the_limit() -> None:
    async def main() -> float:
        time = Time()
        pace = adaptive(time, 2.0)
        pace.refused(await pace.turn(), limited=True)
        turns = await given(pace, time, 31)
        for turn in turns[:-1]:
            time.now = max(time.now, turn.at)
            pace.answered(turn)
        pace.refused(turns[-1], limited=True)
        return 1 / pace.beat

    # 30 were served in the 31 s since the first refusal: one each beat of 1 s
    assert asyncio.run(main()) == pytest.approx(30 / 31 * 0.95, rel=0.02)


def test_refusals_of_a_burst_are_not_counted_as_served() -> None:
    async def main(refused: int) -> float:
        time = Time()
        pace = adaptive(time, 2.0)
        burst = await given(pace, time, 5)
        for turn in burst[:refused]:
            pace.refused(turn, limited=True)
        turns = await given(pace, time, 10)
        pace.refused(turns[-1], limited=True)
        return 1 / pace.beat

    assert asyncio.run(main(5)) < asyncio.run(main(1))


def test_a_pace_without_limit_is_not_slowed_by_refusals() -> None:
    async def main() -> tuple[bool, float]:
        time = Time()
        pace = Pace(0, lambda: time.now, time.sleep, floor=0.1, ceiling=10)
        turn = await pace.turn()
        counted = pace.refused(turn, limited=True) and pace.refused(turn, limited=True)
        pace.answered(turn)
        pace.resume()
        await time.run(pace.turn(), pace.turn())
        return counted, time.now - 1000

    assert asyncio.run(main()) == (True, 0.0)


def test_bounds_on_the_wrong_side_of_the_rate_give_way_to_it() -> None:
    time = Time()
    pace = Pace(1.0, lambda: time.now, time.sleep, floor=5, ceiling=0.1)
    assert pace.beat == 1.0


def test_a_machine_that_slept_asks_no_faster_afterwards() -> None:
    async def main() -> list[float]:
        time = Time()
        pace = adaptive(time)
        await pace.turn()
        time.now += 1e6
        return [turn.at - time.now for turn in await given(pace, Time(time.now), 1)]

    assert asyncio.run(main()) == [0.0]
