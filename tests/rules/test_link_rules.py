"""Silence and action of the link rules beyond their documented examples."""

from __future__ import annotations

from datetime import date

import pytest
from support import article_of, catalog_of, findings_of, fixed, page_of

from bot.model.findings import Safety, Severity
from bot.model.pages import Alive, Blocked, Gone, Moved, NotArticle, Outcome, Skipped, Unreachable
from bot.rules import link_form, link_gone, link_moved, link_syntax, link_wrong_article

BERT = "https://a.medium.com/bert-31e59abc0615"
MOVED = "https://medium.com/pub/bert-31e59abc0615"
BERT_ARTICLE = article_of("31e59abc0615", "BERT", [("aaaa", "BERT")])


# -- link-gone ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome",
    [
        Alive(BERT_ARTICLE),
        Moved(BERT_ARTICLE, MOVED),
        NotArticle("an empty page"),
        Blocked("a bot challenge"),
        Unreachable("status 503"),
        Skipped("robots.txt forbids it", wanted=True),
    ],
)
def test_only_gone_is_gone(outcome: Outcome) -> None:
    assert findings_of(link_gone.RULE, catalog_of(f"- [BERT]({BERT})\n"), [page_of(BERT, outcome)]) == []


DATES = tuple(date(2026, 11, day) for day in (20, 21, 23))


def test_every_entry_that_links_to_a_dead_page_is_named() -> None:
    catalog = catalog_of(
        f"- [BERT]({BERT})\n- [Tiny BERT]({BERT}#aaaa)\n- [GPT](https://a.medium.com/gpt-30b6f1e6d226)\n"
    )
    found = findings_of(link_gone.RULE, catalog, [page_of(BERT, Gone("no such post (404)"), status=404)])
    assert [finding.entry for finding in found] == ["BERT", "Tiny BERT"]
    assert found[0].facts[0].value == "404"


def test_an_unconfirmed_death_is_information_without_a_fix() -> None:
    catalog, page = catalog_of(f"- [BERT]({BERT})\n"), page_of(BERT, Gone("no such post (404)"))
    (found,) = findings_of(link_gone.RULE, catalog, [page], confirm=3, deaths={page.identity: DATES[:2]})
    assert found.severity is Severity.INFORMATION
    assert "2 of 3 dates" in found.message
    assert found.fix is None
    (found,) = findings_of(link_gone.RULE, catalog, [page], confirm=3, deaths={page.identity: DATES})
    assert found.severity is Severity.ERROR


def test_the_count_of_dates_does_not_change_the_fingerprint() -> None:
    catalog, page = catalog_of(f"- [BERT]({BERT})\n"), page_of(BERT, Gone("no such post (404)"))
    prints = {
        findings_of(link_gone.RULE, catalog, [page], confirm=9, deaths={page.identity: DATES[:dates]})[0].fingerprint
        for dates in (1, 2, 3)
    }
    assert len(prints) == 1


def test_a_death_that_is_held_back_is_not_spoken_of() -> None:
    page = page_of(BERT, Gone("no such post (404)"))
    held = frozenset({page.identity})
    assert findings_of(link_gone.RULE, catalog_of(f"- [BERT]({BERT})\n"), [page], held_back=held) == []


# -- link-moved ---------------------------------------------------------------------------------


def test_the_new_address_takes_the_usual_form_of_its_new_owner() -> None:
    catalog = catalog_of(f"- [BERT]({MOVED}#aaaa)\n- [GPT](https://a.medium.com/gpt-30b6f1e6d226)\n")
    at = "https://medium.com/@a/bert-31e59abc0615"
    found = findings_of(link_moved.RULE, catalog, [page_of(MOVED, Moved(BERT_ARTICLE, at), final=at)])
    assert fixed(catalog, found).startswith(f"- [BERT]({BERT}#aaaa)\n")
    assert [fact.value for fact in found[0].facts] == ["302", "200", "31e59abc0615", BERT]


def test_hostile_text_in_a_redirect_cannot_leave_the_link() -> None:
    catalog = catalog_of(f"| Paper |\n|---|\n| [BERT]({MOVED}) |\n")
    evil = "https://evil.example/x) | [pwned](javascript:alert(1)) <script>\n y-31e59abc0615"
    found = findings_of(link_moved.RULE, catalog, [page_of(MOVED, Moved(BERT_ARTICLE, evil))])
    after = catalog_of(fixed(catalog, found))
    assert [place.link.text for place in after.places()] == ["BERT"]
    assert len(after.line_starts) == len(catalog.line_starts)
    assert next(after.places()).link.url.startswith("https://evil.example/x%29%20%7C%20")


@pytest.mark.parametrize(
    "at",
    [
        "https://blog.example.org/2024/bert",
        "https://blog.example.org/bert-31e59abc0616",
        "https://medium.com/pub/bert-31e59abc0615|",
        "https://medium.com/r/31e59abc0615",
    ],
)
def test_an_address_that_does_not_name_the_article_is_shown_and_not_proposed(at: str) -> None:
    catalog = catalog_of(f"- [BERT]({MOVED})\n")
    (found,) = findings_of(link_moved.RULE, catalog, [page_of(MOVED, Moved(BERT_ARTICLE, at), final=at)])
    assert found.fix is None
    assert at in found.message


def test_a_reference_definition_that_two_links_share_is_changed_once() -> None:
    catalog = catalog_of(f"[A][r] and [B][r]\n\n[r]: {MOVED} 'T'\n")
    found = findings_of(link_moved.RULE, catalog, [page_of(MOVED, Moved(BERT_ARTICLE, BERT), final=BERT)])
    assert len(found) == 1
    assert fixed(catalog, found) == f"[A][r] and [B][r]\n\n[r]: {BERT} 'T'\n"


def test_an_address_in_html_stays_escaped() -> None:
    catalog = catalog_of(f'<a href="{MOVED}?x=1&amp;y=2#aaaa">BERT</a>\n')
    new = BERT + "?sk=1&z=2"
    found = findings_of(link_moved.RULE, catalog, [page_of(MOVED, Moved(BERT_ARTICLE, new))])
    assert fixed(catalog, found) == f'<a href="{BERT}?sk=1&amp;z=2#aaaa">BERT</a>\n'


# -- link-form ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        # exactly half each: nothing is usual
        "- [A](https://a.medium.com/x-aaaaaaaa0001)\n- [B](https://medium.com/@a/y-aaaaaaaa0002)\n",
        # another author's habit is no evidence
        "- [A](https://a.medium.com/x-aaaaaaaa0001)\n- [B](https://medium.com/@b/y-aaaaaaaa0002)\n",
        # a publication has one form only, a friend link's key is no tracking
        "- [A](https://medium.com/pub/x-aaaaaaaa0001)\n- [B](https://a.medium.com/y-aaaaaaaa0002?sk=abc)\n",
        # a bare id, but the page was not seen
        "- [A](https://a.medium.com/aaaaaaaa0001)\n",
        # a profile keeps its form beside articles of the other
        "- [A](https://a.medium.com/x-aaaaaaaa0001)\n- [Me](https://medium.com/@a)\n",
        # not Medium's
        "- [A](http://example.org/?source=x)\n",
        # a bare www. has no scheme to fix
        "- www.medium.com/@a\n",
    ],
)
def test_a_form_that_is_not_unusual_stays(text: str) -> None:
    assert findings_of(link_form.RULE, catalog_of(text)) == []


def test_a_majority_of_the_at_form_is_respected_too() -> None:
    text = (
        "- [A](https://medium.com/@a/x-aaaaaaaa0001)\n- [B](https://medium.com/@a/y-aaaaaaaa0002)\n"
        "- [C](https://a.medium.com/z-aaaaaaaa0003#abcd)\n"
    )
    catalog = catalog_of(text)
    found = findings_of(link_form.RULE, catalog)
    assert fixed(catalog, found) == text.replace("a.medium.com/z", "medium.com/@a/z")
    assert found[0].fix is not None
    assert found[0].fix.safety is Safety.SAFE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "[A](https://medium.com/m/global-identity-2?redirectUrl=https%3A%2F%2Fa.medium.com%2Fx-aaaaaaaa0001%23a260)",
            "[A](https://a.medium.com/x-aaaaaaaa0001#a260)",
        ),
        (
            "<a href='http://medium.com/@u/x-aaaaaaaa0001?sk=a&amp;source=b#a260'>A</a>",
            "<a href='https://medium.com/@u/x-aaaaaaaa0001?sk=a#a260'>A</a>",
        ),
        ("[A](http://medium.com/@u/a\\_b-aaaaaaaa0001#a_b)", "[A](https://medium.com/@u/a_b-aaaaaaaa0001#a_b)"),
        ("[A](http://medium.com/@u/ümlaut-aaaaaaaa0001#a260)", "[A](https://medium.com/@u/ümlaut-aaaaaaaa0001#a260)"),
    ],
)
def test_a_fragment_is_kept_however_it_is_written(before: str, after: str) -> None:
    catalog = catalog_of(f"- {before}\n")
    assert fixed(catalog, findings_of(link_form.RULE, catalog)) == f"- {after}\n"


def test_a_bare_id_gets_the_slug_that_the_page_shows() -> None:
    url = "https://a.medium.com/31e59abc0615"
    canonical = article_of("31e59abc0615", "BERT", canonical="https://medium.com/@a/bert-31e59abc0615")
    catalog = catalog_of(f"- [BERT]({url}#aaaa)\n")
    for page in (page_of(url, Alive(BERT_ARTICLE), final=BERT), page_of(url, Alive(canonical))):
        assert fixed(catalog, findings_of(link_form.RULE, catalog, [page])) == f"- [BERT]({BERT}#aaaa)\n"


def test_a_bare_id_does_not_take_the_slug_of_another_post() -> None:
    url = "https://a.medium.com/31e59abc0615"
    other = article_of("31e59abc0615", "BERT", canonical="https://medium.com/@a/gpt-30b6f1e6d226")
    assert findings_of(link_form.RULE, catalog_of(f"- [BERT]({url})\n"), [page_of(url, Alive(other))]) == []


@pytest.mark.parametrize("outcome", [Gone("x"), Moved(BERT_ARTICLE, MOVED), NotArticle("x")])
def test_the_form_of_an_address_that_is_wrong_as_a_whole_is_not_spoken_of(outcome: Outcome) -> None:
    catalog = catalog_of(f"- [BERT]({BERT}?source=x)\n")
    assert findings_of(link_form.RULE, catalog, [page_of(BERT, outcome)]) == []


# -- link-wrong-article -------------------------------------------------------------------------


def test_another_article_whose_title_does_not_fit_is_reported_without_a_fix() -> None:
    other = article_of("30b6f1e6d226", "Papers Explained 43: GPT")
    page = page_of(BERT, NotArticle("x", other), final="https://a.medium.com/gpt-30b6f1e6d226")
    (found,) = findings_of(link_wrong_article.RULE, catalog_of(f"- [BERT]({BERT})\n"), [page])
    assert found.severity is Severity.ERROR
    assert found.fix is None
    assert "GPT" in found.message


@pytest.mark.parametrize("outcome", [NotArticle("an empty page"), NotArticle("x", BERT_ARTICLE), Alive(BERT_ARTICLE)])
def test_a_page_without_another_article_is_not_a_wrong_article(outcome: Outcome) -> None:
    assert findings_of(link_wrong_article.RULE, catalog_of(f"- [BERT]({BERT})\n"), [page_of(BERT, outcome)]) == []


# -- link-syntax --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [("- [BERT]()\n", "no address"), (f"- []({BERT})\n", "no text"), (f"- [ ]({BERT})\n", "no text")],
)
def test_blank_text_or_address_is_for_people(text: str, message: str) -> None:
    (found,) = findings_of(link_syntax.RULE, catalog_of(text))
    assert message in found.message
    assert found.fix is None


@pytest.mark.parametrize("text", ["- A title [paid] (https://x.example/y)\n", "- foo (bar)[https://x.example/y]\n"])
def test_brackets_before_an_address_elsewhere_may_mean_something_else(text: str) -> None:
    (found,) = findings_of(link_syntax.RULE, catalog_of(text))
    assert found.fix is not None
    assert found.fix.safety is Safety.REVIEW


@pytest.mark.parametrize(
    "text",
    [
        '- <a id="x" href="#x"></a> text\n',
        f"- [BERT]({BERT})\n",
        f"- [![logo](l.png)]({BERT})\n",
        f"- {BERT}\n",
        f"- <{BERT}>\n",
        f"- `[BERT] ({BERT})`\n",
        "- [x] (a task that is done)\n",
        "- an array[index] (see below)\n",
        f"- a note (see [BERT]({BERT})) [1]\n",
    ],
)
def test_good_syntax_and_ordinary_brackets_stay_silent(text: str) -> None:
    assert findings_of(link_syntax.RULE, catalog_of(text)) == []
