"""The complete evidence of link-form and date-drift findings, and the conditions of both rules one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from support import article_of, catalog_of, findings_of, page_of

from bot.model.articles import Article, Paper
from bot.model.findings import Fact, Finding, Safety, Severity
from bot.model.pages import Alive
from bot.rules import date_drift, link_form

URL = "https://a.medium.com/t5-9d974a3b7957"
USUAL = "- [A](https://a.medium.com/x-aaaaaaaa0001)\n- [B](https://a.medium.com/y-aaaaaaaa0002)\n"


def form_facts(link: str, rest: str = "") -> list[tuple[Fact, ...]]:
    return [found.facts for found in findings_of(link_form.RULE, catalog_of(f"{rest}- {link}\n"))]


# -- link-form ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "rest", "facts"),
    [
        (
            "https://medium.com/m/global-identity-2?redirectUrl=https%3A%2F%2Fa.medium.com%2Fz-aaaaaaaa0003",
            "",
            [Fact("form", "a redirect wrapper", "/m/global-identity-2")],
        ),
        (
            "http://a.medium.com/z-aaaaaaaa0003",
            "",
            [Fact("form", "http", "http://a.medium.com/z-aaaaaaaa0003")],
        ),
        (
            "https://a.medium.com/z-aaaaaaaa0003?source=rss&sk=x",
            "",
            [Fact("form", "tracking", "source=rss&sk=x")],
        ),
        (
            "https://a.medium.com/z-aaaaaaaa0003?source=",  # tracking without a value
            "",
            [Fact("form", "tracking", "source=")],
        ),
        (
            "https://medium.com/@a/z-aaaaaaaa0003",
            USUAL,
            [Fact("form", "host medium.com", "more than half of @a's links use a.medium.com")],
        ),
        (
            "http://medium.com/@a/z-aaaaaaaa0003?source=rss",
            USUAL,
            [
                Fact("form", "http", "http://medium.com/@a/z-aaaaaaaa0003?source=rss"),
                Fact("form", "tracking", "source=rss"),
                Fact("form", "host medium.com", "more than half of @a's links use a.medium.com"),
            ],
        ),
    ],
)
def test_everything_unusual_about_an_address_is_shown(url: str, rest: str, facts: list[Fact]) -> None:
    assert form_facts(f"[C]({url})", rest) == [tuple(facts)]


def test_a_wrapper_with_http_is_shown_as_a_wrapper_only() -> None:
    url = "http://medium.com/m/global-identity-2?redirectUrl=https%3A%2F%2Fa.medium.com%2Fz-aaaaaaaa0003"
    assert form_facts(f"[C]({url})") == [(Fact("form", "a redirect wrapper", "/m/global-identity-2"),)]


def test_www_in_the_text_of_a_link_is_not_a_bare_address() -> None:
    assert form_facts("[the www.site](http://a.medium.com/z-aaaaaaaa0003)") != []


@pytest.mark.parametrize(
    ("final", "canonical", "seen"),
    [
        ("https://a.medium.com/t5-9d974a3b7957", None, "https://a.medium.com/t5-9d974a3b7957"),
        (None, "https://medium.com/@a/t5-9d974a3b7957", "https://medium.com/@a/t5-9d974a3b7957"),
    ],
)
def test_a_bare_id_shows_where_its_slug_was_seen(final: str | None, canonical: str | None, seen: str) -> None:
    url = "https://a.medium.com/9d974a3b7957"
    page = page_of(url, Alive(article_of("9d974a3b7957", "T5", canonical=canonical)), final=final)
    (found,) = findings_of(link_form.RULE, catalog_of(f"- [T5]({url})\n"), [page])
    assert found.facts == (Fact("form", "a bare id", f"the page's own address is {seen}"),)


def test_a_page_without_an_article_gives_no_slug() -> None:
    url = "https://a.medium.com/9d974a3b7957"
    assert findings_of(link_form.RULE, catalog_of(f"- [T5]({url})\n"), [page_of(url, Alive(None), final=URL)]) == []


def test_an_owner_named_like_the_id_keeps_its_name() -> None:
    url = "https://medium.com/@9d974a3b7957/9d974a3b7957"
    page = page_of(
        url, Alive(article_of("9d974a3b7957", "T5")), final="https://medium.com/@9d974a3b7957/t5-9d974a3b7957"
    )
    (found,) = findings_of(link_form.RULE, catalog_of(f"- [T5]({url})\n"), [page])
    assert found.fix is not None
    assert found.fix.summary == "→ https://medium.com/@9d974a3b7957/t5-9d974a3b7957"


# -- date-drift ---------------------------------------------------------------------------------

ROWS = ("February 2019", "May 2019", "June 2019", "July 2019", "September 2019")


PUBLISHED = datetime(2023, 5, 1, tzinfo=UTC)


def drift(
    date: str, paper: str, *, before: Sequence[str] = ROWS, after: Sequence[str] = (), published: datetime = PUBLISHED
) -> list[Finding]:
    """Return the findings on a row among rows of other dates, where the row's article links a paper."""
    rows = [
        f"| [Other {at}](https://b.medium.com/x-{at:012x}) | {each} |\n" for at, each in enumerate((*before, *after))
    ]
    row = f"| [T5]({URL}) | {date} |\n"
    text = f"| Paper | Date |\n|---|---|\n{''.join(rows[: len(before)])}{row}{''.join(rows[len(before) :])}"
    article = _article((Paper(paper, "Paper", "2222", "Exploring the Limits of T5"),), published)
    return findings_of(date_drift.RULE, catalog_of(text), [page_of(URL, Alive(article))])


def _article(papers: tuple[Paper, ...], published: datetime = PUBLISHED) -> Article:
    return article_of("9d974a3b7957", "T5", [("d06a", "T5"), ("2222", "Paper")], papers=papers, published=published)


def test_a_safe_fix_shows_the_paper_its_title_and_the_order() -> None:
    (found,) = drift("October 2016", "1910.10683")
    assert found.facts == (
        Fact("paper", "arXiv 1910.10683, October 2019", 'section "Paper" of post 9d974a3b7957'),
        Fact("paper's title", "Exploring the Limits of T5", "beside the link"),
        Fact(
            "order",
            "broken by the catalog's month, mended by the paper's",
            "the table",
            "the catalog's month breaks the order of the table, the paper's restores it",
        ),
    )
    assert found.severity is Severity.WARNING
    assert found.message == "the catalog says October 2016, the paper is from October 2019"
    assert found.fix is not None
    assert (found.fix.safety, found.fix.summary, date_drift.RULE.pull(found)) == (
        Safety.SAFE,
        "October 2016 → October 2019",
        "metadata",
    )
    (edit,) = found.fix.edits
    assert found.span == edit.span


@pytest.mark.parametrize(
    ("date", "apart"),
    [
        ("November 2019", 1),
        ("September 2019", 1),
        ("December 2019", 2),
        ("August 2019", 2),
        ("January 2020", 3),
    ],
)
def test_two_months_apart_are_for_review_and_one_is_information(date: str, apart: int) -> None:
    (found,) = drift(date, "1910.10683", before=["February 2019", "May 2019"])
    if apart < 2:
        assert (found.severity, found.fix) == (Severity.INFORMATION, None)
    else:
        assert found.severity is Severity.WARNING
        assert found.fix is not None
        assert (found.fix.safety, date_drift.RULE.pull(found)) == (Safety.REVIEW, "metadata-review")


def test_the_order_counts_only_if_the_papers_month_restores_it() -> None:
    # The row breaks the order with either month, so the order says nothing for the paper's.
    (found,) = drift("October 2016", "1710.10683", after=["October 2019", "December 2019"])
    assert [fact.kind for fact in found.facts] == ["paper", "paper's title"]
    assert found.fix is not None
    assert found.fix.safety is Safety.REVIEW
    # In the middle of the table the rows behind it count too.
    (found,) = drift("October 2016", "1910.10683", after=["October 2019", "December 2019"])
    assert [fact.kind for fact in found.facts] == ["paper", "paper's title", "order"]


def test_a_row_that_keeps_the_order_is_for_review_though_the_papers_month_fits_too() -> None:
    (found,) = drift("December 2019", "1910.10683")
    assert found.fix is not None
    assert found.fix.safety is Safety.REVIEW


@pytest.mark.parametrize(
    ("day", "found"), [(datetime(2019, 10, 1, tzinfo=UTC), 1), (datetime(2019, 9, 30, tzinfo=UTC), 0)]
)
def test_a_paper_of_the_articles_own_month_is_evidence_and_a_younger_one_is_not(day: datetime, found: int) -> None:
    assert len(drift("October 2016", "1910.10683", published=day)) == found


def test_the_rows_behind_one_without_evidence_are_checked_too() -> None:
    other = "https://a.medium.com/bart-31e59abc0615"
    text = f"| Paper | Date |\n|---|---|\n| [BART]({other}) | October 2019 |\n| [T5]({URL}) | October 2016 |\n"
    papers = (Paper("1910.13461", "Paper", "2222", "BART: Denoising"),)
    bart = article_of("31e59abc0615", "BART", [("d06a", "BART"), ("2222", "Paper")], papers=papers)
    t5 = _article((Paper("1910.10683", "Paper", "2222", "Exploring the Limits of T5"),))
    pages = [page_of(other, Alive(bart)), page_of(URL, Alive(t5))]
    assert [each.entry for each in findings_of(date_drift.RULE, catalog_of(text), pages)] == ["T5"]
