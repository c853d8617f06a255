"""The article's first publication differs from its record.

Why: it does not change unless the author has published the story again, or the record was wrong. Nothing in the
catalog depends on it; the record is corrected once a person has looked.

Page https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615 shows "BERT" published 2023-02-06
Record 31e59abc0615 "BERT" published 2022-01-01

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2018 |
"""

from bot.model.findings import Fact, Fix, Safety, Severity
from bot.rules.evidence import Evidence
from bot.rules.rule import RECORDS, Findings, Reads, Rule, published_fact


def _check(evidence: Evidence) -> Findings:
    for usage, article, record in evidence.recorded():
        now = article.published.date().isoformat() if article.published else None
        if now is None or now == record.published:
            continue
        facts = (*published_fact(article), Fact("record", str(record.published), evidence.records.path))
        change = evidence.records.change(record.post_id, "published", now)
        fix = Fix(Safety.REVIEW, f"{record.published} → {now}, in the record", (change,))
        yield RULE.finding(usage.about, f"first published {now}, on record {record.published}", facts, fix)


RULE = Rule("published-drift", Severity.INFORMATION, Reads.ARTICLE, _check, __doc__, kind=RECORDS)
