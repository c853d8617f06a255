"""The page is a different article from the one that the link names.

Why: the post id in the address is the article; a page with another id is another article, however
well its title fits. A new address is proposed only where that title agrees with the entry's name.

Page https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615 shows "Papers Explained 02: BERT" at https://ritvik19.medium.com/papers-explained-02-bert-aaaa9abc0615

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2018 |

Good:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-aaaa9abc0615) | October 2018 |
"""

from bot.matching.names import agree
from bot.model.findings import Fact, Safety, Severity
from bot.model.pages import NotArticle
from bot.rules.evidence import Evidence
from bot.rules.rule import LINKS, Findings, Reads, Rule, address_fix, hop_facts, title_fact


def _check(evidence: Evidence) -> Findings:
    for usage in evidence.first_uses():
        page = usage.page
        if page is None or not isinstance(page.outcome, NotArticle) or usage.address.post_id is None:
            continue
        article = page.outcome.article
        if article is None or article.post_id == usage.address.post_id:
            continue
        seen = Fact("post id", article.post_id, page.final_url or page.url)
        facts = (seen, title_fact(article), *hop_facts(page))
        final = evidence.site.read(page.final_url or "")
        fix = None
        if final is not None and final.post_id == article.post_id and agree(usage.name, article.title, evidence.prefix):
            fix = address_fix(evidence, usage, evidence.site.usual(final).page, Safety.REVIEW)
        message = f'the page is another article: "{article.title}" ({article.post_id})'
        yield RULE.finding(usage.about, message, facts, fix)


RULE = Rule("link-wrong-article", Severity.ERROR, Reads.PAGE, _check, __doc__, kind=LINKS, safety=Safety.REVIEW)
