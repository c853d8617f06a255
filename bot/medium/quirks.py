"""Medium's quirks as tables, so that a new one is a line and not a branch."""

# Publications that live, or lived, on a domain of their own with Medium's pages and ids behind it.
CUSTOM_DOMAINS = frozenset(
    {
        "ai.gopubby.com",
        "ai.plainenglish.io",
        "aninjusticemag.com",
        "awstip.com",
        "baos.pub",
        "betterhumans.pub",
        "bettermarketing.pub",
        "betterprogramming.pub",
        "blog.devgenius.io",
        "blog.gopenai.com",
        "blog.prototypr.io",
        "blog.stackademic.com",
        "bootcamp.uxdesign.cc",
        "bulletproof.plainenglish.io",
        "codeburst.io",
        "codelikeagirl.io",
        "entrepreneurshandbook.co",
        "eand.co",
        "faun.pub",
        "generativeai.pub",
        "infosecwriteups.com",
        "itnext.io",
        "javascript.plainenglish.io",
        "levelup.gitconnected.com",
        "medium.datadriveninvestor.com",
        "medium.muz.li",
        "netflixtechblog.com",
        "proandroiddev.com",
        "psiloveyou.xyz",
        "pub.towardsai.net",
        "python.plainenglish.io",
        "tech.plaid.com",
        "towardsdatascience.com",
        "towardsdev.com",
        "uxdesign.cc",
        "uxplanet.org",
        "writingcooperative.com",
    }
)

# Subdomains of medium.com that belong to neither an author nor a publication.
RESERVED_SUBDOMAINS = frozenset(
    {"about", "api", "blog", "cdn-client", "help", "link", "miro", "policy", "status", "www", "glyph", "rsci"}
)

# First path segments on medium.com that are not publications.
RESERVED_SEGMENTS = frozenset(
    {
        "_",
        "about",
        "collections",
        "creators",
        "earn",
        "explore-topics",
        "gift",
        "jobs",
        "m",
        "me",
        "media",
        "membership",
        "new-story",
        "plans",
        "policy",
        "r",
        "search",
        "sitemap",
        "tag",
        "tags",
        "topic",
        "topics",
        "trending",
        "u",
    }
)

# Query parameters that say where a reader came from. Not `sk`: it opens a member-only article.
TRACKING_PARAMETERS = frozenset(
    {"source", "gi", "ref", "referrer", "fbclid", "gclid", "mc_cid", "mc_eid", "_branch_match_id"}
)
TRACKING_PREFIXES = ("utm_",)

# Fragments that Medium's own scripts act on; no element of the page has them as its id.
SCRIPTED_FRAGMENTS = frozenset({"responses", "respond", "comments", "--responses", "clap", "top"})
SCRIPTED_PREFIXES = (":~:", "--")

# Paths that robots.txt of medium.com forbids (read from a copy of 2023). Used when robots.txt
# cannot be fetched; the live file replaces it.
ROBOTS = """\
User-agent: *
Disallow: /m/
Disallow: /me/
Disallow: /@me$
Disallow: /@me/
Disallow: /*/edit$
Disallow: /*/*/edit$
Disallow: /media/
Disallow: /p/*/share
Disallow: /r/
Disallow: /trending
Disallow: /search?q$
Disallow: /search?q=
Disallow: /*/search?q=
Disallow: /*/search/*?q=
Disallow: /*/*source=
"""
