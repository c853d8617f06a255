"""The adaptive rate, even spacing, the circuit breaker, and the throttle that joins them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from itertools import pairwise
from math import inf
from typing import Any

import pytest
from hours import in_no_time
from network import START

from bot.http.throttle import LONGEST_PAUSE, PAGES, ROW, AdaptiveRate, Breaker, Pacer, Permit, Throttle
from bot.medium.classify import Sign
from bot.model.answers import Answer, Fault, FaultKind
from bot.model.pages import Skipped

CHALLENGE = Answer(403, {"cf-mitigated": "challenge"})
LIMITED = Answer(429)
RESET = Fault(FaultKind.RESET)
SERVED = Answer(404)


# -- the rate -----------------------------------------------------------------------------------


def adaptive(value: float = 1.0, floor: float = 0.05, ceiling: float = 10.0) -> AdaptiveRate:
    return AdaptiveRate(value, floor, ceiling)


def after(answers: int, rate: AdaptiveRate) -> float:
    for _ in range(answers):
        rate.grow()
    return rate.value


def settled(limit: float = 1.0) -> AdaptiveRate:
    """A rate that has measured a limit."""
    rate = adaptive(min(3.0, limit * 1.9))
    rate.back_off(Sign.LIMITED, 10, inf)
    rate.value = limit * 1.5
    rate.back_off(Sign.LIMITED, 100, 100 / limit)
    return rate


def test_it_doubles_within_thirty_answers_until_the_first_refusal() -> None:
    assert 0.38 < after(28, adaptive(0.2)) < 0.42


def test_it_stays_between_floor_and_ceiling() -> None:
    rate = adaptive(1.0, 0.5, 2.0)
    assert after(1000, rate) == 2.0
    for _ in range(50):
        rate.back_off(Sign.LIMITED, 0, 1.0)
    assert rate.value == 0.5


@pytest.mark.parametrize("rate", [AdaptiveRate(1.0), AdaptiveRate(1.0, 1.0, 1.0), AdaptiveRate(1.0, 5.0, 0.1)])
def test_without_bounds_or_with_bounds_on_the_wrong_side_it_never_changes(rate: AdaptiveRate) -> None:
    after(100, rate)
    for sign in (Sign.LIMITED, Sign.RESET, Sign.BLOCKED):
        rate.back_off(sign, 50, inf)
        rate.back_off(sign, 0, 0.0)
    rate.restart()
    assert after(100, rate) == rate.value == 1.0


def test_the_first_429_halves_it_since_a_burst_hides_the_limit() -> None:
    rate = adaptive(4.0)
    rate.back_off(Sign.LIMITED, 10, inf)
    assert rate.value == 2.0


def test_a_measured_limit_is_returned_to_and_kept_for_long() -> None:
    rate = settled(1.0)
    assert rate.value == pytest.approx(0.95)
    assert after(50, rate) == pytest.approx(1.0)
    assert 1.0 < after(50, rate) < 1.06


def test_long_after_a_refusal_it_rises_faster_and_faster() -> None:
    rate = settled(1.0)
    rates = [after(50, rate) for _ in range(5)]
    steps = [later - sooner for sooner, later in pairwise(rates)]
    assert steps == sorted(steps)
    assert rates[-1] > 3


def test_the_limit_is_never_taken_to_be_above_the_rate_that_was_refused() -> None:
    rate = settled(1.0)
    rate.back_off(Sign.LIMITED, 300, 100.0)
    assert rate.value < 0.95


def test_what_was_served_on_a_long_rise_is_no_measure_of_the_limit() -> None:
    rate = settled(0.1)
    refused = after(200, rate)
    assert refused > 0.2
    rate.back_off(Sign.LIMITED, 200, 2000.0)
    assert 0.45 * refused < rate.value < refused


@pytest.mark.parametrize("sign", [Sign.LIMITED, Sign.RESET])
def test_a_refusal_right_after_another_halves_it(sign: Sign) -> None:
    often, seldom = settled(), settled()
    before = often.value
    often.back_off(sign, 2, 2.0)
    seldom.back_off(sign, 50, 50.0 / before)
    assert often.value == pytest.approx(before / 2)
    assert before * 0.9 < seldom.value < before


@pytest.mark.parametrize("sign", [Sign.LIMITED, Sign.RESET])
def test_a_storm_of_refusals_does_not_erase_what_was_measured_before(sign: Sign) -> None:
    rate = settled(1.0)
    for _ in range(4):
        rate.back_off(sign, 0, 1.0)
    assert rate.value < 0.1
    assert after(60, rate) > 0.45


def test_a_storm_at_the_start_lowers_the_goal_as_well() -> None:
    rate = adaptive(5.0)
    rate.back_off(Sign.LIMITED, 10, inf)
    for _ in range(3):
        rate.back_off(Sign.LIMITED, 0, 1.0)
    assert after(20, rate) < 0.7


def test_a_reset_among_fifty_answers_is_made_up_for_by_the_next_fifty() -> None:
    rate = settled()
    before = after(50, rate)
    rate.back_off(Sign.RESET, 50, 50.0)
    assert rate.value < before
    assert after(50, rate) >= before


@pytest.mark.parametrize("first", [0.2, 1.0, 5.0])
def test_challenges_alone_never_push_it_below_a_quarter_of_the_first_rate(first: float) -> None:
    rate = adaptive(first, first / 100)
    for _ in range(30):
        rate.back_off(Sign.BLOCKED, 0, 1.0)
    assert rate.value == pytest.approx(first / 4)
    rate.back_off(Sign.RESET, 0, 1.0)
    low = rate.value
    rate.back_off(Sign.BLOCKED, 0, 1.0)
    assert rate.value == low < first / 4


def test_after_a_closure_it_begins_well_below_what_was_served_and_rises_to_half_of_it() -> None:
    rate = settled(2.0)
    rate.restart()
    assert rate.value == pytest.approx(0.5)
    assert 0.9 < after(120, rate) < 1.1


@pytest.mark.parametrize("seed", range(20))
def test_nothing_that_happens_makes_it_leave_its_bounds(seed: int) -> None:
    dice = random.Random(seed)
    rate = adaptive(dice.uniform(0.1, 5), 0.05, 6)
    for _ in range(2000):
        match dice.randrange(20):
            case 0 | 1:
                sign = dice.choice([Sign.LIMITED, Sign.RESET, Sign.BLOCKED])
                rate.back_off(sign, dice.choice([0, 1, 4, 5, 20, 300]), dice.choice([inf, 0.0, 1e-9, 20.0, 1e9]))
            case 2:
                rate.restart()
            case _:
                rate.grow()
        assert isinstance(rate.value, float)
        assert 0.05 <= rate.value <= 6


# -- spacing ------------------------------------------------------------------------------------


def in_simulation(act: Callable[[Pacer], Awaitable[None]], rate: AdaptiveRate | None) -> None:
    async def main() -> None:
        await act(Pacer(rate, asyncio.get_running_loop().time))

    in_no_time(main())


def starts(rate: float, callers: int, act: Callable[[Pacer], Awaitable[None]] | None = None) -> list[float]:
    """When each caller may start if all come at once and something happens."""
    begun: list[float] = []

    async def main(pacer: Pacer) -> None:
        async def call() -> None:
            await pacer.turn()
            begun.append(round(pacer.clock(), 6))

        await asyncio.gather(*(call() for _ in range(callers)), *([act(pacer)] if act else []))

    in_simulation(main, AdaptiveRate(rate) if rate else None)
    return begun


async def permits(pacer: Pacer, number: int) -> list[Permit]:
    return await asyncio.gather(*(pacer.turn() for _ in range(number)))


async def hold_soon(pacer: Pacer) -> None:
    await asyncio.sleep(0.25)
    pacer.hold(10)


def test_the_first_need_not_wait_and_the_others_are_spaced() -> None:
    assert starts(2.0, 5) == [0, 0.5, 1, 1.5, 2]
    assert starts(0.125, 3) == [0, 8, 16]


def test_without_a_rate_nobody_waits() -> None:
    assert starts(0, 5) == [0, 0, 0, 0, 0]


def test_unused_time_is_not_saved_up() -> None:
    async def main(pacer: Pacer) -> None:
        await pacer.turn()
        await asyncio.sleep(1e6)
        assert [permit.at - 1e6 for permit in await permits(pacer, 3)] == [0, 1, 2]

    in_simulation(main, adaptive())


def test_those_who_waited_into_a_pause_start_spaced_behind_it() -> None:
    assert starts(1.0, 4, hold_soon) == [0, 10.25, 11.25, 12.25]


@pytest.mark.parametrize(("waited", "at"), [(0, 7), (8, 8)])
def test_a_pause_keeps_even_requests_without_a_rate_waiting_until_it_is_over(waited: float, at: float) -> None:
    async def main(pacer: Pacer) -> None:
        pacer.hold(7)
        await asyncio.sleep(waited)
        assert pacer.pause == max(0, 7 - waited)
        await permits(pacer, 2)
        assert pacer.clock() == at

    in_simulation(main, None)


def test_a_shorter_pause_does_not_end_a_longer_one_and_a_second_pause_counts() -> None:
    async def act(pacer: Pacer) -> None:
        await asyncio.sleep(0.5)
        pacer.hold(10)
        pacer.hold(2)
        await asyncio.sleep(9)
        pacer.hold(5)

    assert starts(1.0, 6, act) == [0, 14.5, 15.5, 16.5, 17.5, 18.5]


def test_a_cancelled_caller_keeps_nobody_waiting_for_ever() -> None:
    async def main(pacer: Pacer) -> None:
        await pacer.turn()
        cancelled = asyncio.ensure_future(pacer.turn())
        await asyncio.sleep(0)
        cancelled.cancel()
        await pacer.turn()
        assert pacer.clock() == 2

    in_simulation(main, adaptive())


def test_answers_to_requests_that_waited_quicken_the_pace_and_no_others_do() -> None:
    async def main(pacer: Pacer) -> None:
        for _ in range(20):
            pacer.served(await pacer.turn())
            await asyncio.sleep(5)  # a slow server: there is never a queue
        assert pacer.spacing == 1.0
        for permit in await permits(pacer, 20):
            pacer.served(permit)
        assert pacer.spacing < 0.7

    in_simulation(main, adaptive())


def test_a_burst_of_refusals_is_one_signal_and_the_next_refusal_another() -> None:
    async def main(pacer: Pacer) -> None:
        burst = await permits(pacer, 4)
        assert [pacer.refused(permit, Sign.LIMITED) for permit in burst] == [True, False, False, False]
        assert pacer.spacing == 2.0
        assert pacer.refused(await pacer.turn(), Sign.LIMITED)
        assert pacer.spacing == 4.0

    in_simulation(main, adaptive())


def test_slots_reserved_at_the_old_pace_are_void_after_a_refusal() -> None:
    begun: list[float] = []

    async def main(pacer: Pacer) -> None:
        first = await pacer.turn()

        async def call() -> None:
            begun.append((await pacer.turn()).at)

        async def refuse() -> None:
            await asyncio.sleep(0.5)
            pacer.refused(first, Sign.LIMITED)

        await asyncio.gather(call(), call(), call(), refuse())

    in_simulation(main, adaptive())
    assert begun == [2.5, 4.5, 6.5]  # one new interval after the refusal, and then at the new pace


@pytest.mark.parametrize("burst", [1, 5])
def test_what_is_served_between_two_refusals_is_the_limit_and_a_bursts_own_refusals_do_not_count(burst: int) -> None:
    async def main(pacer: Pacer) -> None:
        for permit in (await permits(pacer, 5))[:burst]:
            pacer.refused(permit, Sign.LIMITED)
        later = await permits(pacer, 31)
        for permit in later[:-1]:
            pacer.served(permit)
        pacer.refused(later[-1], Sign.LIMITED)
        # 30 were served in the 31 s since the first refusal, one each second.
        assert 1 / pacer.spacing == pytest.approx(30 / 31 * 0.95)

    in_simulation(main, adaptive(2.0))


# -- the circuit breaker ------------------------------------------------------------------------


def refuse(breaker: Breaker, number: int, sign: Sign = Sign.RESET, left: float = inf, pages: int = ROW) -> float:
    """Refuse requests for some pages in turn; return the pause after the last."""
    return [breaker.refused(f"page {n % pages}", sign, left) for n in range(number)][-1]


def opened(sign: Sign = Sign.RESET, left: float = inf) -> Breaker:
    breaker = Breaker("Medium", 60.0)
    breaker.served()
    assert refuse(breaker, ROW, sign, left) == 60.0
    breaker.asking()
    return breaker


def test_a_row_of_refusals_of_several_pages_opens_it_and_nothing_less() -> None:
    assert refuse(Breaker("x", 60.0), ROW - 1) == 0.0
    assert refuse(Breaker("x", 60.0), ROW) == 60.0
    assert refuse(Breaker("x", 60.0), 5 * ROW, pages=PAGES - 1) == 0.0
    assert refuse(Breaker("x", 60.0), ROW, pages=PAGES) == 60.0


def test_an_answer_ends_a_row() -> None:
    breaker = Breaker("x", 60.0)
    refuse(breaker, ROW - 1)
    assert not breaker.served()
    assert refuse(breaker, ROW - 1) == 0.0


def test_where_half_of_all_pages_are_refused_a_row_must_be_longer() -> None:
    breaker = Breaker("x", 60.0)
    for _ in range(20):
        refuse(breaker, 1)
        breaker.served()
    assert refuse(breaker, 13) == 0.0
    assert refuse(breaker, 1) == 60.0


def test_a_refusal_that_does_not_count_opens_nothing() -> None:
    breaker = Breaker("x", 60.0)
    assert [breaker.refused(f"{n}", Sign.RESET, inf, counts=False) for n in range(20)] == [0.0] * 20
    assert refuse(breaker, ROW) == 60.0


def test_few_requests_are_on_their_way_before_the_first_answer_and_one_in_doubt_or_as_a_trial() -> None:
    breaker = Breaker("x", 60.0)
    assert breaker.at_once == 4
    refuse(breaker, 1)
    assert breaker.at_once == 4
    refuse(breaker, 1)
    assert breaker.at_once == 1
    breaker.served()
    assert breaker.at_once == inf
    assert opened().at_once == 1


def test_an_answer_to_the_trial_closes_it() -> None:
    breaker = opened()
    assert breaker.served()
    assert breaker.at_once == inf
    assert refuse(breaker, ROW - 1) == 0.0


def test_a_refusal_of_what_was_sent_before_it_opened_is_no_failed_trial() -> None:
    breaker = Breaker("x", 60.0)
    refuse(breaker, ROW)
    assert refuse(breaker, 10) == 0.0
    assert breaker.over is None


def test_a_failed_trial_doubles_the_pause_and_the_third_is_the_last() -> None:
    breaker = opened()
    assert refuse(breaker, 1) == 120.0
    breaker.asking()
    assert refuse(breaker, 1) == 240.0
    breaker.asking()
    assert refuse(breaker, 1) == 0.0
    assert breaker.over == (
        "not asked: Medium refused 9 requests in a row (connection reset), the last after a pause of 240 s"
    )


@pytest.mark.parametrize("sign", [Sign.BLOCKED, Sign.FAILED])
def test_without_a_time_limit_what_does_not_pass_with_time_is_tried_once(sign: Sign) -> None:
    breaker = opened(sign)
    assert refuse(breaker, 1, sign) == 0.0
    assert breaker.over is not None
    assert breaker.over.endswith(f"7 requests in a row ({sign.value}), the last after a pause of 60 s")
    breaker = opened(sign, 3600.0)
    assert refuse(breaker, 1, sign, 3600.0) == 120.0


def test_it_pauses_no_longer_than_half_of_what_is_left_and_gives_up_if_a_longer_pause_does_not_fit() -> None:
    breaker = Breaker("x", 60.0)
    assert refuse(breaker, ROW, left=50.0) == 25.0
    breaker.asking()
    assert refuse(breaker, 1, left=25.0) == 0.0
    assert breaker.over is not None


def test_one_that_opens_again_and_again_after_an_answer_or_two_gives_up() -> None:
    breaker, pauses = Breaker("x", 60.0), []
    while breaker.over is None:
        pauses.append(refuse(breaker, ROW))
        breaker.asking()
        breaker.served()
        breaker.served()
    assert pauses[0] == 60.0
    assert pauses[1] > 100.0
    assert max(pauses) < LONGEST_PAUSE
    assert len(pauses) < 8
    assert breaker.over == "not asked: x refused 6 requests in a row (connection reset), again and again"


def test_one_that_opens_once_in_many_answers_pauses_no_longer_each_time() -> None:
    breaker = Breaker("x", 60.0)
    for _ in range(20):
        assert refuse(breaker, ROW) == 60.0
        breaker.asking()
        for _ in range(200):
            breaker.served()


def test_pages_refused_together_were_turned_away_and_a_page_refused_alone_was_not() -> None:
    breaker = Breaker("x", 60.0)
    for _ in range(3):
        refuse(breaker, 1)
        breaker.served()
    assert breaker.turned_away == set()
    refuse(breaker, 2)
    assert breaker.turned_away == {"page 0", "page 1"}
    breaker = opened()
    breaker.refused("the trial", Sign.RESET, inf)
    assert breaker.turned_away == {"the trial", *(f"page {n}" for n in range(ROW))}


# -- both ---------------------------------------------------------------------------------------


class Server:
    """Answers requests by a table through a throttle, half a second each, and keeps when each was sent."""

    def __init__(self, rate: float = 1.0, left: float = inf) -> None:
        self.clock = asyncio.get_running_loop().time
        adaptive_rate = AdaptiveRate(rate, rate / 10, rate * 2) if rate else None
        self.throttle = Throttle("Medium", Pacer(adaptive_rate, self.clock), lambda: left, lambda: START)
        self.sent: list[tuple[str, float]] = []
        self.most = self.now = 0

    async def ask(self, url: str, result: Answer | Fault, *, closes: bool = True) -> Answer | Fault | Skipped:
        async def send() -> Answer | Fault:
            self.sent.append((url, self.clock()))
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.5)
            self.now -= 1
            return result

        return await self.throttle.ask(url, send, closes=closes)

    async def ask_in_turn(self, *results: Answer | Fault) -> None:
        """Ask for one page after another."""
        for number, result in enumerate(results):
            await self.ask(f"page {number}", result)

    @property
    def spacing(self) -> float:
        return self.throttle.pacer.spacing


def simulated(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        in_no_time(test())

    run.__name__ = test.__name__
    return run


@simulated
async def test_retry_after_of_one_page_silences_all() -> None:
    server = Server()
    await server.ask("a", Answer(429, {"retry-after": "30"}))
    await asyncio.gather(*(server.ask(f"{n}", SERVED) for n in range(3)))
    assert [at for _, at in server.sent] == [0, 30.5, 32.5, 34.5]


@simulated
async def test_a_retry_after_longer_than_the_run_gives_the_host_up() -> None:
    server = Server(left=100.0)
    await server.ask("a", Answer(429, {"retry-after": "3600"}))
    reason = "not asked: Medium asks for a pause of 3600 s (Retry-After), and 100 s of the run were left"
    assert await server.ask("b", SERVED) == Skipped(reason, wanted=True)
    assert len(server.sent) == 1


@simulated
async def test_without_a_time_limit_a_retry_after_of_a_quarter_of_an_hour_is_too_long() -> None:
    patient, server = Server(), Server()
    await patient.ask("a", Answer(429, {"retry-after": "899"}))
    await server.ask("a", Answer(429, {"retry-after": "900"}))
    assert patient.throttle.breaker.over is None
    assert server.throttle.breaker.over == "not asked: Medium asks for a pause of 900 s (Retry-After)"


@simulated
async def test_without_a_rate_a_retry_after_keeps_only_its_own_page_waiting() -> None:
    server = Server(rate=0)
    await server.ask("a", Answer(429, {"retry-after": "3600"}))
    assert await server.ask("b", SERVED) == SERVED
    assert server.sent[-1] == ("b", 0.5)


@pytest.mark.parametrize("result", [CHALLENGE, RESET], ids=["challenge", "reset"])
def test_a_page_refused_again_while_others_are_served_slows_nobody(result: Answer | Fault) -> None:
    async def main() -> None:
        server = Server()
        await server.ask("bad", result)
        await server.ask_in_turn(SERVED, SERVED)
        before = server.spacing
        await server.ask("bad", result)
        assert server.spacing == before
        await server.ask("bad", result)  # nobody was served in between
        assert server.spacing > before

    in_no_time(main())


@simulated
async def test_a_429_slows_everybody_even_for_the_same_page() -> None:
    server = Server()
    await server.ask("busy", LIMITED)
    slowed = server.spacing
    await server.ask_in_turn(SERVED, SERVED)
    await server.ask("busy", LIMITED)
    assert server.spacing > slowed


@simulated
async def test_a_failing_server_is_not_asked_more_slowly_but_opens_the_circuit() -> None:
    server = Server(left=1000.0)
    await server.ask_in_turn(*[Answer(503)] * ROW)
    assert server.spacing == 1.0
    assert server.throttle.pacer.pause == 60.0


@simulated
async def test_a_server_that_blocks_everything_is_tried_once_more_and_then_left_alone() -> None:
    server = Server()
    await asyncio.gather(*(server.ask(f"{n}", CHALLENGE) for n in range(50)))
    assert len(server.sent) == ROW + 1
    assert server.sent[-1][1] - server.sent[-2][1] == pytest.approx(60.5)


@simulated
async def test_without_a_rate_few_are_on_their_way_before_an_answer_and_challenges_open_the_circuit() -> None:
    server = Server(rate=0)
    await asyncio.gather(*(server.ask(f"{n}", CHALLENGE) for n in range(50)))
    assert server.most == 4
    assert len(server.sent) == ROW + 1


@simulated
async def test_without_a_rate_limits_resets_and_failures_neither_slow_nor_open() -> None:
    server = Server(rate=0)
    await server.ask("a", SERVED)
    await asyncio.gather(*(server.ask(f"{n}", (LIMITED, RESET, Answer(503))[n % 3]) for n in range(50)))
    assert len(server.sent) == 51
    assert server.clock() == 1.0


@simulated
async def test_an_answered_trial_lets_everybody_in_again_but_slowly() -> None:
    server = Server()
    await server.ask_in_turn(*[CHALLENGE] * ROW)
    await server.ask("trial", SERVED)
    assert server.spacing == 4.0
    await asyncio.gather(*(server.ask(f"{n}", SERVED) for n in range(3)))
    assert len(server.sent) == ROW + 4


@simulated
async def test_robots_txt_neither_ends_a_row_nor_closes_the_circuit() -> None:
    server = Server(left=10_000.0)
    for number in range(ROW):
        await server.ask(f"{number}", CHALLENGE)
        await server.ask("robots.txt", SERVED, closes=False)
    await server.ask("trial", CHALLENGE)
    assert server.throttle.pacer.pause == 120.0


@simulated
async def test_a_cancelled_request_does_not_hold_up_the_others() -> None:
    server = Server()
    await server.ask_in_turn(CHALLENGE, CHALLENGE)
    cancelled = asyncio.ensure_future(server.ask("a", SERVED))
    await asyncio.sleep(20)
    waiting = asyncio.ensure_future(server.ask("b", SERVED))
    cancelled.cancel()
    assert await waiting == SERVED
