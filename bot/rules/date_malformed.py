"""A date is not written as `Month YYYY` like the rest of its table.

Why: a mistyped date sorts nowhere and matches nothing. It is fixed only where exactly one month and one year can be
meant: a wrong, missing, doubled or swapped letter, an extra digit, an abbreviation, different capitalization. A table
that follows another convention as a whole is left alone.

Bad:
    | Paper | Date |
    |---|---|
    | [BERTopic](https://ritvik19.medium.com/papers-explained-193-bertopic-f9aec10cd5a6) | March 20222 |
    | [PaLM](https://ritvik19.medium.com/papers-explained-50-palm-480e72fa3fd5) | April 2022 |
    | [OLMo](https://ritvik19.medium.com/papers-explained-98-olmo-fdc358326f9b) | February 2024 |
    | [Gemma](https://ritvik19.medium.com/papers-explained-106-gemma-ca2b449321ac) | February 2024 |
    | [Aya 101](https://ritvik19.medium.com/papers-explained-aya-101-d813ba17b83a) | Februray 2024 |

Good:
    | Paper | Date |
    |---|---|
    | [BERTopic](https://ritvik19.medium.com/papers-explained-193-bertopic-f9aec10cd5a6) | March 2022 |
    | [PaLM](https://ritvik19.medium.com/papers-explained-50-palm-480e72fa3fd5) | April 2022 |
    | [OLMo](https://ritvik19.medium.com/papers-explained-98-olmo-fdc358326f9b) | February 2024 |
    | [Gemma](https://ritvik19.medium.com/papers-explained-106-gemma-ca2b449321ac) | February 2024 |
    | [Aya 101](https://ritvik19.medium.com/papers-explained-aya-101-d813ba17b83a) | February 2024 |
"""

import re

from bot.model.findings import Fact, Fix, Safety, Severity
from bot.rules.evidence import Evidence
from bot.rules.rule import METADATA, Findings, Reads, Rule

_TYPED = re.compile(r"\d")
_MARKUP = re.compile(r"[*_\[\]<>`~]")


def _check(evidence: Evidence) -> Findings:
    for table in evidence.dated_lists():
        for dated in table:
            if dated.exact or not _TYPED.search(dated.text) or _MARKUP.search(dated.text):
                continue  # a placeholder, or a date that is marked up
            fix, hint = None, "it can mean more than one date, or none"
            if dated.month is not None:
                change = evidence.catalog.edit(dated.span, str(dated.month).encode())
                hint = f"it can only mean {dated.month}"
                fix = Fix(Safety.SAFE, f"{dated.text} → {dated.month}", (change,))
            message = f"{dated.text!r} is not written as Month YYYY; {hint}"
            facts = (Fact("date", dated.text, "the catalog"),)
            yield RULE.finding(evidence.about(dated.section, dated.entry, dated.span), message, facts, fix)


RULE = Rule("date-malformed", Severity.WARNING, Reads.CATALOG, _check, __doc__, kind=METADATA)
