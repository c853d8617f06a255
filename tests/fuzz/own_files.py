"""The bot's own files as they should be, for the fuzz tests to break, and the bytes to break them with."""

from __future__ import annotations

from datetime import date, timedelta

from support import CHECKED, article_of, catalog_of, page_of, record_of, records_file

from bot.checking.evaluate import Inputs, reported
from bot.config import Settings
from bot.history.update import updated
from bot.history.verdicts import compare
from bot.model.documents import encode_history, encode_report
from bot.model.history import History
from bot.model.pages import Alive, Gone, Moved, Observations
from bot.model.records import read_records
from bot.model.report import Report, Run
from bot.rules.registry import RULES

TODAY = date(2026, 1, 2)

# -- settings -------------------------------------------------------------------------------------

SETTINGS = b"""catalog = "docs/list.md"
select = ["link", "date-drift"]
exclude = ['^https://a\\.b/', "x"]
hosts = ["blog.example.org"]
feeds = ["@ritvik19"]
all-hosts = true
rate = 0.5
concurrency = 8
timeout = 20
max-time = 1800.0
min-coverage = 0.8
remap = ['^https?://(.*)$ http://127.0.0.1:80/$1']
name-columns = ["Paper"]
contact = "https://example.org"
"""
PROJECT = b'[project]\nname = "x"\n\n[tool.bot]\n' + SETTINGS
TOML = (
    *(
        b"[",
        b"]",
        b"[[",
        b"]]",
        b"[tool.bot]\n",
        b"[tool]\nbot = 1\n",
        b"{",
        b"}",
        b"'''",
        b'"""',
        b"=",
        b".",
        b",",
        b"#",
    ),
    *(b"inf", b"nan", b"-nan", b"1e400", b"0x" + b"f" * 400, b"9" * 5_000, b"1979-05-27", b"07:32:00", b"+1", b"1_0"),
    *(b"a.b.c = 1\n", b'"rate" = 1\n', b"rate = []\n", b"rate = true\n", b"x = [" + b"[" * 3_000, b"x = {a=" * 1_000),
    *(b"exclude = ['" + b"(" * 500 + b"']\n", b"exclude = ['(?P<a>']\n", b"exclude = ['a{99999999999}']\n"),
    *(b"series-prefix = '(?i'\n", b"series-prefix = '\\1'\n", b'"\\ud800"', b'"\\u0000"', b"\r", b"'\x7f'"),
)

# -- records --------------------------------------------------------------------------------------

RECORDS = records_file(
    [
        record_of(
            "31e59abc0615",
            "https://a.medium.com/bert-31e59abc0615",
            "BERT",
            "2023-02-06",
            ("1810.04805",),
            {"a260": "x"},
        ),
        record_of(
            "30b6f1e6d226", "https://medium.com/p/30b6f1e6d226", "GPT « é »", None, (), {"title": "y", "url": "z"}
        ),
    ]
)
# The same records, as people may write them: other orders of keys, blanks, escapes, no last line end.
BY_HAND = b"\r\n".join(
    [
        b'{"headings": {"title": "no", "published": "x"}, "papers": [], "published" : null, "title" :"BERT", '
        b'"url":"https://a.medium.com/bert-31e59abc0615", "post_id":"31e59abc0615"}',
        b'{"\\u0074itle": "GPT, \\"title\\": \\"x\\"", "post_id": "30b6f1e6d226", "url": "https://medium.com/p/30b6f1e6d226", '
        b'"published": "2020-01-01", "papers": ["a"], "headings": {}}',
    ]
)
IN_RECORDS = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b'"title": ',
        b'"published": null',
        b'"headings": {"title": "x"}, ',
        b"\n\n",
    ),
    *(
        b"\\",
        b'\\"',
        b"\\u0074itle",
        b"[" * 5_000,
        b'{"a":' * 5_000,
        b"1" * 5_000,
        b"NaN",
        b"\r",
        b"\x1c",
        "\u2028".encode(),
    ),
)

# -- the baseline ---------------------------------------------------------------------------------

BASELINE = b"# Findings\n0123456789abcdef  link-gone  BERT\n\nfedcba9876543210  date-drift  GPT\n"

# -- saved reports and histories ------------------------------------------------------------------

BERT, GPT = "https://a.medium.com/bert-31e59abc0615", "https://a.medium.com/gpt-30b6f1e6d226"
MOVED = "https://medium.com/pub/elmo-76362a43e4ab"
CATALOG = catalog_of(
    f"# C\n\n| Paper | Date |\n|---|---|\n| [BERT]({BERT}#a260) | Mai 2018 |\n| [GPT]({GPT}) | June 2018 |\n\n"
    f"- [Elmo]({MOVED})\n- [T5] (https://medium.com/@a/t5-9d974a3b7957?source=x)\n"
)


KNOWN = read_records(records_file([record_of("31e59abc0615", BERT, "Bert", "2020-01-01")]), "articles.jsonl")
INPUTS = Inputs(CATALOG, Settings(), RULES, KNOWN)


def one_of_each() -> Report:
    """A report with one of each: drift, a death, a move, a near-link, a date, records to add."""
    bert = article_of("31e59abc0615", "BERT", [("0000", "BERT"), ("b1c2", "BERT")], published=CHECKED)
    elmo = article_of("76362a43e4ab", "Elmo", [("0001", "Elmo")])
    pages = (
        page_of(BERT, Alive(bert)),
        page_of(GPT, Gone("no such post (404)"), status=404),
        page_of(MOVED, Moved(elmo, "https://a.medium.com/elmo-76362a43e4ab")),
    )
    seen = Observations(pages={page.identity: page for page in pages}, deaths={pages[1].identity: (TODAY,)})
    run = Run(CHECKED, CHECKED + timedelta(seconds=5), requests=4, retries=0, bytes=1000)
    return reported(INPUTS, INPUTS.evidence().seeing(seen), run, pages)


REPORT = one_of_each()
PAGES = REPORT.observations.pages
EVIDENCE = INPUTS.evidence().seeing(REPORT.observations)
SAVED = encode_report(REPORT)
HISTORY = encode_history(updated(History(), compare(REPORT, EVIDENCE, History(), 0.5), TODAY, 0.5))
