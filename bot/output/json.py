"""The report as JSON: its observations, from which `bot fix` and `bot publish` run the rules again, and its findings.

What the fields are is written down in `bot.model.documents`.
"""

from __future__ import annotations

from bot.model.documents import encode_report
from bot.model.report import Report


def render(report: Report, lines_at: str = "") -> str:
    """Render a report as JSON in ASCII."""
    del lines_at
    return encode_report(report).decode()
