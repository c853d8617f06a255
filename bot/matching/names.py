"""When two names agree. Pure text: knows nothing of catalogs, pages or Medium.

The signs and digits that tell one model from another are kept; spelling is not:

    same             GPT 2 / GPT-2 / GPT2, Normalisation / Normalization, Hawk, Griffin / Hawk & Griffin,
                     UniLMv2 / UniLM V2 / UniLM 2, Retrieval Augmented Fine Tuning (RAFT) / RAFT
    agreeing         Grok 3 / Grok 3 Beta, Danube 2 / H2O Danube2 1.8B, DoRA / DoRA: Decomposing LoRA
    different        LoRA / LoRA+, Grok 3 / Grok 4, Gemma / Gemma 2, GPT-4 / GPT-4o, LoRA / DoRA: Decomposing LoRA
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

# The forms in which the series' titles begin: "Papers Explained 65:", "Papers Explained Review 12:",
# "Papers Explained 187b:", "Paper Explained 316:", "Papers Explained:", "Papers Explained :".
SERIES_PREFIX = r"Papers?\s+Explained(?:\s+Review)?(?:\s+\d+\s?[a-z]?)?\s*:"
_ACRONYM = re.compile(r"\(([^()]*)\)")
# A version's `v`: a word's first letter, or between a small and a capital letter, as in NetV2 or LMv2.
_VERSION_V = re.compile(r"(?<![A-Za-z])[vV](?=\d)|(?<=[a-z])V(?=\d)|(?<=[A-Z])v(?=\d)")
_SEPARATOR = re.compile(r"(?: ?[&/,;] ?(?:and )?| and )+", re.IGNORECASE)
_SIGN = r"[+*#^~%$=<>@!±÷¬\u2190-\u22ff]"
# Marks that are vowels or make another letter (Indic scripts, Thai, Lao, Tibetan, Burmese, Khmer, kana).
_MARK = r"[\u0900-\u0963\u0981-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd\u0f71-\u0fbc\u102b-\u103e\u17b4-\u17d3\u3099\u309a]"
_WORD = re.compile(rf"\d+(?:\.\d+)*|(?:[^\W\d_]|{_MARK})+|(?P<signs>{_SIGN}+)|\|")
_ACCENTS = re.compile("[\u0300-\u036f]")
_ISE = re.compile(r"(?<=[a-z]{3})(i|y)s(?=(?:e|ed|es|er|ers|ing|able|ability|ation|ations)\b)")
_LONGEST_NAME = 1_000  # anything longer is a paragraph: its words are not compared, its acronyms not read
_MOST_WORDS = 9  # of a name that is looked for in a title
_SIZE_UNITS = frozenset({"b", "m", "k", "t", "x", "bit", "d"})
_STOPWORDS = frozenset({"a", "an", "and", "for", "from", "in", "is", "of", "on", "the", "to", "via", "with"})
_GENERIC = frozenset(
    """
    article arxiv blog click code demo doc docs github here homepage link medium more page paper pdf
    post project read repo see site slides source story this tutorial video web website
    """.split()  # noqa: SIM905 - forty lines of one word each read worse
)
# Han, kana and Hangul are written without spaces: a shared letter counts as a shared word.
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class _Word(NamedTuple):
    """A word without case; `attached` if nothing separates it from the word before, as the `o` in `4o`."""

    text: str
    attached: bool


class _Reading(NamedTuple):
    """A name's words, and the string that is equal for equal names (an empty one is equal to none)."""

    words: tuple[_Word, ...]
    key: str


def same(one: str, other: str, prefix: str = SERIES_PREFIX) -> bool:
    """Return True if two names differ in spelling only; `prefix` matches a series' prefix, which is left out."""
    others = {reading.key for reading in _readings(other, prefix)}
    return any(reading.key and reading.key in others for reading in _readings(one, prefix))


def agree(one: str, other: str, prefix: str = SERIES_PREFIX) -> bool:
    """Return True if two names are the same, or one contains the other as whole words."""
    if same(one, other, prefix):
        return True
    ones, others = (_readings(_main_part(name, prefix), "") for name in (one, other))
    return any(_contains(a, b) or _contains(b, a) for a in ones for b in others)


def key(name: str, prefix: str = SERIES_PREFIX) -> str:
    """Return a string that is equal for names that differ in spelling only (acronyms aside)."""
    return _reading(without_prefix(name, prefix)).key


def without_prefix(name: str, prefix: str = SERIES_PREFIX) -> str:
    """Return a title without its series' prefix."""
    if not prefix:
        return name
    return re.sub(rf"\A\s*(?:{prefix})\s*", "", name, count=1, flags=re.IGNORECASE) or name


def is_generic(name: str) -> bool:
    """Return True if a link's text names nothing: `Read`, `[Link]`, an emoji."""
    return all(word in _GENERIC for word in re.findall(r"\w+", name.casefold()))


def shares_word(one: str, other: str, prefix: str = SERIES_PREFIX) -> bool:
    """Return True if two names have anything in common: a word, spelling aside, a Han letter, or an abbreviation.

    Numbers, separators and stop words do not count. `UDoP` abbreviates `Unifying Document Processing`.
    """
    ones, others = ([word.text for word in _reading(without_prefix(each, prefix)).words] for each in (one, other))
    ones, others = ([word for word in words if _is_telling(word)] for words in (ones, others))
    if set(ones) & set(others) or set(_UNSPACED.findall(one)) & set(_UNSPACED.findall(other)):
        return True
    a, b = "".join(ones), "".join(others)
    return _is_short_for(a, b) or _is_short_for(b, a)


def _is_telling(word: str) -> bool:
    return word[0].isalpha() and word not in _STOPWORDS


def _is_short_for(short: str, text: str) -> bool:
    if len(short) < 2:
        return False
    return short in text or (len(short) <= 6 and short[0] == text[:1] and _in_order(short, text))


def _in_order(letters: Iterable[str], text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


class Names:
    """An index of names, which finds those that a title mentions in time linear in the title."""

    def __init__(self, names: Iterable[str], prefix: str = SERIES_PREFIX) -> None:
        self._by_key: dict[str, str] = {}
        for name in names:
            for reading in _readings(name, prefix):
                if any(_is_telling(word.text) for word in reading.words):
                    self._by_key.setdefault(reading.key, name)

    def has(self, text: str) -> bool:
        """Return True if a text is one of the names, spelling aside."""
        return any(reading.key in self._by_key for reading in _readings(text, ""))

    def within(self, title: str) -> set[str]:
        """Return the names that a title without its subtitle contains as whole words."""
        words = _reading(_main_part(title, "")).words
        found = set()
        for start, first in enumerate(words):
            if first.attached:
                continue
            joined: list[str] = []
            for stop in range(start + 1, min(start + _MOST_WORDS, len(words)) + 1):
                _append(joined, words[stop - 1].text)
                name = self._by_key.get("".join(joined))
                if name is not None and not _goes_on(words, stop):
                    found.add(name)
        return found


def _main_part(name: str, prefix: str) -> str:
    """Return the part before the subtitle."""
    text = without_prefix(name, prefix)
    return re.split(r":\s", text, maxsplit=1)[0].strip() or text


@lru_cache(maxsize=16_384)
def _readings(name: str, prefix: str) -> tuple[_Reading, ...]:
    """Return the readings of a name, and of the two names that an acronym in parentheses makes."""
    text = without_prefix(name, prefix)
    readings = [_reading(text)]
    for match in _ACRONYM.finditer(text) if len(text) <= _LONGEST_NAME else ():
        outside = f"{text[: match.start()]} {text[match.end() :]}"
        if _is_acronym(match[1], outside):
            readings += [_reading(match[1]), _reading(outside)]
    return tuple(readings)


def _is_acronym(text: str, words: str) -> bool:
    """Return True if a text has two capitals, no space, and its letters in the order of the words'."""
    if " " in text.strip() or sum(letter.isupper() for letter in text) < 2:
        return False
    return _in_order(filter(str.isalnum, text.casefold()), words.casefold())


@lru_cache(maxsize=16_384)
def _reading(name: str) -> _Reading:
    """Return a name's words and its key, acronyms aside."""
    words = _words(name)
    joined: list[str] = []
    for word in words:
        _append(joined, word.text)
    return _Reading(words, "".join(joined))


def _words(name: str) -> tuple[_Word, ...]:
    """Return the words of a name; a name without letters, digits and signs is a single word."""
    text = " ".join(name.split())
    decomposed = unicodedata.normalize("NFKD", _SEPARATOR.sub(" | ", _VERSION_V.sub(" ", text)))
    folded = _ACCENTS.sub("", decomposed).casefold().replace("×", "x")
    words: list[_Word] = []
    stop = -1
    for match in _WORD.finditer(folded):
        word, attached = match[0], match.start() == stop
        if match["signs"]:
            word = word.strip("!")
            if not word:
                continue
            if attached:
                words[-1] = _Word(words[-1].text + word, words[-1].attached)  # LoRA+ is one word, not LoRA
            else:
                words.append(_Word(word, attached=False))
        else:
            words.append(_Word(_ISE.sub(r"\1z", word), attached))
        stop = match.end()
    while words and words[-1].text == "|":
        del words[-1]
    while words and words[0].text == "|":
        del words[0]
    if not words and text:
        return (_Word(text.casefold(), attached=False),)
    return tuple(words)


def _append(joined: list[str], word: str) -> None:
    """Join a word without spaces, but keep numbers apart: `Phi 1 5` is `Phi 1.5` and not `Phi 15`.

    A `v` before a number is left out wherever it is written: `Netv2`, `Net V2`, `Net 2`.
    """
    if word[0].isdigit() and joined:
        last = joined.pop().removesuffix("v")
        joined += [last] if last else []
        joined += ["."] if joined and joined[-1][-1].isdigit() else []
    joined.append(word)


def _contains(whole: _Reading, part: _Reading) -> bool:
    """Return True if `part` is in `whole` as whole words and no version number follows it.

    Words are compared joined, since `Smol LM` may be written `SmolLM`; `4` is not a word of `4o`.
    """
    if not part.key or len(whole.key) > _LONGEST_NAME:
        return False
    words = whole.words
    for start, first in enumerate(words):
        if first.attached:
            continue
        joined: list[str] = []
        for stop in range(start + 1, len(words) + 1):
            _append(joined, words[stop - 1].text)
            text = "".join(joined)
            if text == part.key and not _goes_on(words, stop):
                return True
            if not part.key.startswith(text.removesuffix("v")):
                break
    return False


def _goes_on(words: Sequence[_Word], at: int) -> bool:
    """Return True if the name goes on at a word: it is attached to the one before, or it is a version."""
    if at >= len(words):
        return False
    if words[at].attached:
        return True
    if not words[at].text[0].isdigit():
        return False
    return at + 1 >= len(words) or words[at + 1].text not in _SIZE_UNITS
