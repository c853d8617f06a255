"""Settings: what can be set, where it is read from, and which value is the default.

`bot.toml`, or `[tool.bot]` in `pyproject.toml`, in this folder or the nearest one above. The command line wins.
"""
# ruff: noqa: RUF009 - `_setting` is dataclasses.field

import contextlib
import re
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta

from bot.errors import UsageError
from bot.files import read_file
from bot.markdown.parse import DATE_COLUMNS, NAME_COLUMNS
from bot.matching.names import SERIES_PREFIX
from bot.medium.site import Site
from bot.text import nearest

# The types of settings; a description completes the sentence "… must be".
_Flag = Annotated[bool, Meta(description="true or false")]
_Text = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$", description="a line of text")]
_Link = Annotated[str, Meta(pattern=r"^[!-~]+$", description="an address in ASCII, since it goes into a header")]
_Pattern = Annotated[str, Meta(min_length=1, description="a regular expression")]
_Patterns = Annotated[tuple[str, ...], Meta(description='a list of regular expressions, as in ["/tag/"]')]
_Words = Annotated[tuple[str, ...], Meta(description='a list of strings, as in ["…"]')]
_Hosts = Annotated[
    tuple[Annotated[str, Meta(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")], ...],
    Meta(description='a list of host names in lower case, as in ["blog.example.org"]'),
]
_Owners = Annotated[
    tuple[Annotated[str, Meta(pattern=r"^@?[A-Za-z0-9._-]+$")], ...],
    Meta(description='a list of authors ("@user") or publications, by their names in addresses'),
]
_Share = Annotated[float, Meta(ge=0, le=1, description="a number from 0 to 1")]
_Amount = Annotated[float, Meta(ge=0, le=1e9, description="a number from 0 to 1e9")]
_Seconds = Annotated[float, Meta(ge=0.001, le=1e9, description="a number from 0.001 to 1e9")]
_Count = Annotated[int, Meta(ge=0, le=10**9, description="a whole number from 0 to 1e9")]
_CountFrom1 = Annotated[int, Meta(ge=1, le=10**9, description="a whole number from 1 to 1e9")]
_CountTo1000 = Annotated[int, Meta(ge=1, le=1000, description="a whole number from 1 to 1000")]


def _setting(default: Any, help_: str) -> Any:  # noqa: ANN401 - of any type, like dataclasses.field
    return field(default=default, metadata={"help": help_})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Times are in seconds, rates in requests a second, `min_coverage` a share of 1."""

    catalog: _Text = _setting("README.md", "the catalog to check, relative to the settings' folder")
    select: _Words = _setting((), "rules to run, by id or family (`link`, `fragment`); all if empty")
    ignore: _Words = _setting((), "rules not to run")
    exclude: _Patterns = _setting((), "regular expressions of addresses not to ask for")
    hosts: _Hosts = _setting((), "publications' own domains that Medium serves, beyond the known ones")
    feeds: _Owners = _setting((), "authors (`@user`) or publications whose feeds show what the catalog lacks")
    all_hosts: _Flag = _setting(False, "ask for links outside Medium too")
    rate: _Amount = _setting(1.0, "requests a second at first, over all of Medium's hosts together; 0 means no limit")
    rate_floor: _Amount = _setting(0.0, "the slowest pace that refusals lead to; 0 means a tenth of the rate")
    rate_ceiling: _Amount = _setting(0.0, "the fastest pace that good answers lead to; 0 means twice the rate")
    concurrency: _CountTo1000 = _setting(4, "pages asked for at the same time")
    timeout: _Seconds = _setting(20.0, "seconds for one whole answer; a page with its retries gets three times that")
    max_time: _Amount = _setting(0.0, "seconds for the whole run; 0 means no limit")
    confirm: _Count = _setting(
        0, "dates on which a page must be seen dead to be called gone; 0 means 3 with a history, else 1"
    )
    no_hold_back: _Flag = _setting(False, "report deaths even where many at once look like an incident of Medium's")
    min_coverage: _Share = _setting(0.5, "share of the pages that must be verified")
    remap: _Words = _setting((), "'PATTERN REPLACEMENT': where requests really go")
    series_prefix: _Pattern = _setting(
        SERIES_PREFIX, "regular expression of the prefix that titles have and names have not"
    )
    name_columns: _Words = _setting(NAME_COLUMNS, "headers of the column that names an entry")
    date_columns: _Words = _setting(DATE_COLUMNS, "headers of the column that dates an entry")
    author: _Text = _setting("github-actions[bot]", "the account that publishes, as GitHub names it")
    max_changes: _CountFrom1 = _setting(
        500, "changes that one pull request may carry; the rest waits until it is merged"
    )
    pause: _Amount = _setting(1.0, "seconds between two writes to GitHub; reads follow one another in a quarter of it")
    baseline: _Text = _setting("bot-baseline.txt", "the file of findings accepted as they are; see --write-baseline")
    contact: _Link = _setting(
        "https://github.com/dair-ai/ML-Papers-Explained", "the link in the user agent: who runs this bot"
    )

    @property
    def site(self) -> Site:
        """Medium with the hosts that are set."""
        return Site(frozenset(self.hosts))


KEYS = {each.name.replace("_", "-"): each for each in fields(Settings)}
_LISTED = "; the README lists the settings"
_TYPES = get_type_hints(Settings, include_extras=True)


def find_settings(folder: Path) -> Path | None:
    """Return the settings file that applies to a folder: in it, or in the nearest folder above."""
    for each in (folder, *folder.parents):
        if (each / "bot.toml").is_file():
            return each / "bot.toml"
        with contextlib.suppress(OSError):
            if "[tool.bot" in (each / "pyproject.toml").read_text("utf-8", "replace"):
                return each / "pyproject.toml"
        if (each / ".git").exists():
            return None
    return None


def read_settings(path: Path) -> Settings:
    """Read a settings file; raise `UsageError` that names file, line, key and remedy."""
    try:
        text = read_file(path, missing="name a settings file with --config").decode("utf-8")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(f"{path}:{line}: cannot be read as UTF-8 text; save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:  # too many digits or brackets do not raise TOMLDecodeError
        found = re.search(r"line (\d+)", str(error))
        where = f"{path}:{found[1]}" if found else str(path)
        raise UsageError(f"{where}: not valid TOML: {error!s:.200}") from error
    if path.name == "pyproject.toml":
        tool = data.get("tool", {})
        data = tool.get("bot", {}) if isinstance(tool, dict) else {}
    if not isinstance(data, dict):
        raise UsageError(f"{path}: tool.bot must be a table; write [tool.bot] and a key a line")
    given = {}
    for key, value in data.items():
        line = _line_of(key, text)
        if key not in KEYS:
            raise UsageError(f"{path}:{line}: unknown key {key!r:.100}{nearest(key, KEYS) or _LISTED}")
        try:
            given[KEYS[key].name] = checked(key, value)
        except UsageError as error:
            raise UsageError(f"{path}:{line}: {error}") from error
    return replace(Settings(), **given)


def _line_of(key: str, text: str) -> int:
    found = re.search(rf"^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*=", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def checked(key: str, value: object) -> Any:  # noqa: ANN401 - of the setting's own type
    """Return a value as its setting's type; raise `UsageError` if it has another type or is out of range."""
    type_ = _TYPES[KEYS[key].name]
    try:
        found = msgspec.convert("NaN fits no range" if value != value else value, type_)
        for pattern in [found] if type_ is _Pattern else found if type_ is _Patterns else ():
            re.compile(pattern)
    except (ValueError, OverflowError, RecursionError, re.error) as error:
        why = f": {error}" if isinstance(error, re.error) else ""
        raise UsageError(f"{key} must be {type_.__metadata__[0].description}, not {_shown(value)}{why}") from error
    return found


def _shown(value: object) -> str:
    """Return a value as a message can show it."""
    try:
        return f"{value!r:.100}"
    except (ValueError, RecursionError):  # more digits than Python prints
        return "a value that large"
