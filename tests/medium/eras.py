"""Pages as Medium wrote them in each of its eras: the places of its facts in head and body, around placeholder text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape

_WORDS = "Placeholder for the text of the article, which is not copied here. "
_SCRIPT = '<script data-rh="true" type="application/ld+json">'
_LATER = "2019-10-02T09:23:55.019Z"  # a later publication, or another post's


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says; `published` is None if nothing on it gives the first publication."""

    url: str
    title: str
    published: str | None
    author: str
    home: str = ""
    canonical: str = ""
    headings: tuple[tuple[str, str], ...] = ()
    member_only: bool = False

    @property
    def post_id(self) -> str:
        return self.url.rpartition("-")[2]


def _metas(facts: PageFacts, title: str, order: Callable[[str, str, str], str], moment: str, scheme: str) -> str:
    """The meta tags of every era; `order` writes one from its key's attribute, its key and its content."""
    app = f"{scheme}p/{facts.post_id}"
    named = [
        ("name", "title", title),
        ("property", "og:title", title),
        ("property", "og:url", facts.url),
        ("name", "author", facts.author),
        ("property", "og:type", "article"),
        ("property", "article:published_time", moment),
        ("name", "twitter:app:url:iphone", app),
        ("property", "al:ios:url", app),
    ]
    return "".join(order(kind, key, escape(content)) for kind, key, content in named)


def _classic(facts: PageFacts, levels: tuple[str, str], classes: tuple[str, str]) -> str:
    """A body of 2015 to 2018: each paragraph has its id twice, and blocks are nested a dozen deep."""
    title, below = levels
    blocks = "<div>" * 12
    own = f'<{title} name="4683" id="4683" class="{classes[0]}">{escape(facts.title)}</{title}>'
    sections = "".join(
        f'<{below} name="{id_}" id="{id_}" class="{classes[1]}">{escape(text)}</{below}>'
        + "".join(f'<p name="{number:04x}" id="{number:04x}" class="graf graf--p">{_WORDS}</p>' for number in range(20))
        for id_, text in facts.headings
    )
    return (
        f'{blocks}<article class=" u-sizeViewHeightMin100 postArticle postArticle--full" lang="en">'
        f'<header class="container"></header><section name="ab12"><hr class="section-divider">{own}{sections}</section>'
        f'</article>{blocks.replace("<", "</")}<h3 class="card-name"><a href="/@other">Another author</a></h3>'
    )


def _modern(facts: PageFacts, title: str, levels: str = "h1", before: str = "") -> str:
    """A body since 2019: classes of two letters, and other headings around the article."""
    name = f'<h2 class="ap b cz">{facts.author}</h2>'
    sections = "".join(
        f'<{levels} id="{id_}" class="oa ob gw bf oc">{escape(text)}</{levels}>'
        f'<p id="{id_[::-1]}x" class="pw-post-body-paragraph mk ml">{_WORDS * 20}</p>'
        for id_, text in facts.headings
    )
    return (
        '<div id="root"><nav><h4 class="ap b db dc"><span>889 Followers</span></h4></nav>'
        '<article class="meteredContent"><section class="dp dq dr"></section>'
        f'<div><div class="du dv dw">{before}{title}{sections}</div></div></article>'
        f"<div>{name}<h4>More from Medium</h4></div></div>"
    )


def _document(head: str, body: str, opening: str = '<!doctype html><html lang="en">') -> bytes:
    return f"{opening}<head>{head}</head><body>{body}</body></html>".encode()


def _json_ld(facts: PageFacts, headline: str, tag: str = _SCRIPT, **more: object) -> str:
    data = {
        "@context": "http://schema.org",
        "@type": "NewsArticle",
        "image": ["https://miro.medium.com/max/1200/1*a.jpeg"],
        "url": facts.url,
        "dateCreated": facts.published,
        "datePublished": facts.published,
        "dateModified": _LATER,
        "headline": headline,
        "name": headline,
        "author": {"@type": "Person", "name": facts.author, "url": "https://medium.com/@someone"},
        **({"isAccessibleForFree": False} if facts.member_only else {}),
        **more,
    }
    return f"{tag}{json.dumps(data, ensure_ascii=False).replace('/', chr(92) + 'u002F')}</script>"


def _embedded(facts: PageFacts) -> str:
    """The state embedded in pages of 2015 to 2018, with the first publication in milliseconds."""
    post = {"id": facts.post_id, "createdAt": 1427106645324, "latestPublishedAt": 1461079069015}
    if facts.published:
        post |= {"firstPublishedAt": _milliseconds(facts.published)}
    value = json.dumps({"value": post, "mentionedUsers": []}, separators=(",", ":"))
    return f'<script>// <![CDATA[\nwindow["obvInit"] = function () {{}}\nwindow["obvInit"]({value})\n// ]]></script>'


def _apollo(facts: PageFacts, *, cdata: bool = False, own: bool = True) -> str:
    """The state embedded since 2019: this post and others that the page recommends."""
    posts: dict[str, object] = {"ROOT_QUERY": {"__typename": "Query", "viewer": None}}
    posts["Post:aaaaaaaa0001"] = {"id": "aaaaaaaa0001", "isPublished": True, "firstPublishedAt": 1579189308352}
    if own and facts.published:
        more = {
            "__typename": "Post",
            "creator": {"__ref": "User:1"},
            "firstPublishedAt": _milliseconds(facts.published),
        }
        posts[f"Post:{facts.post_id}"] = {"id": facts.post_id, **more}
    before, behind = ("\n<![CDATA[\n", "\n]]>\n") if cdata else ("", "")
    return f"<script>{before}window.__APOLLO_STATE__ = {json.dumps(posts)}{behind}</script>"


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _plain(kind: str, key: str, content: str) -> str:
    return f'<meta {kind}="{key}" content="{content}">'


def _swapped(_: str, key: str, content: str) -> str:
    return f'<meta value="{content}" name="{key}">'


def _scripted(kind: str, key: str, content: str) -> str:
    return f'<meta data-rh="true" {kind}="{key}" content="{content}"/>'


def _reversed(kind: str, key: str, content: str) -> str:
    return f'<meta content="{content}" data-rh="true" {kind}="{key}"/>'


def page_2015(facts: PageFacts, scheme: str = "medium://") -> bytes:
    """No JSON-LD; only the document's title has a suffix; the title may be a heading of any level."""
    head = f"<title>{escape(facts.title)} — Medium</title>" + (
        f'<link rel="canonical" href="{facts.url}">' if facts.canonical != "none" else ""
    )
    head += _metas(facts, facts.title, _plain, facts.published or "", scheme)
    body = _classic(facts, ("h2", "h3"), ("graf--h2 graf--first", "graf--h3 graf-after--p"))
    return _document(head, body + _embedded(facts), '<!DOCTYPE html><html xmlns:cc="http://creativecommons.org/ns#">')


def page_2016(facts: PageFacts) -> bytes:
    """Names and values in other attributes; titles end with the publication's name."""
    suffixed = f"{facts.title} – {facts.home}"
    head = f'<title>{escape(suffixed)} – Medium</title><link rel="canonical" href="{facts.url}">'
    head += _metas(facts, suffixed, _swapped, facts.published or "", "medium://")
    return _document(head, _classic(facts, ("h1", "h3"), ("graf graf--h3 graf--title", "graf graf--h3")))


def page_2018(facts: PageFacts) -> bytes:
    """Static JSON-LD; og:title ends with the author's name and Medium's."""
    suffixed = f"{facts.title} – {facts.author} – Medium"
    head = f'<title>{escape(suffixed)}</title><link rel="canonical" href="{facts.canonical or facts.url}">'
    head += _metas(facts, suffixed, _plain, facts.published or "", "medium://")
    head += _json_ld(facts, facts.title, '<script type="application/ld+json">')
    body = _classic(facts, ("h1", "h4"), ("graf graf--h3 graf--leading graf--title", "graf graf--h4 graf-after--p"))
    return _document(head, body + _embedded(facts), '<!DOCTYPE html><html xmlns:cc="http://creativecommons.org/ns#">')


def page_2019(facts: PageFacts) -> bytes:
    """No JSON-LD; article:published_time is the latest publication; the title's heading has no id."""
    head = f'<title data-rh="true">{escape(facts.title)} - {facts.author} - Medium</title>'
    head += _metas(facts, facts.title, _scripted, _LATER, "medium://")
    head += f'<link data-rh="true" rel="canonical"href="{facts.url}" />'
    broken = " ".join(f'a{number}="{number}"' for number in range(214))  # as on one element of a saved page
    title = f'<h1 class="ir b is iz fo">{escape(facts.title)}</h1><div {broken}></div>'
    return _document(head, _modern(facts, title))


def page_2020(facts: PageFacts) -> bytes:
    """JSON-LD with escaped slashes, whose headline has a suffix; a state of other posts only."""
    home = facts.home or facts.author
    head = f'<title data-rh="true">{escape(facts.title)} | by {facts.author} | Medium</title>'
    head += _metas(facts, facts.title, _scripted, facts.published or _LATER, "medium://")
    head += f'<link data-rh="true" rel="canonical" href="{facts.canonical or facts.url}"/>'
    head += _json_ld(facts, f"{facts.title} - {home} - Medium", identifier=facts.post_id)
    title = f'<h1 id="0fa7" class="eu cx ev ap">{escape(facts.title)}</h1>'
    return _document(head, _modern(facts, title) + _apollo(facts, own=False))


def page_2022(facts: PageFacts) -> bytes:
    """A kicker above the title, which has a class of its own, and further articles on the page."""
    head = f"<title>{escape(facts.title)} | by {facts.author} | {facts.home}</title>"
    head += _metas(facts, facts.title, _scripted, _LATER, "medium://")
    head += f'<link data-rh="true" rel="canonical" href="{facts.url}">'
    head += _json_ld(facts, f"{facts.title} - {facts.home}", '<script type="application/ld+json"\n    data-rh="true">')
    kicker = '<h2 id="4224" class="hk hl" aria-label="kicker paragraph"><a class="ae gd">A kicker</a></h2>'
    title = f'<h1 id="f750"\n class="pw-post-title hu hv" data-selectable-paragraph="">{escape(facts.title)}</h1>'
    others = "<article><h2>Another article</h2></article>" * 5
    return _document(head, _modern(facts, title, "h2", kicker) + others + _apollo(facts))


def page_in_cdata(facts: PageFacts) -> bytes:
    """Saved as XHTML: the scripts are CDATA sections."""
    head = f"<title>\n  {escape(facts.title)}. A recipe, in… | by {facts.author} | Medium\n</title>"
    head += _metas(facts, facts.title, _scripted, _LATER, "medium://")
    head += f'<link data-rh="true" rel="canonical" href="{facts.url}" />'
    data = _json_ld(facts, f"{facts.title} - {facts.author} - Medium")
    head += data.replace(">{", ">\n<![CDATA[\n{", 1).replace("}</script>", "}\n]]>\n</script>")
    title = f'<h1 id="8f5f" class="pw-post-title ig ih">\n  {escape(facts.title)}\n</h1>'
    return _document(head, _modern(facts, title) + _apollo(facts, cdata=True))


def page_2026(facts: PageFacts) -> bytes:
    """Attributes in another order and no JSON-LD: nothing gives the first publication."""
    head = f'<title data-rh="true">{escape(facts.title)} | by {facts.author} | Jul, 2026 | Medium</title>'
    head += _metas(facts, facts.title, _reversed, _LATER, "medium://")
    head += f'<link data-rh="true" href="{facts.url}" rel="canonical"/>'
    title = f'<h1 class="pw-post-title jn jo" data-testid="storyTitle" id="1b2f">{escape(facts.title)}</h1>'
    return _document(head, _modern(facts, title, "h2"))
