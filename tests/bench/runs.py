"""A run as a whole process against the stand-in: seconds, memory, and who is called dead."""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from unruly import unruly_world

from bench.meter import PROJECT, Usage, run
from bench.parse import CATALOG
from bench.peers import COPY, PEERS, NotAvailableError, Peer
from bench.standin import stand_in
from bench.startup import BOT
from bench.table import print_table
from bench.verdicts import Score, Truth, by_page, score, truth_of, worst
from bot.demo.world import Fault, World
from bot.markdown.catalog import Catalog
from bot.markdown.parse import parse
from bot.medium.site import MEDIUM

_HEADERS = ("", "s", "peak MiB", "requests", "dead found", "living called dead", "dead called alive", "no verdict", "")
_RUNS, _BUDGET = 3, 60.0
_PEER_SECONDS, _PEER_MEBIBYTES = 400, 4096
_MAX_TIME, _MAX_PEAK = 120, 150
_WAYBACK = "https://archive.org/wayback/"

UNRULY = {
    Fault.LIMITED: 0.05,
    Fault.CHALLENGE: 0.02,
    Fault.RESET: 0.02,
    Fault.BUSY: 0.01,
    Fault.LOOP: 0.0,  # each share stands for one article at least
    Fault.ENDLESS: 0.0,
    Fault.SLOW: 0.0,
    Fault.DELETED: 0.008,
    Fault.NOT_FOUND: 0.008,
    Fault.SOFT_404: 0.008,
    Fault.FRONT_PAGE: 0.008,
}


_WITHOUT_END = frozenset({Fault.LOOP, Fault.ENDLESS, Fault.SLOW})


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of one tool. `purposes`, of the bot only: what its report says its requests were for."""

    usage: Usage
    requests: int
    score: Score
    purposes: Mapping[str, int] = field(default_factory=dict)


def bench_clean(*, peers: bool) -> None:
    """Print the clean run: every page answers as it should."""
    _bench("clean run", {}, (), bounded=False, peers=peers)


def bench_unruly(*, peers: bool) -> None:
    """Print the unruly run: limits, challenges, resets, a loop, an endless body, a slow answer, and true deaths."""
    options = ("--no-hold-back", "--timeout", "5", "--max-time", f"{_MAX_TIME}")
    _bench("unruly run", UNRULY, options, bounded=True, peers=peers)


def _bench(title: str, faults: Mapping[Fault, float], options: tuple[str, ...], *, bounded: bool, peers: bool) -> None:
    catalog = parse(CATALOG.read_bytes())
    seed = _fair_seed(catalog, faults)
    world = partial(unruly_world, catalog, faults, seed)
    truth = truth_of(catalog, world())
    runs = _repeated(lambda: _bot(world(), truth, options))
    rows = [_row("bot", runs, truth), _bounds(runs, truth, bounded=bounded)]
    for peer in PEERS if peers else ():
        print(f"{title}: {peer.name} …", file=sys.stderr, flush=True)  # a slow one takes minutes
        rows.append(_peer_row(peer, catalog, world, truth))
    pages = len(truth.dead) + len(truth.living)
    dead = f", {len(truth.dead)} of them dead" if truth.dead else ""
    print_table(f"{title}: {pages} pages{dead} (medians of up to {_RUNS} runs, the worst verdicts)", _HEADERS, rows)
    purposes = " + ".join(f"{count} {what}" for what, count in runs[0].purposes.items() if count)
    print(f"  bot's requests: the server saw {runs[0].requests}; its report says {purposes}")
    if peers:
        print("  the others run with their defaults; lychee without its pause between requests, as the bot is;")
        print("  linkchecker's pause of up to half a second cannot be switched off")
    if faults:
        counts = [(fault, sum(each is fault for each in world().faults.values())) for fault in faults]
        print(f"  faults, in articles: {'; '.join(f'{count} × {fault.value}' for fault, count in counts)}")


def _fair_seed(catalog: Catalog, faults: Mapping[Fault, float]) -> int:
    """Return the first world in which the faults without an end hit articles that are linked once.

    A tool that asks once a link and not once a page would pay for a slow answer over and over.
    """
    links = Counter(address.post_id for place in catalog.places() if (address := MEDIUM.read(place.link.url)))

    def is_fair(seed: int) -> bool:
        hit = unruly_world(catalog, faults, seed).faults.items()
        return all(links[post_id] == 1 for post_id, fault in hit if fault in _WITHOUT_END)

    return next(filter(is_fair, itertools.count()))


def _peer_row(peer: Peer, catalog: Catalog, world: Callable[[], World], truth: Truth) -> tuple[str, ...]:
    try:
        return _row(peer.title(), _repeated(lambda: _peer(peer, catalog, world(), truth)), truth)
    except NotAvailableError as error:
        return (peer.name, *[""] * (len(_HEADERS) - 2), f"not available: {error}")


def _repeated(once: Callable[[], _Run]) -> list[_Run]:
    """Run up to three times, but no more once a minute has passed."""
    runs: list[_Run] = []
    while len(runs) < _RUNS and sum(each.usage.seconds for each in runs) < _BUDGET:
        runs.append(once())
    return runs


def _bot(world: World, truth: Truth, options: tuple[str, ...]) -> _Run:
    with tempfile.TemporaryDirectory() as name, stand_in(world) as server:
        path = Path(name) / "report.json"
        check: list[str | Path] = [
            BOT,
            "check-links",
            CATALOG.relative_to(PROJECT),
            "--remap",
            server.remap,
            "--rate",
            "0",
        ]
        usage = run([*check, *options, "--no-progress", "--quiet", "--format", "json", "--output", path], Path(name))
        asked = server.asked()
        if not path.exists():
            raise RuntimeError(f"the bot wrote no report, and exited with {usage.code}: {usage.stopped} {usage.errors}")
        report = json.loads(path.read_text("utf-8"))
    return _Run(usage, asked.total(), score(truth, by_page(_bot_verdicts(report))), _purposes(report, asked, truth))


def _bot_verdicts(report: Mapping[str, Any]) -> list[tuple[str, bool]]:
    verdicts = {"Alive": True, "Moved": True, "Gone": False}
    said = [(page["url"], verdicts[page["outcome"]]) for page in report["pages"] if page["outcome"] in verdicts]
    return said + [(finding["url"], False) for finding in report["findings"] if finding["rule"] == "link-gone"]


def _peer(peer: Peer, catalog: Catalog, world: World, truth: Truth) -> _Run:
    command = peer.command()
    # The folder is open to all: linkchecker gives up root's rights before it reads the copy.
    with tempfile.TemporaryDirectory() as name, stand_in(world, local_redirects=True) as server:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / COPY).write_bytes(copy_for(catalog, server.base))
        for file, text in peer.files.items():
            (folder / file).write_text(text, "utf-8")
        try:
            usage = run(command, folder, seconds=_PEER_SECONDS, mebibytes=_PEER_MEBIBYTES, cwd=folder)
        except OSError as error:
            raise NotAvailableError(str(error)[:120]) from error
        requests, base = server.asked().total(), server.base
    try:
        verdicts = [(url.replace(base, "https://", 1), fine) for url, fine in peer.read(usage.output)]
    except (ValueError, KeyError) as error:
        verdicts = []
        if not usage.stopped:
            raise NotAvailableError(f"no report, exit code {usage.code}: {_last_line(usage.errors)}") from error
    if not verdicts and not usage.stopped:
        raise NotAvailableError(f"an empty report, exit code {usage.code}: {_last_line(usage.errors)}")
    return _Run(usage, requests, score(truth, by_page(verdicts)))


def copy_for(catalog: Catalog, base: str) -> bytes:
    """Return the catalog with its links to Medium pointed straight at the stand-in, and no other links.

    So no tool needs a remap, and none can leave loopback: every address is rewritten, in a link or not.
    """
    source = catalog.source
    for place in sorted(catalog.places(), key=lambda place: place.link.span, reverse=True):
        if MEDIUM.read(place.link.url) is None:
            span = place.link.span
            source = source[: span.start] + place.link.text.encode() + source[span.stop :]
    return source.replace(b"https://", base.encode()).replace(b"http://www.", base.encode())


def _row(name: str, runs: list[_Run], truth: Truth) -> tuple[str, ...]:
    seconds = statistics.median(each.usage.seconds for each in runs)
    counts = worst(each.score for each in runs)
    return (
        name,
        f"{seconds:.1f}",
        f"{max(each.usage.peak for each in runs):.0f}",
        f"{statistics.median_low(each.requests for each in runs)}",
        f"{counts.found} of {len(truth.dead)}" if truth.dead else "",
        f"{counts.slandered}",
        f"{counts.missed}" if truth.dead else "",
        f"{counts.unsaid}",
        next((each.usage.stopped for each in runs if each.usage.stopped), ""),
    )


def _bounds(runs: list[_Run], truth: Truth, *, bounded: bool) -> tuple[str, ...]:
    most = max(each.requests - sum(each.purposes.values()) for each in runs)
    over = [
        what
        for what, is_over in {
            "s": bounded and max(each.usage.seconds for each in runs) > _MAX_TIME,
            "peak": bounded and max(each.usage.peak for each in runs) > _MAX_PEAK,
            "requests": most > 0,
            "called dead": any(each.score.slandered for each in runs),
            "called alive": any(each.score.missed for each in runs),
        }.items()
        if is_over
    ]
    return (
        "  its bounds",
        f"{_MAX_TIME}" if bounded else "",
        f"{_MAX_PEAK}" if bounded else "",
        f"{statistics.median_low(sum(each.purposes.values()) for each in runs)}",
        "",
        "0",
        "0" if truth.dead else "",
        "",
        f"OVER: {', '.join(over)}" if over else "ok",
    )


def _purposes(report: Mapping[str, Any], asked: Counter[str], truth: Truth) -> dict[str, int]:
    """Return what the requests of a run of the bot were for: pages and hops by its report, the rest by the server."""
    pages = [page for page in report["pages"] if page["outcome"] != "Skipped"]
    addresses = [MEDIUM.read(page["url"]) for page in pages]
    own = sum(address is not None and address.identity in truth.dead | truth.living for address in addresses)
    robots = sum(count for url, count in asked.items() if url.endswith("/robots.txt"))
    return {
        "pages": own,
        "candidates for the dead": len(pages) - own,
        "redirects followed": sum(max(0, len(page["hops"]) - 1) for page in pages),
        "retries": sum(page["attempts"] - 1 for page in pages),
        "robots.txt": robots,
        "asked of the Wayback Machine": sum(count for url, count in asked.items() if url.startswith(_WAYBACK)),
    }


def _last_line(text: str) -> str:
    return "".join(text.strip().splitlines()[-1:])[:120]
