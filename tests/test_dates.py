"""Months: read exactly, mended only where one reading is left, told by arXiv ids, in order or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.matching.dates import Month, arxiv_month, ascending_length, out_of_order, read_month, repair_month


@pytest.mark.parametrize("text", ["March 2022", "May 1999", "December 2025"])
def test_a_month_is_read_as_catalogs_write_it(text: str) -> None:
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
def test_anything_else_is_no_month(text: str) -> None:
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
        ("2022-03", "March 2022"),
        ("2022/3", "March 2022"),
    ],
)
def test_a_slip_is_mended_where_one_month_and_one_year_remain(text: str, month: str) -> None:
    assert str(repair_month(text)) == month


@pytest.mark.parametrize(
    "text",
    [
        "Jule 2020",  # June or July
        "Ju 2020",
        "Ma 2020",
        "J 2020",
        "March 20224",  # 2022 or 2024
        "March 202",
        "March 1822",
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
def test_two_readings_are_none(text: str) -> None:
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
    ],
)
def test_an_arxiv_id_tells_its_month(paper: str, month: str) -> None:
    assert str(arxiv_month(paper)) == month


@pytest.mark.parametrize(
    "paper",
    ["1913.01108", "0703.0001", "1900.01108", "cs/0713001", "cs/0704001", "1910.011", "x", "10.1109/5.726791", ""],
)
def test_what_is_no_arxiv_id_tells_none(paper: str) -> None:
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
        ([5, 4, 3, 2, 1], []),  # no order to break
        ([3, 1, 2], []),
    ],
)
def test_the_entries_that_break_an_order_are_named(numbers: list[int], broken: list[int]) -> None:
    assert out_of_order(months(*numbers)) == broken


@given(st.lists(st.integers(0, 30), max_size=12))
def test_without_those_that_break_it_the_order_ascends_and_none_could_be_kept(numbers: list[int]) -> None:
    from itertools import combinations

    values = months(*numbers)
    best = max(
        (size for size in range(len(values) + 1) for kept in combinations(values, size) if list(kept) == sorted(kept)),
        default=0,
    )
    assert ascending_length(values) == best
    broken = out_of_order(values)
    kept = [value for at, value in enumerate(values) if at not in broken]
    assert not broken or kept == sorted(kept)


def test_months_are_counted_apart() -> None:
    assert Month(2021, 1).since(Month(2020, 11)) == 2
    assert Month(2020, 11).since(Month(2021, 1)) == -2
