"""How the bot's pace settles at what servers allow: the bot's own code in simulated time, no network."""

from __future__ import annotations

from dataclasses import dataclass

from limits import CHALLENGE, RESET, Bucket, Closed, Limit, Moody, Picky, Touchy, Window
from simulation import SimulatedRun, catalog_of, simulate

from bench.table import print_table
from bot.config import Settings

_PAGES = 400
_HEADERS = ("server", "starts at", "requests", "refused", "settled at", "of its limit", "verified", "min", "")
_MOST_REFUSED, _FURTHEST = 0.03, 0.10


@dataclass(frozen=True, slots=True)
class _Case:
    """A server, the settings, and the server's limit in requests a second, if any; `bounded`: figures are promised."""

    name: str
    limit: Limit
    settings: Settings
    rate: float | None = None
    bounded: bool = False


def bench_pace() -> None:
    """Print how a run fares with servers of many kinds."""
    catalog = catalog_of(_PAGES)
    rows = [_row(case, simulate(case.limit, case.settings, catalog=catalog)) for case in _cases()]
    print_table(f"pace: {_PAGES} pages in simulated time, answers in 0.2 to 0.6 s", _HEADERS, rows)
    print("  starts at: requests a second; settled at: those served in the second half of the run")
    print(f"  bound for 429: within {_FURTHEST:.0%} of the limit, less than {_MOST_REFUSED:.0%} refused, all verified")


def _cases() -> list[_Case]:
    cases = []
    for rate in (0.5, 1.0, 3.0):
        for start in (0.2, 1.0, 5.0):
            for says_when in (False, True):
                name = f"{rate:g}/s, bursts of 10, then 429{' with Retry-After' if says_when else ''}"
                settings = Settings(rate=start, rate_floor=0.05, rate_ceiling=10.0)
                cases.append(_Case(name, Bucket(rate, says_when=says_when), settings, rate, bounded=True))
    usual, hasty = Settings(), Settings(rate=5.0)
    halved = Bucket(1.0, halved_after=_PAGES // 2)
    cases += [
        _Case("1/s, halved in mid-run", halved, usual, 0.5, bounded=True),
        _Case("60 a minute, then 429", Window(60, 60), usual, 1.0),
        _Case("60 a minute, then 429 with Retry-After", Window(60, 60, says_when=True), usual, 1.0),
        _Case("1/s, bursts of 10, then resets", Bucket(1.0, resets=True), usual, 1.0),
        _Case("25 in 10 s, then resets until 10 s of calm", Touchy(), usual),
        _Case("25 in 10 s, then resets until 10 s of calm", Touchy(), hasty),
        _Case("25 in 10 s, then resets for 10 s", Touchy(stubborn=False), hasty),
        _Case("25 in 10 s, then resets until 60 s of calm", Touchy(calm=60.0), hasty),
        _Case("25 in 10 s, then challenges until 30 s of calm", Touchy(calm=30.0, refused=CHALLENGE), hasty),
        _Case("challenges for half a minute", Closed(since=100.0, until=130.0), usual),
        _Case("2 % of the pages blocked", Picky(0.02), usual),
        _Case("30 % of the pages blocked", Picky(0.3), usual),
        _Case("2 % of the pages reset", Picky(0.02, RESET), usual),
        _Case("5 % of the requests reset", Moody(0.05), usual),
        _Case("all blocked", Closed(), usual),
        _Case("all blocked, an hour of time", Closed(), Settings(max_time=3600.0)),
        _Case("all reset", Closed(RESET), usual),
        _Case("no limit", Picky(0.0), usual),
    ]
    return cases


def _row(case: _Case, run: SimulatedRun) -> tuple[str, ...]:
    served, coverage = run.served_a_second(), run.report.coverage
    off = abs(served / case.rate - 1) if case.rate else 0.0
    over = off > _FURTHEST or run.share_refused >= _MOST_REFUSED or coverage < 1
    return (
        case.name,
        f"{case.settings.rate:g}",
        f"{len(run.seen)}",
        f"{run.share_refused:.1%}",
        f"{served:.2f}",
        f"{served / case.rate:.0%}" if case.rate else "",
        f"{coverage:.1%}",
        f"{run.seconds / 60:.0f}",
        ("OVER" if over else "ok") if case.bounded else "",
    )
