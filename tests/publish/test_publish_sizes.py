"""One change or a thousand: bodies that GitHub takes, as many requests as for one, and no byte beside the changes."""

from __future__ import annotations

import re

import pytest
from github_stand_in.model import BODY_LIMIT
from github_stand_in.objects import Leaf
from hosted import Hosted
from publishing import (
    ACCEPTED,
    CATALOG,
    HOME,
    PAPERS,
    PULLS,
    RECORDS,
    TABLE,
    Night,
    branch_text,
    issue_of,
    publish,
    pull_of,
    stocked,
    writes_of,
)

import bot.publish.bodies
import bot.publish.issues
import bot.publish.pull_requests
from bot.errors import UsageError
from bot.model.records import read_records
from bot.publish.marker import boxes, read_marker

SIZES = [1, 7, 400, 1000]
MANY = {"max_changes": 1000}
QUIET = Night(told="", feed="", recoveries={})
_PLAIN_HTTP = HOME.replace("https", "http")


def rows(count: int, home: str = _PLAIN_HTTP, slug: str = "a-paper-with-a-long-and-telling-name") -> str:
    """Return rows whose links are not in the usual form, and whose articles have no record."""
    return "".join(f"| [Paper {n}]({home}/{slug}-{n}-bbbbbbbb{n:04x}) | May 2024 |\n" for n in range(count))


def usual(count: int) -> str:
    """Return as many rows that need nothing, so that the form of their links is the usual one."""
    return "".join(f"| [Fine {n}]({HOME}/fine-{n}-cccccccc{n:04x}) | May 2024 |\n" for n in range(count + 1))


@pytest.mark.parametrize("count", SIZES)
def test_a_body_holds_whatever_the_number_of_changes(github: Hosted, count: int) -> None:
    hub = stocked(github, (TABLE + rows(count)).encode())
    publish(github, QUIET, "links", "records", settings=MANY)
    for kind, noun in (("links", "link fix"), ("records", "article record")):
        pull = pull_of(hub, kind)
        assert pull.title.startswith(f"bot: {count} {noun}")
        assert len(pull.body) <= BODY_LIMIT
        marker = read_marker(pull.body)
        assert marker is not None
        assert len(marker.items) == count
        left_out = re.search(r"… and (\d+) more rows? that did not fit here: the diff shows them all\.", pull.body)
        assert len(boxes(pull.body)) == count - (int(left_out[1]) if left_out else 0)
        assert (left_out is not None) == (count == 1000)
        assert f"#L{len(TABLE.splitlines()) + 1})" in pull.body or kind == "records" or count > 7
        assert pull.body.rstrip().endswith("From the run of 2026-01-02. <!-- run -->")
    assert branch_text(hub, "links").count("https:") == count
    assert len(read_records(hub.read("bot/records", RECORDS)).by_id) == count + 1
    if count < 1000:
        assert writes_of(hub, lambda: publish(github, QUIET, "links", "records", settings=MANY)) == []


def test_the_number_of_requests_does_not_grow_with_the_number_of_changes(github: Hosted) -> None:
    hub = stocked(github)
    used: dict[int, list[int]] = {}
    for count in (1, 7, 40):
        hub.refs = {"main": hub.tip("main")}
        for things in (hub.pulls, hub.issues, hub.labels):
            things.clear()
        dead = "".join(f"Page {HOME}/gone-{n}-dddddddd{n:04x} is gone: no such post (404)\n" for n in range(count))
        lost = "".join(f"| [Lost {n}]({HOME}/gone-{n}-dddddddd{n:04x}) | May 2024 |\n" for n in range(count))
        hub.push("main", {CATALOG: PAPERS + (rows(count) + lost + usual(count)).encode()})
        report = Night(Night().told + dead).report(hub)
        used[count] = [requests_of(github, report), requests_of(github, report)]
        hub.push("main", {"LICENSE": b"%d" % count})
        used[count].append(requests_of(github, report))
        assert (len(hub.pulls), len(hub.issues)) == (5, 3)
    first, quiet, moved = used[1]
    assert used == {1: used[1], 7: used[1], 40: used[1]}
    assert max(first, moved) <= 10 * 5 + 5 * 3
    assert quiet == 6 + 2 * 5 + 1  # the base with its two files; each pull request and branch; the issues


def requests_of(github: Hosted, report: bytes) -> int:
    before = len(github.hub.requests)
    publish(github, report)
    return len(github.hub.requests) - before


def test_changes_beyond_the_cap_wait_until_the_first_are_merged(github: Hosted) -> None:
    hub = stocked(github, (TABLE + rows(7)).encode())
    publish(github, QUIET, "links", settings={"max_changes": 3})
    assert pull_of(hub, "links").title == "bot: 3 link fixes"
    assert "Once this is merged, 4 more changes will follow." in pull_of(hub, "links").body
    assert branch_text(hub, "links").count("https:") == 3
    assert writes_of(hub, lambda: publish(github, QUIET, "links", settings={"max_changes": 3})) == []
    for left in (4, 1):
        hub.merge(pull_of(hub, "links").number)
        publish(github, QUIET, "links", settings={"max_changes": 3})
        assert hub.read("main", CATALOG).decode().count("http:") == left
    hub.merge(pull_of(hub, "links").number)
    assert writes_of(hub, lambda: publish(github, QUIET, "links", settings={"max_changes": 3})) == []


def test_a_cap_above_what_a_body_holds_is_lowered(github: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bot.publish.pull_requests._MOST == 1000
    monkeypatch.setattr(bot.publish.pull_requests, "_MOST", 10)
    hub = stocked(github, (TABLE + rows(12)).encode())
    publish(github, QUIET, "links", settings={"max_changes": 9999})
    assert pull_of(hub, "links").title == "bot: 10 link fixes"
    assert "Once this is merged, 2 more changes will follow." in pull_of(hub, "links").body


def test_what_was_declined_counts_for_no_cap(github: Hosted) -> None:
    hub = stocked(github, (TABLE + rows(7)).encode())
    publish(github, QUIET, "links", settings={"max_changes": 3})
    hub.close(1)
    publish(github, QUIET, "links", settings={"max_changes": 3})
    assert list(boxes(pull_of(hub, "links").body).values()) == [True] * 3 + [False] * 3


def test_a_hundred_declined_changes_are_remembered(github: Hosted) -> None:
    hub = stocked(github, (TABLE + rows(100)).encode())
    publish(github, QUIET, "links")
    hub.close(1)
    hub.push("main", {CATALOG: (TABLE + rows(101)).encode()})
    publish(github, QUIET, "links")
    pull = pull_of(hub, "links")
    assert (pull.title, len(pull.body) <= BODY_LIMIT) == ("bot: 1 link fix", True)
    hub.merge(pull.number)
    hub.pulls = {pull.number: pull}
    assert writes_of(hub, lambda: publish(github, QUIET, "links")) == []


BYTES = {
    "CRLF": PAPERS.replace(b"\n", b"\r\n"),
    "a mark at its start": b"\xef\xbb\xbf" + PAPERS,
    "a mark and CRLF": b"\xef\xbb\xbf" + PAPERS.replace(b"\n", b"\r\n"),
    "no end of the last line": PAPERS.rstrip(b"\n"),
    "mixed ends of lines": PAPERS.replace(b"2024 |\n", b"2024 |\r\n", 3),
}


@pytest.mark.parametrize("source", BYTES.values(), ids=BYTES.keys())
def test_no_byte_changes_but_those_of_the_changes(github: Hosted, source: bytes) -> None:
    hub = stocked(github, source, ACCEPTED.replace(b"\n", b"\r\n"))
    publish(github)
    assert hub.read("bot/metadata", CATALOG) == source.replace(b"Februray", b"February")
    links = source.replace(b"old-home", b"new-home").replace(b"http:", b"https:")
    assert hub.read("bot/links", CATALOG) == links
    assert hub.read("bot/links-review", CATALOG) == source.replace(b"aaaaaaaa0005", b"aaaaaaaa0015")
    records = hub.read("bot/records", RECORDS)
    assert records.startswith(ACCEPTED.replace(b"\n", b"\r\n"))
    assert records.count(b"\r\n") == records.count(b"\n") == 5
    assert writes_of(hub, lambda: publish(github)) == []


def test_a_catalog_that_is_not_utf_8_is_refused_and_stays_as_it_is(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    hub.push("main", {CATALOG: PAPERS.replace(b"# Papers", b"# Papiers \xe9t\xe9")})
    with pytest.raises(UsageError, match="not UTF-8 text"):
        publish(github, report)
    assert hub.writes == []


def test_a_file_that_can_be_run_stays_so_and_the_others_stay_as_they_are(github: Hosted) -> None:
    hub = stocked(github)
    objects, tip = hub.objects, hub.tip("main")
    files = objects.files(objects.commits[tip].tree)
    files[CATALOG] = Leaf("100755", files[CATALOG].sha)
    files["link"] = Leaf("120000", objects.add_blob(b"catalog"))
    person = hub.person("alice")
    hub.move("main", objects.add_commit(objects.add_tree(files), (tip,), person, person, "Let it run"))
    publish(github)
    for kind in PULLS:
        found = objects.files(objects.commits[hub.tip(f"bot/{kind}")].tree)
        assert {path: leaf.mode for path, leaf in found.items()} == {path: leaf.mode for path, leaf in files.items()}


@pytest.mark.parametrize("path", ["README.md", "docs/deep/er/list of papers.md", "ünïcode.md"])
def test_a_catalog_may_lie_anywhere(github: Hosted, path: str) -> None:
    hub = github.hub
    folder = path.rpartition("/")[0]
    place = f"{folder}/articles.jsonl".lstrip("/")
    hub.push("main", {path: PAPERS, place: ACCEPTED})
    report = Night().report(hub, path=path)
    publish(github, report, catalog=path)
    assert len(hub.pulls) == 5
    assert "February" in branch_text(hub, "metadata", path)
    assert hub.read("bot/records", place).count(b"\n") == 5
    assert writes_of(hub, lambda: publish(github, report, catalog=path)) == []


def test_without_records_the_first_ones_make_the_file(github: Hosted) -> None:
    hub = stocked(github, PAPERS, None)
    publish(github, None, "records")
    assert RECORDS not in hub.files("main")
    assert hub.read("bot/records", RECORDS).count(b"\n") == 5


def test_rows_of_an_issue_that_have_no_room_are_counted_and_kept_in_mind(
    github: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.publish.bodies, "LIMIT", 9_000)
    monkeypatch.setattr(bot.publish.issues, "_MOST", 100)
    dead = "".join(f"Page {HOME}/gone-{n}-dddddddd{n:04x} is gone: no such post (404)\n" for n in range(120))
    lost = "".join(f"| [Lost {n}]({HOME}/gone-{n}-dddddddd{n:04x}) | May 2024 |\n" for n in range(120))
    hub = stocked(github, (TABLE + lost).encode())
    night = Night(dead, feed="", recoveries={})
    publish(github, night, "dead-links")
    body = issue_of(hub, "dead-links").body
    assert len(body) <= 9_000
    found = re.search(r"… and (\d+) more rows that did not fit here: they follow as others are settled", body)
    assert found is not None
    assert int(found[1]) + len(boxes(body)) == 120
    assert "<details><summary>Show all" in body
    marker = read_marker(body)
    assert marker is not None
    assert len(marker.items) == 100
    assert writes_of(hub, lambda: publish(github, night, "dead-links")) == []
    nothing = Night("", feed="", recoveries={}, cut_short="the time limit was reached")
    assert writes_of(hub, lambda: publish(github, nothing, "dead-links")) == []


def test_a_report_with_the_same_change_in_two_places_shows_it_once(github: Hosted) -> None:
    row = f"| [Paper]({_PLAIN_HTTP}/paper-bbbbbbbb0001) | May 2024 |\n"
    more = "## More\n\n| Paper | Date |\n|---|---|\n"
    hub = stocked(github, (TABLE + row + "\n" + more + row + usual(2)).encode())
    publish(github, QUIET, "links")
    assert pull_of(hub, "links").title == "bot: 1 link fix"
    assert len(boxes(pull_of(hub, "links").body)) == 1
    hub.merge(1)
    publish(github, QUIET, "links")
    if len(hub.pulls) == 2:
        hub.merge(2)
    assert hub.read("main", CATALOG).count(b"http:") == 0
    assert writes_of(hub, lambda: publish(github, QUIET, "links")) == []
