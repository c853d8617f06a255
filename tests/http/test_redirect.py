"""Where a redirect leads: resolved, unwrapped, stripped; and which addresses are not asked."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.http.addresses import MAX_URL, flaw, next_url
from bot.medium.site import MEDIUM, Site

HERE = "https://medium.com/@a/here-abcdef123456?sk=1"


def wrapped(target: str, path: str = "global-identity-2") -> str:
    return f"https://medium.com/m/{path}?redirectUrl={quote(target, safe='')}"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://b.medium.com/x", "https://b.medium.com/x"),
        ("//b.medium.com/x", "https://b.medium.com/x"),
        ("/@b/x", "https://medium.com/@b/x"),
        ("there", "https://medium.com/@a/there"),
        ("../x", "https://medium.com/x"),
        ("?gi=1", "https://medium.com/@a/here-abcdef123456?gi=1"),
        ("", HERE),
        ("   ", HERE),
        ("#part", HERE),
        (" /x ", "https://medium.com/x"),
        ("/x#part", "https://medium.com/x"),
        ("/é", "https://medium.com/é"),
        ("https://user:word@b.medium.com/x", "https://b.medium.com/x"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("mailto:a@b", "mailto:a@b"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_a_location_is_resolved_without_fragment_and_credentials(location: str, target: str) -> None:
    assert next_url(HERE, location, MEDIUM) == target


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/x?source=rss", "https://medium.com/x"),
        ("/x?source=rss&sk=1", "https://medium.com/x?sk=1"),
        ("/x?sk=1&source=a&source=b", "https://medium.com/x?sk=1"),
        ("https://b.medium.com/x?source=rss", "https://b.medium.com/x"),
        ("https://towardsdatascience.com/x?source=rss", "https://towardsdatascience.com/x"),
        ("https://own.example/x?source=rss", "https://own.example/x"),
        ("https://foreign.example/x?source=rss", "https://foreign.example/x?source=rss"),
        ("/x?resource=1", "https://medium.com/x?resource=1"),
        ("/x?gi=1&a=", "https://medium.com/x?gi=1&a="),
    ],
)
def test_what_robots_txt_forbids_is_stripped_on_mediums_hosts(location: str, target: str) -> None:
    assert next_url(HERE, location, Site(frozenset({"own.example"}))) == target


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (wrapped("https://own.example/x"), "https://own.example/x"),
        (wrapped("https://own.example/x", "global-identity"), "https://own.example/x"),
        (wrapped("/@b/x"), "https://medium.com/@b/x"),
        ("/m/global-identity?redirectUrl=%2Fx", "https://medium.com/x"),
        (
            wrapped(wrapped(wrapped(wrapped(wrapped("https://own.example/x?source=y"))))),
            "https://own.example/x?source=y",
        ),
        (wrapped("https://medium.com/x?source=y"), "https://medium.com/x"),
        (wrapped("https://medium.com/m/signin?x=1"), "https://medium.com/m/signin?x=1"),
        (
            "https://own.example/m/global-identity?redirectUrl=%2Fx",
            "https://own.example/m/global-identity?redirectUrl=%2Fx",
        ),
    ],
)
def test_a_wrapper_is_undone_here_and_not_asked(location: str, target: str) -> None:
    assert next_url(HERE, location, MEDIUM) == target


@pytest.mark.parametrize(
    "location", ["http://[::1", "//[", "http://a℀b/", wrapped("http://["), wrapped(""), "/m/global-identity"]
)
def test_a_location_that_cannot_be_read_says_so(location: str) -> None:
    with pytest.raises(ValueError, match=r"Invalid|invalid|IP"):
        next_url(HERE, location, MEDIUM)


@given(st.text(max_size=80), st.sampled_from(["", "/", "//", "http://", "https://[", "https://medium.com/m/global-"]))
def test_a_location_is_followed_or_unreadable_whatever_it_is(text: str, start: str) -> None:
    try:
        target = next_url(HERE, start + text, MEDIUM)
    except ValueError:
        return
    if flaw(target) is None:
        parts = urlsplit(target)
        assert parts.hostname
        assert (parts.username, parts.fragment) == (None, "")


@pytest.mark.parametrize(
    "url",
    [
        "https://medium.com",
        "HTTPS://medium.com/x y",
        "http://medium.com:8080/",
        "http://[::1]/",
        "https://bücher.example/ü",
        "https://medium.com/" + "x" * (MAX_URL - 19),
    ],
)
def test_these_addresses_can_be_asked(url: str) -> None:
    assert flaw(url) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://medium.com/" + "x" * (MAX_URL - 18), "an address longer than 2048 characters"),
        ("", "an address that is neither http nor https"),
        ("ftp://medium.com/", "an address that is neither http nor https"),
        ("file:///etc/passwd", "an address that is neither http nor https"),
        ("javascript:alert(1)", "an address that is neither http nor https"),
        ("httpx://medium.com/", "an address that is neither http nor https"),
        ("http:/medium.com/", "an address that is neither http nor https"),
        ("//medium.com/", "an address that is neither http nor https"),
        ("http://", "an address that cannot be read"),
        ("http:///x", "an address that cannot be read"),
        ("http://:80/x", "an address that cannot be read"),
        ("http://?x", "an address that cannot be read"),
        ("http://[::1", "an address that cannot be read"),
        ("http://medium.com:port/", "an address that cannot be read"),
        ("http://medium.com:99999/", "an address that cannot be read"),
        ("http://medium.com:0/", "an address that cannot be read"),
        ("http://a℀b/", "an address that cannot be read"),
        ("http://medium.com/\udc80", "an address that cannot be read"),
    ],
)
def test_these_addresses_cannot_be_asked(url: str, words: str) -> None:
    assert flaw(url) == words


def test_a_wrapper_around_itself_ends() -> None:
    for inner in ("%23", "", "%2Fm%2Fglobal-identity%3FredirectUrl%3D"):
        with pytest.raises(ValueError, match="wrapper"):
            next_url("https://medium.com/@a/x-abcdef123456", f"/m/global-identity?redirectUrl={inner}", MEDIUM)
