"""What two names have in common when they differ, and which of many names a title mentions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.matching.names import SERIES_PREFIX, goes_on, join_word, main_part, reading_of, readings_of, without_prefix

_STOPWORDS = frozenset({"a", "an", "and", "for", "from", "in", "is", "of", "on", "the", "to", "via", "with"})
_LONGEST_NAME = 9


_GENERIC = frozenset(
    """
    article arxiv blog click code demo doc docs github here homepage link medium more page paper pdf
    post project read repo see site slides source story this tutorial video web website
    """.split()  # noqa: SIM905 - eighty lines of one word each read worse
)
# Han, kana and Hangul are written without blanks: a letter in common is as much as a word.
_UNBROKEN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def is_generic(name: str) -> bool:
    """Tell whether a link's text names nothing: `Read`, `[Link]`, an emoji."""
    words = re.findall(r"\w+", name.casefold())
    return all(word in _GENERIC for word in words)


def shares_word(one: str, other: str, prefix: str = SERIES_PREFIX) -> bool:
    """Tell whether two names have anything in common: a word, spelling aside, or an abbreviation.

    Numbers and separators are no words. `UDoP` shares with `Unifying Document Processing`.
    """
    ones, others = ([word.text for word in reading_of(without_prefix(each, prefix)).words] for each in (one, other))
    if {word for word in ones if _is_telling(word)} & {word for word in others if _is_telling(word)}:
        return True
    if set(_UNBROKEN.findall(one)) & set(_UNBROKEN.findall(other)):
        return True
    for a, b in ((ones, others), (others, ones)):
        joined = "".join(word for word in a if _is_telling(word))
        text = "".join(word for word in b if _is_telling(word))
        if len(joined) > 1 and (joined in text or _abbreviates(joined, text)):
            return True
    return False


def _abbreviates(short: str, text: str) -> bool:
    """Tell whether a short word has the text's first letter, and its others in the text's order."""
    letters = iter(text)
    return len(short) <= 6 and short[:1] == text[:1] and all(letter in letters for letter in short)


def _is_telling(word: str) -> bool:
    return word[0].isalpha() and word not in _STOPWORDS


class Names:
    """An index of names, to find those that a title mentions in time linear in the title."""

    def __init__(self, names: Iterable[str], prefix: str = SERIES_PREFIX) -> None:
        self._by_key: dict[str, str] = {}
        for name in names:
            for reading in readings_of(name, prefix):
                if any(_is_telling(word.text) for word in reading.words):
                    self._by_key.setdefault(reading.key, name)

    def has(self, text: str) -> bool:
        """Tell whether a text is one of the names, but for spelling."""
        return any(reading.key in self._by_key for reading in readings_of(text, ""))

    def within(self, title: str) -> set[str]:
        """Return the names that a title contains as whole words, its subtitle aside."""
        words = reading_of(main_part(title, "")).words
        found = set()
        for start in range(len(words)):
            if words[start].attached:
                continue
            joined = ""
            for at in range(start, min(start + _LONGEST_NAME, len(words))):
                joined = join_word(joined, words[at].text)
                name = self._by_key.get(joined)
                if name is not None and not goes_on(words, at + 1):
                    found.add(name)
        return found
