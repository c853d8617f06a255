"""The hidden marker at the start of a body, and the rows with checkboxes below it: written here, and read again.

GitHub is the only place that keeps what was proposed and declined. A marker has only the bot's own words and
hexadecimal digits, and is read just as strictly: foreign text cannot end one or pass for one.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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
    """What a body lists: `items` maps each fingerprint to the key of its page.

    `declined` are the fingerprints that people do not want, `head` is the commit that the bot last pushed to the
    branch, and `superseded` means that the bot closed the thread itself, which declines nothing.
    """

    kind: str
    items: Mapping[str, str] = field(default_factory=dict)
    declined: frozenset[str] = frozenset()
    head: str = ""
    superseded: bool = False

    def __str__(self) -> str:
        items = ",".join(f"{fingerprint}.{key}" for fingerprint, key in self.items.items())
        declined = ",".join(sorted(self.declined)[:_KEPT_DECLINES])
        values = {"head": self.head, "items": items, "declined": declined}
        parts = ["bot:v1", self.kind, *(["superseded"] if self.superseded else [])]
        return f"<!-- {' '.join(parts + [f'{name}={value}' for name, value in values.items() if value])} -->"


def read_marker(body: str, *, below: bool = False) -> Marker | None:
    """Return the marker at the start of a body, or with `below` the first at the start of a line; None without one."""
    found = _MARKER.search(body) if below else _MARKER.match(body.lstrip())
    if found is None:
        return None
    items = dict(_ITEM.findall(found["items"] or ""))
    declined = frozenset((found["declined"] or "").split(",")) - {""}
    return Marker(found["kind"], items, declined, found["head"] or "", found["done"] is not None)


def with_marker(body: str, marker: Marker) -> str:
    """Return a body with its marker replaced, or added if it has none."""
    written, made = _MARKER.subn(lambda _: str(marker), body, count=1)
    return written if made else f"{marker}\n\n{body}"


@dataclass(frozen=True, slots=True)
class Row:
    """A change or a finding as a list item with a checkbox: the heading above it, its first line and those below.

    `bare` is the first line without its links. `page` is the key of the page that must be seen to confirm the row.
    """

    fingerprint: str
    heading: str
    line: str
    below: tuple[str, ...] = ()
    ticked: bool = False
    bare: str = ""
    page: str = ""

    def full(self) -> str:
        """Return the row with its evidence."""
        return "\n".join([self.brief(), *(f"  {each}" for each in self.below)])

    def brief(self) -> str:
        """Return the row's first line."""
        return f"- [{'x' if self.ticked else ' '}] {self.line} <!-- {self.fingerprint} -->"

    def terse(self) -> str:
        """Return the row's first line without links."""
        return replace(self, line=self.bare or self.line).brief()


def rows_in(body: str) -> dict[str, Row]:
    """Return a body's rows by fingerprint."""
    found: dict[str, Row] = {}
    current: Row | None = None
    heading = ""
    for line in body.splitlines():
        if match := _BOX.match(line):
            current = Row(match["fingerprint"], heading, match["text"], ticked=match["box"] != " ")
        elif current is not None and line.startswith("  "):
            current = replace(current, below=(*current.below, line[2:]))
        else:
            current = None
            heading = above["words"] if (above := _HEADING.match(line)) else heading
        if current is not None:
            found[current.fingerprint] = current
    return found


def boxes(body: str) -> dict[str, bool]:
    """Return a body's checkboxes by fingerprint: True for those that are ticked."""
    return {fingerprint: row.ticked for fingerprint, row in rows_in(body).items()}


def of_this_run(words: str) -> str:
    """Return a line that `normalised` ignores, so that it never causes an update by itself.

    Its mark comes last, since in Markdown a line that starts with a comment is all HTML, and its links do not work.
    """
    return f"{words} {_RUN}"


def name_of(*words: str) -> str:
    """Return the fingerprint of a row that is not about a finding."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "replace")).hexdigest()[:16]


def page_key(identity: str) -> str:
    """Return the key of a page, by its identity; an empty one has none."""
    return name_of(identity)[:8] if identity else ""


def normalised(body: str) -> str:
    """Return a body without what changes by itself: commits, line numbers, the run, line endings."""
    return _CHANGING.sub("", body.replace("\r\n", "\n")).strip()
