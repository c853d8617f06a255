"""Addresses of Medium: one identity for an article, whatever the address looks like."""

from __future__ import annotations

import pytest

from bot.medium.site import MEDIUM, Site, other_form, quoted, unwrap
from bot.model.articles import Kind

ONE_ARTICLE = [
    "https://ritvik19.medium.com/papers-explained-33-elmo-76362a43e4",
    "https://ritvik19.medium.com/76362a43e4",
    "https://ritvik19.medium.com/another-slug-76362a43e4#a260",
    "https://medium.com/@ritvik19/papers-explained-33-elmo-76362a43e4",
    "https://medium.com/@Ritvik19/76362a43e4?source=rss-1------2",
    "http://www.medium.com/@ritvik19/papers-explained-33-elmo-76362a43e4/",
    "HTTPS://RITVIK19.Medium.com/papers-explained-33-elmo-76362a43e4?utm_source=x&sk=1",
    "https://medium.com/m/global-identity-2?redirectUrl=https%3A%2F%2Fritvik19.medium.com%2Fx-76362a43e4",
]


@pytest.mark.parametrize("url", ONE_ARTICLE)
def test_all_addresses_of_an_article_at_one_owner_are_one(url: str) -> None:
    address = MEDIUM.read(url)
    assert address is not None
    assert (address.kind, address.identity, address.post_id) == (Kind.ARTICLE, "@ritvik19/76362a43e4", "76362a43e4")


@pytest.mark.parametrize(
    "url",
    [
        "https://medium.com/dair-ai/papers-explained-33-elmo-76362a43e4",
        "https://medium.com/p/76362a43e4",
        "https://towardsdatascience.com/x-76362a43e4",
        "https://other.medium.com/x-76362a43e4",
        "https://ritvik19.medium.com/x-76362a43e5",
    ],
)
def test_another_owner_or_another_id_is_another_page(url: str) -> None:
    address = MEDIUM.read(url)
    assert address is not None
    assert address.kind is Kind.ARTICLE
    assert address.identity != "@ritvik19/76362a43e4"


@pytest.mark.parametrize(
    ("url", "kind", "owner"),
    [
        ("https://ritvik19.medium.com/list/gpt-models-fa2cc801d840", Kind.LIST, "@ritvik19"),
        ("https://medium.com/@ritvik19/list/gpt-models-fa2cc801d840", Kind.LIST, "@ritvik19"),
        ("https://medium.com/@ritvik19/list/reading-list", Kind.LIST, "@ritvik19"),
        ("https://medium.com/@ritvik19", Kind.PROFILE, "@ritvik19"),
        ("https://ritvik19.medium.com", Kind.PROFILE, "@ritvik19"),
        ("https://ritvik19.medium.com/", Kind.PROFILE, "@ritvik19"),
        ("https://medium.com/dair-ai", Kind.PUBLICATION, "dair-ai"),
        ("https://towardsdatascience.com", Kind.PUBLICATION, "towardsdatascience.com"),
        ("https://medium.com/feed/@ritvik19", Kind.FEED, None),
        ("https://medium.com/feed/dair-ai", Kind.FEED, None),
        ("https://ritvik19.medium.com/feed", Kind.FEED, "@ritvik19"),
        ("https://medium.com/", Kind.OTHER, None),
        ("https://medium.com/tag/machine-learning", Kind.OTHER, None),
        ("https://medium.com/m/signin", Kind.OTHER, None),
        ("https://help.medium.com/hc/en-us/articles/213481308", Kind.OTHER, None),
        ("https://medium.com/dair-ai/archive", Kind.OTHER, "dair-ai"),
        ("https://ritvik19.medium.com/about", Kind.OTHER, "@ritvik19"),
        ("https://medium.com/@ritvik19/list/76362a43e4/x", Kind.OTHER, "@ritvik19"),
    ],
)
def test_the_kind_of_an_address(url: str, kind: Kind, owner: str | None) -> None:
    address = MEDIUM.read(url)
    assert address is not None
    assert (address.kind, address.owner) == (kind, owner)


@pytest.mark.parametrize("post_id", ["76362a43e4", "12345678", "123456789012", "deadbeef"])
def test_an_id_is_8_to_12_hex_digits_digits_only_included(post_id: str) -> None:
    address = MEDIUM.read(f"https://a.medium.com/slug-{post_id}")
    assert address is not None
    assert address.post_id == post_id


@pytest.mark.parametrize("last", ["slug-1234567", "slug-1234567890123", "slug-DEADBEEF00", "slug-deadbeeg00", "slug"])
def test_anything_else_is_no_id(last: str) -> None:
    address = MEDIUM.read(f"https://a.medium.com/{last}")
    assert address is not None
    assert (address.kind, address.post_id) == (Kind.OTHER, None)


def test_a_post_of_an_author_under_a_publications_domain_is_an_article() -> None:
    address = MEDIUM.read("https://medium.com/s/story/some-words-abcdef123456")
    assert address is not None
    assert (address.kind, address.post_id) == (Kind.ARTICLE, "abcdef123456")
    under_pub = MEDIUM.read("https://towardsdatascience.com/@someone")
    assert under_pub is not None
    assert under_pub.kind is Kind.PROFILE


@pytest.mark.parametrize(
    "url",
    [
        "https://twitter.com/x-abcdef123456",
        "https://notmedium.com/x-abcdef123456",
        "https://medium.com.evil.example/x-abcdef123456",
        "https://a.medium.com:8080/x-abcdef123456",
        "https://user@a.medium.com/x-abcdef123456",
        "ftp://medium.com/x",
        "mailto:me@medium.com",
        "#medium.com",
        "https://",
        "http://[::1",
        "https://a.medium.com:port/x",
        "",
    ],
)
def test_what_is_not_mediums_is_none(url: str) -> None:
    assert MEDIUM.read(url) is None


def test_a_publications_own_domain_can_be_named() -> None:
    url = "https://blog.example.org/some-words-abcdef123456"
    assert MEDIUM.read(url) is None
    address = Site(frozenset({"blog.example.org"})).read(url)
    assert address is not None
    assert address.owner == "blog.example.org"


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("http://medium.com/@a/x-abcdef123456?source=rss#abcd", "https://medium.com/@a/x-abcdef123456#abcd"),
        ("https://a.medium.com/x-abcdef123456?sk=k&source=y&utm_medium=z", "https://a.medium.com/x-abcdef123456?sk=k"),
        ("https://www.medium.com/@a", "https://medium.com/@a"),
        ("https://a.medium.com/x-abcdef123456?format=amp", "https://a.medium.com/x-abcdef123456?format=amp"),
        ("https://a.medium.com/%E2%82%AC-abcdef123456", "https://a.medium.com/%E2%82%AC-abcdef123456"),
    ],
)
def test_the_clean_address_keeps_all_but_tracking(url: str, clean: str) -> None:
    address = MEDIUM.read(url)
    assert address is not None
    assert address.clean == clean
    assert address.page == clean.partition("#")[0]


def test_the_two_host_forms_of_an_author_lead_to_each_other() -> None:
    at = MEDIUM.read("https://medium.com/@a-b/x-abcdef123456#0a0a")
    sub = MEDIUM.read("https://a-b.medium.com/x-abcdef123456#0a0a")
    assert at is not None
    assert sub is not None
    assert other_form(at) == sub.url
    assert other_form(sub) == at.url


@pytest.mark.parametrize(
    "url",
    [
        "https://medium.com/@dan_abramov/x-abcdef123456",  # an underscore fits in no host name
        "https://medium.com/@a.b/x-abcdef123456",
        "https://medium.com/@help/x-abcdef123456",  # help.medium.com is Medium's own
        "https://medium.com/dair-ai/x-abcdef123456",
        "https://medium.com/p/abcdef123456",
    ],
)
def test_an_owner_without_a_subdomain_has_no_subdomain_form(url: str) -> None:
    address = MEDIUM.read(url)
    assert address is not None
    assert other_form(address) is None


def test_a_wrapper_is_undone_only_on_mediums_own_host() -> None:
    wrapper = "https://medium.com/m/global-identity?redirectUrl=https%3A%2F%2Fuxdesign.cc%2Fx-abcdef123456"
    assert unwrap(wrapper) == "https://uxdesign.cc/x-abcdef123456"
    assert unwrap(wrapper.replace("medium.com", "example.org", 1)) is None
    assert unwrap("https://medium.com/m/global-identity") is None
    assert unwrap("https://medium.com/@a") is None
    assert unwrap("http://[") is None
    assert unwrap("https://medium.com/m/global-identity?redirectUrl=http%3A%2F%2F%5B") is None


@pytest.mark.parametrize(
    "inner", ["https%3A%2F%2Fevil.example%2Fx-abcdef123456", "http%3A%2F%2F%5B", "%2Fm%2Fglobal-identity", ""]
)
def test_a_wrapper_around_something_else_is_no_article(inner: str) -> None:
    address = MEDIUM.read(f"https://medium.com/m/global-identity?redirectUrl={inner}")
    assert address is not None
    assert address.kind is Kind.OTHER


def test_a_quoted_address_can_end_no_link_cell_or_attribute() -> None:
    text = quoted('https://e.example/a b|c)d(e]<f>"\n\x1b[0mé\u202e`\\')
    assert not set(text) & set(' |()<>"\n\x1b`\\\u202e')
    assert "é" in text  # letters of any script say what they are
    assert quoted("https://a.medium.com/x-1?a=b&c=d#e%20f") == "https://a.medium.com/x-1?a=b&c=d#e%20f"
