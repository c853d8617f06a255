"""The demo's last step: the report becomes pull requests and issues of a repository in memory, twice."""

import re
import sys
from pathlib import Path

import click
from rich.markdown import Markdown

from bot.commands.publish import publish_report
from bot.config import Settings
from bot.demo.forge import MemoryForge
from bot.files import write_whole
from bot.markdown.catalog import Catalog
from bot.model.records import Records
from bot.output.terminal import Console, print_text
from bot.publish.forge import Pull
from bot.publish.session import Publication
from bot.text import counted

_SHOWN_LINES = 24


def publish_twice(report: Path, catalog: Catalog, records: Records, settings: Settings, output: Path) -> None:
    """Publish a saved report to a repository that holds the catalog; show the result, then publish it again."""
    forge = MemoryForge("someone/catalog", settings.author)
    kept = {records.path: records.source} if records.source else {}
    first = forge.make_commit(None, {catalog.path: catalog.source, **kept}, {}, "Add the catalog")
    forge.point(forge.base, first.sha, new=True, force=False)
    click.echo("\nA repository in memory, in place of GitHub, holds the catalog. bot publish:\n")
    counts = [_publish(report, catalog.path, settings, forge)]
    _show(forge, output)
    click.echo("\nThe second run finds the same:\n")
    counts.append(_publish(report, catalog.path, settings, forge))
    click.echo(f"\nThe first run made {counts[0]}; the second made {counts[1]}.")


def _publish(report: Path, path: str, settings: Settings, forge: MemoryForge) -> str:
    """Publish as `bot publish` does; return how much was asked of the forge."""
    reads, writes = forge.reads, forge.writes
    publish_report(report, Publication(settings, path), {}, forge)
    return f"{counted(forge.reads - reads, 'read')} and {counted(forge.writes - writes, 'write')}"


def _show(forge: MemoryForge, output: Path) -> None:
    """Print each pull request and issue as a person would see it, and write it to a file."""
    for number, each in forge.threads.items():
        kind = "pull-request" if isinstance(each, Pull) else "issue"
        place = output / f"{kind}-{number}.md"
        write_whole(place, f"# {each.title}\n\n{each.body}".encode("utf-8", "replace"))
        draft = " (draft)" if isinstance(each, Pull) and each.draft else ""
        click.echo(f"\n{f' {kind} {number}: {each.title}{draft} ':═^100}\n")
        left = _print_markdown(each.body, _SHOWN_LINES)
        if left:
            click.echo(f"… {counted(left, 'line')} more in {place}")


def _print_markdown(body: str, most: int) -> int:
    """Print the first lines of Markdown as a reader would see it; return how many more there are."""
    shown = re.sub(r"<!--.*?-->|\u200d", "", body, flags=re.DOTALL)  # what GitHub hides
    shown = re.sub(r"^- \[x\]", "- ☑", shown, flags=re.MULTILINE)
    shown = re.sub(r"^- \[ \]", "- ☐", shown, flags=re.MULTILINE)
    console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
    with console.capture() as capture:
        console.print(Markdown(shown.strip()))
    lines = capture.get().splitlines()
    print_text("".join(f"{line.rstrip()}\n" for line in lines[:most]))
    return max(0, len(lines) - most)
