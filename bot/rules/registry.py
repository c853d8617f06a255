"""The rules, in the order in which they are shown. A new rule is a file, and an import and a line here."""

from collections import Counter
from collections.abc import Collection, Iterable

from bot.errors import UsageError
from bot.model.findings import Finding
from bot.model.pages import Observations
from bot.rules import (
    article_uncatalogued,
    date_drift,
    date_impossible,
    date_malformed,
    date_order,
    duplicate_entry,
    duplicate_link,
    fragment_mismatch,
    fragment_missing,
    fragment_wanted,
    link_form,
    link_gone,
    link_moved,
    link_syntax,
    link_wrong_article,
    name_mismatch,
    published_drift,
    record_missing,
    table_malformed,
    title_drift,
)
from bot.rules.evidence import Evidence
from bot.rules.rule import Rule
from bot.text import nearest

RULES: tuple[Rule, ...] = (
    link_gone.RULE,
    link_moved.RULE,
    link_form.RULE,
    link_wrong_article.RULE,
    link_syntax.RULE,
    fragment_missing.RULE,
    fragment_mismatch.RULE,
    fragment_wanted.RULE,
    title_drift.RULE,
    name_mismatch.RULE,
    date_malformed.RULE,
    date_drift.RULE,
    date_order.RULE,
    date_impossible.RULE,
    published_drift.RULE,
    duplicate_entry.RULE,
    duplicate_link.RULE,
    record_missing.RULE,
    article_uncatalogued.RULE,
    table_malformed.RULE,
)
BY_ID = {rule.id: rule for rule in RULES}
FIX_KINDS = tuple(dict.fromkeys(rule.kind for rule in RULES if rule.kind is not None))


def rule_named(name: str) -> Rule:
    """Return the rule of this id; raise `UsageError`, with the nearest id, otherwise."""
    if name not in BY_ID:
        raise UsageError(f"unknown rule {name!r} (`bot rules` lists them all){nearest(name, BY_ID)}")
    return BY_ID[name]


def chosen(select: Collection[str], ignore: Collection[str]) -> tuple[Rule, ...]:
    """Return the rules to run: those selected (by default all), without those ignored.

    A name may be an id or the beginning of one up to a dash: `link` means all `link-…` rules.
    """
    wanted = _expanded(select) if select else set(BY_ID)
    return tuple(rule for rule in RULES if rule.id in wanted - _expanded(ignore))


def ran(ids: Collection[str]) -> tuple[Rule, ...]:
    """Return the rules with these ids, in order; unknown ids, from another version of the bot, are ignored."""
    return tuple(rule for rule in RULES if rule.id in ids)


def listed(findings: Iterable[Finding]) -> tuple[list[Finding], Counter[str]]:
    """Return the findings to list one by one, and for rules whose findings are only counted, how many there are."""
    shown = []
    folded: Counter[str] = Counter()
    for each in findings:
        if BY_ID[each.rule].folded:
            folded[each.rule] += 1
        else:
            shown.append(each)
    return shown, folded


def _expanded(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        family = {id_ for id_ in BY_ID if id_.startswith(f"{name}-")}
        found |= family or ({*BY_ID} if name == "all" else {rule_named(name).id})
    return found


def check(evidence: Evidence, rules: Iterable[Rule]) -> list[Finding]:
    """Run rules; findings are in document order, then in the order of the rules."""
    findings = [finding for rule in rules for finding in rule.check(evidence)]
    return sorted(findings, key=lambda finding: finding.span)


def found_offline(evidence: Evidence, rules: Iterable[Rule]) -> frozenset[str]:
    """Return the fingerprints of what the rules find without any page."""
    offline = [rule for rule in rules if not rule.needs_web]
    return frozenset(each.fingerprint for each in check(evidence.seeing(Observations()), offline))
