"""`bot publish`: from a saved report and a job's environment to GitHub, and to the terminal and the job's summary."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path, PurePosixPath

from bot.checking.evaluate import read_baseline
from bot.commands.fix import read_report
from bot.commands.history_file import read_history
from bot.errors import ForgeError, UsageError
from bot.files import append, read_file, read_if_there
from bot.history.update import joined
from bot.model.documents import ReportDocument, encode_history
from bot.output.escape import on_terminal, own_link, text
from bot.output.terminal import print_lines
from bot.output.text import Line
from bot.publish.api import API, Api
from bot.publish.forge import STATE_BRANCH, STATE_FILE, Forge, keep_state
from bot.publish.github import DryRun, PyGithubForge
from bot.publish.run import KINDS, publish
from bot.publish.session import PASSIVE, Act, Publication, Published
from bot.rules.registry import chosen
from bot.text import nearest

_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+\Z")


def publish_report(
    path: Path, asked: Publication, environment: Mapping[str, str] = os.environ, forge: Forge | None = None
) -> int:
    """Publish a saved report; return the exit code. Nothing is written before the whole report has been read.

    Without `forge`, it is the GitHub repository that `asked` or the environment names.
    """
    report, seen = read_report(path, asked.settings.site)
    _check(report, path, asked)
    mine = read_file(asked.state) if asked.state is not None else None
    forge = forge or _forge(asked, environment)
    accepted = read_baseline(read_if_there(asked.baseline), str(asked.baseline))
    try:
        published = publish(forge, report, seen, replace(asked, accepted=accepted, run_url=_run_url(environment)))
    except ForgeError as error:
        published = Published(failures=[str(error)])
    if mine is not None:
        _keep_history(forge, mine, report.run.finished.date(), asked, published)
    _tell(published, asked)
    _summarize(published, asked, environment)
    if published.failures:
        raise ForgeError("; ".join(published.failures))
    return 0


def _keep_history(forge: Forge, source: bytes, today: date, asked: Publication, published: Published) -> None:
    """Commit the history to its branch, joined with what a concurrent run committed there."""
    site = asked.settings.site
    mine, trouble = read_history(source, str(asked.state), today, site)
    if trouble is not None:
        published.failures.append(trouble)
        return

    def join(there: bytes) -> bytes:
        base, unreadable = read_history(there, STATE_FILE, today, site)
        return encode_history(joined(base, mine) if unreadable is None else mine)

    branch = f"the branch {STATE_BRANCH}"
    with published.attempt(branch):
        wrote = keep_state(forge, encode_history(mine), join, f"State of {today.isoformat()}\n")
        published.acts.append(Act("updated" if wrote else "kept", branch))


def _check(report: ReportDocument, path: Path, asked: Publication) -> None:
    """Reject a report on another catalog, or of a run in which a missing finding does not mean that it is fixed."""
    parts = PurePosixPath(asked.catalog).parts
    if not parts or asked.catalog.startswith("/") or ".." in parts or parts[0] == ".github":
        raise UsageError(f"{asked.catalog}: not a file of the repository; run this in the repository's root folder")
    if report.catalog.path != asked.catalog:
        about = report.catalog.path[:80]
        raise UsageError(f"{path}: is about {about!r}, not about {asked.catalog!r}; name it with --catalog")
    rules = {rule.id for rule in chosen(asked.settings.select, asked.settings.ignore)}
    if not report.run.whole or not rules <= set(report.run.rules):
        raise UsageError(
            f"{path}: the run checked only a part (lint, --since, --select or --ignore); "
            "publish the report of a complete check-links run"
        )
    for kind in asked.kinds:
        if kind not in KINDS:
            raise UsageError(f"--select {kind}: unknown kind{nearest(kind, KINDS)}; they are {', '.join(KINDS)}")


def _forge(asked: Publication, environment: Mapping[str, str]) -> Forge:
    name = asked.repository or environment.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.match(name):
        remedy = "name it with --repo OWNER/NAME, or set GITHUB_REPOSITORY"
        raise UsageError(f"invalid repository {name!r}; {remedy}" if name else f"no repository given; {remedy}")
    token = environment.get("GITHUB_TOKEN") or None
    if token is None and not asked.dry_run:
        raise UsageError("GITHUB_TOKEN is not set; only --dry-run works without a token")
    api = Api(token, environment.get("GITHUB_API_URL") or API, asked.settings.pause)
    return DryRun(api, name) if asked.dry_run else PyGithubForge(api, name)


def _run_url(environment: Mapping[str, str]) -> str:
    """Return the address of this run in GitHub Actions; empty outside of it."""
    server, name, number = (environment.get(f"GITHUB_{each}", "") for each in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    seen = server.startswith("https://") and _REPOSITORY.match(name) and number.isdigit()
    return f"{server}/{name}/actions/runs/{number}" if seen else ""


def _tell(published: Published, asked: Publication) -> None:
    told = (act for act in published.acts if act.verb != "kept" or not asked.quiet)
    lines = [line for act in told for line in _lines(act, asked)]
    if all(act.verb == "kept" for act in published.acts) and not published.failures:
        lines.append((("Nothing to change on GitHub.", "bold green"),))
    print_lines(lines)


def _lines(act: Act, asked: Publication) -> Iterator[Line]:
    """Yield what was done; in a dry run with the body and the diff."""
    why = f" ({act.why})" if act.why else ""
    verb = f"would be {act.verb}" if asked.dry_run and act.verb not in PASSIVE else act.verb
    yield (
        (f"{verb:<10} ", "bold"),
        (on_terminal(f"{act.what}{why}"), ""),
        (f"  {on_terminal(act.url)}".rstrip(), "dim"),
    )
    if asked.dry_run:
        for part in filter(None, (act.body, act.diff)):
            yield ()
            for line in part.splitlines():
                yield ((f"    {on_terminal(line)}", ""),)
        yield ()


def _summarize(published: Published, asked: Publication, environment: Mapping[str, str]) -> None:
    """Add what was done to the job's summary, if there is one."""
    place = environment.get("GITHUB_STEP_SUMMARY")
    if not place:
        return
    rows = [f"| {act.verb} | {own_link(act.what, act.url)} | {text(act.why)} |" for act in published.acts]
    lines = ["### Published" if not asked.dry_run else "### Would be published", ""]
    lines += ["| | what | why |", "|---|---|---|", *rows] if rows else ["Nothing to change."]
    lines += [f"- not done: {text(each)}" for each in published.failures]
    append(Path(place), ("\n".join(lines) + "\n\n").encode("utf-8", "replace"))
