"""The author's feed has an article that the catalog lacks.

Why: a catalog of an author's articles falls behind with every new one. The evidence includes a row to paste: name,
link, and the month of the paper where one was read; people choose the section. It needs the setting `feeds`, which
names the authors.

Feed https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226 "Papers Explained 43: GPT"

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2018 |
"""

from bot.markdown.edits import in_cell
from bot.matching.dates import arxiv_month
from bot.matching.names import without_prefix
from bot.medium.site import quoted
from bot.model.articles import FeedItem
from bot.model.findings import Fact, Severity
from bot.model.spans import Span
from bot.rules.evidence import About, Evidence
from bot.rules.rule import Findings, Reads, Rule, Topic


def _check(evidence: Evidence) -> Findings:
    known = {usage.address.post_id for usage in evidence.usages}
    end = len(evidence.catalog.source.rstrip())
    for item in evidence.seen.items:
        if item.post_id in known:
            continue
        known.add(item.post_id)
        facts = [Fact("title", item.title, "the author's feed"), Fact("row", _row(item, evidence), "ready to paste")]
        if item.published is not None:
            facts.append(Fact("published", item.published.date().isoformat(), "the author's feed"))
        name = without_prefix(item.title, evidence.prefix)
        about = About(Span(end, end), name, "", item.address.page, item.address.identity)
        yield RULE.finding(about, f'"{item.title}" is not in the catalog', tuple(facts))


def _row(item: FeedItem, evidence: Evidence) -> str:
    """Return a row to paste; the date is blank if the article's page was not seen or has no single paper."""
    name = in_cell(without_prefix(item.title, evidence.prefix)).decode()
    page = evidence.seen.page(item.address.identity)
    article = page.article if page is not None else None
    papers = {paper.id for paper in article.papers} if article is not None else set()
    month = arxiv_month(papers.pop()) if len(papers) == 1 else None
    return f"| [{name}]({quoted(evidence.site.usual(item.address).page)}) | {month or ''} | |"


RULE = Rule("article-uncatalogued", Severity.INFORMATION, Reads.ARTICLE, _check, __doc__, topic=Topic.NEW_ARTICLE)
