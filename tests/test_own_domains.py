"""A publication's own domain that the settings name is Medium's in every step, from scraping to a saved report."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import Cli, StandIn
from support import article_of, catalog_of, findings_of, fixed, page_of

from bot.checking.recovery import Known, candidates
from bot.commands.history_file import read_history
from bot.demo.facts import Facts
from bot.demo.world import Fault, World
from bot.medium.scrape import look, scrape
from bot.medium.site import MEDIUM, Site
from bot.medium.sources import read_feed
from bot.model.articles import Feed, FeedItem, Kind
from bot.model.documents import encode_history
from bot.model.findings import Safety
from bot.model.history import History
from bot.model.pages import Alive, Moved
from bot.rules import duplicate_entry, link_form, link_moved, link_syntax

OWN = Site(frozenset({"blog.example.org"}))
HOME = "https://blog.example.org"
BERT = f"{HOME}/bert-31e59abc0615"
GPT = f"{HOME}/gpt-30b6f1e6d226"
ARTICLE = article_of("31e59abc0615", "BERT", [("aaaa", "BERT")])


# -- rules beyond their documented examples -----------------------------------------------------


@pytest.mark.parametrize(("site", "count"), [(OWN, 1), (MEDIUM, 0)], ids=["a domain that is named", "one that is not"])
def test_an_article_under_two_slugs_is_one_entry_twice(site: Site, count: int) -> None:
    other = f"{HOME}/another-slug-31e59abc0615?source=rss"
    catalog = catalog_of(f"- [BERT]({BERT})\n- [BERT]({other})\n")
    assert len(findings_of(duplicate_entry.RULE, catalog, site=site)) == count


@pytest.mark.parametrize("url", [f"http://blog.example.org/{BERT[-17:]}#aaaa", f"{BERT}?source=rss#aaaa"])
def test_link_form_drops_http_and_tracking(url: str) -> None:
    catalog = catalog_of(f"- [BERT]({url})\n")
    assert fixed(catalog, findings_of(link_form.RULE, catalog, site=OWN)) == f"- [BERT]({BERT}#aaaa)\n"


def test_link_form_puts_the_pages_slug_before_a_bare_id() -> None:
    bare = f"{HOME}/31e59abc0615"
    catalog = catalog_of(f"- [BERT]({bare}#aaaa)\n")
    page = page_of(bare, Alive(ARTICLE), final=BERT, site=OWN)
    assert fixed(catalog, findings_of(link_form.RULE, catalog, [page], site=OWN)) == f"- [BERT]({BERT}#aaaa)\n"


def test_an_article_that_left_the_domain_moves_to_the_usual_form_of_its_author() -> None:
    others = "".join(f"- [{n}](https://a.medium.com/x-00000000000{n})\n" for n in range(2))
    catalog = catalog_of(f"- [BERT]({BERT}#aaaa)\n{others}")
    moved = Moved(ARTICLE, "https://medium.com/@a/bert-31e59abc0615")
    (found,) = findings_of(link_moved.RULE, catalog, [page_of(BERT, moved, site=OWN)], site=OWN)
    assert fixed(catalog, [found]) == f"- [BERT](https://a.medium.com/bert-31e59abc0615#aaaa)\n{others}"


@pytest.mark.parametrize(("site", "safety"), [(OWN, Safety.SAFE), (MEDIUM, Safety.REVIEW)])
def test_brackets_before_an_address_of_the_domain_are_surely_a_link(site: Site, safety: Safety) -> None:
    (found,) = findings_of(link_syntax.RULE, catalog_of(f"- [BERT] ({BERT})\n"), site=site)
    assert found.fix is not None
    assert found.fix.safety is safety


# -- pages, feeds and what is known from earlier runs -------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        f'<meta property="og:url" content="{BERT}">',
        f'<link rel="canonical" href="{BERT}">',
    ],
)
def test_the_address_in_a_pages_head_makes_it_an_article(head: str) -> None:
    page = f'<html><head><meta property="og:title" content="BERT">{head}</head><body></body></html>'.encode()
    article = scrape(page, BERT, OWN)
    assert article is not None
    assert article.post_id == "31e59abc0615"
    assert scrape(page, BERT, MEDIUM) is None


def test_the_address_in_a_pages_head_makes_it_a_publication() -> None:
    page = f'<html><head><meta property="og:url" content="{HOME}"></head><body></body></html>'.encode()
    assert look(page, HOME, OWN).kind is Kind.PUBLICATION
    assert look(page, HOME, MEDIUM).kind is None


def test_the_items_of_a_feed_may_be_on_the_domain() -> None:
    item = (
        f"<item><title>BERT</title><link>{BERT}?source=rss</link><guid>https://medium.com/p/31e59abc0615</guid></item>"
    )
    feed = f"<rss><channel>{item}</channel></rss>".encode()
    assert [each.address.page for each in read_feed(feed, OWN)] == [BERT]
    assert read_feed(feed, MEDIUM) == ()


def test_an_article_of_the_domain_is_looked_for_by_its_id_alone() -> None:
    dead, other = OWN.resolve(BERT), OWN.resolve(f"{HOME}/bert-31e59abc0616")
    found = candidates(dead, ["BERT"], [Known(other, "BERT", "the catalog")], OWN)
    assert [address.page for address, _ in found] == ["https://medium.com/p/31e59abc0615", other.page]


def test_a_history_comes_back_with_its_pages_and_feeds() -> None:
    page = page_of(BERT, Alive(ARTICLE), site=OWN)
    feed = Feed("", "", (FeedItem("30b6f1e6d226", "GPT", OWN.resolve(GPT), None),))
    history = History(seen={page.identity: page}, feeds={"blog": feed})
    today = datetime.now(UTC).date()
    assert read_history(encode_history(history), "s", today, OWN) == (history, None)
    assert read_history(encode_history(history), "s", today, MEDIUM)[1] is not None


# -- whole commands -----------------------------------------------------------------------------

ROWS = (
    "# C\n\n| Paper | Date |\n|---|---|\n"
    f"| [BERT]({HOME}/31e59abc0615) | May 2018 |\n"
    f"| [GPT]({GPT}?source=rss#0001) | June 2018 |\n"
)
FIXED = ROWS.replace("/31e59abc0615", "/bert-31e59abc0615").replace("?source=rss", "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository's folder with a catalog on a publication's own domain."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text(ROWS, "utf-8")
    (tmp_path / "bot.toml").write_text('hosts = ["blog.example.org"]\nrate = 0\nconfirm = 2\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def world(**faults: Fault) -> World:
    facts = [
        Facts(url[-12:], title, "2018-05-01T00:00:00.000Z", url, (("0000", "h3", title), ("0001", "h3", title)))
        for title, url in (("BERT", BERT), ("GPT", GPT))
    ]
    known = {each.post_id: each for each in facts}
    return World(known, paragraphs=1, site=OWN, faults={BERT[-12:]: faults["bert"]} if faults else {})


def test_check_links_fixes_such_a_catalog_and_records_its_articles(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    done = cli("check-links", "--remap", stand_in(world()), "--fix")
    assert done.code == 0, done.out + done.err
    assert (folder / "README.md").read_text("utf-8") == FIXED
    records = [json.loads(line) for line in (folder / "articles.jsonl").read_text("utf-8").splitlines()]
    assert [each["url"] for each in records] == [f"{HOME}/31e59abc0615", GPT]


def test_a_saved_report_fixes_it_the_same(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    cli("check-links", "--remap", stand_in(world()), "--format", "json", "-o", "r.json")
    assert cli("fix", "r.json").code == 0
    text, records = (folder / "README.md").read_text("utf-8"), (folder / "articles.jsonl").read_bytes()
    (folder / "README.md").write_text(ROWS, "utf-8")
    (folder / "articles.jsonl").unlink()
    cli("check-links", "--remap", stand_in(world()), "--fix")
    assert ((folder / "README.md").read_text("utf-8"), (folder / "articles.jsonl").read_bytes()) == (text, records)


def test_a_history_keeps_what_was_found_on_the_domain(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    common = ["check-links", "--state", "s.json", "--format", "json", "-o", "r.json", "--remap"]
    for fault in (Fault.DELETED, Fault.CHALLENGE):
        done = cli(*common, stand_in(world(bert=fault)))
        assert "cannot be read" not in done.err
        report = json.loads((folder / "r.json").read_text("utf-8"))
        assert [each["entry"] for each in report["findings"] if each["rule"] == "link-gone"] == ["BERT"]
