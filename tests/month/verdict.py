"""What the bot said compared with what was true: each promise with its figure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.medium.site import MEDIUM
from bot.publish.marker import read_marker
from month.nights import SETTINGS, Month, Night
from month.story import RUNS, Absence

_SEEN = ("Alive", "Moved", "Gone")
_MOST_NIGHTS = 4  # between two verifications of a page that nothing hides, on nights that are too short


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise, whether it held, and the figure."""

    words: str
    held: bool
    figure: str


def judged(month: Month) -> list[Promise]:
    """Return each promise of the month with its figure."""
    reported, early = _reported(month)
    false = _false(month)
    drifts = _proposals(month)
    ages = _ages(month)
    titles = [issue.title for issue in month.hub.issues.values()]
    again = len(titles) - len(set(titles))
    return [
        Promise(
            "every true death that was seen on three nights is reported on the third",
            not early and all(reported.values()),
            f"{sum(reported.values())} of {len(reported)}",
        ),
        Promise("living articles called dead", not false, str(len(false))),
        Promise(
            "every move and new title is proposed in one pull request",
            all(count == 1 for count in drifts.values()),
            f"{sum(count == 1 for count in drifts.values())} of {len(drifts)}",
        ),
        Promise("kinds of which two pull requests or issues were open at once", not month.twice, str(len(month.twice))),
        Promise("issues that were filed a second time", again == 0, str(again)),
        Promise(
            f"no page that Medium shows goes unverified for more than {_MOST_NIGHTS} nights, blocked ones not counted",
            max(ages) <= _MOST_NIGHTS,
            f"{max(ages)} at most",
        ),
    ]


def _pages(night: Night) -> dict[str, Mapping[str, Any]]:
    """Return a night's pages of articles by post id."""
    return {page["post_id"]: page for page in night.report["pages"] if page["kind"] == "article" and page["post_id"]}


def _called_dead(night: Night) -> set[str]:
    """Return the articles that a night's report calls gone, and confirmed."""
    found = set()
    for finding in night.report["findings"]:
        address = MEDIUM.read(finding["url"])
        if finding["rule"] == "link-gone" and finding["severity"] == "error" and address and address.post_id:
            found.add(address.post_id)
    return found


def _reported(month: Month) -> tuple[dict[str, bool], list[str]]:
    """Return whether each death was reported on the third night that saw it, and the articles reported too early.

    A night counts if the page was seen dead and not held back, one date once; a lost history starts over.
    """
    reported: dict[str, bool] = {}
    early: list[str] = []
    for absence in month.story.absences:
        seen: set[int] = set()
        known = False
        for night in month.nights:
            if night.number == month.story.state_lost:
                seen.clear()
            page = _pages(night).get(absence.post_id)
            if page is None or page["outcome"] not in _SEEN:
                continue
            if page["outcome"] != "Gone":
                seen.clear()
                known = False
            elif page["url"] not in night.report["run"]["held_back"]:
                seen.add(night.number)
            dead = absence.post_id in _called_dead(night)
            if dead and len(seen) < 3 and not known:
                early.append(absence.post_id)
            if len(seen) >= 3:
                reported[_name(absence)] = reported.get(_name(absence), True) and dead
                known = True
            if night.number == month.story.state_lost:
                known = False
    return reported, early


def _name(absence: Absence) -> str:
    return f"{absence.post_id}@{absence.start}"


def _false(month: Month) -> list[tuple[int, str]]:
    """Return the articles that were called gone while they lived."""
    return [
        (night.number, post_id)
        for night in month.nights
        for post_id in sorted(_called_dead(night) - month.story.gone(night.number))
    ]


def _proposals(month: Month) -> dict[str, int]:
    """Return for each move and new title how many pull requests proposed it; one that people declined counts too."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for night in month.nights:
        for finding in night.report["findings"]:
            address = MEDIUM.read(finding["url"])
            post_id = address.post_id if address is not None else None
            if post_id in month.story.moved and finding["rule"] == "link-moved":
                wanted[f"moved {post_id}"].add(finding["fingerprint"])
            if post_id in month.story.renamed and finding["rule"] == "title-drift":
                wanted[f"renamed {post_id}"].add(finding["fingerprint"])
    counts = {f"moved {post_id}": 0 for post_id in month.story.moved}
    counts |= {f"renamed {post_id}": 0 for post_id in month.story.renamed}
    for pull in month.hub.pulls.values():
        marker = read_marker(pull.body)
        held = set(marker.items) if marker is not None else set()
        for name in counts:
            counts[name] += bool(wanted[name] & held)
    return counts


def _ages(month: Month) -> list[int]:
    """Return for each page the most nights between two verifications, those on which it was blocked not counted."""
    waited: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for night in month.nights:
        for page in night.report["pages"]:
            url = page["url"]
            if page["outcome"] in _SEEN:
                waited[url] = 0
            elif page["outcome"] == "Skipped" and page["reason"] and "time limit" in page["reason"]:
                waited[url] += 1
                most[url] = max(most[url], waited[url])
    return list(most.values()) or [0]


def table(month: Month, promises: Sequence[Promise]) -> Iterator[str]:
    """Yield the month as a table, then the promises."""
    pages = len(month.nights[0].report["pages"])
    yield f"{RUNS} nights, {pages} pages; the clock runs {SETTINGS.rate:.0f} times as fast"
    yield ""
    yield "night requests refused verified dead held calls writes  what happened"
    for night in month.nights:
        run = night.report["run"]
        share = f"{run['coverage']['verified'] / run['coverage']['total']:.0%}"
        dead, held = len(_called_dead(night)), len(run["held_back"])
        yield (
            f"{night.number:>5} {night.requests:>8} {night.refused:>7} {share:>8} {dead:>4} {held:>4} "
            f"{night.published:>5} {night.writes:>6}  {'; '.join(_events(month, night))}"
        ).rstrip()
    yield ""
    for promise in promises:
        yield f"{'ok ' if promise.held else 'NOT'} {promise.words}: {promise.figure}"


def _events(month: Month, night: Night) -> Iterator[str]:
    story, number = month.story, night.number
    starts = sum(each.start == number for each in story.absences)
    stops = sum(each.stop == number for each in story.absences)
    moved = sum(since == number for since in story.moved.values())
    renamed = sum(since == number for since in story.renamed.values())
    for count, one, several in (
        (starts, "dies", "die"),
        (stops, "comes back", "come back"),
        (moved, "moves", "move"),
        (renamed, "gets a new title", "get new titles"),
    ):
        if count:
            yield f"{count} {one if count == 1 else several}"
    for nights, words in (
        (story.blocked, "everything is blocked"),
        (story.partly_blocked, "a third is blocked"),
        (story.incident, "a quarter answers 404"),
        (story.short, "too little time"),
    ):
        if number in nights:
            yield words
    if number == story.slower_from:
        yield "the rate limit halves"
    if number == story.state_lost:
        yield "the history is lost"
    if number == story.overlap:
        yield "two runs overlap"
    if number in story.merges:
        yield "people merge"
