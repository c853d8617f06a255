r"""A row has more or fewer cells than its table's header.

Why: cells beyond the header are not shown at all, including their links; a missing cell shifts nothing but
looks forgotten. Usually a pipe in a cell was not escaped, or the last cell was left out.

Bad:
    | Paper | Date | Description |
    |---|---|---|
    | [GPT](https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226) | June 2018 |
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2018 | P(a | b) is learnt. |

Good:
    | Paper | Date | Description |
    |---|---|---|
    | [GPT](https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226) | June 2018 | |
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2018 | P(a \| b) is learnt. |
"""

from bot.markdown.catalog import Catalog, Entry
from bot.model.findings import Fact, Fix, Safety, Severity
from bot.model.spans import Edit, Span
from bot.rules.evidence import Evidence
from bot.rules.rule import METADATA, Findings, Reads, Rule


def _check(evidence: Evidence) -> Findings:
    catalog = evidence.catalog
    for section in catalog.sections:
        for entry in section.entries:
            wanted, found = len(entry.columns), len(entry.cells)
            if not entry.cells or wanted == found or (found == 1 and not entry.links):
                continue  # a single cell without a link heads a group of rows
            what, edits = _short(catalog, entry) if found < wanted else _long(catalog, entry)
            facts = (Fact("cells", str(found), "the row"), Fact("columns", str(wanted), "the header"))
            fix = Fix(Safety.REVIEW, what, edits)
            message = f"the row has {found} cells, its header has {wanted}"
            yield RULE.finding(evidence.about(section, entry), message, facts, fix)


def _short(catalog: Catalog, entry: Entry) -> tuple[str, tuple[Edit, ...]]:
    stop = entry.span.start + len(catalog.raw(entry.span).rstrip())
    closed = catalog.source[stop - 1 : stop] == b"|" and stop > entry.cells[-1].stop
    missing = b" |" * (len(entry.columns) - len(entry.cells))
    new = missing if closed else b" |" + missing
    return "add empty cells for the missing ones", (catalog.edit(Span(stop, stop), new),)


def _long(catalog: Catalog, entry: Entry) -> tuple[str, tuple[Edit, ...]]:
    pipes = [cell.start - 1 for cell in entry.cells[len(entry.columns) :]]
    edits = tuple(catalog.edit(Span(pipe, pipe + 1), b"\\|") for pipe in pipes)
    return "escape the pipes before the extra cells", edits


RULE = Rule("table-malformed", Severity.WARNING, Reads.CATALOG, _check, __doc__, kind=METADATA, safety=Safety.REVIEW)
