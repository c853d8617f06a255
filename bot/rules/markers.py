"""`<!-- bot: ignore RULE -->` on a line silences a rule there; without a name, all rules."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache

from bot.document.model import Catalog, line_starts
from bot.rules.finding import Finding

_MARKER = re.compile(rb"<!--[ \t]*bot:[ \t]*ignore\b([^<>\r\n]*?)-->")


def is_silenced(catalog: Catalog, finding: Finding) -> bool:
    """Tell whether a marker on the finding's line silences its rule."""
    silenced = _silenced(catalog.source)
    rules = silenced.get(catalog.line_number(finding.span.start), ()) if silenced else ()
    return "" in rules or finding.rule in rules


@lru_cache(maxsize=4)
def _silenced(source: bytes) -> Mapping[int, frozenset[str]]:
    """Return the rules that are silenced on each line that has a marker; an empty name stands for all."""
    found: dict[int, frozenset[str]] = {}
    starts: tuple[int, ...] = ()
    for marker in _MARKER.finditer(source):
        starts = starts or line_starts(source)
        line = bisect_right(starts, marker.start())
        rules = marker[1].decode("utf-8", "replace").replace(",", " ").split()
        found[line] = found.get(line, frozenset()) | frozenset(rules or [""])
    return found
