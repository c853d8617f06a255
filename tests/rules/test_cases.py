"""Everything that a rule says of a case: position, message, evidence and fix."""

from __future__ import annotations

from pathlib import Path

import pytest
from rules.cases import cases, found_in

from bot.rules.registry import BY_ID

CASES = list(cases())


@pytest.mark.parametrize(
    ("path", "given", "finds"), CASES, ids=[f"{path.stem}-{given.splitlines()[0]}" for path, given, _ in CASES]
)
def test_a_rule_says_exactly_this(path: Path, given: str, finds: str) -> None:
    assert found_in(path, given).rstrip() == finds.rstrip()


def test_every_rule_has_cases() -> None:
    assert {path.stem for path, _, _ in CASES} == set(BY_ID)
