"""The report as JSON, `bot-report/1`; `schema.json` beside this file describes it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import bot
from bot.model.findings import Finding
from bot.model.pages import Page
from bot.model.report import Report
from bot.rules.registry import BY_ID

SCHEMA = "bot-report/1"


def render_json(report: Report) -> str:
    """Render a report as JSON, indented, in ASCII: whatever the web sent, a terminal sees no control bytes."""
    written = json.dumps(as_dict(report), indent=1) + "\n"
    return written.replace("##[", "##\\u005b")  # a command to GitHub's runner wherever it stands in a line


def as_dict(report: Report) -> dict[str, Any]:
    """Return the report as JSON's types; keys are in a fixed order, offsets are bytes, times are UTC."""
    catalog, run = report.catalog, report.run
    return {
        "schema": SCHEMA,
        "bot": {"version": bot.__version__},
        "catalog": {
            "path": catalog.path,
            "sha256": hashlib.sha256(catalog.source).hexdigest(),
            "entries": sum(1 for _ in catalog.entries()),
            "links": sum(1 for _ in catalog.places()),
            "pages": len(report.pages),
        },
        "run": {
            "started": _time(run.started),
            "finished": _time(run.finished),
            "requests": run.requests,
            "bytes": run.bytes,
            "coverage": {"verified": report.verified, "total": report.wanted},
            "partial": run.cut_short is not None,
            "held_back": list(run.held_back),
            "rules": list(report.rules),
            "whole": report.whole,
            "oldest_verification": run.oldest.isoformat() if run.oldest is not None else None,
            "never_verified": run.never,
            "low_runs": run.low_runs,
            "notes": list(run.notes),
        },
        "pages": [_page(page) for page in (*report.pages, *report.further)],
        "findings": [_finding(report, finding) for finding in report.findings],
        "mended": [
            {"rule": each.rule, "entry": each.entry, "url": each.url, "since": each.since.isoformat()}
            for each in report.mended
        ],
    }


def _page(page: Page) -> dict[str, Any]:
    article = page.article or page.heard
    return {
        "url": page.url,
        "kind": page.address.kind.value if page.address else None,
        "post_id": page.address.post_id if page.address else None,
        "outcome": type(page.outcome).__name__,
        "status": page.status,
        "final_url": page.final_url,
        "hops": [{"url": hop.url, "status": hop.status} for hop in page.hops],
        "attempts": page.attempts,
        "reason": page.reason,
        "title": article.title if article else None,
        "title_source": article.title_source if article else None,
        "published": _time(article.published) if article else None,
        "modified": _time(article.modified) if article else None,
        "canonical": article.canonical if article else None,
        "papers": [
            {"id": paper.id, "section": paper.section, "text": paper.text}
            for paper in (article.papers if article else ())
        ],
        "checked_at": _time(page.checked_at),
    }


def _finding(report: Report, finding: Finding) -> dict[str, Any]:
    line, column = report.catalog.position(finding.span.start)
    fix, since = finding.fix, report.known.get(finding.fingerprint)
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "path": report.catalog.path,
        "line": line,
        "column": column,
        "entry": finding.entry,
        "section": finding.section,
        "url": finding.url,
        "message": finding.message,
        "evidence": [{"kind": fact.kind, "value": fact.value, "source": fact.source} for fact in finding.facts],
        "fix": None
        if fix is None
        else {
            "safety": fix.safety.value,
            "summary": fix.summary,
            "pr": fix.pr or BY_ID[finding.rule].pr,
            "edits": [
                {
                    "path": edit.path,
                    "start": edit.span.start,
                    "stop": edit.span.stop,
                    "expected": edit.expected.decode("utf-8", "replace"),
                    "replacement": edit.replacement.decode("utf-8", "replace"),
                }
                for edit in fix.edits
            ],
        },
        "fingerprint": finding.fingerprint,
        "since": since.isoformat() if since is not None else None,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
