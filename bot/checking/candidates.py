"""Where a dead page's article may live now: addresses worth requesting, best first. Sends no request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter
from urllib.parse import urlsplit

from bot.matching.names import same
from bot.medium.site import Site
from bot.model.articles import Address, Kind

_TAIL = re.compile(r"(?:\A|-)([0-9a-z]{7,14})/?\Z")
_NUMBER = re.compile(r"\A(?:papers?-explained-)?(?:review-)?(?:\d+[a-z]?-)?")
_MOST = 4


@dataclass(frozen=True, slots=True)
class Known:
    """An article that the catalog or a feed knows of; `source` says which. `title` may be unknown."""

    address: Address
    title: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address worth requesting, and why."""

    address: Address
    reason: str


def candidates(dead: Address, names: Iterable[str], known: Iterable[Known], site: Site) -> list[Candidate]:
    """Return addresses where a dead page's article may live: at most four, the likeliest first.

    The same id at another owner; an id one slip away; the same slug, or the title of one of `names`
    (the entries that link to it), under another id.
    """
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - 20 ms that only a dead page needs

    names = list(names)
    ranked: list[tuple[int, Candidate]] = []
    tail = _tail(dead)
    if dead.post_id is not None and dead.owner is not None:
        anywhere = site.read(f"https://medium.com/p/{dead.post_id}")
        if anywhere is not None:
            ranked.append((0, Candidate(anywhere, "the same id, whoever owns it now")))
    for each in known:
        address = each.address
        if address.kind is not Kind.ARTICLE or address.post_id is None or address.identity == dead.identity:
            continue
        if tail is not None and OSA.distance(tail, address.post_id, score_cutoff=1) == 1:
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
    """Return what is in the id's place, even if it has a wrong letter or one too many."""
    last = urlsplit(address.clean).path.rstrip("/").rpartition("/")[2]
    match = _TAIL.search(last)
    return match[1] if match else None


def _bare(slug: str) -> str:
    return _NUMBER.sub("", slug)
