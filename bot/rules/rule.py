"""What a rule is, and the fixes and facts that several share; a fix never touches more of a link than it has to."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from bot.markdown.catalog import LinkForm
from bot.medium.site import quoted
from bot.model.articles import Article, Heading
from bot.model.findings import Fact, Finding, Fix, Safety, Severity
from bot.model.pages import Page
from bot.model.spans import Span
from bot.rules.evidence import About, Evidence, Usage

Findings = Iterator[Finding]
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Reads(Enum):
    """What a rule needs to see: the files alone, how a page answered, or what its article says.

    Only part of a member-only article is shown, so rules that read it cannot conclude that something is missing.
    """

    CATALOG = "catalog"
    PAGE = "page"
    ARTICLE = "article"


class Topic(Enum):
    """What a rule's findings are about, where people handle them separately from all others."""

    ENTRY = "entry"
    DEATH = "death"
    NEW_ARTICLE = "new article"


@dataclass(frozen=True, slots=True)
class FixKind:
    """A kind of fix; each pull request carries fixes of one kind. `noun` is what one of them is called.

    Fixes that need review go into a separate pull request, unless `reviewed` is False. `intro` is the introduction of
    such a pull request, empty for the default.
    """

    name: str
    noun: str
    reviewed: bool = True
    intro: str = ""

    def pull(self, safety: Safety) -> str:
        """Return the name of the pull request that carries a fix of this kind."""
        return self.name if safety is Safety.SAFE or not self.reviewed else f"{self.name}-review"


LINKS = FixKind("links", "link fix")
METADATA = FixKind("metadata", "metadata fix")
RECORDS = FixKind(
    "records",
    "article record",
    reviewed=False,
    intro="what the articles' pages say now, to be accepted as true of them. "
    "Later changes of a title or a date are noticed against these records.",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its `check`, and all that other rooms need to know about it, so that none of them knows a rule's id.

    `doc` is its module's docstring. `kind` is the kind of its fixes, if it proposes any, and `safety` the best that
    they can be. `folded`: its findings are counted in reports, not listed.
    """

    id: str
    severity: Severity
    reads: Reads
    check: Callable[[Evidence], Findings]
    doc: str
    kind: FixKind | None = None
    safety: Safety = Safety.SAFE
    topic: Topic = Topic.ENTRY
    folded: bool = False

    @property
    def needs_web(self) -> bool:
        """True if it cannot find anything in the files alone."""
        return self.reads is not Reads.CATALOG

    @property
    def summary(self) -> str:
        """What it finds, in a sentence without a full stop."""
        return self.doc.strip().splitlines()[0].removesuffix(".")

    def finding(
        self,
        about: About,
        message: str,
        facts: tuple[Fact, ...] = (),
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """Make a finding of this rule, of the rule's severity unless another is given."""
        return Finding(self.id, severity or self.severity, *about, message, facts, fix)

    def pull(self, finding: Finding) -> str | None:
        """Return the name of the pull request that carries a finding's fix."""
        return self.kind.pull(finding.fix.safety) if self.kind is not None and finding.fix is not None else None


def address_fix(evidence: Evidence, usage: Usage, address: str, safety: Safety) -> Fix:
    """Propose another address; the link's fragment is kept, byte for byte where possible."""
    span = usage.link.url_span
    raw = evidence.catalog.raw(span)
    mark = raw.find(b"#")
    fragment = usage.address.clean.partition("#")[2]
    new = address.partition("#")[0]
    if _is_plain(usage, raw) and (mark >= 0 or not fragment):
        where = Span(span.start, span.start + mark if mark >= 0 else span.stop)
        change = evidence.catalog.edit(where, _written(usage, new))
    else:  # the fragment is in an escape, an entity or a wrapper, so the whole address is rewritten
        change = evidence.catalog.edit(span, _written(usage, f"{new}#{fragment}" if fragment else new))
    return Fix(safety, f"→ {address}", (change,))


def fragment_fix(evidence: Evidence, usage: Usage, heading: Heading, safety: Safety) -> Fix | None:
    """Propose another fragment; nothing before the `#` changes.

    None where other links share the address's bytes, or the id is not one of Medium's.
    """
    if usage.shared or _PLAIN_ID.fullmatch(heading.id) is None:
        return None
    span = usage.link.url_span
    raw = evidence.catalog.raw(span)
    mark = raw.find(b"#")
    if not _is_plain(usage, raw):
        where, new = span, f"{usage.link.url.partition('#')[0]}#{heading.id}"
    elif mark < 0:
        where, new = Span(span.stop, span.stop), f"#{heading.id}"
    else:
        where, new = Span(span.start + mark + 1, span.stop), heading.id
    old = f"#{usage.address.fragment}" if usage.address.fragment else "no fragment"
    change = evidence.catalog.edit(where, _written(usage, new))
    return Fix(safety, f'{old} → #{heading.id} ("{heading.text}")', (change,))


def _is_plain(usage: Usage, raw: bytes) -> bool:
    """Return True if the bytes are the address itself, without escapes, so that a part can be replaced."""
    return raw.decode("utf-8", "replace") == usage.link.url


def _written(usage: Usage, text: str) -> bytes:
    """Return part of an address quoted so that it ends no cell, link or attribute, whatever the web sent."""
    text = quoted(text)
    return (text.replace("&", "&amp;") if usage.link.form is LinkForm.HTML else text).encode()


def title_fact(article: Article) -> Fact:
    """Cite the article's title."""
    return Fact("title", article.title, article.title_source)


def heading_fact(article: Article, heading: Heading) -> Fact:
    """Cite a heading of the article."""
    return Fact("heading", heading.text, f"{heading.element} #{heading.id} of post {article.post_id}")


def published_fact(article: Article) -> tuple[Fact, ...]:
    """Cite the first publication, where the page states it."""
    if article.published is None or article.published_source is None:
        return ()
    return (Fact("published", article.published.date().isoformat(), article.published_source),)


def hop_facts(page: Page) -> tuple[Fact, ...]:
    """Cite the answers that a page gave on the way."""
    return tuple(Fact("answer", str(hop.status), hop.url) for hop in page.hops)
