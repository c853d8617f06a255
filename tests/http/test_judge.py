"""The table of Medium's answers, row by row; near misses say nothing of the article."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.demo import page as stand_in
from bot.demo.facts import Facts
from bot.medium.classify import is_challenge, judge, judge_fault, judge_target
from bot.medium.site import MEDIUM, Site
from bot.model.answers import Answer, Fault, FaultKind
from bot.model.pages import Alive, Blocked, Gone, Moved, NotArticle, Outcome, Unreachable

ID, OTHER_ID = "abcdef123456", "abcdef123457"
ASKED = f"https://a.medium.com/some-words-{ID}"
FACTS = Facts(ID, "Some Words", "2024-01-02T03:04:05.000Z", f"https://medium.com/@a/some-words-{ID}", ())
ARTICLE = stand_in.article_page(FACTS, paragraphs=1)
ARTICLE_ID_ONLY = ARTICLE.replace(b"medium.com/@a/", b"medium.com/")
OTHER_ARTICLE = stand_in.article_page(replace(FACTS, post_id=OTHER_ID, address=f"https://medium.com/@a/x-{OTHER_ID}"))


def titled(title: str, body: str = "") -> bytes:
    return f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>".encode()


def named(title: str) -> bytes:
    """An article of this title; the page's own `<title>` is nothing else."""
    page = stand_in.article_page(replace(FACTS, title=title), paragraphs=1)
    return page.replace(b" | by A. N. Author | Medium</title>", b"</title>")


def judged(
    status: int,
    body: bytes = b"",
    *,
    asked: str = ASKED,
    final: str | None = None,
    truncated: bool = False,
    site: Site = MEDIUM,
    **headers: str,
) -> Outcome:
    named_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(site.read(asked), final or asked, Answer(status, named_headers, body, truncated), site)


def kind_and_reason(outcome: Outcome) -> tuple[str, str | None]:
    return type(outcome).__name__, getattr(outcome, "reason", None)


# -- an article that was asked for --------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (404, b"", Gone("no such post (404)")),
        (404, stand_in.SOFT_404, Gone("no such post (404)")),
        (404, titled("410 account suspended — Medium"), Gone("no such post (404)")),
        (410, stand_in.DELETED, Gone("deleted by its author (410)")),
        (200, stand_in.SOFT_404, Gone("Medium's «page not found», with status 200")),
        (200, titled("Page not found"), Gone("Medium's «page not found», with status 200")),
        (410, titled("410 account suspended — Medium"), Blocked("suspended by Medium, under investigation (410)")),
        (410, titled("410 post suspended — Medium"), Blocked("suspended by Medium, under investigation (410)")),
        (410, b"", Blocked("removed, for a reason not given (410)")),
        (410, titled("410 Gone"), Blocked("removed, for a reason not given (410)")),
        (410, titled("Deleted by author"), Blocked("removed, for a reason not given (410)")),
        (410, titled("x", "<p>410 Deleted by author</p>"), Blocked("removed, for a reason not given (410)")),
        (451, b"", Blocked("withheld for legal reasons (451)")),
        (401, b"", Blocked("asks for a sign-in (401): a draft, or unpublished")),
        (429, b"", Blocked("rate limited (429)")),
        (429, stand_in.SOFT_404, Blocked("rate limited (429)")),
        (403, titled("403 Blocked — Medium"), Blocked("blocked by Medium (403)")),
        (403, stand_in.CHALLENGE, Blocked("a bot challenge")),
        (503, stand_in.CHALLENGE, Blocked("a bot challenge")),
        (404, stand_in.CHALLENGE, Blocked("a bot challenge")),
        (410, stand_in.CHALLENGE, Blocked("a bot challenge")),
        (429, stand_in.CHALLENGE, Blocked("a bot challenge")),
        (200, stand_in.CHALLENGE, Blocked("a bot challenge")),
        (403, titled("Attention Required! | Cloudflare"), Blocked("a bot challenge")),
        (403, b"", Unreachable("status 403")),
        (403, titled("403 Forbidden"), Unreachable("status 403")),
        (403, stand_in.SOFT_404, Unreachable("status 403")),
        (403, ARTICLE, Unreachable("status 403")),
        (403, titled("Just a moment, please"), Unreachable("status 403")),
        (400, b"", Unreachable("status 400")),
        (406, b"", Unreachable("status 406")),
        (418, b"", Unreachable("status 418")),
        (500, b"", Unreachable("status 500")),
        (500, stand_in.SOFT_404, Unreachable("status 500")),
        (502, b"", Unreachable("status 502")),
        (503, b"", Unreachable("status 503")),
        (503, titled("410 Deleted by author — Medium"), Unreachable("status 503")),
        (530, b"", Unreachable("status 530")),
        (0, b"", Unreachable("status 0")),
        (101, b"", Unreachable("status 101")),
        (302, b"", Unreachable("status 302")),
        (304, b"", Unreachable("status 304")),
        (999, b"", Unreachable("status 999")),
        (200, b"", NotArticle("an empty page")),
        (200, b" \n ", NotArticle("an empty page")),
        (204, b"", NotArticle("an empty page")),
        (200, stand_in.other_page("profile", "https://medium.com/@a"), NotArticle("shows a profile page")),
        (200, stand_in.other_page("publication", "https://medium.com/pub"), NotArticle("shows a publication page")),
        (200, b"<rss version='2.0'></rss>", NotArticle("shows a feed page")),
        (200, stand_in.FRONT, NotArticle("shows no article")),
        (200, titled("A shop"), NotArticle("shows no article")),
        (200, b'{"success": false}', NotArticle("shows no article")),
        (200, b"\x00\xff garbage", NotArticle("shows no article")),
    ],
)
def test_what_an_answer_means_for_an_article(status: int, body: bytes, outcome: Outcome) -> None:
    assert judged(status, body) == outcome


@pytest.mark.parametrize("status", [200, 403, 404, 410, 429, 503])
def test_the_sign_of_a_wall_is_believed_at_any_status(status: int) -> None:
    assert judged(status, ARTICLE, cf_mitigated="challenge") == Blocked("a bot challenge")


@pytest.mark.parametrize("status", [200, 201, 203])
def test_the_article_that_was_asked_for_is_alive(status: int) -> None:
    outcome = judged(status, ARTICLE)
    assert isinstance(outcome, Alive)
    assert outcome.article is not None
    assert (outcome.article.post_id, outcome.article.title) == (ID, "Some Words")


@pytest.mark.parametrize(
    "title",
    [
        "Just a moment...",
        "Attention Required! | Cloudflare",
        "403 Blocked: why your scraper fails",
        "410 Deleted by author",
        "410 account suspended",
        "PAGE NOT FOUND",
        "Out of nothing, something",
    ],
)
def test_an_article_may_have_the_title_of_an_error(title: str) -> None:
    assert b"<title" in named(title)
    assert isinstance(judged(200, named(title)), Alive)


@pytest.mark.parametrize("words", [b"PAGE NOT FOUND", b"Out of nothing, something.", b"Just a moment..."])
def test_an_article_may_speak_of_errors(words: bytes) -> None:
    page = ARTICLE.replace(b"</article>", b"<p>" + words + b"</p><h1>" + words + b"</h1></article>")
    assert words in page
    assert isinstance(judged(200, page), Alive)


@pytest.mark.parametrize("sign", [b"challenge-platform", b"recaptcha", b"cf-mitigated"])
def test_what_every_good_page_holds_is_no_sign_of_a_wall(sign: bytes) -> None:
    page = ARTICLE.replace(b"</body>", b"<script>" + sign + b"</script></body>")
    assert isinstance(judged(200, page), Alive)


def test_another_article_is_no_verdict_but_is_shown() -> None:
    outcome = judged(200, OTHER_ARTICLE)
    assert isinstance(outcome, NotArticle)
    assert outcome.reason == f"shows another article, {OTHER_ID}"
    assert outcome.article is not None
    assert outcome.article.post_id == OTHER_ID


def test_an_oversized_answer_is_an_article_where_its_beginning_is_one() -> None:
    assert isinstance(judged(200, ARTICLE, truncated=True), Alive)
    assert judged(200, titled("x"), truncated=True) == Unreachable("an oversized answer")
    assert judged(200, b"", truncated=True) == Unreachable("an oversized answer")
    assert judged(404, titled("x"), truncated=True) == Gone("no such post (404)")
    assert judged(503, titled("x"), truncated=True) == Unreachable("status 503")


# -- at another address -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "final"),
    [
        (ASKED, f"https://medium.com/@a/some-words-{ID}"),
        (ASKED, f"https://medium.com/@A/new-words-{ID}?sk=1"),
        (ASKED, f"https://a.medium.com/{ID}"),
        (f"https://medium.com/@a/x-{ID}", ASKED),
        (f"https://medium.com/@dan_abramov/x-{ID}", f"https://dan-abramov.medium.com/x-{ID}"),
        (f"https://medium.com/@dan.abramov/x-{ID}", f"https://danabramov.medium.com/x-{ID}"),
        (f"https://medium.com/pub/x-{ID}", f"https://medium.com/pub/y-{ID}"),
        (f"https://medium.com/Pub/x-{ID}", f"https://medium.com/pub/x-{ID}"),
        (f"https://medium.com/p/{ID}", ASKED),
        (f"https://medium.com/p/{ID}", f"https://medium.com/pub/x-{ID}"),
        (f"https://medium.com/p/{ID}", f"https://towardsdatascience.com/x-{ID}"),
        (f"https://towardsdatascience.com/x-{ID}", f"https://towardsdatascience.com/y-{ID}"),
    ],
)
def test_the_same_owner_under_another_form_is_no_move(asked: str, final: str) -> None:
    assert isinstance(judged(200, ARTICLE, asked=asked, final=final), Alive)


@pytest.mark.parametrize(
    ("asked", "final", "to"),
    [
        (f"https://medium.com/pub/x-{ID}", ASKED, ASKED),
        (f"https://medium.com/pub/x-{ID}", f"https://medium.com/@a/x-{ID}?source=y", f"https://medium.com/@a/x-{ID}"),
        (ASKED, f"https://medium.com/pub/x-{ID}", f"https://medium.com/pub/x-{ID}"),
        (ASKED, f"https://b.medium.com/x-{ID}", f"https://b.medium.com/x-{ID}"),
        (ASKED, f"https://a-b.medium.com/x-{ID}", f"https://a-b.medium.com/x-{ID}"),
        (f"https://medium.com/a/x-{ID}", ASKED, ASKED),
        (f"https://medium.com/pub-1/x-{ID}", f"https://medium.com/pub1/x-{ID}", f"https://medium.com/pub1/x-{ID}"),
        (ASKED, f"https://towardsdatascience.com/x-{ID}", f"https://towardsdatascience.com/x-{ID}"),
        (ASKED, f"https://unknown.example/x-{ID}", f"https://unknown.example/x-{ID}"),
        (f"https://medium.com/p/{ID}", f"https://unknown.example/x-{ID}", f"https://unknown.example/x-{ID}"),
    ],
)
def test_another_owner_or_domain_is_a_move(asked: str, final: str, to: str) -> None:
    outcome = judged(200, ARTICLE, asked=asked, final=final)
    assert isinstance(outcome, Moved)
    assert (outcome.url, outcome.article.post_id) == (to, ID)


def test_a_domain_that_the_settings_name_is_one_of_mediums() -> None:
    at, own = f"https://own.example/x-{ID}", Site(frozenset({"own.example"}))
    assert isinstance(judged(200, ARTICLE, asked=at, site=own), Alive)
    assert judged(404, stand_in.SOFT_404, asked=at, site=own) == Gone("no such post (404)")
    # A publication that has left Medium keeps its domain, and none of the posts' ids.
    assert isinstance(judged(404, b"<title>Nothing here</title>", asked=at, site=own), Unreachable)


@pytest.mark.parametrize(
    "url", ["https://medium.com/tag/nlp", "https://link.medium.com/AbCdEf", "https://medium.com/@a"]
)
def test_a_tag_a_short_link_or_a_profile_that_leads_to_the_front_page_is_not_dead(url: str) -> None:
    assert isinstance(judge_target(MEDIUM.read(url), "https://medium.com/"), NotArticle)
    assert isinstance(judge_target(MEDIUM.read(f"https://a.medium.com/x-{ID}"), "https://medium.com/"), Gone)


@pytest.mark.parametrize("status", [404, 410])
def test_another_sites_error_says_nothing_of_the_article(status: int) -> None:
    outcome = judged(status, final=f"https://unknown.example/x-{ID}")
    assert outcome == Unreachable(f"redirected to another site, which answers {status}")


def test_another_article_at_another_owner_is_no_move() -> None:
    outcome = judged(200, OTHER_ARTICLE, final=f"https://medium.com/pub/x-{OTHER_ID}")
    assert isinstance(outcome, NotArticle)


# -- pages that are no articles -----------------------------------------------------------------

LIST = "https://a.medium.com/list/papers-abcdef123456"
PROFILE, PUBLICATION = "https://medium.com/@a", "https://medium.com/pub"
FEED = "https://medium.com/feed/@a"
TOPIC = "https://medium.com/tag/ai"
SHOWN = {
    "list": stand_in.other_page("list", "https://medium.com/@a/list/papers-abcdef123456"),
    "profile": stand_in.other_page("profile", "https://medium.com/@a"),
    "publication": stand_in.other_page("publication", "https://medium.com/pub"),
    "feed": b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>",
    "article": ARTICLE,
    "front": stand_in.FRONT,
    "unknown": titled("Stories of A"),
    "untitled": b"<html></html>",
    "empty": b"",
    "not found": stand_in.SOFT_404,
}


@pytest.mark.parametrize(
    ("asked", "alive"),
    [
        (LIST, {"list", "unknown"}),
        (PROFILE, {"profile", "publication", "unknown"}),
        ("https://a.medium.com/", {"profile", "publication", "unknown"}),
        (PUBLICATION, {"profile", "publication", "unknown"}),
        (FEED, {"feed"}),
    ],
)
@pytest.mark.parametrize("shown", SHOWN)
def test_a_page_of_another_kind_is_alive_where_it_shows_one(asked: str, alive: set[str], shown: str) -> None:
    outcome = judged(200, SHOWN[shown], asked=asked)
    if shown in alive:
        assert outcome == Alive()
    elif shown == "not found":
        assert isinstance(outcome, Gone)
    else:
        assert isinstance(outcome, NotArticle)
        assert outcome.article is None


@pytest.mark.parametrize("shown", SHOWN)
def test_a_page_of_mediums_that_is_none_of_these_is_alive_whatever_it_shows(shown: str) -> None:
    outcome = judged(200, SHOWN[shown], asked=TOPIC)
    assert isinstance(outcome, Gone if shown == "not found" else Alive)


@pytest.mark.parametrize("asked", [LIST, PROFILE, PUBLICATION, FEED, TOPIC])
def test_errors_mean_the_same_for_every_page_of_mediums(asked: str) -> None:
    assert judged(404, asked=asked) == Gone("no such post (404)")
    assert isinstance(judged(410, asked=asked), Blocked)
    assert isinstance(judged(403, stand_in.CHALLENGE, asked=asked), Blocked)
    assert judged(500, asked=asked) == Unreachable("status 500")


# -- other sites --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, b"", Alive()),
        (204, b"", Alive()),
        (200, stand_in.SOFT_404, Alive()),
        (200, ARTICLE, Alive()),
        (404, b"", Gone("status 404")),
        (410, b"", Gone("status 410")),
        (403, b"", Unreachable("status 403")),
        (403, stand_in.CHALLENGE, Blocked("a bot challenge")),
        (429, b"", Blocked("rate limited (429)")),
        (500, b"", Unreachable("status 500")),
    ],
)
def test_elsewhere_only_the_status_counts(status: int, body: bytes, outcome: Outcome) -> None:
    assert judged(status, body, asked="https://arxiv.org/abs/1910.01108") == outcome


# -- without asking -----------------------------------------------------------------------------

FRONT = Gone("redirects to Medium's front page")
SIGN_IN = Blocked("redirects to the sign-in page: a draft, or unpublished")


@pytest.mark.parametrize(
    ("target", "outcome"),
    [
        ("https://medium.com", FRONT),
        ("https://medium.com/", FRONT),
        ("http://www.medium.com/?gi=1", FRONT),
        ("https://medium.com/m/signin", SIGN_IN),
        ("https://medium.com/m/signin?redirect=https%3A%2F%2Fmedium.com%2F", SIGN_IN),
        ("https://medium.com/m/connect/", SIGN_IN),
        ("https://medium.com//", None),
        ("https://medium.com//@a", None),
        ("https://medium.com/m/signing", None),
        ("https://medium.com/m/", None),
        ("https://medium.com/@a", None),
        ("https://a.medium.com/", None),
        ("https://towardsdatascience.com/", None),
        ("https://medium.com.example/", None),
        ("https://medium.example/m/signin", None),
        ("https://medium.com/@m/signin", None),
        ("https://example.org/", None),
    ],
)
def test_what_a_redirects_target_says_by_itself(target: str, outcome: Outcome | None) -> None:
    assert judge_target(MEDIUM.read(ASKED), target) == outcome
    assert judge_target(None, target) is None


@pytest.mark.parametrize("kind", list(FaultKind))
def test_no_answer_says_nothing_of_the_article(kind: FaultKind) -> None:
    outcome = judge_fault(Fault(kind, "a library's words"))
    assert isinstance(outcome, Unreachable)
    assert outcome.reason.startswith(kind.value)
    told = kind not in (FaultKind.TIMEOUT, FaultKind.FORBIDDEN, FaultKind.RESET)
    assert ("a library's words" in outcome.reason) is told
    assert judge_fault(Fault(kind)) == Unreachable(kind.value)


def test_a_wall_is_known_without_an_address() -> None:
    assert is_challenge(Answer(503, {}, stand_in.CHALLENGE))
    assert is_challenge(Answer(200, {"cf-mitigated": "challenge"}))
    assert not is_challenge(Answer(503, {}, b"<title>Just a moment</title>"))
    assert not is_challenge(Answer(200, {}, named("Just a moment...")))
    assert not is_challenge(Answer(200))
