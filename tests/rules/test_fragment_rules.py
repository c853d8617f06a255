"""Silence and action of the fragment rules beyond their documented examples."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support import article_of, catalog_of, findings_of, fixed, page_of

from bot.model.articles import Article
from bot.model.findings import Safety, Severity
from bot.model.pages import Alive, Page
from bot.rules import fragment_mismatch, fragment_missing, fragment_wanted

URL = "https://a.medium.com/grok-0d9f1aef69be"
GROK = article_of(
    "0d9f1aef69be",
    "Papers Explained 186: Grok",
    [
        ("b8a8", "Papers Explained 186: Grok"),
        ("febb", "Grok 1.5"),
        ("72f2", "Grok 1.5 V"),
        ("2f00", "Grok 2 and Grok 2 Mini"),
        ("2fe9", "Grok 3 Beta"),
        ("8e14", "Grok 4"),
    ],
)


def alive(article: Article = GROK) -> list[Page]:
    return [page_of(URL, Alive(article))]


def rows(*pairs: tuple[str, str]) -> str:
    return "| Model |\n|---|\n" + "".join(f"| [{name}]({URL}{fragment}) |\n" for name, fragment in pairs)


# -- fragment-missing ---------------------------------------------------------------------------


def test_a_missing_fragment_with_one_equal_heading_is_a_safe_fix() -> None:
    catalog = catalog_of(rows(("Grok-1.5", "#dead")))
    (found,) = findings_of(fragment_missing.RULE, catalog, alive())
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    assert fragment_missing.RULE.pull(found) == "links"
    assert fixed(catalog, [found]) == rows(("Grok-1.5", "#febb"))


def test_the_nearest_heading_is_only_for_review() -> None:
    (found,) = findings_of(fragment_missing.RULE, catalog_of(rows(("Grok 3", "#dead"))), alive())
    assert found.fix is not None
    assert found.fix.safety is Safety.REVIEW
    assert fragment_missing.RULE.pull(found) == "links-review"


def test_without_a_heading_that_is_near_nothing_is_proposed() -> None:
    (found,) = findings_of(fragment_missing.RULE, catalog_of(rows(("Zephyr", "#dead"))), alive())
    assert found.fix is None


def test_the_titles_own_heading_is_never_proposed() -> None:
    (found,) = findings_of(fragment_missing.RULE, catalog_of(rows(("Grok", "#dead"))), alive())
    assert found.fix is None or b"b8a8" not in found.fix.edits[0].replacement


@pytest.mark.parametrize(
    "fragment", ["#febb", "", "#responses", "#top", "#:~:text=Grok", "#febb:~:text=Grok", "#--responses"]
)
def test_a_fragment_that_works_or_that_a_script_reads_is_not_missing(fragment: str) -> None:
    assert findings_of(fragment_missing.RULE, catalog_of(rows(("Grok 1.5", fragment))), alive()) == []


@pytest.mark.parametrize(
    "article", [replace(GROK, partial=True), replace(GROK, ids=(), headings=()), replace(GROK, ids=("clip0",))]
)
def test_what_a_partial_page_does_not_show_is_not_missing(article: Article) -> None:
    for rule in (fragment_missing.RULE, fragment_mismatch.RULE, fragment_wanted.RULE):
        catalog = catalog_of(rows(("Grok 1.5", "#dead"), ("Grok 4", "#febb"), ("Grok 1.5 V", ""), ("Grok 2", "")))
        assert findings_of(rule, catalog, alive(article)) == []


def test_a_definition_that_two_entries_share_gets_no_fragment_fix() -> None:
    catalog = catalog_of(f"- [Grok 1.5][g]\n- [Grok 4][g]\n\n[g]: {URL}#dead\n")
    found = findings_of(fragment_missing.RULE, catalog, alive())
    assert [finding.entry for finding in found] == ["Grok 1.5", "Grok 4"]
    assert all(finding.fix is None for finding in found)


# -- fragment-mismatch --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fragment"),
    [
        ("Grok 3", "#2fe9"),  # differs, but no heading is its own
        ("Grok 1.5", "#febb"),
        ("grok-1.5 v", "#72f2"),
        ("Grok", "#b8a8"),  # the title's own heading
        ("Grok 2", "#2f00"),
        ("Grok 5", "#8e14"),
    ],
)
def test_a_heading_that_merely_differs_stays_silent(name: str, fragment: str) -> None:
    assert findings_of(fragment_mismatch.RULE, catalog_of(rows((name, fragment))), alive()) == []


def test_two_headings_of_the_name_are_no_evidence() -> None:
    twice = article_of("0d9f1aef69be", "T", [("aaaa", "T"), ("bbbb", "X"), ("cccc", "Grok 4"), ("dddd", "Grok 4")])
    assert findings_of(fragment_mismatch.RULE, catalog_of(rows(("Grok 4", "#bbbb"))), alive(twice)) == []


def test_a_paragraph_means_the_heading_above_it() -> None:
    first, second, *rest = GROK.ids
    article = replace(GROK, ids=(first, second, "0001", *rest))
    assert findings_of(fragment_mismatch.RULE, catalog_of(rows(("Grok 1.5", "#0001"))), alive(article)) == []
    (found,) = findings_of(fragment_mismatch.RULE, catalog_of(rows(("Grok 4", "#0001"))), alive(article))
    assert [fact.value for fact in found.facts] == ["Grok 1.5", "Grok 4"]


def test_a_fragment_above_all_headings_is_a_mismatch_too() -> None:
    lead = replace(GROK, ids=("0001", *GROK.ids))
    (found,) = findings_of(fragment_mismatch.RULE, catalog_of(rows(("Grok 4", "#0001"))), alive(lead))
    assert "the text above all headings" in found.message


def test_a_link_in_running_text_is_judged_by_its_own_words() -> None:
    catalog = catalog_of(f"See [here]({URL}#febb) and [Grok 4]({URL}#febb).\n")
    assert [each.entry for each in findings_of(fragment_mismatch.RULE, catalog, alive())] == ["Grok 4"]


def test_a_second_link_of_a_row_is_not_judged_by_the_rows_name() -> None:
    catalog = catalog_of(f"| Model | Notes |\n|---|---|\n| [Grok 4]({URL}#8e14) | after [its elder]({URL}#febb) |\n")
    assert findings_of(fragment_mismatch.RULE, catalog, alive()) == []


# -- fragment-wanted ----------------------------------------------------------------------------


def test_entries_that_share_a_bare_address_get_their_headings() -> None:
    catalog = catalog_of(
        rows(("Grok 1", ""), ("Grok 1.5", ""), ("Grok 1.5 V", ""), ("Grok 2", ""), ("Grok 3", "#2fe9"))
    )
    found = findings_of(fragment_wanted.RULE, catalog, alive())
    assert [finding.entry for finding in found] == ["Grok 1.5", "Grok 1.5 V", "Grok 2"]
    assert all(finding.severity is Severity.INFORMATION for finding in found)
    wanted = rows(
        ("Grok 1", ""), ("Grok 1.5", "#febb"), ("Grok 1.5 V", "#72f2"), ("Grok 2", "#2f00"), ("Grok 3", "#2fe9")
    )
    assert fixed(catalog, found) == wanted


@pytest.mark.parametrize(
    "pairs",
    [
        [("Grok 1.5", "")],  # alone
        [("Grok 1.5", ""), ("Grok-1.5", "")],  # twice the same name
        [("Grok 1.5", ""), ("Grok 4", "#8e14")],  # the other has its fragment
        [("Grok", ""), ("Grok 7", "")],  # the page's own name, and one without a heading
    ],
)
def test_no_fragment_is_wanted_where_no_reader_is_misled(pairs: list[tuple[str, str]]) -> None:
    assert findings_of(fragment_wanted.RULE, catalog_of(rows(*pairs)), alive()) == []


def test_a_name_that_agrees_with_two_headings_wants_none() -> None:
    article = article_of("0d9f1aef69be", "T", [("aaaa", "T"), ("bbbb", "Grok Mini Fast"), ("cccc", "Grok Mini Slow")])
    catalog = catalog_of(rows(("Grok Mini", ""), ("Other", "")))
    assert findings_of(fragment_wanted.RULE, catalog, alive(article)) == []


def test_the_same_address_in_its_other_host_form_is_shared_too() -> None:
    catalog = catalog_of(f"- [Grok 1]({URL})\n- [Grok 4](https://medium.com/@a/other-slug-0d9f1aef69be)\n")
    found = findings_of(fragment_wanted.RULE, catalog, alive())
    assert fixed(catalog, found).endswith("(https://medium.com/@a/other-slug-0d9f1aef69be#8e14)\n")
