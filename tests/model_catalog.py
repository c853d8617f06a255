"""A catalog of 24 models, and several runs over it, each with the history that the last one left."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from support import run_check

from bot.commands.history_file import read_history
from bot.config import Settings
from bot.demo.facts import Facts, fitting
from bot.demo.server import serve
from bot.demo.world import Fault, World
from bot.history.update import joined, updated
from bot.markdown.parse import parse
from bot.medium.site import MEDIUM
from bot.model.documents import encode_history
from bot.model.findings import Severity
from bot.model.history import History
from bot.model.report import Report
from bot.rules.registry import chosen

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


class Runs:
    """Makes one run after another; `history` is what the last one left, through its file's bytes.

    On a `branch`, as `bot publish` keeps it, what a run leaves is joined with what was there. `asked` is what the last
    run asked for.
    """

    def __init__(self, settings: Settings = FAST, *, source: str = SOURCE, branch: bool = False) -> None:
        self.settings, self.source, self.branch = settings, source, branch
        self.history = History()
        self.at = FIRST
        self.asked: list[str] = []

    def run(
        self,
        faults: Mapping[str, Fault] | None = None,
        *,
        titles: Mapping[str, str] | None = None,
        days: int = 1,
        select: tuple[str, ...] = (),
        accepted: Collection[str] = (),
    ) -> Report:
        """Check the catalog, keep the history, and let some `days` go by; `titles` are other ones, by post id."""
        facts, others = fitting(parse(self.source.encode()))
        for post_id, title in (titles or {}).items():
            facts[post_id] = _titled(facts[post_id], title)
        world = World(facts, others, faults=dict(faults or {}), paragraphs=2)
        report = self.check(world, select=select, accepted=accepted)
        self.keep(report)
        self.at += timedelta(days=days)
        return report

    def check(self, world: World, *, select: tuple[str, ...] = (), **more: Any) -> Report:
        """Check the catalog against a world, with the history, and keep nothing."""
        catalog = parse(self.source.encode(), "catalog.md")

        async def run() -> Report:
            async with serve(world) as remap:
                settings = replace(self.settings, select=select, remap=(remap,))
                return await run_check(
                    catalog, settings, chosen(select, ()), history=self.history, now=lambda: self.at, **more
                )

        report = asyncio.run(run())
        self.asked = [url for url in world.asked if not url.endswith("robots.txt")]
        return report

    def keep(self, report: Report) -> None:
        """Keep the history after a run; see that it comes back from its file as it was."""
        mine = updated(self.history, report, self.at.date(), self.settings.min_coverage)
        history = joined(self.history, mine) if self.branch else mine
        written = encode_history(history)
        self.history, note = read_history(written, "state.json", self.at.date(), MEDIUM)
        assert note is None
        assert encode_history(self.history) == written
        if self.branch:
            assert self.history == joined(self.history, self.history) == joined(mine, self.history)
        else:
            assert self.history == history


def _titled(facts: Facts, title: str) -> Facts:
    headings = ((facts.headings[0][0], facts.headings[0][1], title), *facts.headings[1:])
    return replace(facts, title=title, headings=headings)


def gone(report: Report) -> list[tuple[str, Severity]]:
    return [(finding.entry, finding.severity) for finding in report.findings if finding.rule == "link-gone"]
