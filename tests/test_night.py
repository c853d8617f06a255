"""The whole job on the real catalog, over real sockets: what it must find, and what it must not."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from support import ROOT, SHARED, run_check
from unruly import unruly_world

from bot.config import Settings
from bot.demo.facts import fitting, recorded
from bot.demo.server import serve
from bot.demo.world import DEATHS, Fault, World
from bot.markdown.catalog import Catalog
from bot.markdown.parse import parse
from bot.model.pages import Alive, Gone, Moved, Skipped
from bot.model.report import Report
from bot.rules.registry import RULES

# The second is the same but for its descriptions, and not in every clone.
CATALOGS = [path for path in (ROOT / "catalog" / "README.md", SHARED / "catalog.md") if path.exists()]
FAST = Settings(rate=0.0, concurrency=16, timeout=2.0)


def check(world: World, catalog: Catalog, settings: Settings = FAST) -> Report:
    async def checked() -> Report:
        async with serve(world) as remap:
            return await run_check(catalog, replace(settings, remap=(remap,)), RULES)

    return asyncio.run(checked())


@pytest.fixture(scope="module", params=CATALOGS, ids=lambda path: path.name)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return parse(request.param.read_bytes(), "catalog.md")


@pytest.fixture(scope="module")
def world(catalog: Catalog) -> World:
    return World(*fitting(catalog), paragraphs=4)


@pytest.fixture(scope="module")
def report(catalog: Catalog, world: World) -> Report:
    return check(world, catalog)


def test_all_pages_of_a_world_without_faults_live(report: Report) -> None:
    assert {type(page.outcome) for page in report.pages} == {Alive, Moved, Skipped}
    assert report.coverage == 1.0
    assert sum(isinstance(page.outcome, Skipped) for page in report.pages) == 3  # two on twitter.com, one on discord.gg


def test_a_report_is_not_spelled_out_by_whoever_asks_for_its_repr(report: Report) -> None:
    assert len(repr(report)) < 200  # asyncio.run does, for what it returns


def test_the_real_catalog_gives_exactly_its_true_findings(report: Report) -> None:
    found: dict[str, list[str]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, []).append(finding.entry)
    publications = [(finding.entry, finding.url) for finding in report.findings if finding.rule == "link-moved"]
    assert all(url.startswith("https://medium.com/dair-ai/") for _, url in publications)
    assert len(found.pop("record-missing")) == 354
    assert found.pop("name-mismatch") == ["Obelics", "Pixmo"]  # data sets, on the pages of the models trained on them
    assert found == {
        "date-malformed": ["BERTopic", "Aya 101", "Aya Dataset"],
        "date-order": ["Tulu V3", "Transformers without Normalization"],
        "duplicate-entry": ["XLM-Roberta"],
        "duplicate-link": ["Inception Net v2 / Inception Net v3", "Batch Channel Normalisation"],
        "fragment-mismatch": ["Inception Net v2 / Inception Net v3", "Batch Channel Normalisation"],
        "fragment-wanted": ["Grok 1.5", "Grok 1.5 V", "Grok 2"],
        "link-form": ["ColBERT", "SPADE"],
        "link-moved": [
            "Codestral 22B",
            "Mathstral",
            "Mistral Nemo",
            "Mistral Small",
            "Convolutional Neural Networks",
            "Tabular Deep Learning",
        ],
    }


def test_every_publications_address_whose_article_left_it_is_moved(catalog: Catalog, report: Report) -> None:
    left = {
        place.link.url
        for place in catalog.places()
        if "medium.com/dair-ai/" in place.link.url and place.link.url.partition("#")[0][-12:] in recorded()
    }
    assert {finding.url for finding in report.findings if finding.rule == "link-moved"} == left


def test_the_fixes_keep_fragments_and_lead_to_living_headings(report: Report) -> None:
    edits = {
        finding.entry: [(edit.expected.decode(), edit.replacement.decode()) for edit in finding.fix.edits]
        for finding in report.findings
        if finding.fix is not None
    }
    assert edits["Inception Net v2 / Inception Net v3"] == [("d7b3", "df7a")]
    assert edits["Batch Channel Normalisation"] == [("3944", "2728")]
    assert edits["Grok 2"] == [("", "#2f00")]
    base = "papers-explained-mistral-7b-b9632dedf580"
    assert edits["Mathstral"] == [(f"https://medium.com/dair-ai/{base}", f"https://ritvik19.medium.com/{base}")]


def test_one_request_a_page_and_no_more(report: Report, world: World) -> None:
    asked = [page for page in report.pages if not isinstance(page.outcome, Skipped)]
    redirects = sum(len(page.hops) - 1 for page in asked)
    robots = sum(count for url, count in world.asked.items() if url.endswith("/robots.txt"))
    assert report.run.requests == world.requests == len(asked) + redirects + robots + report.run.retries
    assert report.run.retries == 0
    assert robots == 2  # medium.com and the author's own host
    pages = Counter(url for url in world.asked.elements() if not url.endswith("/robots.txt"))
    assert all(count == 1 for url, count in pages.items() if "/dair-ai/" in url or "/list/" in url)


UNRULY = {
    Fault.LIMITED: 0.05,
    Fault.CHALLENGE: 0.02,
    Fault.RESET: 0.02,
    Fault.BUSY: 0.01,
    Fault.SUSPENDED: 0.01,
    Fault.SIGN_IN: 0.01,
    Fault.LOOP: 0.0,
    Fault.ENDLESS: 0.0,
    Fault.SLOW: 0.0,
    Fault.DELETED: 0.01,
    Fault.NOT_FOUND: 0.01,
    Fault.SOFT_404: 0.01,
    Fault.FRONT_PAGE: 0.01,
}


def test_in_an_unruly_world_no_living_article_is_called_dead_and_no_dead_one_alive() -> None:
    catalog = parse(CATALOGS[0].read_bytes(), "catalog.md")
    world = unruly_world(catalog, UNRULY)
    world.paragraphs, world.retry_after = 4, 0
    report = check(world, catalog, replace(FAST, timeout=0.6, no_hold_back=True))
    dead = {post_id for post_id, fault in world.faults.items() if fault in DEATHS}
    by_post = {page.address.post_id: page for page in report.pages if page.address and page.address.post_id}
    called_dead = {post_id for post_id, page in by_post.items() if isinstance(page.outcome, Gone)}
    assert called_dead == dead
    hidden = {Fault.CHALLENGE, Fault.SUSPENDED, Fault.SIGN_IN, Fault.LOOP, Fault.ENDLESS, Fault.SLOW}
    unverified = {post_id for post_id, fault in world.faults.items() if fault in hidden}
    assert {post_id for post_id, page in by_post.items() if not page.verified} == unverified
    assert report.run.requests == world.requests
    assert {finding.rule for finding in report.findings if finding.severity == "error"} == {"link-gone"}


def test_many_deaths_at_once_are_held_back_and_said() -> None:
    catalog = parse(CATALOGS[0].read_bytes(), "catalog.md")
    world = unruly_world(catalog, {Fault.NOT_FOUND: 0.2})
    world.paragraphs = 4
    report = check(world, catalog)
    dead = {post_id for post_id, fault in world.faults.items() if fault is Fault.NOT_FOUND}
    assert len(report.run.held_back) >= len(dead) > 20
    assert not any(finding.rule == "link-gone" for finding in report.findings)
