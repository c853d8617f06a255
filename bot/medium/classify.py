"""What an answer means: pure functions, the table of Medium's answers in code.

The status codes, titles and headers were read off saved answers and issue threads. Only Medium's own
word makes a page `Gone`; whatever may be a challenge, a block or a hiccup says nothing of the article.
"""

import re
from dataclasses import replace
from enum import Enum
from typing import assert_never
from urllib.parse import urlsplit, urlunsplit

from bot.medium.scrape import Sighting, look
from bot.medium.site import MAIN_HOSTS, MEDIUM, Site, untracked
from bot.model.answers import Answer, Fault, FaultKind
from bot.model.articles import Address, Article, Kind
from bot.model.pages import Alive, Blocked, Gone, Moved, NotArticle, Outcome, Unreachable

TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530})
_BLOCKING = {
    429: "rate limited (429)",
    401: "asks for a sign-in (401): a draft, or unpublished",
    451: "withheld for legal reasons (451)",
}
_CHALLENGE_TITLE = re.compile(r"(?:Just a moment\.\.\.|Attention Required! \| Cloudflare|403 Blocked\b.*)\Z")
_CHALLENGE_WORDS = (b"Just a moment", b"Attention Required", b"403 Blocked")
_DELETED_TITLE = re.compile(r"410 Deleted by author\b")
_HELD_TITLE = re.compile(r"410 (?:account|post) suspended\b", re.IGNORECASE)
_HEADERS = ("medium-fulfilled-by", "sepia-upstream")
_SUSPENSION = "suspended by Medium, under investigation"


class Sign(Enum):
    """How a request was received: how this client is treated, whatever page it asked for."""

    SERVED = "an answer, whatever it says"
    LIMITED = "429 Too Many Requests"
    BLOCKED = "a bot challenge or 403"
    RESET = "connection reset"
    FAILED = "the server or the network failed"

    @property
    def refused(self) -> bool:
        """Return True if it was this client that was turned away."""
        return self not in (Sign.SERVED, Sign.FAILED)


def judge(asked: Address | None, final_url: str, answer: Answer, site: Site) -> Outcome:
    """Say what the last answer of a page means for the address that was asked for.

    `asked` is None for an address that is not Medium's: there only the status counts.
    """
    final = site.read(final_url)
    sighting = look(answer.body, final_url, site)
    if is_challenge(answer, sighting):
        return Blocked("blocked by Medium (403)" if sighting.title.startswith("403 Blocked") else "a bot challenge")
    if answer.status in _BLOCKING:
        return Blocked(_BLOCKING[answer.status])
    if answer.status in (404, 410):
        return _missing(asked, final, answer, sighting)
    if not 200 <= answer.status < 300:
        return Unreachable(f"status {answer.status}")
    return Alive() if asked is None else _shown(asked, final, final_url, answer, sighting)


def judge_target(asked: Address | None, target: str) -> Outcome | None:
    """Say what a redirect means by its target alone; None if the target must be asked."""
    parts = urlsplit(target)
    if asked is None or parts.hostname not in MAIN_HOSTS:
        return None
    if parts.path.rstrip("/") in ("/m/signin", "/m/connect"):
        return Blocked("redirects to the sign-in page: a draft, or unpublished")
    if parts.path in ("", "/"):
        dead = asked.kind in (Kind.ARTICLE, Kind.LIST)  # a tag or a short link may lead there and be well
        return Gone("redirects to Medium's front page") if dead else NotArticle("redirects to Medium's front page")
    return None


def judge_fault(fault: Fault) -> Outcome:
    """Say what no answer means: nothing of the article."""
    plain = fault.kind in (FaultKind.TIMEOUT, FaultKind.FORBIDDEN, FaultKind.RESET) or not fault.detail
    return Unreachable(fault.kind.value if plain else f"{fault.kind.value} ({fault.detail})")


def is_challenge(answer: Answer, sighting: Sighting | None = None) -> bool:
    """Return True if an answer is a bot challenge or Medium's own block; an article's title makes it none."""
    if "cf-mitigated" in answer.headers:
        return True
    if sighting is None and not any(words in answer.body for words in _CHALLENGE_WORDS):
        return False  # without parsing it
    shown = sighting or look(answer.body, "", MEDIUM)
    return shown.article is None and bool(_CHALLENGE_TITLE.match(shown.title))


def sign_of(result: Answer | Fault) -> Sign:
    """Classify a result. A 403 without explanation may be a bot challenge without its header."""
    if isinstance(result, Fault):
        known = {FaultKind.RESET: Sign.RESET, FaultKind.ENCODING: Sign.SERVED}
        return known.get(result.kind, Sign.FAILED)
    if result.status == 429:
        return Sign.LIMITED
    if result.status == 403 or is_challenge(result):
        return Sign.BLOCKED
    return Sign.FAILED if result.status in TRANSIENT_STATUS else Sign.SERVED


def _missing(asked: Address | None, final: Address | None, answer: Answer, sighting: Sighting) -> Outcome:
    if asked is None:
        return Gone(f"status {answer.status}")
    if final is None:
        return Unreachable(f"redirected to another site, which answers {answer.status}")
    if _DELETED_TITLE.match(sighting.title):
        return Gone("deleted by its author (410)")
    if answer.status == 410:
        held = _HELD_TITLE.match(sighting.title)
        return Blocked(f"{_SUSPENSION} (410)" if held else "removed, for a reason not given (410)")
    if not _is_mediums(final, answer, sighting):
        return Unreachable(f"{final.host} answers 404 in words that are not Medium's: it may have left Medium")
    return Gone("no such post (404)")


def _is_mediums(final: Address, answer: Answer, sighting: Sighting) -> bool:
    """Return True if Medium itself speaks: publications leave it with their domains, and keep no post ids."""
    own = final.host == "medium.com" or final.host.endswith(".medium.com")
    return own or sighting.soft_404 or "Medium" in sighting.title or any(name in answer.headers for name in _HEADERS)


def _shown(asked: Address, final: Address | None, final_url: str, answer: Answer, sighting: Sighting) -> Outcome:
    """Judge a page that was delivered."""
    if sighting.soft_404:
        return Gone("Medium's «page not found», with status 200")
    article = sighting.article
    if article is not None and answer.truncated:
        article = replace(article, partial=True)
    match asked.kind:
        case Kind.ARTICLE:
            if article is None:
                return Unreachable("an oversized answer") if answer.truncated else NotArticle(_what(sighting, answer))
            if article.post_id != asked.post_id:
                return NotArticle(f"shows another article, {article.post_id}", article)
            return _found(asked, final, final_url, article)
        case Kind.LIST | Kind.PROFILE | Kind.PUBLICATION:
            if article is not None or not answer.body.strip() or not _fits(asked.kind, sighting):
                return NotArticle(_what(sighting, answer))
            return Alive()
        case Kind.FEED:
            return Alive() if sighting.kind is Kind.FEED else NotArticle(_what(sighting, answer))
        case Kind.OTHER:
            return Alive(article)
        case _:
            assert_never(asked.kind)


def _found(asked: Address, final: Address | None, final_url: str, article: Article) -> Outcome:
    if final is None:
        parts = urlsplit(final_url)
        return Moved(article, urlunsplit(parts._replace(query=untracked(parts.query))))
    same_owner = asked.owner is None or _owner_key(asked) == _owner_key(final)
    return Alive(article) if same_owner else Moved(article, final.clean)


def _owner_key(address: Address) -> str:
    """Return an owner's name as a host name can spell it: `@dan_abramov` lives at dan-abramov.medium.com."""
    name = (address.owner or "").lower()
    return name[:1] + re.sub(r"[^a-z0-9]", "", name[1:]) if name.startswith("@") else name


def _fits(kind: Kind, sighting: Sighting) -> bool:
    if sighting.kind is None:
        return bool(sighting.title)
    if kind is Kind.LIST:
        return sighting.kind is Kind.LIST
    return sighting.kind in (Kind.PROFILE, Kind.PUBLICATION)


def _what(sighting: Sighting, answer: Answer) -> str:
    if sighting.article is not None:
        return "shows an article"
    if not answer.body.strip():
        return "an empty page"
    return "shows no article" if sighting.kind in (None, Kind.OTHER) else f"shows a {sighting.kind.value} page"
