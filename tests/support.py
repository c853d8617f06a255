"""What several tests build: catalogs, articles and pages from a few words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.checking import pipeline
from bot.checking.evaluate import Inputs, reported
from bot.config import Settings
from bot.markdown.catalog import Catalog
from bot.markdown.edits import splice
from bot.markdown.parse import parse
from bot.matching.names import SERIES_PREFIX
from bot.medium.site import MEDIUM, Site
from bot.model.articles import Article, Feed, FeedItem, Heading, Paper
from bot.model.findings import Finding
from bot.model.pages import Alive, Gone, Hop, Moved, NotArticle, Observations, Outcome, Page
from bot.model.records import Record, Records, read_records, written
from bot.model.report import Report, Run
from bot.rules.evidence import Evidence, gather
from bot.rules.registry import BY_ID
from bot.rules.rule import Rule

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
CHECKED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_HEADING = re.compile(r"h([1-4]) #(\S+) (.+)")
_PAPER = re.compile(r'paper (\S+) "(.*)"')
_PAGE = re.compile(
    r'Page (\S+) (?:is gone: (?P<gone>.+)|moved to (?P<moved>\S+)|shows "(?P<title>.*)"(?: at (?P<at>\S+))?'
    r"(?: published (?P<published>\S+))?(?: changed (?P<changed>\S+))?)"
)
_RECORD = re.compile(r'Record (\S+) "(.*)"(?: published (\S+))?')


def catalog_of(text: str, path: str = "catalog.md") -> Catalog:
    return parse(text.encode(), path)


def article_of(post_id: str, title: str, headings: Sequence[tuple[str, str]] = (), **more: object) -> Article:
    """An article whose first heading is the title's own, as (id, text) pairs."""
    made = Article(title, "og:title", post_id, ids=tuple(id_ for id_, _ in headings), below_title=1)
    return replace(made, headings=tuple(Heading(id_, "h3", text) for id_, text in headings), **more)  # type: ignore[arg-type]


def page_of(url: str, outcome: Outcome, final: str | None = None, status: int = 200, site: Site = MEDIUM) -> Page:
    address = site.read(url)
    assert address is not None
    hops = [Hop(address.page, status)] if final is None else [Hop(address.page, 302), Hop(final, status)]
    return Page(address.identity, address.page, address, outcome, tuple(hops), 1, CHECKED)


def pages_of(text: str, site: Site = MEDIUM) -> dict[str, Page]:
    """Read the `Page …` lines of a rule's docstring, with the headings and papers under them, into pages."""
    pages: list[Page] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        match = _PAGE.fullmatch(line)
        if match is None:
            continue
        headings: list[tuple[str, str]] = []
        papers: list[Paper] = []
        for following in lines[number + 1 :]:
            heading, paper = _HEADING.fullmatch(following.strip()), _PAPER.fullmatch(following.strip())
            if heading is not None:
                headings.append((heading[2], heading[3]))
            elif paper is not None:
                papers.append(Paper(paper[1], headings[-1][1], headings[-1][0], paper[2]))
            else:
                break
        pages.append(_page(match, headings, papers, site))
    return {page.identity: page for page in pages}


def _page(match: re.Match[str], headings: list[tuple[str, str]], papers: list[Paper], site: Site) -> Page:
    url = match[1]
    if match["gone"]:
        return page_of(url, Gone(match["gone"]), status=404, site=site)
    seen_at = match["moved"] or match["at"] or url
    final = site.read(seen_at)
    assert final is not None
    assert final.post_id is not None
    article = article_of(
        final.post_id,
        match["title"] or "a title",
        headings,
        papers=tuple(papers),
        published=_day(match["published"]),
        published_source="json-ld" if match["published"] else None,
        modified=_day(match["changed"]),
    )
    if match["moved"]:
        return page_of(url, Moved(article, match["moved"]), final=match["moved"], site=site)
    if match["at"]:
        return page_of(url, NotArticle("shows another article", article), final=match["at"], site=site)
    return page_of(url, Alive(article), site=site)


def _day(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def record_of(
    post_id: str,
    url: str,
    title: str,
    published: str | None = None,
    papers: tuple[str, ...] = (),
    headings: dict[str, str] | None = None,
) -> Record:
    return Record(post_id, url, title, published, papers, headings or {})


def records_file(records: Iterable[Record]) -> bytes:
    """Return a whole file of records, in order."""
    return b"".join(written(record) for record in sorted(records, key=lambda record: record.post_id))


def records_of(text: str) -> Records:
    """Read the `Record …` lines of a rule's docstring into a records file."""
    found = [
        record_of(match[1], f"https://medium.com/p/{match[1]}", match[2], match[3])
        for line in text.splitlines()
        if (match := _RECORD.fullmatch(line))
    ]
    return read_records(records_file(found), "articles.jsonl")


def feed_of(text: str, site: Site = MEDIUM) -> tuple[FeedItem, ...]:
    """Read the `Feed …` lines of a rule's docstring."""
    found = []
    for match in re.finditer(r'^Feed (\S+) "(.*)"$', text, re.MULTILINE):
        address = site.read(match[1])
        assert address is not None
        assert address.post_id is not None
        found.append(FeedItem(address.post_id, match[2], address, CHECKED))
    return tuple(found)


def observe(
    catalog: Catalog,
    pages: Mapping[str, Page] | None = None,
    *,
    feed: Sequence[FeedItem] = (),
    site: Site = MEDIUM,
    prefix: str = SERIES_PREFIX,
    records: Records | None = None,
    **seen: Any,
) -> Evidence:
    """Evidence of a catalog whose pages, and one feed, were seen like this; `seen` are fields of `Observations`."""
    feeds = {"@someone": Feed("", "", tuple(feed))} if feed else {}
    observations = Observations(pages=pages or {}, feeds=feeds, **seen)
    return gather(catalog, site=site, prefix=prefix, records=records).seeing(observations)


async def run_check(
    catalog: Catalog,
    settings: Settings,
    rules: Sequence[Rule],
    *,
    records: Records | None = None,
    since: str | None = None,
    lines: Collection[int] | None = None,
    accepted: Collection[str] = (),
    **more: Any,
) -> Report:
    """Check a catalog: `pipeline.run` for tests that have no files."""
    since = since or ("HEAD" if lines is not None else None)
    inputs = Inputs(catalog, settings, tuple(rules), records or Records(), since, lines, frozenset(accepted))
    return await pipeline.run(inputs, **more)


def report_of(
    catalog: Catalog,
    pages: Iterable[Page],
    findings: Iterable[Finding],
    run: Run,
    evidence: Evidence | None = None,
    **more: Any,
) -> Report:
    """A report on a catalog, its findings located there."""
    pages = tuple(pages)
    seen = evidence.seen if evidence is not None else Observations(pages={page.identity: page for page in pages})
    located = []
    for each in findings:
        line, column = catalog.position(each.span.start)
        pull = BY_ID[each.rule].pull(each) if each.rule in BY_ID else None
        located.append(replace(each, path=catalog.path, line=line, column=column, pull=pull))
    found = reported(Inputs(catalog, Settings(), ()), observe(catalog), run, pages)
    return replace(found, findings=tuple(located), observations=seen, **more)


def findings_of(rule: Rule, catalog: Catalog, pages: Iterable[Page] = (), **evidence: object) -> list[Finding]:
    seen = observe(catalog, {page.identity: page for page in pages}, **evidence)  # type: ignore[arg-type]
    return list(rule.check(seen))


def fixed(catalog: Catalog, findings: Iterable[Finding]) -> str:
    """The catalog's text after all fixes, each edit once; edits of the records file are left out."""
    edits = {edit: None for finding in findings if finding.fix for edit in finding.fix.edits}
    return splice(catalog.source, [edit for edit in edits if edit.path == catalog.path]).decode()
