"""Where requests really go: `--remap 'PATTERN REPLACEMENT'`, for stand-ins, mirrors and proxies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import ConfigError

_GROUP = re.compile(r"\$(?:(\d+)|\{(\w+)\}|(\$))")


@dataclass(frozen=True, slots=True)
class Remap:
    """A regular expression, found anywhere in an address, and what the whole match becomes."""

    pattern: re.Pattern[str]
    replacement: str


def read_remap(text: str) -> Remap:
    """Read `PATTERN REPLACEMENT`, with `$1` or `${name}` for groups; raise `ConfigError` otherwise."""
    pattern, _, replacement = text.strip().partition(" ")
    if not replacement.strip():
        raise ConfigError(f"remap {text!r}: give a pattern and a replacement, with a blank between them")
    try:
        compiled = re.compile(pattern)
        template = _GROUP.sub(_reference, replacement.strip().replace("\\", r"\\"))
        re.compile(rf"(?:{pattern})|").sub(template, "")  # an empty match makes every group reference be looked up
    except (re.error, IndexError) as error:
        raise ConfigError(f"remap {text!r}: {error}") from error
    return Remap(compiled, template)


def _reference(match: re.Match[str]) -> str:
    return "$" if match[3] else rf"\g<{match[1] or match[2]}>"


def remapped(url: str, remaps: Sequence[Remap]) -> str | None:
    """Return where a request for `url` goes by the first pattern found in it; None if there is none."""
    for remap in remaps:
        if remap.pattern.search(url):
            return remap.pattern.sub(remap.replacement, url, count=1)
    return None
