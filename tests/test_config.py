"""Settings: found, read, checked, and refused with file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import KEYS, Settings, checked, find_settings, read_settings
from bot.errors import UsageError


def written(folder: Path, text: str, name: str = "bot.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_bot_toml_is_read(tmp_path: Path) -> None:
    text = 'rate = 2\nselect = ["link-gone"]\nall-hosts = true\ncontact = "https://example.org/bot"\nmax-time = 60.5\n'
    settings = read_settings(written(tmp_path, text))
    assert (settings.rate, settings.select, settings.all_hosts, settings.max_time) == (2.0, ("link-gone",), True, 60.5)
    assert settings.contact == "https://example.org/bot"
    assert settings.concurrency == Settings().concurrency


def test_a_table_in_pyproject_is_read_and_other_tools_are_left_alone(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, "[tool.other]\nrate = 'x'\n[tool.bot]\nconfirm = 3\n", "pyproject.toml"))
    assert settings.confirm == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rate = 1\nconccurency = 4\n", "bot.toml:2: unknown key 'conccurency'; did you mean 'concurrency'?"),
        ("xyzzy = 4\n", "bot.toml:1: unknown key 'xyzzy'; the README lists the settings"),
        ("\n\nrate = 'fast'\n", "bot.toml:3: rate must be a number from 0 to 1e9, not 'fast'"),
        ("rate = true\n", "bot.toml:1: rate must be a number from 0 to 1e9, not True"),
        ("rate = -1\n", "bot.toml:1: rate must be a number from 0 to 1e9, not -1"),
        ("rate = nan\n", "bot.toml:1: rate must be a number from 0 to 1e9, not"),
        ("timeout = inf\n", "bot.toml:1: timeout must be a number from 0.001 to 1e9, not inf"),
        ("concurrency = 1.5\n", "bot.toml:1: concurrency must be a whole number from 1 to 1000, not 1.5"),
        ("concurrency = 0\n", "bot.toml:1: concurrency must be a whole number from 1 to 1000, not 0"),
        ("min-coverage = 50\n", "bot.toml:1: min-coverage must be a number from 0 to 1, not 50"),
        ("all-hosts = 1\n", "bot.toml:1: all-hosts must be true or false, not 1"),
        ("select = 'link-gone'\n", "bot.toml:1: select must be a list of strings, as in [\"…\"], not 'link-gone'"),
        ("ignore = [1]\n", "bot.toml:1: ignore must be a list of strings"),
        ("exclude = ['(']\n", "bot.toml:1: exclude must be a list of regular expressions"),
        ("series-prefix = '['\n", "bot.toml:1: series-prefix must be a regular expression, not '['"),
        (
            'contact = "a\\nb"\n',
            "bot.toml:1: contact must be an address in ASCII, since it goes into a header, not 'a\\nb'",
        ),
        ("contact = ''\n", "bot.toml:1: contact must be an address in ASCII, since it goes into a header, not ''"),
        ("hosts = ['http://x.example']\n", "bot.toml:1: hosts must be a list of host names in lower case"),
        ("feeds = ['@a b']\n", "bot.toml:1: feeds must be a list of authors"),
        ("contact = 'https://exämple.org'\n", "bot.toml:1: contact must be an address in ASCII"),
        ("rate = = 1\n", "bot.toml:1: not valid TOML: "),
    ],
)
def test_a_wrong_setting_is_one_line_with_file_line_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UsageError) as error:
        read_settings(path)
    assert str(error.value).startswith(f"{tmp_path}/{message}")
    assert "\n" not in str(error.value)


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "bot.toml").write_bytes(b"rate = 1\n\xff\xfe")
    with pytest.raises(UsageError, match=r"bot\.toml:2: cannot be read as UTF-8 text; save the file as UTF-8$"):
        read_settings(tmp_path / "bot.toml")
    with pytest.raises(UsageError, match=r"none\.toml: no such file; name a settings file with --config$"):
        read_settings(tmp_path / "none.toml")


def test_tool_bot_must_be_a_table(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="must be a table"):
        read_settings(written(tmp_path, "[tool]\nbot = 1\n", "pyproject.toml"))


def test_the_nearest_settings_above_apply(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_settings(below) is None or tmp_path not in [*(find_settings(below) or Path()).parents]
    written(tmp_path, "[project]\nname = 'x'\n", "pyproject.toml")
    written(tmp_path / "a", "[tool.bot]\nrate = 3\n", "pyproject.toml")
    assert find_settings(below) == tmp_path / "a" / "pyproject.toml"
    written(tmp_path / "a", "rate = 4\n")
    assert find_settings(below) == tmp_path / "a" / "bot.toml"


def test_settings_outside_the_repository_do_not_apply(tmp_path: Path) -> None:
    written(tmp_path, "rate = 3\n")
    inside = tmp_path / "repository" / "docs"
    inside.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    assert find_settings(inside) is None


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_setting_has_a_valid_default_and_a_help_text(key: str) -> None:
    value = getattr(Settings(), KEYS[key].name)
    assert checked(key, value) == value
    assert KEYS[key].metadata["help"]
