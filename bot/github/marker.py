"""The hidden marker at the start of a body: what the bot remembers there, and what people ticked below it.

GitHub is the only memory of what was proposed and declined. A marker holds nothing but the bot's own words and
hexadecimal digits, and is read as strictly: text from elsewhere cannot end it or pass for one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_KEPT_DECLINES = 800
_MARKER = re.compile(
    r"\s*<!-- bot:v1 (?P<kind>[a-z-]+)(?P<done> superseded)?(?: head=(?P<head>[0-9a-f]{40}))?"
    r"(?: items=(?P<items>[0-9a-f.,]+))?(?: declined=(?P<declined>[0-9a-f,]+))? -->"
)
_BOX = re.compile(r"[-*] \[(?P<box>[ xX])\] .*<!-- (?P<fingerprint>[0-9a-f]{16}) -->\s*\Z")
_CHANGING = re.compile(r"(?<=/blob/)[0-9a-f]{40}|#L\d+|head=[0-9a-f]{40}|(?m:^<!-- run -->.*$)")


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


def read_marker(body: str) -> Marker | None:
    """Return the marker at the start of a body; None if it has none."""
    found = _MARKER.match(body)
    if found is None:
        return None
    items = dict(each.partition(".")[::2] for each in (found["items"] or "").split(",") if each)
    declined = frozenset((found["declined"] or "").split(",")) - {""}
    return Marker(found["kind"], items, declined, found["head"] or "", found["done"] is not None)


def with_marker(body: str, marker: Marker) -> str:
    """Return a body with another marker in the place of its own."""
    return _MARKER.sub(lambda _: str(marker), body, count=1)


def boxes(body: str) -> dict[str, bool]:
    """Return the checkboxes of a body by fingerprint: whether each is ticked."""
    found = (_BOX.match(line) for line in body.splitlines())
    return {match["fingerprint"]: match["box"] != " " for match in found if match is not None}


def box(text: str, fingerprint: str, *, ticked: bool) -> str:
    """Return a list item with a checkbox, on one line."""
    return f"- [{'x' if ticked else ' '}] {text} <!-- {fingerprint} -->"


def blocks(body: str) -> dict[str, str]:
    """Return each list item with a checkbox by fingerprint, the lines below it included."""
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in body.splitlines():
        match = _BOX.match(line)
        if match is not None:
            current = found[match["fingerprint"]] = [line]
        elif current is not None and line.startswith("  "):
            current.append(line)
        else:
            current = None
    return {fingerprint: "\n".join(lines) for fingerprint, lines in found.items()}


def page_key(identity: str) -> str:
    """Return a short name of a page; empty for none."""
    return hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()[:8] if identity else ""


def keys(identities: Iterable[str]) -> frozenset[str]:
    """Return the short names of pages."""
    return frozenset(map(page_key, identities))


def normalised(body: str) -> str:
    """Return a body without what changes though nothing has: commits, lines, the run, line endings."""
    return _CHANGING.sub("", body.replace("\r\n", "\n")).strip()
