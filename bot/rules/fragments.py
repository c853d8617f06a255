"""What the three fragment rules share: which links they judge, and how headings are compared."""

from __future__ import annotations

from collections.abc import Iterator

from bot.matching.names import agree, same
from bot.medium.quirks import SCRIPTED_FRAGMENTS, SCRIPTED_PREFIXES
from bot.model.articles import Anchor, Article, Kind
from bot.rules.evidence import Evidence, Usage


def fragment_usages(evidence: Evidence) -> Iterator[tuple[Usage, Article, str]]:
    """Yield the links with a fragment to an article that was seen whole; scripted fragments left out."""
    for usage in evidence.usages:
        article, fragment = usage.whole_article, usage.address.fragment
        if article is None or not fragment or usage.address.kind is not Kind.ARTICLE:
            continue
        fragment = fragment.partition(":~:")[0]  # what follows is for the browser: a text to scroll to
        if fragment and fragment not in SCRIPTED_FRAGMENTS and not fragment.startswith(SCRIPTED_PREFIXES):
            yield usage, article, fragment


def equal_headings(article: Article, name: str, prefix: str) -> list[Anchor]:
    """Return the headings below the title that are the name, but for spelling."""
    return [heading for heading in article.headings() if same(name, heading.text, prefix)]


def agreeing_headings(article: Article, name: str, prefix: str) -> list[Anchor]:
    """Return the headings below the title that are the name, contain it, or are contained in it."""
    return [heading for heading in article.headings() if agree(name, heading.text, prefix)]
