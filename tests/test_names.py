"""When two names agree, and - more often - when they do not; which names a title mentions."""

from __future__ import annotations

import json
import re
from enum import Enum
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ROOT

from bot.matching.names import Names, agree, is_generic, key, same, shares_word, without_prefix


class Agreement(Enum):
    SAME = "same"
    AGREEING = "agreeing"
    DIFFERENT = "different"


SAME, AGREEING, DIFFERENT = Agreement


def both_ways(one: str, other: str) -> Agreement:
    assert same(one, other) is same(other, one)
    assert agree(one, other) is agree(other, one)
    assert agree(one, other) or not same(one, other)
    return SAME if same(one, other) else AGREEING if agree(one, other) else DIFFERENT


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # case, spaces, hyphens, dots
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
        # anything but letters, digits and signs is ignored next to them
        ("BERT 🔥", "BERT"),
        ("“BERT”", "BERT"),
        ("Yi!", "Yi"),
        ("Yi! Large", "Yi Large"),
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
        ("Gemma", "Gemma 7B"),  # a size is not a version
        ("Gemma 2", "Gemma 2 2B"),
        ("Phi 3", "Phi 3 128k"),
        ("Flan-T5", "T5"),
        ("Llama 3.1", "Llama-3.1-405B"),
        ("Grok 3 (BETA)", "Grok 3"),  # not an acronym of the words before
        ("Grok 2", "Grok 2 and Grok 2 Mini"),
        ("Gemma", "Gemma 2 and Gemma"),  # the second one, as a whole name
        ("Command R+", "Command R+ Refresh"),
        ("OLMo 2: One", "OLMo 2: Another"),
        ("Papers Explained 65: GPT-2", "GPT-2 XL"),
    ],
)
def test_names_agree_when_one_contains_the_other_as_whole_words(one: str, other: str) -> None:
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
        ("Land", "L"),  # `and` inside a word is not a separator
        ("Brandy", "Br & y"),
        # subtitles
        ("LoRA", "DoRA: Decomposing LoRA"),
        ("Grok: A Model", "A Model"),
        # a separator makes a list
        ("A & B", "A B"),
        ("A/B", "AB"),
        # other words
        ("ViT", "DeiT"),
        ("Mistral", "Mixtral"),
        ("Rise", "Rize"),  # too short a stem for a verb in -ise
        ("Normalisation", "Normaliation"),
        ("Layer Normalisation", "Batch Normalisation"),
        ("∞-former!", "former~"),
        # not every word in parentheses is an acronym
        ("BERT (LARGE)", "LARGE model"),
        ("Retrieval Augmented Fine Tuning (RAFT)", "RAG"),
        ("Command R (PLUS)", "Command R+"),
    ],
)
def test_names_that_mean_two_things_are_different(one: str, other: str) -> None:
    assert both_ways(one, other) is DIFFERENT


def test_an_infinity_sign_distinguishes_names() -> None:
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
def test_names_of_signs_emoji_and_other_scripts_are_the_same_only_as_themselves(names: tuple[str, ...]) -> None:
    for name in names:
        assert both_ways(name, name) is SAME
    for one, other in combinations(names, 2):
        assert both_ways(one, other) is DIFFERENT


@pytest.mark.parametrize("nothing", ["", " ", "\t\n", "\u00a0"])
def test_an_empty_name_agrees_with_nothing(nothing: str) -> None:
    for other in ("", nothing, "BERT", "🔥", "+"):
        assert both_ways(nothing, other) is DIFFERENT
    assert key(nothing) == ""


def test_separators_alone_agree_with_nothing() -> None:
    assert both_ways("&", "/") is DIFFERENT
    assert both_ways("& BERT,", "BERT") is SAME


def test_names_in_two_scripts_are_compared_in_both() -> None:
    assert both_ways("GPT 模型", "GPT模型") is SAME
    assert both_ways("GPT 模型", "GPT 新型") is DIFFERENT
    assert both_ways("模型 GPT", "GPT") is AGREEING


def headings() -> list[tuple[str, list[str]]]:
    lines = (ROOT / "bot" / "demo" / "articles.jsonl").read_text("utf-8").splitlines()
    return [(line["id"], [text for _, _, text in line["headings"]]) for line in map(json.loads, lines)]


def letters(text: str) -> str:
    """Reduce a heading to letters, digits and signs without case."""
    text = re.sub(r"^papers explained(?: review)? \d+: ", "", text.lower())
    return re.sub(r"\s|[-.:;,()’'“”?!–—·]", "", text)


@pytest.mark.parametrize(("post", "texts"), headings(), ids=[post for post, _ in headings()])
def test_a_recorded_heading_is_the_same_only_as_itself_within_its_article(post: str, texts: list[str]) -> None:
    assert texts, post
    for text in texts:
        assert both_ways(text, text) is SAME
    for one, other in combinations(texts, 2):
        assert same(one, other) is (letters(one) == letters(other)), (one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("GPT-2", "gpt 2"), ("Layer Normalisation", "Layer Normalization"), ("Papers Explained 1: A and B", "A & B")],
)
def test_spellings_of_a_name_share_its_key(one: str, other: str) -> None:
    assert key(one) == key(other) != ""


@pytest.mark.parametrize(
    ("name", "joined"),
    [
        ("GPT 2", "gpt2"),
        ("Phi 1 5", "phi1.5"),
        ("UniLM V2", "unilm2"),
        ("A, B", "a|b"),
        ("Command R+", "commandr+"),
        ("V 2", "2"),
    ],
)
def test_a_key_joins_words_and_keeps_numbers_apart(name: str, joined: str) -> None:
    assert key(name) == joined


@pytest.mark.parametrize(
    ("one", "other"), [("LoRA", "LoRA+"), ("Phi 1.5", "Phi 15"), ("GPT 2 v3", "GPT 23"), ("🔥", "🚀")]
)
def test_names_that_differ_have_different_keys(one: str, other: str) -> None:
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
def test_drops_the_prefix_at_the_start_of_a_title(title: str, bare: str) -> None:
    assert without_prefix(title) == bare


def test_another_series_has_another_prefix() -> None:
    assert without_prefix("Episode 3 - X", r"Episode \d+ - ") == "X"
    assert same("Episode 3 - X", "x", r"Episode \d+ - |Season \d+ ")
    assert not agree("Papers Explained 65: X", "X", r"Episode \d+ - ")
    assert key("Episode 3 - X", r"Episode \d+ - ") == key("X")


def test_without_a_prefix_nothing_is_dropped() -> None:
    assert without_prefix("Papers Explained 65: X", "") == "Papers Explained 65: X"
    assert without_prefix(" X", "") == " X"


def test_two_titles_that_are_only_prefixes_are_different() -> None:
    assert both_ways("Papers Explained 65:", "Papers Explained 66:") is DIFFERENT


def test_a_paragraph_contains_no_name() -> None:
    assert both_ways("LoRA", "word " * 50 + "LoRA") is AGREEING
    assert both_ways("LoRA", "word " * 500 + "LoRA") is DIFFERENT


@pytest.mark.parametrize(("extra", "found"), [(996, AGREEING), (997, DIFFERENT)])
def test_a_text_of_more_than_a_thousand_letters_contains_no_name(extra: int, found: Agreement) -> None:
    assert both_ways("LoRA", "LoRA " + "x" * extra) is found


@pytest.mark.parametrize(("length", "found"), [(1000, SAME), (1001, AGREEING)])
def test_a_text_of_more_than_a_thousand_characters_has_no_acronym(length: int, found: Agreement) -> None:
    assert both_ways("AB", "A bird".ljust(length - 4) + "(AB)") is found


@pytest.mark.parametrize(
    ("name", "acronym", "found"),
    [
        ("Low-Rank Adaptation ( LoRA )", "LoRA", SAME),
        ("Vision Transformer (VT)", "VT", SAME),
        ("Vision Transformer (Vt)", "Vt", AGREEING),  # one capital
        ("Vision Transformer (V T)", "V T", AGREEING),
        ("Vision Transformer (TV)", "TV", AGREEING),
        ("Vision Transformer (V-T)", "V-T", SAME),
        ("Vision Transformer (VT) and (DR)", "VT", SAME),
    ],
)
def test_an_acronym_has_two_capitals_and_the_letters_of_the_name_in_order(
    name: str, acronym: str, found: Agreement
) -> None:
    assert both_ways(name, acronym) is found


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("Gemma", "Gemma 2 Large", DIFFERENT),
        ("Gemma", "Gemma 7", DIFFERENT),
        ("Gemma", "Gemma 7 b", AGREEING),
        ("Gemma", "Gemma Large 2", AGREEING),
        ("Net", "Net v 2", AGREEING),
        ("Net", "Big Net v", AGREEING),
        ("Net 2", "Big Netv 2", AGREEING),
        ("V 2", "2", SAME),
        ("2 v 3", "2.3", SAME),
        ("2 v 3", "23", DIFFERENT),
        ("Fooo", "Foo o Bar", AGREEING),
        ("A B", "A A B", AGREEING),
        ("A B", "A C A D", DIFFERENT),
        ("LoRA!!+", "LoRA+", SAME),
        ("LoRA +", "LoRA+", SAME),
        ("LoRA !", "LoRA", SAME),
        ("LoRA+-x", "LoRA+ x", SAME),
        ("x:", "x: y", AGREEING),
        (": y", "y", SAME),
        (": y", "y z", AGREEING),  # nothing before the colon
        (" : y", "y z", AGREEING),
        ("Rev B", "Re B", DIFFERENT),
        ("Net v 4+", "Net 4+", SAME),
        ("Gemma", "Gemma 4+ Large", DIFFERENT),
    ],
)
def test_words_and_numbers_are_compared_joined(one: str, other: str, found: Agreement) -> None:
    assert both_ways(one, other) is found


@pytest.mark.parametrize("name", ["Read", "[Link]", "📝", "", "Read more", "Paper (PDF)", "here"])
def test_a_generic_name_names_nothing(name: str) -> None:
    assert is_generic(name)


@pytest.mark.parametrize("name", ["BERT", "Read BERT", "Paper 4", "読む"])
def test_a_name_with_any_other_word_is_not_generic(name: str) -> None:
    assert not is_generic(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BERT large", "Distil BERT"),
        ("Normalisation", "Layer Normalization"),
        ("SmolLM", "Smol LM 2"),
        ("Smol LM", "All about SmolLMs"),
        ("UDoP", "Unifying Document Processing"),
        ("QA", "Question Answering"),
        ("abcdef", "axbxcxdxexf"),
        ("注意力", "深入理解注意"),
        ("ガ", "ガウス"),
        ("한국", "한글"),
        ("AI", "Of AI"),
        ("LoRA+ Pro", "My LoRA+"),
    ],
)
def test_names_share_a_word_a_letter_of_an_unspaced_script_or_an_abbreviation(one: str, other: str) -> None:
    assert shares_word(one, other)
    assert shares_word(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GPT 4", "BERT 4"),
        ("The Pile", "The Stack"),
        ("A of B", "C of D"),
        ("R", "Ranking"),
        ("UPD", "Unifying Document Processing"),
        ("NDP", "Unifying Document Processing"),  # other first letter
        ("abcdefg", "axbxcxdxexfxg"),  # too long for an abbreviation
        ("A & B", "C & D"),
        ("", "BERT"),
        ("", ""),
        ("4", "4"),
        ("模型", "BERT"),
        ("Papers Explained 1: BERT", "Papers Explained 2: GPT"),
    ],
)
def test_numbers_signs_stop_words_and_the_prefix_are_not_shared_words(one: str, other: str) -> None:
    assert not shares_word(one, other)
    assert not shares_word(other, one)


def test_another_prefix_is_left_out_of_shared_words() -> None:
    assert shares_word("Papers Explained 1: BERT", "Papers Explained 2: GPT", "")
    assert not shares_word("Episode 1 - BERT", "Episode 2 - GPT", r"Episode \d+ - ")


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Flan-T5 and friends: LoRA", {"T5", "Flan T5"}),
        ("GPT-4o and Grok 30", set()),
        ("GPT-4 and Grok 3", {"GPT-4", "Grok 3"}),
        ("LoRA+ for DPO", {"DPO"}),
        ("LoRA 2 Large", set()),
        ("LoRA 2B", {"LoRA"}),
        ("xDPO 4DPO", set()),
        ("Qwen2 with DPO", {"DPO"}),
        ("Retrieval Augmented Fine-Tuning", {"Retrieval Augmented Fine Tuning (RAFT)"}),
        ("On RAFT", {"Retrieval Augmented Fine Tuning (RAFT)"}),
        ("3", set()),
        ("", set()),
    ],
)
def test_an_index_finds_the_names_that_a_title_contains_as_whole_words(title: str, found: set[str]) -> None:
    names = Names(
        ["T5", "Flan T5", "Grok 3", "LoRA", "DPO", "GPT-4", "gpt 4", "3", "Retrieval Augmented Fine Tuning (RAFT)"]
    )
    assert names.within(title) == found


def test_an_index_finds_names_of_up_to_nine_words() -> None:
    words = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
    names = Names([" ".join(words[:9]), " ".join(words)])
    assert names.within(f"Why {' '.join(words)}") == {" ".join(words[:9])}
    assert names.has(" ".join(words))


def test_an_index_has_names_in_any_spelling_without_their_prefix() -> None:
    names = Names(["Papers Explained 3: Flan T5", "4", "The"])
    assert names.has("flan-t5")
    assert names.has("FLAN T5")
    assert Names(["TTF"]).has("Text-to-Text Flan (TTF)")
    assert not names.has("Flan")
    assert not names.has("4")
    assert not names.has("the")
    assert Names(["Episode 3 - X"], r"Episode \d+ - ").has("x")


PIECES = [
    *("GPT", "gpt", "Net", "4", "1.5", "o", "v2", "V2", "B", "LoRA", "isation", "Papers Explained 3:"),
    *(" ", "-", ".", "+", "*", "(", ")", "&", " and ", ", ", ": ", "!", "|", "/", "\n"),
    *("é", "中", "ガ", "🔥", "×", "²", "ß", "İ", "ﬁ"),
]
some_names = st.one_of(st.text(max_size=20), st.lists(st.sampled_from(PIECES), max_size=8).map("".join))


@given(some_names, some_names)
@settings(deadline=None, max_examples=300)
def test_agreement_has_no_direction(one: str, other: str) -> None:
    both_ways(one, other)


@given(some_names)
@settings(deadline=None, max_examples=200)
def test_every_name_except_an_empty_one_is_the_same_as_itself_in_any_case(name: str) -> None:
    assert same(name, name) is bool(name.split())
    ascii_only = "".join(letter for letter in name if letter.isascii())
    assert key(ascii_only.upper()) == key(ascii_only.lower())


@given(some_names, some_names)
@settings(deadline=None, max_examples=200)
def test_names_with_one_key_are_the_same(one: str, other: str) -> None:
    if key(one) and key(one) == key(other):
        assert same(one, other)
