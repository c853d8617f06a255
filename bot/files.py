"""Reading and writing files: completely and atomically, or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from bot.errors import BotError, UsageError


def read_catalog(path: Path) -> bytes:
    """Return a catalog's bytes; raise `UsageError` if it cannot be read."""
    return read_file(path, missing="name the catalog, or set `catalog` in the settings")


def read_file(path: Path, missing: str = "check the path") -> bytes:
    """Return a file's bytes; raise `UsageError` if it cannot be read; `missing` is the remedy if it is missing."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file; {missing}") from error
    except IsADirectoryError as error:
        raise UsageError(f"{path}: is a folder; name a file in it") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def read_if_there(path: Path) -> bytes:
    """Return a file's bytes, empty if it does not exist."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file by renaming a complete one over it; the old one stays if anything fails.

    A device or a pipe (`/dev/null`) cannot be replaced, and is written to.
    """
    if path.is_file() or path.is_dir() or not path.exists():
        write_together({path: content})
        return
    try:
        path.write_bytes(content)
    except OSError as error:
        raise BotError(f"{path}: cannot be written: {error.strerror}") from error


def write_together(contents: Mapping[Path, bytes]) -> None:
    """Write several files or none: all are staged first, then renamed; a failure restores the old ones.

    A file's mode is kept, and so is a symbolic link: its target is replaced.
    """
    staged: list[tuple[Path, Path]] = []
    before: list[tuple[Path, Path | None]] = []
    path, begun = Path(), 0
    try:
        for path, content in contents.items():
            target = path.resolve()
            staged.append((_stage(target, content), target))
        for _, path in staged if len(staged) > 1 else ():  # a single rename is atomic
            before.append((path, _stage(path, path.read_bytes()) if path.exists() else None))
        for temporary, path in staged:
            begun += 1
            temporary.replace(path)
    except BaseException as error:
        for target, old in before[:begun]:
            with contextlib.suppress(OSError):
                target.unlink(missing_ok=True) if old is None else old.replace(target)
        if isinstance(error, OSError):
            raise BotError(f"{path}: cannot be written: {error.strerror}; check the folder and its space") from error
        raise
    finally:
        for temporary in (*(each for each, _ in staged), *(each for _, each in before if each is not None)):
            temporary.unlink(missing_ok=True)


def append(path: Path, content: bytes) -> None:
    """Append to a file that the steps of a job share: everything or nothing."""
    try:
        length = path.stat().st_size if path.exists() else None
        try:
            with path.open("ab") as file:
                file.write(content)
        except BaseException:
            if length is None:
                path.unlink(missing_ok=True)
            elif path.is_file():
                os.truncate(path, length)
            raise
    except OSError as error:
        raise BotError(f"{path}: cannot be written: {error.strerror}") from error


def _stage(target: Path, content: bytes) -> Path:
    """Write content to a temporary file beside its target and return its path; leave nothing behind on failure."""
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".bot.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def abandon(stream: IO[str]) -> None:
    """Discard further output of a stream; flushing its buffer at exit would fail again."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
