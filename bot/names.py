"""When two names agree. Pure text: knows nothing of catalogs, pages or Medium.

The signs and digits that tell one model from another are kept; spelling is not:

    same             GPT 2 / GPT-2 / GPT2, Normalisation / Normalization, Hawk, Griffin / Hawk & Griffin,
                     UniLMv2 / UniLM V2 / UniLM 2, Retrieval Augmented Fine Tuning (RAFT) / RAFT
    agreeing         Grok 3 / Grok 3 Beta, Danube 2 / H2O Danube2 1.8B, DoRA / DoRA: Decomposing LoRA
    different        LoRA / LoRA+, Grok 3 / Grok 4, Gemma / Gemma 2, LoRA / DoRA: Decomposing LoRA
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum
from functools import lru_cache

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
_SEPARATOR = re.compile(r"\s*[&/,;]\s*|\s+and\s+", re.IGNORECASE)
_WORD = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+|[+*#^~%$=<>@!]+|\|")
_SIGNS = frozenset("+*#^~%$=<>@")
_ISE = re.compile(r"(?<=[a-z]{3})(i|y)s(?=(?:e|ed|es|er|ers|ing|ation|ations)\b)")
_SIZE_UNITS = frozenset({"b", "m", "k", "t", "x", "bit", "d"})


def agreement(one: str, other: str, prefix: str = SERIES_PREFIX) -> Agreement:
    """Compare two names; `prefix` is the regular expression of a series' prefix to leave out."""
    ones, others = _readings(one, prefix), _readings(other, prefix)
    if any(_key(a) and _key(a) == _key(b) for a in ones for b in others):
        return Agreement.SAME
    mains, other_mains = _readings(_main(one, prefix), ""), _readings(_main(other, prefix), "")
    for a in mains:
        for b in other_mains:
            if a and b and (_contains(a, b) or _contains(b, a)):
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
    return _key(_words(without_prefix(name, prefix)))


def without_prefix(name: str, prefix: str = SERIES_PREFIX) -> str:
    """Return a title without its series' prefix."""
    if not prefix:
        return name
    return re.sub(rf"\A\s*(?:{prefix})\s*", "", name, count=1, flags=re.IGNORECASE) or name


def _main(name: str, prefix: str) -> str:
    """Return the part before the subtitle."""
    text = without_prefix(name, prefix)
    main = re.split(r":\s", text, maxsplit=1)[0].strip()
    return main or text


@lru_cache(maxsize=16_384)
def _readings(name: str, prefix: str) -> tuple[tuple[str, ...], ...]:
    """Return the words of a name, and those of the two names that an acronym in parentheses makes."""
    text = without_prefix(name, prefix)
    readings = [_words(text)]
    for inside in _ACRONYM.findall(text):
        if _is_acronym(inside):
            readings += [_words(inside), _words(text.replace(f"({inside})", " "))]
    return tuple(readings)


def _is_acronym(text: str) -> bool:
    return " " not in text.strip() and sum(letter.isupper() for letter in text) >= 2


@lru_cache(maxsize=16_384)
def _words(text: str) -> tuple[str, ...]:
    text = _VERSION_V.sub(" ", text)
    text = _SEPARATOR.sub(" | ", text.strip())
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    folded = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words: list[str] = []
    stop = -1
    for match in _WORD.finditer(folded):
        word = match[0].strip("!")
        if not word:
            continue
        if word[0] in _SIGNS and words and match.start() == stop:
            words[-1] += word  # LoRA+ is a word of its own, and no LoRA
        else:
            words.append(_ISE.sub(r"\1z", word))
        stop = match.end()
    return tuple(words)


def _key(words: Sequence[str]) -> str:
    """Join words without blanks, but keep numbers apart: `Phi 1 5` is `Phi 1.5` and not `Phi 15`."""
    joined = ""
    for word in words:
        joined += "." + word if joined[-1:].isdigit() and word[:1].isdigit() else word
    return joined


def _contains(words: Sequence[str], part: Sequence[str]) -> bool:
    """Tell whether `part` stands in `words` as whole words, no version number following.

    Words are compared joined, since `Smol LM` may be written `SmolLM`.
    """
    wanted = _key(part)
    for start in range(len(words)):
        for stop in range(start + 1, len(words) + 1):
            joined = _key(words[start:stop])
            if len(joined) > len(wanted):
                break
            if joined == wanted:
                return not _is_version(words, stop)
    return False


def _is_version(words: Sequence[str], at: int) -> bool:
    if at >= len(words) or not words[at][0].isdigit():
        return False
    return at + 1 >= len(words) or words[at + 1] not in _SIZE_UNITS
