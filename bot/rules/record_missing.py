"""An article has no record yet.

Why: drift shows only against what people accepted before. The records file, `articles.jsonl` beside the
catalog, has one line per article: post id, address, title, first publication, papers, and the heading under
each fragment in use. The first run proposes the records of all articles.

Page https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615 shows "Papers Explained 02: BERT"

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2018 |
"""

from collections import defaultdict

from bot.medium.site import quoted
from bot.model.articles import Article, Kind
from bot.model.findings import Fix, Safety, Severity
from bot.model.records import Record
from bot.rules.evidence import Evidence, Usage
from bot.rules.rule import RECORDS, Findings, Reads, Rule, published_fact, title_fact


def _check(evidence: Evidence) -> Findings:
    seen: set[str] = set()
    fragments: dict[str, set[str]] = defaultdict(set)
    for usage in evidence.usages:
        if usage.address.post_id and usage.address.fragment:
            fragments[usage.address.post_id].add(usage.address.fragment)
    for usage in sorted(evidence.usages, key=lambda usage: usage.address.post_id or ""):
        address, article = usage.address, usage.article
        if article is None or address.kind is not Kind.ARTICLE or article.post_id in seen:
            continue
        if article.post_id != address.post_id:
            continue  # only in a report that was tampered with: the record would be of another article
        seen.add(article.post_id)
        if article.post_id in evidence.records.by_id:
            continue
        record = _record(usage, article, evidence, fragments[article.post_id])
        facts = (title_fact(article), *published_fact(article))
        fix = Fix(Safety.SAFE, f'add the record of "{article.title}"', (evidence.records.addition(record),))
        yield RULE.finding(usage.about, "the article has no record yet", facts, fix)


def _record(usage: Usage, article: Article, evidence: Evidence, fragments: set[str]) -> Record:
    """Return what the page says now, as a record; `fragments` are those in use."""
    over = {fragment: article.heading_over(fragment) for fragment in sorted(fragments)}
    return Record(
        post_id=article.post_id,
        url=quoted(evidence.site.usual(usage.address).page),
        title=article.title,
        published=article.published.date().isoformat() if article.published else None,
        papers=tuple(dict.fromkeys(paper.id for paper in article.papers)),
        headings={fragment: heading.text for fragment, heading in over.items() if heading and heading.text},
    )


RULE = Rule("record-missing", Severity.INFORMATION, Reads.ARTICLE, _check, __doc__, kind=RECORDS, folded=True)
