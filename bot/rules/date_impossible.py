"""A date is in the future, or after the article's last change.

Why: an article cannot explain a paper that came later. The limit is the last change stated on the page; where
the page does not state it, only the future counts, because articles are changed long after they were first published.

Page https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615 shows "BERT" changed 2023-02-06

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2028 |
    | [GPT](https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226) | June 2018 |
"""

from datetime import datetime

from bot.matching.dates import Month
from bot.model.findings import Fact, Severity
from bot.rules.evidence import Evidence, Usage
from bot.rules.rule import Findings, Reads, Rule


def _check(evidence: Evidence) -> Findings:
    for table in evidence.dated_lists():
        for dated in table:
            bound = _bound(dated.usage) if dated.usage is not None else None
            if bound is None or dated.month is None or dated.month <= Month.of(bound[0]):
                continue
            moment, what, source = bound
            facts = (Fact(what, moment.date().isoformat(), source),)
            message = f"{dated.month} is after {what} ({Month.of(moment)})"
            yield RULE.finding(evidence.about(dated.section, dated.entry, dated.span), message, facts)


def _bound(usage: Usage) -> tuple[datetime, str, str] | None:
    """Return the latest possible moment for a paper of this article, what it is and where it was read."""
    article, page = usage.article, usage.page
    if article is None or page is None:
        return None
    if article.modified is not None:
        return article.modified, "the article's last change", f"post {article.post_id}"
    return (page.checked_at, "today", "the clock") if page.checked_at is not None else None


RULE = Rule("date-impossible", Severity.WARNING, Reads.ARTICLE, _check, __doc__)
