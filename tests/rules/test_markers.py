"""Which rules a comment silences, and on which line."""

from __future__ import annotations

import pytest
from support import catalog_of

from bot.checking import evaluate

RULES = ("link-gone", "link-form", "link-moved")
LINES = ("first", "second {}", "third")


def silenced(marker: str, rule: str = "link-form", line: int = 1, lines: tuple[str, ...] = LINES) -> bool:
    """Return True if a rule is silenced on a line, where the second line carries the marker."""
    found = evaluate.silenced(catalog_of("\n".join(lines).format(marker)))
    return not found.get(line + 1, set()).isdisjoint({"", rule})


@pytest.mark.parametrize(
    "marker",
    [
        "<!-- bot: ignore link-form -->",
        "<!--bot:ignore link-form-->",
        "<!--\tbot:\tignore\tlink-form\t-->",
        "<!-- bot: ignore link-gone link-form -->",
        "<!-- bot: ignore link-gone,link-form -->",
        "<!-- bot: ignore link-gone --> é <!-- bot: ignore link-form -->",
        "<!-- bot: ignore -->",
        "<!-- bot: ignore , -->",
        "<!-- bot: ignore --><!-- bot: ignore link-gone -->",
    ],
)
def test_a_marker_silences_what_it_names_or_everything(marker: str) -> None:
    assert silenced(marker)


@pytest.mark.parametrize(
    "marker",
    [
        "",
        "<!-- bot: ignore link-gone -->",
        "<!-- bot: ignore link-form-too -->",
        "<!-- bot: ignore link -->",
        "<!-- bot: ignored link-form -->",
        "<!-- robot: ignore link-form -->",
        "<!-- bot ignore link-form -->",
        "<!-- bot: ignore link-form",
        "<!-- bot: ignore <b> link-form -->",
        "bot: ignore link-form",
    ],
)
def test_what_names_another_rule_or_is_no_marker_silences_nothing(marker: str) -> None:
    assert not silenced(marker)


@pytest.mark.parametrize(("line", "result"), [(0, False), (1, True), (2, False)])
def test_a_marker_counts_on_its_own_line_alone(line: int, *, result: bool) -> None:
    assert silenced("<!-- bot: ignore link-form -->", line=line) is result
    assert silenced("<!-- bot: ignore link-form -->", line=line, lines=("", "{} é", "third")) is result


def test_each_line_has_markers_of_its_own() -> None:
    lines = ("<!-- bot: ignore link-gone -->", "{}", "<!-- bot: ignore link-moved -->")
    found = [[silenced("<!-- bot: ignore link-form -->", rule, line, lines) for line in range(3)] for rule in RULES]
    assert found == [[True, False, False], [False, True, False], [False, False, True]]


def test_a_comment_does_not_reach_over_the_end_of_its_line() -> None:
    assert not silenced("<!-- bot: ignore link-form\n-->")
    assert not silenced("<!-- bot: ignore link-form\r-->")
