"""`bot demo`: the whole job on a real catalog, against a stand-in for Medium and a repository in memory."""

import asyncio
from dataclasses import replace
from pathlib import Path, PurePosixPath

import click

from bot.checking import pipeline
from bot.checking.evaluate import Inputs, parsed
from bot.config import Settings
from bot.demo.published import publish_twice
from bot.demo.server import serve
from bot.demo.world import World, demo_world
from bot.errors import UsageError
from bot.files import read_catalog, read_if_there, write_whole
from bot.markdown.catalog import Catalog
from bot.model.documents import encode_report
from bot.model.records import NAME as RECORDS
from bot.model.records import Records, read_records
from bot.model.report import Report
from bot.output import progress
from bot.output.terminal import print_lines
from bot.output.text import render, text_lines
from bot.rules.registry import chosen
from bot.text import counted


def show(path: Path, settings: Settings, output: Path) -> None:
    """Check a catalog against the stand-in, print the report, write it to the folder `output`, and publish it."""
    name = path.as_posix() if not path.is_absolute() and ".." not in path.parts else path.name
    catalog = parsed(read_catalog(path), name, settings)
    records = read_records(read_if_there(path.parent / RECORDS), (PurePosixPath(name).parent / RECORDS).as_posix())
    world = demo_world(catalog, settings.site)
    if not world.facts:
        raise UsageError(f"{path}: no links to Medium articles, so there is nothing to show")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{output}: cannot create this folder: {error.strerror}; choose another --output") from error
    click.echo(
        f"A stand-in for Medium answers on this machine: {counted(len(world.facts), 'article')}, "
        "some with faults on purpose.\n"
    )
    with progress.observer(quiet=False, verbose=False) as observer:
        report = asyncio.run(check_against(world, catalog, settings, observer, records))
    print_lines(text_lines(report))
    write_whole(output / "report.json", encode_report(report))
    write_whole(output / "report.txt", render(report).encode("utf-8", "replace"))
    click.echo(f"\nFaults in this world: {', '.join(fault.value for fault in world.faults.values())}.")
    click.echo(f"The report is in {output}/report.json and {output}/report.txt.")
    publish_twice(output / "report.json", catalog, records, settings, output)


async def check_against(
    world: World,
    catalog: Catalog,
    settings: Settings,
    observer: pipeline.Observer | None = None,
    records: Records | None = None,
) -> Report:
    """Check a catalog against a world over loopback, as fast as it goes."""
    async with serve(world) as remap:
        settings = replace(settings, remap=(remap,), rate=0.0, concurrency=16)
        rules = chosen(settings.select, settings.ignore)
        inputs = Inputs(catalog, settings, rules, records or Records())
        return await pipeline.run(inputs, observer=observer)
