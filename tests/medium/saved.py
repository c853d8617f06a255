"""What saved pages of Medium facts, made again as pages of the same form, and forms that are no article.

Titles, addresses, ids and dates are those of pages that were saved between 2015 and 2026.
"""

from __future__ import annotations

from collections.abc import Callable

from medium.eras import (
    PageFacts,
    page_2015,
    page_2016,
    page_2018,
    page_2019,
    page_2020,
    page_2022,
    page_2026,
    page_in_cdata,
)

MEDIUM = "https://medium.com"
ARTICLES: dict[str, tuple[Callable[[PageFacts], bytes], PageFacts]] = {
    "2015, app address of one slash": (
        lambda facts: page_2015(facts, "medium:/"),
        PageFacts(
            f"{MEDIUM}/@pippinlee/the-open-journalism-project-better-student-journalism-fb39f4f701bb",
            "The Open Journalism Project: Better Student Journalism",
            "2015-03-17T16:27:40.294Z",
            "Pippin Lee",
            canonical="none",
            headings=(("0348", "Circa 2011"), ("e2f0", "We don’t know what we don’t know")),
        ),
    ),
    "2015, an id of ten digits": (
        page_2015,
        PageFacts(
            f"{MEDIUM}/@kenmazaika/why-im-betting-on-elixir-7c8f847b58",
            "Why I’m betting on Elixir",
            "2015-01-31T22:58:05.645Z",
            "Ken Mazaika",
            headings=(("0ece", "Ruby Crushed It!"), ("70ca", "Concurrency!"), ("c2a1", "Speed!")),
        ),
    ),
    "2016": (
        page_2016,
        PageFacts(
            f"{MEDIUM}/the-wtf-economy/wtf-whats-the-future-e52ab9515573",
            "WTF? What’s The Future?",
            "2016-10-19T14:24:20.323Z",
            "Tim O'Reilly",
            home="What’s The Future?",
        ),
    ),
    "2018": (
        page_2018,
        PageFacts(
            f"{MEDIUM}/@dan_abramov/smart-and-dumb-components-7ca2f9a7c7d0",
            "Presentational and Container Components",
            "2015-03-23T11:23:45.318Z",
            "Dan Abramov",
            headings=(
                ("e027", "Benefits of This Approach"),
                ("7dc5", "When to Introduce Containers?"),
                ("afa1", "Example"),
            ),
        ),
    ),
    "2018, on a domain of its own": (
        page_2018,
        PageFacts(
            "https://uxdesign.cc/my-first-ux-project-b7282cd3289c",
            "My first UX project: an e-commerce website with a social twist",
            "2018-06-20T11:26:57.738Z",
            "Thiago SF",
            headings=(("f6bf", "1. The challenge"), ("ff6e", "2. Discovery"), ("398c", "2.1 User Research")),
        ),
    ),
    "2019": (
        page_2019,
        PageFacts(
            f"{MEDIUM}/@JakobUlbrich/flag-attributes-in-android-how-to-use-them-ac4ec8aee7d1",
            "Flag Attributes in Android — How to Use Them",
            None,
            "Jakob Ulbrich",
            headings=(("c9ce", "What Are Bit Flags?"), ("98b3", "Declaring XML Flag Attributes")),
        ),
    ),
    "2020": (
        page_2020,
        PageFacts(
            f"{MEDIUM}/@pimterry/host-your-node-app-on-dokku-digitalocean-1cb97e3ab041",
            "Host your Node app on Dokku & DigitalOcean",
            "2016-03-28T15:05:58.938Z",
            "Tim Perry",
            headings=(("21c1", "A subtitle"),),
        ),
    ),
    "2020, pictures in the title": (
        page_2020,
        PageFacts(
            f"{MEDIUM}/webpack/webpack-3-official-release-15fd2dd8f07b",
            "🍾🚀 webpack 3: Official Release!! 🚀🍾",
            "2017-06-19T17:23:28.613Z",
            "Sean T. Larkin",
            home="webpack",
            headings=(("3750", "What’s new?"), ("ea65", "🔮 ”Magic Comments”")),
        ),
    ),
    "2021, written elsewhere first": (
        page_2020,
        PageFacts(
            f"{MEDIUM}/justlaravel/how-to-implement-datatables-in-laravel-de200c8d4467",
            "How to implement datatables in laravel",
            "2017-07-07T15:59:58.240Z",
            "Avinash Nethala",
            home="justlaravel",
            canonical="https://justlaravel.com/how-to-implement-datatables-in-laravel/",
        ),
    ),
    "2021, for members": (
        page_2020,
        PageFacts(
            "https://onezero.medium.com/the-true-cost-of-bitcoin-and-nfts-756c50b52004",
            "The True Cost of Bitcoin and NFTs",
            "2021-03-13T10:00:00.000Z",
            "A. N. Author",
            home="OneZero",
            member_only=True,
        ),
    ),
    "2022": (
        page_2022,
        PageFacts(
            "https://humanparts.medium.com/the-mtg-color-wheel-c9700a7cf36d",
            "How the ‘Magic: The Gathering’ Color Wheel Explains Humanity",
            "2018-04-03T01:29:03.912Z",
            "Duncan A Sabien",
            home="Human Parts",
            headings=(("a726", "Appendix"),),
        ),
    ),
    "2022, saved as XHTML": (
        page_in_cdata,
        PageFacts(
            f"{MEDIUM}/@rlove/carnitas-ff0ef1044ae9",
            "Slow-Braised Carnitas Recipe",
            "2017-02-24T16:31:03.513Z",
            "Robert Love",
        ),
    ),
    "2026": (
        page_2026,
        PageFacts(
            f"{MEDIUM}/@gurkanc/self-hosting-n8n-on-hetzner-from-zero-to-production-9a85189eb4f6",
            "Self-Hosting n8n on Hetzner: From Zero to Production",
            None,
            "Gürkan Çanakçı",
            headings=(("7440", "Why Self-Host?"), ("48e9", "1. Prep Work"), ("9de0", "7. SSL (Certbot)")),
        ),
    ),
}  # fmt: skip

CHALLENGE = (
    b'<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title><meta http-equiv="refresh" content="360">'
    b'<meta name="robots" content="noindex,nofollow"></head><body><div class="main-wrapper" role="main">'
    b'<noscript><div class="h2"><span id="challenge-error-text">Enable JavaScript and cookies to continue</span></div>'
    b"</noscript></div><script>(function(){window._cf_chl_opt = {cvId: '3',cZone: 'medium.com',cType: 'managed',"
    b'cUPMDTk:"/pub/some-words-abcdef123456?__cf_chl_tk=x"};}());'
    b"</script></body></html>"
)
PROFILE = (
    '<!DOCTYPE html><html><head><title>A. N. Author – Medium</title><link rel="canonical" href="https://medium.com/@a">'
    '<meta property="og:title" content="A. N. Author – Medium"><meta property="og:url" content="https://medium.com/@a">'
    '<meta property="og:type" content="profile"><meta property="al:ios:url" content="medium://@a">'
    '</head><body><h1 class="hero-title">A. N. Author</h1><div class="postArticle"><h3 class="graf--title">'
    '<a href="https://medium.com/@a/some-words-abcdef123456">An article</a></h3></div><script>// <![CDATA[\n'
    'window["obvInit"]({"value":{"id":"abcdef123456","firstPublishedAt":1497893008613}})\n// ]]></script></body></html>'
).encode()


def feed(declaration: str) -> bytes:
    """A feed of two articles, after its XML declaration; some are saved without one."""
    items = "".join(
        f"<item><title><![CDATA[Article {number}]]></title>"
        f"<link>{MEDIUM}/@a/article-{number}-abcdef12345{number}?source=rss</link>"
        f'<guid isPermaLink="false">{MEDIUM}/p/abcdef12345{number}</guid><category><![CDATA[words]]></category>'
        "<content:encoded><![CDATA[<h3>Article</h3><p>Words.</p>]]></content:encoded></item>\n"
        for number in range(2)
    )
    return (
        f'{declaration}<rss xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/'
        'content/" xmlns:atom="http://www.w3.org/2005/Atom" version="2.0">\n<channel>\n'
        f"<title>\n<![CDATA[ Stories by A on Medium ]]>\n</title><link>{MEDIUM}/@a</link><generator>Medium</generator>"
        f"{items}</channel></rss>"
    ).encode()
