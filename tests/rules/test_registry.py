"""Choosing rules, and the order of findings."""

from __future__ import annotations

import ast
import re

import pytest
from support import ROOT, catalog_of, observe, page_of

from bot.errors import UsageError
from bot.model.findings import Severity
from bot.model.pages import Gone
from bot.model.spans import Span
from bot.rules.evidence import About
from bot.rules.registry import RULES, check, chosen, rule_named
from bot.rules.rule import Rule


def ids(select: list[str], ignore: list[str]) -> list[str]:
    return [rule.id for rule in chosen(select, ignore)]


def test_all_rules_run_unless_some_are_chosen() -> None:
    assert ids([], []) == [rule.id for rule in RULES]
    assert ids(["all"], []) == ids([], [])
    assert ids(["link-gone"], []) == ["link-gone"]
    assert ids(["fragment"], ["fragment-wanted"]) == ["fragment-missing", "fragment-mismatch"]
    assert ids([], ["all"]) == []


def test_every_file_with_a_rule_is_in_the_registry() -> None:
    files = {path.stem for path in (ROOT / "bot/rules").glob("*.py") if "\nRULE = " in path.read_text("utf-8")}
    assert files == {rule.id.replace("-", "_") for rule in RULES}


@pytest.mark.parametrize("name", ["link-gnoe", "LINK-GONE", "link-", "", "lin"])
def test_an_unknown_rule_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="unknown rule"):
        chosen([name], [])
    with pytest.raises(UsageError, match="unknown rule"):
        rule_named(name)


def test_findings_come_in_document_order() -> None:
    url = "https://a.medium.com/x-aaaaaaaa0001"
    catalog = catalog_of(f"- [A]({url})\n- [B] (http://b.medium.com/y-aaaaaaaa0002)\n- [C]({url})\n- []({url})\n")
    page = page_of(url, Gone("no such post (404)"), status=404)
    found = check(observe(catalog, {page.identity: page}), RULES)
    assert [(catalog.position(each.span.start).line, each.rule) for each in found] == [
        (1, "link-gone"),
        (2, "link-form"),
        (2, "link-syntax"),
        (3, "link-gone"),
        (4, "link-gone"),
        (4, "link-syntax"),
    ]


def test_no_other_room_knows_a_rule() -> None:
    """What differs between rules is a field of theirs; other rooms name neither an id nor a rule's module."""
    named = re.compile(rf"(?<![\w-])({'|'.join(rule.id for rule in RULES)})(?![\w-])")
    rules = {rule.check.__module__ for rule in RULES}
    for path in sorted((ROOT / "bot").rglob("*.py")):
        if path.parent == ROOT / "bot" / "rules":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not named.search(node.value), f"{path}:{node.lineno} names a rule"
            elif isinstance(node, ast.ImportFrom):
                imported = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
                assert not rules & imported, f"{path}:{node.lineno} imports a rule"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_finding_has_its_rules_id_and_severity_unless_it_says_less(rule: Rule) -> None:
    about = About(Span(1, 2), "name", "section", "https://medium.com/p/aaaaaaaa0001", "aaaaaaaa0001")
    found = rule.finding(about, "words")
    assert (found.rule, found.severity, found.message, found.facts, found.fix) == (
        rule.id,
        rule.severity,
        "words",
        (),
        None,
    )
    assert (found.span, found.entry, found.section, found.url, found.identity) == about
    assert rule.finding(about, "words", severity=Severity.INFORMATION).severity is Severity.INFORMATION
