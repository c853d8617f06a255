"""Which pages to request: one address for each page, however many links it has. Sends no request."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.config import Settings
from bot.markdown.catalog import Catalog
from bot.medium.site import Site
from bot.medium.urls import is_http
from bot.model.articles import Address
from bot.model.pages import Page, Skipped, Target
from bot.rules.evidence import Evidence, Usage


def plan(
    catalog: Catalog, evidence: Evidence, settings: Settings, lines: Collection[int] | None
) -> dict[str, Target | Page]:
    """Return what to request for each page, by identity in document order: its first address with a slug.

    With `lines`, only pages that are linked on those lines are requested. Of the others, return the page as skipped.
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
    planned: dict[str, Target | Page] = {}
    for identity, usage in chosen.items():
        target = on_medium(usage.address, evidence.site) if usage.address.host else Target(identity, identity, None)
        reason = reasons[identity]
        planned[identity] = target if reason is None else Page(identity, target.url, target.address, Skipped(reason))
    return planned


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
