"""The exact reason of each outcome, and the conditions of the table one at a time."""

from __future__ import annotations

import pytest

from bot.demo import page as stand_in
from bot.demo.facts import Facts
from bot.medium.classify import judge, judge_target
from bot.medium.site import MEDIUM, Site
from bot.model.answers import Answer
from bot.model.pages import Alive, Gone, Moved, NotArticle, Outcome, Unreachable

ID = "abcdef123456"
ARTICLE_URL = f"https://medium.com/@a/some-words-{ID}"
ARTICLE = stand_in.article_page(Facts(ID, "Some Words", "2024-01-02T03:04:05.000Z", ARTICLE_URL, ()), paragraphs=1)
FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><title>A</title></channel></rss>'
OWN = Site(frozenset({"own.example"}))


def judged(
    asked: str, status: int, body: bytes, final: str | None = None, headers: dict[str, str] | None = None
) -> Outcome:
    answer = Answer(status, headers or {}, body, truncated=False)
    return judge(OWN.read(asked), final or asked, answer, OWN)


@pytest.mark.parametrize("url", ["https://medium.com/tag/nlp", "https://link.medium.com/AbCdEf"])
def test_a_tag_or_short_link_that_redirects_to_the_front_page_is_not_an_article(url: str) -> None:
    assert judge_target(MEDIUM.read(url), "https://medium.com/") == NotArticle("redirects to Medium's front page")


@pytest.mark.parametrize("status", [199, 300, 301, 399, 500, 599])
def test_a_status_outside_the_200s_says_nothing_even_with_the_article(status: int) -> None:
    assert judged(ARTICLE_URL, status, ARTICLE) == Unreachable(f"status {status}")


@pytest.mark.parametrize("status", [200, 203, 299])
def test_every_status_of_the_200s_shows_the_page(status: int) -> None:
    assert isinstance(judged(ARTICLE_URL, status, ARTICLE), Alive)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (stand_in.SOFT_404, {}),  # Medium's own words
        (b"<title>Nothing here - Medium</title>", {}),
        (b"<title>404</title>", {"medium-fulfilled-by": "edge"}),
        (b"<title>404</title>", {"sepia-upstream": "production"}),
    ],
)
def test_one_sign_of_medium_is_enough_to_trust_a_404_from_a_custom_domain(body: bytes, headers: dict[str, str]) -> None:
    assert judged(f"https://own.example/x-{ID}", 404, body, headers=headers) == Gone("no such post (404)")


@pytest.mark.parametrize("title", ["404", "medium", "MEDIUM", "Not here"])
def test_without_a_sign_of_medium_a_404_means_that_the_domain_may_have_left(title: str) -> None:
    assert judged(f"https://own.example/x-{ID}", 404, f"<title>{title}</title>".encode()) == Unreachable(
        "own.example answers 404 in words that are not Medium's: it may have left Medium"
    )


def test_a_soft_404_does_not_need_mediums_title() -> None:
    body = stand_in.SOFT_404.replace(b"<title>Medium</title>", b"<title>404</title>")
    assert judged(f"https://own.example/x-{ID}", 404, body) == Gone("no such post (404)")


@pytest.mark.parametrize(
    ("asked", "body", "reason"),
    [
        ("https://medium.com/@a", ARTICLE, "shows an article"),
        ("https://medium.com/@a/list/x-abcdef123456", ARTICLE, "shows an article"),
        ("https://medium.com/@a", b"", "an empty page"),
        ("https://medium.com/@a", b" \n", "an empty page"),
        ("https://medium.com/@a", b"<p>words</p>", "shows no article"),
        ("https://medium.com/@a", FEED, "shows a feed page"),
        ("https://medium.com/feed/@a", ARTICLE, "shows an article"),
        ("https://medium.com/feed/@a", b"<title>x</title>", "shows no article"),
        (ARTICLE_URL, FEED, "shows a feed page"),
        (ARTICLE_URL, b"", "an empty page"),
    ],
)
def test_the_reason_names_what_is_shown_instead_of_the_page(asked: str, body: bytes, reason: str) -> None:
    assert judged(asked, 200, body) == NotArticle(reason)


def test_a_page_of_another_kind_keeps_the_article_that_it_shows() -> None:
    outcome = judged("https://link.medium.com/AbCdEf", 200, ARTICLE, final=ARTICLE_URL)
    assert isinstance(outcome, Alive)
    assert outcome.article is not None
    assert outcome.article.post_id == ID


def test_the_new_address_of_a_moved_article_has_no_tracking() -> None:
    outcome = judged(ARTICLE_URL, 200, ARTICLE, final=f"https://medium.com/pub/some-words-{ID}?source=rss#aaaa")
    assert isinstance(outcome, Moved)
    assert outcome.url == f"https://medium.com/pub/some-words-{ID}#aaaa"


def test_the_new_address_of_a_moved_article_uses_https() -> None:
    outcome = judged(ARTICLE_URL, 200, ARTICLE, final=f"http://medium.com/pub/some-words-{ID}")
    assert isinstance(outcome, Moved)
    assert outcome.url == f"https://medium.com/pub/some-words-{ID}"


def test_a_canonical_link_to_the_page_itself_does_not_make_it_an_article() -> None:
    head = '<title>T</title><meta property="og:type" content="article"><link rel="canonical" href="#x">'
    assert judged(ARTICLE_URL, 200, f"<head>{head}</head>".encode()) == NotArticle("shows no article")
    linked = head.replace('"#x"', f'"/@a/some-words-{ID}"')
    assert isinstance(judged(ARTICLE_URL, 200, f"<head>{linked}</head>".encode()), Alive)


@pytest.mark.parametrize(
    ("final", "same"),
    [
        ("https://dan-abramov.medium.com/x-abcdef123456", True),
        ("https://medium.com/@Dan_Abramov/x-abcdef123456", True),
        ("https://medium.com/@dan_abramoff/x-abcdef123456", False),
        ("https://medium.com/@_dan_abramov/x-abcdef123456", True),  # host names cannot contain an underscore
        ("https://medium.com/dan-abramov/x-abcdef123456", False),  # a publication
    ],
)
def test_an_author_is_the_same_in_the_spelling_of_host_names(final: str, *, same: bool) -> None:
    outcome = judged(f"https://medium.com/@dan_abramov/x-{ID}", 200, ARTICLE, final=final)
    assert isinstance(outcome, Alive if same else Moved)
