"""Which published commit of which repository this installation of the bot is, for workflows that run it again.

A workflow takes the bot's actions from a repository at a full commit, `OWNER/REPO/…@COMMIT`: GitHub fetches exactly
these files, the hashes of all that they install among them, so nothing changes between a reading and a run.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from bot.config import Settings
from bot.errors import UsageError
from bot.repository import published_commit, read_remote

_COMMIT = re.compile(r"[0-9a-f]{40}")
_DISTRIBUTION = "medium-catalog-bot"
_HOST = "github.com"


@dataclass(frozen=True, slots=True)
class Origin:
    """A repository of the bot's, `owner/name`, and a commit of it."""

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
    """Return where this installation comes from; raise `UsageError` if others could not find it there."""
    found = _installed_from(_direct_url())
    if found is None:
        home = read_remote(Settings().contact)
        name = home.full_name if home is not None else "OWNER/REPO"
        raise UsageError(
            f"this installation does not know its published commit; name it: bot init --uses {name}@COMMIT"
        )
    return found


def _direct_url() -> str:
    """Return what pip noted of the place that it installed the bot from (PEP 610); nothing for an index."""
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
