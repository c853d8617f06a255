"""Entries with different names link to the same heading of the same page.

Why: often a row was copied and renamed but kept the old fragment. It is information: one heading may well cover two
models, and only the page can show which (`fragment-mismatch` reads it).

Bad:
    | Layer |
    |---|
    | [Weight Standardisation](https://ritvik19.medium.com/papers-explained-review-10-56b556c9646e#3944) |
    | [Batch Channel Normalisation](https://ritvik19.medium.com/papers-explained-review-10-56b556c9646e#3944) |
"""

from bot.matching.names import same
from bot.model.articles import Kind
from bot.model.findings import Fact, Severity
from bot.rules.evidence import Evidence, Usage
from bot.rules.rule import Findings, Reads, Rule


def _check(evidence: Evidence) -> Findings:
    first: dict[tuple[str, str], Usage] = {}
    for usage in evidence.usages:
        if usage.entry is None or not usage.address.fragment or usage.address.kind is not Kind.ARTICLE:
            continue
        other = first.setdefault((usage.address.identity, usage.address.fragment), usage)
        if other is usage or same(usage.name, other.name, evidence.prefix):
            continue
        facts = (Fact("entry", other.name, f'section "{other.section.title}"'),)
        yield RULE.finding(usage.about, f'links to the same heading as "{other.name}"', facts)


RULE = Rule("duplicate-link", Severity.INFORMATION, Reads.CATALOG, _check, __doc__)
