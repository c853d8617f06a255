"""How long a catalog takes to parse: the project's own, and a large one made of it. As a script: one parse."""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.meter import PROJECT, median_seconds, run
from bench.table import Figure, print_figures
from bot.markdown.parse import parse

CATALOG = PROJECT / "catalog" / "README.md"
_LARGE = 30_000_000
_LAST_CELL = re.compile(rb"\| ([^|\n]+?) *\|[ \t]*$", re.MULTILINE)


def bench_parse() -> None:
    """Print the figures of the parser."""
    source = CATALOG.read_bytes()
    links = sum(1 for _ in parse(source).places())
    figures = [
        Figure(
            f"catalog/README.md, {len(source) / 1000:.1f} KB, {links} links",
            median_seconds(lambda: parse(source), 51) * 1000,
            "ms",
            15,
        )
    ]
    # Twice the description is about as long as entries are elsewhere: 300 bytes a link.
    wordy = _LAST_CELL.sub(rb"| \1 \1 |", source)
    figures += _large("the same with descriptions twice as long", wordy, bounded=True)
    figures += _large("the same as it is", source, bounded=False)
    print_figures("parse (medians of 51 and of 5 runs)", figures)


def _large(what: str, source: bytes, *, bounded: bool) -> list[Figure]:
    count = -(-_LARGE // (len(source) + 1))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "catalog.md"
        path.write_bytes((source + b"\n") * count)
        usages = [run([sys.executable, "-m", "bench.parse", path], folder) for _ in range(5)]
        size = path.stat().st_size
    answers = [json.loads(usage.output) for usage in usages]
    shown = f"{what}, {count} times: {size / 1e6:.1f} MB, {answers[0]['links']:,} links"
    seconds = statistics.median(answer["seconds"] for answer in answers)
    peak = max(usage.peak for usage in usages)
    return [
        Figure(shown, seconds, "s", 3 if bounded else None),
        Figure("  peak memory of the process", peak, "MiB", 500 if bounded else None),
    ]


def _parse_once(path: Path) -> None:
    source = path.read_bytes()
    started = time.perf_counter()
    catalog = parse(source)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "links": sum(1 for _ in catalog.places())}))


if __name__ == "__main__":
    _parse_once(Path(sys.argv[1]))
