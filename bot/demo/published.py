"""The demo's last step: the report becomes pull requests and issues of a stand-in for GitHub, twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import click

from bot.commands.publish import Publication, publish_report
from bot.config import Settings
from bot.demo.hub import Hub
from bot.demo.hub_server import serve_hub
from bot.files import write_whole
from bot.markdown.catalog import Catalog
from bot.model.records import Records
from bot.output.terminal import print_markdown
from bot.text import counted

_NAME = "someone/catalog"
_SHOWN_LINES = 24


async def publish_twice(report: Path, catalog: Catalog, records: Records, settings: Settings, output: Path) -> None:
    """Publish a saved report to a stand-in that holds the catalog; show what a person sees there, then do it again."""
    kept = {records.path: records.source} if records.source else {}
    hub = Hub(_NAME, {catalog.path: catalog.source, **kept})
    click.echo("\nA stand-in for GitHub holds the catalog. bot publish:\n")
    async with serve_hub(hub) as address:
        await asyncio.to_thread(_publish, report, catalog.path, settings, hub, address)
        first = (len(hub.requests), len(hub.writes))
        _show(hub, output)
        click.echo("\nThe second night finds the same:\n")
        await asyncio.to_thread(_publish, report, catalog.path, settings, hub, address)
    second = (len(hub.requests) - first[0], len(hub.writes) - first[1])
    nights = [f"{requests} requests, {writes} of them writes" for requests, writes in (first, second)]
    click.echo(f"\nThe first night took {nights[0]}; the second {nights[1]}.")


def _publish(report: Path, path: str, settings: Settings, hub: Hub, address: str) -> None:
    environment = {"GITHUB_REPOSITORY": _NAME, "GITHUB_TOKEN": hub.token, "GITHUB_API_URL": address}
    publish_report(report, Publication(replace(settings, pause=0.0), path), environment)


def _show(hub: Hub, output: Path) -> None:
    """Print each pull request and issue as a person would see it, and write it to a file."""
    for kind, things in (("pull-request", hub.pulls), ("issue", hub.issues)):
        for number, each in things.items():
            place = output / f"{kind}-{number}.md"
            write_whole(place, f"# {each.title}\n\n{each.body}".encode("utf-8", "replace"))
            draft = " (draft)" if getattr(each, "draft", False) else ""
            click.echo(f"\n{f' {kind} {number}: {each.title}{draft} ':═^100}\n")
            left = print_markdown(each.body, _SHOWN_LINES)
            if left:
                click.echo(f"… {counted(left, 'line')} more in {place}")
