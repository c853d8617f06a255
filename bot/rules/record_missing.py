"""An article has no record yet.

Why: drift can be seen only against what people accepted before. The records file, `articles.jsonl` beside the
catalog, holds a line an article: post id, address, title, first publication, papers, and the heading under
each fragment in use. The first run proposes the records of all articles.

Page https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615 shows "Papers Explained 02: BERT"

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2018 |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from bot.markdown.catalog import Catalog
from bot.medium.urls import quoted
from bot.model.articles import Article, Kind
from bot.model.findings import Fact, Finding, Fix, Safety, Severity
from bot.model.records import Record
from bot.rules.evidence import Evidence, Usage
from bot.rules.rule import RECORDS, Reads, Rule
from bot.rules.writing import finding


def check(catalog: Catalog, evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding, with the record to add, for the first link to each article without one."""
    del catalog
    seen: set[str] = set()
    fragments: dict[str, set[str]] = defaultdict(set)
    for usage in evidence.usages:
        if usage.address.post_id and usage.address.fragment:
            fragments[usage.address.post_id].add(usage.address.fragment)
    for usage in sorted(evidence.usages, key=lambda usage: usage.address.post_id or ""):
        address, article = usage.address, usage.article
        if article is None or address.kind is not Kind.ARTICLE or address.post_id != article.post_id:
            continue
        if article.post_id in seen:
            continue
        seen.add(article.post_id)
        if article.post_id in evidence.records.by_id:
            continue
        record = record_of(usage, article, evidence, fragments[article.post_id])
        facts = (Fact("title", article.title, article.title_source), *published_fact(article))
        fix = Fix(Safety.SAFE, f"add the record of «{article.title}»", (evidence.records.addition(record),))
        yield finding("record-missing", Severity.INFORMATION, usage, "the article has no record yet", facts, fix)


def record_of(usage: Usage, article: Article, evidence: Evidence, fragments: set[str]) -> Record:
    """Return what the page says now, as a record; `fragments` are those in use."""
    headings = {}
    for fragment in sorted(fragments):
        anchor = article.anchor(fragment)
        heading = article.heading_over(anchor) if anchor is not None else None
        if heading is not None and heading.text:
            headings[fragment] = heading.text
    return Record(
        post_id=article.post_id,
        url=quoted(evidence.site.usual(usage.address).page),
        title=article.title,
        published=article.published.date().isoformat() if article.published else None,
        papers=tuple(dict.fromkeys(paper.id for paper in article.papers)),
        headings=headings,
    )


def published_fact(article: Article) -> tuple[Fact, ...]:
    """Cite the first publication, where the page says it."""
    if article.published is None or article.published_source is None:
        return ()
    return (Fact("published", article.published.date().isoformat(), article.published_source),)


RULE = Rule("record-missing", Severity.INFORMATION, Reads.ARTICLE, check, __doc__, kind=RECORDS, folded=True)
