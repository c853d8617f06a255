"""Records: read strictly, written stably, changed in one place at a time."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import record_of, records_file

from bot.errors import UsageError
from bot.markdown.edits import splice
from bot.model.records import Record, read_records, written

ONE = record_of(
    "31e59abc0615",
    "https://a.medium.com/bert-31e59abc0615",
    "BERT «é» 👩‍💻",
    "2023-02-06",
    ("1810.04805",),
    {"a260": "X"},
)
TWO = record_of("40b6f1e6d226", "https://a.medium.com/gpt-40b6f1e6d226", "GPT")


def test_what_is_written_is_read_back() -> None:
    source = records_file([TWO, ONE])
    assert source.count(b"\n") == 2
    records = read_records(source)
    assert records.by_id == {ONE.post_id: ONE, TWO.post_id: TWO}
    assert list(records.by_id) == sorted(records.by_id)
    assert records_file(records.by_id.values()) == source


def test_a_missing_file_reads_as_empty() -> None:
    assert read_records(b"").by_id == {}
    assert read_records(b"\n  \n").by_id == {}


def line(**changes: object) -> bytes:
    data = json.loads(written(ONE))
    data.update(changes)
    return json.dumps({key: value for key, value in data.items() if value != "-"}).encode()


@pytest.mark.parametrize(
    "bad",
    [
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        line(more=1),
        line(title="-"),
        line(title=1),
        line(title=" "),
        line(title="a\nb"),
        line(title="a\x1bb"),
        line(post_id="xyz"),
        line(post_id=1),
        line(url="http://a.medium.com"),
        line(url=None),
        line(published="2023"),
        line(published=2023),
        line(papers="1810.04805"),
        line(papers=[1]),
        line(headings=[]),
        line(headings={"a": 1}),
        b'{"post_id": "31e59abc0615", "post_id": "31e59abc0615"}',
        written(ONE).strip(),  # a record that is there already
    ],
)
def test_a_bad_line_is_named_with_its_number(bad: bytes) -> None:
    with pytest.raises(UsageError) as error:
        read_records(written(ONE) + b"\n" + bad + b"\n", "catalog/articles.jsonl")
    assert str(error.value).startswith("catalog/articles.jsonl:3: ")
    assert "\n" not in str(error.value)


def test_a_change_touches_one_value_however_the_line_is_spaced() -> None:
    spaced = written(ONE).replace(b": ", b" :  ").replace(b'"X"', b'"a, \\"title\\": \\"no\\""')
    records = read_records(spaced + written(TWO))
    new = splice(
        records.source,
        [records.change(ONE.post_id, "title", 'New "é"'), records.change(ONE.post_id, "published", "2024-01-01")],
    )
    assert new == records.source.replace('"BERT «é» 👩‍💻"'.encode(), '"New \\"é\\""'.encode()).replace(
        b'"2023-02-06"', b'"2024-01-01"'
    )
    again = splice(records.source, [records.change(TWO.post_id, "published", "2024-01-01")])
    assert read_records(again).by_id[TWO.post_id].published == "2024-01-01"


ids = st.from_regex(r"[0-9a-f]{12}", fullmatch=True)


@given(st.lists(ids, unique=True, max_size=8), st.lists(ids, unique=True, max_size=8), st.booleans())
def test_additions_keep_the_order_and_every_other_byte(old: list[str], new: list[str], closed: bool) -> None:  # noqa: FBT001
    def record(post_id: str) -> Record:
        return record_of(post_id, f"https://a.medium.com/{post_id}", "T")

    source = records_file(map(record, old))
    records = read_records(source if closed else source.rstrip(b"\n"))
    fresh = sorted(set(new) - set(old))
    after = splice(records.source, [records.addition(record(post_id)) for post_id in fresh])
    assert list(read_records(after).by_id) == sorted({*old, *fresh})
    assert list(read_records(after).lines) == sorted({*old, *fresh})
