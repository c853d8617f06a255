"""The catalog's month is not that of the paper linked in the entry's own section of the article.

Why: the date column is the paper's month, and an arXiv id states it. One signal is a suspicion, two that agree
are evidence: the fix is safe only where the catalog's date also breaks the order of its table, and the
paper's month restores it. Otherwise a difference of two months or more needs review, and a difference of one month,
which the last days of a month explain, is information without a fix. A paper whose title fits another entry, or
that is newer than the article, is not evidence; one whose title does not mention the entry always needs review.

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

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.matching.dates import Month, arxiv_month, longest_ascending, out_of_order
from bot.matching.names import Names, agree
from bot.model.articles import Article, Paper
from bot.model.findings import Fact, Fix, Safety, Severity
from bot.rules.evidence import Evidence, Usage
from bot.rules.rule import METADATA, Findings, Reads, Rule

_PAPER_HEADING = re.compile(r"(?:papers?|references?|paper links?|links?)\W*\Z", re.IGNORECASE)
_ID_ALONE = re.compile(r"(?:arxiv:?\s*)?[\d.v/a-z-]*\d", re.IGNORECASE)


class _Signal(NamedTuple):
    """A paper that is evidence for an entry's month; `title` is beside its link, and names the entry if `named`."""

    paper: Paper
    month: Month
    title: str
    named: bool


def _check(evidence: Evidence) -> Findings:
    names = Names(usage.name for usage in evidence.usages)
    for table in evidence.dated_lists():
        readable = [dated for dated in table if dated.month is not None]
        months = [dated.month for dated in readable if dated.month is not None]
        broken = set(out_of_order(months))
        for at, dated in enumerate(readable):
            usage = dated.usage
            article = usage.article if usage is not None else None
            if usage is None or article is None or article.partial or not dated.exact:
                continue
            signal = _signal(usage, article, names, evidence.prefix)
            if signal is None or signal.month == months[at]:
                continue
            if article.published is not None and dated.month == Month.of(article.published):
                continue  # some catalogs record the article's date, not the paper's
            changed = [*months[:at], signal.month, *months[at + 1 :]]
            restores = at in broken and len(longest_ascending(changed)) > len(longest_ascending(months))
            facts = tuple(_facts(article, signal, restores=restores))
            about = evidence.about(dated.section, dated.entry, dated.span)
            message = f"the catalog says {dated.text}, the paper is from {signal.month}"
            fix = None
            if abs(signal.month.since(months[at])) >= 2:
                safety = Safety.SAFE if restores and signal.named else Safety.REVIEW
                change = evidence.catalog.edit(dated.span, str(signal.month).encode())
                fix = Fix(safety, f"{dated.text} → {signal.month}", (change,))
            yield RULE.finding(about, message, facts, fix, None if fix is not None else Severity.INFORMATION)


def _signal(usage: Usage, article: Article, names: Names, prefix: str) -> _Signal | None:
    """Return the one paper that is evidence for the entry; None if there is none, or several."""
    papers = own_papers(usage, article, names, prefix)
    named = [paper for paper in papers if (title := _title(paper)) and agree(usage.name, title, prefix)]
    if len(candidates := named or papers) != 1:
        return None
    (paper,) = candidates
    month, title = arxiv_month(paper.id), _title(paper)
    if not named and any(not agree(name, usage.name, prefix) for name in names.within(title)):
        return None  # it fits another entry
    if month is None or (article.published is not None and month > Month.of(article.published)):
        return None
    return _Signal(paper, month, title, bool(named) and article.published is not None)


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


def _title(paper: Paper) -> str:
    """Return the words beside a paper's link; empty if they are the id alone."""
    return "" if _ID_ALONE.fullmatch(paper.text.strip()) else paper.text


def _facts(article: Article, signal: _Signal, *, restores: bool) -> Iterator[Fact]:
    paper = signal.paper
    yield Fact("paper", f"arXiv {paper.id}, {signal.month}", f'section "{paper.section}" of post {article.post_id}')
    if signal.title:
        yield Fact("paper's title", signal.title, "beside the link")
    if restores:
        value = "broken by the catalog's month, mended by the paper's"  # part of the fingerprint
        text = "the catalog's month breaks the order of the table, the paper's restores it"
        yield Fact("order", value, "the table", text)


RULE = Rule("date-drift", Severity.WARNING, Reads.ARTICLE, _check, __doc__, kind=METADATA)
