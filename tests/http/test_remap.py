"""Where requests really go: the first remap that fits, its groups, and what is no remap."""

from __future__ import annotations

import pytest

from bot.errors import UsageError
from bot.http.addresses import read_remap, route

STAND_IN = "^https?://(.*)$ http://127.0.0.1:8000/$1"


def routed(url: str, *remaps: str) -> tuple[str, bool]:
    return route(url, [read_remap(text) for text in remaps])


@pytest.mark.parametrize(
    ("remap", "url", "target"),
    [
        (STAND_IN, "https://a.medium.com/x?y=1", "http://127.0.0.1:8000/a.medium.com/x?y=1"),
        ("https://medium.com http://mirror", "https://medium.com/@a/x", "http://mirror/@a/x"),
        (r"^https://(\w+)\.medium\.com/(.*) http://mirror/$2/$1", "https://a.medium.com/x", "http://mirror/x/a"),
        ("^https://(?P<host>[^/]+)/ http://mirror/${host}/", "https://medium.com/x", "http://mirror/medium.com/x"),
        ("^https://([^/]+)/ http://mirror/${1}0/", "https://medium.com/x", "http://mirror/medium.com0/x"),
        ("^https://([^/]+)/ http://mirror/$$1/", "https://medium.com/x", "http://mirror/$1/x"),
        ("^https://([^/]+)/ http://mirror/$name/$/", "https://medium.com/x", "http://mirror/$name/$/x"),
        (r"^https://([^/]+)/ http://mirror/\1\n\g<1>/", "https://medium.com/x", r"http://mirror/\1\n\g<1>/x"),
        ("^https://medium.com(/none)?/ http://mirror/$1", "https://medium.com/x", "http://mirror/x"),
        ("medium.com mirror.example", "https://medium.com/medium.com", "https://mirror.example/medium.com"),
        ("(?i)^https://MEDIUM.com http://mirror", "https://medium.com/x", "http://mirror/x"),
        ("(?x)^https://medium.com#comment http://mirror", "https://medium.com/x", "http://mirror/x"),
        ("  ^https:   http:  ", "https://medium.com/x", "http://medium.com/x"),
        ("https://medium.com http://mirror/a b", "https://medium.com/x", "http://mirror/a b/x"),
    ],
)
def test_what_is_found_becomes_the_replacement(remap: str, url: str, target: str) -> None:
    assert routed(url, remap)[0] == target


def test_the_first_that_fits_is_the_only_one_used() -> None:
    remaps = ("^ftp: nowhere:", "^https://a http://first", "^https://a http://second", "first third")
    assert routed("https://a/x", *remaps)[0] == "http://first/x"


def test_an_address_that_no_remap_fits_is_left_as_it_is() -> None:
    assert routed("https://medium.com/x") == ("https://medium.com/x", False)
    assert routed("https://medium.com/x", "^http://medium http://mirror") == ("https://medium.com/x", False)


@pytest.mark.parametrize(
    ("remap", "url"),
    [
        (STAND_IN, "https://medium.com/x"),
        (STAND_IN, "https://medium.com@10.0.0.1/x"),
        ("https://medium.com http://127.0.0.1:8000", "https://medium.com/x"),
        ("https://medium.com http://127.0.0.1:8000", "https://medium.com"),
        ("https://medium.com http://127.0.0.1", "https://medium.com?x"),
        ("https://medium.com http://user:word@127.0.0.1:8000", "https://medium.com/x"),
        ("https://medium.com(.*) http://[::1]:8000$1", "https://medium.com/x"),
        ("medium.com 127.0.0.1:8000", "https://medium.com/x"),
    ],
)
def test_a_host_and_port_that_stand_in_the_remap_are_written(remap: str, url: str) -> None:
    assert routed(url, remap)[1]


@pytest.mark.parametrize(
    ("remap", "url"),
    [
        ("https://medium.com http://127.0.0.1:8000", "https://medium.com@10.0.0.1/x"),
        ("https://medium.com http://127.0.0.1:8000", "https://medium.com@0/x"),
        ("https://medium.com http://127.0.0.1:8000", "https://medium.com@8000/x"),
        ("https://medium.com http://127.0.0.1:8000", "https://medium.com@127.0.0.1/x"),
        ("https://medium.com http://127.0.0.1:8000", "https://medium.com@127.0.0.1:80/x"),
        ("https://medium.com http://127.0.0.1:8000", "https://medium.com@27.0.0.1:8000/x"),
        ("https://medium.com http://127.0.0.1:8000", "https://medium.com1/x"),
        ("https://medium.com http://127.0.0.1:8000", "https://medium.com:1/x"),
        ("https://medium.com http://127.0.0.1:8000", r"https://medium.com\@10.0.0.1/x"),
        ("https://medium.com http://[::1]:8000", "https://medium.com@1/x"),
        ("https://medium.com http://localhost", "https://medium.com:22/x"),
        ("https://medium.com http://localhost", "https://medium.com.example/x"),
        ("https://medium.com http://localhost", "https://medium.com-example/x"),
        ("https://medium.com(.*) http://127.0.0.1:80$1", "https://medium.com01/x"),
        ("https://medium.com http:", "https://medium.com//10.0.0.1/x"),
        ("https://medium.com http:", "https://medium.com"),
        ("https://medium.com http://[::1", "https://medium.com/x"),
        ("^https: http:", "https://127.0.0.1/x"),
        ("^https://(.*) http://$1", "https://127.0.0.1/x"),
        ("^https://([^/]+) http://$1.proxy:8080", "https://127.0.0.1/x"),
        ("^https://([^/]+)/(.*) http://$1:8080/$2", "https://127.0.0.1/x"),
        ("/x /y", "https://127.0.0.1/x"),
    ],
)
def test_a_host_or_port_of_the_address_is_not_written(remap: str, url: str) -> None:
    assert not routed(url, remap)[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "pattern",
        "pattern ",
        "( x",
        "[ x",
        "* x",
        "a{99999999999999999999} x",
        "(?P<a>b)(?P<a>c) x",
        "a $1",
        "a ${1}",
        "(a) $2",
        "(a) $99999999999",
        "(a) ${name}",
        "(?P<name>a) ${nome}",
        "(?x)a#b $1",
        "( \n\n x",
    ],
)
def test_what_is_no_remap_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_remap(text)
    message = str(caught.value)
    assert message.startswith(f"remap {text!r}: ")
    assert "\n" not in message


@pytest.mark.parametrize("text", ["a $", "a $$", "a $$1", "a ${", "a ${}", "a $x", "a $0", "(a) $1$1"])
def test_a_dollar_that_names_no_group_is_one(text: str) -> None:
    assert read_remap(text).pattern.search("a")
