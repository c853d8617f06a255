"""Several entries share an address without a fragment, and the page has a heading for this one.

Why: a reader should not have to search for the third model on a page. The rule fires only where two or more entries
with different names link to the page without a fragment, and this entry's name equals one heading below the title or,
if none is equal, agrees with exactly one.

Page https://ritvik19.medium.com/papers-explained-186-grok-0d9f1aef69be shows "Papers Explained 186: Grok"
    h3 #b8a8 Papers Explained 186: Grok
    h3 #febb Grok 1.5

Bad:
    | Paper | Date |
    |---|---|
    | [Grok 1](https://ritvik19.medium.com/papers-explained-186-grok-0d9f1aef69be) | November 2023 |
    | [Grok 1.5](https://ritvik19.medium.com/papers-explained-186-grok-0d9f1aef69be) | March 2024 |

Good:
    | Paper | Date |
    |---|---|
    | [Grok 1](https://ritvik19.medium.com/papers-explained-186-grok-0d9f1aef69be) | November 2023 |
    | [Grok 1.5](https://ritvik19.medium.com/papers-explained-186-grok-0d9f1aef69be#febb) | March 2024 |
"""

from collections import defaultdict

from bot.matching.names import agree, key, same
from bot.model.articles import Article, Heading, Kind
from bot.model.findings import Fact, Safety, Severity
from bot.rules.evidence import Evidence, Usage
from bot.rules.rule import LINKS, Findings, Reads, Rule, fragment_fix, heading_fact


def _check(evidence: Evidence) -> Findings:
    sharing: dict[str, list[Usage]] = defaultdict(list)
    for usage in evidence.usages:
        if usage.entry is not None and usage.address.kind is Kind.ARTICLE and not usage.address.fragment:
            sharing[usage.address.identity].append(usage)
    for usages in sharing.values():
        names = {key(usage.name, evidence.prefix): usage.name for usage in usages if usage.name}
        if len(names) < 2:
            continue
        for usage in usages:
            article = usage.whole_article
            heading = _own_heading(article, usage, evidence) if article is not None else None
            if article is None or heading is None:
                continue
            others = ", ".join(sorted(name for name in names.values() if name != usage.name))
            facts = (heading_fact(article, heading), Fact("shared with", others, "the catalog"))
            message = f'other entries share this address, and #{heading.id} is "{heading.text}"'
            fix = fragment_fix(evidence, usage, heading, Safety.REVIEW)
            yield RULE.finding(usage.about, message, facts, fix)


def _own_heading(article: Article, usage: Usage, evidence: Evidence) -> Heading | None:
    if not usage.name or same(usage.name, article.title, evidence.prefix):
        return None
    found = evidence.equal_headings(usage, article) or [
        each for each in article.headings_below_title() if agree(usage.name, each.text, evidence.prefix)
    ]
    return found[0] if len(found) == 1 else None


RULE = Rule("fragment-wanted", Severity.INFORMATION, Reads.ARTICLE, _check, __doc__, kind=LINKS, safety=Safety.REVIEW)
