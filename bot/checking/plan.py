"""Which pages to request: one address for each page, however many links it has. Sends no request."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bot.config import Settings
from bot.markdown.catalog import Catalog
from bot.medium.site import Site, is_http
from bot.model.articles import Address
from bot.model.pages import Page, Skipped, Target
from bot.rules.evidence import Evidence, Usage


@dataclass(frozen=True, slots=True)
class Plan:
    """What to request, and the pages `skipped`, with the reason; `order` names all pages in document order."""

    targets: tuple[Target, ...]
    skipped: dict[str, Page]
    order: tuple[str, ...]


def plan(catalog: Catalog, evidence: Evidence, settings: Settings, lines: Collection[int] | None) -> Plan:
    """Choose an address for each page, the first one with a slug, or a reason to skip it.

    With `lines`, only pages that are linked on those lines are requested.
    """
    excluded = [re.compile(pattern) for pattern in settings.exclude]
    chosen: dict[str, Usage] = {}
    reasons: dict[str, str | None] = {}
    for usage in evidence.links:
        identity = usage.address.identity
        if not identity:
            continue
        reason = _left_out(usage, settings, excluded)
        if reason is None and lines is not None and catalog.line_number(usage.link.span.start) not in lines:
            reason = "on lines that have not changed"
        known = chosen.setdefault(identity, usage)
        reasons[identity] = reason if known is usage or reason is None else reasons[identity]
        if known.address.slug is None and usage.address.slug is not None:
            chosen[identity] = usage
    targets = []
    skipped = {}
    for identity, usage in chosen.items():
        target = on_medium(usage.address, evidence.site) if usage.address.host else Target(identity, identity, None)
        reason = reasons[identity]
        if reason is None:
            targets.append(target)
        else:
            skipped[identity] = Page(identity, target.url, target.address, Skipped(reason))
    return Plan(tuple(targets), skipped, tuple(chosen))


def on_medium(address: Address, site: Site) -> Target:
    """Ask for a page of Medium in the usual form of its address, without fragment or tracking."""
    url = site.usual(address).page
    return Target(address.identity, url, site.read(url))


def _left_out(usage: Usage, settings: Settings, excluded: list[re.Pattern[str]]) -> str | None:
    url = usage.link.url
    if not is_http(url):
        return "not a web address"
    if not usage.address.host and not settings.all_hosts:
        return "not on Medium (--all-hosts checks them too)"
    if any(pattern.search(url) for pattern in excluded):
        return "excluded by the settings"
    return None
