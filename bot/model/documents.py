"""The JSON documents that cross processes: a report (`bot-report/2`) and a history (`bot-state/2`).

The fields are the format; `msgspec.json.schema` makes their JSON Schema. A report holds what was seen of the web, from
which the rules are run again, and for readers the findings, of which nothing is ever read back. A page is written the
same way in both.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, Self, get_args

from msgspec import Meta

from bot import __version__
from bot.model.articles import Address, Article, Feed, FeedItem, Heading, Kind, Paper, one_line
from bot.model.codec import DecodeError, Strict, decode, encode
from bot.model.findings import Fact, Finding, Safety, Severity
from bot.model.history import History, OpenFinding, PageHistory, RunSummary
from bot.model.pages import Blocked, Hop, Moved, Observations, Outcome, Page, Recovery, Status, Unreachable
from bot.model.report import Fixed, Report
from bot.model.spans import Edit

REPORT: Literal["bot-report/2"] = "bot-report/2"
HISTORY: Literal["bot-state/2"] = "bot-state/2"
LARGEST_HISTORY = 20 * 2**20  # bytes; a hundred times what the first catalog needs
ReadAddress = Callable[[str], Address | None]
_Count = Annotated[int, Meta(ge=0, le=10**12)]
_PostId = Annotated[str, Meta(pattern="^[0-9a-f]{8,12}$")]
_Fingerprint = Annotated[str, Meta(pattern="^[0-9a-f]{16}$")]
_OutcomeName = Literal["Alive", "Moved", "Gone", "NotArticle", "Blocked", "Unreachable", "Skipped"]
_OUTCOMES = {each.__name__: each for each in get_args(Outcome)}
# What a page has of its article under the same name, and what it has without one.
_OF_ARTICLE: Mapping[str, object] = {
    **dict.fromkeys(("title", "title_source", "published", "published_source", "modified", "canonical")),
    **dict.fromkeys(("papers", "ids", "headings"), ()),
    "below_title": 0,
}


class _Document(Strict, frozen=True):
    """A JSON object of exactly these keys, often those of a value."""

    @classmethod
    def of(cls, value: object, **others: object) -> Self:
        """Return a value's document: its attributes by the same names, and others."""
        same = (name for name in cls.__struct_fields__ if name not in others)
        return cls(**{name: getattr(value, name) for name in same}, **others)


class _Page(_Document, frozen=True):
    """A page: what was asked, what came, and the article that it showed.

    `shown_id` is the post id of that article, None without one; the fields from `title` on are its. Of a page whose
    outcome is no verdict they say what a feed or an archived copy knows.
    """

    url: str
    identity: str
    kind: Kind | None
    post_id: str | None
    outcome: _OutcomeName
    status: Status | None
    final_url: str | None
    hops: Annotated[tuple[Hop, ...], Meta(max_length=50)]
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


class _FeedItem(_Document, frozen=True):
    url: str
    title: str
    published: datetime | None


class _Feed(_Document, frozen=True):
    etag: Annotated[str, Meta(max_length=500)]
    modified: Annotated[str, Meta(max_length=500)]
    items: Annotated[tuple[_FeedItem, ...], Meta(max_length=100)]


class _Edit(_Document, frozen=True):
    path: str
    start: _Count
    stop: _Count
    expected: str
    replacement: str


class _Fix(_Document, frozen=True):
    safety: Safety
    summary: str
    pr: str
    edits: tuple[_Edit, ...]


class _Finding(_Document, frozen=True):
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
    evidence: tuple[Fact, ...]
    fix: _Fix | None
    fingerprint: _Fingerprint
    since: date | None


class _Bot(_Document, frozen=True):
    version: str


class _Catalog(_Document, frozen=True):
    path: str
    sha256: str
    entries: _Count
    links: _Count
    pages: _Count


class _Coverage(_Document, frozen=True):
    verified: _Count
    total: _Count


class _Run(_Document, frozen=True):
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


class _Past(_Document, frozen=True):
    """What the rules need of earlier runs: dates of death by page, and pages as they were last seen."""

    confirm: Annotated[int, Meta(ge=1, le=1_000)]
    deaths: dict[str, tuple[date, ...]]
    held_back: tuple[str, ...]
    recalled: tuple[_Page, ...]


class ReportDocument(_Document, frozen=True):
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
            recoveries=self.recoveries,
            feeds={owner: _feed_of(each, read) for owner, each in self.feeds.items()},
        )


class HistoryDocument(_Document, frozen=True):
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
    pages = {page.identity: page for page in report.pages}
    return encode(
        ReportDocument(
            schema=REPORT,
            bot=_Bot(__version__),
            catalog=_Catalog.of(report, pages=len(report.pages)),
            run=_Run.of(
                run,
                coverage=_Coverage(report.verified, report.wanted),
                partial=run.cut_short is not None,
                rules=report.rules,
                whole=report.since is None,
                since=report.since,
                oldest_verification=run.oldest,
                never_verified=run.never,
            ),
            pages=tuple(map(page_document, ({**pages, **seen.pages}).values())),
            feeds={owner: _feed_document(feed) for owner, feed in seen.feeds.items()},
            recoveries=dict(seen.recoveries),
            history=_Past.of(
                seen,
                deaths={each: dates for each, dates in seen.deaths.items() if dates},
                held_back=tuple(sorted(seen.held_back)),
                recalled=tuple(map(page_document, seen.recalled.values())),
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
    document = HistoryDocument.of(
        history,
        schema=HISTORY,
        seen={each: page_document(page) for each, page in history.seen.items()},
        feeds={owner: _feed_document(feed) for owner, feed in history.feeds.items()},
    )
    return encode(document, sort=True)


def decode_history(source: bytes, read: ReadAddress, today: date) -> History:
    """Decode a history; raise `DecodeError` otherwise, or if it has dates after tomorrow: some clock was wrong."""
    found = decode(source, HistoryDocument, schema=HISTORY, largest=LARGEST_HISTORY)
    history = History(
        pages={each: replace(page, deaths=tuple(sorted(set(page.deaths)))) for each, page in found.pages.items()},
        seen={each: _page_of(page, read) for each, page in found.seen.items()},
        open=found.open,
        recoveries=found.recoveries,
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


def page_document(page: Page) -> _Page:
    """Return a page as it is written."""
    address, outcome = page.address, page.outcome
    article = getattr(outcome, "article", None) or page.heard
    return _Page.of(
        page,
        kind=address.kind if address else None,
        post_id=address.post_id if address else None,
        outcome=type(outcome).__name__,
        moved_to=outcome.url if isinstance(outcome, Moved) else None,
        shown_id=article.post_id if article else None,
        article_partial=article.partial if article else False,
        **{name: getattr(article, name, none) for name, none in _OF_ARTICLE.items()},
    )


def _page_of(found: _Page, read: ReadAddress) -> Page:
    article = _article_of(found)
    if found.outcome == "Moved" and (article is None or found.moved_to is None):
        raise DecodeError(f"{found.url[:80]!r}: a page that moved needs its article and its new address")
    says = {"article": article, "url": found.moved_to, "reason": found.reason or "", "wanted": found.wanted}
    kind = _OUTCOMES[found.outcome]
    return Page(
        identity=found.identity,
        url=found.url,
        address=read(found.url),
        outcome=kind(**{name: says[name] for name in kind.__match_args__}),
        hops=found.hops,
        attempts=found.attempts,
        checked_at=_utc(found.checked_at),
        heard=article if kind in (Blocked, Unreachable) else None,
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


def _feed_document(feed: Feed) -> _Feed:
    return _Feed.of(feed, items=tuple(_FeedItem.of(each, url=each.address.page) for each in feed.items))


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
    return _Finding.of(
        finding,
        evidence=finding.facts,
        fix=_Fix.of(fix, pr=finding.pull or "", edits=tuple(map(_edit_document, fix.edits))) if fix else None,
        since=report.known.get(finding.fingerprint),
    )


def _edit_document(edit: Edit) -> _Edit:
    old, new = (each.decode("utf-8", "replace") for each in (edit.expected, edit.replacement))
    return _Edit(edit.path, *edit.span, old, new)


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise DecodeError(f"{moment}: a time without its zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise DecodeError(f"{moment}: not a time in UTC") from error
