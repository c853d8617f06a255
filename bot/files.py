"""Reading and writing files: whole and atomically, or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from bot.errors import BotError, CatalogError


def read_catalog(path: Path) -> bytes:
    """Return a catalog's bytes; raise `CatalogError` that says why it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise CatalogError(f"{path}: no such file; name the catalog, or set `catalog` in the settings") from error
    except IsADirectoryError as error:
        raise CatalogError(f"{path}: is a folder; name the Markdown file in it") from error
    except OSError as error:
        raise CatalogError(f"{path}: cannot be read: {error.strerror}") from error


def write_whole(path: Path, content: bytes) -> None:
    """Write a file by renaming a finished one into its place; the old one stays if anything fails."""
    temporary: str | None = None
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        raise BotError(f"{path}: cannot be written: {error.strerror}; check the folder and its space") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
