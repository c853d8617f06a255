"""A catalog of 24 models, one of them dead, for tests that check it several times in a row."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.config import Settings
from bot.demo.world import Fault
from bot.markdown.parse import parse
from bot.model.findings import Severity
from bot.model.report import Report

FAST = Settings(rate=0.0, concurrency=16, timeout=2.0)
IDS = [f"{number:012x}" for number in range(0xA00000000000, 0xA00000000000 + 24)]
SOURCE = "# C\n\n| Paper | Date |\n|---|---|\n" + "".join(
    f"| [Model {at}](https://medium.com/@ritvik19/model-{at}-{post_id}) | May 2020 |\n"
    for at, post_id in enumerate(IDS)
)
CATALOG = parse(SOURCE.encode(), "catalog.md")
FIRST = datetime(2026, 11, 1, 3, 17, tzinfo=UTC)
DEAD = {IDS[3]: Fault.NOT_FOUND}
UNSURE, SURE = [("Model 3", Severity.INFORMATION)], [("Model 3", Severity.ERROR)]


def gone(report: Report) -> list[tuple[str, Severity]]:
    return [(finding.entry, finding.severity) for finding in report.findings if finding.rule == "link-gone"]
