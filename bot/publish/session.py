"""Everything one publish run works on: the base branch as it is now, and what was found in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from bot.errors import ForgeError
from bot.markdown.catalog import Catalog
from bot.model.documents import ReportDocument
from bot.model.findings import Finding, Severity
from bot.model.pages import Observations
from bot.model.records import Records
from bot.model.spans import Span
from bot.output.escape import own_link
from bot.publish.forge import Commit, File, Forge, Issue, Pull, Repository
from bot.publish.kinds import PULL_KINDS
from bot.publish.marker import Marker, boxes, keys, page_key, read_marker
from bot.rules.registry import BY_ID
from bot.rules.rule import Topic

_KINDS = keys(kind.name for kind in PULL_KINDS)  # a row for a whole pull request has its kind as its page


PASSIVE = frozenset({"kept", "left"})  # the verbs of what was not touched


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done, or left, with its reason; the words and the diff that it put there."""

    verb: str
    what: str
    url: str = ""
    why: str = ""
    body: str = ""
    diff: str = ""


def is_death(finding: Finding) -> bool:
    """Return True if a finding says that an article is gone."""
    return BY_ID[finding.rule].topic is Topic.DEATH


def is_unconfirmed(finding: Finding) -> bool:
    """Return True for a death that was not seen often enough, or not again since the history was lost."""
    return is_death(finding) and finding.severity is Severity.INFORMATION


def together(findings: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    """Return findings of one fingerprint together, each place once: people say yes or no to them as to one."""
    found: dict[str, dict[Span, Finding]] = {}
    for each in findings:
        found.setdefault(each.fingerprint, {}).setdefault(each.span, each)
    return [tuple(places.values()) for places in found.values()]


@dataclass(frozen=True, slots=True)
class Session:
    """The base branch's tip with its catalog and records, the findings anchored in it, and who is at work.

    `author` is the login whose pull requests and issues are the bot's own. `run_url` is where the run can be
    seen, `most` the number of changes that one pull request may carry. `linked` are the ids of the posts that
    the catalog links. After `blind_after` runs below `min_coverage` the bot calls itself blind. What is done
    is added to `acts`.
    """

    forge: Forge
    repository: Repository
    base: str
    tip: Commit
    tree: Mapping[str, File]
    branches: Mapping[str, str]
    catalog: Catalog
    records: Records
    report: ReportDocument
    seen: Observations
    findings: Sequence[Finding]
    linked: frozenset[str]
    author: str
    run_url: str = ""
    most: int = 500
    min_coverage: float = 0.0
    blind_after: int = 1
    acts: list[Act] = field(default_factory=list)

    @property
    def saw_little(self) -> bool:
        """True if this run saw too few pages."""
        coverage = self.report.run.coverage
        return coverage.verified < self.min_coverage * coverage.total

    @property
    def is_blind(self) -> bool:
        """True if too few pages were seen for some runs, though there was time."""
        run = self.report.run
        return self.saw_little and not run.partial and max(1, run.low_runs) >= self.blind_after

    @property
    def modes(self) -> dict[str, str]:
        """The files' modes, which a commit must keep."""
        return {path: each.mode for path, each in self.tree.items()}

    def line(self, finding: Finding, label: str = "") -> str:
        """Return a link to the finding's line in the catalog, as it is on the base branch now.

        Without `plain` GitHub shows Markdown rendered, which has no lines.
        """
        return own_link(label or f"line {finding.line}", f"{self.blob(self.catalog.path)}?plain=1#L{finding.line}")

    def blob(self, path: str) -> str:
        """Return where a file of the base branch can be read."""
        return f"{self.repository.url}/blob/{self.tip.sha}/{quote(path)}"

    def mine(self, each: Pull | Issue, kind: str) -> Marker | None:
        """Return the marker of a pull request or issue of this kind that is the bot's own; None if it is not.

        Anyone can paste a marker. An open one by somebody who works in the repository is no attack but, most
        likely, the bot under another name: going on would open everything a second time. What is closed on the
        bot's own branch is history, whoever the bot was then.
        """
        own = each.author == self.author
        marker = read_marker(each.body, below=own)  # people may write something above it
        if own and isinstance(each, Pull) and (marker is None or marker.kind != kind):
            return Marker(kind, dict.fromkeys(boxes(each.body), ""))  # edited away: the branch tells the kind
        if marker is None or marker.kind != kind:
            return None
        if own or (isinstance(each, Pull) and not each.is_open):
            return marker
        if each.is_open and (each.member or isinstance(each, Pull)):  # who may push a branch is no stranger
            raise ForgeError(
                f"{each.url} has the bot's marker, but is by {each.author!r} and not by {self.author!r}; "
                "name the account that the bot runs as with --author, or take the marker out"
            )
        return None

    def key(self, finding: Finding) -> str:
        """Return the name of the page that a finding needs to be seen again; empty if it needs none."""
        return page_key(finding.identity) if BY_ID[finding.rule].needs_web else ""

    def unseen(self, marker: Marker, *, lasting: bool = False) -> list[str]:
        """Return the items of a marker that were not found now because their pages were not seen.

        Silence about a page that was seen, or is no longer linked, means that all is well; not so if the
        run was cut short, since then nobody looked further. `lasting`: the items are articles outside the
        catalog, and stay until the catalog links them.
        """
        found = {finding.fingerprint for finding in self.findings if not is_unconfirmed(finding)}
        missing = {each: key for each, key in marker.items.items() if each not in found and key and key not in _KINDS}
        if lasting:
            return [each for each, key in missing.items() if key not in keys(self.linked)]
        hidden = keys(each for each in self.seen.pages if not self.seen.is_decided(each))
        return [each for each, key in missing.items() if self.report.run.partial or key in hidden]

    def note(self, verb: str, what: str, **rest: str) -> None:
        """Keep what was done."""
        self.acts.append(Act(verb, what, **rest))
