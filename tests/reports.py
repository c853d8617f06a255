"""Reports that tests of the renderers share: a small catalog whose pages were seen in different ways."""

from __future__ import annotations

from datetime import UTC, datetime

from support import article_of, catalog_of, findings_of, report_of

from bot.model.articles import Paper
from bot.model.pages import Alive, Moved, Page
from bot.model.report import Report, Run
from bot.rules.registry import RULES

URL = "https://a.medium.com/bert-31e59abc0615"
OTHER = "https://a.medium.com/gpt-30b6f1e6d226"
STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RUN = Run(STARTED, STARTED.replace(minute=7), requests=12, retries=1, bytes=2_500_000)
HOSTILE = "\x1b]0;owned\x07\x1b[31mred\u202eevil\x9b2J\r\n::error::x\x00\ud800\u2028end"
TEXT = f"## S\n\n- [BERT]({URL})\n- [GPT]({OTHER})\n"

MOVED = Moved(article_of("31e59abc0615", "BERT", [("aaaa", "BERT")]), "https://b.medium.com/bert-31e59abc0615")
ALIVE = Alive(
    article_of(
        "30b6f1e6d226",
        "GPT",
        published=STARTED,
        modified=STARTED,
        papers=(Paper("1810.04805", "Paper", "aaaa", "BERT: …"),),
    )
)


def report_on(*pages: Page, text: str = TEXT, run: Run = RUN) -> Report:
    """A report on a catalog whose pages were seen like this; what is counted, not listed, is left out."""
    catalog = catalog_of(text)
    findings = [finding for rule in RULES if not rule.folded for finding in findings_of(rule, catalog, pages)]
    return report_of(catalog, pages, findings, run)
