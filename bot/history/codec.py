"""The memory as JSON, `bot-state/1`: a line for each page, finding, night and feed, so that a diff reads well."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any

from bot.medium.site import Site
from bot.model.articles import Anchor, Article, Feed, FeedItem, Paper
from bot.model.history import Night, Open, PageMemory, State, paragraph
from bot.model.pages import Alive, Gone, Hop, Moved, NotArticle, Outcome, Page, Recovery
from bot.output.escape import on_terminal

SCHEMA = "bot-state/1"

LARGEST = 20 * 2**20  # bytes; the real catalog's is a hundredth of it

_LOST = "so nothing is called dead tonight"

_DAY = timedelta(days=1)


def read_state(source: bytes | None, name: str, today: date, site: Site) -> tuple[State, str | None]:
    """Return the memory, and a line to say if there is none that can be read; never raises.

    `source` is None where there is no file. Dates after tomorrow (UTC) come from a clock that went wrong.
    """
    if source is None:
        return State(known=False), f"{name}: there is no state yet, {_LOST}"
    try:
        data = _checked(source)
        state = _state(data, site)
        latest = max(_dates(state), default=today)
    except (ValueError, RecursionError, OverflowError) as error:
        what = on_terminal(" ".join(str(error).split())[:200])
        return State(known=False), f"{name}: the state cannot be read ({what}), {_LOST}; a new one begins"
    if latest > today + _DAY:
        return State(known=False), f"{name}: the state is of {latest}, a date to come, {_LOST}; a new one begins"
    return state, None


def _checked(source: bytes) -> dict[str, Any]:
    import jsonschema  # noqa: PLC0415 - 100 ms that only a run with a state needs

    if len(source) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 2**20} MiB")
    data = json.loads(source, parse_constant=_refused, object_pairs_hook=_unique)
    json.dumps(data, ensure_ascii=False).encode()  # halves of surrogate pairs are no text
    if isinstance(data, dict) and data.get("schema") != SCHEMA:
        raise ValueError(f"its schema is {data.get('schema')!r:.40}, this bot reads {SCHEMA}")
    schema = json.loads(files("bot.history").joinpath("schema.json").read_text("utf-8"))
    wrong = next(jsonschema.Draft202012Validator(schema).iter_errors(data), None)
    if wrong is not None:
        raise ValueError(f"{wrong.json_path[:80]}: {wrong.message[:100]}")
    assert isinstance(data, dict)  # noqa: S101 - the schema says so, and mypy cannot see it
    return data


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _dates(state: State) -> Iterator[date]:
    for page in state.pages.values():
        yield from page.deaths
        if page.verified is not None:
            yield page.verified
    yield from (each.since for each in state.open.values())
    yield from (_time(night.started).date() for night in state.history)
    yield from (page.checked_at.date() for page in state.seen.values() if page.checked_at is not None)


def _state(data: dict[str, Any], site: Site) -> State:
    return State(
        pages={
            identity: PageMemory(
                outcome=each["outcome"],
                verified=date.fromisoformat(each["verified"]) if each["verified"] is not None else None,
                deaths=tuple(sorted({date.fromisoformat(day) for day in each.get("deaths", ())})),
            )
            for identity, each in data["pages"].items()
        },
        seen={identity: _page(identity, each, site) for identity, each in data["seen"].items()},
        open={
            fingerprint: Open(**{**each, "since": date.fromisoformat(each["since"])})
            for fingerprint, each in data["open"].items()
        },
        recoveries={
            identity: tuple(Recovery(*each) for each in found) for identity, found in data["recoveries"].items()
        },
        history=tuple(Night(**each) for each in data["history"]),
        feeds={owner: _feed(each, site) for owner, each in data["feeds"].items()},
    )


def _feed(data: dict[str, Any], site: Site) -> Feed:
    items = []
    for each in data["items"]:
        address = site.read(each["url"])
        if address is None or address.post_id is None:
            raise ValueError("a feed's item is no article of Medium")
        items.append(FeedItem(address.post_id, each["title"], address, _time_or_none(each["published"])))
    return Feed(data["etag"], data["modified"], tuple(items))


def _page(identity: str, data: dict[str, Any], site: Site) -> Page:
    article = _article(data["article"]) if data["article"] is not None else None
    outcome: Outcome
    match data["outcome"]:
        case "Alive":
            outcome = Alive(article)
        case "Moved":
            if article is None:
                raise ValueError("a page that moved needs its article")
            outcome = Moved(article, data["moved_to"])
        case "Gone":
            outcome = Gone(data["reason"])
        case _:
            outcome = NotArticle(data["reason"], article)
    url = data["url"]
    hops = tuple(Hop(at, status) for at, status in data["hops"])
    return Page(identity, url, site.read(url), outcome, hops, 1, _time_or_none(data["checked_at"]))


def _article(data: dict[str, Any]) -> Article:
    anchors = tuple(
        paragraph(each, at) if isinstance(each, str) else Anchor(*each) for at, each in enumerate(data["anchors"])
    )
    for anchor in anchors:
        if not anchor.start <= anchor.stop <= len(anchors):
            raise ValueError("an anchor's section lies outside its article")
    times = {key: _time_or_none(data[key]) for key in ("published", "modified")}
    return Article(**{**data, **times, "anchors": anchors, "papers": tuple(Paper(*each) for each in data["papers"])})


def write_state(state: State) -> bytes:
    """Return the memory as JSON, sorted, a line for each thing."""
    parts = {
        "pages": _lines({identity: _page_line(each) for identity, each in state.pages.items()}),
        "seen": _lines({identity: seen_line(each) for identity, each in state.seen.items()}),
        "open": _lines({fingerprint: _open_line(each) for fingerprint, each in state.open.items()}),
        "recoveries": _lines({identity: _revival_line(found) for identity, found in state.recoveries.items()}),
        "feeds": _lines({owner: _feed_line(each) for owner, each in state.feeds.items()}),
    }
    history = ",\n".join(f"  {_json(_night_line(night))}" for night in state.history)
    whole = [f' "schema": {_json(SCHEMA)}', *(f' "{name}": {{{lines}}}' for name, lines in parts.items())]
    whole.append(f' "history": [\n{history}\n ]' if history else ' "history": []')
    return ("{\n" + ",\n".join(whole) + "\n}\n").encode()


def _lines(things: Mapping[str, object]) -> str:
    written = ",\n".join(f"  {_json(name)}: {_json(each)}" for name, each in sorted(things.items()))
    return f"\n{written}\n " if written else ""


def _json(value: object) -> str:
    return json.dumps(value)


def _page_line(page: PageMemory) -> dict[str, Any]:
    line: dict[str, Any] = {"outcome": page.outcome, "verified": page.verified.isoformat() if page.verified else None}
    return line | {"deaths": [each.isoformat() for each in page.deaths]} if page.deaths else line


def _open_line(each: Open) -> dict[str, Any]:
    since = each.since.isoformat()
    return {"since": since, "rule": each.rule, "entry": each.entry, "url": each.url, "identity": each.identity}


def _revival_line(found: tuple[Recovery, ...]) -> list[list[Any]]:
    return [[each.url, each.title, each.reason, each.snapshot] for each in found]


def _night_line(night: Night) -> dict[str, Any]:
    return {name: getattr(night, name) for name in Night.__slots__}


def _feed_line(feed: Feed) -> dict[str, Any]:
    items = [
        {"url": each.address.page, "title": each.title, "published": _written(each.published)} for each in feed.items
    ]
    return {"etag": feed.etag, "modified": feed.modified, "items": items}


def seen_line(page: Page) -> dict[str, Any]:
    """Return a page as the memory keeps it; only what the rules look at."""
    outcome, article = page.outcome, getattr(page.outcome, "article", None)
    return {
        "url": page.url,
        "outcome": type(outcome).__name__,
        "reason": page.reason or "",
        "moved_to": outcome.url if isinstance(outcome, Moved) else "",
        "hops": [[hop.url, hop.status] for hop in page.hops],
        "checked_at": _written(page.checked_at),
        "article": _article_line(article) if article is not None else None,
    }


def _article_line(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "title_source": article.title_source,
        "post_id": article.post_id,
        "published": _written(article.published),
        "published_source": article.published_source,
        "modified": _written(article.modified),
        "canonical": article.canonical,
        "anchors": [_anchor_line(each, at) for at, each in enumerate(article.anchors)],
        "papers": [[each.id, each.section, each.anchor, each.text] for each in article.papers],
        "partial": article.partial,
        "title_index": article.title_index,
    }


def _anchor_line(anchor: Anchor, at: int) -> str | list[Any]:
    if anchor == paragraph(anchor.id, at):
        return anchor.id
    return [anchor.id, anchor.element, anchor.level, anchor.text, anchor.start, anchor.stop]


def _written(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")  # strftime says 26 for 0026


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _time_or_none(text: str | None) -> datetime | None:
    return _time(text) if text is not None else None


def written_size(line: dict[str, Any]) -> int:
    """Return the bytes that a line takes."""
    return len(_json(line))
