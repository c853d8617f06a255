"""Every rule's documentation is run: Bad fires, its fix gives Good, and Good is silent."""

from __future__ import annotations

import re
from dataclasses import replace
from textwrap import dedent

import pytest
from support import catalog_of, feed_of, findings_of, fixed, pages_of, records_of

from bot.medium.site import MEDIUM, Site
from bot.model.findings import Finding
from bot.rules.registry import RULES
from bot.rules.rule import Rule


def block(rule: Rule, label: str) -> str:
    """The indented lines under `Bad:` or `Good:`."""
    found = re.search(rf"^{label}:\n((?:    .*\n|\n)+)", rule.doc + "\n", re.MULTILINE)
    return dedent(found[1]).strip("\n") + "\n" if found else ""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_bad_fires_and_its_fix_gives_good_which_is_silent(rule: Rule) -> None:
    hold_to_examples(rule, MEDIUM)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id != "link-form"], ids=lambda rule: rule.id)
def test_a_rule_does_the_same_on_a_domain_that_the_settings_name(rule: Rule) -> None:
    """All but link-form's example, which is about the two hosts of an author."""
    moved = rule.doc.replace("ritvik19.medium.com", "blog.example.org")
    hold_to_examples(replace(rule, doc=moved), Site(frozenset({"blog.example.org"})))


def hold_to_examples(rule: Rule, site: Site) -> None:
    pages = pages_of(rule.doc, site).values()
    bad, good = catalog_of(block(rule, "Bad")), block(rule, "Good")
    records = records_of(rule.doc)
    findings = findings_of(rule, bad, pages, site=site, records=records, feed=feed_of(rule.doc, site))
    assert findings
    assert all(finding.rule == rule.id for finding in findings)
    if good:
        assert fixed(bad, findings) == good
        again = records_of(rule.doc.replace(*_accepted(findings)))
        assert findings_of(rule, catalog_of(good), pages, site=site, records=again) == []
    else:
        assert fixed(bad, findings) == bad.source.decode()


def _accepted(findings: list[Finding]) -> tuple[str, str]:
    """The record's value that the fixes replace, and what replaces it."""
    for finding in findings:
        for edit in finding.fix.edits if finding.fix else ():
            if edit.path == "articles.jsonl":
                return edit.expected.decode(), edit.replacement.decode()
    return "", ""


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.needs_web], ids=lambda rule: rule.id)
def test_a_rule_that_needs_the_web_is_silent_without_it(rule: Rule) -> None:
    assert findings_of(rule, catalog_of(block(rule, "Bad"))) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_is_documented_under_its_own_name(rule: Rule) -> None:
    assert rule.check.__module__ == f"bot.rules.{rule.id.replace('-', '_')}"
    first, second = rule.doc.strip().splitlines()[:2]
    assert first.endswith(".")
    assert second == ""
    assert "Why: " in rule.doc
    assert block(rule, "Bad")
