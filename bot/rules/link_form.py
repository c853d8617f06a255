"""The address leads to the right article, but is not written in its usual form.

Why: a uniform form makes duplicates visible and saves redirects. The usual form is the host form
(`USER.medium.com/…` or `medium.com/@USER/…`) of more than half of that author's links in this
catalog; https; no tracking (`?source=…`); no `/m/global-identity` wrapper; and, if the page shows one, a slug before
the id. Where neither host form has a majority, both are left alone.

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2018 |
    | [GPT](https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226?source=rss-1#a260) | June 2018 |
    | [Elmo](http://medium.com/@ritvik19/papers-explained-33-elmo-76362a43e4) | February 2018 |

Good:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2018 |
    | [GPT](https://ritvik19.medium.com/papers-explained-43-gpt-30b6f1e6d226#a260) | June 2018 |
    | [Elmo](https://ritvik19.medium.com/papers-explained-33-elmo-76362a43e4) | February 2018 |
"""

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from bot.medium.site import Site, is_tracking, unwrap
from bot.model.articles import Address, Kind
from bot.model.findings import Fact, Safety, Severity
from bot.model.pages import Gone, Moved, NotArticle
from bot.rules.evidence import Evidence, Usage
from bot.rules.rule import LINKS, Findings, Reads, Rule, address_fix


def _check(evidence: Evidence) -> Findings:
    for usage in evidence.first_uses():
        if usage.page is not None and isinstance(usage.page.outcome, Moved | Gone | NotArticle):
            continue  # another rule replaces the whole address
        facts = tuple(_oddities(usage, evidence))
        if not facts:
            continue
        usual = evidence.site.usual(usage.address)
        slugged = _slugged(usage, usual, evidence.site)
        new = (slugged[0] if slugged is not None else usual).page
        fix = address_fix(evidence, usage, new, Safety.SAFE)
        yield RULE.finding(usage.about, f"the usual form is {new}", facts, fix)


def _oddities(usage: Usage, evidence: Evidence) -> Iterator[Fact]:
    url, address = usage.link.url, usage.address
    parts = urlsplit(url)
    if unwrap(url) is not None:
        yield Fact("form", "a redirect wrapper", parts.path)
    elif parts.scheme.lower() == "http" and not usage.link.text.lower().startswith("www."):
        # the scheme of a bare `www.…` is added by the renderer only
        yield Fact("form", "http", url)
    if any(is_tracking(name) for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        yield Fact("form", "tracking", parts.query)
    if evidence.site.usual(address).host != address.host:
        usual = evidence.site.usual(address)
        yield Fact("form", f"host {address.host}", f"more than half of {address.owner}'s links use {usual.host}")
    slugged = _slugged(usage, address, evidence.site)
    if slugged is not None:
        yield Fact("form", "a bare id", f"the page's own address is {slugged[1]}")


def _slugged(usage: Usage, address: Address, site: Site) -> tuple[Address, str] | None:
    """Return the address with the slug that the page shows, and where it was seen.

    None unless the address is an id without a slug and its page was seen.
    """
    article = usage.article
    if address.kind is not Kind.ARTICLE or address.slug is not None or address.owner is None:
        return None
    if article is None or usage.page is None:
        return None
    for url in (usage.page.final_url, article.canonical):
        seen = site.read(url) if url else None
        if seen is not None and seen.post_id == address.post_id and seen.slug:
            text = address.clean.replace(f"/{address.post_id}", f"/{seen.slug}-{address.post_id}", 1)
            slugged = site.read(text)
            return (slugged, seen.clean) if slugged is not None else None
    return None


RULE = Rule("link-form", Severity.WARNING, Reads.CATALOG, _check, __doc__, kind=LINKS)
