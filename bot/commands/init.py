"""`bot init` sets up the nightly run: a workflow, and settings derived from the repository.

The workflow is `templates/nightly.yml`, which is the bot's own workflow byte for byte.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from bot.commands.discovery import Found, Origin, likeliest, named, own_origin, read_origin
from bot.config import Settings, find_settings, read_settings
from bot.errors import BotError, UsageError
from bot.files import read_if_there, write_together
from bot.git import Repository, find_repository
from bot.text import counted

_FOLDER = Path(".github", "workflows")
_NAME = "bot-nightly.yml"
_PUBLISHES = b"/.github/actions/publish"  # how the nightly workflow is recognized, whatever its name
_OWN_ACTION = Path(".github", "actions", "publish", "action.yml")
_CRON = re.compile(r'(?<=cron: ")[^"]*')
_ACTION = re.compile(r"(?<=uses: )\$(/\.github/actions/\S+)")
_HOURS = range(1, 7)  # UTC
_MINUTES = tuple(minute for minute in range(1, 60, 2) if minute % 5)


def set_up(folder: Path, catalog: Path | None, uses: str | None, *, force: bool) -> Iterator[str]:
    """Write workflow and settings for the repository that a folder is in; yield lines that say so.

    Existing settings are kept. Raises `UsageError`, with nothing written, if there is no repository or catalog, if a
    different workflow exists and `force` is not given, or if the folder cannot be written to.
    """
    repository = find_repository(folder)
    root, remote = repository.root, repository.remote
    existing = find_settings(root)
    settings = read_settings(existing) if existing is not None else Settings()
    if existing is not None:
        if catalog is not None and catalog.resolve() != (root / settings.catalog).resolve():
            raise UsageError(f"{existing}: the catalog is {settings.catalog} there; change it, or leave {catalog} out")
        catalog = root / settings.catalog
    found = named(repository, catalog, settings) if catalog is not None else likeliest(repository)
    hour, minute = time = _time(remote.full_name if remote is not None else root.name)
    path, workflow = _workflow_path(root), _workflow(time, _origin(root, uses)).encode()
    before = read_if_there(path)
    if before not in (b"", workflow) and not force:
        raise UsageError(f"{path.relative_to(root)}: exists already, and differs; --force replaces it")
    contents = {path: workflow} if before != workflow else {}
    if existing is None:
        contents[root / "bot.toml"] = _settings(found, repository).encode()
    _write(root, contents)
    written = "is up to date" if before == workflow else "written"
    yield f"{path.relative_to(root).as_posix()}: {written}; it runs every night at {hour:02}:{minute:02} UTC."
    kept = "bot.toml: written" if existing is None else "Settings: kept"
    yield f"{kept}; the catalog is {found.path} ({counted(found.links, 'link')} to articles on Medium)."
    yield from _notes(repository, existing, settings)
    yield "Next:"
    yield from (f"  {number}. {step}" for number, step in enumerate(_steps(repository), 1))


def _time(name: str) -> tuple[int, int]:
    """Return the hour and minute of a repository's nightly run, derived from its name to spread the load."""
    digest = hashlib.sha256(name.lower().encode("utf-8", "replace")).digest()
    return _HOURS[digest[0] % len(_HOURS)], _MINUTES[digest[1] % len(_MINUTES)]


def _workflow_path(root: Path) -> Path:
    """Return the path of the nightly workflow, whatever its name, or the one to create."""
    workflows = sorted(path for path in (root / _FOLDER).glob("*.y*ml") if path.is_file())
    return next((path for path in workflows if _PUBLISHES in read_if_there(path)), root / _FOLDER / _NAME)


def _origin(root: Path, uses: str | None) -> Origin | None:
    """Return where the workflow gets the bot from; None in the bot's own repository, which uses its own commit."""
    if uses is not None:
        return read_origin(uses)
    return None if (root / _OWN_ACTION).is_file() else own_origin()


def _workflow(time: tuple[int, int], origin: Origin | None) -> str:
    hour, minute = time
    text = _CRON.sub(f"{minute} {hour} * * *", files("bot").joinpath("templates/nightly.yml").read_text("utf-8"))
    return text if origin is None else _ACTION.sub(rf"{origin.full_name}\1@{origin.commit}", text)


def _settings(found: Found, repository: Repository) -> str:
    lines = ["# Settings of the Medium catalog bot.", f"catalog = {_quoted(found.path)}"]
    if found.author is not None:
        lines += ["", "# Whose new articles belong in the catalog.", f"feeds = [{_quoted(found.author)}]"]
    if repository.remote is not None and repository.remote.url is not None:
        lines += [
            "",
            "# The bot names this address in its requests to Medium.",
            f"contact = {_quoted(repository.remote.url)}",
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _notes(repository: Repository, existing: Path | None, settings: Settings) -> Iterator[str]:
    url = repository.remote.url if repository.remote is not None else None
    if existing is None and url is None:
        yield "This repository has no remote on the web yet: set `contact` in bot.toml to where it will be."
    if existing is not None and url is not None and settings.contact == Settings().contact != url:
        yield f'Set contact = "{url}" in {existing.name}: the bot names it in its requests to Medium.'


def _write(root: Path, contents: Mapping[Path, bytes]) -> None:
    """Write all files or none, and create the folders that they need."""
    made: list[Path] = []
    try:
        for path in contents:
            if not path.resolve().is_relative_to(root.resolve()):
                raise UsageError(f"{path}: is a link that points outside the repository")
            _make_folders(path.parent, made)
        write_together(contents)
    except (BotError, OSError) as error:
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()
        cause = error if isinstance(error, OSError) else error.__cause__
        if isinstance(cause, OSError) and cause.errno != errno.ENOSPC:
            words = f"{cause.filename}: cannot be created: {cause.strerror}" if cause is error else str(error)
            raise UsageError(words) from error
        raise


def _make_folders(folder: Path, made: list[Path]) -> None:
    """Create a folder and its parents; add the new ones to `made`, outermost first."""
    for each in (*reversed(folder.parents), folder):
        if not os.path.lexists(each):
            each.mkdir()
            made.append(each)


def _steps(repository: Repository) -> Iterator[str]:
    url = repository.remote.url if repository.remote is not None else None
    yield (
        "On GitHub, under Settings, Actions, General, tick “Allow GitHub Actions to create and approve pull requests”"
        + (f": {url}/settings/actions" if url is not None else ".")
    )
    yield f"Commit and push to {repository.default_branch or 'the default branch'}: GitHub runs schedules from there."
    yield "Try it: Actions, “Medium bot, nightly”, Run workflow; with “dry-run” ticked nothing is published."
