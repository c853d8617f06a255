"""`python -m bench [parse scrape clean unruly pace startup] [--no-peers]`."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from functools import partial

from bench.pace import bench_pace
from bench.parse import bench_parse
from bench.runs import bench_clean, bench_unruly
from bench.scrape import bench_scrape
from bench.startup import bench_startup


def main() -> None:
    """Print the figures of the chosen parts."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Print the project's figures.")
    parser.add_argument("parts", nargs="*", metavar="PART", help="all if none is given")
    parser.add_argument("--no-peers", action="store_true", help="leave other link checkers out")
    given = parser.parse_args()
    parts: dict[str, Callable[[], None]] = {
        "parse": bench_parse,
        "scrape": bench_scrape,
        "clean": partial(bench_clean, peers=not given.no_peers),
        "unruly": partial(bench_unruly, peers=not given.no_peers),
        "pace": bench_pace,
        "startup": bench_startup,
    }
    unknown = [name for name in given.parts if name not in parts]
    if unknown:
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(parts)}")
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} processors")
    for name in given.parts or parts:
        parts[name]()


if __name__ == "__main__":
    main()
