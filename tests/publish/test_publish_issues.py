"""One issue a kind: opened, updated in place, closed with a word, opened again, and quiet where people said so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from github_stand_in.model import Issue
from hosted import Hosted
from publishing import (
    BOT,
    CATALOG,
    HOME,
    ISSUES,
    PAPERS,
    TOLD,
    Night,
    asked_of,
    attempt,
    changed,
    decoded,
    done,
    forge_of,
    issue_of,
    publish,
    pull_of,
    stocked,
    tick,
    writes_of,
)

from bot.publish.marker import Marker, boxes, read_marker
from bot.publish.run import publish as publish_on
from bot.publish.session import Published

DEAD = "Dead links in the catalog"
NO_DEAD = "\n".join(line for line in TOLD.splitlines() if "is gone" not in line)
ONE_DEAD = "\n".join(line for line in TOLD.splitlines() if "epsilon" not in line)
THREE_DEAD = f"{TOLD}Page {HOME}/beta-aaaaaaaa0002 is gone: no such post (404)\n"


def names_in(issue: Issue) -> list[str]:
    return [line.partition("**[")[2].partition("]")[0] for line in issue.body.splitlines() if line.startswith("- [")]


def test_an_issue_is_updated_in_place(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "dead-links")
    assert names_in(issue_of(hub, "dead-links")) == ["Epsilon", "Zeta"]
    assert done(publish(github, Night(THREE_DEAD, day=3), "dead-links")) == [f"updated {DEAD}"]
    assert names_in(issue_of(hub, "dead-links")) == ["Beta", "Epsilon", "Zeta"]
    assert (len(hub.issues), hub.issues[1].comments) == (1, [])


def test_an_issue_is_closed_with_a_word_when_nothing_is_left(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "dead-links")
    assert done(publish(github, Night(NO_DEAD, day=3), "dead-links")) == [f"closed {DEAD}"]
    issue = hub.issues[1]
    assert (issue.state, issue.closed_by, [each.user for each in issue.comments]) == ("closed", BOT, [BOT])
    assert writes_of(hub, lambda: publish(github, Night(NO_DEAD, day=4), "dead-links")) == []


def test_an_issue_that_the_bot_closed_is_opened_again_and_not_filed_twice(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "dead-links")
    publish(github, Night(NO_DEAD, day=3), "dead-links")
    assert done(publish(github, Night(day=4), "dead-links")) == [f"reopened {DEAD}"]
    assert (len(hub.issues), hub.issues[1].state, names_in(hub.issues[1])) == (1, "open", ["Epsilon", "Zeta"])
    assert writes_of(hub, lambda: publish(github, Night(day=5), "dead-links")) == []


def test_an_issue_that_a_person_closed_stays_closed(github: Hosted) -> None:
    hub = stocked(github)
    publish(github)
    for number in list(hub.issues):
        hub.close(number)
    assert writes_of(hub, lambda: publish(github, Night(day=3))) == []


def test_an_issue_that_a_person_closed_opens_again_for_something_new_alone(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "dead-links")
    hub.close(1)
    publish(github, Night(ONE_DEAD, day=3), "dead-links")
    assert hub.issues[1].state == "closed"
    assert done(publish(github, Night(THREE_DEAD, day=4), "dead-links")) == [f"reopened {DEAD}"]
    assert names_in(hub.issues[1]) == ["Beta", "Epsilon", "Zeta"]
    assert list(boxes(hub.issues[1].body).values()) == [False, True, True]
    assert "#### Left as they are (2)" in hub.issues[1].body
    assert writes_of(hub, lambda: publish(github, Night(THREE_DEAD, day=5), "dead-links")) == []


def test_an_issue_that_a_person_closed_and_opened_again_lists_all(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "dead-links")
    hub.close(1)
    publish(github, Night(day=3), "dead-links")
    hub.reopen(1)
    assert writes_of(hub, lambda: publish(github, Night(day=4), "dead-links")) == []


def test_a_ticked_box_leaves_its_row_as_it_is_and_an_unticked_one_brings_it_back(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "dead-links")
    tick(hub, 1, "Epsilon", on=True)
    publish(github, Night(day=3), "dead-links")
    assert names_in(hub.issues[1]) == ["Zeta", "Epsilon"]
    marker = read_marker(hub.issues[1].body)
    assert marker is not None
    assert (len(marker.items), len(marker.declined)) == (1, 1)
    assert writes_of(hub, lambda: publish(github, Night(day=4), "dead-links")) == []
    tick(hub, 1, "Epsilon", on=False)
    publish(github, Night(day=5), "dead-links")
    assert names_in(hub.issues[1]) == ["Epsilon", "Zeta"]
    assert "Left as they are" not in hub.issues[1].body


def test_with_all_boxes_ticked_the_issue_closes_and_stays_closed(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "dead-links")
    tick(hub, 1, "Epsilon", on=True)
    tick(hub, 1, "Zeta", on=True)
    assert done(publish(github, Night(day=3), "dead-links")) == [f"closed {DEAD}"]
    assert writes_of(hub, lambda: publish(github, Night(day=4), "dead-links")) == []
    publish(github, Night(THREE_DEAD, day=5), "dead-links")
    assert list(boxes(hub.issues[1].body).values()) == [False, True, True]


def test_another_candidate_brings_a_ticked_row_back(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "dead-links")
    tick(hub, 1, "Epsilon", on=True)
    publish(github, Night(day=3), "dead-links")
    other = Night(recoveries={"Epsilon": f"{HOME}/epsilon-aaaaaaaa0099"}, day=4)
    publish(github, other, "dead-links")
    assert names_in(hub.issues[1]) == ["Epsilon", "Zeta"]
    assert list(boxes(hub.issues[1].body).values()) == [False, False]


@pytest.mark.parametrize("unseen", [["Epsilon"], ["Zeta"], ["Epsilon", "Zeta"]])
def test_pages_that_were_not_seen_keep_their_rows_where_they_stand(github: Hosted, unseen: list[str]) -> None:
    hub = stocked(github)
    publish(github)
    assert writes_of(hub, lambda: publish(github, Night(unseen=unseen, day=3))) == []


def test_rows_that_were_not_seen_stand_among_those_that_were(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, Night(THREE_DEAD), "dead-links")
    night = Night(
        f"{THREE_DEAD}Page {HOME}/alpha-aaaaaaaa0001 is gone: no such post (404)\n", unseen=["Epsilon"], day=3
    )
    publish(github, night, "dead-links")
    assert names_in(hub.issues[1]) == ["Alpha", "Beta", "Epsilon", "Zeta"]
    assert "proposed: `" in hub.issues[1].body


def test_a_kept_row_stays_under_its_heading(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "for-people")
    before = hub.issues[1].body
    assert "#### A date is in the future, or after the article's last change (1)" in before
    assert writes_of(hub, lambda: publish(github, Night(unseen=["Eta"], day=3), "for-people")) == []
    broken = PAPERS.replace(b"| [Zeta]", b"| [Zeta]()")
    hub.push("main", {CATALOG: broken})
    publish(github, Night(unseen=["Eta"], day=4), "for-people")
    assert hub.issues[1].body.count("#### A date is in the future") == 1


def test_a_run_that_was_cut_short_closes_and_shrinks_no_issue(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, *ISSUES)
    night = Night(told="", recoveries={}, cut_short="interrupted", feed="", day=3)
    assert writes_of(hub, lambda: publish(github, night, *ISSUES)) == []


def test_deaths_held_back_close_and_shrink_no_issue(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, *ISSUES)
    held = (f"{HOME}/epsilon-aaaaaaaa0005", f"{HOME}/zeta-aaaaaaaa0006")
    assert writes_of(hub, lambda: publish(github, Night(held_back=held, day=3), *ISSUES)) == []


def unconfirmed(data: dict[str, Any]) -> None:
    data["history"]["confirm"] = 2


def test_a_death_that_is_not_confirmed_is_not_listed_and_takes_no_row_out(github: Hosted) -> None:
    hub = stocked(github)
    unsure = changed(Night(day=3).report(hub), unconfirmed)
    assert done(publish(github, unsure, "dead-links", "links-review")) == []
    publish(github, None, "dead-links", "links-review")
    assert writes_of(hub, lambda: publish(github, unsure, "dead-links", "links-review")) == []


def test_articles_that_the_catalog_lacks_stay_listed_until_it_links_them(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "uncatalogued")
    assert f"| [Omega]({HOME}/omega-aaaaaaaa0024) |" in hub.issues[1].body
    assert writes_of(hub, lambda: publish(github, Night(feed="", day=3), "uncatalogued")) == []
    newer = f'Feed {HOME}/psi-aaaaaaaa0025 "Papers Explained 25: Psi"\n'
    publish(github, Night(feed=newer, day=4), "uncatalogued")
    assert hub.issues[1].body.count("- [ ] **") == 2
    row = b"| [Omega](https://medium.com/dair-ai/omega-aaaaaaaa0024) | August 2024 |\n"  # at another owner
    hub.push("main", {CATALOG: PAPERS + row})
    publish(github, Night(feed=newer, day=5), "uncatalogued")
    assert ("Omega" in hub.issues[1].body, "Psi" in hub.issues[1].body) == (False, True)


def test_a_listed_article_that_the_catalog_now_links_leaves_the_issue_at_once(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "uncatalogued")
    report = Night(day=3).report(hub)
    hub.push("main", {CATALOG: PAPERS + f"| [Omega]({HOME}/omega-aaaaaaaa0024) | August 2024 |\n".encode()})
    assert done(publish(github, report, "uncatalogued")) == ["closed Articles that the catalog lacks"]


def test_a_pull_request_that_carries_a_fix_keeps_it_out_of_what_people_must_fix(github: Hosted) -> None:
    hub = stocked(github)
    publish(github)
    assert names_in(issue_of(hub, "for-people")) == ["Eta"]


def test_a_fix_that_clashes_with_another_is_for_people(github: Hosted) -> None:
    """The entity in the URL makes both rules write it anew as a whole."""
    url = "http://anna.medium.com/delta-aaaaaaaa0004?a=1&amp;b=2#ab12"
    hub = stocked(github, PAPERS.replace(b"http://anna.medium.com/delta-aaaaaaaa0004", url.encode()))
    page = f'Page {HOME}/delta-aaaaaaaa0004?a=1&b=2 shows "Papers Explained: Delta"\n'
    night = Night(f"{TOLD}{page}h1 #ab11 Papers Explained: Delta\nh3 #cd34 Delta\nh3 #ef56 More\n")
    publish(github, night)
    assert pull_of(hub, "links").title == "bot: 2 link fixes"
    assert f"clashes with another fix or would change more than it names: `{url}`" in issue_of(hub, "for-people").body
    assert writes_of(hub, lambda: publish(github, night)) == []
    assert writes_of(hub, lambda: publish(github, night, "for-people")) == []
    hub.push("bot/links", {"LICENSE": b"mine\n"}, author="alice")
    publish(github, night)
    assert sorted(names_in(issue_of(hub, "for-people"))) == ["Delta", "Eta"]


LOW = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon")


def blind(github: Hosted, night: Night, nights: int = 1, state: Path | None = None) -> Published:
    report = changed(night.report(github.hub), lambda data: data["run"].update(low_runs=nights))
    published = publish_on(forge_of(github), *decoded(report), asked_of("blind", state=state))
    assert published.failures == []
    return published


def test_too_few_pages_seen_make_an_issue_that_closes_when_they_are_seen_again(github: Hosted) -> None:
    hub = stocked(github)
    assert done(blind(github, Night(unseen=LOW))) == ["opened The bot cannot see Medium"]
    assert "On 2026-01-02 the bot saw 2 of 7 pages." in hub.issues[1].body
    assert writes_of(hub, lambda: blind(github, Night(unseen=LOW[1:], day=3), 2)) == []
    assert done(blind(github, Night(day=4), 0)) == ["closed The bot cannot see Medium"]
    assert done(blind(github, Night(unseen=LOW, day=5))) == ["reopened The bot cannot see Medium"]


def test_half_of_the_pages_seen_is_enough(github: Hosted) -> None:
    stocked(github, PAPERS + f"| [Theta]({HOME}/theta-aaaaaaaa0008) | August 2024 |\n".encode())
    assert done(blind(github, Night(unseen=LOW[:4]))) == []


def test_only_several_runs_in_a_row_make_the_bot_blind(github: Hosted) -> None:
    hub, state = stocked(github), Path("state.json")
    for night in (1, 2):
        assert done(blind(github, Night(unseen=LOW, day=night), night, state)) == []
    assert done(blind(github, Night(unseen=LOW, day=3), 3, state)) == ["opened The bot cannot see Medium"]
    assert "as in the 2 runs before" in hub.issues[1].body
    assert writes_of(hub, lambda: blind(github, Night(unseen=LOW, day=4), 1, state)) == []  # the history was lost


def test_a_run_that_was_cut_short_says_nothing_about_blindness(github: Hosted) -> None:
    hub = stocked(github)
    cut = Night(unseen=LOW, cut_short="the time limit was reached")
    assert done(blind(github, cut)) == []
    blind(github, Night(unseen=LOW))
    assert writes_of(hub, lambda: blind(github, cut)) == []


@pytest.mark.parametrize("how", ["closed", "ticked"])
def test_a_blindness_that_people_know_of_is_spoken_of_again_only_after_it_passed(github: Hosted, how: str) -> None:
    hub = stocked(github)
    blind(github, Night(unseen=LOW))
    if how == "closed":
        hub.close(1)
    else:
        hub.edit(1, body=hub.issues[1].body.replace("- [ ]", "- [x]"))
        assert done(blind(github, Night(unseen=LOW, day=3), 2)) == ["closed The bot cannot see Medium"]
    for day in (4, 5):
        assert writes_of(hub, lambda: blind(github, Night(unseen=LOW, day=day), 3)) == []  # noqa: B023
    blind(github, Night(day=6), 0)
    assert hub.issues[1].state == "closed"
    assert writes_of(hub, lambda: blind(github, Night(day=7), 0)) == []
    assert done(blind(github, Night(unseen=LOW, day=8))) == ["reopened The bot cannot see Medium"]


@pytest.mark.parametrize(
    ("by", "association"), [("mallory", "NONE"), ("mallory", "CONTRIBUTOR"), ("bob", "FIRST_TIME_CONTRIBUTOR")]
)
def test_a_stranger_s_issue_with_the_bots_marker_is_nobody_s(github: Hosted, by: str, association: str) -> None:
    hub = stocked(github)
    forged = hub.open_issue(DEAD, str(Marker("dead-links", {}, frozenset())), by, ["catalog-bot"], association)
    assert done(publish(github, None, "dead-links")) == [f"opened {DEAD}"]
    assert forged.state == "open"
    assert writes_of(hub, lambda: publish(github, Night(day=3), "dead-links")) == []


@pytest.mark.parametrize(("by", "association"), [("alice", "COLLABORATOR"), ("owner", "OWNER"), ("app[bot]", "NONE")])
def test_a_member_s_issue_with_the_bots_marker_is_an_error_that_names_the_remedy(
    github: Hosted, by: str, association: str
) -> None:
    hub = stocked(github)
    hub.open_issue(DEAD, str(Marker("dead-links")), by, ["catalog-bot"], association)
    (failure,) = attempt(github, None, "dead-links").failures
    assert f"its author is '{by}', not '{BOT}'; name the account that the bot runs as with --author" in failure
    assert len(hub.issues) == 1


def test_a_member_s_closed_issue_with_the_bots_marker_is_nobody_s(github: Hosted) -> None:
    hub = stocked(github)
    hub.close(hub.open_issue(DEAD, str(Marker("dead-links")), "alice", ["catalog-bot"]).number)
    assert done(publish(github, None, "dead-links")) == [f"opened {DEAD}"]


BODIES: Mapping[str, str] = {
    "a quotation": f"The bot wrote:\n\n> {Marker('dead-links')}",
    "in the middle of a line": f"See {Marker('dead-links')}",
    "in a fence": f"```\n{Marker('dead-links')}\n```",
    "of no known kind": str(Marker("dead-linkss")),
    "of a later version": str(Marker("dead-links")).replace("v1", "v2"),
    "torn": str(Marker("dead-links"))[:-1],
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_marker_that_is_not_the_start_of_a_body_does_not_count(github: Hosted, body: str) -> None:
    hub = stocked(github)
    hub.open_issue("About the bot", body, "alice", ["catalog-bot"])
    assert done(publish(github, None, "dead-links")) == [f"opened {DEAD}"]


def test_words_of_people_above_the_marker_do_not_file_the_issue_twice(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "dead-links")
    hub.edit(1, body=f"I write to the author.\n\n{hub.issues[1].body}")
    assert done(publish(github, Night(day=3), "dead-links")) == [f"updated {DEAD}"]
    assert len(hub.issues) == 1


def test_an_issue_found_by_its_marker_keeps_its_number_under_another_title(github: Hosted) -> None:
    hub = stocked(github)
    publish(github, None, "dead-links")
    hub.edit(1, title="Broken!")
    publish(github, Night(THREE_DEAD, day=3), "dead-links")
    assert [issue.title for issue in hub.issues.values()] == [DEAD]


def test_an_issue_that_could_not_be_labelled_is_an_error_since_it_is_not_found_again(github: Hosted) -> None:
    hub = stocked(github)
    hub.permissions.push = False
    (failure,) = attempt(github, None, "dead-links").failures
    assert "could not be labeled 'catalog-bot'" in failure
    assert "issues: write" in failure
