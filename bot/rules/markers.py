"""`<!-- bot: ignore RULE -->` on a line silences a rule there; without a name, all rules."""

from __future__ import annotations

import re

from bot.document.model import Catalog
from bot.rules.finding import Finding

_MARKER = re.compile(rb"<!--\s*bot:\s*ignore\b([^>]*?)-->")


def is_silenced(catalog: Catalog, finding: Finding) -> bool:
    """Tell whether a marker on the finding's line silences its rule."""
    line = catalog.line(catalog.position(finding.span.start).line)
    if b"<!--" not in line:
        return False
    for marker in _MARKER.finditer(line):
        rules = marker[1].decode("utf-8", "replace").replace(",", " ").split()
        if not rules or finding.rule in rules:
            return True
    return False
