"""From argv to an exit code: the only place that catches the bot's own failures."""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click import Option

from bot import __version__
from bot.config import KEYS, Settings, checked, find_settings, read_settings
from bot.errors import BotError, UsageError
from bot.files import abandon
from bot.output.formats import FORMATS

if TYPE_CHECKING:
    from bot.commands.request import Request
    from bot.publish.session import Publication

_UNITS = {"s": 1, "m": 60, "h": 3600}
_FILE = click.Path(path_type=Path)


def _seconds(text: str) -> float:
    """Read `90`, `90s`, `30m` or `2h`."""
    try:
        return float(text[:-1]) * _UNITS[text[-1]] if text[-1:] in _UNITS else float(text)
    except ValueError as error:
        raise click.BadParameter(f"invalid duration {text!r}; use 90, 90s, 30m or 2h") from error


def _setting(key: str, metavar: str | None = None) -> Option:
    """Return the option that overrides a setting: its help and type are the setting's, and it has no default."""
    default, help_ = KEYS[key].default, KEYS[key].metadata["help"]
    if isinstance(default, bool):
        return Option([f"--{key}"], is_flag=True, default=None, help=help_)
    if isinstance(default, str | tuple):
        return Option([f"--{key}"], multiple=isinstance(default, tuple), metavar=metavar, help=help_)
    type_ = _seconds if metavar == "TIME" else type(default)
    return Option([f"--{key}"], type=type_, metavar=metavar, help=f"{help_}  [default: {default:g}]")


_CONFIG = Option(["--config"], type=_FILE, metavar="FILE", help="the settings file to read")
_CHOOSING = [
    _setting("select", "RULE"),
    _setting("ignore", "RULE"),
    Option(["--since"], metavar="REF", help="only entries on lines that changed since a commit, branch or tag"),
    _CONFIG,
]
_ASKING = [
    _setting("exclude", "REGEX"),
    _setting("all-hosts"),
    _setting("rate", "N"),
    _setting("concurrency", "N"),
    _setting("timeout", "TIME"),
    _setting("max-time", "TIME"),
    _setting("remap", "'PATTERN REPLACEMENT'"),
    Option(["--state"], type=_FILE, metavar="FILE", help="history of earlier runs, read and updated"),
    _setting("confirm", "N"),
    _setting("no-hold-back"),
    _setting("min-coverage", "SHARE"),
    Option(["--no-progress", "progress"], is_flag=True, flag_value=False, default=True, help="show no progress"),
    Option(["--verbose", "-v"], is_flag=True, help="print each page's outcome as it comes"),
]
_SHOWING = [
    Option(
        ["--format"], type=click.Choice(FORMATS), default="text", show_default=True, help="the format of the report"
    ),
    Option(["--output", "-o"], type=_FILE, metavar="FILE", help="write the report there"),
    Option(["--summary"], type=_FILE, metavar="FILE", help="add a Markdown summary to a file"),
    Option(["--annotations"], is_flag=True, help="print workflow annotations on the catalog's lines too"),
    Option(["--exit-zero"], is_flag=True, help="exit 0 even if there are findings"),
    Option(["--quiet", "-q"], is_flag=True, help="print findings only"),
]
_FIXING = [
    Option(["--fix"], is_flag=True, help="apply safe fixes to the catalog and its records"),
    Option(["--unsafe-fixes", "unsafe"], is_flag=True, help="with --fix or --diff: fixes for review too"),
    Option(["--diff"], is_flag=True, help="show what --fix would change, and write nothing"),
    Option(["--write-baseline"], is_flag=True, help="accept everything found in this run"),
]
_APPLYING = [
    Option(["--catalog"], metavar="FILE", help="the catalog that the report is about, if the settings name another"),
    Option(["--unsafe-fixes", "unsafe"], is_flag=True, help="apply fixes for review too"),
    Option(["--diff"], is_flag=True, help="show what would change as a diff, and write nothing"),
    _CONFIG,
]
_PUBLISHING = [
    Option(["--repo", "repository"], metavar="OWNER/NAME", help="the repository  [default: $GITHUB_REPOSITORY]"),
    Option(["--base"], metavar="BRANCH", help="the branch to fix  [default: the repository's own]"),
    Option(["--catalog"], metavar="FILE", help="the catalog's path in the repository, if the settings name another"),
    Option(["--select", "kinds"], multiple=True, metavar="KIND", help="only these kinds of pull requests and issues"),
    _setting("author", "LOGIN"),
    Option(["--state"], type=_FILE, metavar="FILE", help="commit this state to its branch too"),
    Option(["--dry-run"], is_flag=True, help="print every body and diff, and write nothing"),
    Option(["--quiet", "-q"], is_flag=True, help="print what was changed only"),
    _CONFIG,
]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="bot")
def main() -> None:
    """Keep a Markdown catalog of Medium articles true: every link works and goes where its entry says."""


@main.command("check-links", params=[*_CHOOSING, *_ASKING, *_SHOWING, *_FIXING])
@click.argument("catalog", required=False)
def check_links(catalog: str | None, **options: Any) -> int:  # noqa: ANN401 - click's own interface
    """Check every Medium link of CATALOG and say what is wrong, with evidence and fixes.

    Exit codes: 0 clean (information alone is clean), 1 findings, 2 wrong usage or settings,
    3 the bot failed, 4 too few pages could be verified, 130 interrupted.
    """
    from bot.commands import check  # noqa: PLC0415 - commands import what they use

    return check.check_links(_request(options, catalog))


@main.command(params=[*_CHOOSING, *_SHOWING, *_FIXING])
@click.argument("catalogs", nargs=-1)
def lint(catalogs: tuple[str, ...], **options: Any) -> int:  # noqa: ANN401 - click's own interface
    """Check what needs no network in CATALOGS: form, syntax, dates, order, duplicates.

    `-` reads standard input; with --fix the fixed text goes to standard output. Exit codes as for
    check-links.
    """
    from bot.commands import check  # noqa: PLC0415

    return check.lint_files([_request(options, each) for each in catalogs or (None,)])


@main.command(params=_APPLYING)
@click.argument("report", type=_FILE)
def fix(report: Path, catalog: str | None, **options: Any) -> int:  # noqa: ANN401 - click's own interface
    """Apply the safe fixes for REPORT, a JSON report of check-links or lint, to its catalog.

    The rules are run again over the catalog as it is now, with what the report saw of the web. Nothing
    else in the report is used.
    """
    from bot.commands.fix import fix_from_report  # noqa: PLC0415

    return fix_from_report(report, _request(options, catalog))


@main.command(params=_PUBLISHING)
@click.argument("report", type=_FILE)
def publish(report: Path, catalog: str | None, kinds: tuple[str, ...], **options: Any) -> int:  # noqa: ANN401
    """Open and update pull requests and issues on GitHub for REPORT, a JSON report of check-links.

    At most one of each kind is open. GITHUB_TOKEN is the token; GITHUB_API_URL names another API than GitHub's own.
    The rules are run again over the repository's files as they are now, with what the report saw of the web.
    """
    from bot.commands.publish import publish_report  # noqa: PLC0415
    from bot.publish.session import Publication  # noqa: PLC0415

    settings, folder = _settings(options)
    path = catalog or (folder / settings.catalog).as_posix()
    given = _given(Publication, options)
    asked = Publication(settings, path, baseline=folder / settings.baseline, kinds=_split(kinds), **given)
    return publish_report(report, asked)


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
    carried = f"pull request {found.kind.pull(found.safety)}" if found.kind else "no fix"
    click.echo(f"{found.id} ({found.severity.value}, {carried})\n\n{found.doc.strip()}")


@main.command()
@click.argument("catalog", required=False)
@click.option("--output", "-o", type=_FILE, default=Path("demo-output"), show_default=True)
def demo(catalog: str | None, output: Path) -> None:
    """Check CATALOG against a stand-in for Medium on this machine, with a handful of faults.

    Nothing leaves the machine. The reports are written to a folder; the exit code is 0 whatever is found.
    """
    from bot.demo.show import show  # noqa: PLC0415

    settings, folder = _settings({})
    show(Path(catalog) if catalog else folder / settings.catalog, settings, output)


@main.command()
@click.argument("catalog", required=False, type=_FILE)
@click.option("--uses", metavar="OWNER/REPO@COMMIT", help="the bot that the workflow runs, if not this one")
@click.option("--force", is_flag=True, help="replace a nightly workflow that differs; settings are always kept")
def init(catalog: Path | None, uses: str | None, *, force: bool) -> None:
    """Set up the nightly run in the current repository.

    Writes a workflow, and settings if there are none. CATALOG is the Markdown file with the most links to Medium,
    unless you name it.
    """
    from bot.commands.init import set_up  # noqa: PLC0415 - commands import what they use

    for line in set_up(Path.cwd(), catalog, uses, force=force):
        click.echo(line)


def _request(options: dict[str, Any], catalog: str | None) -> Request:
    from bot.commands.request import Request  # noqa: PLC0415

    settings, folder = _settings(options)
    if options.get("fix") and options.get("diff"):
        raise UsageError("--fix and --diff exclude each other; give one of them")
    path = Path(catalog) if catalog else folder / settings.catalog
    return Request(settings, path, folder / settings.baseline, **_given(Request, options))


def _given(request: type[Request | Publication], options: dict[str, Any]) -> dict[str, Any]:
    """Return the options that are fields of a request."""
    return {each.name: options[each.name] for each in fields(request) if each.name in options}


def _settings(options: dict[str, Any]) -> tuple[Settings, Path]:
    """Return the settings with the options that override them, and the folder that their paths are relative to."""
    path = options.get("config") or find_settings(Path.cwd())
    settings = read_settings(path) if path is not None else Settings()
    values = {key: options.get(each.name) for key, each in KEYS.items()}
    given = {KEYS[key].name: checked(key, value) for key, value in values.items() if value not in (None, ())}
    given |= {name: _split(given[name]) for name in ("select", "ignore") if name in given}
    folder = path.parent if path is not None else Path()
    if folder.is_relative_to(Path.cwd()):
        folder = folder.relative_to(Path.cwd())  # shorter to read
    return replace(settings, **given), folder


def _split(values: Iterable[str]) -> tuple[str, ...]:
    """Return the words of an option that can be repeated, and can hold several words with commas between them."""
    return tuple(word.strip() for each in values for word in each.split(",") if word.strip())


def _prepare_streams() -> None:
    """Replace closed streams, and escape characters that a stream cannot encode, so that neither stops the bot."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115 - for the life of the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _tell(text: str) -> None:
    """Print a line on standard error, if it is still open."""
    try:
        click.echo(text, err=True)
    except OSError:
        abandon(sys.stderr)


def _code() -> int:
    """Run the command and return its exit code, even if the reader of its output exits early."""
    code: int | None = None
    try:
        code = main(prog_name="bot", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        abandon(sys.stdout)
    return code or 0


def entry_point() -> None:
    """Run the command line; every failure is one clear line and an exit code."""
    _prepare_streams()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C: half-written files are cleaned up
    try:
        sys.exit(_code())
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(130)
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        name = context.command_path if context else "bot"
        _tell(f"{name}: {error.format_message()}\nTry '{name} --help' for help.")
        sys.exit(2)
    except BotError as error:
        _tell(f"bot: {error}")
        sys.exit(error.exit_code)
    except OSError as error:
        abandon(sys.stdout)
        _tell(f"bot: {error.filename or 'the output'}: cannot be read or written: {error.strerror}")
        sys.exit(3)
    except Exception:  # noqa: BLE001 - a defect must not exit with 1, which means findings
        traceback.print_exc()
        _tell("bot: this is a bug in the bot; please report it with the lines above")
        sys.exit(3)
