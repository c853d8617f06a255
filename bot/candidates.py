"""Where a dead page's article may live now: addresses worth asking, best first. Pure; asks nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from urllib.parse import quote, urlsplit

from bot.medium.urls import Address, Kind, read_address
from bot.names import same
from bot.slips import is_one_slip

_TAIL = re.compile(r"(?:\A|-)([0-9a-z]{7,14})/?\Z")
_NUMBER = re.compile(r"\A(?:papers?-explained-)?(?:review-)?(?:\d+[a-z]?-)?")
_SNAPSHOT = re.compile(r"https?://web\.archive\.org/web/(\d{4,14})(?:[a-z]{2}_)?/(https?://\S+)\Z")
_MOST = 4


@dataclass(frozen=True, slots=True)
class Known:
    """An article that is known to someone: the catalog or a feed. `title` is None where it is not known."""

    address: Address
    title: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address worth asking, and why."""

    address: Address
    reason: str


@dataclass(frozen=True, slots=True)
class Revival:
    """A place where a dead page's article was seen: `title` is what was read there."""

    url: str
    title: str
    reason: str
    snapshot: bool = False


def candidates(dead: Address, names: Iterable[str], known: Iterable[Known]) -> list[Candidate]:
    """Return addresses that may be a dead page's article: at most four, the likeliest first.

    The same id at another owner; an id one slip away; the same slug, or the title of one of `names`
    (the entries that link to it), under another id.
    """
    names = list(names)
    ranked: list[tuple[int, Candidate]] = []
    tail = _tail(dead)
    if dead.post_id is not None and dead.owner is not None:
        anywhere = read_address(f"https://medium.com/p/{dead.post_id}")
        if anywhere is not None:
            ranked.append((0, Candidate(anywhere, "the same id, whoever owns it now")))
    for each in known:
        address = each.address
        if address.kind is not Kind.ARTICLE or address.post_id is None or address.identity == dead.identity:
            continue
        if tail is not None and is_one_slip(tail, address.post_id):
            ranked.append((1, Candidate(address, f"an id one letter away, in {each.source}")))
        elif dead.slug and address.slug and _bare(dead.slug) == _bare(address.slug) != "":
            ranked.append((2, Candidate(address, f"the same slug under another id, in {each.source}")))
        elif each.title is not None and any(same(name, each.title) for name in names):
            ranked.append((3, Candidate(address, f"an article of this name, in {each.source}")))
    best: dict[str, Candidate] = {}
    for _, candidate in sorted(ranked, key=itemgetter(0)):
        best.setdefault(candidate.address.identity, candidate)
    return list(best.values())[:_MOST]


def _tail(address: Address) -> str | None:
    """Return what stands where the id should: also one with a letter too many, or a wrong one."""
    last = urlsplit(address.clean).path.rstrip("/").rpartition("/")[2]
    match = _TAIL.search(last)
    return match[1] if match else None


def _bare(slug: str) -> str:
    return _NUMBER.sub("", slug)


def wayback_query(url: str) -> str:
    """Return the address that tells the newest snapshot of a page: https://archive.org/help/wayback_api.php."""
    return f"https://archive.org/wayback/available?url={quote(url, safe='')}"


def read_wayback(body: bytes) -> Iterator[str]:
    """Yield the newest snapshot's address of the Wayback Machine's answer, if there is a good one."""
    try:
        closest = json.loads(body)["archived_snapshots"]["closest"]
        url, status, available = closest["url"], closest["status"], closest["available"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    match = _SNAPSHOT.match(url) if isinstance(url, str) else None
    if match and available is True and str(status) == "200":
        yield f"https://web.archive.org/web/{match[1]}/{match[2]}"
