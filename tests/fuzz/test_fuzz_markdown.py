"""Catalogs and what the web says of them: read, checked, fixed, shown, saved and read again.

Whatever is in either, only the bot's own errors are raised, and no byte changes that no edit names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from random import Random

import pytest
from fuzz.case import blocks, bounded, hold, work
from fuzz.catalogs import AT, LINK, source_of
from fuzz.mutation import ODD
from fuzz.survival import history_survives, survives
from reading import read
from support import CHECKED, article_of, pages_of, record_of, records_file

from bot.checking import fixes
from bot.checking.evaluate import Inputs, lint, reported
from bot.config import Settings
from bot.errors import UsageError
from bot.http.addresses import flaw
from bot.markdown.catalog import Catalog
from bot.markdown.parse import parse
from bot.medium.site import MEDIUM
from bot.model.articles import Address, Article, Feed, FeedItem, Kind, Paper, one_line
from bot.model.findings import Safety
from bot.model.history import History, OpenFinding, PageHistory
from bot.model.pages import (
    Alive,
    Blocked,
    Gone,
    Hop,
    Moved,
    NotArticle,
    Observations,
    Outcome,
    Page,
    Recovery,
    Skipped,
    Unreachable,
)
from bot.model.records import read_records
from bot.model.report import Report, Run
from bot.model.spans import Edit
from bot.output.text import render as render_text
from bot.rules.registry import RULES

TODAY = date(2026, 11, 22)
WORDS = (
    "BERT",
    "GPT",
    "Papers Explained 02: BERT",
    "A",
    "B | C",
    "x](http://y.z) [",
    "<!--",
    "-->",
    "`",
    "\n\n# x",
    "",
    " ",
)
TITLES = (*WORDS, *(odd.decode("utf-8", "replace") for odd in ODD), "a" * 500, "\ud800", "**" * 50, "[" * 80, "\\")
ENDS = (
    "",
    "#x",
    "?a=b&c",
    "(",
    ")",
    "|",
    "'",
    '"',
    "`",
    "<",
    ">",
    "\\",
    "é",
    "%0A",
    "%7C",
    " ",
    "\u2028",
    "[x]",
    "&amp;",
    "*",
)
SETTINGS = Settings()


def parsed(source: bytes) -> Catalog | None:
    try:
        return read(source)
    except UsageError as error:
        assert str(error).startswith("catalog.md:")
        assert "\n" not in str(error)
        with pytest.raises(UnicodeDecodeError):
            source.decode()
        return None


def only_named(before: bytes, after: bytes, edits: Sequence[Edit]) -> None:
    """See that the new bytes are the old ones but for the edits, without asking the bot's own splicing."""
    at = to = 0
    for edit in sorted(edits, key=lambda each: each.span):
        gap = before[at : edit.span.start]
        assert edit.span.start >= at
        assert after[to : to + len(gap)] == gap
        assert before[edit.span.start : edit.span.stop] == edit.expected
        to += len(gap)
        assert after[to : to + len(edit.replacement)] == edit.replacement
        to, at = to + len(edit.replacement), edit.span.stop
    assert after[to:] == before[at:]


def fixed(inputs: Inputs, report: Report, *, unsafe: bool) -> bytes:
    """Apply the fixes, and return the new text of the catalog."""
    catalog, records = inputs.catalog, inputs.records
    picked = fixes.fitting(catalog, fixes.choose(report.findings, unsafe=unsafe))
    changed = fixes.new_texts(catalog, records, picked)
    for path, before in ((catalog.path, catalog.source), (records.path, records.source)):
        only_named(before, changed.get(path, before), fixes.edits_of(path, picked))
    assert set(changed) <= {catalog.path, records.path}
    if records.path in changed:
        named = {edit.span for edit in fixes.edits_of(records.path, picked)}
        after = read_records(changed[records.path], records.path)
        for post_id, span in records.lines.items():
            if not any(span.holds(each) and each.start < each.stop for each in named):
                assert after.by_id[post_id] == records.by_id[post_id]
    return changed.get(catalog.path, catalog.source)


def shown(inputs: Inputs, report: Report) -> None:
    """Show a report, save it and read it again."""
    text = render_text(report)
    assert all(
        letter == "\n" or letter.isprintable() or letter in " \u00a0\u3000" or ord(letter) > 127 for letter in text
    )
    survives(inputs, report)


def asked_as_the_same(inputs: Inputs) -> None:
    """See that the address at which a page is asked is one of the same page: a saved page has that one alone."""
    evidence = inputs.evidence()
    for usage in evidence.usages:
        target = evidence.site.target(usage.address)
        assert target.address is not None
        assert target.address.identity == target.identity == usage.address.identity
        assert (target.address.kind, target.address.post_id) == (usage.address.kind, usage.address.post_id)


def linted(source: bytes, *, saved: bool) -> None:
    """Read, lint and fix a catalog until there is nothing left to fix: that ends soon."""
    for _ in range(6):
        catalog = parsed(source)
        if catalog is None:
            return
        inputs = Inputs(catalog, SETTINGS, RULES).offline()
        asked_as_the_same(inputs)
        report = lint(inputs, CHECKED)
        if saved:
            shown(inputs, report)
        fixed(inputs, report, unsafe=True)
        after = fixed(inputs, report, unsafe=False)
        if after == source:
            return
        source = after
    raise AssertionError("the safe fixes have no end")


@blocks("markdown", 250)
def test_any_catalog_is_read_linted_and_fixed(numbers: range) -> None:
    hold("markdown", numbers, lambda number, random: linted(source_of(number, random), saved=number % 4 == 1))


# -- what the web says ----------------------------------------------------------------------------


def words(random: Random, names: Sequence[str] = ()) -> str:
    """Words as a page may show them: an entry's own name, anything odd, or both."""
    text = "".join(random.choice((*TITLES, *list(names) * 20)) for _ in range(random.choice((0, 1, 1, 2, 3))))
    return one_line(text.encode("utf-8", "replace").decode())  # as whatever reads pages does


def address(random: Random, post_id: str | None = None) -> str:
    """An address as a redirect or a canonical link may name it."""
    host = random.choice(("medium.com/@a", "a.medium.com", "medium.com/pub", "example.org", "medium.com/p", "xn--x.y"))
    id_ = post_id or random.choice(("31e59abc0615", "31e59abc0616", "aaaaaaaa0001"))
    slug = random.choice(("s-", "", "x-y-", "é-", "a%2Fb-", "a%23b-", "%20-", "..%2F", "a%7Cb-", "(-", "%5B-"))
    url = f"{random.choice(('https', 'http', 'HTTPS'))}://{host}/{slug}{id_}{random.choice(ENDS)}"
    return url if flaw(url) is None else "https://medium.com/"


def article(random: Random, post_id: str, names: Sequence[str]) -> Article:
    ids = random.sample(("a260", "d06a", "0001", "x", "Ünïcode", "a b", "|", "<", "a" * 64), random.randint(0, 5))
    papers = (Paper(random.choice(("1910.10683", "cs/0112017", "9999.99999")), words(random), None, words(random)),)
    return article_of(
        post_id,
        words(random, names) or "x",
        [(id_, words(random, names) or "h") for id_ in ids],
        papers=papers,
        published=random.choice((None, CHECKED)),
        modified=random.choice((None, CHECKED, CHECKED.replace(year=1))),
        canonical=random.choice((None, address(random, post_id))),
        partial=random.random() < 0.2,
    )


def outcome(random: Random, asked: Address, names: Sequence[str]) -> Outcome:
    other = NotArticle(words(random), article(random, "aaaaaaaa0001", names))
    about: list[Outcome] = [
        Alive(),
        Gone(words(random)),
        other,
        Blocked(words(random)),
        Unreachable(words(random)),
        Skipped(words(random), wanted=random.random() < 0.5),
    ]
    if asked.kind is Kind.ARTICLE and asked.post_id is not None:
        seen = article(random, asked.post_id, names)
        about += [Alive(seen), Alive(seen), Alive(seen), Moved(seen, address(random, asked.post_id))]
    return random.choice(about)


def pages_for(catalog: Catalog, random: Random) -> dict[str, Page]:
    pages = {page.identity: page for rule in RULES for page in pages_of(rule.doc).values()}
    names = [one_line(entry.name) for entry in catalog.entries()]
    for place in catalog.places():
        read_ = MEDIUM.read(place.link.url)
        if read_ is not None and random.random() < 0.8:
            hops = (Hop(read_.page, 302), Hop(address(random, read_.post_id), 200))
            answer = outcome(random, read_, names)
            heard = None
            if isinstance(answer, Blocked | Unreachable) and read_.post_id is not None and random.random() < 0.5:
                source = random.choice(("feed", "wayback"))
                heard = replace(article(random, read_.post_id, names), title_source=source, partial=True)
            pages[read_.identity] = Page(read_.identity, read_.page, read_, answer, hops, 1, CHECKED, heard)
    return pages


def revived(page: Page, random: Random) -> str:
    """Where a dead page's article may be seen: at a candidate's address, or in the archive."""
    snapshot = f"https://web.archive.org/web/20240102030405/{page.url}"
    return random.choice(("https://medium.com/@a/s-aaaaaaaa0001", "https://a.medium.com/a%2Fb-aaaaaaaa0001", snapshot))


def seen_by(catalog: Catalog, random: Random) -> Observations:
    """What a run, and the runs before it, may have seen of the pages of a catalog."""
    pages = pages_for(catalog, random)
    newest = MEDIUM.read("https://medium.com/@a/new-bbbbbbbb0001")
    assert newest is not None
    names = [one_line(entry.name) for entry in catalog.entries()]
    earlier = pages_for(catalog, random)
    item = FeedItem("bbbbbbbb0001", words(random) or "x", newest, random.choice((None, CHECKED)))
    return Observations(
        pages=pages,
        recalled={
            identity: page
            for identity, page in earlier.items()
            if isinstance(page.outcome, Alive | Moved | NotArticle | Gone) and random.random() < 0.2
        },
        deaths={identity: DEATHS for identity in pages if random.random() < 0.5},
        confirm=random.choice((1, 3)),
        held_back=frozenset(identity for identity in pages if random.random() < 0.1),
        recoveries={
            identity: (Recovery(revived(page, random), words(random, names), words(random), random.random() < 0.3),)
            for identity, page in pages.items()
            if random.random() < 0.5
        },
        feeds={"@a": Feed(random.choice(("", 'W/"x"')), "", (item,))},
    )


def history_of(seen: Observations, random: Random) -> History:
    """A history that runs before may have left."""
    some = [page for page in seen.pages.values() if random.random() < 0.5]
    return History(
        pages={page.identity: PageHistory("Gone", DEATHS[-1], DEATHS[:-1]) for page in some},
        seen={page.identity: page for page in some if isinstance(page.outcome, Alive | Moved | Gone)},
        open={
            f"{at:016x}": OpenFinding(DEATHS[0], random.choice(RULES).id, "x", page.url, page.identity)
            for at, page in enumerate(some)
        },
    )


DEATHS = (date(2026, 11, 20), date(2026, 11, 21), TODAY)


def checked(source: bytes, random: Random, *, saved: bool) -> None:
    """Check a catalog against a web that says anything at all."""
    catalog = parsed(source)
    if catalog is None:
        return
    seen = seen_by(catalog, random)
    ids = {each.address.post_id for each in seen.pages.values() if each.address and each.address.post_id}
    known = [
        record_of(id_, f"https://medium.com/p/{id_}", "a title", "2020-01-01") for id_ in ids if random.random() < 0.3
    ]
    inputs = Inputs(catalog, SETTINGS, RULES, read_records(records_file(known), "articles.jsonl"))
    run = Run(CHECKED, CHECKED, requests=1, retries=0, bytes=1)
    report = reported(inputs, inputs.evidence().seeing(seen), run, tuple(seen.pages.values()))
    if saved:
        shown(inputs, report)
        history_survives(inputs, report, TODAY, history_of(seen, random))
    for unsafe in (False, True):
        after = parse(fixed(inputs, report, unsafe=unsafe), catalog.path)
        assert len(list(after.entries())) <= len(list(catalog.entries()))
    if any(each.fix is not None and each.fix.safety is Safety.SAFE for each in report.findings):
        assert any(each.rule in SAFE for each in report.findings)


SAFE = {"link-moved", "link-form", "link-syntax", "fragment-missing", "date-malformed", "date-drift", "duplicate-entry"}
SAFE |= {"record-missing"}


@blocks("web", 250)
def test_any_catalog_is_checked_against_a_web_that_says_anything(numbers: range) -> None:
    hold("web", numbers, lambda number, random: checked(source_of(number, random), random, saved=number % 2 == 0))


# -- size -----------------------------------------------------------------------------------------

LONG = {
    "opened brackets": b"- " + b"[" * 400_000,
    "escaped parentheses": b"- " + b"\\(" * 200_000,
    "quotes in quotes": b"> " * 300_000,
    "lists in lists": b"- " * 100_000,
    "cells": b"| Paper |\n|---|\n|" + b"a|" * 30_000,
    "links on one line": b"[](" + LINK + b") " * 1 + (b"[](" + AT + b" 'x')") * 6_000,
    "elements on one line": b"<div>\n" + (b"<a href='" + AT + b"'>") * 6_000,
    "an address": b"- " + b"https://medium.com/p/31e59abc0615" * 6_000,
    "acronyms": b"- " + b"(AB) a b " * 40_000 + b"[A](" + LINK + b")",
    "comments": b"<!-- bot: ignore " * 30_000 + b"\n[](" + LINK + b")",
    "near links": b"[a](http://b ()" * 30_000,
    "attributes": b"<div>\n<a " + b"b " * 150_000,
    "unclosed quotes": b"<div>\n" + b"<a b='\"" * 60_000,
    "rows": b"| Paper | Date |\n|---|---|\n" + b"| [A](" + LINK + b") | Mai 2018 |\n" * 2_000,
    "definitions": b"[a]: " + LINK + b"\n" * 1 + b"[a]: x\n[a] " * 20_000,
    "front matter": b"---\nk: v\n" + b"k: v\n" * 60_000,
}


@pytest.mark.parametrize("source", LONG.values(), ids=LONG.keys())
def test_a_huge_catalog_takes_time_by_its_size(source: bytes) -> None:
    with bounded():
        inputs = Inputs(parse(source, "catalog.md"), SETTINGS, RULES)
        report = lint(inputs, CHECKED)
        fixed(inputs, report, unsafe=True)
        render_text(report)


@pytest.mark.parametrize(
    "line",
    [b"| [A](" + LINK + b") | Mai 2018 |\n", b"[A] (" + LINK + b")\n\n", b"- [](" + LINK + b") - [](http://a.b)\n"],
)
def test_twice_the_catalog_is_twice_the_work(line: bytes) -> None:
    def job(count: int) -> None:
        catalog = parse(b"| Paper | Date |\n|---|---|\n" + line * count, "catalog.md")
        inputs = Inputs(catalog, SETTINGS, RULES)
        fixed(inputs, lint(inputs, CHECKED), unsafe=True)

    once, twice = (work(partial(job, count)) for count in (400, 800))
    assert twice < once * 2.3
