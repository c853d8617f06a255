"""See that whatever a run observed means the same to the rules once it was saved and read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.checking.evaluate import Evaluation, Inputs, evaluate
from bot.history.differences import compare
from bot.history.join import joined
from bot.history.update import updated
from bot.history.verdicts import recovered, weigh
from bot.model.documents import decode_history, decode_report, encode_history, encode_report
from bot.model.history import History
from bot.model.pages import Blocked, Observations
from bot.model.report import Report


def survives(inputs: Inputs, report: Report) -> None:
    """Save a report on these inputs and read it again: it says the same, and the rules find the same."""
    saved = encode_report(report)
    seen = decode_report(saved).observations(inputs.settings.site.read)
    assert seen.pages.keys() == report.observations.pages.keys()
    pages = tuple(seen.pages[page.identity] for page in report.pages)
    assert encode_report(replace(report, observations=seen, pages=pages)) == saved
    again = evaluate(inputs, inputs.evidence().seeing(seen))
    assert again == Evaluation(report.findings, report.accepted, report.rests_on)


def history_survives(inputs: Inputs, report: Report, today: date, before: History | None = None) -> None:
    """Keep the history after a report and read it again: a run that is blocked everywhere finds the same with it."""
    before = before or History()
    evidence = inputs.evidence().seeing(report.observations)
    history = updated(before, compare(report, inputs.catalog, evidence, before, 0.5), today, 0.5)
    written = encode_history(history)
    again = decode_history(written, inputs.settings.site.read, today)
    assert encode_history(again) == written
    assert encode_history(joined(history, again)) == encode_history(joined(again, again))
    assert _while_blocked(inputs, report, today, again) == _while_blocked(inputs, report, today, history)


def _while_blocked(inputs: Inputs, report: Report, today: date, history: History) -> Evaluation:
    pages = {page.identity: replace(page, outcome=Blocked("a bot challenge"), heard=None) for page in report.pages}
    verdicts = weigh(pages, today, history, 3, hold_back=True)
    seen = Observations(
        pages=pages,
        recalled=verdicts.recalled,
        deaths=verdicts.deaths,
        confirm=3,
        held_back=verdicts.held_back,
        recoveries=recovered(history, {}),
        feeds=history.feeds,
    )
    return evaluate(inputs, inputs.evidence().seeing(seen))
