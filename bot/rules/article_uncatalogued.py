"""The author's feed has an article that the catalog lacks.

Why: a catalog of an author's articles falls behind with every new one. The row to paste is in the evidence: name, link,
and the month of its paper where one was read; which section it belongs to is left to people. It needs the
setting `feeds`, which names the authors.

Feed https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226 "Papers Explained 43: GPT"

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2018 |
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.markdown.catalog import Catalog
from bot.markdown.edits import in_cell
from bot.matching.dates import arxiv_month
from bot.matching.names import without_prefix
from bot.medium.urls import quoted
from bot.model.articles import FeedItem
from bot.model.findings import Fact, Finding, Severity
from bot.model.spans import Span
from bot.rules.evidence import Evidence
from bot.rules.rule import Reads, Rule, Topic


def check(catalog: Catalog, evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding at the catalog's end for each article of a feed that no link means."""
    known = {usage.address.post_id for usage in evidence.usages}
    end = len(catalog.source.rstrip())
    for item in evidence.seen.items:
        if item.post_id in known:
            continue
        known.add(item.post_id)
        facts = [Fact("title", item.title, "the author's feed"), Fact("row", _row(item, evidence), "ready to paste")]
        if item.published is not None:
            facts.append(Fact("published", item.published.date().isoformat(), "the author's feed"))
        yield Finding(
            rule="article-uncatalogued",
            severity=Severity.INFORMATION,
            span=Span(end, end),
            entry=without_prefix(item.title, evidence.prefix),
            section="",
            url=item.address.page,
            identity=item.address.identity,
            message=f"«{item.title}» is not in the catalog",
            facts=tuple(facts),
        )


def _row(item: FeedItem, evidence: Evidence) -> str:
    """Return a row to paste; the date is left blank where the article's page was not seen or has no paper."""
    name = in_cell(without_prefix(item.title, evidence.prefix)).decode()
    page = evidence.seen.page(item.address.identity)
    article = page.article if page is not None else None
    papers = {paper.id for paper in article.papers} if article is not None else set()
    month = arxiv_month(papers.pop()) if len(papers) == 1 else None
    return f"| [{name}]({quoted(evidence.site.usual(item.address).page)}) | {month or ''} | |"


RULE = Rule("article-uncatalogued", Severity.INFORMATION, Reads.ARTICLE, check, __doc__, topic=Topic.NEW_ARTICLE)
