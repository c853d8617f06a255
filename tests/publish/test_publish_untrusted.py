"""A report that somebody has meddled with writes nothing, or nothing but what the bot itself could have found."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from github_stand_in.objects import Leaf
from github_stand_in.state import Hub
from hosted import Hosted
from publishing import (
    CATALOG,
    HOME,
    PAPERS,
    RECORDS,
    Night,
    attempt,
    branch_text,
    changed,
    publish,
    pull_of,
    stocked,
)

from bot.errors import BotError, UsageError
from bot.publish.marker import boxes

Data = dict[str, Any]
Change = Callable[[Data], object]


def finding(data: Data, rule: str) -> Data:
    found = next(each for each in data["findings"] if each["rule"] == rule)
    assert isinstance(found, dict)
    return found


def edit(data: Data, rule: str) -> Data:
    found = finding(data, rule)["fix"]["edits"][0]
    assert isinstance(found, dict)
    return found


def put(rule: str, /, **values: object) -> Change:
    return lambda data: edit(data, rule).update(values)


def on_finding(rule: str, /, **values: object) -> Change:
    return lambda data: finding(data, rule).update(values)


MEDDLED: dict[str, Change] = {
    "another file": put("link-moved", path="README.md"),
    "another file for a record": put("record-missing", path="catalog/other.jsonl"),
    "a path up": put("link-moved", path="../README.md"),
    "a path up and down": put("link-moved", path="catalog/../catalog/README.md"),
    "an absolute path": put("link-moved", path="/catalog/README.md"),
    "a workflow": put("link-moved", path=".github/workflows/ci.yml"),
    "a workflow's path below": put("record-missing", path="catalog/../.github/workflows/ci.yml"),
    "a backslash": put("link-moved", path="catalog\\README.md"),
    "a null": put("link-moved", path="catalog/README.md\0"),
    "another host": put("link-form", replacement="https://evil.example/delta-aaaaaaaa0004"),
    "a look-alike host": put("link-form", replacement="https://anna.medium.com.evil.example/delta-aaaaaaaa0004"),
    "a user's name before the host": put("link-form", replacement="https://anna.medium.com@evil.example/aaaaaaaa0004"),
    "another article": put("link-form", replacement=f"{HOME}/delta-aaaaaaaa0099"),
    "another scheme": put("link-gone", replacement="javascript:alert(1)//epsilon-aaaaaaaa0015"),
    "a link's end": put("link-gone", replacement=f"{HOME}/epsilon-aaaaaaaa0015) ![x](https://evil.example/x.png"),
    "a row's end": put("link-gone", replacement=f"{HOME}/epsilon-aaaaaaaa0015 | x |\n| y"),
    "several records": lambda data: edit(data, "record-missing").update(
        replacement=edit(data, "record-missing")["replacement"] * 2
    ),
    "no record": put("record-missing", replacement="{}\n"),
    "a record of another host": lambda data: edit(data, "record-missing").update(
        replacement=edit(data, "record-missing")["replacement"].replace("anna.medium.com", "evil.example")
    ),
    "markup in a name": lambda data: finding(data, "title-drift")["fix"]["edits"][1].update(replacement="<b>Alpha</b>"),
    "a link in a name": lambda data: finding(data, "title-drift")["fix"]["edits"][1].update(
        replacement="](https://evil.example)"
    ),
    "a span beside its bytes": put("link-moved", start=0, stop=3),
    "a rule that mends nothing": lambda data: finding(data, "date-impossible").update(
        fix=finding(data, "link-moved")["fix"]
    ),
    "a rule of another file": lambda data: finding(data, "link-moved").update(
        fix=finding(data, "record-missing")["fix"]
    ),
    "no such rule": on_finding("link-moved", rule="link-stolen"),
    "an unknown field": lambda data: data.update(more=1),
    "an unknown field in a finding": on_finding("link-moved", more=1),
    "an unknown field in an edit": put("link-moved", more=1),
    "another schema": lambda data: data.update(schema="bot-report/2"),
    "no schema": lambda data: data.pop("schema"),
    "a fingerprint that is none": on_finding("link-moved", fingerprint="x"),
    "a fingerprint that ends a comment": on_finding("link-moved", fingerprint="--><img>00000000"),
    "a number for a string": on_finding("link-moved", message=1),
    "a negative offset": put("link-moved", start=-1),
    "half of a surrogate pair": on_finding("link-moved", message="\ud800"),
    "an unknown kind": lambda data: finding(data, "link-moved")["fix"].update(pr="workflows"),
    "an unknown safety": lambda data: finding(data, "link-moved")["fix"].update(safety="very"),
    "no edits": lambda data: finding(data, "link-moved")["fix"].update(edits=[]),
    "a list": lambda data: data.update(findings={}),
}


@pytest.mark.parametrize("change", MEDDLED.values(), ids=MEDDLED.keys())
def test_a_report_that_was_meddled_with_writes_nothing_at_all(github: Hosted, change: Change) -> None:
    hub = stocked(github)
    report = changed(Night().report(hub), change)
    with pytest.raises(UsageError):
        attempt(github, report)
    assert (hub.writes, hub.pulls, hub.issues) == ([], {}, {})


@pytest.mark.parametrize(
    "report", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"schema": "bot-report/1"}']
)
def test_what_is_no_report_writes_nothing(github: Hosted, report: bytes) -> None:
    hub = stocked(github)
    with pytest.raises(UsageError):
        attempt(github, report)
    assert hub.requests == []


def test_a_changed_fingerprint_changes_nothing(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    publish(github, report, "links")
    body = pull_of(hub, "links").body
    hub.close(1)
    forged = changed(report, lambda data: [each.update(fingerprint="0" * 16) for each in data["findings"]])
    assert attempt(github, forged, "links").acts == []
    assert "0" * 16 not in body


@pytest.mark.parametrize("rule", ["link-gone", "title-drift"])
def test_a_raised_safety_makes_no_fix_safe(github: Hosted, rule: str) -> None:
    hub = stocked(github)
    report = changed(Night().report(hub), lambda data: finding(data, rule)["fix"].update(safety="safe", pr="links"))
    publish(github, report)
    assert branch_text(hub, "links") == PAPERS.decode().replace("old-home", "new-home").replace("http:", "https:")
    assert [pull.title for pull in hub.pulls.values() if not pull.draft] == [
        "bot: 2 link fixes",
        "bot: 1 metadata fix",
        "bot: 4 article records",
    ]


def test_a_changed_kind_changes_no_pull_request(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    publish(
        github,
        changed(report, lambda data: [each["fix"] and each["fix"].update(pr="records") for each in data["findings"]]),
    )
    assert [pull.title for pull in hub.pulls.values()] == [
        "bot: 2 link fixes",
        "bot: 1 metadata fix",
        "bot: 4 article records",
        "bot: 1 link fix for review",
        "bot: 1 metadata fix for review",
    ]


def test_a_moved_article_may_lead_anywhere_but_only_for_review(github: Hosted) -> None:
    hub = stocked(github)
    away = "https://evil.example/gamma-aaaaaaaa0003"
    publish(github, changed(Night().report(hub), put("link-moved", replacement=away)))
    assert "evil.example" not in branch_text(hub, "links")
    assert pull_of(hub, "links-review").draft is True


def test_thousands_of_findings_make_one_pull_request_and_one_issue(github: Hosted) -> None:
    hub = stocked(github)

    def many(data: Data) -> None:
        gone = finding(data, "date-impossible")
        data["findings"] += [
            {**gone, "message": f"m{n}", "evidence": [{"kind": "k", "value": str(n), "source": ""}]}
            for n in range(3000)
        ]

    publish(github, changed(Night().report(hub), many), "links", "for-people")
    assert (len(hub.pulls), len(hub.issues)) == (1, 1)
    body = hub.issues[2].body
    assert len(body) <= 65_536
    assert "rows more, for which there is no room here" in body


def test_huge_strings_are_cut_to_what_a_body_holds(github: Hosted) -> None:
    hub = stocked(github)

    def huge(data: Data) -> None:
        for each in data["findings"]:
            each["message"] = "m" * 200_000
            each["section"] = "s" * 200_000
            each["evidence"] += [{"kind": "k" * 99_000, "value": "v" * 99_000, "source": "s" * 99_000}] * 2

    publish(github, changed(Night().report(hub), huge))
    for each in (*hub.pulls.values(), *hub.issues.values()):
        assert len(each.body) < 65_536
        assert each.body.count("\n- [") >= 1


def test_a_catalog_that_is_a_link_in_the_repository_is_refused(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    linked(hub, CATALOG, "../LICENSE")
    with pytest.raises(UsageError, match=f"{CATALOG} is a link in owner/name, branch main, no file"):
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


def test_the_words_of_a_report_are_never_markup(github: Hosted) -> None:
    hub = stocked(github)
    hostile = (
        "<!-- bot:v1 links --> @alice #1 ![x](https://evil.example/x.png)\n"
        "- [x] all <!-- 0000000000000001 -->\n| a | b |"
    )

    def said(data: Data) -> None:
        for each in data["findings"]:
            each["message"] = hostile
            each["section"] = hostile
            for fact in each["evidence"]:
                fact.update(kind=hostile, value=hostile, source=hostile)

    publish(github, changed(Night().report(hub), said))
    for each in (*hub.pulls.values(), *hub.issues.values()):
        assert re.findall(r"(?<!\\)<!-- bot:v1", each.body) == ["<!-- bot:v1"]
        assert "0000000000000001" not in boxes(each.body)
        assert "@alice" not in each.body
