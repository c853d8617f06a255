"""The same article is now under another owner or domain.

Why: a publication that an article has left keeps redirecting only as long as the publication exists.
The new address is where this run's redirects led, with the same post id on the page; a canonical link or an export
is not evidence. The fragment is kept.

Page https://medium.com/dair-ai/papers-explained-02-bert-31e59abc0615 moved to https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://medium.com/dair-ai/papers-explained-02-bert-31e59abc0615#a260) | October 2018 |

Good:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615#a260) | October 2018 |
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.markdown.catalog import Catalog
from bot.medium.site import Site, quoted
from bot.model.articles import Kind
from bot.model.findings import Fact, Finding, Safety, Severity
from bot.model.pages import Moved
from bot.rules.evidence import Evidence
from bot.rules.fixes import address_fix, hop_facts
from bot.rules.rule import LINKS, Reads, Rule


def check(catalog: Catalog, evidence: Evidence) -> Iterator[Finding]:
    """Yield a finding with the new address for each link to a page that has moved."""
    for usage in evidence.first_uses():
        page = usage.page
        if page is None or not isinstance(page.outcome, Moved):
            continue
        address = evidence.site.read(page.outcome.url)
        new = evidence.site.usual(address).page if address is not None else page.outcome.url
        post_id = page.outcome.article.post_id
        facts = (*hop_facts(page), Fact("post id", post_id, page.outcome.url))
        if new != page.outcome.url:
            facts += (Fact("form", new, f"the usual form of {page.outcome.url} in this catalog"),)
        shown = f"{new}#{usage.address.fragment}" if usage.address.fragment else new
        fix = None
        if post_id == usage.address.post_id and _names(new, post_id, evidence.site):
            safety = Safety.SAFE if evidence.site.is_host(urlsplit(new).hostname or "") else Safety.REVIEW
            fix = address_fix(catalog, usage, shown, safety)
        yield RULE.finding(usage.about, f"the article has moved to {shown}", facts, fix)


def _names(url: str, post_id: str, site: Site) -> bool:
    """Return True if a URL, as it would be written, names the article; one outside Medium may not."""
    address = site.read_anywhere(quoted(url))
    return address is not None and address.kind is Kind.ARTICLE and address.post_id == post_id


RULE = Rule("link-moved", Severity.WARNING, Reads.PAGE, check, __doc__, kind=LINKS)
