"""The month as it runs: each night the check and the publishing as a job does them, then what people do by day."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from github_stand_in.server import serve_hub
from github_stand_in.state import Hub

from bot.checking import pipeline
from bot.checking.evaluate import Inputs
from bot.commands.history_file import read_history
from bot.commands.publish import publish_report
from bot.config import Settings
from bot.demo.server import serve
from bot.history.update import updated
from bot.markdown.catalog import Catalog
from bot.markdown.parse import parse
from bot.medium.site import MEDIUM
from bot.model.articles import Kind
from bot.model.documents import encode_history, encode_report
from bot.model.records import read_records
from bot.publish.session import Publication
from bot.rules.registry import RULES
from month.medium import Limit, world_of
from month.story import RUNS, Story, day, written

CATALOG, RECORDS = "catalog/README.md", "catalog/articles.jsonl"
BRANCH, STATE = "bot-state", "state.json"
_REPOSITORY = "someone/catalog"
# The clock runs 200 times as fast: Medium allows 300 requests a second, later 150; the bot begins with 200.
_FAST, _SLOW = 300.0, 150.0
SETTINGS = Settings(rate=200.0, concurrency=16, timeout=3.0, pause=0.0, catalog=CATALOG)
_SHORT_RUN = 1.0
_DEFAULT = "main"


@dataclass(frozen=True, slots=True)
class Night:
    """What one run saw and did. `report` is its JSON; `refused` are its requests above the rate limit."""

    number: int
    report: Mapping[str, Any]
    requests: int
    refused: int
    published: int
    writes: int
    seconds: float


@dataclass(slots=True)
class Month:
    """All nights, the catalog as it was at first, and the hub; `twice` names kinds of which two were open at once."""

    story: Story
    hub: Hub
    catalog: Catalog
    nights: list[Night] = field(default_factory=list)
    twice: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Checked:
    report: str
    state: bytes
    requests: int
    refused: int
    seconds: float


async def live(source: bytes) -> Month:
    """Live through the month with a catalog."""
    catalog = parse(source, CATALOG)
    addresses = (MEDIUM.read(place.link.url) for place in catalog.places())
    posts = {each.post_id for each in addresses if each and each.kind is Kind.ARTICLE and each.post_id}
    month = Month(written(posts), Hub(_REPOSITORY, {CATALOG: source}), catalog)
    limit = Limit(_FAST)
    with tempfile.TemporaryDirectory() as folder:
        async with serve_hub(month.hub) as address:
            for number in range(1, RUNS + 1):
                limit.rate = _SLOW if number >= month.story.slower_from else _FAST
                await _night(month, number, limit, address, Path(folder))
                _people(month, number)
    return month


async def _night(month: Month, number: int, limit: Limit, address: str, folder: Path) -> None:
    """Check and publish; in one night two runs do so side by side, from the same history."""
    if number == month.story.state_lost:
        month.hub.push(BRANCH, {STATE: b'{"schema": "bot-state/2", "pages"'}, author="alice")
    before = _read(month.hub, BRANCH, STATE)
    runs = range(2 if number == month.story.overlap else 1)
    for checked in [await _check(month, number, limit, before, run) for run in runs]:
        (folder / "report.json").write_text(checked.report)
        (folder / STATE).write_bytes(checked.state)
        asked, wrote = len(month.hub.requests), len(month.hub.writes)
        await asyncio.to_thread(_publish, folder, month.hub, address)
        month.nights.append(
            Night(
                number=number,
                report=json.loads(checked.report),
                requests=checked.requests,
                refused=checked.refused,
                published=len(month.hub.requests) - asked,
                writes=len(month.hub.writes) - wrote,
                seconds=checked.seconds,
            )
        )
        _watch(month)


async def _check(month: Month, number: int, limit: Limit, before: bytes | None, run: int) -> _Checked:
    catalog = parse(month.hub.read(_DEFAULT, CATALOG), CATALOG)
    records = read_records(_read(month.hub, _DEFAULT, RECORDS) or b"", RECORDS)
    world = world_of(month.catalog, month.story, limit, number)
    began, refused = time.monotonic(), limit.refused
    start = datetime.combine(day(number), datetime.min.time(), UTC) + timedelta(hours=3, minutes=17 + run)
    history, note = read_history(before, STATE, start.date(), MEDIUM)
    async with serve(world) as remap:
        settings = replace(SETTINGS, remap=(remap,), max_time=_SHORT_RUN if number in month.story.short else 0.0)
        report = await pipeline.run(
            Inputs(catalog, settings, RULES, records),
            history=history,
            notes=[note] if note is not None else [],
            now=lambda: start + timedelta(seconds=time.monotonic() - began),
        )
    state = encode_history(updated(history, report, start.date(), SETTINGS.min_coverage))
    seconds = time.monotonic() - began
    return _Checked(encode_report(report).decode(), state, world.requests, limit.refused - refused, seconds)


def _publish(folder: Path, hub: Hub, address: str) -> None:
    environment = {"GITHUB_REPOSITORY": _REPOSITORY, "GITHUB_TOKEN": hub.token, "GITHUB_API_URL": address}
    asked = Publication(SETTINGS, CATALOG, state=folder / STATE, quiet=True)
    with contextlib.redirect_stdout(io.StringIO()):
        publish_report(folder / "report.json", asked, environment)


def _read(hub: Hub, branch: str, path: str) -> bytes | None:
    try:
        return hub.read(branch, path)
    except KeyError:
        return None


def _watch(month: Month) -> None:
    """Note kinds of which more than one pull request or issue is open."""
    hub = month.hub
    names = [pull.head for pull in hub.pulls.values() if pull.state == "open"]
    names += [issue.title for issue in hub.issues.values() if issue.state == "open"]
    month.twice |= {str(name) for name in names if names.count(name) > 1}


def _people(month: Month, number: int) -> None:
    """Merge what is safe on some days, what is for review on others; untick a box once."""
    hub, story = month.hub, month.story
    for pull_number, pull in sorted(hub.pulls.items()):
        if pull.state != "open":
            continue
        review = "review" in pull.title
        if number == story.unticks and not review and "- [x]" in pull.body:
            hub.edit(pull_number, body=pull.body.replace("- [x]", "- [ ]", 1))
        if number in story.merges and (not review or number == story.merges[-1]):
            with contextlib.suppress(Exception):  # it clashes with one joined before it: the next run builds it anew
                hub.merge(pull_number)
