"""Months: read exactly, repaired where one reading is left, found in arXiv ids, in order or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.dates import Month, arxiv_month, longest_ascending, out_of_order, read_month, repair_month


@pytest.mark.parametrize("text", ["March 2022", "May 1999", "December 2025"])
def test_reads_a_month_as_catalogs_write_it(text: str) -> None:
    assert str(read_month(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "march 2022",
        "Mar 2022",
        "March  2022",
        " March 2022",
        "March 20222",
        "2022-03",
        "Smarch 2022",
        "March 2022\n",
        "",
    ],
)
def test_anything_else_is_not_a_month(text: str) -> None:
    assert read_month(text) is None


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Februray 2024", "February 2024"),
        ("March 20222", "March 2022"),
        ("Setpember 2021", "September 2021"),
        ("Octobr 2020", "October 2020"),
        ("Junne 2020", "June 2020"),
        ("Jume 2020", "June 2020"),
        ("Sept 2020", "September 2020"),
        ("Mar. 2020", "March 2020"),
        ("march 2022", "March 2022"),
        ("March2022", "March 2022"),
        ("March  2022", "March 2022"),
        ("March, 2022", "March 2022"),
        ("March 2O22", "March 2022"),
        ("March 2o22", "March 2022"),
        (" March 2022, ", "March 2022"),
        ("March 1950", "March 1950"),
        ("March 2049", "March 2049"),
        ("1950-03", "March 1950"),
        ("2049.12", "December 2049"),
        ("2022-01", "January 2022"),
        ("2022-03", "March 2022"),
        ("2022/3", "March 2022"),
    ],
)
def test_repairs_a_typing_error_that_leaves_one_month_and_one_year(text: str, month: str) -> None:
    assert str(repair_month(text)) == month


@pytest.mark.parametrize(
    "text",
    [
        "Jule 2020",  # June or July
        "Ju 2020",
        "Ja 2020",  # too short
        "De 2020",
        "Avril 2020",  # another language
        "Aprile 2020",
        "Septembre 2020",
        "Decembuary 2020",
        "Ma 2020",
        "J 2020",
        "March 20224",  # 2022 or 2024
        "March 202",
        "March 1822",
        "March 1949",
        "March 2050",
        "March 002022",
        "1949-03",
        "2050-03",
        "2022-00",
        "March 99999",
        "2022",
        "March",
        "12 March 2022",  # a day would be lost
        "March - April 2022",
        "March 2022 (v2)",
        "2022-13",
        "1822-03",
        "Q1 2022",
        "March 2022 2023",
        "",
    ],
)
def test_repairs_nothing_with_two_readings_or_none(text: str) -> None:
    assert repair_month(text) is None


@pytest.mark.parametrize(
    ("paper", "month"),
    [
        ("1910.01108", "October 2019"),
        ("1910.01108v4", "October 2019"),
        ("0704.0001", "April 2007"),
        ("1412.6980", "December 2014"),
        ("2503.10622", "March 2025"),
        ("cs/0112017", "December 2001"),
        ("math.GT/0309136", "September 2003"),
        ("hep-th/9901001", "January 1999"),
        ("cs/9108001", "August 1991"),
        ("cs/0703001", "March 2007"),
        ("cs/0001001", "January 2000"),
        ("cs/9112001", "December 1991"),
        ("0801.0001", "January 2008"),
        ("9912.00001", "December 2099"),
    ],
)
def test_an_arxiv_id_contains_its_month(paper: str, month: str) -> None:
    assert str(arxiv_month(paper)) == month


@pytest.mark.parametrize(
    "paper",
    [
        "1913.01108",
        "1900.01108",
        "0703.0001",  # before there were such ids
        "cs/0713001",
        "cs/0613001",
        "cs/0600001",
        "cs/9001001",  # before there was arXiv
        "cs/0704001",  # since there are new ids
        "1910.011",
        "x",
        "10.1109/5.726791",
        "",
    ],
)
def test_text_that_is_not_an_arxiv_id_contains_no_month(paper: str) -> None:
    assert arxiv_month(paper) is None


def months(*numbers: int) -> list[Month]:
    return [Month(2000 + number // 12, number % 12 + 1) for number in numbers]


@pytest.mark.parametrize(
    ("numbers", "broken"),
    [
        ([], []),
        ([5], []),
        ([1, 1, 2, 2, 3], []),
        ([1, 2, 3, 1, 4, 5], [3]),
        ([1, 2, 9, 3, 4, 5], [2]),
        ([1, 2, 3, 4, 5, 0], [5]),
        ([5, 4, 3, 2, 1], []),  # newest first
        ([3, 1, 2], []),
        ([4, 4, 4], []),
        ([4, 4, 4, 9, 4, 4, 4], []),  # as much in order backwards
        ([1, 2, 9, 3, 4], []),  # a fifth
        ([1, 2, 3, 9, 4, 5, 6, 0, 7, 8, 9], [3, 7]),
        ([1, 2, 3, 9, 4, 5, 0, 6, 7, 8], []),
        ([1, 2, 3, 9, 8, 10, 11, 12], [3]),  # either could go
    ],
)
def test_finds_the_positions_that_break_an_order(numbers: list[int], broken: list[int]) -> None:
    assert out_of_order(months(*numbers)) == broken


@given(st.lists(st.integers(0, 30), max_size=12))
def test_what_remains_ascends_and_is_as_long_as_possible(numbers: list[int]) -> None:
    from itertools import combinations

    values = months(*numbers)
    best = max(
        (size for size in range(len(values) + 1) for kept in combinations(values, size) if list(kept) == sorted(kept)),
        default=0,
    )
    assert len(longest_ascending(values)) == best
    broken = out_of_order(values)
    kept = [value for at, value in enumerate(values) if at not in broken]
    assert not broken or kept == sorted(kept)


def test_counts_the_months_between_two() -> None:
    assert Month(2021, 1).since(Month(2020, 11)) == 2
    assert Month(2020, 11).since(Month(2021, 1)) == -2
