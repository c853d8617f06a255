"""What lies on the table while a report is published: the base branch as it is now, the report's findings in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from bot.document.model import Catalog
from bot.errors import ForgeError
from bot.github.forge import Commit, File, Forge, Issue, Pull, Repository
from bot.github.marker import Marker, keys, page_key, read_marker
from bot.records import Records
from bot.report.gfm import own_link
from bot.report.saved import Saved
from bot.rules.finding import Finding
from bot.rules.registry import BY_ID


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done, or left, with its reason; the words and the diff that it put there."""

    verb: str
    what: str
    url: str = ""
    why: str = ""
    body: str = ""
    diff: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """The base branch's tip with its catalog and records, the findings anchored in it, and who is at work.

    `author` is the login whose pull requests and issues are the bot's own. `run` is where the run can be
    seen, `most` the number of changes that one pull request may carry. What is done is added to `acts`.
    """

    forge: Forge
    repository: Repository
    base: str
    tip: Commit
    tree: Mapping[str, File]
    branches: Mapping[str, str]
    catalog: Catalog
    records: Records
    saved: Saved
    findings: Sequence[Finding]
    author: str
    run: str = ""
    most: int = 500
    acts: list[Act] = field(default_factory=list)

    @property
    def modes(self) -> dict[str, str]:
        """The files' modes, which a commit must keep."""
        return {path: each.mode for path, each in self.tree.items()}

    def line(self, finding: Finding, label: str) -> str:
        """Return a link to the finding's line in the catalog, as it is on the base branch now."""
        line = self.catalog.position(finding.span.start).line
        return own_link(label, f"{self.blob(self.catalog.path)}#L{line}")

    def blob(self, path: str) -> str:
        """Return where a file of the base branch can be read."""
        return f"{self.repository.url}/blob/{self.tip.sha}/{quote(path)}"

    def mine(self, each: Pull | Issue, kind: str) -> Marker | None:
        """Return the marker of a pull request or issue of this kind that is the bot's own; None if it is not.

        Anyone can paste a marker. One by somebody who belongs to the repository is no attack but, most
        likely, the bot under another name: going on would open everything a second time.
        """
        marker = read_marker(each.body)
        if marker is None or marker.kind != kind or (isinstance(each, Pull) and not each.own_head):
            return None
        if each.author == self.author:
            return marker
        if each.member:
            raise ForgeError(
                f"{each.url} has the bot's marker, but is by {each.author!r} and not by {self.author!r}; "
                "name the account that the bot runs as with --author, or remove the marker"
            )
        return None

    def key(self, finding: Finding) -> str:
        """Return the name of the page that a finding needs to be seen again; empty if it needs none."""
        return page_key(finding.identity) if BY_ID[finding.rule].needs_web else ""

    def unseen(self, marker: Marker, *, lasting: bool = False) -> list[str]:
        """Return the items of a marker that tonight's report does not have since their pages were not seen.

        Of a page that was seen, or is linked no more, tonight's silence means that all is well; not so if the
        run was cut short, since then nobody looked further. `lasting`: the items are pages outside the
        catalog, and stay until the catalog links them.
        """
        found = {finding.fingerprint for finding in self.findings}
        hidden, linked = keys(self.saved.pages - self.saved.seen), keys(self.saved.pages)
        missing = {each: key for each, key in marker.items.items() if each not in found and key}
        if self.saved.run.partial:
            return list(missing)
        return [each for each, key in missing.items() if (key not in linked if lasting else key in hidden)]

    def note(self, verb: str, what: str, **rest: str) -> None:
        """Keep what was done."""
        self.acts.append(Act(verb, what, **rest))
