"""What `bot init` detects: the catalog, its author, and the published commit of the bot that is running."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from bot.config import Settings
from bot.errors import CatalogError, UsageError
from bot.files import read_catalog
from bot.git import Repository, markdown_files, published_commit, read_remote
from bot.markdown.parse import parse
from bot.medium.quirks import CUSTOM_DOMAINS
from bot.medium.site import MEDIUM, Site
from bot.model.articles import Kind

_COMMIT = re.compile(r"[0-9a-f]{40}")
_DISTRIBUTION = "medium-catalog-bot"
_HOST = "github.com"


@dataclass(frozen=True, slots=True)
class Origin:
    """A repository that the bot is published in, `owner/name`, and a commit."""

    full_name: str
    commit: str


def read_origin(text: str) -> Origin:
    """Read `OWNER/REPO@COMMIT`, or a commit of the bot's own repository alone; raise `UsageError` otherwise."""
    name, _, commit = text.rpartition("@")
    remote = read_remote(f"https://{_HOST}/{name}" if name else Settings().contact)
    if remote is None or not _COMMIT.fullmatch(commit.lower()):
        raise UsageError(f"--uses {text}: write OWNER/REPO@COMMIT, with all 40 digits: a branch or a tag can move")
    return Origin(remote.full_name, commit.lower())


def own_origin() -> Origin:
    """Return where this installation comes from; raise `UsageError` if that is not public."""
    found = _installed_from(_direct_url())
    if found is None:
        home = read_remote(Settings().contact)
        name = home.full_name if home is not None else "OWNER/REPO"
        raise UsageError(
            f"this installation does not know its published commit; name it: bot init --uses {name}@COMMIT"
        )
    return found


def _direct_url() -> str:
    """Return pip's record of where it installed the bot from (PEP 610); empty for a package index."""
    try:
        return distribution(_DISTRIBUTION).read_text("direct_url.json") or "{}"
    except PackageNotFoundError:
        return "{}"


def _installed_from(direct_url: str) -> Origin | None:
    noted: dict[str, object] = json.loads(direct_url)
    url, vcs = noted.get("url"), noted.get("vcs_info")
    if not isinstance(url, str):
        return None
    if isinstance(vcs, dict):
        remote, commit = read_remote(url), vcs.get("commit_id")
    else:
        folder = urlsplit(url)
        found = published_commit(Path(url2pathname(folder.path))) if folder.scheme == "file" else None
        remote, commit = found or (None, None)
    if remote is None or remote.host != _HOST or not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        return None
    return Origin(remote.full_name, commit)


_FEW = 5  # fewer articles by one author do not make the catalog theirs
_HOSTS = re.compile(b"|".join(re.escape(host.encode()) for host in sorted({"medium.com", *CUSTOM_DOMAINS})))


@dataclass(frozen=True, slots=True)
class Found:
    """A catalog: its path in the repository, its links to articles, and the author (`@user`) of most of them."""

    path: str
    links: int
    author: str | None


def likeliest(repository: Repository) -> Found:
    """Return the Markdown file with the most links to articles; of equals README.md, then the shallowest.

    Raises `CatalogError` if there is none.
    """
    read = ((path, read_catalog(repository.root / path)) for path in markdown_files(repository))
    found = [_counted(path, source, MEDIUM) for path, source in read if _HOSTS.search(source)]
    best = min(found, key=lambda each: (-each.links, each.path != "README.md", each.path.count("/")), default=None)
    if best is None or best.links == 0:
        raise CatalogError(f"{repository.root}: none of its Markdown files links to articles on Medium")
    return best


def named(repository: Repository, path: Path, settings: Settings) -> Found:
    """Return the named catalog; raise `UsageError` if it is outside the repository or links to no articles."""
    root, target = repository.root.resolve(), path.resolve()
    if not target.is_relative_to(root):
        raise UsageError(f"{path}: is outside the repository {repository.root}")
    found = _counted(target.relative_to(root).as_posix(), read_catalog(path), settings.site)
    if found.links == 0:
        raise CatalogError(f"{path}: links to no articles on Medium; is it the catalog?")
    return found


def _counted(path: str, source: bytes, site: Site) -> Found:
    addresses = (site.read(place.link.url) for place in parse(source, path).places())
    articles = [each for each in addresses if each is not None and each.kind is Kind.ARTICLE]
    owner, count = next(iter(Counter(each.owner or "" for each in articles).most_common(1)), ("", 0))
    theirs = owner.startswith("@") and count >= _FEW and count * 2 > len(articles)
    return Found(path, len(articles), owner if theirs else None)
