"""What a repository's Markdown tells without being asked: which file is the catalog, and whose articles it lists."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.config import Settings
from bot.document.parse import parse
from bot.errors import CatalogError, UsageError
from bot.files import read_catalog
from bot.medium.oddities import CUSTOM_DOMAINS
from bot.medium.urls import Address, Kind, read_address
from bot.repository import Repository, markdown_files

_FEW = 5  # articles of one author do not make the catalog theirs
_HOSTS = re.compile(b"|".join(re.escape(host.encode()) for host in sorted({"medium.com", *CUSTOM_DOMAINS})))


@dataclass(frozen=True, slots=True)
class Found:
    """A catalog: its path in the repository, its links to articles, and the author (`@user`) of most of them."""

    path: str
    links: int
    author: str | None


def likeliest(repository: Repository) -> Found:
    """Return the Markdown file with the most links to articles; among equals README.md, then the least deep.

    Raises `CatalogError` if there is none.
    """
    read = ((path, read_catalog(repository.root / path)) for path in markdown_files(repository))
    found = [_counted(path, source, frozenset()) for path, source in read if _HOSTS.search(source)]
    best = min(found, key=lambda each: (-each.links, each.path != "README.md", each.path.count("/")), default=None)
    if best is None or best.links == 0:
        raise CatalogError(f"{repository.root}: none of its Markdown files links to articles on Medium")
    return best


def named(repository: Repository, path: Path, settings: Settings) -> Found:
    """Return a catalog that was named; raise `UsageError` if it is none of the repository's, or has no articles."""
    root, target = repository.root.resolve(), path.resolve()
    if not target.is_relative_to(root):
        raise UsageError(f"{path}: lies outside the repository {repository.root}")
    found = _counted(target.relative_to(root).as_posix(), read_catalog(path), frozenset(settings.hosts))
    if found.links == 0:
        raise CatalogError(f"{path}: links to no articles on Medium; is it the catalog?")
    return found


def _counted(path: str, source: bytes, domains: frozenset[str]) -> Found:
    articles = list(_articles(source, path, domains))
    owner, count = next(iter(Counter(each.owner or "" for each in articles).most_common(1)), ("", 0))
    theirs = owner.startswith("@") and count >= _FEW and count * 2 > len(articles)
    return Found(path, len(articles), owner if theirs else None)


def _articles(source: bytes, path: str, domains: frozenset[str]) -> Iterator[Address]:
    for place in parse(source, path).places():
        address = read_address(place.link.url, domains)
        if address is not None and address.kind is Kind.ARTICLE:
            yield address
