"""A row or list item is a duplicate of an earlier one in its table or list: same name, same address.

Why: a row was pasted twice into one table or list. The fix deletes the later line, and nothing else. Where the two
differ in another cell (a date, a description), or the later one has items nested below it, a person has to
choose.

Bad:
    | Paper | Date |
    |---|---|
    | [XLM-Roberta](https://ritvik19.medium.com/papers-explained-159-xlm-roberta-2da91fc24059) | November 2019 |
    | [XLM-Roberta](https://ritvik19.medium.com/papers-explained-159-xlm-roberta-2da91fc24059) | November 2019 |

Good:
    | Paper | Date |
    |---|---|
    | [XLM-Roberta](https://ritvik19.medium.com/papers-explained-159-xlm-roberta-2da91fc24059) | November 2019 |
"""

from bot.markdown.catalog import Catalog, Entry
from bot.matching.names import is_generic, key
from bot.model.findings import Fact, Fix, Safety, Severity
from bot.model.spans import Span
from bot.rules.evidence import Evidence
from bot.rules.rule import METADATA, Findings, Reads, Rule


def _check(evidence: Evidence) -> Findings:
    catalog = evidence.catalog
    for section in catalog.sections:
        seen: dict[tuple[int, str, str, str | None], Entry] = {}
        for at, entry in enumerate(section.entries):
            if not entry.links or not entry.name or is_generic(entry.name):
                continue
            address = evidence.site.resolve(entry.links[0].url)
            name = key(entry.name, evidence.prefix) or entry.name
            first = seen.setdefault((entry.block, name, address.identity, address.fragment), entry)
            if first is entry:
                continue
            line = catalog.position(first.span.start).line
            facts = (Fact("count", str(line), "the line of the first one"), Fact("entry", first.name, "the first one"))
            below = section.entries[at + 1] if at + 1 < len(section.entries) else None
            fix = _fix(catalog, entry, first, below)
            yield RULE.finding(evidence.about(section, entry), f"duplicate of line {line}", facts, fix)


def _fix(catalog: Catalog, entry: Entry, first: Entry, below: Entry | None) -> Fix | None:
    """Propose to delete the later line; None if there is something else on it."""
    lines = _lines(catalog, entry)
    if catalog.source[lines.start : entry.span.start].strip(b" \t"):
        return None
    parent = not entry.cells and below is not None and below.block > entry.span.start
    same = catalog.raw(first.span).split() == catalog.raw(entry.span).split() and not parent
    safety = Safety.SAFE if same else Safety.REVIEW
    return Fix(safety, "delete the later one", (catalog.edit(lines, b""),))


def _lines(catalog: Catalog, entry: Entry) -> Span:
    """Return the whole lines of an entry, including indentation and line ending."""
    starts = catalog.line_starts
    first = catalog.position(entry.span.start).line
    last = catalog.position(max(entry.span.start, entry.span.stop - 1)).line
    return Span(starts[first - 1], starts[last] if last < len(starts) else len(catalog.source))


RULE = Rule("duplicate-entry", Severity.WARNING, Reads.CATALOG, _check, __doc__, kind=METADATA)
