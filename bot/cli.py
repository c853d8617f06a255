"""argv → exit code. The only place that catches the bot's own failures."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot import __version__
from bot.config import KEYS, Settings, checked, default_of, find_settings, read_settings
from bot.errors import BotError, UsageError

if TYPE_CHECKING:
    from bot.commands.request import Request


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
    text, value = str(KEYS[key].metadata["help"]), default_of(key)
    return f"{text}  [default: {value:g}]" if isinstance(value, int | float) and value is not False else text


def _options(*groups: list[Callable[[_Command], _Command]]) -> Callable[[_Command], _Command]:
    """Add groups of options; those that are settings have no default of their own."""

    def add(command: _Command) -> _Command:
        for option in reversed([option for group in groups for option in group]):
            command = option(command)
        return command

    return add


_CHOOSING = [
    click.option("--select", multiple=True, metavar="RULE", help=_help("select")),
    click.option("--ignore", multiple=True, metavar="RULE", help=_help("ignore")),
    click.option("--since", metavar="REF", help="only entries on lines that changed since a commit, branch or tag"),
    click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="the settings file to read"),
]

_ASKING = [
    click.option("--exclude", multiple=True, metavar="REGEX", help=_help("exclude")),
    click.option("--all-hosts", is_flag=True, default=None, help=_help("all-hosts")),
    click.option("--rate", type=float, metavar="N", help=_help("rate")),
    click.option("--concurrency", type=int, metavar="N", help=_help("concurrency")),
    click.option("--timeout", type=_Seconds(), metavar="TIME", help=_help("timeout")),
    click.option("--max-time", type=_Seconds(), metavar="TIME", help=_help("max-time")),
    click.option("--remap", multiple=True, metavar="'PATTERN REPLACEMENT'", help=_help("remap")),
    click.option(
        "--state", type=click.Path(path_type=Path), metavar="FILE", help="what earlier nights saw; also written"
    ),
    click.option("--confirm", type=int, metavar="N", help=_help("confirm")),
    click.option("--no-hold-back", is_flag=True, default=None, help=_help("no-hold-back")),
    click.option("--min-coverage", type=float, metavar="SHARE", help=_help("min-coverage")),
    click.option("--no-progress", is_flag=True, help="show no progress"),
    click.option("--verbose", "-v", is_flag=True, help="print each page's outcome as it comes"),
]

_FORMATS = click.Choice(["text", "json", "markdown", "github"])

_SHOWING = [
    click.option("--format", type=_FORMATS, default="text", show_default=True, help="of the report"),
    click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help="write the report there"),
    click.option("--summary", type=click.Path(path_type=Path), metavar="FILE", help="add a Markdown summary to a file"),
    click.option("--annotations", is_flag=True, help="print workflow annotations on the catalog's lines too"),
    click.option("--exit-zero", is_flag=True, help="exit 0 even if there are findings"),
    click.option("--quiet", "-q", is_flag=True, help="print findings only"),
]

_MENDING = [
    click.option("--fix", is_flag=True, help="apply safe fixes to the catalog and its records"),
    click.option("--unsafe-fixes", "unsafe", is_flag=True, help="with --fix or --diff: fixes for review too"),
    click.option("--diff", is_flag=True, help="show what --fix would change, and write nothing"),
    click.option("--write-baseline", is_flag=True, help="accept all that is found today"),
]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="bot")
def main() -> None:
    """Keep a Markdown catalog of Medium articles true: every link works and goes where its entry says."""


@main.command("check-links")
@click.argument("catalog", required=False)
@_options(_CHOOSING, _ASKING, _SHOWING, _MENDING)
def check_links(catalog: str | None, **options: Any) -> None:  # noqa: ANN401 - click's own interface
    """Check every Medium link of CATALOG and say what is wrong, with evidence and fixes.

    Exit codes: 0 clean (information alone is clean), 1 findings, 2 wrong usage or settings,
    3 the bot failed, 4 too few pages could be verified, 130 interrupted.
    """
    from bot.commands import check  # noqa: PLC0415 - commands import what they use

    request, folder = _request(options)
    sys.exit(check.check_links(Path(catalog) if catalog else folder / request.settings.catalog, request))


@main.command()
@click.argument("catalogs", nargs=-1)
@_options(_CHOOSING, _SHOWING, _MENDING)
def lint(catalogs: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401 - click's own interface
    """Check what needs no network in CATALOGS: form, syntax, dates, order, duplicates.

    `-` reads standard input; with --fix the mended text goes to standard output. Exit codes as for
    check-links.
    """
    from bot.commands import check  # noqa: PLC0415

    request, folder = _request(options)
    paths = [Path(each) for each in catalogs] or [folder / request.settings.catalog]
    sys.exit(check.lint_files(paths, request))


@main.command()
@click.argument("report", type=click.Path(path_type=Path))
@click.option("--catalog", metavar="FILE", help="the catalog that the report is about, if the settings name another")
@click.option("--unsafe-fixes", "unsafe", is_flag=True, help="apply fixes for review too")
@click.option("--diff", is_flag=True, help="show what would change as a diff, and write nothing")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="the settings file to read")
def fix(report: Path, catalog: str | None, **options: Any) -> None:  # noqa: ANN401 - click's own interface
    """Apply the safe fixes of REPORT, a JSON report of check-links or lint, to its catalog.

    The rules are run again over the files as they are now, with what the report saw of the web; its findings are not
    read back.
    """
    from bot.commands.fix import fix_from_report  # noqa: PLC0415

    request, folder = _request(options)
    sys.exit(fix_from_report(report, Path(catalog) if catalog else folder / request.settings.catalog, request))


@main.command()
@click.argument("report", type=click.Path(path_type=Path))
@click.option("--repo", metavar="OWNER/NAME", help="the repository  [default: $GITHUB_REPOSITORY]")
@click.option("--base", metavar="BRANCH", help="the branch to mend  [default: the repository's own]")
@click.option("--catalog", metavar="FILE", help="the catalog's path in the repository, if the settings name another")
@click.option("--select", "kinds", multiple=True, metavar="KIND", help="only these kinds of pull requests and issues")
@click.option("--author", metavar="LOGIN", help=_help("author"))
@click.option("--state", type=click.Path(path_type=Path), metavar="FILE", help="commit this state to its branch too")
@click.option("--dry-run", is_flag=True, help="print every body and diff, and write nothing")
@click.option("--quiet", "-q", is_flag=True, help="print what was changed only")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="the settings file to read")
def publish(report: Path, catalog: str | None, kinds: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Open and update pull requests and issues on GitHub for REPORT, a JSON report of check-links.

    One of each kind at most is open. GITHUB_TOKEN is the token; GITHUB_API_URL another API than GitHub's own.
    A report is not trusted: one that was meddled with writes nothing.
    """
    from bot.commands.publish import Publication, publish_report  # noqa: PLC0415

    settings, folder = _settings(options)
    asked = Publication(
        settings=settings,
        catalog=catalog or (folder / settings.catalog).as_posix(),
        repository=options["repo"],
        base=options["base"],
        kinds=tuple(word.strip() for each in kinds for word in each.split(",") if word.strip()),
        dry_run=options["dry_run"],
        state=options["state"],
        quiet=options["quiet"],
        baseline=folder / settings.baseline,
    )
    sys.exit(publish_report(report, asked))


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
@click.option("--output", "-o", type=click.Path(path_type=Path), default=Path("demo-output"), show_default=True)
def demo(catalog: str | None, output: Path) -> None:
    """Check CATALOG against a stand-in for Medium on this machine, with a handful of faults.

    Nothing leaves the machine. The reports are written to a folder; the exit code is 0 whatever is found.
    """
    from bot.demo.show import show  # noqa: PLC0415

    settings, folder = _settings({})
    show(Path(catalog) if catalog else folder / settings.catalog, settings, output)


@main.command()
@click.argument("catalog", required=False, type=click.Path(path_type=Path))
@click.option("--uses", metavar="OWNER/REPO@COMMIT", help="the bot that the workflow runs, if not this one")
@click.option("--force", is_flag=True, help="replace a nightly workflow that differs; settings are kept in any case")
def init(catalog: Path | None, uses: str | None, *, force: bool) -> None:
    """Set up the nightly run in the repository that you stand in.

    Writes a workflow, and settings if there are none. CATALOG is the Markdown file with the most links to Medium,
    unless you name it.
    """
    from bot.commands.init import set_up  # noqa: PLC0415 - commands import what they use

    for line in set_up(Path.cwd(), catalog, uses, force=force):
        click.echo(line)


def _request(options: dict[str, Any]) -> tuple[Request, Path]:
    """Return what was asked for, and the folder that paths in the settings are relative to."""
    from bot.commands.request import Request  # noqa: PLC0415

    settings, folder = _settings(options)
    if options.get("fix") and options.get("diff"):
        raise UsageError("--fix writes and --diff does not: give one of them")
    names = ["since", "state", "format", "output", "exit_zero", "quiet", "verbose"]
    names += ["summary", "annotations", "fix", "unsafe", "diff", "write_baseline"]
    given = {name: options[name] for name in names if name in options}
    progress = not options.get("no_progress", False)
    return Request(settings, folder / settings.baseline, progress=progress, **given), folder


def _settings(options: dict[str, Any]) -> tuple[Settings, Path]:
    path = options.get("config") or find_settings(Path.cwd())
    settings = read_settings(path) if path is not None else Settings()
    given: dict[str, Any] = {}
    for key, each in KEYS.items():
        value = options.get(each.name)
        if each.name not in ("catalog", "baseline") and value not in (None, ()):
            given[each.name] = checked(key, value)
    for name in ("select", "ignore"):
        if name in given:
            given[name] = tuple(word.strip() for each in given[name] for word in each.split(",") if word.strip())
    return replace(settings, **given), _shortest(path.parent) if path is not None else Path()


def _shortest(folder: Path) -> Path:
    """Return a folder relative to the current one where that is shorter to read."""
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def _prepare_streams() -> None:
    """Let a stream that is closed, or cannot show a letter, be no failure of the bot's."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("r" if name == "stdin" else "w"))  # noqa: SIM115 - for the process's life
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end the process as Ctrl-C does: what is half done is undone, and nothing is left behind."""
    try:
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    except ValueError:  # only the main thread may
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell(text: str) -> None:
    """Say something on standard error, if anybody listens."""
    with contextlib.suppress(OSError):
        click.echo(text, err=True)


def _abandon_output() -> None:
    from bot.output.terminal import abandon  # noqa: PLC0415 - needed where something has failed

    abandon(sys.stdout)


def _code() -> int:
    """Run the command and return its exit code; a reader who goes away before the end changes none."""
    code: object = 0
    try:
        main(prog_name="bot", standalone_mode=False)
    except SystemExit as end:
        code = end.code
    except BrokenPipeError:
        _abandon_output()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_output()
    return code if isinstance(code, int) else 0


def entry_point() -> None:
    """Run the command line; every failure is one clear line and an exit code."""
    _prepare_streams()
    try:
        with _terminable():
            sys.exit(_code())
    except (click.exceptions.Abort, KeyboardInterrupt):
        sys.exit(130)
    except click.UsageError as error:
        name = error.ctx.command_path if error.ctx else "bot"
        _tell(f"{name}: {error.format_message()}\nTry '{name} --help' for help.")
        sys.exit(2)
    except click.ClickException as error:
        _tell(f"bot: {error.format_message()}")
        sys.exit(2)
    except BotError as error:
        _tell(f"bot: {error}")
        sys.exit(error.exit_code)
    except OSError as error:
        _abandon_output()
        _tell(f"bot: {error.filename or 'its output'}: cannot be read or written: {error.strerror}")
        sys.exit(3)
    except Exception:  # noqa: BLE001 - a defect of the bot's own must not end with 1, which says «findings»
        traceback.print_exc()
        _tell("bot: this is a defect of the bot; please report it with the lines above")
        sys.exit(3)
