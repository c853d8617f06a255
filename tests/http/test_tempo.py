"""How the rate follows answers and refusals: numbers only."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from bot.http.tempo import Tempo


def tempo(rate: float = 1.0, floor: float = 0.05, ceiling: float = 10.0) -> Tempo:
    return Tempo(rate, floor, ceiling)


def after(answers: int, of: Tempo) -> float:
    for _ in range(answers):
        of.answered()
    return of.rate


def settled(measured: float = 1.0) -> Tempo:
    """One that knows a limit."""
    made = tempo(3.0)
    made.refused(10, limited=True)
    made.refused(100, limited=True, measured=measured)
    return made


def test_it_rises_until_the_first_refusal_and_doubles_within_thirty_answers() -> None:
    of = tempo(0.2)
    assert 0.38 < after(28, of) < 0.42


def test_it_stays_between_floor_and_ceiling() -> None:
    of = tempo(1.0, 0.5, 2.0)
    assert after(1000, of) == 2.0
    for _ in range(50):
        of.refused(0, limited=True, measured=0.0)
    assert of.rate == 0.5


def test_with_floor_and_ceiling_alike_it_never_moves() -> None:
    of = tempo(1.0, 1.0, 1.0)
    after(100, of)
    of.refused(50, limited=True)
    of.refused(0, limited=True, measured=0.0)
    of.walled(0)
    of.resume()
    assert after(100, of) == of.rate == 1.0


def test_the_first_limit_halves_it_since_what_was_saved_up_hides_the_limit() -> None:
    of = tempo(4.0)
    of.refused(10, limited=True)
    assert of.rate == 2.0


def test_a_measured_limit_is_come_back_to_and_stayed_near_for_long() -> None:
    of = settled(1.0)
    assert of.rate == pytest.approx(0.95)
    assert after(80, of) == pytest.approx(1.0)
    assert 1.0 < after(80, of) < 1.06


def test_long_after_a_refusal_it_rises_faster_and_faster() -> None:
    of = settled(1.0)
    rates = [after(100, of) for _ in range(5)]
    steps = [later - sooner for sooner, later in pairwise(rates)]
    assert steps == sorted(steps)
    assert rates[-1] > 4


def test_a_limit_is_never_taken_to_be_above_what_was_refused() -> None:
    of = settled(1.0)
    of.refused(100, limited=True, measured=3.0)
    assert of.rate < 0.95


def test_a_measurement_of_few_answers_is_left_sooner_than_one_of_many() -> None:
    few, many = settled(1.0), settled(1.0)
    few.refused(6, limited=True, measured=0.9)
    many.refused(90, limited=True, measured=0.9)
    assert few.rate == many.rate
    assert after(60, few) > after(60, many) * 1.2


def test_what_was_served_on_a_long_way_up_is_no_measure_of_the_limit() -> None:
    of = settled(0.1)
    after(160, of)
    refused = of.rate
    assert refused > 0.2  # the server bears more than it bore then
    of.refused(160, limited=True, measured=0.1)
    assert 0.1 < of.rate < refused


def test_one_refusal_after_another_slows_it_more_than_one_among_many_answers() -> None:
    often, seldom = settled(), settled()
    before = often.rate
    often.refused(0, limited=False)
    seldom.refused(50, limited=False)
    assert often.rate == pytest.approx(before / 2)
    assert before * 0.97 < seldom.rate < before


def test_a_short_storm_does_not_make_it_forget_what_was_borne_before() -> None:
    of = settled(1.0)
    for _ in range(4):
        of.refused(0, limited=True, measured=0.0)
    assert of.rate < 0.1
    assert after(60, of) > 0.45


@pytest.mark.parametrize("first", [0.2, 1.0, 5.0])
def test_walls_alone_never_push_it_below_a_quarter_of_what_it_began_with(first: float) -> None:
    of = tempo(first, first / 100)
    for _ in range(30):
        of.walled(0)
    assert of.rate == pytest.approx(first / 4)
    of.refused(0, limited=False)
    low = of.rate
    of.walled(0)
    assert of.rate == low < first / 4


def test_a_wall_among_fifty_answers_is_made_up_for_by_the_next_fifty() -> None:
    of = settled()
    after(80, of)
    before = of.rate
    of.walled(50)
    assert of.rate < before
    assert after(50, of) >= before


def test_after_a_closure_it_begins_well_below_what_was_borne_and_rises_to_half_of_it() -> None:
    of = settled(2.0)
    borne = of.rate
    of.resume()
    assert of.rate < borne / 3
    assert after(100, of) > borne / 3


@pytest.mark.parametrize("seed", range(20))
def test_nothing_that_happens_makes_it_leave_its_bounds(seed: int) -> None:
    dice = random.Random(seed)
    of = tempo(dice.uniform(0.1, 5), 0.05, 6)
    for _ in range(2000):
        served = dice.choice([0, 1, 4, 5, 20, 300])
        match dice.randrange(20):
            case 0:
                of.refused(served, limited=dice.random() < 0.5, measured=dice.choice([None, 1e-9, 0.5, 1e9]))
            case 1:
                of.walled(served)
            case 2:
                of.resume()
            case _:
                of.answered()
        assert isinstance(of.rate, float)
        assert 0.05 <= of.rate <= 6
