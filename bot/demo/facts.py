"""Facts of articles: recorded ones that come with the package, and made-up ones that fit a catalog."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from bot.markdown.catalog import Catalog
from bot.medium.site import MEDIUM, Site
from bot.model.articles import Address, Kind
from bot.rules.evidence import Usage, gather


@dataclass(frozen=True, slots=True)
class Facts:
    """What an article says: headings as (id, element, text), papers as (arXiv id, section, text).

    The facts were recorded in May 2026, which is therefore the latest change of an article.
    """

    post_id: str
    title: str
    published: str
    address: str
    headings: tuple[tuple[str, str, str], ...]
    papers: tuple[tuple[str, str, str], ...] = ()
    modified: str = "2026-05-04T00:00:00.000Z"


@lru_cache(maxsize=1)
def recorded() -> Mapping[str, Facts]:
    """Return the recorded facts of real articles by post id (titles, dates, ids and links; no text)."""
    lines = files("bot.demo").joinpath("articles.jsonl").read_text("utf-8").splitlines()
    found = {}
    for line in lines:
        data = json.loads(line)
        found[data["id"]] = Facts(
            post_id=data["id"],
            title=data["title"],
            published=data["published"],
            address=data["canonical"],
            headings=tuple((id_, element, text) for id_, element, text in data["headings"]),
            papers=tuple((id_, section, text) for id_, section, text in data["papers"]),
        )
    return found


def fitting(catalog: Catalog, site: Site = MEDIUM) -> tuple[dict[str, Facts], dict[str, Address]]:
    """Return facts for every article of a catalog by post id, and the other Medium pages by identity.

    Recorded facts are used as they are; made-up ones agree with the catalog: the title is the entry's
    name, and every fragment in use is a heading with its entry's name.
    """
    facts: dict[str, Facts] = {}
    others: dict[str, Address] = {}
    by_post: dict[str, list[Usage]] = {}
    evidence = gather(catalog, site=site)
    for usage in evidence.usages:
        if usage.address.kind is Kind.ARTICLE and usage.address.post_id:
            by_post.setdefault(usage.address.post_id, []).append(usage)
        else:
            others.setdefault(usage.address.identity, usage.address)
    for post_id, usages in by_post.items():
        known = recorded().get(post_id)
        facts[post_id] = known or _made_up(post_id, usages, evidence.site.usual(usages[0].address))
    return facts, others


def _made_up(post_id: str, usages: Iterable[Usage], address: Address) -> Facts:
    usages = list(usages)
    bare = next((usage.name for usage in usages if not usage.address.fragment and usage.name), None)
    words = (address.slug or f"article-{post_id}").replace("papers-explained-", "").split("-")
    title = bare or " ".join(word for word in words if not word.isdigit()).title()
    headings = [("0a0a", "h3", f"Papers Explained: {title}")]
    for usage in usages:
        fragment = usage.address.fragment
        if fragment and fragment not in {id_ for id_, _, _ in headings}:
            headings.append((fragment, "h3", usage.name))
    headings.append(("0b0b", "h3", "Paper"))
    url = address.page if address.slug else address.page.replace(post_id, f"papers-explained-{_slug(title)}-{post_id}")
    return Facts(post_id, f"Papers Explained: {title}", "2025-04-01T04:00:00.000Z", url, tuple(headings))


def _slug(title: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())
