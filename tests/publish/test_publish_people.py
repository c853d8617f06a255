"""What people do with a pull request, and that the bot heeds it: declining, merging, committing, editing."""

from __future__ import annotations

import pytest
from github_stand_in.state import Hub
from hosted import Hosted
from publishing import (
    BOT,
    CATALOG,
    HOME,
    PAPERS,
    PULLS,
    Night,
    attempt,
    branch_text,
    done,
    issue_of,
    publish,
    pull_of,
    state_of,
    stocked,
    tick,
    writes_of,
)

from bot.publish.marker import Marker, boxes, read_marker

LEFT_ALONE = "Somebody else has committed to this branch"
BOTH_TYPOS = PAPERS.replace(b"June 2024", b"Junee 2024")


def merged(hub: Hub, kind: str, method: str = "merge") -> None:
    """Merge a kind's pull request the way the web site does."""
    pull = pull_of(hub, kind)
    if method != "rebase":
        hub.merge(pull.number, method=method)
        return
    tip = hub.push("main", {**hub.files(pull.head)}, author=BOT)
    pull.state, pull.merged, pull.merge_sha = "closed", True, tip


def test_an_unticked_box_takes_its_change_out_and_keeps_its_row(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    tick(hub, 1, "Gamma", on=False)
    assert done(publish(github, Night(day=3), "links")) == ["updated bot: 1 link fix"]
    assert "old-home" in branch_text(hub, "links")
    assert "http:" not in branch_text(hub, "links")
    body = pull_of(hub, "links").body
    assert body.index("#### Declined: tick one to bring it back (1)") < body.index("- [ ] **[Gamma]")
    assert writes_of(hub, lambda: publish(github, Night(day=4), "links")) == []


def test_a_box_ticked_again_brings_its_change_back(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    tick(hub, 1, "Gamma", on=False)
    publish(github, Night(day=3), "links")
    tick(hub, 1, "Gamma", on=True)
    publish(github, Night(day=4), "links")
    assert "new-home" in branch_text(hub, "links")
    assert "Declined" not in pull_of(hub, "links").body
    assert writes_of(hub, lambda: publish(github, Night(day=5), "links")) == []


def test_a_box_unticked_and_ticked_again_before_the_next_run_changes_nothing(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    tick(hub, 1, "Gamma", on=False)
    tick(hub, 1, "Gamma", on=True)
    assert "\r\n" in pull_of(hub, "links").body
    assert writes_of(hub, lambda: publish(github, Night(day=3), "links")) == []


def test_with_all_boxes_unticked_the_pull_request_closes_and_nothing_comes_back(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    tick(hub, 1, "Gamma", on=False)
    tick(hub, 1, "Delta", on=False)
    assert done(publish(github, Night(day=3), "links")) == ["closed bot: 2 link fixes"]
    assert writes_of(hub, lambda: publish(github, Night(day=4), "links")) == []


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_what_was_merged_is_not_proposed_again(github: Hosted, method: str) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    merged(hub, "links", method)
    assert writes_of(hub, lambda: publish(github, Night(day=3), "links")) == []
    assert len(hub.pulls) == 1


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_what_was_unticked_stays_declined_after_the_merge(github: Hosted, method: str) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    tick(hub, 1, "Gamma", on=False)
    publish(github, Night(day=3), "links")
    merged(hub, "links", method)
    assert "old-home" in hub.read("main", CATALOG).decode()
    assert writes_of(hub, lambda: publish(github, Night(day=4), "links")) == []


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
@pytest.mark.parametrize("deleted", ["deleted", ""], ids=["branch deleted", "branch kept"])
def test_after_a_merge_new_findings_get_a_new_pull_request(github: Hosted, method: str, deleted: str) -> None:
    hub = stocked(github)
    publish(github, None, "metadata")
    merged(hub, "metadata", method)
    if deleted:
        hub.delete_branch("bot/metadata")
    hub.push("main", {CATALOG: hub.read("main", CATALOG).replace(b"June", b"Junee")})
    assert done(publish(github, Night(day=3), "metadata")) == ["opened bot: 1 metadata fix"]
    assert [pull.state for pull in hub.pulls.values()] == ["closed", "open"]
    assert len(hub.log("bot/metadata")) == len(hub.log("main")) + 1
    assert writes_of(hub, lambda: publish(github, Night(day=4), "metadata")) == []


def test_a_merge_of_one_kind_only_moves_the_others_on(github: Hosted) -> None:
    hub = stocked(github)
    publish(github)
    merged(hub, "links")
    published = publish(github, Night(day=3))
    assert [act.verb for act in published.acts if act.what.startswith("bot:")] == ["updated"] * 4
    for kind in PULLS[1:]:
        assert "http:" not in branch_text(hub, kind)


def test_a_closed_pull_request_declines_what_is_in_it(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links", "links-review")
    hub.close(1)
    hub.close(2)
    assert writes_of(hub, lambda: publish(github, Night(day=3), "links", "links-review")) == []


@pytest.mark.parametrize("deleted", ["deleted", ""], ids=["branch deleted", "branch kept"])
def test_declined_changes_are_not_in_the_next_pull_request_but_shown(github: Hosted, deleted: str) -> None:
    hub = stocked(github)
    publish(github, None, "metadata")
    hub.close(1)
    if deleted:
        hub.delete_branch("bot/metadata")
    hub.push("main", {CATALOG: BOTH_TYPOS})
    publish(github, Night(day=3), "metadata")
    assert pull_of(hub, "metadata").title == "bot: 1 metadata fix"
    assert "Februray" in branch_text(hub, "metadata")
    assert list(boxes(pull_of(hub, "metadata").body).values()) == [True, False]
    hub.close(2)
    assert writes_of(hub, lambda: publish(github, Night(day=4), "metadata")) == []


def test_a_decline_outlives_many_pull_requests(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "metadata")
    hub.close(1)
    for day, month in enumerate(["January", "March", "May"], start=3):
        source = hub.read("main", CATALOG).replace(f"{month} 2024".encode(), f"{month}e 2024".encode())
        hub.push("main", {CATALOG: source})
        publish(github, Night(day=day), "metadata")
        merged(hub, "metadata")
        hub.pulls = {number: pull for number, pull in hub.pulls.items() if number == max(hub.pulls)}
    assert b"Februray" in hub.read("main", CATALOG)
    assert writes_of(hub, lambda: publish(github, Night(day=9), "metadata")) == []


def test_a_decline_outlives_a_run_that_did_not_see_it(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    hub.close(1)
    hub.push("main", {CATALOG: PAPERS.replace(b"(https://anna.medium.com/alpha", b"(http://anna.medium.com/alpha")})
    publish(github, Night(told="", unseen={"Gamma"}, day=3), "links")
    assert "Gamma" not in pull_of(hub, "links").body
    hub.pulls = {2: hub.pulls[2]}
    publish(github, Night(told="", day=4), "links")
    publish(github, Night(day=5), "links")
    assert "old-home" in branch_text(hub, "links")
    assert "https://anna.medium.com/alpha" in branch_text(hub, "links")


def test_a_declined_change_comes_back_with_another_candidate(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links-review")
    hub.close(1)
    night = Night(recoveries={"Epsilon": f"{HOME}/epsilon-aaaaaaaa0099"}, day=3)
    assert done(publish(github, night, "links-review")) == ["opened bot: 1 link fix for review"]
    assert "epsilon-aaaaaaaa0099" in branch_text(hub, "links-review")
    assert done(publish(github, Night(day=4), "links-review")) == ["closed bot: 1 link fix for review"]


def test_a_declined_date_comes_back_when_it_is_another_one(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "metadata")
    hub.close(1)
    hub.push("main", {CATALOG: PAPERS.replace(b"Februray 2024", b"Februray 2023")})
    assert done(publish(github, Night(day=3), "metadata")) == ["opened bot: 1 metadata fix"]


def test_a_reopened_pull_request_is_the_bots_again(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    hub.close(1)
    publish(github, Night(day=3), "links")
    hub.reopen(1)
    assert done(publish(github, Night(day=4), "links")) == ["kept bot: 2 link fixes"]
    assert writes_of(hub, lambda: publish(github, Night(day=5), "links")) == []


def test_a_comment_on_a_line_of_the_catalog_silences_its_rule(github: Hosted) -> None:
    hub = stocked(github)
    report = Night().report(hub)
    typo = b"Februray 2024 |"
    hub.push("main", {CATALOG: PAPERS.replace(typo, typo + b" <!-- bot: ignore date-malformed -->")})
    assert done(publish(github, report, "metadata")) == []


def test_a_persons_commit_is_left_alone_and_spoken_of_once(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    mine = hub.push("bot/links", {"LICENSE": b"mine\n"}, author="alice")
    hub.push("main", {CATALOG: BOTH_TYPOS})
    published = publish(github, Night(day=3), "links")
    assert done(published) == ["commented on bot: 2 link fixes", "left bot: 2 link fixes"]
    assert hub.tip("bot/links") == mine
    assert [comment.body.startswith(LEFT_ALONE) for comment in hub.pulls[1].comments] == [True]
    assert writes_of(hub, lambda: publish(github, Night(day=4), "links")) == []
    hub.comment(1, "I am not done yet")
    assert writes_of(hub, lambda: publish(github, Night(day=5), "links")) == []


def test_under_a_long_talk_the_branch_is_still_spoken_of_once(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    hub.push("bot/links", {"LICENSE": b"mine\n"}, author="alice")
    for number in range(120):
        hub.comment(1, f"thought {number}")
    publish(github, Night(day=3), "links")
    assert writes_of(hub, lambda: publish(github, Night(day=4), "links")) == []


def test_a_commit_that_only_looks_like_the_bots_is_a_persons(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    message = hub.log("bot/links")[0].message
    mine = hub.push("bot/links", {CATALOG: PAPERS}, author="alice", message=message, onto=hub.tip("main"))
    hub.push("main", {"LICENSE": b"freer\n"})
    publish(github, Night(day=3), "links")
    assert hub.tip("bot/links") == mine


def test_the_site_s_update_branch_is_a_persons_commit(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    hub.push("main", {"LICENSE": b"freer\n"})
    parents = (hub.tip("bot/links"), hub.tip("main"))
    tree = hub.objects.commits[parents[0]].tree
    person = hub.person("alice")
    merge = hub.objects.add_commit(tree, parents, person, hub.person("web-flow"), "Merge branch main into bot/links")
    hub.move("bot/links", merge)
    publish(github, Night(day=3), "links")
    assert hub.tip("bot/links") == merge


def test_a_branch_handed_back_is_the_bots_again(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "metadata")
    own = hub.tip("bot/metadata")
    hub.push("bot/metadata", {"LICENSE": b"mine\n"}, author="alice")
    publish(github, Night(day=3), "metadata")
    hub.move("bot/metadata", own)
    hub.push("main", {CATALOG: BOTH_TYPOS})
    assert done(publish(github, Night(day=4), "metadata")) == ["updated bot: 2 metadata fixes"]


def test_a_persons_commit_that_was_merged_is_history(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "metadata")
    hub.push("bot/metadata", {"LICENSE": b"mine\n"}, author="alice")
    merged(hub, "metadata", "squash")
    hub.push("main", {CATALOG: hub.read("main", CATALOG).replace(b"June", b"Junee")})
    assert done(publish(github, Night(day=3), "metadata")) == ["opened bot: 1 metadata fix"]
    assert hub.read("bot/metadata", "LICENSE") == b"mine\n"


def test_a_persons_commit_on_a_branch_without_a_pull_request_is_left_alone(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "metadata")
    mine = hub.push("bot/metadata", {"LICENSE": b"mine\n"}, author="alice")
    hub.close(1)
    hub.push("main", {CATALOG: BOTH_TYPOS})
    published = publish(github, Night(day=3), "metadata")
    assert done(published) == ["left the branch bot/metadata"]
    assert "delete it, and the next run creates it again" in published.acts[0].why
    assert hub.tip("bot/metadata") == mine
    assert len(hub.pulls) == 1
    hub.delete_branch("bot/metadata")
    assert done(publish(github, Night(day=4), "metadata")) == ["opened bot: 1 metadata fix"]


def test_a_persons_branch_of_the_bots_name_is_left_alone(github: Hosted) -> None:
    hub = stocked(github)
    mine = hub.push("bot/links", {"LICENSE": b"mine\n"}, author="alice")
    assert done(publish(github, None, "links")) == ["left the branch bot/links"]
    assert (hub.tip("bot/links"), hub.pulls) == (mine, {})


def test_a_pull_request_that_a_person_opened_from_the_bots_branch_is_theirs(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    hub.pulls.clear()
    hub.open_pull("Mend two links", "as the bot says", head="bot/links")
    tip = hub.tip("bot/links")
    hub.push("main", {"LICENSE": b"freer\n"})
    published = publish(github, Night(day=3), "links")
    assert done(published) == ["left Mend two links"]
    assert "alice opened it" in published.acts[0].why
    assert (hub.tip("bot/links"), len(hub.pulls)) == (tip, 1)


@pytest.mark.parametrize("edit", ["above", "below", "marker gone", "all gone"])
def test_an_edited_body_is_rewritten_and_its_boxes_are_heeded(github: Hosted, edit: str) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    untouched = state_of(hub)
    tick(hub, 1, "Gamma", on=False)
    body = hub.pulls[1].body
    _, _, rest = body.partition("\r\n")
    new = {
        "above": f"I look at this on Monday.\r\n\r\n{body}",
        "below": f"{body}\r\nI look at this on Monday.",
        "marker gone": rest,
        "all gone": "I look at this on Monday.",
    }[edit]
    hub.edit(1, body=new)
    assert done(publish(github, Night(day=3), "links"))[0].startswith("updated")
    assert read_marker(hub.pulls[1].body) is not None
    if edit == "all gone":
        assert state_of(hub) == untouched
    else:
        assert list(boxes(hub.pulls[1].body).values()) == [True, False]
    assert writes_of(hub, lambda: publish(github, Night(day=4), "links")) == []


def test_an_edited_title_is_set_again(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    hub.edit(1, title="Links!")
    assert done(publish(github, Night(day=3), "links")) == ["updated bot: 2 link fixes"]


def test_a_draft_made_ready_stays_ready(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links-review")
    hub.pulls[1].draft = False
    assert writes_of(hub, lambda: publish(github, Night(day=3), "links-review")) == []
    assert hub.pulls[1].draft is False


def test_a_page_that_was_not_seen_takes_nothing_out(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links")
    published = publish(github, Night(unseen={"Gamma"}, day=3), "links")
    assert [(act.verb, act.why) for act in published.acts] == [("left", "this run could not check 1 change in it")]
    assert "new-home" in branch_text(hub, "links")


def test_a_run_that_was_cut_short_takes_nothing_out(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, *PULLS)
    night = Night(told="", recoveries={}, cut_short="the time limit was reached", day=3)
    assert writes_of(hub, lambda: publish(github, night, *PULLS)) == []


def test_pages_that_were_held_back_take_nothing_out(github: Hosted) -> None:
    hub = stocked(github)
    publish(github)
    held = [f"{HOME}/epsilon-aaaaaaaa0005", f"{HOME}/zeta-aaaaaaaa0006"]
    assert writes_of(hub, lambda: publish(github, Night(held_back=held, day=3))) == []
    assert hub.issues[6].state == "open"


def test_a_page_that_lives_again_leaves_the_pull_request_and_the_issue(github: Hosted) -> None:
    hub = stocked(github)
    publish(github)
    alive = Night(told=Night().told.replace("epsilon-aaaaaaaa0005 is gone", "epsilon-aaaaaaaa9999 is gone"), day=3)
    publish(github, alive)
    assert pull_of(hub, "links-review").state == "closed"
    assert "Epsilon" not in issue_of(hub, "dead-links").body


def test_the_bot_under_another_name_is_refused_before_it_opens_anything_twice(github: Hosted) -> None:
    hub = stocked(github)
    publish(github)
    published = attempt(github, Night(day=3), author="my-app[bot]")
    assert len(published.failures) == 8
    assert all("name the account that the bot runs as with --author" in each for each in published.failures)
    assert (len(hub.pulls), len(hub.issues)) == (5, 3)


def test_what_the_bot_did_under_another_name_is_history(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "links", "metadata")
    merged(hub, "metadata")
    hub.close(1)
    hub.bot = "my-app[bot]"
    assert done(publish(github, Night(day=3), "links", "metadata", author=hub.bot)) == []
    hub.push("main", {CATALOG: hub.read("main", CATALOG).replace(b"June", b"Junee")})
    assert done(publish(github, Night(day=4), "metadata", author=hub.bot)) == ["opened bot: 1 metadata fix"]


@pytest.mark.parametrize("association", ["NONE", "CONTRIBUTOR", "FIRST_TIMER", "OWNER"])
def test_a_fork_s_pull_request_with_the_bots_marker_is_nobody_s(github: Hosted, association: str) -> None:
    hub = stocked(github)
    items = dict.fromkeys(("0" * 16, "1" * 16), "")
    hub.push("mallory:bot/links", {"LICENSE": b"mine\n"}, author="mallory", onto=hub.tip("main"))
    body = str(Marker("links", items, frozenset(items)))
    hub.open_pull("bot: 2 link fixes", body, "mallory", head="mallory:bot/links", association=association)
    assert done(publish(github, None, "links")) == ["opened bot: 2 link fixes"]
