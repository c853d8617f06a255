"""`python -m month`: lives through the month, judges what the bot said, prints the table; exits 1 if it erred."""

from __future__ import annotations

import asyncio
import sys
import time

from bench.parse import CATALOG

from month.nights import live
from month.verdict import judged, table


def main() -> int:
    """Run the month; return 0 if every promise held."""
    began = time.monotonic()
    month = asyncio.run(live(CATALOG.read_bytes()))
    promises = judged(month)
    for line in table(month, promises):
        print(line)
    print(f"\n{len(month.nights)} runs over 30 nights in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return 0 if all(promise.held for promise in promises) else 1


if __name__ == "__main__":
    sys.exit(main())
