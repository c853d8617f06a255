"""An entry's name has no word in common with the title or heading that its link leads to.

Why: a link pasted into the wrong row leads to a living page and an existing heading, and only the words reveal it.
Names differ harmlessly in dozens of ways, so this is reported only where they share no word.

Page https://ritvik19.medium.com/papers-explained-44-t5-9d974a3b7957 shows "Papers Explained 44: T5"
    h3 #d06a Papers Explained 44: T5
    h3 #773b T5 v1.1

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-44-t5-9d974a3b7957) | October 2018 |
"""

from bot.matching.names import agree, shares_word
from bot.model.articles import Kind
from bot.model.findings import Severity
from bot.rules.evidence import Evidence
from bot.rules.rule import Findings, Reads, Rule, heading_fact, title_fact


def _check(evidence: Evidence) -> Findings:
    for usage in evidence.usages:
        article = usage.article
        if article is None or usage.entry is None or not usage.name or usage.address.kind is not Kind.ARTICLE:
            continue
        heading = article.heading_over(usage.address.fragment)
        facts = (title_fact(article), *([heading_fact(article, heading)] if heading is not None else []))
        pairs = [(usage.name, fact.value, evidence.prefix) for fact in facts]
        if not any(agree(*pair) or shares_word(*pair) for pair in pairs):
            message = f'"{usage.name}" has no word in common with "{facts[-1].value}"'
            yield RULE.finding(usage.about, message, facts)


RULE = Rule("name-mismatch", Severity.INFORMATION, Reads.ARTICLE, _check, __doc__)
