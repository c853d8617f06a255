"""The dates of entries, and the papers that date them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.markdown.catalog import Entry, Section
from bot.matching.dates import Month, read_month, repair_month
from bot.matching.names import Names, agree
from bot.model.articles import Article, Paper
from bot.model.spans import Span
from bot.rules.evidence import Evidence, Usage

_PAPER_HEADING = re.compile(r"(?:papers?|references?|paper links?|links?)\W*\Z", re.IGNORECASE)
_ID_ALONE = re.compile(r"(?:arxiv:?\s*)?[\d.v/a-z-]*\d", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry with a date, and its first link to an article.

    `month` is what it says, typing errors corrected; None if it cannot be read.
    """

    section: Section
    entry: Entry
    span: Span
    text: str
    exact: bool
    month: Month | None
    usage: Usage | None


def dated_lists(evidence: Evidence) -> Iterator[list[Dated]]:
    """Yield the dated entries of each table that writes its dates as `Month YYYY`, in document order.

    A table where half or more of the dates are written differently (`2022-03-01`, a year) follows its own convention
    and is left alone.
    """
    by_entry = evidence.by_entry()
    for section in evidence.catalog.sections:
        tables: dict[int, list[Dated]] = {}
        for entry in section.entries:
            if entry.date is not None:
                text = evidence.catalog.raw(entry.date).decode("utf-8", "replace")
                exact = read_month(text)
                month, usage = exact or repair_month(text), by_entry.get(entry.span)
                dated = Dated(section, entry, entry.date, text, exact is not None, month, usage)
                tables.setdefault(entry.block, []).append(dated)
        for table in tables.values():
            if sum(dated.exact for dated in table) * 2 > len(table):
                yield table


def month_of(moment: datetime) -> Month:
    """Return the month of a moment, in UTC."""
    return Month(moment.year, moment.month)


def own_papers(usage: Usage, article: Article, names: Names, prefix: str) -> list[Paper]:
    """Return the papers linked in the entry's own section of the article, each once.

    The section is the one at its `#fragment`, unless its heading is another entry's name: then the
    fragment is wrong, and the section is not the entry's. An entry without a fragment owns the page's
    last section called "Paper", "Papers" or "References", as the series writes them.
    """
    if usage.address.fragment:
        heading = article.heading_over(usage.address.fragment)
        if heading is not None and not agree(usage.name, heading.text, prefix) and names.has(heading.text):
            return []
    else:
        named = [each for each in article.headings_below_title() if _PAPER_HEADING.match(each.text)]
        heading = named[-1] if named else None
    inside = {each.id for each in article.section(heading)} if heading is not None else set()
    found: dict[str, Paper] = {}
    for paper in article.papers:
        if paper.anchor in inside:
            found.setdefault(paper.id, paper)
    return list(found.values())


def papers_title(paper: Paper) -> str:
    """Return the words beside a paper's link; empty if they are the id alone."""
    return "" if _ID_ALONE.fullmatch(paper.text.strip()) else paper.text


def fits_another(paper: Paper, usage: Usage, names: Names, prefix: str) -> bool:
    """Return True if the paper's title contains another entry's name, and not this one's."""
    title = papers_title(paper)
    if not title or agree(usage.name, title, prefix):
        return False
    return any(not agree(name, usage.name, prefix) for name in names.within(title))
