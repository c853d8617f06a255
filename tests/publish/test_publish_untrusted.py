"""A report that was tampered with: its findings count for nothing, and what it says was seen leads to the rules' edits.

So it can say what is not true of the web, but it cannot write what it likes: not into another file, not beside a link,
a name, a date or a record, and never as markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from github_stand_in.objects import Leaf
from github_stand_in.state import Hub
from hosted import Hosted
from publishing import (
    CATALOG,
    HOME,
    PAPERS,
    PULLS,
    RECORDS,
    Night,
    attempt,
    branch_text,
    changed,
    issue_of,
    publish,
    stocked,
    writes_of,
)
from rendered import reading_of

from bot.commands.publish import publish_report
from bot.config import Settings
from bot.errors import BotError, UsageError
from bot.markdown.catalog import Entry
from bot.markdown.parse import parse
from bot.medium.site import MEDIUM
from bot.model.records import read_records
from bot.publish.marker import boxes
from bot.publish.session import Publication

Data = dict[str, Any]
Change = Callable[[Data], object]
EVIL = "https://evil.example"
HOSTILE = (
    "<!-- bot:v1 links --> @alice #1 ![x](https://evil.example/x.png)\n- [x] all <!-- 0000000000000001 -->\n| a | b |"
)


def finding(data: Data, rule: str) -> Data:
    found = next(each for each in data["findings"] if each["rule"] == rule)
    assert isinstance(found, dict)
    return found


def page(data: Data, name: str) -> Data:
    found = next(each for each in data["pages"] if f"/{name.lower()}-" in each["url"])
    assert isinstance(found, dict)
    return found


def on_edit(rule: str, /, **values: object) -> Change:
    return lambda data: finding(data, rule)["fix"]["edits"][0].update(values)


def on_fix(rule: str, /, **values: object) -> Change:
    return lambda data: finding(data, rule)["fix"].update(values)


def on_finding(rule: str, /, **values: object) -> Change:
    return lambda data: finding(data, rule).update(values)


def on_page(name: str, /, **values: object) -> Change:
    return lambda data: page(data, name).update(values)


def recovered_at(url: str, name: str = "Epsilon") -> Change:
    recovery = {"url": url, "title": name, "reason": "the same slug under another id", "snapshot": False}
    return lambda data: data["recoveries"].update({page(data, name)["identity"]: [recovery]})


TAMPERED: dict[str, Change] = {
    "another file": on_edit("link-moved", path="README.md"),
    "another file for a record": on_edit("record-missing", path="catalog/other.jsonl"),
    "a path up": on_edit("link-moved", path="../README.md"),
    "a path up and down": on_edit("link-moved", path="catalog/../catalog/README.md"),
    "an absolute path": on_edit("link-moved", path="/catalog/README.md"),
    "a workflow": on_edit("link-moved", path=".github/workflows/ci.yml"),
    "a workflow's path below": on_edit("record-missing", path="catalog/../.github/workflows/ci.yml"),
    "a backslash": on_edit("link-moved", path="catalog\\README.md"),
    "a null": on_edit("link-moved", path="catalog/README.md\0"),
    "another host": on_edit("link-form", replacement=f"{EVIL}/delta-aaaaaaaa0004"),
    "another host for a moved article": on_edit("link-moved", replacement=f"{EVIL}/gamma-aaaaaaaa0003"),
    "a look-alike host": on_edit("link-form", replacement="https://anna.medium.com.evil.example/delta-aaaaaaaa0004"),
    "a username before the host": on_edit("link-form", replacement="https://anna.medium.com@evil.example/aaaaaaaa0004"),
    "another article": on_edit("link-form", replacement=f"{HOME}/delta-aaaaaaaa0099"),
    "another scheme": on_edit("link-gone", replacement="javascript:alert(1)//epsilon-aaaaaaaa0015"),
    "a link's end": on_edit("link-gone", replacement=f"{HOME}/epsilon-aaaaaaaa0015) ![x]({EVIL}/x.png"),
    "a row's end": on_edit("link-gone", replacement=f"{HOME}/epsilon-aaaaaaaa0015 | x |\n| y"),
    "several records": lambda data: on_edit(
        "record-missing", replacement=finding(data, "record-missing")["fix"]["edits"][0]["replacement"] * 2
    )(data),
    "an empty record": on_edit("record-missing", replacement="{}\n"),
    "markup in a name": lambda data: finding(data, "title-drift")["fix"]["edits"][1].update(replacement="<b>Alpha</b>"),
    "a link in a name": lambda data: finding(data, "title-drift")["fix"]["edits"][1].update(replacement=f"]({EVIL})"),
    "a span beside its bytes": on_edit("link-moved", start=0, stop=3),
    "a span that covers the file": on_edit("link-moved", start=0, stop=len(PAPERS), expected=PAPERS.decode()),
    "a fix for a rule without any": lambda data: finding(data, "date-impossible").update(
        fix=finding(data, "link-moved")["fix"]
    ),
    "a fix of another file": lambda data: finding(data, "link-moved").update(
        fix=finding(data, "record-missing")["fix"]
    ),
    "an unknown rule": on_finding("link-moved", rule="link-stolen"),
    "a forged fingerprint": lambda data: [each.update(fingerprint="0" * 16) for each in data["findings"]],
    "an unknown kind": on_fix("link-moved", pr="workflows"),
    "one kind for all": lambda data: [each["fix"] and each["fix"].update(pr="records") for each in data["findings"]],
    "a dead link's fix called safe": on_fix("link-gone", safety="safe", pr="links"),
    "a title's fix called safe": on_fix("title-drift", safety="safe", pr="links"),
    "a death called information": on_finding("link-gone", severity="information", fix=None),
    "a fix without edits": on_fix("link-moved", edits=[]),
    "a place elsewhere": on_finding("link-moved", path="README.md", line=1, column=1),
    "other words": on_finding("link-moved", message=HOSTILE, section=HOSTILE, entry=HOSTILE, url=EVIL),
    "other evidence": on_finding("link-moved", evidence=[{"kind": HOSTILE, "value": HOSTILE, "source": HOSTILE}]),
    "huge words": lambda data: [each.update(message="m" * 200_000, section="s" * 200_000) for each in data["findings"]],
    "no findings": lambda data: data.update(findings=[]),
    "thousands of findings": lambda data: data.update(findings=data["findings"] * 300),
    "findings said to be fixed": lambda data: data["fixed"].append(
        {"rule": "link-moved", "entry": "Gamma", "url": EVIL, "since": "2026-01-01"}
    ),
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED.keys())
def test_tampered_findings_change_nothing(github: Hosted, change: Change) -> None:
    """Whatever the first run did beyond, or left, the second one would have to write."""
    hub = stocked(github)
    report = Night().report(hub)
    tampered = changed(report, change)
    publish(github, tampered)
    assert [pull.title for pull in hub.pulls.values()] == [
        "bot: 2 link fixes",
        "bot: 1 metadata fix",
        "bot: 4 article records",
        "bot: 1 link fix for review",
        "bot: 1 metadata fix for review",
    ]
    assert branch_text(hub, "links") == PAPERS.decode().replace("old-home", "new-home").replace("http:", "https:")
    assert writes_of(hub, lambda: publish(github, report)) == []


MALFORMED: dict[str, Change] = {
    "an unknown field": lambda data: data.update(more=1),
    "an unknown field in the run": lambda data: data["run"].update(more=1),
    "an unknown field in a page": on_page("Gamma", more=1),
    "an unknown field in a hop": lambda data: page(data, "Gamma")["hops"][0].update(more=1),
    "an unknown field in a finding": on_finding("link-moved", more=1),
    "an unknown field in an edit": on_edit("link-moved", more=1),
    "another schema": lambda data: data.update(schema="bot-report/1"),
    "a later schema": lambda data: data.update(schema="bot-report/3"),
    "no schema": lambda data: data.pop("schema"),
    "no observations": lambda data: data.pop("pages"),
    "a number for a string": on_finding("link-moved", message=1),
    "a number for a title": on_page("Alpha", title=1),
    "an object for a list": lambda data: data.update(findings={}),
    "a negative offset": on_edit("link-moved", start=-1),
    "half of a surrogate pair": on_finding("link-moved", message="\ud800"),
    "half of a surrogate pair in a title": on_page("Alpha", title="\ud800"),
    "a fingerprint that ends a comment": on_finding("link-moved", fingerprint="--><img>00000000"),
    "an unknown safety": on_fix("link-moved", safety="very"),
    "an unknown severity": on_finding("link-moved", severity="fatal"),
    "an unknown outcome": on_page("Gamma", outcome="Stolen"),
    "an outcome of another case": on_page("Gamma", outcome="gone"),
    "a move without a destination": on_page("Gamma", moved_to=None),
    "a move without an article": on_page("Gamma", shown_id=None),
    "an article without a title": on_page("Alpha", title=None),
    "an article with a blank title": on_page("Alpha", title=" \n"),
    "an invalid post id": on_page("Alpha", shown_id="../../x"),
    "a section beyond its article": on_page("Alpha", anchors=[["ab11", "h3", 3, "Alpha", 0, 9]]),
    "a status that is too large": on_page("Gamma", status=1_000),
    "a negative count": on_page("Gamma", attempts=-1),
    "an endless chain of hops": lambda data: page(data, "Gamma").update(hops=page(data, "Gamma")["hops"] * 51),
    "an invalid time": on_page("Gamma", checked_at="2026-02-30T00:00:00Z"),
    "a time without its zone": on_page("Gamma", checked_at="2026-01-02T03:04:05"),
    "an invalid date": lambda data: data["history"].update(deaths={page(data, "Zeta")["identity"]: ["2026-02-30"]}),
    "deaths that need no confirmation": lambda data: data["history"].update(confirm=0),
    "a feed of another site": lambda data: data["feeds"]["@someone"]["items"][0].update(url=f"{EVIL}/x-aaaaaaaa0024"),
    "a recovery at another scheme": recovered_at("javascript:alert(1)//epsilon-aaaaaaaa0015"),
    "a recovery without a title": lambda data: [each[0].pop("title") for each in data["recoveries"].values()],
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_report_is_refused_before_any_request(github: Hosted, tmp_path: Path, change: Change) -> None:
    hub = stocked(github)
    assert_refused(github, tmp_path, changed(Night().report(hub), change))


@pytest.mark.parametrize(
    "report", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"schema": "bot-report/2"}']
)
def test_what_is_not_a_report_is_refused_before_any_request(github: Hosted, tmp_path: Path, report: bytes) -> None:
    stocked(github)
    assert_refused(github, tmp_path, report)


def assert_refused(github: Hosted, tmp_path: Path, report: bytes) -> None:
    place = tmp_path / "report.json"
    place.write_bytes(report)
    around = {"GITHUB_TOKEN": github.hub.token, "GITHUB_REPOSITORY": github.hub.name, "GITHUB_API_URL": github.url}
    with pytest.raises(UsageError, match="not a report of this bot") as raised:
        publish_report(place, Publication(Settings(pause=0.0), CATALOG), around)
    assert "\n" not in str(raised.value)
    assert github.hub.requests == []


GONE = f"{HOME}/epsilon-aaaaaaaa0005"
MOVED = "https://medium.com/old-home/gamma-aaaaaaaa0003"
# What is said to have been seen, the row that it is said of, and what may be proposed for its link: nothing, or a URL.
SAID: dict[str, tuple[str, Change, str | None]] = {
    "moved to another domain": (MOVED, on_page("Gamma", moved_to=f"{EVIL}/g-aaaaaaaa0003"), f"{EVIL}/g-aaaaaaaa0003"),
    "moved to a look-alike": (
        MOVED,
        on_page("Gamma", moved_to="https://medium.com.evil.example/x/g-aaaaaaaa0003"),
        None,
    ),
    "moved to another article": (MOVED, on_page("Gamma", moved_to=f"{HOME}/g-aaaaaaaa0099"), None),
    "moved to another scheme": (MOVED, on_page("Gamma", moved_to="javascript:alert(1)//g-aaaaaaaa0003"), None),
    "moved behind a username": (MOVED, on_page("Gamma", moved_to="https://medium.com@evil.example/aaaaaaaa0003"), None),
    "moved to an invalid host": (MOVED, on_page("Gamma", moved_to="https://[evil/g-aaaaaaaa0003"), None),
    "moved beyond the link": (MOVED, on_page("Gamma", moved_to=f"{HOME}/g-aaaaaaaa0003) ![x]({EVIL}/x.png"), None),
    "moved beyond the row": (MOVED, on_page("Gamma", moved_to=f"{HOME}/g-aaaaaaaa0003 | x |\n| y"), None),
    "back at what is not an article": (GONE, recovered_at(f"{EVIL}/setup.exe"), None),
    "back behind a username": (GONE, recovered_at("https://medium.com@evil.example/aaaaaaaa0015"), None),
    "back at an invalid host": (GONE, recovered_at("https://[evil/e-aaaaaaaa0015"), None),
    "back in another archive": (GONE, recovered_at(f"{EVIL}/web/2024/{GONE}"), None),
    "back in a snapshot of another site": (GONE, recovered_at(f"https://web.archive.org/web/2024/{EVIL}/a"), None),
    "back beyond the link": (GONE, recovered_at(f"{HOME}/epsilon-aaaaaaaa0015) ![x]({EVIL}/x.png"), None),
    "back beyond the row": (GONE, recovered_at(f"{HOME}/epsilon-aaaaaaaa0015 | x |\n| y"), None),
    "back in a snapshot": (
        GONE,
        recovered_at(f"https://web.archive.org/web/2024/{GONE}"),
        f"https://web.archive.org/web/2024/{GONE}",
    ),
    "an article with a link for a title": (
        f"{HOME}/alpha-aaaaaaaa0001",
        on_page("Alpha", title=f"Alpha]({EVIL}) <img src=x> | y |"),
        f"{HOME}/alpha-aaaaaaaa0001",
    ),
    "an article with another's id": (
        f"{HOME}/beta-aaaaaaaa0002",
        on_page("Beta", shown_id="bbbbbbbbbbbb"),
        f"{HOME}/beta-aaaaaaaa0002",
    ),
    "an article that calls itself another": (
        f"{HOME}/beta-aaaaaaaa0002",
        on_page("Beta", canonical=f"{EVIL}/beta-aaaaaaaa0002", final_url=f"{EVIL}/beta-aaaaaaaa0002"),
        f"{HOME}/beta-aaaaaaaa0002",
    ),
}


@pytest.mark.parametrize(("url", "change", "proposed"), SAID.values(), ids=SAID.keys())
def test_tampered_observations_lead_to_no_other_edits_than_the_rules_make(
    github: Hosted, url: str, change: Change, proposed: str | None
) -> None:
    hub = stocked(github)
    publish(github, changed(Night().report(hub), change))
    row = next(at for at, entry in enumerate(entries(PAPERS)) if entry.links[0].url == url)
    for kind in PULLS:
        if f"bot/{kind}" not in hub.refs:
            continue
        files, main = hub.files(f"bot/{kind}"), hub.files("main")
        assert {path for path in files.keys() | main.keys() if files.get(path) != main.get(path)} <= {CATALOG, RECORDS}
        found = entries(files[CATALOG])
        assert len(found) == len(entries(PAPERS))
        assert all(len(each.links) == 1 and len(each.cells) == 2 for each in found)
        assert found[row].links[0].url in {url, proposed}
        if "review" not in kind:
            assert all(MEDIUM.read(each.links[0].url) is not None for each in found)
            assert "evil" not in files[CATALOG].decode()
        for record in read_records(files[RECORDS], RECORDS).by_id.values():
            address = MEDIUM.read(record.url)
            assert address is not None
            assert address.post_id == record.post_id
    if proposed not in {None, url}:
        assert entries(hub.read("bot/links-review", CATALOG))[row].links[0].url == proposed


def entries(source: bytes) -> list[Entry]:
    return list(parse(source, CATALOG).entries())


def test_thousands_of_articles_make_one_issue(github: Hosted) -> None:
    hub = stocked(github)

    def many(data: Data) -> None:
        (item,) = data["feeds"]["@someone"]["items"]
        for owner in range(30):
            items = [{**item, "url": f"{HOME}/n-bbbbbbbb{100 * owner + n:04x}", "title": f"N {n}"} for n in range(100)]
            data["feeds"][f"@owner{owner}"] = {"etag": "", "modified": "", "items": items}

    publish(github, changed(Night().report(hub), many), "links", "uncatalogued")
    assert (len(hub.pulls), len(hub.issues)) == (1, 1)
    body = issue_of(hub, "uncatalogued").body
    assert len(body) <= 65_536
    assert "more rows that did not fit here" in body


def test_huge_words_are_cut_to_what_a_body_holds(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, changed(Night().report(hub), lambda data: say(data, "w" * 100_000)))
    assert {pull.head for pull in hub.pulls.values()} == {f"bot/{kind}" for kind in PULLS}
    for each in (*hub.pulls.values(), *hub.issues.values()):
        assert len(each.body) < 65_536
        assert each.body.count("\n- [") >= 1


def say(data: Data, words: str) -> None:
    """Put words wherever a report holds the web's."""
    line = " ".join(words.split())  # another title makes no record
    for each in (*data["pages"], *data["history"]["recalled"]):
        name = each["url"].rpartition("/")[2].partition("-")[0].title()
        each.update(reason=words if each["reason"] else None, title_source=words if each["title"] else None)
        each.update(title=f"{name} {line}" if each["title"] else None)
        each["hops"] += [{"url": words, "status": 200}]
    for feed in data["feeds"].values():
        feed.update(etag=words[:500], modified=words[:500])
        for each in feed["items"]:
            each["title"] = words
    for places in data["recoveries"].values():
        for each in places:
            each.update(title=f"{each['title']}: {words}", reason=words)
    data["run"].update(notes=[words], cut_short=None)


def test_the_web_s_words_are_never_markup(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, changed(Night().report(hub), lambda data: say(data, HOSTILE)))
    said = "".join(each.body for each in (*hub.pulls.values(), *hub.issues.values()))
    assert said.count("evil") > 5
    for each in (*hub.pulls.values(), *hub.issues.values()):
        assert re.findall(r"(?<!\\)<!-- bot:v1", each.body) == ["<!-- bot:v1"]
        assert "0000000000000001" not in boxes(each.body)
        reading = reading_of(each.body)
        assert not [url for url in reading.links if "evil" in url]
        assert not {"@a", "#1"} & set(reading.turned)
        assert not [tag for tag in reading.tags if tag.startswith("img")]


@pytest.mark.parametrize("title", ["Beta\nTwo", "Beta\u2028Two", "Beta\r\n\r\n Two\n"])
def test_a_title_on_two_lines_makes_a_record_on_one(github: Hosted, title: str) -> None:
    hub = stocked(github)
    publish(github, changed(Night().report(hub), on_page("Beta", title=title)), "records")
    assert read_records(hub.read("bot/records", RECORDS), RECORDS).by_id["aaaaaaaa0002"].title == "Beta Two"


def test_a_catalog_that_is_a_link_in_the_repository_is_refused(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    linked(hub, CATALOG, "../LICENSE")
    with pytest.raises(UsageError, match=f"{CATALOG} is a link, not a file, in owner/name, branch main"):
        attempt(github, report)
    assert hub.writes == []


def test_records_that_are_a_link_in_the_repository_are_refused(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    linked(hub, RECORDS, "../.github/workflows/ci.yml")
    with pytest.raises(UsageError, match=f"{RECORDS} is a link"):
        attempt(github, report)
    assert hub.writes == []


def test_a_catalog_in_a_linked_folder_or_another_repository_is_not_there(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    for mode in ("120000", "160000"):
        hub.push("main", {CATALOG: None, RECORDS: None} if CATALOG in hub.files("main") else {})
        linked(hub, "catalog", "elsewhere", mode)
        with pytest.raises(BotError, match=f"the branch main has no file {CATALOG}"):
            attempt(github, report)
    assert hub.writes == []


def linked(hub: Hub, path: str, target: str, mode: str = "120000") -> None:
    """Put a link, or another repository, into the base branch."""
    objects, tip = hub.objects, hub.tip("main")
    files = {name: leaf for name, leaf in objects.files(objects.commits[tip].tree).items() if name != path}
    files[path] = Leaf(mode, objects.add_blob(target.encode()))
    person = hub.person("alice")
    hub.move("main", objects.add_commit(objects.add_tree(files), (tip,), person, person, "Link"))
