"""Which paper an entry is about, by the links of its own section of the article."""

from __future__ import annotations

import re

from bot.matching.mentions import Names
from bot.matching.names import agree
from bot.model.articles import Anchor, Article, Paper
from bot.rules.evidence import Usage

_PAPER_HEADING = re.compile(r"(?:papers?|references?|paper links?|links?)\W*\Z", re.IGNORECASE)


def own_papers(usage: Usage, article: Article, names: Names, prefix: str) -> list[Paper]:
    """Return the papers that the entry's own section links, each once.

    The section is the one at its `#fragment`, unless its heading is another entry's name: then the
    fragment is wrong, and the section is not the entry's. An entry without a fragment owns the page's
    last section called «Paper», «Papers» or «References», as the series writes them.
    """
    if usage.address.fragment:
        anchor = article.anchor(usage.address.fragment)
        heading = article.heading_over(anchor) if anchor is not None else None
        if heading is not None and not agree(usage.name, heading.text, prefix) and names.has(heading.text):
            return []
    else:
        named = [each for each in article.headings() if _PAPER_HEADING.match(each.text)]
        heading = named[-1] if named else None
    return _unique(article, heading) if heading is not None else []


def _unique(article: Article, heading: Anchor) -> list[Paper]:
    inside = {anchor.id for anchor in article.anchors[heading.start : heading.stop] if anchor.level is not None}
    found: dict[str, Paper] = {}
    for paper in article.papers:
        if paper.anchor in inside:
            found.setdefault(paper.id, paper)
    return list(found.values())


def papers_title(paper: Paper) -> str:
    """Return the words beside a paper's link; empty if they are the id alone."""
    return "" if re.fullmatch(r"(?:arxiv:?\s*)?[\d.v/a-z-]*\d", paper.text.strip(), re.IGNORECASE) else paper.text


def fits_another(paper: Paper, usage: Usage, names: Names, prefix: str) -> str | None:
    """Return another entry's name that the paper's title contains, where it does not contain this one's."""
    title = papers_title(paper)
    if not title or agree(usage.name, title, prefix):
        return None
    others = {name for name in names.within(title) if not agree(name, usage.name, prefix)}
    return min(others) if others else None
