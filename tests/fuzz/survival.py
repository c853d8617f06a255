"""See that whatever a run observed means the same to the rules once it was saved and read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.checking.evaluate import Evaluation, Inputs, evaluate
from bot.history.update import joined, updated
from bot.history.verdicts import compare, recovered, weigh
from bot.model.articles import Article
from bot.model.documents import decode_history, decode_report, encode_history, encode_report
from bot.model.history import History
from bot.model.pages import Alive, Blocked, Moved, NotArticle, Page
from bot.model.report import Report


def survives(inputs: Inputs, report: Report) -> None:
    """Save a report on these inputs and read it again: it says the same, and the rules find the same."""
    saved = encode_report(report)
    seen = decode_report(saved).observations(inputs.settings.site.read)
    assert _plain(seen.pages) == _plain(report.observations.pages)
    assert _plain(seen.recalled) == _plain(report.observations.recalled)
    pages = tuple(seen.pages[page.identity] for page in report.pages)
    assert encode_report(replace(report, observations=seen, pages=pages)) == saved
    again = evaluate(inputs, inputs.evidence().seeing(seen))
    assert again == Evaluation(report.findings, report.accepted, report.rests_on)


def _plain(pages: Mapping[str, Page]) -> dict[str, Page]:
    """Pages without what is not kept: fractions of seconds, and how a link wrote its address."""
    found = {}
    for identity, page in pages.items():
        outcome = page.outcome
        if isinstance(outcome, Alive | Moved | NotArticle) and outcome.article is not None:
            outcome = replace(outcome, article=_article(outcome.article))
        heard = _article(page.heard) if page.heard is not None else None
        found[identity] = replace(page, address=None, outcome=outcome, heard=heard)
    return found


def _article(article: Article) -> Article:
    return replace(
        article,
        published=article.published.replace(microsecond=0) if article.published else None,
        modified=article.modified.replace(microsecond=0) if article.modified else None,
    )


def history_survives(inputs: Inputs, report: Report, today: date, before: History | None = None) -> None:
    """Keep the history after a report and read it again: a run that is blocked everywhere finds the same with it."""
    before = before or History()
    evidence = inputs.evidence().seeing(report.observations)
    history = updated(before, compare(report, evidence, before, 0.5), today, 0.5)
    written = encode_history(history)
    again = decode_history(written, inputs.settings.site.read, today)
    assert encode_history(again) == written
    assert encode_history(joined(history, again)) == encode_history(joined(again, again))
    assert _while_blocked(inputs, report, today, again) == _while_blocked(inputs, report, today, history)


def _while_blocked(inputs: Inputs, report: Report, today: date, history: History) -> Evaluation:
    pages = {page.identity: replace(page, outcome=Blocked("a bot challenge"), heard=None) for page in report.pages}
    weighed = weigh(pages, today, history, 3, hold_back=True)
    seen = replace(weighed, recoveries=recovered(history, {}), feeds=history.feeds)
    return evaluate(inputs, inputs.evidence().seeing(seen))
