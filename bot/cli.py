"""argv → exit code. The only place that catches the bot's own failures, and that prints."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot import __version__
from bot.config import KEYS, Settings, checked, find_settings, read_settings
from bot.errors import BotError, CatalogError

if TYPE_CHECKING:
    from bot.pipeline import Stop
    from bot.report.model import Report

_Command = TypeVar("_Command", bound=Callable[..., Any])
_UNITS = {"s": 1, "m": 60, "h": 3600}


class _Seconds(click.ParamType[float]):
    name = "seconds"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read `90`, `90s`, `30m` or `2h`."""
        text = str(value)
        try:
            return float(text[:-1]) * _UNITS[text[-1]] if text[-1:] in _UNITS else float(text)
        except ValueError:
            self.fail(f"{text!r} is no length of time; write 90, 90s, 30m or 2h", param, ctx)


def _help(key: str) -> str:
    return str(KEYS[key].metadata["help"])


def _check_options(command: _Command) -> _Command:
    """Add the options of a check; those that are settings have no default of their own."""
    options = [
        click.option("--select", multiple=True, metavar="RULE", help=_help("select")),
        click.option("--ignore", multiple=True, metavar="RULE", help=_help("ignore")),
        click.option("--exclude", multiple=True, metavar="REGEX", help=_help("exclude")),
        click.option("--since", metavar="REF", help="only entries on lines that changed since a commit, branch or tag"),
        click.option("--all-hosts", is_flag=True, default=None, help=_help("all-hosts")),
        click.option("--rate", type=float, metavar="N", help=_help("rate")),
        click.option("--concurrency", type=int, metavar="N", help=_help("concurrency")),
        click.option("--timeout", type=_Seconds(), metavar="TIME", help=_help("timeout")),
        click.option("--max-time", type=_Seconds(), metavar="TIME", help=_help("max-time")),
        click.option("--remap", multiple=True, metavar="'PATTERN REPLACEMENT'", help=_help("remap")),
        click.option("--confirm", type=int, metavar="N", help=_help("confirm")),
        click.option("--no-hold-back", is_flag=True, default=None, help=_help("no-hold-back")),
        click.option("--min-coverage", type=float, metavar="SHARE", help=_help("min-coverage")),
        click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="the settings file to read"),
        click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True),
        click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help="write the report there"),
        click.option("--exit-zero", is_flag=True, help="exit 0 even if there are findings"),
        click.option("--no-progress", is_flag=True, help="show no progress"),
        click.option("--quiet", "-q", is_flag=True, help="print findings only"),
        click.option("--verbose", "-v", is_flag=True, help="print each page's outcome as it comes"),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="bot")
def main() -> None:
    """Keep a Markdown catalog of Medium articles true: every link works and goes where its entry says."""


@main.command("check-links")
@click.argument("catalog", required=False)
@_check_options
def check_links(**options: Any) -> None:  # noqa: ANN401 - click's own interface
    """Check every Medium link of CATALOG and say what is wrong, with evidence and fixes.

    Exit codes: 0 clean (information alone is clean), 1 findings, 2 wrong usage or settings,
    3 the bot failed, 4 too few pages could be verified, 130 interrupted.
    """
    settings, folder = _settings(options)
    path = Path(options["catalog"]) if options["catalog"] else folder / settings.catalog
    sys.exit(_check(path, settings, options))


@main.command()
def rules() -> None:
    """List the rules: id, severity, whether it asks the web, and what it finds."""
    from bot.rules.registry import RULES  # noqa: PLC0415 - commands import what they use

    width = max(len(rule.id) for rule in RULES)
    for rule in RULES:
        where = "web" if rule.needs_web else "offline"
        click.echo(f"{rule.id:<{width}}  {rule.severity.value:<11}  {where:<7}  {rule.doc.strip().splitlines()[0]}")


@main.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Explain RULE: what it finds and why, with examples that the bot's own tests run."""
    from bot.rules.registry import rule_named  # noqa: PLC0415

    found = rule_named(rule)
    carried = f"pull request {found.pr}" if found.pr else "no fix"
    click.echo(f"{found.id} ({found.severity.value}, {carried})\n\n{found.doc.strip()}")


@main.command()
@click.argument("catalog", required=False)
@click.option("--output", "-o", type=click.Path(path_type=Path), default=Path("demo-output"), show_default=True)
def demo(catalog: str | None, output: Path) -> None:
    """Check CATALOG against a stand-in for Medium on this machine, with a handful of faults.

    Nothing leaves the machine. The reports are written to a folder; the exit code is 0 whatever is found.
    """
    from bot.demo.show import show  # noqa: PLC0415

    settings, folder = _settings({})
    show(Path(catalog) if catalog else folder / settings.catalog, settings, output)


def _settings(options: dict[str, Any]) -> tuple[Settings, Path]:
    """Return the settings in force, and the folder that a catalog named in them is relative to."""
    path = options.get("config") or find_settings(Path.cwd())
    settings = read_settings(path) if path is not None else Settings()
    given: dict[str, Any] = {}
    for key, each in KEYS.items():
        value = options.get(each.name)
        if each.name != "catalog" and value not in (None, ()):
            given[each.name] = checked(key, value)
    if "select" in given or "ignore" in given:
        given = {**given, **{name: _split(given[name]) for name in ("select", "ignore") if name in given}}
    return replace(settings, **given), path.parent if path is not None else Path()


def _split(names: tuple[str, ...]) -> tuple[str, ...]:
    """Let `--select a,b` mean `--select a --select b`."""
    return tuple(name.strip() for each in names for name in each.split(",") if name.strip())


def _check(path: Path, settings: Settings, options: dict[str, Any]) -> int:
    from bot import pipeline, watch  # noqa: PLC0415 - importing the HTTP client takes a quarter of a second
    from bot.document.parse import parse  # noqa: PLC0415
    from bot.files import read_catalog  # noqa: PLC0415
    from bot.git import changed_lines  # noqa: PLC0415
    from bot.rules.registry import chosen  # noqa: PLC0415
    from bot.web.remap import read_remap  # noqa: PLC0415

    rules = chosen(settings.select, settings.ignore)
    for text in settings.remap:
        read_remap(text)
    source = read_catalog(path)
    catalog = parse(source, str(path), name_columns=settings.name_columns, date_columns=settings.date_columns)
    if next(catalog.places(), None) is None:
        raise CatalogError(f"{path}: holds no links; is it the catalog?")
    lines = changed_lines(path, options["since"]) if options["since"] else None
    with watch.observer(quiet=options["quiet"] or options["no_progress"], verbose=options["verbose"]) as observer:

        async def checked_run() -> Report:
            stop = pipeline.Stop()
            with _signals(stop):
                return await pipeline.run(catalog, settings, rules, lines=lines, observer=observer, stop=stop)

        report = asyncio.run(checked_run())
    deliver(report, options["format_"], options["output"], summary=not options["quiet"])
    return report.exit_code(settings.min_coverage, exit_zero=options["exit_zero"])


@contextlib.contextmanager
def _signals(stop: Stop) -> Any:  # noqa: ANN401 - contextmanager's own type
    """Let Ctrl-C and SIGTERM end the run early, once; a second Ctrl-C ends the process."""
    loop = asyncio.get_running_loop()

    def handle() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    with contextlib.suppress(NotImplementedError):
        for each in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(each, handle)
    yield


def deliver(report: Report, format_: str, output: Path | None, *, summary: bool = True) -> None:
    """Print a report, or write it to a file and print it as text."""
    from bot.files import write_whole  # noqa: PLC0415
    from bot.report.as_json import render_json  # noqa: PLC0415
    from bot.report.as_text import render_text, text_lines  # noqa: PLC0415

    if output is not None:
        text = render_json(report) if format_ == "json" else render_text(report)
        write_whole(output, text.encode("utf-8", "replace"))
    if format_ == "json" and output is None:
        click.echo(render_json(report), nl=False)
        return
    from bot.watch import print_lines  # noqa: PLC0415

    print_lines(text_lines(report, summary=summary))


def entry_point() -> None:
    """Run the command line; every failure is one clear line and an exit code."""
    try:
        main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.UsageError as error:
        name = error.ctx.command_path if error.ctx else "bot"
        click.echo(f"{name}: {error.format_message()}\nTry '{name} --help' for help.", err=True)
        sys.exit(2)
    except click.ClickException as error:
        click.echo(f"bot: {error.format_message()}", err=True)
        sys.exit(2)
    except BotError as error:
        click.echo(f"bot: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:  # noqa: BLE001 - a defect of the bot's own must not end with 1, which says «findings»
        traceback.print_exc()
        click.echo("bot: this is a defect of the bot; please report it with the lines above", err=True)
        sys.exit(3)
