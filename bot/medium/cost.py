"""Which pages are too expensive to parse. Knows the shapes of markup, and nothing of what a page says.

Three shapes take quadratic time or memory, so a few hundred kilobytes can block a machine for minutes: blocks
nested thousands deep (200,000 took 89 s), thousands of attributes on one element (400,000 took 366 s), and open
formatting elements, which every new block repeats (28 KB took 1.6 GB).
"""

from __future__ import annotations

import re

# With fewer tags than this, depth does no harm; saved articles have at most 3,705.
_MANY_TAGS = 10_000
_DEEP = 1_000
_TAG = re.compile(rb"<(/?)([A-Za-z][A-Za-z0-9]*)")
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr p li".split())
# Attributes as https://html.spec.whatwg.org/#before-attribute-name-state reads them; `>` in quotes does not end a tag.
_ATTRIBUTE = rb"=?[^\s/>=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"'][^\s>]*)?)?"
_LONG_TAG = re.compile(rb"<[A-Za-z][^\s/>]*(?:[\s/]+|" + _ATTRIBUTE + rb"|=)*")
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_LONG = 2_000
_MANY_ATTRIBUTES = 2_000
_FORMATTING = re.compile(rb"(</?)(?=(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/>])", re.IGNORECASE)


def too_costly(body: bytes) -> bool:
    """Return True if a page is nested deeper, or has more attributes on one element, than any real one."""
    return _too_deep(body) or any(
        len(_ATTRIBUTES.findall(tag)) > _MANY_ATTRIBUTES for tag in _LONG_TAG.findall(body) if len(tag) > _LONG
    )


def without_formatting(body: bytes) -> bytes:
    """Return a page whose bold, italic and similar elements are renamed to ones unknown to HTML; the text stays."""
    return _FORMATTING.sub(rb"\1x-", body)


def _too_deep(body: bytes) -> bool:
    if body.count(b"<") < _MANY_TAGS:
        return False
    depth = 0
    for match in _TAG.finditer(body):
        if match[2].lower() not in _VOID:
            depth += -1 if match[1] else 1
            if depth > _DEEP:
                return True
    return False
