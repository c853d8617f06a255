"""When two names agree. Pure text: knows nothing of catalogs, pages or Medium.

The signs and digits that tell one model from another are kept; spelling is not:

    same             GPT 2 / GPT-2 / GPT2, Normalisation / Normalization, Hawk, Griffin / Hawk & Griffin,
                     UniLMv2 / UniLM V2 / UniLM 2, Retrieval Augmented Fine Tuning (RAFT) / RAFT
    agreeing         Grok 3 / Grok 3 Beta, Danube 2 / H2O Danube2 1.8B, DoRA / DoRA: Decomposing LoRA
    different        LoRA / LoRA+, Grok 3 / Grok 4, Gemma / Gemma 2, GPT-4 / GPT-4o, LoRA / DoRA: Decomposing LoRA
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

# The forms in which the series' titles begin: "Papers Explained 65:", "Papers Explained Review 12:",
# "Papers Explained 187b:", "Paper Explained 316:", "Papers Explained:", "Papers Explained :".
SERIES_PREFIX = r"Papers?\s+Explained(?:\s+Review)?(?:\s+\d+\s?[a-z]?)?\s*:"


class Agreement(Enum):
    """How two names relate, from the closest."""

    SAME = "same"
    AGREEING = "agreeing"
    DIFFERENT = "different"


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
_LONGEST_NAME = 1_000  # what is longer is a paragraph: its words are not compared, its acronyms not read
_SIZE_UNITS = frozenset({"b", "m", "k", "t", "x", "bit", "d"})


class _Word(NamedTuple):
    """A word without case; `attached`: nothing parts it from the word before, as the `o` in `4o`."""

    text: str
    attached: bool


class _Reading(NamedTuple):
    """A name's words, and the string that is equal for equal names (empty: equal to none)."""

    words: tuple[_Word, ...]
    key: str


def agreement(one: str, other: str, prefix: str = SERIES_PREFIX) -> Agreement:
    """Compare two names; `prefix` is the regular expression of a series' prefix to leave out."""
    ones, others = readings_of(one, prefix), readings_of(other, prefix)
    if any(a.key and a.key == b.key for a in ones for b in others):
        return Agreement.SAME
    mains, other_mains = readings_of(main_part(one, prefix), ""), readings_of(main_part(other, prefix), "")
    for a in mains:
        for b in other_mains:
            if a.key and b.key and (_contains(a, b) or _contains(b, a)):
                return Agreement.AGREEING
    return Agreement.DIFFERENT


def same(one: str, other: str, prefix: str = SERIES_PREFIX) -> bool:
    """Tell whether two names are the same but for spelling."""
    return agreement(one, other, prefix) is Agreement.SAME


def agree(one: str, other: str, prefix: str = SERIES_PREFIX) -> bool:
    """Tell whether two names are the same, or one contains the other as whole words."""
    return agreement(one, other, prefix) is not Agreement.DIFFERENT


def key(name: str, prefix: str = SERIES_PREFIX) -> str:
    """Return a string that is equal for names that differ in spelling only (acronyms aside)."""
    return reading_of(without_prefix(name, prefix)).key


def without_prefix(name: str, prefix: str = SERIES_PREFIX) -> str:
    """Return a title without its series' prefix."""
    if not prefix:
        return name
    return re.sub(rf"\A\s*(?:{prefix})\s*", "", name, count=1, flags=re.IGNORECASE) or name


def main_part(name: str, prefix: str) -> str:
    """Return the part before the subtitle."""
    text = without_prefix(name, prefix)
    main = re.split(r":\s", text, maxsplit=1)[0].strip()
    return main or text


@lru_cache(maxsize=16_384)
def readings_of(name: str, prefix: str) -> tuple[_Reading, ...]:
    """Return the readings of a name, and of the two names that an acronym in parentheses makes."""
    text = without_prefix(name, prefix)
    readings = [reading_of(text)]
    for match in _ACRONYM.finditer(text) if len(text) <= _LONGEST_NAME else ():
        outside = f"{text[: match.start()]} {text[match.end() :]}"
        if _is_acronym(match[1], outside):
            readings += [reading_of(match[1]), reading_of(outside)]
    return tuple(readings)


def _is_acronym(text: str, words: str) -> bool:
    """Tell whether a text has two capitals, no blank, and its letters in the order of the words'."""
    if " " in text.strip() or sum(letter.isupper() for letter in text) < 2:
        return False
    letters = iter(words.casefold())
    return all(letter in letters for letter in text.casefold() if letter.isalnum())


@lru_cache(maxsize=16_384)
def reading_of(name: str) -> _Reading:
    """Return a name's words and its key, acronyms aside."""
    words = _words(name)
    return _Reading(words, _key([word.text for word in words]))


def _words(name: str) -> tuple[_Word, ...]:
    """Return the words of a name; one of neither letters, digits nor signs is a single word."""
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
                words[-1] = _Word(words[-1].text + word, words[-1].attached)  # LoRA+ is a word, and no LoRA
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


def _key(words: Iterable[str]) -> str:
    """Return words joined as `join_word` does, in time linear in their number."""
    joined: list[str] = []
    for word in words:
        if word[0].isdigit() and joined:
            last = joined.pop().removesuffix("v")
            joined += [last] if last else []
            joined += ["."] if joined and joined[-1][-1].isdigit() else []
        joined.append(word)
    return "".join(joined)


def join_word(before: str, word: str) -> str:
    """Join words without blanks, but keep numbers apart: `Phi 1 5` is `Phi 1.5` and not `Phi 15`.

    A `v` before a number is left out wherever it is written: `Netv2`, `Net V2`, `Net 2`.
    """
    if word[0].isdigit():
        before = before.removesuffix("v")
        if before[-1:].isdigit():
            return f"{before}.{word}"
    return before + word


def _contains(whole: _Reading, part: _Reading) -> bool:
    """Tell whether `part` stands in `whole` as whole words, no version number following.

    Words are compared joined, since `Smol LM` may be written `SmolLM`; `4` is no word of `4o`.
    """
    if len(whole.key) > _LONGEST_NAME:
        return False
    for start, first in enumerate(whole.words):
        if first.attached:
            continue
        joined = ""
        for at in range(start, len(whole.words)):
            joined = join_word(joined, whole.words[at].text)
            if joined == part.key and not goes_on(whole.words, at + 1):
                return True
            if not part.key.startswith(joined.removesuffix("v")):
                break
    return False


def goes_on(words: Sequence[_Word], at: int) -> bool:
    """Tell whether the word before `at` is not the end of a name: more letters or a version follow."""
    if at >= len(words):
        return False
    if words[at].attached:
        return True
    if not words[at].text[0].isdigit():
        return False
    return at + 1 >= len(words) or words[at + 1].text not in _SIZE_UNITS
