"""Choosing rules, and the order of findings."""

from __future__ import annotations

import pytest
from support import catalog_of, observe, page_of

from bot.errors import ConfigError
from bot.model.pages import Gone
from bot.rules.registry import RULES, check, chosen, rule_named


def ids(select: list[str], ignore: list[str]) -> list[str]:
    return [rule.id for rule in chosen(select, ignore)]


def test_all_rules_run_unless_some_are_chosen() -> None:
    assert ids([], []) == [rule.id for rule in RULES]
    assert ids(["all"], []) == ids([], [])
    assert ids(["link-gone"], []) == ["link-gone"]
    assert ids(["fragment"], ["fragment-wanted"]) == ["fragment-missing", "fragment-mismatch"]
    assert ids([], ["all"]) == []


@pytest.mark.parametrize("name", ["link-gnoe", "LINK-GONE", "link-", "", "lin"])
def test_an_unknown_rule_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="there is no rule"):
        chosen([name], [])
    with pytest.raises(ConfigError, match="there is no rule"):
        rule_named(name)


def test_findings_come_in_document_order() -> None:
    url = "https://a.medium.com/x-aaaaaaaa0001"
    catalog = catalog_of(f"- [A]({url})\n- [B] (http://b.medium.com/y-aaaaaaaa0002)\n- [C]({url})\n- []({url})\n")
    page = page_of(url, Gone("no such post (404)"), status=404)
    found = check(catalog, observe(catalog, {page.identity: page}), RULES)
    assert [(catalog.position(each.span.start).line, each.rule) for each in found] == [
        (1, "link-gone"),
        (2, "link-form"),
        (2, "link-syntax"),
        (3, "link-gone"),
        (4, "link-gone"),
        (4, "link-syntax"),
    ]
