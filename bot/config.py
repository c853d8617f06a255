"""Settings: what can be set, where it is read from, and which value is the default.

`bot.toml`, or `[tool.bot]` in `pyproject.toml`, in this folder or the nearest one above. What stands
on the command line wins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from bot.errors import ConfigError
from bot.markdown.parse import DATE_COLUMNS, NAME_COLUMNS
from bot.matching.names import SERIES_PREFIX
from bot.medium.site import Site
from bot.text import nearest


def _setting(default: Any, help_: str) -> Any:  # noqa: ANN401 - a field of any type, as dataclasses.field
    if isinstance(default, tuple):
        return field(default_factory=lambda: default, metadata={"help": help_})
    return field(default=default, metadata={"help": help_})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Times are in seconds, rates in requests a second, `min_coverage` a share of 1."""

    catalog: str = _setting("README.md", "the catalog to check, relative to the settings' folder")
    select: tuple[str, ...] = _setting((), "rules to run, by id or family (`link`, `fragment`); all if empty")
    ignore: tuple[str, ...] = _setting((), "rules not to run")
    exclude: tuple[str, ...] = _setting((), "regular expressions of addresses not to ask for")
    hosts: tuple[str, ...] = _setting((), "publications' own domains that Medium serves, beyond the known ones")
    feeds: tuple[str, ...] = _setting((), "authors (`@user`) or publications whose feeds show what the catalog lacks")
    all_hosts: bool = _setting(False, "ask for links outside Medium too")
    rate: float = _setting(1.0, "requests a second at first, over all of Medium's hosts together; 0 means no limit")
    rate_floor: float = _setting(0.0, "the slowest pace that refusals lead to; 0 means a tenth of the rate")
    rate_ceiling: float = _setting(0.0, "the fastest pace that good answers lead to; 0 means twice the rate")
    concurrency: int = _setting(4, "pages asked for at the same time")
    timeout: float = _setting(20.0, "seconds for one whole answer; a page with its retries gets three times that")
    max_time: float = _setting(0.0, "seconds for the whole run; 0 means no limit")
    confirm: int = _setting(0, "dates on which a page must be seen dead to be called gone; 0: 3 with a state, else 1")
    no_hold_back: bool = _setting(False, "report deaths even where many at once look like an incident of Medium's")
    min_coverage: float = _setting(0.5, "share of the pages that must be verified")
    remap: tuple[str, ...] = _setting((), "'PATTERN REPLACEMENT': where requests really go")
    series_prefix: str = _setting(SERIES_PREFIX, "regular expression of the prefix that titles have and names have not")
    name_columns: tuple[str, ...] = _setting(NAME_COLUMNS, "headers of the column that names an entry")
    date_columns: tuple[str, ...] = _setting(DATE_COLUMNS, "headers of the column that dates an entry")
    author: str = _setting("github-actions[bot]", "the account that publishes, as GitHub names it")
    max_changes: int = _setting(500, "changes that one pull request may carry; the rest waits until it is merged")
    pause: float = _setting(1.0, "seconds between two writes to GitHub; reads follow one another in a quarter of it")
    baseline: str = _setting("bot-baseline.txt", "the file of findings accepted as they are; see --write-baseline")
    contact: str = _setting(
        "https://github.com/dair-ai/ML-Papers-Explained", "the link in the user agent: who runs this bot"
    )

    @property
    def site(self) -> Site:
        """Medium with the hosts that are set."""
        return Site(frozenset(self.hosts))


KEYS = {each.name.replace("_", "-"): each for each in fields(Settings)}
_MINIMUM = {"concurrency": 1, "timeout": 0.001, "max-changes": 1}  # 0 for the others
_MAXIMUM = {"concurrency": 1000, "min-coverage": 1}
_LARGEST = 1e9


def find_settings(folder: Path) -> Path | None:
    """Return the settings file that holds for a folder: in it, or in the nearest folder above."""
    for each in (folder, *folder.parents):
        if (each / "bot.toml").is_file():
            return each / "bot.toml"
        project = each / "pyproject.toml"
        if _mentions_bot(project):
            return project
        if (each / ".git").exists():
            return None
    return None


def _mentions_bot(project: Path) -> bool:
    try:
        return "[tool.bot" in project.read_text("utf-8", "replace")
    except OSError:
        return False


def read_settings(path: Path) -> Settings:
    """Read a settings file; raise `ConfigError` that names file, line, key and remedy."""
    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    except (ValueError, RecursionError) as error:  # too many digits or brackets are no TOMLDecodeError
        line = re.search(r"line (\d+)", str(error))
        where = f"{path}:{line[1]}" if line else str(path)
        raise ConfigError(f"{where}: not valid TOML: {error!s:.200}") from error
    if path.name == "pyproject.toml":
        tool = data.get("tool", {})
        data = tool.get("bot", {}) if isinstance(tool, dict) else {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: tool.bot must be a table; write [tool.bot] and a key a line")
    return replace(Settings(), **dict(_checked(data, path, text)))


def _checked(data: Mapping[str, Any], path: Path, text: str) -> Iterable[tuple[str, Any]]:
    for key, value in data.items():
        line = _line_of(key, text)
        if key not in KEYS:
            raise ConfigError(f"{path}:{line}: unknown key {key!r:.100}{nearest(key, KEYS)}")
        try:
            yield KEYS[key].name, checked(key, value)
        except ConfigError as error:
            raise ConfigError(f"{path}:{line}: {error}") from error


def _line_of(key: str, text: str) -> int:
    found = re.search(rf"^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*=", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def checked(key: str, value: object) -> object:
    """Return a setting's value in its type; raise `ConfigError` if it has another one, or is out of range."""
    default = default_of(key)
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise ConfigError(f"{key} must be true or false, not {_shown(value)}")
    elif isinstance(default, tuple):
        if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
            raise ConfigError(f'{key} must be a list of strings, as in ["…"], not {_shown(value)}')
        _compile(key, value)
        return tuple(value)
    elif isinstance(default, int | float):
        return _number(key, value, default)
    elif key == "contact" and not (isinstance(value, str) and value.isascii()):
        raise ConfigError(f"contact must be an address in ASCII, since it goes into a header, not {_shown(value)}")
    elif not isinstance(value, str) or not value or not value.isprintable():
        raise ConfigError(f"{key} must be a string of text, not {_shown(value)}")
    else:
        _compile(key, [value])
    return value


def default_of(key: str) -> object:
    """Return a setting's default."""
    each = KEYS[key]
    return each.default_factory() if callable(each.default_factory) else each.default


def _number(key: str, value: object, default: float) -> float:
    whole = isinstance(default, int)
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise ConfigError(f"{key} must be a {'whole ' if whole else ''}number, not {_shown(value)}")
    low, high = _MINIMUM.get(key, 0), _MAXIMUM.get(key)
    if not low <= value <= (high or _LARGEST):
        wanted = f"from {low} to {high or _LARGEST:g}" if high or _LARGEST < value < float("inf") else f"{low} or more"
        raise ConfigError(f"{key} must be {wanted}, not {_shown(value)}")
    return value if whole else float(value)


def _shown(value: object) -> str:
    """Return a value as a message can show it."""
    try:
        return f"{value!r:.100}"
    except (ValueError, RecursionError):  # a number of more digits than Python writes
        return "one of such a size"


_SHAPES = {
    "hosts": (re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+\Z"), "a host name in small letters, as in blog.example.org"),
    "feeds": (re.compile(r"@?[A-Za-z0-9._-]+\Z"), "an author (@user) or a publication's name in its address"),
}


def _compile(key: str, patterns: Iterable[str]) -> None:
    if key in _SHAPES:
        shape, wanted = _SHAPES[key]
        for each in patterns:
            if not shape.match(each):
                raise ConfigError(f"{key}: {_shown(each)} is not {wanted}")
    for pattern in patterns if key in ("exclude", "series-prefix") else ():
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ConfigError(f"{key}: {_shown(pattern)} is no regular expression: {error}") from error
