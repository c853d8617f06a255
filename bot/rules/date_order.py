"""An entry breaks the ascending order of its table's dates.

Why: it is a second signal. A date out of order is not necessarily wrong, so nothing is changed; but where the
paper's own month would restore the order, `date-drift` counts it as evidence. A table with a fifth or more of its
dates out of order has no order to break.

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

from collections.abc import Iterator

from bot.matching.dates import out_of_order
from bot.model.findings import Fact, Severity
from bot.rules.evidence import Dated, Evidence
from bot.rules.rule import Findings, Reads, Rule


def _check(evidence: Evidence) -> Findings:
    for table in evidence.dated_lists():
        readable = [dated for dated in table if dated.month is not None]
        for at in out_of_order([dated.month for dated in readable if dated.month is not None]):
            dated = readable[at]
            facts = tuple(_neighbors(readable, at))
            message = f"{dated.month} breaks the ascending order of the table"
            yield RULE.finding(evidence.about(dated.section, dated.entry, dated.span), message, facts)


def _neighbors(table: list[Dated], at: int) -> Iterator[Fact]:
    for near, side in ((at - 1, "before"), (at + 1, "after")):
        if 0 <= near < len(table):
            said = f"{table[near].entry.name}: {table[near].month}"
            yield Fact("neighbour", said, f"the entry {side}", f"neighbor {said}")


RULE = Rule("date-order", Severity.INFORMATION, Reads.CATALOG, _check, __doc__)
