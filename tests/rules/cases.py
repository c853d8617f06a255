"""Cases of rules as files: a web and a catalog in words, and everything that the rule then says.

A case has the form of a rule's docstring: `Page …`, `Record …` and `Feed …` lines, the catalog under `Bad:`; and under
`Finds:` all of each finding. A line of dashes ends a case.

    PYTHONPATH=tests:. python -m rules.cases

writes what the rules find into the files; read the difference before you commit it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent

from support import catalog_of, feed_of, findings_of, pages_of, records_of

from bot.markdown.catalog import Catalog
from bot.model.findings import Finding
from bot.rules.registry import BY_ID

FOLDER = Path(__file__).with_name("cases")
END = f"\n{'-' * 120}\n"
_FINDS = "\nFinds:\n"


def block(text: str, label: str) -> str:
    """The indented lines under a label such as `Bad:`."""
    found = re.search(rf"^{label}:\n((?:    .*\n|\n)+)", text + "\n", re.MULTILINE)
    return dedent(found[1]).strip("\n") + "\n" if found else ""


def cases() -> Iterator[tuple[Path, str, str]]:
    """Each case's file, what is given, and what is found."""
    for path in sorted(FOLDER.glob("*.txt")):
        for case in path.read_text("utf-8").split(END):
            given, _, finds = case.partition(_FINDS)
            yield path, given, finds


def found_in(path: Path, given: str) -> str:
    """All that the file's rule says of a case."""
    rule, catalog = BY_ID[path.stem], catalog_of(block(given, "Bad"))
    findings = findings_of(rule, catalog, pages_of(given).values(), records=records_of(given), feed=feed_of(given))
    return "\n".join(indent("\n".join(_told(catalog, each)), "    ") for each in findings) or "    nothing"


def _told(catalog: Catalog, finding: Finding) -> Iterator[str]:
    where = catalog.position(finding.span.start)
    yield f"{where.line}:{where.column} {finding.severity} {catalog.raw(finding.span).decode()!r}"
    yield f"  {finding.message}"
    yield f"  entry {finding.entry!r} in {finding.section!r}, {finding.url!r} ({finding.identity})"
    for fact in finding.facts:
        yield f"  {fact.kind}: {fact.value!r} ({fact.source}){f' shown as {fact.text!r}' if fact.text else ''}"
    if finding.fix is not None:
        yield f"  {finding.fix.safety} fix: {finding.fix.summary}"
        for edit in finding.fix.edits:
            yield f"    {edit.path} {edit.span.start}: {edit.expected.decode()!r} → {edit.replacement.decode()!r}"


def main() -> None:
    """Write what is found into the files."""
    texts: dict[Path, list[str]] = {}
    for path, given, _ in cases():
        texts.setdefault(path, []).append(f"{given.rstrip()}\n{_FINDS}{found_in(path, given)}\n")
    for path, parts in texts.items():
        path.write_text(END.join(parts), "utf-8")


if __name__ == "__main__":
    main()
