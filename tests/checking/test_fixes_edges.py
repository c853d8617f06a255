"""Fixes that do not fit together, and edits elsewhere in the file that change where a link goes."""

from __future__ import annotations

import pytest
from support import catalog_of

from bot.checking.fixes import applied, choose, diff, fitting
from bot.errors import EditError
from bot.markdown.catalog import Catalog
from bot.model.findings import Finding, Fix, Safety, Severity
from bot.model.spans import Edit, Span

TABLE = (
    "| Paper | Date |\n|---|---|\n| [A](http://medium.com/@a) | May 2020 |\n| [B](http://medium.com/@b) | June 2020 |\n"
)


def edit(catalog: Catalog, old: str, new: str) -> Edit:
    start = catalog.source.index(old.encode())
    return Edit(catalog.path, Span(start, start + len(old.encode())), old.encode(), new.encode())


def finding(*edits: Edit) -> Finding:
    fix = Fix(Safety.SAFE, "", edits)
    return Finding("link-form", Severity.WARNING, edits[0].span, "", "", "", "", "", fix=fix)


def test_of_overlapping_fixes_the_first_is_chosen() -> None:
    catalog = catalog_of(TABLE)
    first, second = finding(edit(catalog, "May 2020", "May 2021")), finding(edit(catalog, "2020", "2022"))
    assert choose([first, second], unsafe=False) == [first]


def test_a_refused_edit_names_the_line_of_its_entry() -> None:
    catalog = catalog_of(TABLE)
    with pytest.raises(EditError, match=r"^catalog.md:4: the fixes would change more than they name"):
        applied(catalog, [edit(catalog, "[B]", "[B](x) [")])


def test_a_fix_that_changes_something_else_is_left_out_and_the_others_are_kept() -> None:
    catalog = catalog_of(TABLE)
    good, bad = finding(edit(catalog, "May 2020", "May 2021")), finding(edit(catalog, "[B]", "[B](x) ["))
    also = finding(edit(catalog, "June 2020", "June 2021"))
    assert fitting(catalog, [good, bad]) == fitting(catalog, [bad, good]) == fitting(catalog, [good]) == [good]
    assert fitting(catalog, [good, bad, also]) == [good, also]
    assert fitting(catalog, [bad]) == fitting(catalog, []) == []


REFERENCES = "text\n\n- [A][1]\n- [B](http://b.c/)\n\n[1]: http://a.b/\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("http://a.b/", "https://a.b/"),  # the definition's own address
        ("http://b.c/", "https://b.c/"),  # the link's own address
        ("[B](http://b.c/)", "[B](https://b.c/)"),  # the link as a whole
    ],
)
def test_an_address_may_change_if_an_edit_points_at_it(old: str, new: str) -> None:
    catalog = catalog_of(REFERENCES)
    assert applied(catalog, [edit(catalog, old, new)]).decode() == REFERENCES.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("text", "[1]: http://c.d/"),  # another definition, which comes first
        ("[1]:", "[2]:"),  # without its definition the link becomes text
    ],
)
def test_an_edit_elsewhere_that_changes_where_a_link_goes_is_refused(old: str, new: str) -> None:
    catalog = catalog_of(REFERENCES)
    with pytest.raises(EditError, match="would change more than they name"):
        applied(catalog, [edit(catalog, old, new)])


def test_a_diff_shows_one_line_around_a_change() -> None:
    assert diff("c.md", b"a\nb\nc\nd\ne\n", b"a\nb\nC\nd\ne\n").splitlines()[2:] == [
        "@@ -2,3 +2,3 @@",
        " b",
        "-c",
        "+C",
        " d",
    ]


def test_a_diff_shows_invalid_utf_8() -> None:
    assert "-\ufffd" in diff("c.md", b"\xff\n", b"a\n")
