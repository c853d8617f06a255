"""The stand-in for GitHub: issues, comments and labels, through PyGithub over real sockets."""

from __future__ import annotations

import pytest
from github_stand_in.model import BODY_LIMIT
from hosted import Hosted, refused


def test_an_issue_belongs_to_the_bot_and_shows_what_it_was_given(github: Hosted) -> None:
    github.repo().create_label("dead links", "b60205", "what the bot found")
    issue = github.repo().create_issue("Dead links", body="words\n", labels=["dead links"])
    assert (issue.title, issue.body, issue.state, issue.user.login) == ("Dead links", "words\n", "open", github.hub.bot)
    assert [label.name for label in issue.labels] == ["dead links"]
    assert github.hub.issues[issue.number].labels == ["dead links"]
    assert issue.html_url == f"https://github.com/owner/name/issues/{issue.number}"


def test_an_issue_by_a_person_shows_the_person(github: Hosted) -> None:
    for by, association in (("alice", "COLLABORATOR"), ("owner", "OWNER"), ("mallory", "NONE")):
        number = github.hub.open_issue("Mine", by=by).number
        shown = github.ask("GET", f"/issues/{number}")
        assert (shown["user"]["login"], shown["user"]["type"], shown["author_association"]) == (by, "User", association)
        assert shown["body"] is None
    number = github.hub.open_issue("Mine", by="bob", association="MEMBER").number
    assert github.ask("GET", f"/issues/{number}")["author_association"] == "MEMBER"


def test_issues_and_pull_requests_share_their_numbers_and_a_list(github: Hosted) -> None:
    github.propose("bot/links")
    issue = github.repo().create_issue("one").number
    pull = github.repo().create_pull("main", "owner:bot/links", title="two").number
    assert (issue, pull) == (1, 2)
    listed = github.ask("GET", "/issues")
    assert [(each["number"], "pull_request" in each) for each in listed] == [(2, True), (1, False)]
    with refused(404):
        github.ask("GET", "/pulls/1")


def test_lists_filter_by_state_labels_and_creator(github: Hosted) -> None:
    hub = github.hub
    first = hub.open_issue("a", by=hub.bot, labels=["Bot", "links"]).number
    second = hub.open_issue("b", by="alice", labels=["bot"]).number
    third = hub.open_issue("c", by=hub.bot).number
    hub.close(first)

    def listed(**query: str) -> list[int]:
        return [each["number"] for each in github.ask("GET", "/issues", **query)]

    assert listed() == [third, second]
    assert listed(state="all", labels="BOT") == [second, first]
    assert listed(state="all", labels="bot,links") == [first]
    assert listed(state="closed") == [first]
    assert listed(state="all", creator=hub.bot) == [third, first]
    assert listed(state="all", direction="asc") == [first, second, third]
    assert listed(state="all", sort="updated") == [first, third, second]
    assert listed(labels="other") == []


def test_lists_are_paginated(github: Hosted) -> None:
    for number in range(35):
        github.hub.open_issue(f"{number}")
    assert len(github.ask("GET", "/issues")) == 30
    assert len(github.ask("GET", "/issues", page=2)) == 5
    assert len(github.ask("GET", "/issues", per_page=100)) == 35
    assert github.repo().get_issues(state="all").totalCount == 35


def test_an_unknown_filter_is_refused(github: Hosted) -> None:
    with refused(501, "mentioned"):
        github.ask("GET", "/issues", mentioned="alice")


@pytest.mark.parametrize("path", ["", "/1"])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"title": "x", "body": "é" * (BODY_LIMIT + 1)}, "body is too long (maximum is 65536 characters)"),
        ({"title": "x" * 257}, "title is too long (maximum is 256 characters)"),
        ({"title": ""}, "missing_field"),
    ],
)
def test_what_is_too_long_or_blank_is_refused(github: Hosted, path: str, body: dict[str, str], words: str) -> None:
    issue = github.hub.open_issue("t", "b")
    with refused(422, words):
        github.ask("PATCH" if path else "POST", f"/issues{path}", body)
    assert [*github.hub.issues.values()] == [issue]
    assert (issue.title, issue.body) == ("t", "b")


def test_comments_have_the_same_limit(github: Hosted) -> None:
    issue = github.repo().get_issue(github.hub.open_issue("t").number)
    comment = issue.create_comment("x" * BODY_LIMIT)
    with refused(422, "Body is too long (maximum is 65536 characters)", "IssueComment"):
        issue.create_comment("x" * (BODY_LIMIT + 1))
    with refused(422, "Body is too long"):
        comment.edit("x" * (BODY_LIMIT + 1))
    with refused(422, "missing_field"):
        issue.create_comment(" ")
    assert [len(each.body) for each in github.hub.issues[issue.number].comments] == [BODY_LIMIT]


def test_comments_show_their_author_and_can_be_edited_and_deleted(github: Hosted) -> None:
    number = github.hub.open_issue("t").number
    github.hub.comment(number, "please stop", by="mallory")
    issue = github.repo().get_issue(number)
    own = issue.create_comment("I stop")
    own.edit("I have stopped")
    assert [(each.user.login, each.body, each.author_association) for each in issue.get_comments()] == [
        ("mallory", "please stop", "NONE"),
        (github.hub.bot, "I have stopped", "CONTRIBUTOR"),
    ]
    own.delete()
    assert [each.user for each in github.hub.issues[number].comments] == ["mallory"]
    with refused(404):
        own.delete()
    with refused(404):
        github.ask("POST", "/issues/99/comments", {"body": "x"})


def test_issues_close_with_a_reason_and_reopen(github: Hosted) -> None:
    issue = github.repo().create_issue("t")

    def closer() -> str | None:
        return issue.closed_by.login if issue.closed_by else None

    issue.edit(state="closed", state_reason="not_planned")
    assert (issue.state, issue.state_reason, closer()) == ("closed", "not_planned", github.hub.bot)
    github.ask("PATCH", f"/issues/{issue.number}", {"state": "open", "body": "again"})
    kept = github.hub.issues[issue.number]
    assert (kept.state, kept.state_reason, kept.body) == ("open", "reopened", "again")
    github.hub.close(issue.number, by="alice")
    issue.update()
    assert (issue.state_reason, closer()) == ("completed", "alice")
    github.hub.reopen(issue.number)
    assert kept.state == "open"


def test_an_edit_of_the_state_alone_keeps_title_and_body(github: Hosted) -> None:
    issue = github.hub.open_issue("t", "b", labels=["l"])
    github.ask("PATCH", f"/issues/{issue.number}", {"state": "closed"})
    assert (issue.title, issue.body, issue.labels) == ("t", "b", ["l"])
    github.ask("PATCH", f"/issues/{issue.number}", {"body": None, "labels": []})
    assert (issue.title, issue.body, issue.labels) == ("t", "", [])


def test_unknown_labels_of_a_new_issue_are_created(github: Hosted) -> None:
    github.repo().create_issue("t", labels=["new"])
    assert github.repo().get_label("NEW").name == "new"
    assert [label.color for label in github.repo().get_labels()] == ["ededed"]


def test_labels_of_a_new_issue_are_silently_dropped_if_the_token_may_not_push(github: Hosted) -> None:
    github.hub.permissions.push = False
    assert github.repo().create_issue("t", labels=["new"]).labels == []
    assert github.hub.labels == {}


def test_a_label_is_created_once(github: Hosted) -> None:
    repo = github.repo()
    repo.create_label("Bot: links", "0e8a16", "d")
    with refused(422, "already_exists"):
        repo.create_label("bot: LINKS", "0e8a16")
    with refused(404):
        repo.get_label("bot")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"name": "x" * 51}, "name is too long"),
        ({"color": "#0e8a16"}, "'color'"),
        ({"color": "green!"}, "'color'"),
        ({"description": "x" * 101}, "description is too long"),
    ],
)
def test_a_label_that_github_would_not_create_is_refused(github: Hosted, other: dict[str, str], words: str) -> None:
    with refused(422, words):
        github.ask("POST", "/labels", {"name": "x", "color": "0e8a16", "description": "d", **other})
    assert github.hub.labels == {}


def test_labels_are_added_set_and_removed_as_a_list_or_in_an_object(github: Hosted) -> None:
    number = github.hub.open_issue("t", labels=["kept"]).number
    issue = github.repo().get_issue(number)
    issue.add_to_labels("with space", "kept")
    assert github.hub.issues[number].labels == ["kept", "with space"]
    github.ask("POST", f"/issues/{number}/labels", {"labels": ["third"]})
    assert [label.name for label in issue.get_labels()] == ["kept", "with space", "third"]
    issue.remove_from_labels("with space")
    issue.set_labels("only")
    assert github.hub.issues[number].labels == ["only"]
    with refused(404, "Label does not exist"):
        issue.remove_from_labels("kept")


def test_the_color_and_description_of_a_label_can_be_changed(github: Hosted) -> None:
    github.hub.label("bot")
    github.ask("PATCH", "/labels/bot", {"color": "0e8a16", "description": "d"})
    label = github.repo().get_label("bot")
    assert (label.color, label.description) == ("0e8a16", "d")


def test_issues_may_be_disabled(github: Hosted) -> None:
    github.hub.permissions.issues_enabled = False
    with refused(410, "Issues has been disabled in this repository."):
        github.ask("POST", "/issues", {"title": "t"})
    assert github.repo().has_issues is False


@pytest.mark.parametrize("body", [{"body": "no title"}, {"title": 7}, {"title": "t", "labels": "bot"}, ["t"]])
def test_a_malformed_body_is_refused(github: Hosted, body: object) -> None:
    with refused(400 if isinstance(body, list) else 422):
        github.ask("POST", "/issues", body)
    github.hub.requests.clear()  # these break the contract on purpose
    assert github.hub.issues == {}
