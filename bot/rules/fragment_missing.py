"""The page has no element with the link's `#fragment`.

Why: the browser then shows the top of the page, and the reader has to search for the section; when an author rewrites
a heading, Medium gives it a new id. The rule fires only where the whole article was seen.

Page https://ritvik19.medium.com/papers-explained-06-distil-bert-6f138849f871 shows "Papers Explained 06: Distil BERT"
    h3 #d06a Papers Explained 06: Distil BERT
    h3 #b1c2 Distil RoBERTa
    h3 #c0de Paper

Bad:
    | Paper | Date |
    |---|---|
    | [Distil RoBERTa](https://ritvik19.medium.com/papers-explained-06-distil-bert-6f138849f871#a260) | October 2019 |

Good:
    | Paper | Date |
    |---|---|
    | [Distil RoBERTa](https://ritvik19.medium.com/papers-explained-06-distil-bert-6f138849f871#b1c2) | October 2019 |
"""

from bot.matching.names import key
from bot.model.articles import Article, Heading
from bot.model.findings import Fact, Safety, Severity
from bot.rules.evidence import Evidence, Usage
from bot.rules.rule import LINKS, Findings, Reads, Rule, fragment_fix, heading_fact

# A heading less similar than this (0 to 100) is not suggested.
_NEAR = 60.0


def _check(evidence: Evidence) -> Findings:
    for usage, article, fragment in evidence.with_fragment():
        if fragment in article.ids:
            continue
        equal = evidence.equal_headings(usage, article)
        heading = equal[0] if len(equal) == 1 else _nearest(usage, article, evidence)
        searched = f"{len(article.ids)} ids of post {article.post_id}"
        text = f'no element with id "{fragment}"'
        facts: tuple[Fact, ...] = (Fact("anchors", f"none is #{fragment}", searched, text),)
        fix = None
        if heading is not None:
            facts += (heading_fact(article, heading),)
            fix = fragment_fix(evidence, usage, heading, Safety.SAFE if len(equal) == 1 else Safety.REVIEW)
        yield RULE.finding(usage.about, f"the page has no #{fragment}", facts, fix)


def _nearest(usage: Usage, article: Article, evidence: Evidence) -> Heading | None:
    """Return the most similar heading. A distance ranks suggestions for people; it never decides."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - 20 ms that runs without such a finding need not spend

    name = key(usage.name, evidence.prefix)
    headings = article.headings_below_title()
    ranked = [(fuzz.ratio(name, key(heading.text, evidence.prefix)), heading) for heading in headings]
    best = max(ranked, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] >= _NEAR else None


RULE = Rule("fragment-missing", Severity.WARNING, Reads.ARTICLE, _check, __doc__, kind=LINKS)
