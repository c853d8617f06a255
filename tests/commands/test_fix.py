"""A saved report: its observations are used, its findings are not, and the files are read again."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from conftest import Cli, Done, StandIn
from rendered import reading_of
from support import CHECKED, ROOT, article_of, catalog_of, page_of, record_of, records_file
from unruly import unruly_world

from bot.checking.evaluate import Inputs, reported
from bot.config import Settings
from bot.demo.facts import Facts
from bot.demo.world import Fault, World
from bot.markdown.catalog import Catalog, Entry
from bot.markdown.parse import parse
from bot.medium.site import MEDIUM, is_http
from bot.model.articles import Feed, FeedItem, Paper, one_line
from bot.model.documents import ReportDocument, decode_report, encode_report
from bot.model.pages import Alive, Gone, Moved, Observations, Page, Recovery
from bot.model.records import read_records
from bot.model.report import Run
from bot.rules.registry import RULES

Json = dict[str, Any]

HEAD = "| Paper | Date |\n|---|---|\n"
ROWS = (
    f"{HEAD}"
    "| [A](https://a.medium.com/x-aaaaaaaa0001) | May 2020 |\n"
    "| [B](https://a.medium.com/y-aaaaaaaa0002) | Jume 2020 |\n"
    "| [C](https://a.medium.com/z-aaaaaaaa0003?source=x) | July 2020 |\n"
)
FIXED = ROWS.replace("Jume", "June").replace("?source=x", "")

# What the web says of these: A has moved; B has a new title; C is gone, and lives on at another id; D is a bare id;
# E has no such fragment; the paper of F is half a year older, where it would be in order.
SEEN = (
    "## Papers\n\n| Paper | Date |\n|---|---|\n"
    "| [A](https://medium.com/pub/a-aaaaaaaa0001#0001) | May 2020 |\n"
    "| [Old B](https://u.medium.com/b-aaaaaaaa0002) | June 2020 |\n"
    "| [C](https://u.medium.com/c-aaaaaaaa0003) | July 2020 |\n"
    "| [D](https://u.medium.com/aaaaaaaa0004) | August 2020 |\n"
    "| [E](https://u.medium.com/e-aaaaaaaa0005#0bad) | September 2020 |\n"
    "| [F](https://u.medium.com/f-aaaaaaaa0006) | April 2020 |\n"
    "| [G](https://u.medium.com/g-aaaaaaaa0007) | November 2020 |\n"
)
SAFE = (
    SEEN.replace("medium.com/pub/a-", "u.medium.com/a-")
    .replace("com/aaaaaaaa0004", "com/d-aaaaaaaa0004")
    .replace("#0bad", "#0005")
    .replace("April 2020", "October 2020")
)
ALL = SAFE.replace("[Old B]", "[B]").replace("c-aaaaaaaa0003", "c-aaaaaaaa0009")
RECORDS = records_file([record_of("aaaaaaaa0002", "https://u.medium.com/b-aaaaaaaa0002", "Old B", "2021-01-01")])
PUBLISHED = datetime(2021, 1, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text(ROWS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def linted(cli: Cli, folder: Path, *more: str) -> Json:
    """The report of `lint` on the folder's catalog, saved as r.json."""
    cli("lint", "--format", "json", "-o", "r.json", *more)
    return loaded(folder)


def loaded(folder: Path) -> Json:
    data = json.loads((folder / "r.json").read_text())
    assert isinstance(data, dict)
    return data


def saved(folder: Path, data: Json) -> None:
    (folder / "r.json").write_text(json.dumps(data))


def pages() -> list[Page]:
    def shown(letter: str, number: int, title: str, **more: Any) -> Alive:
        id_ = f"aaaaaaaa000{number}"
        headings = [("0000", title), (f"000{number}", letter)]
        return Alive(article_of(id_, title, headings, published=PUBLISHED, published_source="json-ld", **more))

    paper = Paper("2010.00001", "F", "0006", "F: A Paper")
    moved = Moved(shown("A", 1, "A").article, "https://u.medium.com/a-aaaaaaaa0001")  # type: ignore[arg-type]
    return [
        page_of("https://medium.com/pub/a-aaaaaaaa0001", moved, final="https://u.medium.com/a-aaaaaaaa0001"),
        page_of("https://u.medium.com/b-aaaaaaaa0002", shown("B", 2, "B")),
        page_of("https://u.medium.com/c-aaaaaaaa0003", Gone("no such post (404)"), status=404),
        page_of("https://u.medium.com/aaaaaaaa0004", shown("D", 4, "D"), final="https://u.medium.com/d-aaaaaaaa0004"),
        page_of("https://u.medium.com/e-aaaaaaaa0005", shown("E", 5, "Papers of E")),
        page_of("https://u.medium.com/f-aaaaaaaa0006", shown("Paper", 6, "F", papers=(paper,))),
        page_of("https://u.medium.com/g-aaaaaaaa0007", shown("G", 7, "G")),
    ]


def seen(folder: Path) -> Json:
    """The report of a run that saw `pages`, saved as r.json beside its catalog and records."""
    (folder / "README.md").write_text(SEEN)
    (folder / "articles.jsonl").write_bytes(RECORDS)
    (folder / "r.json").write_bytes(report())
    return loaded(folder)


@lru_cache(maxsize=1)
def report() -> bytes:
    found = {page.identity: page for page in pages()}
    new = MEDIUM.read("https://u.medium.com/n-aaaaaaaa0010")
    assert new is not None
    observations = Observations(
        pages=found,
        recoveries={"@u/aaaaaaaa0003": (Recovery("https://u.medium.com/c-aaaaaaaa0009", "C", "the same slug"),)},
        feeds={"@u": Feed("", "", (FeedItem("aaaaaaaa0010", "N", new, CHECKED),))},
    )
    inputs = Inputs(catalog_of(SEEN, "README.md"), Settings(), RULES, read_records(RECORDS, "articles.jsonl"))
    evidence = inputs.evidence().seeing(observations)
    return encode_report(reported(inputs, evidence, Run(CHECKED, CHECKED), tuple(found.values())))


def fix(cli: Cli, folder: Path, *more: str) -> tuple[Done, Mapping[str, bytes]]:
    """Run `bot fix` on r.json; return how it ended, and the catalog's files."""
    done = cli("fix", "r.json", *more)
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err
    names = {path.name for path in folder.iterdir()}
    assert names <= {".git", "README.md", "r.json", "articles.jsonl", "bot-baseline.txt", "bot.toml"}
    return done, {name: (folder / name).read_bytes() for name in ("README.md", "articles.jsonl") if name in names}


# -- what is applied ------------------------------------------------------------------------------


def test_a_saved_report_is_applied(cli: Cli, folder: Path) -> None:
    linted(cli, folder)
    assert "-| [B]" in cli("fix", "r.json", "--diff").out
    assert (folder / "README.md").read_text() == ROWS
    done = cli("fix", "r.json")
    assert (done.code, done.err) == (0, "Applied 2 fixes from r.json; 0 left for review or another run.\n")
    assert (folder / "README.md").read_bytes() == FIXED.encode()
    assert cli("fix", "r.json").err == "Applied 0 fixes from r.json; 0 left for review or another run.\n"


def test_fixes_from_the_web_are_applied_and_those_for_review_need_an_option(cli: Cli, folder: Path) -> None:
    seen(folder)
    done, files = fix(cli, folder)
    assert done.code == 0
    assert files["README.md"].decode() == SAFE
    assert list(read_records(files["articles.jsonl"]).by_id) == [f"aaaaaaaa000{each}" for each in (1, 2, 4, 5, 6, 7)]
    assert read_records(files["articles.jsonl"]).by_id["aaaaaaaa0002"].title == "Old B"
    _, files = fix(cli, folder, "--unsafe-fixes")
    assert files["README.md"].decode() == ALL
    assert read_records(files["articles.jsonl"]).by_id["aaaaaaaa0002"].title == "B"


def test_a_publications_own_domain_from_the_settings_is_known_to_saved_reports_too(cli: Cli, folder: Path) -> None:
    text = "- [A](http://own.example/x-aaaaaaaa0001)\n- [B](https://own.example/y-aaaaaaaa0002)\n"
    (folder / "README.md").write_text(text)
    (folder / "bot.toml").write_text('hosts = ["own.example"]\n')
    linted(cli, folder)
    assert cli("fix", "r.json").code == 0
    assert (folder / "README.md").read_text() == text.replace("http://", "https://")


def checked(cli: Cli, stand_in: StandIn) -> None:
    """Check the catalog over the network, its records alone, into r.json."""
    facts = [
        Facts(url[-12:], title, "2024-01-01T00:00:00.000Z", url, (("0000", "h3", title),))
        for title, url in (("A", "https://a.medium.com/x-aaaaaaaa0001"), ("B", "https://a.medium.com/y-aaaaaaaa0002"))
    ]
    remap = stand_in(World({each.post_id: each for each in facts}, paragraphs=1))
    common = ["check-links", "--rate", "0", "--remap", remap, "--format", "json", "-o", "r.json"]
    cli(*common, "--select", "record-missing")


def test_records_of_a_saved_report_are_added_in_their_order(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    checked(cli, stand_in)
    done, files = fix(cli, folder)
    assert done.code == 0
    assert [each.title for each in read_records(files["articles.jsonl"]).by_id.values()] == ["A", "B"]
    assert files["README.md"].decode() == ROWS  # only the rules of the run are run again
    done, again = fix(cli, folder)
    assert (done.code, done.err) == (0, "Applied 0 fixes from r.json; 0 left for review or another run.\n")
    assert again == files


# -- what was concluded is never read back ---------------------------------------------------------


def on_edits(**changes: object) -> Callable[[Json], None]:
    def tamper(data: Json) -> None:
        for finding in data["findings"]:
            for edit in finding["fix"]["edits"] if finding["fix"] else []:
                edit.update(changes)

    return tamper


def on_findings(**changes: object) -> Callable[[Json], None]:
    def tamper(data: Json) -> None:
        for finding in data["findings"]:
            finding.update(changes)

    return tamper


def made_up(rule: str, old: str, new: str) -> Callable[[Json], None]:
    """Put one finding of a rule in place of all, whose fix would change `old` to `new`."""

    def tamper(data: Json) -> None:
        start = SEEN.encode().index(old.encode())
        stop = start + len(old.encode())
        edit = {"path": "README.md", "start": start, "stop": stop, "expected": old, "replacement": new}
        first = data["findings"][0]
        whole = {"safety": "safe", "summary": "", "pr": "links", "edits": [edit]}
        data["findings"] = [{**first, "rule": rule, "fix": whole}]

    return tamper


def without_findings(data: Json) -> None:
    data["findings"] = []


def all_safe(data: Json) -> None:
    for each in data["findings"]:
        each["fix"] = each["fix"] and {**each["fix"], "safety": "safe", "pr": "links"}


def other_figures(data: Json) -> None:
    data["catalog"].update(sha256="0" * 64, entries=0, links=10**6, pages=0)
    data["run"].update(held_back=["https://u.medium.com/b-aaaaaaaa0002"], partial=True, whole=False, requests=0)
    data["fixed"] = [{"rule": "link-other", "entry": "x", "url": "y", "since": "2020-01-01"}]


LINK = "https://u.medium.com/b-aaaaaaaa0002"
TAMPERED = {
    "another folder": on_edits(path="../README.md"),
    "a file of the system": on_edits(path="/etc/passwd"),
    "a workflow": on_edits(path=".github/workflows/ci.yml"),
    "another file": on_edits(path="other.md"),
    "a cell more": on_edits(replacement="June 2020 | x"),
    "a line more": on_edits(replacement="June 2020\n| [evil](https://evil.example) | May 2020"),
    "HTML": on_edits(replacement="<script>"),
    "nothing": on_edits(replacement=""),
    "a script's address": on_edits(replacement="javascript:alert(1)"),
    "another link behind it": on_edits(replacement="https://a.medium.com/z) [x](https://evil.example"),
    "a record that is none": on_edits(replacement='{"post_id": "x"}\n'),
    "the file's beginning": on_edits(start=0, stop=3, expected="## ", replacement="# "),
    "beyond the file": on_edits(start=10_000, stop=10_004, expected="zzzz"),
    "other bytes": on_edits(expected="something"),
    "an unknown rule": on_findings(rule="link-other"),
    "another rule": on_findings(rule="date-malformed"),
    "another place": on_findings(path="other.md", line=1, column=1, url="https://evil.example", entry="evil"),
    "another fingerprint": on_findings(fingerprint="0" * 16, since="2020-01-01"),
    "another severity": on_findings(severity="information", message="<b>", evidence=[]),
    "no fixes": on_findings(fix=None),
    "no findings": without_findings,
    "all safe": all_safe,
    "other figures": other_figures,
    **{
        f"{rule}: {new or 'nothing'}": made_up(rule, old, new)
        for rule, old, new in [
            ("title-drift", "Old B", "B ![](https://evil.example/t.png)"),
            ("title-drift", "Old B", "B \\\\<img src=x>"),
            ("title-drift", "Old B", "B <!-- bot: ignore -->"),
            ("title-drift", "Old B", "](https://evil.example)["),
            ("link-moved", LINK, f"{LINK})[evil](https://evil.example/"),
            ("link-moved", LINK, "https://u.medium.com/other-bbbbbbbb0002"),
            ("link-moved", LINK, "https://medium.com/r/?url=https%3A%2F%2Fevil.example"),
            ("link-gone", LINK, "https://web.archive.org/web/2020/https://evil.example/"),
            ("link-form", LINK, "https://b.medium.com/b-aaaaaaaa0002"),
            ("fragment-missing", LINK, "https://u.medium.com/e-aaaaaaaa0005"),
            ("duplicate-entry", f"| [Old B]({LINK}) | June 2020 |\n", ""),
            ("table-malformed", "June 2020", ""),
            ("link-syntax", f"[Old B]({LINK})", ""),
            ("date-drift", "June 2020", "December 9999"),
            ("date-order", "June 2020", "May 2020"),
            ("record-missing", "June 2020", "May 2020"),
        ]
    },
}


@pytest.mark.parametrize("unsafe", [(), ("--unsafe-fixes",)], ids=["safe", "all"])
@pytest.mark.parametrize("tamper", TAMPERED.values(), ids=TAMPERED.keys())
def test_tampering_with_conclusions_changes_nothing(
    cli: Cli, folder: Path, tamper: Callable[[Json], None], unsafe: tuple[str, ...]
) -> None:
    data = seen(folder)
    untampered = fix(cli, folder, *unsafe)
    assert untampered[1]["README.md"].decode() == (ALL if unsafe else SAFE)
    seen(folder)
    tamper(data)
    saved(folder, data)
    assert fix(cli, folder, *unsafe) == untampered


# -- what was seen may be false, and leads only to what rules do ------------------------------------

TEXTS = (
    "](https://evil.example)[",
    "![](https://evil.example/t.png)",
    "<img src=x onerror=alert(1)>",
    "<!-- bot: ignore -->",
    "B | May 2020 |\n| [evil](https://evil.example) | May 2020",
    "a\r\nb\x0bc\x85d\u2028e",
    "\\](x",
    "`code` *bold* ~~gone~~ $x$ &lt;b&gt; #1 @you",
    "\x00\x1b]0;owned\x07\u202eevil",
    "B" * 5_000,
)
ADDRESSES = (
    "https://u.medium.com/evil-bbbbbbbb0009",
    "https://evil.example/b-aaaaaaaa0002",
    "https://evil.medium.com.example/b-aaaaaaaa0002",
    "https://medium.com@evil.example/b-aaaaaaaa0002",
    "https://medium.com/r/?url=https%3A%2F%2Fevil.example",
    "https://u.medium.com/b-aaaaaaaa0002)[evil](https://evil.example/",
    "https://u.medium.com/b-aaaaaaaa0002 | x |\n| y",
    "https://u.medium.com/<script>-aaaaaaaa0002",
    "https://u.medium.com/a%3Fb%23c%2F..%2F-aaaaaaaa0004",
    "https://u.medium.com/%28%29%7C%0A-aaaaaaaa0004",
    "https://web.archive.org/web/2020/https://evil.example/",
    "http://127.0.0.1/aaaaaaaa0002",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "//evil.example/b-aaaaaaaa0002",
    "",
)


def everywhere(data: Json, **changes: object) -> Json:
    """Change every page that was seen or recalled in the same way."""
    data = json.loads(json.dumps(data))
    data["history"]["recalled"] = [dict(each) for each in data["pages"][:2]]
    for page in (*data["pages"], *data["history"]["recalled"]):
        page.update(changes)
    return data


def frame(catalog: Catalog, row: Entry) -> bytes:
    """A row without the parts that rules may write: its link's text and address, and its date."""
    (link,) = row.links
    raw = catalog.raw(row.span)
    for span in sorted((link.text_span, link.url_span, row.cells[1]), reverse=True):
        raw = raw[: span.start - row.span.start] + b"_" + raw[span.stop - row.span.start :]
    return raw


def held_to_rules(after: Mapping[str, bytes], *, unsafe: bool) -> None:
    """Only names, addresses and dates have changed, and GitHub reads the same elements as before."""
    old, new = catalog_of(SEEN, "README.md"), parse(after["README.md"], "README.md")
    rows = list(zip(old.entries(), new.entries(), strict=True))
    assert [frame(old, was) for was, _ in rows] == [frame(new, row) for _, row in rows]
    head = SEEN.index("| [A]")
    assert after["README.md"][:head] == SEEN.encode()[:head]
    assert reading_of(after["README.md"].decode()).tags == reading_of(SEEN).tags
    for was, row in rows:
        assert re.fullmatch(r" [A-Z][a-z]{2,8} [0-9]{4} ", new.raw(row.cells[1]).decode())
        then, now = MEDIUM.read(was.links[0].url), MEDIUM.read(row.links[0].url)
        if not unsafe:
            assert row.name == was.name
            assert then is not None
            assert now is not None
            assert (now.kind, now.post_id) == (then.kind, then.post_id)
        assert is_http(row.links[0].url)
    known = {address.post_id for row in old.entries() if (address := MEDIUM.read(row.links[0].url)) is not None}
    records = read_records(after["articles.jsonl"])
    assert records.by_id.keys() <= known
    assert unsafe or records.by_id["aaaaaaaa0002"] == read_records(RECORDS).by_id["aaaaaaaa0002"]


TEXT_FIELDS = ("title", "title_source", "reason", "published_source")
ADDRESS_FIELDS = ("final_url", "moved_to", "canonical", "url")


@pytest.mark.parametrize("unsafe", [(), ("--unsafe-fixes",)], ids=["safe", "all"])
@pytest.mark.parametrize("outcome", ["Alive", "Moved", "Gone", "NotArticle", "Blocked", "as it was"])
def test_hostile_observations_lead_only_to_what_rules_write(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch, outcome: str, unsafe: tuple[str, ...]
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)  # a third of the time
    untampered = seen(folder)
    ways = [{key: text} for key in TEXT_FIELDS for text in TEXTS]
    ways += [{key: url} for key in ADDRESS_FIELDS for url in ADDRESSES]
    for changes in ways:
        kind = {} if outcome == "as it was" else {"outcome": outcome}
        more = {"moved_to": "https://u.medium.com/b-aaaaaaaa0002"} if outcome == "Moved" else {}
        data = everywhere(untampered, **{**more, **kind, **changes})
        seen(folder)
        saved(folder, data)
        done, after = fix(cli, folder, *unsafe)
        assert done.code in (0, 2), changes
        if done.code == 2:
            assert after == {"README.md": SEEN.encode(), "articles.jsonl": RECORDS}
        held_to_rules(after, unsafe=bool(unsafe))


def on_pages(**changes: object) -> Callable[[Json], None]:
    return lambda data: data.update(everywhere(data, **changes))


def with_recovery(url: str, title: str = "C") -> Callable[[Json], None]:
    found = [{"url": url, "title": title, "reason": "<b>", "snapshot": False}]
    return lambda data: data.update(recoveries={page["identity"]: found for page in data["pages"]})


def with_heading(id_: str, text: str) -> Callable[[Json], None]:
    return on_pages(ids=[id_], headings=[[id_, "h3", text]], below_title=0)


def swapped(data: Json) -> None:
    """Every page claims to be the next one."""
    identities = [page["identity"] for page in data["pages"]]
    for page, identity in zip(data["pages"], identities[1:] + identities[:1], strict=True):
        page["identity"] = identity


def with_feed(url: str, title: str) -> Callable[[Json], None]:
    item = {"url": url, "title": title, "published": None}
    return lambda data: data.update(feeds={"@u": {"etag": "", "modified": "", "items": [item]}})


HOSTILE: dict[str, Callable[[Json], None]] = {
    "another article": on_pages(shown_id="bbbbbbbb0009"),
    "another article, moved": on_pages(
        shown_id="bbbbbbbb0009", outcome="Moved", moved_to="https://u.medium.com/evil-bbbbbbbb0009"
    ),
    "moved out of Medium": on_pages(outcome="Moved", moved_to="https://evil.example/b-aaaaaaaa0002"),
    "one article on every page": on_pages(shown_id="aaaaaaaa0002", outcome="Alive"),
    "pages in each other's place": swapped,
    "all gone": on_pages(outcome="Gone", reason="<script>"),
    "recovered elsewhere": with_recovery("https://evil.example/x-aaaaaaaa0003"),
    "recovered behind a bracket": with_recovery("https://u.medium.com/c-aaaaaaaa0003)[evil](https://evil.example/"),
    "recovered across cells": with_recovery("https://u.medium.com/c|d\n| x-aaaaaaaa0003"),
    "recovered by a script": with_recovery("javascript:alert(1)"),
    "recovered under a hostile title": with_recovery("https://u.medium.com/c-aaaaaaaa0009", "C](https://evil.example)"),
    "a heading's hostile id": with_heading('x" onclick="alert(1)', "E"),
    "a heading's id across cells": with_heading("a|b\n", "E"),
    "a heading's hostile text": with_heading("0bad", "<img src=x>\n| \x00"),
    "papers of no month": on_pages(papers=[{"id": "2099.00001", "section": "", "anchor": "0006", "text": "F"}]),
    "papers with hostile ids": on_pages(
        papers=[
            {"id": "2010.1\n| x <b>", "section": "\x00", "anchor": "0006", "text": "F"},
            {"id": "\x00", "section": "", "anchor": None, "text": ""},
        ]
    ),
    "published in the year 1": on_pages(published="0001-01-01T00:00:00Z"),
    "published in the year 9999": on_pages(published="9999-12-31T23:59:59Z"),
    "an article in the feed": with_feed("https://u.medium.com/x-aaaaaaaa0011", "](https://evil.example) | <b>\n"),
    "dead on no date": lambda data: data["history"].update(deaths={"@u/aaaaaaaa0003": []}, confirm=1),
    "dead long ago": lambda data: data["history"].update(deaths={"@u/aaaaaaaa0002": ["0001-01-01"]}),
}


@pytest.mark.parametrize("unsafe", [(), ("--unsafe-fixes",)], ids=["safe", "all"])
@pytest.mark.parametrize("tamper", HOSTILE.values(), ids=HOSTILE.keys())
def test_false_observations_lead_only_to_what_rules_write(
    cli: Cli, folder: Path, tamper: Callable[[Json], None], unsafe: tuple[str, ...]
) -> None:
    data = seen(folder)
    tamper(data)
    saved(folder, data)
    done, after = fix(cli, folder, *unsafe)
    assert done.code in (0, 2)
    held_to_rules(after, unsafe=bool(unsafe))


def test_a_hostile_title_becomes_a_name_with_exactly_that_text(cli: Cli, folder: Path) -> None:
    for title in TEXTS:
        data = seen(folder)
        data["pages"][1]["title"] = title
        saved(folder, data)
        _, after = fix(cli, folder, "--unsafe-fixes")
        shown = one_line(title)
        assert read_records(after["articles.jsonl"]).by_id["aaaaaaaa0002"].title == shown
        name = list(parse(after["README.md"]).entries())[1].name
        assert name == "".join(each for each in shown if each.isprintable())


def test_a_false_observation_of_one_article_moves_no_link_to_another(cli: Cli, folder: Path) -> None:
    data = seen(folder)
    other = "https://u.medium.com/other-bbbbbbbb0009"
    data["pages"][0].update(shown_id="bbbbbbbb0009", moved_to=other, final_url=other)
    saved(folder, data)
    _, after = fix(cli, folder, "--unsafe-fixes")
    assert b"bbbbbbbb0009" not in after["README.md"] + after["articles.jsonl"]


# -- the files are read as they are now --------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("# New\n\nwords\n\n" + ROWS, "# New\n\nwords\n\n" + FIXED),  # moved down
        (ROWS.replace("Jume", "July"), FIXED.replace("June", "July")),  # one was corrected by hand
        (ROWS.replace("[B]", "[D]"), FIXED.replace("[B]", "[D]")),  # the row was renamed
        (ROWS.replace("Jume", "Jule"), FIXED.replace("June", "Jule")),  # it has two readings now
        (ROWS.replace("\n", "\r\n"), FIXED.replace("\n", "\r\n")),
        ("\ufeff" + ROWS, "\ufeff" + FIXED),
        (FIXED, FIXED),
        (HEAD + ROWS.splitlines(keepends=True)[2], HEAD + ROWS.splitlines(keepends=True)[2]),  # both are gone
        ("No table any more: [A](https://a.medium.com/x-aaaaaaaa0001)\n",) * 2,
    ],
)
def test_a_fix_follows_its_row_or_goes_away(cli: Cli, folder: Path, now: str, then: str) -> None:
    linted(cli, folder)
    (folder / "README.md").write_bytes(now.encode())
    done, after = fix(cli, folder)
    assert done.code == 0
    assert after["README.md"].decode() == then


OTHER = "| [Other](https://u.medium.com/e-aaaaaaaa0005#0bad) | May 2020 |\n"


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (SEEN.replace("| [E]", f"{OTHER}| [E]"), ALL.replace("| [E]", f"{OTHER}| [E]")),
        (SEEN.replace("e-aaaaaaaa0005", "e-aaaaaaaa0015"), ALL.replace("e-aaaaaaaa0005#0005", "e-aaaaaaaa0015#0bad")),
        (SEEN.replace("com/pub/a-", "com/other/a-"), ALL.replace("u.medium.com/a-", "medium.com/other/a-")),
        (SEEN.replace("#0bad", "#0005"), ALL),
        (SEEN.replace("[Old B]", "[Another]"), ALL.replace("[B]", "[Another]")),
        (SEEN.replace("c-aaaaaaaa0003", "c-aaaaaaaa0009"), ALL),
    ],
    ids=["a row more", "another article", "another owner", "fixed by hand", "another name", "replaced by hand"],
)
def test_what_was_seen_is_applied_to_the_links_that_are_there_now(cli: Cli, folder: Path, now: str, then: str) -> None:
    seen(folder)
    (folder / "README.md").write_text(now)
    done, after = fix(cli, folder, "--unsafe-fixes")
    assert done.code == 0
    assert after["README.md"].decode() == then


@pytest.mark.parametrize("marker", ["link-form, date-malformed", ""])
def test_what_is_ignored_by_now_is_not_fixed(cli: Cli, folder: Path, marker: str) -> None:
    linted(cli, folder)
    now = ROWS.replace("Jume 2020", f"Jume 2020 <!-- bot: ignore {marker} -->")
    (folder / "README.md").write_text(now)
    _, after = fix(cli, folder)
    assert after["README.md"].decode() == now.replace("?source=x", "")


def test_what_is_in_the_baseline_by_now_is_not_fixed(cli: Cli, folder: Path) -> None:
    data = linted(cli, folder)
    (folder / "bot-baseline.txt").write_text(f"{data['findings'][0]['fingerprint']}  date-malformed  B\n")
    done, after = fix(cli, folder)
    assert done.err == "Applied 1 fix from r.json; 0 left for review or another run.\n"
    assert after["README.md"].decode() == ROWS.replace("?source=x", "")


def test_a_report_since_a_commit_fixes_only_lines_that_have_changed_since(cli: Cli, folder: Path) -> None:
    (folder / ".git").rmdir()

    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words], check=True, cwd=folder)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    changed = ROWS.replace("July 2020", "August 2020")
    (folder / "README.md").write_text(changed)
    assert linted(cli, folder, "--since", "HEAD")["run"]["whole"] is False
    moved = "# New\n\n" + changed
    (folder / "README.md").write_text(moved)
    done, after = fix(cli, folder)
    assert done.err == "Applied 1 fix from r.json; 0 left for review or another run.\n"
    assert after["README.md"].decode() == moved.replace("?source=x", "")


# -- what is not a report -----------------------------------------------------------------------------


def at(*path: str | int) -> Callable[[Json, object], None]:
    def put(data: Json, value: object) -> None:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return put


@pytest.mark.parametrize(
    ("put", "value", "message"),
    [
        (at("schema"), "bot-report/1", "schema 'bot-report/1', but this version of the bot reads bot-report/2"),
        (at("more"), 1, "unknown field `more`"),
        (at("pages", 0, "more"), 1, "unknown field `more` - at `$.pages[0]`"),
        (at("findings", 0, "fix", "edits", 0, "more"), 1, "`more` - at `$.findings[0].fix.edits[0]`"),
        (at("findings", 0, "fix", "edits", 0, "start"), -1, "at `$.findings[0].fix.edits[0].start`"),
        (at("findings", 0, "severity"), "fatal", "at `$.findings[0].severity`"),
        (at("findings", 0, "fix", "safety"), "sure", "at `$.findings[0].fix.safety`"),
        (at("findings", 0, "line"), "1", "at `$.findings[0].line`"),
        (at("findings", 0, "fingerprint"), "x", "at `$.findings[0].fingerprint`"),
        (at("pages"), {}, "at `$.pages`"),
        (at("pages", 1, "url"), None, "at `$.pages[1].url`"),
        (at("pages", 1, "outcome"), "Dead", "at `$.pages[1].outcome`"),
        (at("pages", 1, "kind"), "book", "at `$.pages[1].kind`"),
        (at("pages", 1, "shown_id"), "xyz", "at `$.pages[1].shown_id`"),
        (at("pages", 1, "status"), 10**6, "at `$.pages[1].status`"),
        (at("pages", 1, "attempts"), 1.5, "at `$.pages[1].attempts`"),
        (at("pages", 1, "ids"), ["x"] * 5_001, "at `$.pages[1].ids`"),
        (at("pages", 1, "ids"), [["x", "h3", "X"]], "at `$.pages[1].ids[0]`"),
        (at("pages", 1, "headings"), [["x", "h3", "X"]] * 5_001, "at `$.pages[1].headings`"),
        (at("pages", 1, "headings"), [["x", "h3"]], "at `$.pages[1].headings[0]`"),
        (at("pages", 1, "headings"), [["x", "h3", "X", 0]], "at `$.pages[1].headings[0]`"),
        (at("pages", 1, "headings"), [["not there", "h3", "X"]], "a heading whose id the article does not have"),
        (at("pages", 1, "below_title"), -1, "at `$.pages[1].below_title`"),
        (at("pages", 1, "checked_at"), "yesterday", "at `$.pages[1].checked_at`"),
        (at("pages", 1, "published"), "2020-01-01T00:00:00", "a time without its zone"),
        (at("pages", 1, "published"), "0001-01-01T00:00:00+05:00", "not a time in UTC"),
        (at("pages", 1, "title"), None, "an article needs a title"),
        (at("pages", 1, "title"), " \n\x00", "an article needs a title"),
        (at("pages", 0, "moved_to"), None, "needs its article and its new address"),
        (at("run", "requests"), True, "at `$.run.requests`"),
        (at("run", "since"), "-p", "--since -p: not a commit"),
        (at("run", "since"), "--output=x", "not a commit"),
        (at("run", "since"), "a\x00b", "not a commit"),
        (at("history", "confirm"), 0, "at `$.history.confirm`"),
        (at("history", "deaths"), {"@u/aaaaaaaa0003": ["soon"]}, "at `$.history.deaths[...][0]`"),
        (
            at("recoveries", "x"),
            [{"url": "javascript:alert(1)", "title": "C", "reason": "", "snapshot": False}],
            "not a web address",
        ),
        (at("feeds", "@u", "items", 0, "url"), "https://evil.example/x-aaaaaaaa0011", "not an article of Medium"),
        (at("catalog", "path"), "other.md", "is about 'other.md'"),
        (at("pages", 1, "title"), "\ud800", "'\\ud800' is half a character"),
    ],
)
def test_a_malformed_report_is_one_line_that_names_the_place(
    cli: Cli, folder: Path, put: Callable[[Json, object], None], value: object, message: str
) -> None:
    data = seen(folder)
    put(data, value)
    saved(folder, data)
    done, after = fix(cli, folder)
    assert done.code == 2
    assert done.err.startswith("bot: ")
    assert message in done.err
    assert after == {"README.md": SEEN.encode(), "articles.jsonl": RECORDS}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Expecting value: line 1 column 1"),
        (b"{", "line 1 column 2"),
        (b"[]", "Expected `object`, got `array`"),
        (b"{}", "missing required field `schema`"),
        (b'{"schema": "bot-report/2"}', "missing required field `bot`"),
        (b'{"schema": "bot-state/2"}', "schema 'bot-state/2', but this version of the bot reads bot-report/2"),
        (b'{"schema": 1, "schema": 2}', "duplicate key 'schema'"),
        (b"[" * 100_000, "recursion"),
        (b'{"schema": NaN}', "NaN is not a number"),
        (b"\xff", "utf-8"),
        (b" " * (64 * 2**20 + 1), "larger than 64 MiB"),
    ],
)
def test_what_is_not_a_report_is_refused(cli: Cli, folder: Path, content: bytes, message: str) -> None:
    (folder / "r.json").write_bytes(content)
    done, after = fix(cli, folder)
    assert (done.code, after["README.md"].decode()) == (2, ROWS)
    assert done.err.startswith("bot: r.json: not a report of this bot: ")
    assert done.err.endswith("; check-links writes a report with --format json --output\n")
    assert message in done.err
    missing = cli("fix", "none.json")
    assert (missing.code, missing.err.count("\n")) == (2, 1)


# -- the same files give the same findings -------------------------------------------------------------


def test_the_real_catalog_is_found_the_same_from_its_saved_report(cli: Cli, stand_in: StandIn, folder: Path) -> None:
    source = (ROOT / "catalog" / "README.md").read_bytes()
    (folder / "README.md").write_bytes(source)
    catalog = parse(source, "README.md")
    world = unruly_world(catalog, {Fault.DELETED: 0.01, Fault.CHALLENGE: 0.02, Fault.BUSY: 0.01})
    common = ["check-links", "--rate", "0", "--timeout", "1", "--concurrency", "16", "--remap", stand_in(world)]
    cli(*common, "--format", "json", "-o", "r.json")
    data = loaded(folder)
    jsonschema.Draft202012Validator(msgspec.json.schema(ReportDocument)).validate(data)
    document = decode_report((folder / "r.json").read_bytes())
    seen_then = document.observations(MEDIUM.read)
    inputs = Inputs(catalog, Settings(), RULES)
    evidence = inputs.evidence().seeing(seen_then)
    run = Run(document.run.started, document.run.finished)
    again = json.loads(encode_report(reported(inputs, evidence, run)))
    assert len(again["findings"]) > 300
    assert {each["rule"] for each in again["findings"]} >= {"link-gone", "link-moved", "date-malformed"}
    assert again["findings"] == data["findings"]  # fingerprints, order and fixes among them
    assert again["catalog"]["sha256"] == data["catalog"]["sha256"] == hashlib.sha256(source).hexdigest()
