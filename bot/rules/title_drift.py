"""The article's title differs from its record.

Why: an author renames an article, and the catalog still has the old name. The record is changed, and so is the
entry's name where it was the old title; a name that the catalog chose itself is kept.

Page https://ritvik19.medium.com/papers-explained-166-command-94ba068ebd2b shows "Papers Explained 166: Command Models"
Record 94ba068ebd2b "Papers Explained 166: Command R Models"

Bad:
    | Model |
    |---|
    | [Command R models](https://ritvik19.medium.com/papers-explained-166-command-94ba068ebd2b) |

Good:
    | Model |
    |---|
    | [Command Models](https://ritvik19.medium.com/papers-explained-166-command-94ba068ebd2b) |
"""

from bot.markdown.edits import in_cell
from bot.matching.names import same, without_prefix
from bot.model.findings import Fact, Fix, Safety, Severity
from bot.rules.evidence import Evidence
from bot.rules.rule import METADATA, Findings, Reads, Rule, title_fact


def _check(evidence: Evidence) -> Findings:
    for usage, article, record in evidence.recorded():
        if article.title == record.title:
            continue
        edits = [evidence.records.change(record.post_id, "title", article.title)]
        old, new = (without_prefix(title, evidence.prefix) for title in (record.title, article.title))
        for other in evidence.usages:
            entry = other.entry
            if entry is None or other.address.post_id != record.post_id or other.address.fragment:
                continue
            if other.name == entry.name and same(entry.name, old, "") and not same(entry.name, new, ""):
                edits.append(evidence.catalog.edit(entry.name_span, in_cell(new)))
        facts = (title_fact(article), Fact("record", record.title, evidence.records.path))
        summary = f'"{record.title}" → "{article.title}", in the record' + (" and the name" if edits[1:] else "")
        fix = Fix(Safety.REVIEW, summary, tuple(edits))
        yield RULE.finding(usage.about, f'the title is now "{article.title}", on record "{record.title}"', facts, fix)


RULE = Rule("title-drift", Severity.WARNING, Reads.ARTICLE, _check, __doc__, kind=METADATA, safety=Safety.REVIEW)
