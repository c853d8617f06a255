"""A date lies in the future, or after the article's last change.

Why: an article cannot explain a paper that came later. The bound is the last change that the page names; where
it names none, only the future counts, for articles are changed long after they were first published.

Page https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615 shows "BERT" changed 2023-02-06

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2028 |
    | [GPT](https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226) | June 2018 |
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.markdown.catalog import Catalog
from bot.matching.dates import Month
from bot.model.findings import Fact, Finding, Severity
from bot.rules.calendar import dated_lists
from bot.rules.evidence import Evidence, Usage
from bot.rules.rule import Reads, Rule
from bot.rules.writing import entry_finding


def check(catalog: Catalog, evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for each date that no paper of this article can have."""
    by_entry = evidence.by_entry()
    for table in dated_lists(catalog):
        for dated in table:
            usage = by_entry.get(dated.entry.span)
            if usage is None or dated.month is None:
                continue
            bound = _bound(usage)
            if bound is None or dated.month <= month_of(bound[0]):
                continue
            moment, what, source = bound
            facts = (Fact(what, moment.date().isoformat(), source),)
            message = f"{dated.month} is after {what} ({month_of(moment)})"
            where = (dated.section, dated.entry)
            yield entry_finding(
                "date-impossible", Severity.WARNING, where, message, evidence.site, facts, span=dated.span
            )


def _bound(usage: Usage) -> tuple[datetime, str, str] | None:
    """Return the latest moment that a paper of this article can have, what it is and where it was read."""
    article, page = usage.article, usage.page
    if article is None or page is None:
        return None
    if article.modified is not None:
        return article.modified, "the article's last change", f"post {article.post_id}"
    return (page.checked_at, "today", "the clock") if page.checked_at is not None else None


def month_of(moment: datetime) -> Month:
    """Return the month of a moment, in UTC."""
    return Month(moment.year, moment.month)


RULE = Rule("date-impossible", Severity.WARNING, Reads.ARTICLE, check, __doc__)
