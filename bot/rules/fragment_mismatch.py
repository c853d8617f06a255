"""The link's `#fragment` points at another entry's heading, and the page has a heading for this one.

Why: a row was copied and renamed but kept the old fragment. The rule fires only where exactly one other heading below
the title equals the entry's name; a heading that is merely different is not reported.

Page https://ritvik19.medium.com/papers-explained-44-t5-9d974a3b7957 shows "Papers Explained 44: T5"
    h3 #d06a Papers Explained 44: T5
    h3 #aaaa mT5
    h3 #773b T5 v1.1

Bad:
    | Paper | Date |
    |---|---|
    | [T5 V1.1](https://ritvik19.medium.com/papers-explained-44-t5-9d974a3b7957#aaaa) | July 2020 |

Good:
    | Paper | Date |
    |---|---|
    | [T5 V1.1](https://ritvik19.medium.com/papers-explained-44-t5-9d974a3b7957#773b) | July 2020 |
"""

from bot.matching.names import same
from bot.model.findings import Safety, Severity
from bot.rules.evidence import Evidence
from bot.rules.rule import LINKS, Findings, Reads, Rule, fragment_fix, heading_fact


def _check(evidence: Evidence) -> Findings:
    for usage, article, fragment in evidence.with_fragment():
        heading = article.heading_over(fragment)
        if heading is not None and same(usage.name, heading.text, evidence.prefix):
            continue
        equal = evidence.equal_headings(usage, article)
        if len(equal) != 1 or fragment not in article.ids:
            continue
        shown = f'"{heading.text}"' if heading is not None else "the text above all headings"
        message = f'#{fragment} points at {shown}, not at "{equal[0].text}"'
        facts = tuple(heading_fact(article, each) for each in (heading, equal[0]) if each is not None)
        fix = fragment_fix(evidence, usage, equal[0], Safety.REVIEW)
        yield RULE.finding(usage.about, message, facts, fix)


RULE = Rule("fragment-mismatch", Severity.WARNING, Reads.ARTICLE, _check, __doc__, kind=LINKS, safety=Safety.REVIEW)
