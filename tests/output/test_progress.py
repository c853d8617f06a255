"""Progress: live on a terminal, a line now and then in a log, nothing when quiet."""

from __future__ import annotations

import io
import time
from dataclasses import replace

import pytest
from rich.console import Console
from support import article_of, page_of

from bot.checking.pipeline import Observer
from bot.model.pages import Alive, Blocked, Target
from bot.output import progress
from bot.output import terminal as terminal_module

URL = "https://a.medium.com/bert-31e59abc0615"
PAGE = page_of(URL, Alive(article_of("31e59abc0615", "BERT")))
TARGET = Target(PAGE.identity, URL, PAGE.address)


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> io.StringIO:
    screen = io.StringIO()

    def console(**options: object) -> Console:
        del options
        return Console(file=screen, force_terminal=terminal, width=150, highlight=False, markup=False, emoji=False)

    monkeypatch.setattr(progress, "Console", console)
    monkeypatch.setattr(terminal_module, "Console", console)
    return screen


def test_a_terminal_sees_pages_rate_remaining_time_and_what_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_terminal(monkeypatch, terminal=True)
    monkeypatch.setattr(progress, "_SLOW_AFTER", 0.0)
    with progress.observer(quiet=False, verbose=True) as observer:
        observer.start(3)
        observer.asking(TARGET)
        observer.answered(PAGE, 2)
        observer.asking(Target("x", "https://a.medium.com/slow-\x1b[2J-aaaaaaaa0001", None))
        time.sleep(0.3)
    shown = screen.getvalue()
    assert "1/3" in shown
    assert "requests/s" in shown
    assert "left" in shown
    assert "slow-[2J-aaaaaaaa0001" in shown
    assert f"Alive       {URL}" in shown


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_terminal(monkeypatch, terminal=False)
    with progress.observer(quiet=False, verbose=False) as observer:
        observer.start(2)
        observer.asking(TARGET)
        observer.answered(PAGE, 2)
        assert screen.getvalue() == ""
        monkeypatch.setattr(progress, "_PLAIN_EVERY", 0.0)
        observer.asking(TARGET)
        observer.answered(PAGE, 3)
    assert screen.getvalue().startswith("2 of 2 pages · ")


def test_verbose_names_each_outcome_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_terminal(monkeypatch, terminal=False)
    with progress.observer(quiet=True, verbose=True) as observer:
        observer.start(1)
        observer.asking(TARGET)
        observer.answered(page_of(URL, Blocked("a bot\x1b[31m challenge")), 1)
    (line,) = screen.getvalue().splitlines()
    assert line.partition(" ")[2] == (
        f'outcome=Blocked status=200 attempts=1 seconds=0.0 url={URL} requests=1 reason="a bot\\u001b[31m challenge"'
    )


def test_a_logged_address_cannot_forge_another_value(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_terminal(monkeypatch, terminal=False)
    with progress.observer(quiet=True, verbose=True) as observer:
        observer.start(1)
        observer.answered(replace(PAGE, url=f'{URL} outcome=Gone"'), 1)
    assert f'seconds=0.0 url="{URL} outcome=Gone\\"" requests=1 reason=-' in screen.getvalue()


def test_a_log_says_how_long_a_page_took(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_terminal(monkeypatch, terminal=False)
    times = iter([0.0, 10.0, 12.34])
    with progress.observer(quiet=True, verbose=True) as observer:
        monkeypatch.setattr(time, "monotonic", lambda: next(times))
        observer.start(1)
        observer.asking(TARGET)
        observer.answered(PAGE, 1)
    assert " seconds=2.3 " in screen.getvalue()


def test_in_actions_the_pages_in_a_log_are_grouped(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_terminal(monkeypatch, terminal=False)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    with progress.observer(quiet=True, verbose=True) as observer:
        observer.start(1)
        observer.answered(page_of(URL, Blocked("::error::x ##[error]y")), 1)
    first, line, last = screen.getvalue().splitlines()
    assert (first, last) == ("::group::Pages, as they were asked", "::endgroup::")
    assert not line.startswith("::")
    assert "##[" not in line


def test_quiet_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_terminal(monkeypatch, terminal=True)
    with progress.observer(quiet=True, verbose=False) as observer:
        assert type(observer) is Observer
        observer.start(1)
        observer.asking(TARGET)
        observer.answered(PAGE, 1)
    assert screen.getvalue() == ""


def test_lines_are_colored_on_a_terminal_and_plain_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [(("[/x] ", "bold"), ("text :smile:", "red")), ()]
    plain = on_a_terminal(monkeypatch, terminal=False)
    terminal_module.print_lines(lines)
    assert plain.getvalue() == "[/x] text :smile:\n\n"
    colored = on_a_terminal(monkeypatch, terminal=True)
    terminal_module.print_lines(lines)
    assert "\x1b[" in colored.getvalue()
    assert "[/x] " in colored.getvalue()
