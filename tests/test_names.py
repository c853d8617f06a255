"""When two names agree, and - more often - when they do not."""

from __future__ import annotations

import json
import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT

from bot.matching.names import Agreement, agree, agreement, key, same, without_prefix

SAME, AGREEING, DIFFERENT = Agreement.SAME, Agreement.AGREEING, Agreement.DIFFERENT


def both_ways(one: str, other: str) -> Agreement:
    found = agreement(one, other)
    assert agreement(other, one) is found
    assert same(one, other) is (found is SAME)
    assert agree(one, other) is (found is not DIFFERENT)
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # case, blanks, hyphens, dots
        ("GPT 2", "GPT-2"),
        ("GPT 2", "gpt2"),
        ("SmolLM", "Smol LM"),
        ("Chain-of-Thought", "chain of thought"),
        ("Self\u2011Instruct", "Self\u2013Instruct"),
        ("a.b", "AB"),
        ("Foo_Bar", "Foo Bar"),
        (" A \t B ", "A B"),
        ("LLM.int8()", "LLM int8"),
        # Unicode
        ("Éclair", "Eclair"),
        ("Tülu 3", "Tu\u0308lu 3"),
        ("ＧＰＴ－２", "GPT-2"),
        ("ﬁne", "fine"),
        ("Straße", "STRASSE"),
        ("L²", "L2"),
        ("8×7B", "8x7B"),
        ("LoRA⁺", "LoRA+"),
        # separators
        ("Hawk, Griffin", "Hawk & Griffin"),
        ("Hawk / Griffin", "Hawk and Griffin"),
        ("A, B, and C", "A, B and C"),
        ("A/B", "A&B"),
        ("Dropout and Regularisation", "Dropout & Regularization"),
        # -ise, -ize
        ("Layer Normalisation", "Layer Normalization"),
        ("Optimisers", "Optimizers"),
        ("Generalised Tokeniser", "Generalized tokenizer"),
        ("Analysing", "Analyzing"),
        ("Normalisable", "Normalizable"),
        # versions
        ("UniLMv2", "UniLM V2"),
        ("UniLMv2", "UniLM 2"),
        ("MobileNetV2", "MobileNetv2"),
        ("MobileNet v2", "mobilenetv2"),
        ("YOLO-v3", "YOLOv3"),
        ("Phi-1.5", "Phi 1.5"),
        ("Grok 1.5V", "Grok 1.5 V"),
        ("Conv2D", "Conv 2D"),
        # acronyms
        ("Retrieval Augmented Fine Tuning (RAFT)", "RAFT"),
        ("Retrieval Augmented Fine Tuning (RAFT)", "Retrieval-Augmented Fine-Tuning"),
        ("Vision Transformer (ViT)", "ViT"),
        ("Low-Rank Adaptation (LoRA)", "lora"),
        ("Mixture of Experts (MoE) Layer", "Mixture of Experts Layer"),
        # the series' prefix
        ("Papers Explained 65: GPT-2", "GPT 2"),
        ("Papers Explained Review 12: LLMs for Maths", "LLMs for maths"),
        ("Papers Explained 187b: X", "papers explained: X"),
        ("Paper Explained 316 : X", "X"),
        # what is neither letter, digit nor sign says nothing beside them
        ("BERT 🔥", "BERT"),
        ("“BERT”", "BERT"),
        ("Yi!", "Yi"),
    ],
)
def test_names_that_differ_in_spelling_only_are_the_same(one: str, other: str) -> None:
    assert both_ways(one, other) is SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Grok 3", "Grok 3 Beta"),
        ("Danube 2", "H2O Danube2 1.8B"),
        ("Convolution", "Convolution Layer"),
        ("DoRA", "DoRA: Decomposing LoRA"),
        ("GPT-4", "GPT-4 Turbo"),
        ("Grok 1.5", "Grok 1.5 V"),
        ("Gemma", "Gemma 7B"),  # a size is no version
        ("Gemma 2", "Gemma 2 2B"),
        ("Phi 3", "Phi 3 128k"),
        ("Flan-T5", "T5"),
        ("Llama 3.1", "Llama-3.1-405B"),
        ("Grok 3 (BETA)", "Grok 3"),  # no acronym of what stands before
        ("Grok 2", "Grok 2 and Grok 2 Mini"),
        ("Gemma", "Gemma 2 and Gemma"),  # the second one, whole
        ("Command R+", "Command R+ Refresh"),
        ("OLMo 2: One", "OLMo 2: Another"),
        ("Papers Explained 65: GPT-2", "GPT-2 XL"),
    ],
)
def test_names_agree_when_one_holds_the_other_as_whole_words(one: str, other: str) -> None:
    assert both_ways(one, other) is AGREEING


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # signs
        ("LoRA", "LoRA+"),
        ("Command R", "Command R+"),
        ("Command R", "Command R+ Refresh"),
        ("Q", "Q*"),
        ("C", "C++"),
        ("C+", "C++"),
        ("C#", "C"),
        ("~LoRA", "LoRA"),
        ("LoRA*", "LoRA+"),
        ("Pass@1", "Pass 1"),
        # versions
        ("Grok 3", "Grok 4"),
        ("Gemma", "Gemma 2"),
        ("Gemma", "Gemma2"),
        ("Gemma", "Gemma 2 Large"),
        ("Gemma 2", "Gemma 2B"),
        ("ColBERT", "ColBERTv2"),
        ("ColBERT", "ColBERT v2"),
        ("GPT 4", "GPT-4o"),
        ("GPT 4", "GPT-4o mini"),
        ("GPT-4", "GPT-4V"),
        ("GPT-4", "GPT-4.5"),
        ("GPT-3.5", "GPT-3"),
        ("GPT-3.5", "GPT-35"),
        ("Phi 1.5", "Phi 15"),
        ("Phi-3", "Phi-3.5 Mini"),
        ("Claude 3", "Claude 3.5 Sonnet"),
        ("T5", "T5 v1.1"),
        ("YOLOv3", "YOLOv4"),
        ("Llama 3", "Llama 38B"),
        ("Conv", "Conv2D"),
        ("Qwen2", "Qwen2VL"),
        ("π0", "π0.5"),
        # parts of words
        ("T5", "mT5"),
        ("LM", "SmolLM"),
        ("BERT", "RoBERTa"),
        ("former", "Reformer"),
        ("BERTopic", "BERT"),
        ("Land", "L"),  # `and` within a word parts nothing
        ("Brandy", "Br & y"),
        # subtitles
        ("LoRA", "DoRA: Decomposing LoRA"),
        ("Grok: A Model", "A Model"),
        # separators are signs of a list
        ("A & B", "A B"),
        ("A/B", "AB"),
        # other words
        ("ViT", "DeiT"),
        ("Mistral", "Mixtral"),
        ("Rise", "Rize"),  # too short a stem for a verb in -ise
        ("Normalisation", "Normaliation"),
        ("Layer Normalisation", "Batch Normalisation"),
        ("∞-former!", "former~"),
        # an acronym is not any word in parentheses
        ("BERT (LARGE)", "LARGE model"),
        ("Retrieval Augmented Fine Tuning (RAFT)", "RAG"),
        ("Command R (PLUS)", "Command R+"),
    ],
)
def test_names_that_mean_two_things_are_different(one: str, other: str) -> None:
    assert both_ways(one, other) is DIFFERENT


def test_an_infinity_sign_tells_two_names_apart() -> None:
    assert not same("∞-former", "former")


@pytest.mark.parametrize(
    "names",
    [
        ("🔥", "🚀", "🔥🔥", "---", "...", "«»"),
        ("+", "++", "*", "#", "=", "≥"),
        ("中文", "日本", "模型", "中文模型"),
        ("ハ", "バ", "パ"),
        ("กิน", "กัน", "กน"),
        ("कि", "का", "क"),
        ("한국", "한글"),
    ],
)
def test_names_of_signs_emoji_and_other_scripts_are_the_same_as_themselves_only(names: tuple[str, ...]) -> None:
    for name in names:
        assert both_ways(name, name) is SAME
    for one, other in combinations(names, 2):
        assert both_ways(one, other) is DIFFERENT


@pytest.mark.parametrize("nothing", ["", " ", "\t\n", "\u00a0"])
def test_an_empty_name_is_no_name_and_agrees_with_none(nothing: str) -> None:
    for other in ("", nothing, "BERT", "🔥", "+"):
        assert both_ways(nothing, other) is DIFFERENT
    assert key(nothing) == ""


def test_separators_alone_are_no_name_that_all_share() -> None:
    assert both_ways("&", "/") is DIFFERENT
    assert both_ways("& BERT,", "BERT") is SAME


def test_names_in_two_scripts_compare_by_both() -> None:
    assert both_ways("GPT 模型", "GPT模型") is SAME
    assert both_ways("GPT 模型", "GPT 新型") is DIFFERENT
    assert both_ways("模型 GPT", "GPT") is AGREEING


def headings() -> list[tuple[str, list[str]]]:
    lines = (ROOT / "bot" / "demo" / "articles.jsonl").read_text("utf-8").splitlines()
    return [(line["id"], [text for _, _, text in line["headings"]]) for line in map(json.loads, lines)]


def letters(text: str) -> str:
    """Spell a heading the simplest way: letters, digits and signs without case."""
    text = re.sub(r"^papers explained(?: review)? \d+: ", "", text.lower())
    return re.sub(r"\s|[-.:;,()’'“”?!–—·]", "", text)


@pytest.mark.parametrize(("post", "texts"), headings(), ids=[post for post, _ in headings()])
def test_a_recorded_heading_is_the_same_as_itself_and_no_other_of_its_article(post: str, texts: list[str]) -> None:
    assert texts, post
    for text in texts:
        assert both_ways(text, text) is SAME
    for one, other in combinations(texts, 2):
        assert same(one, other) is (letters(one) == letters(other)), (one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("GPT-2", "gpt 2"), ("Layer Normalisation", "Layer Normalization"), ("Papers Explained 1: A and B", "A & B")],
)
def test_a_key_is_shared_by_spellings(one: str, other: str) -> None:
    assert key(one) == key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("LoRA", "LoRA+"), ("Phi 1.5", "Phi 15"), ("GPT 2 v3", "GPT 23"), ("🔥", "🚀")]
)
def test_a_key_is_not_shared_by_names_that_differ(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    ("title", "bare"),
    [
        ("Papers Explained 65: GPT-2", "GPT-2"),
        ("  papers  explained review 07 :X", "X"),
        ("Papers Explained 187b: X", "X"),
        ("Papers Explained: X", "X"),
        ("Papers Explained", "Papers Explained"),
        ("Papers Explained 65:", "Papers Explained 65:"),  # nothing would be left
        ("More Papers Explained 65: X", "More Papers Explained 65: X"),
        ("Papers Explained Today: X", "Papers Explained Today: X"),
        ("X", "X"),
        ("", ""),
    ],
)
def test_the_prefix_is_dropped_where_a_title_begins_with_it(title: str, bare: str) -> None:
    assert without_prefix(title) == bare


def test_another_series_has_another_prefix() -> None:
    assert without_prefix("Episode 3 - X", r"Episode \d+ - ") == "X"
    assert same("Episode 3 - X", "x", r"Episode \d+ - |Season \d+ ")
    assert not agree("Papers Explained 65: X", "X", r"Episode \d+ - ")
    assert key("Episode 3 - X", r"Episode \d+ - ") == key("X")


def test_without_a_prefix_nothing_is_dropped() -> None:
    assert without_prefix("Papers Explained 65: X", "") == "Papers Explained 65: X"


def test_two_titles_that_are_prefixes_alone_are_different() -> None:
    assert both_ways("Papers Explained 65:", "Papers Explained 66:") is DIFFERENT


def test_a_paragraph_is_searched_for_no_name() -> None:
    assert agreement("LoRA", "word " * 50 + "LoRA") is AGREEING
    assert agreement("LoRA", "word " * 500 + "LoRA") is DIFFERENT


PIECES = [
    "GPT",
    "gpt",
    "Net",
    "4",
    "1.5",
    "o",
    "v2",
    "V2",
    " ",
    "-",
    ".",
    "+",
    "*",
    "(",
    ")",
    "&",
    " and ",
    ", ",
    ": ",
    "!",
]
PIECES += [
    "é",
    "中",
    "ガ",
    "🔥",
    "B",
    "LoRA",
    "isation",
    "Papers Explained 3:",
    "|",
    "×",
    "²",
    "ß",
    "İ",
    "\n",
    "ﬁ",
    "/",
]
some_names = st.one_of(st.text(max_size=20), st.lists(st.sampled_from(PIECES), max_size=8).map("".join))


@given(some_names, some_names)
@settings(deadline=None, max_examples=300)
def test_agreement_has_no_direction(one: str, other: str) -> None:
    both_ways(one, other)


@given(some_names)
@settings(deadline=None, max_examples=200)
def test_any_name_but_an_empty_one_is_the_same_as_itself_in_any_case(name: str) -> None:
    assert same(name, name) is bool(name.split())
    ascii_only = "".join(letter for letter in name if letter.isascii())
    assert key(ascii_only.upper()) == key(ascii_only.lower())


@given(some_names, some_names)
@settings(deadline=None, max_examples=200)
def test_names_with_one_key_are_the_same(one: str, other: str) -> None:
    if key(one) and key(one) == key(other):
        assert same(one, other)
