"""Nightly runs for tests of publishing: a small catalog with a finding of each sort, its report, publishing it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from github_stand_in.model import Issue, Pull
from github_stand_in.state import Hub
from hosted import Hosted
from support import article_of, feed_of, observe, page_of, pages_of, record_of, records_file, report_of

from bot.config import Settings
from bot.markdown.parse import parse
from bot.medium.site import MEDIUM
from bot.model.articles import Kind
from bot.model.documents import ReportDocument, decode_report, encode_report
from bot.model.pages import Alive, Blocked, Observations, Page, Recovery, Skipped
from bot.model.records import NAME, read_records
from bot.model.report import Run
from bot.publish.api import Api
from bot.publish.github import PyGithubForge
from bot.publish.marker import normalised
from bot.publish.run import publish as publish_on
from bot.publish.session import Publication, Published
from bot.rules.registry import RULES, check

BOT = "github-actions[bot]"
CATALOG, RECORDS = "catalog/README.md", f"catalog/{NAME}"
HOME, NEW_HOME = "https://anna.medium.com", "https://medium.com/new-home"
TABLE = "# Papers\n\n## Models\n\n| Paper | Date |\n|---|---|\n"
PAPERS = (
    f"{TABLE}"
    f"| [Alpha]({HOME}/alpha-aaaaaaaa0001) | January 2024 |\n"
    f"| [Beta]({HOME}/beta-aaaaaaaa0002) | Februray 2024 |\n"
    "| [Gamma](https://medium.com/old-home/gamma-aaaaaaaa0003) | March 2024 |\n"
    f"| [Delta]({HOME.replace('https', 'http')}/delta-aaaaaaaa0004) | April 2024 |\n"
    f"| [Epsilon]({HOME}/epsilon-aaaaaaaa0005) | May 2024 |\n"
    f"| [Zeta]({HOME}/zeta-aaaaaaaa0006) | June 2024 |\n"
    f"| [Eta]({HOME}/eta-aaaaaaaa0007) | July 2031 |\n"
).encode()
TOLD = (
    f"Page https://medium.com/old-home/gamma-aaaaaaaa0003 moved to {NEW_HOME}/gamma-aaaaaaaa0003\n"
    f"Page {HOME}/epsilon-aaaaaaaa0005 is gone: no such post (404)\n"
    f"Page {HOME}/zeta-aaaaaaaa0006 is gone: deleted by its author (410)\n"
    f'Page {HOME}/alpha-aaaaaaaa0001 shows "Papers Explained: Alpha Two" published 2024-01-05\n'
)
FEED = f'Feed {HOME}/omega-aaaaaaaa0024 "Papers Explained 24: Omega"\n'
RECOVERIES = {"Epsilon": f"{HOME}/epsilon-aaaaaaaa0015"}
ACCEPTED = records_file(
    [record_of("aaaaaaaa0001", f"{HOME}/alpha-aaaaaaaa0001", "Papers Explained: Alpha", "2024-01-05")]
)
PULLS = ("links", "metadata", "records", "links-review", "metadata-review")
ISSUES = ("dead-links", "for-people", "uncatalogued", "blind")


@dataclass(frozen=True, slots=True)
class Night:
    """What a nightly run sees of Medium. `unseen` are names of entries whose pages are blocked."""

    told: str = TOLD
    feed: str = FEED
    recoveries: Mapping[str, str] | None = field(default=None, hash=False)
    unseen: Collection[str] = field(default=(), hash=False)
    held_back: Sequence[str] = field(default=(), hash=False)
    cut_short: str | None = None
    day: int = 2

    def report(self, hub: Hub, branch: str = "main", path: str = CATALOG) -> bytes:
        """Return the report of this run on the catalog as it is now."""
        files = hub.files(branch)
        return self.report_on(files[path], files.get(f"{path.rpartition('/')[0]}/{NAME}".lstrip("/"), b""), path)

    @cache  # noqa: B019 - there are few, and their reports never change
    def report_on(self, source: bytes, records: bytes = b"", path: str = CATALOG) -> bytes:
        """Return the report of this run on a catalog."""
        catalog = parse(source, path)
        place = f"{path.rpartition('/')[0]}/{NAME}".lstrip("/")
        told = pages_of(self.told)
        pages: dict[str, Page] = {}
        recoveries: dict[str, tuple[Recovery, ...]] = {}
        for usage in observe(catalog).usages:
            identity, url = usage.address.identity, usage.address.page
            if usage.name in self.unseen:
                pages[identity] = page_of(url, Blocked("a bot challenge"), status=403)
            elif usage.address.kind is Kind.ARTICLE and usage.address.post_id:
                alive = article_of(usage.address.post_id, f"Papers Explained: {usage.name}")
                pages.setdefault(identity, told.get(identity) or page_of(url, Alive(alive)))
            else:
                pages.setdefault(identity, Page(identity, url, usage.address, Skipped("no article")))
            found = (RECOVERIES if self.recoveries is None else self.recoveries).get(usage.name)
            if found is not None:
                recoveries[identity] = (Recovery(found, usage.name, "the same slug under another id"),)
        evidence = observe(
            catalog,
            pages,
            held_back=frozenset(page for page in pages if pages[page].url in self.held_back),
            records=read_records(records, place),
            recoveries=recoveries,
            feed=feed_of(self.feed),
        )
        moment = datetime(2026, 1, self.day, 3, 4, 5, tzinfo=UTC)
        run = Run(moment, moment, 9, 0, 999, self.cut_short, held_back=tuple(self.held_back))
        rules = tuple(rule.id for rule in RULES)
        findings = check(evidence, RULES)
        return encode_report(report_of(catalog, pages.values(), findings, run, evidence, rules=rules))


def stocked(hosted: Hosted, source: bytes = PAPERS, records: bytes | None = ACCEPTED) -> Hub:
    """Put a catalog with its records into the hub."""
    changes: dict[str, bytes | None] = {CATALOG: source}
    if records is not None:
        changes[RECORDS] = records
    hosted.hub.push("main", changes, message="Add papers")
    return hosted.hub


@cache
def decoded(report: bytes) -> tuple[ReportDocument, Observations]:
    """Return a report, and what it has seen."""
    document = decode_report(report)
    return document, document.observations(MEDIUM.read)


def forge_of(
    hosted: Hosted,
    sleep: Callable[[float], None] = lambda _: None,
    patience: float = 900.0,
    kind: type[PyGithubForge] = PyGithubForge,
) -> PyGithubForge:
    """Return the forge that asks the hub, without pauses."""
    return kind(Api(hosted.hub.token, hosted.url, 0.0, patience=patience, sleep=sleep), hosted.hub.name)


def asked_of(
    *kinds: str, author: str = BOT, settings: Mapping[str, Any] | None = None, catalog: str = CATALOG, **more: Any
) -> Publication:
    """Return what a run on the small catalog is asked for."""
    return Publication(replace(Settings(), author=author, **settings or {}), catalog, kinds=kinds, **more)


def publish(hosted: Hosted, night: Night | bytes | None = None, *kinds: str, **more: Any) -> Published:
    """Publish a nightly run's report; nothing may fail."""
    published = attempt(hosted, night, *kinds, **more)
    assert published.failures == []
    return published


def attempt(hosted: Hosted, night: Night | bytes | None = None, *kinds: str, **more: Any) -> Published:
    """Publish a nightly run's report; what fails is in what is returned."""
    report = night if isinstance(night, bytes) else (night or Night()).report(hosted.hub)
    forge = more.pop("forge", None) or forge_of(hosted)
    return publish_on(forge, *decoded(report), asked_of(*kinds, **more))


def done(published: Published) -> list[str]:
    """Return what a run did, as `opened bot: 1 link fix`."""
    return [f"{act.verb} {act.what}" for act in published.acts]


def writes_of(hub: Hub, do: Callable[[], object]) -> list[str]:
    """Do something; return the writes that reached the hub meanwhile, objects of git by their kinds."""
    before = len(hub.writes)
    do()
    return [f"{each.method} {each.path.removeprefix(f'/repos/{hub.name}')}" for each in hub.writes[before:]]


def pull_of(hub: Hub, kind: str) -> Pull:
    """Return the newest pull request of a kind."""
    return next(each for each in reversed(hub.pulls.values()) if each.head == f"bot/{kind}")


def issue_of(hub: Hub, kind: str) -> Issue:
    """Return the newest issue of a kind."""
    return next(each for each in reversed(hub.issues.values()) if f"<!-- bot:v1 {kind} " in each.body)


def branch_text(hub: Hub, kind: str, path: str = CATALOG) -> str:
    """Return the catalog on a kind's branch."""
    return hub.read(f"bot/{kind}", path).decode()


def tick(hub: Hub, number: int, name: str, *, on: bool) -> None:
    """Tick or untick the box of the row that names something, as the web site does."""
    lines = hub.thread(number).body.splitlines()
    old, new = ("- [ ] ", "- [x] ") if on else ("- [x] ", "- [ ] ")
    (at,) = [at for at, line in enumerate(lines) if line.startswith(old) and f"[{name}]" in line]
    lines[at] = lines[at].replace(old, new, 1)
    hub.edit(number, body="\n".join(lines))


def state_of(hub: Hub) -> dict[str, Any]:
    """Return what a person sees on the hub, without numbers, times and commits' names."""
    return {
        "branches": {name: hub.files(name) for name in hub.refs},
        "pulls": [(*_thread(each), each.head, each.base, each.draft, each.merged) for each in hub.pulls.values()],
        "issues": [_thread(each) for each in hub.issues.values()],
        "labels": sorted(hub.labels),
    }


def _thread(each: Issue) -> tuple[object, ...]:
    said = tuple((comment.user, comment.body) for comment in each.comments)
    return each.title, normalised(each.body), each.user, each.state, tuple(each.labels), said


def changed(report: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a report that was tampered with."""
    data = json.loads(report)
    change(data)
    return json.dumps(data).encode()
