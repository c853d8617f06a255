"""Whole runs against servers with limits, in simulated time: the pace settles, and challenges end a run."""

from __future__ import annotations

import pytest
from limits import Bucket, Closed, Picky, Touchy
from simulation import simulate

from bot.config import Settings
from bot.rules.registry import RULES


@pytest.mark.parametrize(("rate", "start"), [(1, 1.0), (1, 0.2), (1, 5.0), (0.5, 1.0), (3, 2.0)])
@pytest.mark.parametrize("says_when", [False, True])
def test_the_pace_settles_at_what_a_server_allows(rate: float, start: float, *, says_when: bool) -> None:
    settings = Settings(rate=start, rate_ceiling=max(4.0, 2 * start))
    run = simulate(Bucket(rate, burst=10, says_when=says_when), settings)
    assert run.report.coverage == 1.0
    assert run.share_refused < 0.03
    assert 0.9 * rate <= run.served_a_second() <= 1.1 * rate


def test_the_pace_follows_a_limit_that_halves() -> None:
    run = simulate(Bucket(1, halved_after=200), Settings())
    assert run.report.coverage == 1.0
    assert run.share_refused < 0.03
    assert 0.45 <= run.served_a_second() <= 0.55


@pytest.mark.parametrize("start", [1.0, 5.0])
@pytest.mark.parametrize("shape", ["stubborn", "passing", "long"])
def test_all_pages_are_verified_where_a_burst_is_answered_with_resets(shape: str, start: float) -> None:
    limit = {"stubborn": Touchy(), "passing": Touchy(stubborn=False), "long": Touchy(calm=60.0)}[shape]
    assert simulate(limit, Settings(rate=start)).report.coverage == 1.0


@pytest.mark.parametrize("robots", [True, False])
def test_a_server_that_blocks_everything_is_left_alone_after_a_few_requests(*, robots: bool) -> None:
    run = simulate(Closed(robots=robots), Settings(), rules=RULES)
    assert len(run.seen) <= 20
    assert run.report.coverage == 0.0
    assert run.report.findings == ()
    assert run.report.exit_code(0.5, exit_zero=False) == 4


def test_challenges_on_single_pages_neither_stop_nor_slow_a_run() -> None:
    run = simulate(Picky(0.02), Settings())
    assert run.report.coverage > 0.96
    assert run.seconds < 400
