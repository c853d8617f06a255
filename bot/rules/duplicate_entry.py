"""A row or list item stands twice in its section: same name, same address.

Why: a row that was pasted twice. The later line goes, and nothing else. Where the two differ in
another cell (a date, a description), a person has to choose which one is right.

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

from __future__ import annotations

from collections.abc import Iterator

from bot.document.edit import Edit
from bot.document.model import Catalog, Entry, Span
from bot.medium.urls import elsewhere, read_address
from bot.names import key
from bot.rules.evidence import Evidence
from bot.rules.finding import Fact, Finding, Fix, Rule, Safety, Severity
from bot.rules.writing import entry_finding


def check(catalog: Catalog, evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding for each entry that repeats an earlier one of its section."""
    for section in catalog.sections:
        seen: dict[tuple[str, str, str | None], Entry] = {}
        for entry in section.entries:
            if not entry.links or not entry.name:
                continue
            url = entry.links[0].url
            address = read_address(url) or elsewhere(url)
            mark = (key(entry.name, evidence.prefix) or entry.name, address.identity, address.fragment)
            first = seen.setdefault(mark, entry)
            if first is entry:
                continue
            line = catalog.position(first.span.start).line
            facts = (Fact("count", str(line), "the line of the first one"), Fact("entry", first.name, "the first one"))
            same = catalog.raw(first.span).split() == catalog.raw(entry.span).split()
            safety, pr = (Safety.SAFE, "metadata") if same else (Safety.REVIEW, "metadata-review")
            lines = _lines(catalog, entry)
            edit = Edit(catalog.path, lines, catalog.raw(lines), b"")
            fix = Fix(safety, "drop the later one", pr, (edit,))
            message = f"stands twice in its section, first on line {line}"
            yield entry_finding("duplicate-entry", Severity.WARNING, (section, entry), message, facts, fix)


def _lines(catalog: Catalog, entry: Entry) -> Span:
    """Return the whole lines of an entry, indentation and line ending included."""
    starts = catalog.line_starts
    first = catalog.position(entry.span.start).line
    last = catalog.position(max(entry.span.start, entry.span.stop - 1)).line
    return Span(starts[first - 1], starts[last] if last < len(starts) else len(catalog.source))


RULE = Rule("duplicate-entry", Severity.WARNING, False, "metadata", check, __doc__)
