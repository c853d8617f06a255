"""`bot init` sets up the nightly run: the bot's own workflow, and settings derived from the repository."""

import contextlib
import errno
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from bot.config import Settings, find_settings, read_settings
from bot.errors import BotError, UsageError
from bot.files import read_catalog, read_if_there, write_together
from bot.git import Repository, find_repository, markdown_files, published_commit, read_remote
from bot.markdown.parse import parse
from bot.medium.quirks import CUSTOM_DOMAINS
from bot.medium.site import MEDIUM, Site
from bot.model.articles import Kind
from bot.text import counted

_FOLDER = Path(".github", "workflows")
_NAME = "bot-nightly.yml"
_PUBLISHES = b"/.github/actions/publish"  # how the nightly workflow is recognized, whatever its name
_OWN_ACTION = Path(".github", "actions", "publish", "action.yml")
_CRON = re.compile(r'(?<=cron: ")[^"]*')
_quoted = partial(json.dumps, ensure_ascii=False)  # a string of JSON is one of TOML too
_ACTION = re.compile(r"(?<=uses: )\$(/\.github/actions/\S+)")
_HOURS = range(1, 7)  # UTC
_MINUTES = tuple(minute for minute in range(1, 60, 2) if minute % 5)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_DISTRIBUTION = "medium-catalog-bot"
_HOST = "github.com"
_HOME = urlsplit(Settings().contact).path.strip("/")
_FEW = 5  # fewer articles by one author do not make the catalog theirs
_LINKED = re.compile(b"|".join(re.escape(host.encode()) for host in sorted({"medium.com", *CUSTOM_DOMAINS})))


class Origin(NamedTuple):
    """A repository that the bot is published in, `owner/name`, and a commit."""

    full_name: str
    commit: str


class Found(NamedTuple):
    """A catalog: its path in the repository, its links to articles, and the author (`@user`) of most of them."""

    path: str
    links: int
    author: str | None


def set_up(folder: Path, catalog: Path | None, uses: str | None, *, force: bool) -> Iterator[str]:
    """Write workflow and settings for the repository that a folder is in; yield lines that say so.

    Existing settings are kept. Raises `UsageError`, with nothing written, if there is no repository or catalog, if a
    different workflow exists and `force` is not given, or if the folder cannot be written to.
    """
    repository = find_repository(folder)
    root, remote = repository.root, repository.remote
    url = remote.url if remote is not None else None
    existing = find_settings(root)
    settings = read_settings(existing) if existing is not None else Settings()
    if existing is not None:
        if catalog is not None and catalog.resolve() != (root / settings.catalog).resolve():
            raise UsageError(f"{existing}: the catalog is {settings.catalog} there; change it, or leave {catalog} out")
        catalog = root / settings.catalog
    found = _named(repository, catalog, settings) if catalog is not None else _likeliest(repository)
    hour, minute = time = _time(remote.full_name if remote is not None else root.name)
    path, workflow = _workflow_path(root), _workflow(time, _origin(root, uses)).encode()
    before = read_if_there(path)
    if before not in (b"", workflow) and not force:
        raise UsageError(f"{path.relative_to(root)}: exists already, and differs; --force replaces it")
    contents = {path: workflow} if before != workflow else {}
    if existing is None:
        contents[root / "bot.toml"] = _settings(found, url).encode()
    _write(root, contents)
    written = "is up to date" if before == workflow else "written"
    yield f"{path.relative_to(root).as_posix()}: {written}; it runs every night at {hour:02}:{minute:02} UTC."
    kept = "bot.toml: written" if existing is None else "Settings: kept"
    yield f"{kept}; the catalog is {found.path} ({counted(found.links, 'link')} to articles on Medium)."
    if existing is None and url is None:
        yield "This repository has no remote on the web yet: set `contact` in bot.toml to where it will be."
    if existing is not None and url is not None and settings.contact == Settings().contact != url:
        yield f'Set contact = "{url}" in {existing.name}: the bot names it in its requests to Medium.'
    yield "Next:"
    yield from (f"  {number}. {step}" for number, step in enumerate(_steps(repository, url), 1))


def _likeliest(repository: Repository) -> Found:
    """Return the Markdown file with the most links to articles; of equals README.md, then the shallowest."""
    read = ((path, read_catalog(repository.root / path)) for path in markdown_files(repository))
    found = [_counted(path, source, MEDIUM) for path, source in read if _LINKED.search(source)]
    best = min(found, key=lambda each: (-each.links, each.path != "README.md", each.path.count("/")), default=None)
    if best is None or best.links == 0:
        raise UsageError(f"{repository.root}: none of its Markdown files links to articles on Medium")
    return best


def _named(repository: Repository, path: Path, settings: Settings) -> Found:
    """Return the named catalog; raise `UsageError` if it is outside the repository or links to no articles."""
    root, target = repository.root.resolve(), path.resolve()
    if not target.is_relative_to(root):
        raise UsageError(f"{path}: is outside the repository {repository.root}")
    found = _counted(target.relative_to(root).as_posix(), read_catalog(path), settings.site)
    if found.links == 0:
        raise UsageError(f"{path}: links to no articles on Medium; is it the catalog?")
    return found


def _counted(path: str, source: bytes, site: Site) -> Found:
    addresses = (site.read(place.link.url) for place in parse(source, path).places())
    articles = [each for each in addresses if each is not None and each.kind is Kind.ARTICLE]
    owner, count = next(iter(Counter(each.owner or "" for each in articles).most_common(1)), ("", 0))
    theirs = owner.startswith("@") and count >= _FEW and count * 2 > len(articles)
    return Found(path, len(articles), owner if theirs else None)


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
    if (root / _OWN_ACTION).is_file():
        return None
    found = _installed_from(_direct_url())
    if found is None:
        raise UsageError(
            f"this installation does not know its published commit; name it: bot init --uses {_HOME}@COMMIT"
        )
    return found


def read_origin(text: str) -> Origin:
    """Read `OWNER/REPO@COMMIT`, or a commit of the bot's own repository alone; raise `UsageError` otherwise."""
    name, _, commit = text.rpartition("@")
    remote = read_remote(f"https://{_HOST}/{name or _HOME}")
    if remote is None or not _COMMIT.fullmatch(commit.lower()):
        raise UsageError(f"--uses {text}: write OWNER/REPO@COMMIT, with all 40 digits: a branch or a tag can move")
    return Origin(remote.full_name, commit.lower())


def _direct_url() -> str:
    """Return pip's record of where it installed the bot from (PEP 610); empty for a package index."""
    try:
        return distribution(_DISTRIBUTION).read_text("direct_url.json") or "{}"
    except PackageNotFoundError:
        return "{}"


def _installed_from(direct_url: str) -> Origin | None:
    noted: dict[str, Any] = json.loads(direct_url)
    url = noted.get("url", "")
    remote, commit = read_remote(url), noted.get("vcs_info", {}).get("commit_id", "")
    if urlsplit(url).scheme == "file" and "vcs_info" not in noted:
        remote, commit = published_commit(Path(url2pathname(urlsplit(url).path))) or (None, "")
    if remote is None or remote.host != _HOST or not _COMMIT.fullmatch(commit):
        return None
    return Origin(remote.full_name, commit)


def _workflow(time: tuple[int, int], origin: Origin | None) -> str:
    """Return the workflow: the bot's own, which is in the package, at another time and from `origin`."""
    hour, minute = time
    text = _CRON.sub(f"{minute} {hour} * * *", files("bot").joinpath("templates/nightly.yml").read_text("utf-8"))
    return text if origin is None else _ACTION.sub(rf"{origin.full_name}\1@{origin.commit}", text)


def _settings(found: Found, url: str | None) -> str:
    lines = ["# Settings of the Medium catalog bot.", f"catalog = {_quoted(found.path)}"]
    if found.author is not None:
        lines += ["", "# Whose new articles belong in the catalog.", f"feeds = [{_quoted(found.author)}]"]
    if url is not None:
        lines += ["", "# The bot names this address in its requests to Medium.", f"contact = {_quoted(url)}"]
    return "\n".join(lines) + "\n"


def _write(root: Path, contents: Mapping[Path, bytes]) -> None:
    """Write all files or none, and create the folders that they need."""
    for path in contents:
        if not path.resolve().is_relative_to(root.resolve()):
            raise UsageError(f"{path}: is a link that points outside the repository")
    above = (each for path in contents for each in reversed(path.parents))
    missing = [each for each in dict.fromkeys(above) if not os.path.lexists(each)]
    try:
        for folder in missing:
            folder.mkdir()
        write_together(contents)
    except (BotError, OSError) as error:
        for folder in reversed(missing):
            with contextlib.suppress(OSError):
                folder.rmdir()
        cause = error if isinstance(error, OSError) else error.__cause__
        if isinstance(cause, OSError) and cause.errno != errno.ENOSPC:
            words = f"{cause.filename}: cannot be created: {cause.strerror}" if cause is error else str(error)
            raise UsageError(words) from error
        raise


def _steps(repository: Repository, url: str | None) -> Iterator[str]:
    yield (
        "On GitHub, under Settings, Actions, General, tick “Allow GitHub Actions to create and approve pull requests”"
        + (f": {url}/settings/actions" if url is not None else ".")
    )
    yield f"Commit and push to {repository.default_branch or 'the default branch'}: GitHub runs schedules from there."
    yield "Try it: Actions, “Medium bot, nightly”, Run workflow; with “dry-run” ticked nothing is published."
