"""The words of pull requests and issues: what they say, and that whatever the web says in them stays text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hosted import NAME
from publishing import CATALOG, HOME, RECORDS, decoded
from rendered import html_of, reading_of
from support import CHECKED, article_of, catalog_of, observe, page_of, report_of

import bot.publish.bodies
from bot.checking.evaluate import Inputs
from bot.config import Settings
from bot.medium.site import MEDIUM
from bot.model.articles import FeedItem
from bot.model.documents import encode_report
from bot.model.findings import Fact, Finding
from bot.model.pages import Alive, Gone, Page
from bot.model.records import Records
from bot.model.report import Run
from bot.publish.bodies import finding_row
from bot.publish.forge import Commit, Repository
from bot.publish.github import DryRun
from bot.publish.issues import DEAD_LINKS, FOR_PEOPLE, UNCATALOGUED, IssueKind, issue_body, rows_of
from bot.publish.marker import Marker, Row, boxes, rows_in
from bot.publish.pull_requests import PULL_KINDS, Proposed, PullKind, pull_body, pull_title, refused_row
from bot.publish.session import Publication, Session, together
from bot.rules.registry import RULES, check

HOSTILE = [
    "@name", "@org/team", "mail@example.org", "#123", "owner/repo#123", "GH-123", "a" * 40, "31e59abc0615",
    "CVE-2024-1234", ":smile:", "https://evil.example/x", "www.evil.example", "//evil.example",
    "![i](https://evil.example/x.png)", "[a](https://evil.example)", "[a][b]", "[^1]", "[a]: https://evil.example",
    "[x] done", "- [x] all <!-- 0000000000000001 -->", "<b>x</b>", "<img src=x onerror=alert(1)>",
    "<!-- bot:v1 links -->", "-->", "--!> x", "<!-- bot: ignore link-gone -->", "<https://evil.example>",
    "</details>", "<details><summary>", "&lt;b&gt;", "&#64;name", "**a**", "__a__", "~~a~~", "`a`", "```", "~~~ x",
    "$x$", "$`x`$", "a\\", "\\@b", "|", "a | b", "---", "- x", "1. x", "# x", "> [!NOTE]", "===", "    code", "a\nb",
    "a\r\n\r\n# b", "a\r\n\r\n<!-- bot:v1 links -->", "a\u2028- [x] b <!-- 0000000000000001 -->", "\x1b[31mb",
    "\u202egnp.b", "::error::x", "##[error]x", "${{ secrets.X }}", "fixes #1", "＠name", "`" * 200, "[" * 300,
    "*a" * 300, "</a></p><script>alert(1)</script>", "github.com/o/r/issues/1", "javascript:alert(1)", "a" * 5000,
]  # fmt: skip
TREE = "1" * 40


def session_with(words: Sequence[str]) -> Session:
    """Return a session whose findings say these words: as names, sections, titles, messages and facts."""
    lines = ["## Papers\n\n| Paper | Date |\n|---|---|"]
    for n, _ in enumerate(words):
        date = "May 2031" if n % 3 == 1 else "May 2024"
        lines.append(f"| [Name {n}](http://anna.medium.com/n-{n}-bbbbbbbb{n:04x}) | {date} |")
    lines += [f"| [Fine {n}]({HOME}/fine-{n}-cccccccc{n:04x}) | May 2024 |" for n in range(len(words) + 1)]
    catalog = catalog_of("\n".join(lines) + "\n", CATALOG)
    pages: dict[str, Page] = {}
    for usage in observe(catalog).usages:
        post_id = usage.address.post_id or ""
        number = int(post_id[8:], 16)
        is_gone = number % 3 == 0 and post_id.startswith("b")
        outcome = Gone("no such post (404)") if is_gone else Alive(article_of(post_id, usage.name))
        pages[usage.address.identity] = page_of(usage.address.page, outcome)
    feed = []
    for n, word in enumerate(words):
        address = MEDIUM.read(f"{HOME}/f-{n}-dddddddd{n:04x}")
        assert address is not None
        feed.append(FeedItem(f"dddddddd{n:04x}", word, address, CHECKED))
    evidence = observe(catalog, pages, records=Records(RECORDS), feed=tuple(feed))
    run = Run(CHECKED, CHECKED, 9, 0, 9)
    report = report_of(catalog, pages.values(), check(evidence, RULES), run, evidence)
    settings = Settings(author="bot", min_coverage=0.0)
    return Session(
        forge=DryRun.__new__(DryRun),
        asked=Publication(settings, CATALOG, run_url="https://github.com/owner/name/actions/runs/1"),
        repository=Repository(NAME, "main", f"https://github.com/{NAME}"),
        base="main",
        tip=Commit("2" * 40, TREE, (), ""),
        tree={},
        branches={},
        inputs=Inputs(catalog, settings, RULES, Records(RECORDS)),
        report=decoded(encode_report(report))[0],
        evidence=evidence,
        groups=together(_said(each, words[n % len(words)]) for n, each in enumerate(report.findings)),
    )


def _said(finding: Finding, word: str) -> Finding:
    """Say a word wherever the web's words can be: URLs that the bot asked for, or made itself, are none of them."""
    facts = []
    for fact in finding.facts:
        value = fact.value if fact.kind == "form" else word
        facts.append(fact if fact.kind == "answer" else Fact(fact.kind, value, word, fact.text))
    facts.append(Fact(word, f"{word}{word}", word))
    message = finding.message if "://" in finding.message else word  # a row leaves out a message with URLs
    return replace(finding, entry=word, section=word, message=message, facts=tuple(facts))


def pull_of(session: Session, kind: PullKind) -> str:
    found = [each for same in session.groups for each in same if each.pull == kind.name]
    marker = Marker(kind.name, {each.fingerprint: "" for each in found})
    return pull_body(session, kind, marker, found[: len(found) // 2], found[len(found) // 2 :], 3)


def issue_of(session: Session, kind: IssueKind) -> str:
    rows = rows_of(
        kind,
        session,
        {"links": Proposed(refused=refused_row(session, PULL_KINDS[0], "bot: 1 link fix", diff_of(session)))},
    )
    return issue_body(session, kind, Marker(kind.name), list(rows), 3)


def diff_of(session: Session) -> str:
    """Return a diff with the catalog's own lines, whatever they say."""
    return "".join(f"-{line}\n+{line}\n" for line in session.inputs.catalog.source.decode().splitlines()[:8])


def bodies_of(words: Sequence[str]) -> dict[str, str]:
    session = session_with(words)
    made = {kind.name: pull_of(session, kind) for kind in PULL_KINDS[:1] + PULL_KINDS[2:3]}
    return made | {kind.name: issue_of(session, kind) for kind in (DEAD_LINKS, FOR_PEOPLE, UNCATALOGUED)}


def tags_of(body: str) -> list[str]:
    return [re.sub(r"[0-9a-f]{16}", "FINGERPRINT", tag) for tag in reading_of(body).tags]


GROUPS = [HOSTILE[at : at + 9] for at in range(0, len(HOSTILE), 9)]


@pytest.mark.parametrize("words", GROUPS, ids=range(len(GROUPS)))
def test_whatever_the_web_says_a_body_reads_as_one_with_plain_words(words: list[str]) -> None:
    plain = bodies_of([f"word {chr(ord('k') + n)}" for n in range(len(words))])
    for name, body in bodies_of(words).items():
        found, expected = reading_of(body), reading_of(plain[name])
        assert tags_of(body) == tags_of(plain[name]), name
        assert found.turned == expected.turned, name
        assert len(found.links) == len(expected.links)
        assert not [link for link in found.links if "evil" in link], name
        assert len(boxes(body)) == len(boxes(plain[name]))
        assert "0000000000000001" not in boxes(body)
        assert all(each.isprintable() or each in "\n\t\u200d" for each in body)
        assert body.count("\n<!-- bot:v1") == 0


def test_bodies_hold_every_sort_of_row() -> None:
    """The test above would prove nothing of rows that are not there."""
    made = bodies_of([f"word {chr(ord('k') + n)}" for n in range(9)])
    assert {name: len(boxes(body)) for name, body in made.items()} == {
        "links": 6,
        "records": 16,
        "dead-links": 3,
        "for-people": 4,
        "uncatalogued": 9,
    }


def one(session: Session, rule: str) -> Finding:
    return next(same[0] for same in session.groups if same[0].rule == rule)


def row_of(*facts: Fact) -> str:
    """Return the row of a dead link with these facts besides what the message says."""
    session = session_with(["word"])
    found = replace(one(session, "link-gone"), message="the page is gone", facts=facts)
    return "\n".join(finding_row(session, [found]).below[1:])


def test_answers_are_one_chain_with_links() -> None:
    facts = [Fact("answer", "302", f"{HOME}/a"), Fact("answer", "410", f"{HOME}/b")]
    assert row_of(*facts) == f"- answered [302]({HOME}/a), then [410]({HOME}/b)"


def test_where_an_article_was_seen_is_a_link_with_its_reason() -> None:
    fact = Fact("candidate", f"{HOME}/x-bbbbbbbb0001", "the same slug under another id")
    assert row_of(fact).endswith(f"]({HOME}/x-bbbbbbbb0001) (the same slug under another id)")


def test_an_address_in_a_title_is_text() -> None:
    assert "](" not in row_of(Fact("title", "https://evil.example/", "https://evil.example/og"))


def test_a_paper_is_a_link_to_it() -> None:
    assert row_of(Fact("paper", "arXiv 1810.04805, October 2018", "section «Paper»")) == (
        "- paper: [arXiv 1810.04805](https://arxiv.org/abs/1810.04805), October 2018 (section «Paper»)"
    )
    row = row_of(Fact("paper", "arXiv 1810.04805)](https://evil.example), October 2018", ""))
    assert reading_of(row).links == ()


def test_what_the_message_says_is_not_said_again() -> None:
    assert row_of(Fact("verdict", "gone", "what the last answer means")) == ""


def test_many_facts_are_cut_and_counted() -> None:
    assert row_of(*[Fact("k", f"v{n}", "") for n in range(20)]).endswith("k: v11; and 8 more")


def test_since_when_a_page_is_dead_is_said() -> None:
    assert row_of(Fact("since", "2026-01-02", "the first date on which it was seen dead")) == (
        "- since: 2026-01-02 (the first date on which it was seen dead)"
    )


TITLES = {
    "links": "bot: 7 link fixes",
    "records": "bot: 7 article records",
    "metadata-review": "bot: 7 metadata fixes for review",
}


@pytest.mark.parametrize(("name", "title"), TITLES.items())
def test_a_title_says_how_many_of_what(name: str, title: str) -> None:
    kind = next(kind for kind in PULL_KINDS if kind.name == name)
    assert pull_title(kind, 7) == title


def test_long_lists_are_folded_and_short_ones_are_not() -> None:
    rows = [Row(f"{n:016x}", "Heading" if n else "Other", f"row {n}") for n in range(27)]
    body = issue_body(session_with(["word"]), DEAD_LINKS, Marker("dead-links"), rows)
    assert body.count("<details>") == body.count("</details>") == 1
    assert "#### Other (1)\n\n- [ ] row 0 " in body
    assert "#### Heading (26)\n\n<details><summary>Show all 26</summary>\n\n- [ ] row 1 " in body
    assert html_of(body).count('<input type="checkbox"') == 27
    assert len(boxes(body)) == len(rows_in(body)) == 27


@pytest.mark.parametrize(
    ("limit", "kept", "told"),
    [(60_000, 30, "below"), (3_400, 30, "linked"), (2_300, 30, "bare"), (1_400, 22, "bare")],
)
def test_a_body_too_long_loses_evidence_first_then_links_then_rows(
    monkeypatch: pytest.MonkeyPatch, limit: int, kept: int, told: str
) -> None:
    monkeypatch.setattr(bot.publish.bodies, "LIMIT", limit)
    rows = [Row(f"{n:016x}", "", f"linked {'x' * 20}{n}", ("- below " * 9,), bare=f"bare {n}") for n in range(30)]
    body = issue_body(session_with(["word"]), DEAD_LINKS, Marker("dead-links"), rows)
    assert len(body) <= limit
    assert ("below" in body, "linked" in body, "bare" in body) == (told == "below", told != "bare", told == "bare")
    assert abs(len(boxes(body)) - kept) < 5
    assert ("more rows that did not fit here" in body) == (len(boxes(body)) < 30)


def test_the_day_of_a_run_alone_is_told_from_its_report() -> None:
    session = session_with(["word"])
    body = issue_body(session, DEAD_LINKS, Marker("dead-links"), [Row("0" * 16, "", "row")])
    assert body.endswith(f"From the [run of {CHECKED.date()}]({session.asked.run_url}). <!-- run -->\n")
    assert session.asked.run_url in reading_of(body).links
    assert datetime(2026, 1, 2, tzinfo=UTC).date() == CHECKED.date()
