"""What an article's page says of its title and dates, each place cross-checked against the others."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.medium.head import Head, decoded, line, strings

_SUFFIX = re.compile(r"\s[|–—-]\s")


def read_title(head: Head, heading: str) -> tuple[str, str]:
    """Return the title and the place it was read from, each place cross-checked against the others.

    `og:title` is clean where the page's script wrote it (`data-rh`, since 2019). Before, and in the
    other places, the author's or publication's name follows; it is cut where another place confirms.
    """
    shown = head.metas.get("og:title", "")
    headline = line(head.data["headline"]) if isinstance(head.data.get("headline"), str) else ""
    if shown and "og:title" in head.hydrated:
        return shown, "og:title"
    for text, source in ((shown, "og:title"), (headline, "json-ld"), (head.title, "title")):
        if not text:
            continue
        for shorter, other in ((headline, "json-ld"), (heading, "heading")):
            if shorter and _cut_is_suffix(text, shorter):
                return shorter, other
        return _without_names(text, head), source
    return (heading, "heading") if heading else ("", "")


def _cut_is_suffix(text: str, shorter: str) -> bool:
    rest = text[len(shorter) :]
    return text.startswith(shorter) and bool(_SUFFIX.match(rest))


def _without_names(text: str, head: Head) -> str:
    """Cut ` | by Author | Publication | Medium` and its older forms, known names and nothing else."""
    names = {"Medium", *_names(head.data.get("author")), *_names(head.data.get("publisher"))}
    if head.metas.get("author"):
        names.add(head.metas["author"])
    cut = re.split(r"\s\|\sby\s", text, maxsplit=1)[0]
    while True:
        shorter = next(
            (
                cut[: -len(name)]
                for name in names
                if cut.endswith(name) and re.search(r"\s[|–—-]\s\Z", cut[: -len(name)])
            ),
            None,
        )
        if shorter is None:
            return cut
        cut = re.sub(r"\s[|–—-]\s\Z", "", shorter)


def _names(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [name for each in values if isinstance(each, dict) for name in strings(each.get("name")) if name]


def read_published(body: bytes, head: Head, post_id: str) -> tuple[datetime | None, str | None]:
    """Return the first publication and the place it was read from; None rather than a guess."""
    stamp = _moment(head.data.get("datePublished"))
    if stamp is not None:
        return stamp, "json-ld"
    stamp = _first_published_at(body, post_id)
    if stamp is not None:
        return stamp, "state"
    # Since 2019 this tag holds the latest publication, and is written by the page's script.
    if "article:published_time" not in head.hydrated:
        stamp = _moment(head.metas.get("article:published_time"))
        if stamp is not None:
            return stamp, "article:published_time"
    return None, None


def read_modified(head: Head) -> datetime | None:
    """Return the last change that the page names."""
    stamps = [_moment(head.data.get("dateModified")), _moment(head.metas.get("article:published_time"))]
    return max((stamp for stamp in stamps if stamp is not None), default=None)


def _first_published_at(body: bytes, post_id: str) -> datetime | None:
    """Read `firstPublishedAt` (ms since 1970, UTC) of this very post from the page's state."""
    marks = (rf'"Post:{post_id}"\s*:\s*(?=\{{)', rf'"value"\s*:\s*(?=\{{\s*"id"\s*:\s*"{post_id}")')
    for mark in marks:
        found = re.search(mark.encode(), body)
        state = decoded(body[found.end() :].decode("utf-8", "replace")) if found else None
        stamp = state.get("firstPublishedAt") if isinstance(state, dict) else None
        if isinstance(stamp, int) and 0 < stamp < 4_102_444_800_000:
            return datetime.fromtimestamp(stamp / 1000, UTC)
    return None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        stamp = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    except OverflowError:
        return None
