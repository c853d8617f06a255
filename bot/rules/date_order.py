"""An entry breaks the ascending order of its table's dates.

Why: it is a second signal. A date that stands out of line is not wrong for that alone, and nothing is
changed; but where the paper's own month would put it in line, `date-drift` counts it as evidence. A
table of which a fifth or more stands out of line has no order to break.

Bad:
    | Paper | Date |
    |---|---|
    | [GPT 2](https://ritvik19.medium.com/papers-explained-65-gpt-2-98d0a642e520) | February 2019 |
    | [UniLM](https://ritvik19.medium.com/papers-explained-72-unilm-672f0ecc6a4a) | May 2019 |
    | [XLNet](https://ritvik19.medium.com/papers-explained-35-xlnet-ea0c3af96d49) | June 2019 |
    | [RoBERTa](https://ritvik19.medium.com/papers-explained-03-roberta-81db014e35b9) | July 2018 |
    | [CTRL](https://ritvik19.medium.com/papers-explained-153-ctrl-146fcd18a566) | September 2019 |
    | [T5](https://ritvik19.medium.com/papers-explained-44-t5-9d974a3b7957) | October 2019 |
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.markdown.catalog import Catalog
from bot.matching.dates import out_of_order
from bot.model.findings import Fact, Finding, Severity
from bot.rules.calendar import Dated, dated_lists
from bot.rules.evidence import Evidence
from bot.rules.rule import Reads, Rule
from bot.rules.writing import entry_finding


def check(catalog: Catalog, evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for each entry that would have to go for its table to ascend."""
    for table in dated_lists(catalog):
        readable = [dated for dated in table if dated.month is not None]
        for at in out_of_order([dated.month for dated in readable if dated.month is not None]):
            dated = readable[at]
            facts = tuple(
                Fact("neighbour", f"{near.entry.name}: {near.month}", "the entry " + side)
                for near, side in _neighbours(readable, at)
            )
            message = f"{dated.month} breaks the ascending order of the table"
            where = (dated.section, dated.entry)
            yield entry_finding(
                "date-order", Severity.INFORMATION, where, message, evidence.site, facts, span=dated.span
            )


def _neighbours(table: list[Dated], at: int) -> Iterator[tuple[Dated, str]]:
    if at > 0:
        yield table[at - 1], "before"
    if at + 1 < len(table):
        yield table[at + 1], "after"


RULE = Rule("date-order", Severity.INFORMATION, Reads.CATALOG, check, __doc__)
