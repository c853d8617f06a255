"""The hidden marker at the start of a body: what the bot remembers there, and what people ticked below it.

Only GitHub keeps what was proposed and declined. A marker holds nothing but the bot's own words and
hexadecimal digits, and is read as strictly: text from elsewhere cannot end it or pass for one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_KEPT_DECLINES = 800
_MARKER = re.compile(
    r"(?m:^)<!-- bot:v1 (?P<kind>[a-z-]+)(?P<done> superseded)?(?: head=(?P<head>[0-9a-f]{40}))?"
    r"(?: items=(?P<items>[0-9a-f.,]+))?(?: declined=(?P<declined>[0-9a-f,]+))? -->"
)
_ITEM = re.compile(r"([0-9a-f]{16})\.([0-9a-f]{8})?(?![0-9a-f])")
_BOX = re.compile(r"[-*] \[(?P<box>[ xX])\] (?P<text>.*?) *<!-- (?P<fingerprint>[0-9a-f]{16}) -->\s*\Z")
_HEADING = re.compile(r"#### (?P<words>.+?)(?: \(\d+\))?\Z")
_RUN = "<!-- run -->"
_CHANGING = re.compile(rf"(?<=/blob/)[0-9a-f]{{40}}|#L\d+|head=[0-9a-f]{{40}}|(?m:^.*{_RUN}$)")


@dataclass(frozen=True, slots=True)
class Marker:
    """What a body is about: `items` by fingerprint, with the key of the page that each is about.

    `declined` are fingerprints that people do not want; `head` is the commit that the bot last put on the
    branch; `superseded`: the bot itself closed it, so that closing declines nothing.
    """

    kind: str
    items: Mapping[str, str] = field(default_factory=dict)
    declined: frozenset[str] = frozenset()
    head: str = ""
    superseded: bool = False

    def __str__(self) -> str:
        items = ",".join(f"{fingerprint}.{key}" for fingerprint, key in self.items.items())
        declined = ",".join(sorted(self.declined)[:_KEPT_DECLINES])
        words = ["bot:v1", self.kind, "superseded" if self.superseded else ""]
        words += [f"{name}={value}" if value else "" for name, value in (("head", self.head), ("items", items))]
        words += [f"declined={declined}" if declined else ""]
        return f"<!-- {' '.join(filter(None, words))} -->"


def read_marker(body: str, *, below: bool = False) -> Marker | None:
    """Return the marker at the start of a body, with `below` the first that starts a line; None if it has none."""
    found = _MARKER.search(body) if below else _MARKER.match(body.lstrip())
    if found is None:
        return None
    items = dict(_ITEM.findall(found["items"] or ""))
    declined = frozenset((found["declined"] or "").split(",")) - {""}
    return Marker(found["kind"], items, declined, found["head"] or "", found["done"] is not None)


def with_marker(body: str, marker: Marker) -> str:
    """Return a body with another marker in the place of its own."""
    written, made = _MARKER.subn(lambda _: str(marker), body, count=1)
    return written if made else f"{marker}\n\n{body}"


def boxes(body: str) -> dict[str, bool]:
    """Return the checkboxes of a body by fingerprint: whether each is ticked."""
    found = (_BOX.match(line) for line in body.splitlines())
    return {match["fingerprint"]: match["box"] != " " for match in found if match is not None}


def box(text: str, fingerprint: str, *, ticked: bool) -> str:
    """Return a list item with a checkbox, on one line."""
    return f"- [{'x' if ticked else ' '}] {text} <!-- {fingerprint} -->"


def blocks(body: str) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Return each list item with a checkbox by fingerprint: the heading above it, its text, and the lines below it."""
    found: dict[str, tuple[str, str, list[str]]] = {}
    current: list[str] | None = None
    heading = ""
    for line in body.splitlines():
        match = _BOX.match(line)
        if match is not None:
            current = []
            found[match["fingerprint"]] = (heading, match["text"], current)
        elif current is not None and line.startswith("  "):
            current.append(line[2:])
        else:
            current = None
            above = _HEADING.match(line)
            heading = above["words"] if above is not None else heading
    return {fingerprint: (words, text, tuple(below)) for fingerprint, (words, text, below) in found.items()}


def under_heading(heading: str, count: int, listed: str) -> str:
    """Return a list of so many items under its heading, if it has one."""
    return f"#### {heading} ({count})\n\n{listed}" if heading else listed


def of_this_run(words: str) -> str:
    """Return words, on one line, that alone are no reason to write a body anew.

    The mark follows them: a line that begins with a comment is HTML as a whole, and no link in it works.
    """
    return f"{words} {_RUN}"


def name_of(*words: str) -> str:
    """Return a fingerprint of what is no finding."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()[:16]


def page_key(identity: str) -> str:
    """Return a short name of a page; empty for none."""
    return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:8] if identity else ""


def keys(identities: Iterable[str]) -> frozenset[str]:
    """Return the short names of pages."""
    return frozenset(map(page_key, identities))


def normalised(body: str) -> str:
    """Return a body without what changes though nothing has: commits, lines, the run, line endings."""
    return _CHANGING.sub("", body.replace("\r\n", "\n")).strip()
