"""A page's outcome, and what follows from it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support import article_of

from bot.model.pages import Alive, Blocked, Gone, Hop, Moved, NotArticle, Outcome, Page, Skipped, Unreachable

ARTICLE = article_of("abcdef123456", "Some Words")


@pytest.mark.parametrize(
    ("outcome", "article", "verified", "wanted", "reason"),
    [
        (Alive(), None, True, True, None),
        (Alive(ARTICLE), ARTICLE, True, True, None),
        (Moved(ARTICLE, "https://b.medium.com/x-abcdef123456"), ARTICLE, True, True, None),
        (Gone("why"), None, True, True, "why"),
        (NotArticle("why"), None, False, True, "why"),
        (NotArticle("why", ARTICLE), None, False, True, "why"),
        (Blocked("why"), None, False, True, "why"),
        (Unreachable("why"), None, False, True, "why"),
        (Skipped("why"), None, False, False, "why"),
        (Skipped("why", wanted=True), None, False, True, "why"),
    ],
)
def test_what_follows_from_an_outcome(
    outcome: Outcome, article: object, *, verified: bool, wanted: bool, reason: str | None
) -> None:
    page = Page("it", "https://a.medium.com/x-abcdef123456", None, outcome)
    assert (page.article, page.verified, page.wanted, page.reason) == (article, verified, wanted, reason)


def test_a_pages_status_and_address_are_those_of_its_last_answer() -> None:
    page = Page("it", "https://a", None, Alive(), (Hop("https://a", 301), Hop("https://b", 200)))
    assert (page.status, page.final_url) == (200, "https://b")


def test_a_page_without_an_answer_has_neither() -> None:
    page = Page("it", "https://a", None, Unreachable("why"))
    assert (page.status, page.final_url) == (None, None)


def test_outcomes_are_had_without_the_http_client() -> None:
    code = (
        "import sys, bot.model.pages; sys.exit(any(name in sys.modules for name in ('aiohttp', 'httpx', 'tenacity')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
