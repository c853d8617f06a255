"""A misspelled word gets a suggestion, an unknown one does not."""

from __future__ import annotations

import pytest

from bot.text import nearest

RULES = ("link-gone", "link-moved", "link-form", "date-drift")


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [("link-gon", "link-gone"), ("linkgone", "link-gone"), ("link-mvoed", "link-moved"), ("date_drift", "date-drift")],
)
def test_a_misspelled_word_gets_a_suggestion(word: str, suggestion: str) -> None:
    assert nearest(word, RULES) == f"; did you mean {suggestion!r}?"


@pytest.mark.parametrize("word", ["", "x", "table", "heading-drop"])
def test_an_unknown_word_gets_no_suggestion(word: str) -> None:
    assert nearest(word, RULES) == ""


def test_the_nearest_of_several_is_suggested() -> None:
    assert nearest("link-forms", RULES) == "; did you mean 'link-form'?"


def test_without_known_words_there_is_no_suggestion() -> None:
    assert nearest("link-gone", []) == ""


def test_known_words_may_come_from_any_iterable() -> None:
    assert nearest("link-gon", iter(RULES)) == "; did you mean 'link-gone'?"
    assert nearest("link-gon", dict.fromkeys(RULES, 1)) == "; did you mean 'link-gone'?"
