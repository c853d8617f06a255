"""The article behind a link is gone: Medium says that there is no such post.

Why: a reader who follows the link finds nothing. Only Medium's own answer counts: 404, a 410 that
says "deleted by author", its "page not found", or a redirect to its front page. A bot challenge, a block, a
rate limit, a timeout or a reset says nothing about the article and never makes this rule fire. With
`--all-hosts`, a link outside Medium is gone if it answers 404 or 410.

The fix, which always needs review, is where the article is now: an address that was requested and whose title agrees
with the entry's name, otherwise the newest snapshot of the Wayback Machine with such a title.

With `--confirm N` a page counts as dead once it was seen dead on N dates; until then it is information.

Page https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615 is gone: no such post (404)

Bad:
    | Paper | Date |
    |---|---|
    | [BERT](https://ritvik19.medium.com/papers-explained-02-bert-31e59abc0615) | October 2018 |
"""

from bot.matching.names import agree
from bot.medium.site import quoted
from bot.medium.sources import page_of_snapshot
from bot.model.findings import Fact, Safety, Severity
from bot.model.pages import Gone, Recovery
from bot.rules.evidence import Evidence, Usage
from bot.rules.rule import LINKS, Findings, Reads, Rule, Topic, address_fix, hop_facts


def _check(evidence: Evidence) -> Findings:
    """Yield a finding for each link to a page that is gone, except where an incident of Medium's is suspected."""
    outside = (usage for usage in evidence.links if not usage.address.host)
    for usage in (*evidence.first_uses(), *outside):
        page = evidence.seen.dying(usage.address.identity) or usage.page
        if page is None or not isinstance(page.outcome, Gone) or page.identity in evidence.seen.held_back:
            continue
        facts = (*hop_facts(page), Fact("verdict", page.outcome.reason, "what the last answer means"))
        dates = evidence.seen.deaths.get(page.identity, ())
        if len(dates) > 1:
            facts += (Fact("since", dates[0].isoformat(), "the first date on which the page was seen dead"),)
        if max(1, len(dates)) < evidence.seen.confirm:
            counted = f"{max(1, len(dates))} of {evidence.seen.confirm} dates"
            facts += (Fact("count", counted, "dates on which the page was seen dead"),)
            message = f"the page looks gone, not yet confirmed ({counted}): {page.outcome.reason}"
            yield RULE.finding(usage.about, message, facts, severity=Severity.INFORMATION)
            continue
        recovery, fix = _recovery(usage, evidence), None
        if recovery is not None:
            kind = "snapshot" if recovery.snapshot else "candidate"
            facts += (Fact(kind, recovery.url, f'{recovery.reason}; its title is "{recovery.title}"'),)
            fix = address_fix(evidence, usage, recovery.url, Safety.REVIEW)
        elif page.identity in evidence.seen.recoveries:
            facts += (Fact("searched", "no candidate and no snapshot shows such a title", "this run"),)
        yield RULE.finding(usage.about, f"the page is gone: {page.outcome.reason}", facts, fix)


def _recovery(usage: Usage, evidence: Evidence) -> Recovery | None:
    """Return the best article or snapshot of one that was seen with a title that agrees with this entry."""
    found = evidence.seen.recoveries.get(usage.address.identity, ())
    places = (each for each in found if agree(usage.name, each.title, evidence.prefix))
    return next((each for each in places if evidence.article_at(page_of_snapshot(quoted(each.url)) or each.url)), None)


RULE = Rule(
    "link-gone", Severity.ERROR, Reads.PAGE, _check, __doc__, kind=LINKS, safety=Safety.REVIEW, topic=Topic.DEATH
)
