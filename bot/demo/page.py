"""Facts as a page of Medium: the same markup and about the same length, but nobody's text."""

import json
from html import escape

from bot.demo.facts import Facts

_ELEMENTS = {"h3": "h1", "h4": "h2"}
# About the size of the state script on Medium's own pages.
_STATE_BYTES = 60_000
_FILLER = "This made-up sentence takes the place of the article's own text, which is not shown. " * 6


def article_page(facts: Facts, *, without: frozenset[str] = frozenset(), paragraphs: int = 60) -> bytes:
    """Return the page of an article; `without` are the ids of headings that have other ids now."""
    title, url = escape(facts.title), escape(facts.address)
    json_ld = json.dumps(
        {
            "@context": "http://schema.org",
            "@type": "NewsArticle",
            "url": facts.address,
            "dateCreated": facts.published,
            "datePublished": facts.published,
            "dateModified": facts.modified,
            "headline": facts.title,
            "identifier": facts.post_id,
            "author": {"@type": "Person", "name": "A. N. Author"},
        }
    ).replace("/", "\\u002F")
    head = (
        f'<title data-rh="true">{title} | by A. N. Author | Medium</title>'
        '<meta data-rh="true" property="og:site_name" content="Medium"/>'
        '<meta data-rh="true" property="og:type" content="article"/>'
        f'<meta data-rh="true" property="article:published_time" content="{facts.modified}"/>'
        f'<meta data-rh="true" property="og:title" content="{title}"/>'
        f'<meta data-rh="true" property="al:ios:url" content="medium://p/{facts.post_id}"/>'
        f'<meta data-rh="true" property="og:url" content="{url}"/>'
        f'<link data-rh="true" rel="canonical" href="{url}"/>'
        f'<script data-rh="true" type="application/ld+json">{json_ld}</script>'
    )
    state = json.dumps({"ROOT_QUERY": {"filler": "x" * _STATE_BYTES}})
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body><div id="root"><article>'
        f"{_body(facts, without, paragraphs)}</article></div>"
        '<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'
        f"<script>window.__APOLLO_STATE__ = {state}</script></body></html>"
    ).encode()


def _body(facts: Facts, without: frozenset[str], paragraphs: int) -> str:
    pieces = []
    each = max(1, paragraphs // max(1, len(facts.headings)))
    for index, (id_, element, text) in enumerate(facts.headings):
        tag = _ELEMENTS.get(element, element)
        kind = ' class="pw-post-title"' if index == 0 else ""
        shown = f"{int(id_, 16) ^ 0xFFFF:04x}" if id_ in without else id_
        pieces.append(f'<{tag} id="{shown}"{kind}>{escape(text)}</{tag}>')
        pieces += [
            f'<p id="{index:02x}{number:02x}" class="pw-post-body-paragraph">{_FILLER}</p>' for number in range(each)
        ]
        for paper, section, title in facts.papers:
            if section == text:
                link = f'<a href="https://arxiv.org/abs/{paper}" rel="noopener">{paper}</a>'
                pieces.append(f"<p>{escape(title)} {link}</p>")
    return "".join(pieces)


def other_page(kind: str, url: str) -> bytes:
    """Return a page other than an article: a list, a profile or a publication."""
    types = {"profile": "profile", "list": "website", "publication": "website"}
    return (
        f'<!doctype html><html><head><title>A {kind} | Medium</title><meta property="og:type" '
        f'content="{types.get(kind, "website")}"/><meta property="og:url" content="{escape(url)}"/>'
        f'<link rel="canonical" href="{escape(url)}"/></head><body><h2>A {kind}</h2></body></html>'
    ).encode()


SOFT_404 = (
    b"<!doctype html><html><head><title>Medium</title></head><body><p>PAGE NOT FOUND</p>"
    b"<h1>404</h1><h2>Out of nothing, something.</h2></body></html>"
)
DELETED = (
    "<!doctype html><html><head><title>410 Deleted by author — Medium</title></head>"
    "<body><p>The author deleted this Medium story.</p></body></html>"
).encode()
CHALLENGE = (
    b"<!doctype html><html><head><title>Just a moment...</title></head>"
    b"<body>Enable JavaScript and cookies to continue</body></html>"
)
FRONT = (
    b'<!doctype html><html><head><title>Medium: Read and write stories.</title><meta property="og:type" '
    b'content="website"/><meta property="og:url" content="https://medium.com"/></head><body></body></html>'
)
