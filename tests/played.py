"""Plays the actions of others that our workflows use, and makes the checkouts that they are played in.

A checkout clones the project; `setup-python` gives an interpreter whose `pip install` asks no index: it runs the bot
out of the folder that it was told to install; artifacts are bytes in memory.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

INTERPRETER = """\
#!{python}
import os, pathlib, stat, sys
own, given = pathlib.Path(sys.argv[0]), sys.argv[1:]
def executable(path, text):
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
if given[:3] == ["-I", "-m", "venv"]:
    (pathlib.Path(given[3]) / "bin").mkdir(parents=True)
    executable(pathlib.Path(given[3]) / "bin" / "python", own.read_text())
elif given[:4] == ["-I", "-m", "pip", "install"]:
    with open({log!r}, "a") as log:
        print(*given[4:], file=log)
    if "-r" in given:
        assert "--require-hashes" in given and pathlib.Path(given[given.index("-r") + 1]).is_file(), given
    else:
        assert "--no-index" in given and (pathlib.Path(given[-1]) / "pyproject.toml").is_file(), given
        start = f"import sys; sys.path.insert(0, {{given[-1]!r}}); from bot.cli import entry_point; entry_point()"
        executable(own.parent / "bot", f"#!{python}\\n{{start}}\\n")
else:
    os.execv({python!r}, [{python!r}, *given])
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an action runs: the project, the runner's own folder, the job's workspace, the run's artifacts."""

    project: Path
    folder: Path
    workspace: Path
    artifacts: dict[str, dict[str, bytes]]


def _checkout(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    assert given == {"persist-credentials": "false"}
    subprocess.run(["git", "clone", "--quiet", str(place.project), str(place.workspace)], check=True)
    return {}


def _setup_python(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    assert given.keys() == {"python-version", "update-environment"}
    assert given["update-environment"] == "false", "a job's own Python is not ours to change"
    path = place.folder / "tools" / "python"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(INTERPRETER.format(python=sys.executable, log=str(place.folder / "pip.log")))
    path.chmod(0o755)
    return {"python-path": str(path)}


def _upload(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    assert given.keys() <= {"name", "path", "if-no-files-found", "overwrite", "retention-days"}
    path = place.workspace / given["path"]
    files = {each.relative_to(path).as_posix(): each.read_bytes() for each in path.rglob("*") if each.is_file()}
    assert files, f"nothing to upload in {path}"
    assert given["name"] not in place.artifacts
    place.artifacts[given["name"]] = files
    return {}


def _download(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    assert given.keys() == {"name", "path"}
    for name, content in place.artifacts[given["name"]].items():
        path = place.workspace / given["path"] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return {}


def _app_token(_: Place, given: Mapping[str, str]) -> dict[str, str]:
    assert given["client-id"]
    assert given["private-key"]
    return {"app-slug": "catalog-keeper"}


PLAYED: Mapping[str, Callable[[Place, Mapping[str, str]], dict[str, str]]] = {
    "actions/checkout": _checkout,
    "actions/setup-python": _setup_python,
    "actions/upload-artifact": _upload,
    "actions/download-artifact": _download,
    "actions/create-github-app-token": _app_token,
}


def copied(source: Path, target: Path, *parts: str) -> None:
    """Copy what git has or would have of parts of a work tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *parts],
        cwd=source,
        check=True,
        capture_output=True,
    )
    for name in sorted(set(listed.stdout.decode().split("\0")) - {""}):
        if (source / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source / name, target / name)


def committed(folder: Path, remote: str | None = None) -> str:
    """Commit all files of a folder, which becomes a repository if it is none; return the commit."""

    def git(*words: str) -> str:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
        return (
            subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True).stdout.decode().strip()
        )

    if not (folder / ".git").exists():
        git("init", "--quiet", "--initial-branch=main")
        if remote is not None:
            git("remote", "add", "origin", remote)
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message=All")
    return git("rev-parse", "HEAD")
