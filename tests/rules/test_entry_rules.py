"""Silence and action of the rules about dates, names, records, duplicates and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support import ROOT, article_of, catalog_of, findings_of, fixed, observe, page_of, record_of, records_file

from bot.demo.facts import fitting
from bot.demo.page import article_page
from bot.markdown.parse import parse
from bot.matching.dates import arxiv_month, read_month
from bot.matching.names import Names, shares_word
from bot.medium.scrape import scrape
from bot.medium.site import MEDIUM
from bot.model.articles import Article, Paper
from bot.model.findings import Finding, Safety, Severity
from bot.model.pages import Alive, Page
from bot.model.records import Records, read_records
from bot.rules import (
    date_drift,
    date_impossible,
    date_malformed,
    date_order,
    duplicate_entry,
    duplicate_link,
    name_mismatch,
    published_drift,
    record_missing,
    table_malformed,
    title_drift,
)
from bot.rules.date_drift import own_papers
from bot.rules.rule import Rule

URL = "https://a.medium.com/t5-9d974a3b7957"
PUBLISHED = datetime(2023, 5, 1, tzinfo=UTC)
LINES = [
    ("GPT 2", "February 2019"),
    ("UniLM", "May 2019"),
    ("XLNet", "June 2019"),
    ("RoBERTa", "July 2019"),
    ("CTRL", "September 2019"),
]


def table(date: str, name: str = "T5", fragment: str = "", before: Sequence[tuple[str, str]] = LINES) -> str:
    rows = "".join(
        f"| [{other}](https://b.medium.com/x-{at:012x}) | {when} |\n" for at, (other, when) in enumerate(before)
    )
    return f"| Paper | Date |\n|---|---|\n{rows}| [{name}]({URL}{fragment}) | {date} |\n"


def t5(*papers: Paper, published: datetime | None = PUBLISHED, title: str = "T5") -> Article:
    headings = [("d06a", title), ("1111", "T5 v1.1"), ("2222", "Paper")]
    return article_of("9d974a3b7957", title, headings, papers=papers, published=published)


def paper(id_: str, text: str = "Exploring the Limits of T5", anchor: str = "2222") -> Paper:
    return Paper(id_, "Paper", anchor, text)


def drift(text: str, article: Article) -> list[Finding]:
    return findings_of(date_drift.RULE, catalog_of(text), [page_of(URL, Alive(article))])


# -- date-malformed -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "fix"),
    [
        ("Octobr 2019", "October 2019"),
        ("October 20199", "October 2019"),
        ("2019-10", "October 2019"),
        ("Oct 2019", "October 2019"),
    ],
)
def test_a_date_with_one_reading_is_fixed(date: str, fix: str) -> None:
    catalog = catalog_of(table(date))
    found = findings_of(date_malformed.RULE, catalog)
    assert fixed(catalog, found) == table(fix)
    assert found[0].fix is not None
    assert found[0].fix.safety is Safety.SAFE


@pytest.mark.parametrize("date", ["Jule 2019", "2019", "Juli 2019", "October 20194"])
def test_a_date_with_two_readings_or_none_is_only_shown(date: str) -> None:
    (found,) = findings_of(date_malformed.RULE, catalog_of(table(date)))
    assert found.fix is None
    assert repr(date) in found.message


@pytest.mark.parametrize(
    "text",
    [
        table("October 2019"),
        table(" October 2019  "),
        table(""),
        table("soon"),
        table("—"),
        table("**October 2019**"),
        table("[October 2019](https://x.example)"),
        table("2019", before=[("A", "2018"), ("B", "2017")]),  # a table of years has a habit of its own
        table("2019-10-01", before=[("A", "2018-01-01")]),
        "| Paper | Note |\n|---|---|\n| [A](https://a.medium.com/x-aaaaaaaa0001) | Octobr 2019 |\n",
        "- [A](https://a.medium.com/x-aaaaaaaa0001) Octobr 2019\n",
    ],
)
def test_other_habits_and_other_columns_are_left_alone(text: str) -> None:
    assert findings_of(date_malformed.RULE, catalog_of(text)) == []


def test_two_tables_under_one_heading_have_habits_and_orders_of_their_own() -> None:
    rows = "| [A](https://c.medium.com/x-aaaaaaaa0001) | 2018 |\n| [B](https://c.medium.com/y-aaaaaaaa0002) | 2017 |\n"
    years = f"| Paper | Date |\n|---|---|\n{rows}"
    text = "## S\n\n" + table("October 2019") + "\n" + years
    assert findings_of(date_malformed.RULE, catalog_of(text)) == []
    older = table("January 2001", before=[("A", "May 2000"), ("B", "June 2000")])
    assert findings_of(date_order.RULE, catalog_of(table("October 2019") + "\n" + older)) == []


# -- date-order ---------------------------------------------------------------------------------


def test_the_entry_out_of_line_is_named_with_its_neighbours() -> None:
    (found,) = findings_of(date_order.RULE, catalog_of(table("October 2016")))
    assert found.entry == "T5"
    assert found.severity is Severity.INFORMATION
    assert [fact.value for fact in found.facts] == ["CTRL: September 2019"]


def test_a_table_that_begins_with_the_newest_has_no_order_to_break() -> None:
    newest = [("A", "May 2020"), ("B", "May 2020"), ("C", "May 2020"), ("D", "April 2020"), ("E", "March 2020")]
    assert findings_of(date_order.RULE, catalog_of(table("January 2020", before=newest))) == []


def test_a_date_that_is_mistyped_counts_by_what_it_means() -> None:
    assert findings_of(date_order.RULE, catalog_of(table("Octobr 2019"))) == []
    assert len(findings_of(date_order.RULE, catalog_of(table("Octobr 2016")))) == 1


# -- date-drift ---------------------------------------------------------------------------------


def test_two_signals_make_a_safe_fix() -> None:
    (found,) = drift(table("October 2016"), t5(paper("1910.10683")))
    assert found.fix is not None
    assert found.fix.safety is Safety.SAFE
    assert [fact.kind for fact in found.facts] == ["paper", "paper's title", "order"]


def test_one_signal_is_for_review() -> None:
    (found,) = drift(table("November 2021"), t5(paper("1910.10683")))
    assert found.fix is not None
    assert found.fix.safety is Safety.REVIEW
    assert date_drift.RULE.pull(found) == "metadata-review"


def test_one_month_apart_is_information_without_a_fix() -> None:
    (found,) = drift(table("November 2019"), t5(paper("1910.10683")))
    assert found.fix is None
    assert found.severity is Severity.INFORMATION


def test_a_title_that_says_nothing_of_the_entry_is_for_review_at_most() -> None:
    for text in ("Exploring the Limits of Transfer Learning", "1910.10683", ""):
        (found,) = drift(table("October 2016"), t5(paper("1910.10683", text)))
        assert found.fix is not None
        assert found.fix.safety is Safety.REVIEW


@pytest.mark.parametrize(
    ("text", "article"),
    [
        (table("October 2019"), t5(paper("1910.10683"))),  # agrees
        (table("October 2016"), t5()),  # no paper
        (table("October 2016"), t5(paper("1910.10683", "RoBERTa: A Robustly Optimized BERT"))),  # another entry's paper
        (table("October 2016"), t5(paper("2305.00001"), published=datetime(2023, 4, 1, tzinfo=UTC))),  # younger
        (table("October 2016"), t5(paper("1910.10683", "Other"), paper("1911.00001", "Paper"))),  # two, neither telling
        (table("October 2016"), t5(paper("1910.10683"), paper("1911.00001"))),  # two, both telling
        (table("October 2016"), t5(paper("1910.10683", anchor="1111"))),  # another section's
        (table("October 2016", fragment="#1111", name="T5 v1.1"), t5(paper("1910.10683"))),
        (table("October 2016"), replace(t5(paper("1910.10683")), partial=True)),
        (table("soon"), t5(paper("1910.10683"))),
        (table("Octobr 2016"), t5(paper("1910.10683"))),  # date-malformed speaks first
        (table("October 2016"), t5(paper("9999.99999"))),
        (table("May 2023"), t5(paper("1910.10683"))),  # the article's own month: the column holds publications
    ],
)
def test_what_is_not_evidence_stays_silent(text: str, article: Article) -> None:
    assert drift(text, article) == []


def test_a_section_that_is_another_entrys_is_not_evidence() -> None:
    text = table("October 2016", name="Flan", fragment="#1111") + f"| [T5 v1.1]({URL}#1111) | October 2019 |\n"
    assert drift(text, t5(paper("1910.10683", "Anything", anchor="1111"))) == []


def test_without_the_articles_date_the_fix_is_for_review() -> None:
    (found,) = drift(table("October 2016"), t5(paper("1910.10683"), published=None))
    assert found.fix is not None
    assert found.fix.safety is Safety.REVIEW


def test_of_several_papers_the_one_that_names_the_entry_counts() -> None:
    (found,) = drift(table("October 2016"), t5(paper("1706.03762", "Attention Is All You Need"), paper("1910.10683")))
    assert "October 2019" in found.message


def test_on_the_recorded_articles_the_rows_own_papers_agree() -> None:
    """59 of the 60 rows with an arXiv link of their own agree; the other's fragment is another entry's."""
    catalog = parse((ROOT / "catalog" / "README.md").read_bytes(), "c.md")
    facts, _ = fitting(catalog)
    pages: dict[str, Page] = {}
    for usage in observe(catalog).usages:
        known = facts.get(usage.address.post_id or "")
        article = scrape(article_page(known, paragraphs=1), known.address, MEDIUM) if known else None
        if article is not None:
            pages[usage.address.identity] = page_of(usage.address.page, Alive(article))
    evidence = observe(catalog, pages)
    names = Names(usage.name for usage in evidence.usages)
    agreeing = 0
    for usage in evidence.by_entry().values():
        article, entry = usage.article, usage.entry
        if article is None or entry is None or entry.date is None:
            continue
        month = read_month(catalog.raw(entry.date).decode())
        agreeing += any(arxiv_month(each.id) == month for each in own_papers(usage, article, names, evidence.prefix))
    assert agreeing == 59
    assert list(date_drift.RULE.check(evidence)) == []


# -- date-impossible ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("date", "modified", "fires"),
    [
        ("June 2023", datetime(2023, 5, 1, tzinfo=UTC), True),
        ("May 2023", datetime(2023, 5, 1, tzinfo=UTC), False),
        ("June 2023", datetime(2024, 5, 1, tzinfo=UTC), False),
        ("June 2023", None, False),  # first published earlier, but who knows when it was changed
        ("June 2027", None, True),  # in the future of the run
        ("soon", datetime(2023, 5, 1, tzinfo=UTC), False),
    ],
)
def test_a_date_after_the_last_change_or_today_is_impossible(date: str, modified: datetime | None, fires: bool) -> None:  # noqa: FBT001
    article = replace(t5(), modified=modified)
    found = findings_of(date_impossible.RULE, catalog_of(table(date)), [page_of(URL, Alive(article))])
    assert bool(found) is fires


# -- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("UDoP", "Papers Explained 42: Unifying Document Processing"),
        ("Distil BERT", "DistilBERT"),
        ("LLMs for Math", "Papers Explained Review 12: LLMs for Maths"),
        ("T5", "Exploring the Limits of Transfer Learning: T5"),
        ("Orca 3", "Agent Instruct (Orca)"),
        ("注意力机制详解", "深入理解注意力机制"),
        ("Read", "Papers Explained 02: BERT"),
        ("📝", "Papers Explained 02: BERT"),
    ],
)
def test_names_that_have_anything_in_common_are_no_mismatch(name: str, title: str) -> None:
    article = article_of("9d974a3b7957", title, [("d06a", title)])
    assert findings_of(name_mismatch.RULE, catalog_of(f"- [{name}]({URL})\n"), [page_of(URL, Alive(article))]) == []


def test_a_heading_that_fits_is_enough() -> None:
    page = page_of(URL, Alive(t5()))
    assert findings_of(name_mismatch.RULE, catalog_of(f"- [T5 v1.1]({URL}#1111)\n"), [page]) == []
    (found,) = findings_of(name_mismatch.RULE, catalog_of(f"- [BERT]({URL}#1111)\n"), [page])
    assert '"T5 v1.1"' in found.message
    assert findings_of(name_mismatch.RULE, catalog_of(f"See [BERT]({URL}).\n"), [page]) == []


@pytest.mark.parametrize(("one", "other"), [("GPT 4", "BERT 4"), ("The Pile", "The Stack"), ("A", "B"), ("4", "4")])
def test_numbers_and_small_words_are_nothing_in_common(one: str, other: str) -> None:
    assert not shares_word(one, other)


def test_an_index_finds_names_within_titles_as_whole_words() -> None:
    names = Names(["T5", "Flan T5", "Grok 3", "LoRA", "DPO", "GPT-4", "3"])
    assert names.within("Flan-T5 and friends: LoRA") == {"T5", "Flan T5"}
    assert names.within("GPT-4o and Grok 30") == set()
    assert names.within("LoRA+ for DPO") == {"DPO"}
    assert names.has("flan t5")
    assert not names.has("Flan")


# -- records, titles ----------------------------------------------------------------------------


def records_with(title: str = "T5", published: str | None = "2023-05-01") -> Records:
    return read_records(records_file([record_of("9d974a3b7957", URL, title, published)]), "articles.jsonl")


def accepted(rule: Rule, text: str, article: Article, **record: str) -> list[Finding]:
    page = page_of(URL, Alive(article))
    return findings_of(rule, catalog_of(text), [page], records=records_with(**record))


def test_an_article_with_its_record_is_silent() -> None:
    for rule in (record_missing.RULE, title_drift.RULE, published_drift.RULE):
        assert accepted(rule, f"- [T5]({URL})\n- [T5 v1.1]({URL}#1111)\n", t5()) == []


def test_one_record_is_proposed_for_all_entries_of_a_page() -> None:
    catalog = catalog_of(f"- [T5]({URL})\n- [T5 v1.1]({URL}#1111)\n")
    (found,) = findings_of(record_missing.RULE, catalog, [page_of(URL, Alive(t5(paper("1910.10683"))))])
    assert found.fix is not None
    (edit,) = found.fix.edits
    record = read_records(edit.replacement).by_id["9d974a3b7957"]
    assert record == record_of("9d974a3b7957", URL, "T5", "2023-05-01", ("1910.10683",), {"1111": "T5 v1.1"})


@pytest.mark.parametrize(
    ("name", "new", "after"),
    [
        ("T5", "Text-to-Text Transformer", "Text-to-Text Transformer"),  # it was the old title
        ("T5", "t5", "T5"),  # the new one is the same name
        ("T5 model", "Text-to-Text Transformer", "T5 model"),  # the catalog's own choice
        ("T5", "A|B *c* <d> [e](f) #1 @you", "A\\|B \\*c\\* \\<d\\> \\[e\\](f) \\#1 @you"),
    ],
)
def test_a_renamed_article_takes_the_name_only_where_it_was_the_old_title(name: str, new: str, after: str) -> None:
    text = f"| Paper |\n|---|\n| [{name}]({URL}) |\n"
    (found,) = accepted(title_drift.RULE, text, t5(title=new))
    assert found.fix is not None
    assert found.fix.safety is Safety.REVIEW
    assert fixed(catalog_of(text), [found]) == text.replace(f"[{name}]", f"[{after}]")
    (entry,) = catalog_of(fixed(catalog_of(text), [found])).entries()
    assert len(entry.links) == 1


def test_another_publication_date_is_information() -> None:
    (found,) = accepted(published_drift.RULE, f"- [T5]({URL})\n", t5(), published="2022-01-01")
    assert found.severity is Severity.INFORMATION
    assert found.fix is not None
    assert published_drift.RULE.pull(found) == "records"
    assert accepted(published_drift.RULE, f"- [T5]({URL})\n", t5(published=None), published="2022-01-01") == []


# -- duplicates ---------------------------------------------------------------------------------

ROW = f"| [T5]({URL}) | May 2020 |"


@pytest.mark.parametrize(
    ("rows", "safety"),
    [
        ([ROW, ROW], Safety.SAFE),
        ([ROW, ROW.replace(" |", "   |")], Safety.SAFE),
        ([ROW, ROW.replace("T5]", "T-5]")], Safety.REVIEW),
        ([ROW, ROW.replace("May", "June")], Safety.REVIEW),
        ([ROW, ROW.replace("https://a.medium.com/", "https://medium.com/@a/")], Safety.REVIEW),
    ],
)
def test_a_duplicate_row_loses_its_later_line(rows: list[str], safety: Safety) -> None:
    text = "| Paper | Date |\n|---|---|\n{}\n| [X](https://a.medium.com/x-aaaaaaaa0001) | May 2020 |\n{}\n\ntext\n"
    catalog = catalog_of(text.format(*rows))
    (found,) = findings_of(duplicate_entry.RULE, catalog)
    assert found.fix is not None
    assert found.fix.safety is safety
    assert fixed(catalog, [found]) == text.replace("{}\n\n", "\n").format(rows[0])


@pytest.mark.parametrize(
    "second",
    [ROW.replace("T5]", "T6]"), ROW.replace("957)", "958)"), ROW.replace("957)", "957#1111)"), "| T5 | May 2020 |"],
)
def test_another_name_or_another_address_is_not_a_duplicate(second: str) -> None:
    assert findings_of(duplicate_entry.RULE, catalog_of(f"| Paper | Date |\n|---|---|\n{ROW}\n{second}\n")) == []


@pytest.mark.parametrize(
    "text",
    [
        f"- NLP\n  - [BERT]({URL})\n- Vision\n  - [BERT]({URL})\n",  # under another parent
        f"| Paper | Date |\n|---|---|\n{ROW}\n\n**More**\n\n| Paper | Date |\n|---|---|\n{ROW}\n",  # in another table
        f"| Algorithm | Article |\n|---|---|\n| SVM | [Read]({URL}) |\n| KNN | [Read]({URL}) |\n",
    ],
)
def test_what_only_looks_the_same_is_not_a_duplicate(text: str) -> None:
    assert findings_of(duplicate_entry.RULE, catalog_of(text)) == []


def test_an_item_with_items_below_it_is_not_dropped_unread() -> None:
    text = f"- [A]({URL})\n  - note 1\n- [B]({URL}#2)\n- [A]({URL})\n  - note 2\n"
    (found,) = findings_of(duplicate_entry.RULE, catalog_of(text))
    assert found.fix is not None
    assert found.fix.safety is Safety.REVIEW
    shared = f"- [A]({URL})\n- - [C]({URL}#3)\n  - [C]({URL}#3)\n"
    (found,) = findings_of(duplicate_entry.RULE, catalog_of(shared))
    assert found.fix is not None
    outer = f"1. - [C]({URL})\n   - [D]({URL}#1)\n2. x\n\n- - [A]({URL})\n- - [A]({URL})\n"
    assert findings_of(duplicate_entry.RULE, catalog_of(outer)) == []


def test_the_same_row_in_another_section_is_not_a_duplicate() -> None:
    one = f"| Paper | Date |\n|---|---|\n{ROW}\n"
    assert findings_of(duplicate_entry.RULE, catalog_of(f"# A\n\n{one}\n# B\n\n{one}")) == []


def test_a_duplicate_list_item_goes_with_its_lines() -> None:
    item = f"- [T5]({URL})\n  more words\n"
    catalog = catalog_of(item + item + "- [X](https://a.medium.com/x-aaaaaaaa0001)")
    assert (
        fixed(catalog, findings_of(duplicate_entry.RULE, catalog))
        == item + "- [X](https://a.medium.com/x-aaaaaaaa0001)"
    )


def test_one_heading_under_two_names_is_shown_and_a_bare_address_is_not() -> None:
    (found,) = findings_of(
        duplicate_link.RULE, catalog_of(f"- [A]({URL}#1111)\n- [a]({URL}#1111)\n- [B]({URL}#1111)\n")
    )
    assert found.entry == "B"
    assert findings_of(duplicate_link.RULE, catalog_of(f"- [A]({URL})\n- [B]({URL})\n")) == []


# -- table-malformed ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "after"),
    [
        ("| [A](https://x.y) | b |", "| [A](https://x.y) | b | |"),
        ("| [A](https://x.y)", "| [A](https://x.y) | | |"),
        ("| [A](https://x.y) | b | c | d | e |", "| [A](https://x.y) | b | c \\| d \\| e |"),
        ("| [A](https://x.y) | b | c | d", "| [A](https://x.y) | b | c \\| d"),
    ],
)
def test_a_row_that_does_not_fit_its_header_is_proposed_to_fit(row: str, after: str) -> None:
    head = "| Paper | B | C |\n|---|---|---|\n"
    catalog = catalog_of(f"{head}{row}\n")
    (found,) = findings_of(table_malformed.RULE, catalog)
    assert found.fix is not None
    assert found.fix.safety is Safety.REVIEW
    assert fixed(catalog, [found]) == f"{head}{after}\n"
    assert findings_of(table_malformed.RULE, catalog_of(f"{head}{after}\n")) == []


@pytest.mark.parametrize(
    "row", ["| [A](https://x.y) | | |", "| [A](https://x.y) | a \\| b | `c \\| d` |", "[A](https://x.y) | b | c"]
)
def test_rows_that_fit_are_silent(row: str) -> None:
    assert findings_of(table_malformed.RULE, catalog_of(f"| Paper | B | C |\n|---|---|---|\n{row}\n")) == []


def test_a_cell_that_heads_a_group_of_rows_is_silent() -> None:
    assert (
        findings_of(
            table_malformed.RULE, catalog_of("| Paper | B |\n|---|---|\n| **NLP** |\n| [A](https://x.y) | b |\n")
        )
        == []
    )
