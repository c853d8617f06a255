"""Reads Markdown in tests, and checks what every catalog promises on each one it reads."""

from __future__ import annotations

from bot.markdown.catalog import Catalog, Entry, Link, LinkForm
from bot.markdown.parse import parse
from bot.model.spans import Span


def read(text: str | bytes, **columns: tuple[str, ...]) -> Catalog:
    """Parse, and check that every span lies in the file and in its owner, and slices to text."""
    source = text.encode() if isinstance(text, str) else text
    catalog = parse(source, "catalog.md", **columns)
    assert catalog.source == source
    for section in catalog.sections:
        said(catalog, section.span)
        for entry in section.entries:
            _check_entry(catalog, entry)
    for place in catalog.places():
        _check_link(catalog, place.link)
    return catalog


def _check_entry(catalog: Catalog, entry: Entry) -> None:
    for span in (entry.span, entry.name_span, *entry.cells):
        said(catalog, span)
    assert entry.span.holds(entry.name_span)
    assert all(entry.span.holds(cell) for cell in entry.cells)
    assert [*entry.cells] == sorted(entry.cells)
    assert not {"\r", "\n"} & set(entry.name)
    if entry.date is not None:
        assert said(catalog, entry.date) == said(catalog, entry.date).strip(" \t\r\n") != ""
        assert any(cell.holds(entry.date) for cell in entry.cells)


def _check_link(catalog: Catalog, link: Link) -> None:
    for span in (link.span, link.text_span, link.url_span):
        said(catalog, span)
    assert link.span.holds(link.text_span)
    assert link.span.holds(link.url_span) != (link.form is LinkForm.REFERENCE)
    url = said(catalog, link.url_span)
    if not {"\\", "&", "\0", "\r"} & set(url):  # nothing in it to resolve
        assert link.url in (url, f"http://{url}" if url.startswith("www.") else f"mailto:{url}")


def said(catalog: Catalog, span: Span) -> str:
    """Return the text of a span, which must lie in the file and hold whole characters."""
    assert 0 <= span.start <= span.stop <= len(catalog.source)
    return catalog.source[span.start : span.stop].decode()


def all_links(catalog: Catalog) -> list[Link]:
    """Return the links in document order."""
    return sorted((place.link for place in catalog.places()), key=lambda link: link.span)


def links(text: str | bytes) -> list[tuple[str, str, str]]:
    """Return form, text and URL of each link."""
    return [(link.form.value, link.text, link.url) for link in all_links(read(text))]


def urls(text: str | bytes) -> list[str]:
    """Return the URL of each link."""
    return [url for _, _, url in links(text)]


def raw_urls(text: str | bytes) -> list[str]:
    """Return each URL as it is written."""
    catalog = read(text)
    return [said(catalog, link.url_span) for link in all_links(catalog)]


def entries(text: str | bytes) -> list[Entry]:
    """Return the entries."""
    return list(read(text).entries())


def names(text: str | bytes) -> list[str]:
    """Return the entries' names."""
    return [entry.name for entry in entries(text)]


def raw_names(text: str | bytes) -> list[str]:
    """Return each entry's name as it is written."""
    catalog = read(text)
    return [said(catalog, entry.name_span) for entry in catalog.entries()]


def cells(text: str | bytes) -> list[list[str]]:
    """Return each row's cells as they are written."""
    catalog = read(text)
    return [[said(catalog, cell) for cell in entry.cells] for entry in catalog.entries()]


def dates(text: str | bytes) -> list[str | None]:
    """Return each entry's date as it is written."""
    catalog = read(text)
    return [None if entry.date is None else said(catalog, entry.date) for entry in catalog.entries()]


def table(*rows: str, header: str = "Paper | Date") -> str:
    """Write a table."""
    return "\n".join([f"| {header} |", "|" + "---|" * (header.count("|") + 1), *rows, ""])


def in_all_line_ends(text: str) -> list[bytes]:
    """Return a text with LF, CRLF and lone CR line ends."""
    return [text.replace("\n", end).encode() for end in ("\n", "\r\n", "\r")]
