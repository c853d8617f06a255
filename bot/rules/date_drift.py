"""The catalog's month is not that of the paper which the entry's own section of the article links.

Why: the date column is the paper's month, and an arXiv id tells it. One signal is a suspicion, two that agree
are evidence: the fix is safe only where the catalog's date also breaks the order of its table, and the
paper's month mends it. Otherwise two months or more apart are for review, and one month, which the
last days of a month explain, is information without a fix. A paper whose title fits another entry, or
that is younger than the article, is no evidence at all; one whose title says nothing of the entry is
for review at most.

Page https://ritvik19.medium.com/papers-explained-44-t5-9d974a3b7957 shows "Explained 44: T5" published 2023-05-01
    h3 #d06a Explained 44: T5
    h3 #d06b Paper
    paper 1910.10683 "Exploring the Limits of T5"

Bad:
    | Paper | Date |
    |---|---|
    | [GPT 2](https://ritvik19.medium.com/papers-explained-65-gpt-2-98d0a642e520) | February 2019 |
    | [UniLM](https://ritvik19.medium.com/papers-explained-72-unilm-672f0ecc6a4a) | May 2019 |
    | [XLNet](https://ritvik19.medium.com/papers-explained-35-xlnet-ea0c3af96d49) | June 2019 |
    | [RoBERTa](https://ritvik19.medium.com/papers-explained-03-roberta-81db014e35b9) | July 2019 |
    | [CTRL](https://ritvik19.medium.com/papers-explained-153-ctrl-146fcd18a566) | September 2019 |
    | [T5](https://ritvik19.medium.com/papers-explained-44-t5-9d974a3b7957) | October 2016 |

Good:
    | Paper | Date |
    |---|---|
    | [GPT 2](https://ritvik19.medium.com/papers-explained-65-gpt-2-98d0a642e520) | February 2019 |
    | [UniLM](https://ritvik19.medium.com/papers-explained-72-unilm-672f0ecc6a4a) | May 2019 |
    | [XLNet](https://ritvik19.medium.com/papers-explained-35-xlnet-ea0c3af96d49) | June 2019 |
    | [RoBERTa](https://ritvik19.medium.com/papers-explained-03-roberta-81db014e35b9) | July 2019 |
    | [CTRL](https://ritvik19.medium.com/papers-explained-153-ctrl-146fcd18a566) | September 2019 |
    | [T5](https://ritvik19.medium.com/papers-explained-44-t5-9d974a3b7957) | October 2019 |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.markdown.catalog import Catalog
from bot.matching.dates import Month, arxiv_month, ascending_length, out_of_order
from bot.matching.mentions import Names
from bot.matching.names import agree
from bot.medium.site import Site
from bot.model.articles import Article, Paper
from bot.model.findings import Fact, Finding, Fix, Safety, Severity
from bot.model.spans import Edit
from bot.rules.calendar import Dated, dated_lists
from bot.rules.date_impossible import month_of
from bot.rules.evidence import Evidence, Usage
from bot.rules.papers import fits_another, own_papers, papers_title
from bot.rules.rule import METADATA, Reads, Rule
from bot.rules.writing import entry_finding


@dataclass(frozen=True, slots=True)
class _Signal:
    """A paper that is evidence for an entry's month; `telling`: its title agrees with the entry."""

    paper: Paper
    month: Month
    telling: bool


def check(catalog: Catalog, evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for each date that the entry's own paper contradicts."""
    by_entry = evidence.by_entry()
    names = Names(usage.name for usage in evidence.usages)
    for table in dated_lists(catalog):
        readable = [dated for dated in table if dated.month is not None]
        months = [dated.month for dated in readable if dated.month is not None]
        broken = set(out_of_order(months))
        for at, dated in enumerate(readable):
            usage = by_entry.get(dated.entry.span)
            article = usage.article if usage is not None else None
            if usage is None or article is None or article.partial or not dated.exact:
                continue
            signal = _signal(usage, article, names, evidence.prefix)
            if signal is None or signal.month == months[at] or _is_publication(dated, article):
                continue
            mends = at in broken and _mends(months, at, signal.month)
            yield _finding(catalog, evidence.site, dated, article, signal, mends=mends)


def _is_publication(dated: Dated, article: Article) -> bool:
    """Tell whether the date is the article's own: some catalogs record that, and not the paper's."""
    return article.published is not None and dated.month == month_of(article.published)


def _mends(months: list[Month], at: int, month: Month) -> bool:
    return ascending_length([*months[:at], month, *months[at + 1 :]]) > ascending_length(months)


def _signal(usage: Usage, article: Article, names: Names, prefix: str) -> _Signal | None:
    """Return the one paper that speaks for the entry; None where there is none, or several."""
    papers = own_papers(usage, article, names, prefix)
    telling = [paper for paper in papers if papers_title(paper) and agree(usage.name, papers_title(paper), prefix)]
    silent = [paper for paper in papers if paper not in telling]
    if len(telling) != 1 and (telling or len(silent) != 1):
        return None
    paper = telling[0] if telling else silent[0]
    month = arxiv_month(paper.id)
    if month is None or fits_another(paper, usage, names, prefix) is not None:
        return None
    if article.published is not None and month > month_of(article.published):
        return None
    return _Signal(paper, month, bool(telling) and article.published is not None)


def _finding(catalog: Catalog, site: Site, dated: Dated, article: Article, signal: _Signal, *, mends: bool) -> Finding:
    apart = abs(signal.month.since(dated.month)) if dated.month is not None else 0
    paper = signal.paper
    facts = [Fact("paper", f"arXiv {paper.id}, {signal.month}", f"section «{paper.section}» of post {article.post_id}")]
    if papers_title(paper):
        facts.append(Fact("paper's title", papers_title(paper), "beside the link"))
    if mends:
        facts.append(Fact("order", "broken by the catalog's month, mended by the paper's", "the table"))
    fix = None
    if apart >= 2:
        safe = mends and signal.telling
        edit = Edit(catalog.path, dated.span, catalog.raw(dated.span), str(signal.month).encode())
        fix = Fix(Safety.SAFE if safe else Safety.REVIEW, f"{dated.text} → {signal.month}", (edit,))
    severity = Severity.WARNING if fix is not None else Severity.INFORMATION
    message = f"the catalog says {dated.text}, the paper is of {signal.month}"
    where = (dated.section, dated.entry)
    return entry_finding("date-drift", severity, where, message, site, tuple(facts), fix, dated.span)


RULE = Rule("date-drift", Severity.WARNING, Reads.ARTICLE, check, __doc__, kind=METADATA)
