"""The real catalog, checked and published over real sockets until nothing is left to propose."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from github_stand_in.state import Hub
from hosted import Hosted
from publishing import CATALOG, RECORDS, publish, writes_of
from support import ROOT, run_check

from bot.config import Settings
from bot.demo.facts import fitting
from bot.demo.server import serve
from bot.demo.world import World
from bot.markdown.parse import parse
from bot.model.documents import encode_report
from bot.model.records import read_records
from bot.rules.registry import RULES

SOURCE = (ROOT / CATALOG).read_bytes()
KNOWN = ROOT / RECORDS


def checked(hub: Hub, world: World) -> bytes:
    """Return the report of a whole check of what the base branch holds."""
    files = hub.files("main")
    catalog, records = parse(files[CATALOG], CATALOG), read_records(files.get(RECORDS, b""), RECORDS)

    async def run() -> bytes:
        async with serve(world) as remap:
            settings = replace(Settings(), rate=0.0, concurrency=16, timeout=5.0, remap=(remap,))
            return encode_report(await run_check(catalog, settings, RULES, records=records))

    return asyncio.run(run())


def test_merging_all_that_is_proposed_leaves_nothing_to_propose(github: Hosted) -> None:
    hub = github.hub
    hub.push("main", {CATALOG: SOURCE, **({RECORDS: KNOWN.read_bytes()} if KNOWN.exists() else {})})
    world = World(*fitting(parse(SOURCE, CATALOG)), paragraphs=1)
    report = checked(hub, world)
    publish(github, report)
    merged = 0
    for _ in range(12):
        opened = [pull.number for pull in hub.pulls.values() if pull.state == "open"]
        if not opened:
            before = len(hub.pulls)
            report = checked(hub, world)
            publish(github, report)
            if len(hub.pulls) == before:
                break
            continue
        hub.merge(opened[0], delete_branch=merged % 2 == 0)
        merged += 1
        publish(github, report)
    assert merged >= 4
    assert [pull.number for pull in hub.pulls.values() if not pull.merged] == []
    assert writes_of(hub, lambda: publish(github, report)) == []
    assert not [issue for issue in hub.issues.values() if issue.state == "open" and "dead-links" in issue.body]
