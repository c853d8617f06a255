"""The JSON documents that cross processes: a report (`bot-report/2`) and a history (`bot-state/2`).

The fields are the format; `schema` gives their JSON Schema. A report holds what was seen of the web, from which the
rules are run again, and for readers the findings, of which nothing is ever read back. A page is written the same way
in both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bot import __version__
from bot.model.articles import Address, Article, Feed, FeedItem, Heading, Kind, Paper, one_line
from bot.model.codec import DecodeError, decode, encode
from bot.model.findings import Finding, Safety, Severity
from bot.model.history import History, OpenFinding, PageHistory, RunSummary
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
from bot.model.report import Fixed, Report

REPORT: Literal["bot-report/2"] = "bot-report/2"
HISTORY: Literal["bot-state/2"] = "bot-state/2"
LARGEST_HISTORY = 20 * 2**20  # bytes; a hundred times what the first catalog needs
ReadAddress = Callable[[str], Address | None]
_Count = Annotated[int, Meta(ge=0, le=10**12)]
_Status = Annotated[int, Meta(ge=0, le=999)]
_PostId = Annotated[str, Meta(pattern="^[0-9a-f]{8,12}$")]
_Fingerprint = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
_OutcomeName = Literal["Alive", "Moved", "Gone", "NotArticle", "Blocked", "Unreachable", "Skipped"]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A JSON object of exactly these keys."""


class _Hop(_Strict, frozen=True):
    url: str
    status: _Status


class _Page(_Strict, frozen=True):
    """A page: what was asked, what came, and the article that it showed.

    `shown_id` is the post id of that article, None without one; the fields from `title` on are its. Of a page whose
    outcome is no verdict they say what a feed or an archived copy knows.
    """

    url: str
    identity: str
    kind: Kind | None
    post_id: str | None
    outcome: _OutcomeName
    status: _Status | None
    final_url: str | None
    hops: Annotated[tuple[_Hop, ...], Meta(max_length=50)]
    attempts: _Count
    reason: str | None
    moved_to: str | None
    wanted: bool
    checked_at: datetime | None
    shown_id: _PostId | None
    title: str | None
    title_source: str | None
    published: datetime | None
    published_source: str | None
    modified: datetime | None
    canonical: str | None
    papers: tuple[Paper, ...]
    ids: Annotated[tuple[str, ...], Meta(max_length=5_000)]
    headings: Annotated[tuple[Heading, ...], Meta(max_length=5_000)]
    below_title: _Count
    article_partial: bool


class _FeedItem(_Strict, frozen=True):
    url: str
    title: str
    published: datetime | None


class _Feed(_Strict, frozen=True):
    etag: Annotated[str, Meta(max_length=500)]
    modified: Annotated[str, Meta(max_length=500)]
    items: Annotated[tuple[_FeedItem, ...], Meta(max_length=100)]


class _Edit(_Strict, frozen=True):
    path: str
    start: _Count
    stop: _Count
    expected: str
    replacement: str


class _Fix(_Strict, frozen=True):
    safety: Safety
    summary: str
    pr: str
    edits: tuple[_Edit, ...]


class _Fact(_Strict, frozen=True, omit_defaults=True):
    kind: str
    value: str
    source: str
    text: str = ""


class _Finding(_Strict, frozen=True):
    """A finding for readers; lines and columns count from 1, offsets are bytes."""

    rule: str
    severity: Severity
    path: str
    line: int
    column: int
    entry: str
    section: str
    url: str
    message: str
    evidence: tuple[_Fact, ...]
    fix: _Fix | None
    fingerprint: _Fingerprint
    since: date | None


class _Bot(_Strict, frozen=True):
    version: str


class _Catalog(_Strict, frozen=True):
    path: str
    sha256: str
    entries: _Count
    links: _Count
    pages: _Count


class _Coverage(_Strict, frozen=True):
    verified: _Count
    total: _Count


class _Run(_Strict, frozen=True):
    """How the run went, `held_back` by URL. `since`: only lines changed since that commit were looked at."""

    started: datetime
    finished: datetime
    requests: _Count
    retries: _Count
    bytes: _Count
    coverage: _Coverage
    partial: bool
    cut_short: str | None
    interrupted: bool
    held_back: tuple[str, ...]
    rules: tuple[str, ...]
    whole: bool
    since: str | None
    oldest_verification: date | None
    never_verified: _Count
    low_runs: _Count
    notes: tuple[str, ...]


class _Past(_Strict, frozen=True):
    """What the rules need of earlier runs: dates of death by page, and pages as they were last seen."""

    confirm: Annotated[int, Meta(ge=1, le=1_000)]
    deaths: dict[str, tuple[date, ...]]
    held_back: tuple[str, ...]
    recalled: tuple[_Page, ...]


class ReportDocument(_Strict, frozen=True):
    """A report as it is saved. `pages` begin with the catalog's `catalog.pages`, in document order."""

    schema: Literal["bot-report/2"]
    bot: _Bot
    catalog: _Catalog
    run: _Run
    pages: tuple[_Page, ...]
    feeds: dict[str, _Feed]
    recoveries: dict[str, tuple[Recovery, ...]]
    history: _Past
    findings: tuple[_Finding, ...]
    fixed: tuple[Fixed, ...]

    def observations(self, read: ReadAddress) -> Observations:
        """Return what was seen; `read` reads Medium's addresses. Raises `DecodeError` where it contradicts itself."""
        pages = [_page_of(each, read) for each in self.pages]
        recalled = [_page_of(each, read) for each in self.history.recalled]
        return Observations(
            pages={each.identity: each for each in pages},
            recalled={each.identity: each for each in recalled},
            deaths=self.history.deaths,
            confirm=self.history.confirm,
            held_back=frozenset(self.history.held_back),
            recoveries=_recoveries_of(self.recoveries),
            feeds={owner: _feed_of(each, read) for owner, each in self.feeds.items()},
        )


class HistoryDocument(_Strict, frozen=True):
    """A history as it is stored between runs."""

    schema: Literal["bot-state/2"]
    pages: dict[str, PageHistory]
    seen: dict[str, _Page]
    open: dict[_Fingerprint, OpenFinding]
    recoveries: dict[str, tuple[Recovery, ...]]
    feeds: dict[str, _Feed]
    runs: Annotated[tuple[RunSummary, ...], Meta(max_length=2_000)]


def encode_report(report: Report) -> bytes:
    """Encode a report; keys are in a fixed order, times are UTC."""
    run, seen = report.run, report.observations
    others = [page for identity, page in seen.pages.items() if identity not in report.identities]
    return encode(
        ReportDocument(
            schema=REPORT,
            bot=_Bot(__version__),
            catalog=_Catalog(report.path, report.sha256, report.entries, report.links, len(report.pages)),
            run=_Run(
                started=_second(run.started),
                finished=_second(run.finished),
                requests=run.requests,
                retries=run.retries,
                bytes=run.bytes,
                coverage=_Coverage(report.verified, report.wanted),
                partial=run.cut_short is not None,
                cut_short=run.cut_short,
                interrupted=run.interrupted,
                held_back=run.held_back,
                rules=report.rules,
                whole=report.since is None,
                since=report.since,
                oldest_verification=run.oldest,
                never_verified=run.never,
                low_runs=run.low_runs,
                notes=run.notes,
            ),
            pages=tuple(map(page_document, (*report.pages, *others))),
            feeds={owner: _feed_document(feed) for owner, feed in seen.feeds.items()},
            recoveries=dict(seen.recoveries),
            history=_Past(
                seen.confirm,
                {each: dates for each, dates in seen.deaths.items() if dates},
                tuple(sorted(seen.held_back)),
                tuple(map(page_document, seen.recalled.values())),
            ),
            findings=tuple(_finding_document(report, each) for each in report.findings),
            fixed=report.fixed,
        )
    )


def decode_report(source: bytes) -> ReportDocument:
    """Decode a report; raise `DecodeError` otherwise."""
    return decode(source, ReportDocument, schema=REPORT)


def encode_history(history: History) -> bytes:
    """Encode a history, sorted, a line for each thing."""
    return encode(
        HistoryDocument(
            schema=HISTORY,
            pages=_sorted(history.pages),
            seen=_sorted({each: page_document(page) for each, page in history.seen.items()}),
            open=_sorted(history.open),
            recoveries=_sorted(history.recoveries),
            feeds=_sorted({owner: _feed_document(feed) for owner, feed in history.feeds.items()}),
            runs=history.runs,
        )
    )


def decode_history(source: bytes, read: ReadAddress, today: date) -> History:
    """Decode a history; raise `DecodeError` otherwise, or if it has dates after tomorrow: some clock was wrong."""
    found = decode(source, HistoryDocument, schema=HISTORY, largest=LARGEST_HISTORY)
    history = History(
        pages={each: replace(page, deaths=tuple(sorted(set(page.deaths)))) for each, page in found.pages.items()},
        seen={each: _page_of(page, read) for each, page in found.seen.items()},
        open=found.open,
        recoveries=_recoveries_of(found.recoveries),
        feeds={owner: _feed_of(feed, read) for owner, feed in found.feeds.items()},
        runs=found.runs,
    )
    try:
        latest = max(history.dates(), default=today)
    except ValueError as error:
        raise DecodeError(f"{error}") from error
    if latest > today + timedelta(days=1):
        raise DecodeError(f"dated {latest}, in the future")
    return history


def schema(document: type[ReportDocument] | type[HistoryDocument]) -> dict[str, Any]:
    """Return a document's JSON Schema."""
    return msgspec.json.schema(document)


def page_document(page: Page) -> _Page:
    """Return a page as it is written."""
    outcome = page.outcome
    article = getattr(outcome, "article", None) or page.heard
    address = page.address
    return _Page(
        url=page.url,
        identity=page.identity,
        kind=address.kind if address is not None else None,
        post_id=address.post_id if address is not None else None,
        outcome=type(outcome).__name__,  # type: ignore[arg-type]
        status=page.status,
        final_url=page.final_url,
        hops=tuple(_Hop(hop.url, hop.status) for hop in page.hops),
        attempts=page.attempts,
        reason=page.reason,
        moved_to=outcome.url if isinstance(outcome, Moved) else None,
        wanted=page.wanted,
        checked_at=_second(page.checked_at),
        shown_id=article.post_id if article else None,
        title=article.title if article else None,
        title_source=article.title_source if article else None,
        published=_second(article.published) if article else None,
        published_source=article.published_source if article else None,
        modified=_second(article.modified) if article else None,
        canonical=article.canonical if article else None,
        papers=article.papers if article else (),
        ids=article.ids if article else (),
        headings=article.headings if article else (),
        below_title=article.below_title if article else 0,
        article_partial=article.partial if article else False,
    )


def _page_of(found: _Page, read: ReadAddress) -> Page:
    article = _article_of(found)
    reason = found.reason or ""
    heard = None
    outcome: Outcome
    match found.outcome:
        case "Alive":
            outcome = Alive(article)
        case "Moved":
            if article is None or found.moved_to is None:
                raise DecodeError(f"{found.url[:80]!r}: a page that moved needs its article and its new address")
            outcome = Moved(article, found.moved_to)
        case "Gone":
            outcome = Gone(reason)
        case "NotArticle":
            outcome = NotArticle(reason, article)
        case "Blocked":
            outcome, heard = Blocked(reason), article
        case "Unreachable":
            outcome, heard = Unreachable(reason), article
        case "Skipped":
            outcome = Skipped(reason, found.wanted)
    hops = tuple(Hop(each.url, each.status) for each in found.hops)
    return Page(
        found.identity, found.url, read(found.url), outcome, hops, found.attempts, _utc(found.checked_at), heard
    )


def _article_of(found: _Page) -> Article | None:
    if found.shown_id is None:
        return None
    title = one_line(found.title or "")
    if not title or found.title_source is None:
        raise DecodeError(f"{found.url[:80]!r}: an article needs a title")
    if not {heading.id for heading in found.headings} <= set(found.ids):
        raise DecodeError(f"{found.url[:80]!r}: a heading whose id the article does not have")
    return Article(
        title=title,
        title_source=found.title_source,
        post_id=found.shown_id,
        published=_utc(found.published),
        published_source=found.published_source,
        modified=_utc(found.modified),
        canonical=found.canonical,
        ids=found.ids,
        headings=tuple(each._replace(text=one_line(each.text)) for each in found.headings),
        below_title=found.below_title,
        papers=tuple(paper for paper in map(_paper_of, found.papers) if paper.id),
        partial=found.article_partial,
    )


def _paper_of(found: Paper) -> Paper:
    return Paper(one_line(found.id), one_line(found.section), found.anchor, one_line(found.text))


def _recoveries_of(found: Mapping[str, tuple[Recovery, ...]]) -> Mapping[str, tuple[Recovery, ...]]:
    for each in (each for places in found.values() for each in places):
        if not each.url.startswith(("http://", "https://")):
            raise DecodeError(f"{each.url[:80]!r}: not a web address")
    return found


def _feed_document(feed: Feed) -> _Feed:
    items = (_FeedItem(each.address.page, each.title, _second(each.published)) for each in feed.items)
    return _Feed(feed.etag, feed.modified, tuple(items))


def _feed_of(found: _Feed, read: ReadAddress) -> Feed:
    items = []
    for each in found.items:
        address = read(each.url)
        if address is None or address.post_id is None:
            raise DecodeError(f"{each.url[:80]!r}: not an article of Medium")
        items.append(FeedItem(address.post_id, each.title, address, _utc(each.published)))
    return Feed(found.etag, found.modified, tuple(items))


def _finding_document(report: Report, finding: Finding) -> _Finding:
    fix = finding.fix
    return _Finding(
        rule=finding.rule,
        severity=finding.severity,
        path=finding.path,
        line=finding.line,
        column=finding.column,
        entry=finding.entry,
        section=finding.section,
        url=finding.url,
        message=finding.message,
        evidence=tuple(_Fact(each.kind, each.value, each.source, each.text) for each in finding.facts),
        fix=None
        if fix is None
        else _Fix(
            fix.safety,
            fix.summary,
            finding.pull or "",
            tuple(
                _Edit(
                    edit.path,
                    *edit.span,
                    edit.expected.decode("utf-8", "replace"),
                    edit.replacement.decode("utf-8", "replace"),
                )
                for edit in fix.edits
            ),
        ),
        fingerprint=finding.fingerprint,
        since=report.known.get(finding.fingerprint),
    )


def _sorted(things: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(things.items()))


def _second(moment: datetime | None) -> Any:  # noqa: ANN401 - None for None
    return moment.astimezone(UTC).replace(microsecond=0) if moment is not None else None


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise DecodeError(f"{moment}: a time without its zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise DecodeError(f"{moment}: not a time in UTC") from error
