"""The words that `min_words` counts, against another implementation of Unicode's standard (UAX #29)."""

from __future__ import annotations

import itertools
import unicodedata

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uniseg.wordbreak import word_break, words

from curation.functions import patterns
from curation.sql import database
from tests.judge import judge

#: Scripts without blanks for which the standard asks for a dictionary; our estimate is another thing.
BLOCKS_WITHOUT_BLANKS = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x1950, 0x19DF), (0x1A20, 0x1AAF), (0xA9E0, 0xA9FF),
    (0xAA60, 0xAADF), (0x11700, 0x1174F),
)  # fmt: skip
#: Circled letters, which Unicode calls alphabetic though they are symbols.
CIRCLED = ((0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189))

#: Alphabets to draw from, all of them older than any Unicode version in question.
ALPHABETS = {
    "ASCII": "abzAZ09_ .,:;'\"-!/\n\t",
    "letters with marks": "éñßİıſKΣςдёñ́̈",
    "curly and joining signs": "’‘“”·‧․﹒＇．：；，_‿⁀＿\u202f\u00a0\u2009\u00ad\u200b\u200c\u200d\ufeff\u2060",
    "Hebrew": "אבגצל׳״'\"ְָ",
    "Arabic": "بتثسكَّـ٠١٣٫٬،؛",
    "Hindi": "कषनमसतह\u094d\u093f\u0902१२।",
    "Korean": "안개가짙다\u1112\u1161\u11abㅋ",
    "Chinese": "雾很大々〇〆、。（）",
    "Japanese": "きりのアメコーヒー・ｶﾞｷｰゞヽ〱゛゜㌔",
    "circled and digits": "ⒶⓩⅧⅳ①²½٣४೩🅰🄰",
    "emoji": "😀👍🏽❤\ufe0f🇳🇴👨👩",
    "tone marks": "˂˗꜀꞉՚՛֊ʼˈ",
    "others": "አማა漢ꀀᚠᐁ𐐨𝐀𝟘",
}


def our_counts(texts: list[str]) -> list[int]:
    """The words of texts as the rules count them, without what is taken out before."""
    steps, number = patterns.count_words("text", "rule")
    connection = database.connect(threads=1)
    connection.register("texts", pa.table({"row": range(len(texts)), "text": texts}))
    source = "texts"
    for name, value in steps:
        source = f"(SELECT *, {value} AS {name} FROM {source})"
    return [count for (count,) in connection.sql(f"SELECT {number} FROM {source} ORDER BY row").fetchall()]


def standard_count(text: str) -> int:
    """Segments of the standard that hold a letter or a digit."""
    return sum(any(map(is_letter_or_digit, segment)) for segment in words(text))


def is_letter_or_digit(character: str) -> bool:
    """By general category; the marks of half-width Katakana are marks, whatever their category says."""
    if character in "ﾞﾟ":
        return False
    category = unicodedata.category(character)
    return category[0] == "L" or category in ("Nd", "Nl") or within(character, CIRCLED)


def within(character: str, blocks: tuple[tuple[int, int], ...]) -> bool:
    """Whether a character stands in one of the blocks."""
    return any(first <= ord(character) <= last for first, last in blocks)


#: Letters in squares, white on black.
SQUARED = ((0x1F170, 0x1F189),)


def is_comparable(text: str) -> bool:
    """Whether the standard alone says what the words of a text are, and we follow it.

    Not so in scripts that want a dictionary, where an underscore joins Katakana to something else, and where a joiner
    stands before a squared letter (🅰), which is a pictograph to the standard as well.
    """
    if any(one == "\u200d" and within(other, SQUARED) for one, other in itertools.pairwise(text)):
        return False
    if any(within(character, BLOCKS_WITHOUT_BLANKS) for character in text):
        return False
    kinds = [word_break(character).name for character in text]
    bare = [kind for kind in kinds if kind not in ("EXTEND", "FORMAT", "ZWJ")]
    return not any({"KATAKANA", "EXTENDNUMLET"} == {one, other} for one, other in itertools.pairwise(bare))


mixed = st.lists(st.sampled_from("".join(ALPHABETS.values())), max_size=10).map("".join)
of_one_script = st.sampled_from(sorted(ALPHABETS)).flatmap(lambda name: st.text(ALPHABETS[name], max_size=12))
#: What Unicode 3.2 had, which everybody's tables have.
OLD = st.characters(max_codepoint=0x2FA1F, categories=("L", "M", "N", "P", "S", "Z", "Cf")).filter(
    lambda character: unicodedata.ucd_3_2_0.category(character) != "Cn"
)
of_any = st.text(OLD, max_size=6)


@given(st.lists(st.one_of(mixed, of_one_script, of_any).filter(is_comparable), min_size=1, max_size=150))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_words_are_those_of_the_standard(texts: list[str]) -> None:
    """Our count is the number of the standard's segments with a letter or a digit, in any mix of scripts."""
    assert our_counts(texts) == [standard_count(text) for text in texts]


WRITTEN = {
    "it's 3.5 km, isn’t it?": 5,
    "e-mail: first.last_name v1.2-rc3": 5,
    "“so—what?” he said…": 4,
    "l’été à l'école": 3,
    "naïve cafe\u0301 co\u00adoperate": 3,
    'צה"ל דו״ח ג׳ירפה': 3,
    "الضَّبابُ كثيفٌ ٣٫١٤": 3,
    "می\u200cخواهم": 1,
    "क्षमा कीजिए।": 2,
    "안개가 짙다": 2,
    "雾很大": 3,
    "人々": 2,
    "きりがでた": 5,
    "コーヒー・ミルク": 2,
    "ｶﾞｷﾞ ﾐﾙｸ": 2,
    "東京タワー2024年": 5,
    "👨‍👩‍👧‍👦 👍🏽 🇳🇴 ❤️": 0,
    "Ⓗⓔⓛⓛⓞ": 1,
    "_ __ _a_": 1,
    "": 0,
}


@pytest.mark.parametrize(("text", "count"), WRITTEN.items(), ids=map(ascii, WRITTEN))
def test_words_of_written_texts(text: str, count: int) -> None:
    """Texts whose words a person counted: we and the standard find as many."""
    assert our_counts([text]) == [count]
    assert standard_count(text) == count


def test_katakana_joined_by_an_underscore_is_counted_apart() -> None:
    """The one known difference: `ア_b` is one word of the standard and two of ours."""
    assert (our_counts(["ア_b"]), standard_count("ア_b")) == ([2], 1)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("หมอกหนามาก", 2, 3), ("หมอก", 1, 1), ("វាលស្រែ", 1, 2), ("ໝອກໜາຫຼາຍ", 2, 3), ("မြူထူတယ်", 1, 3)],
    ids=("Thai", "one Thai word", "Khmer", "Lao", "Burmese"),
)
def test_scripts_without_blanks_are_estimated(text: str, least: int, most: int) -> None:
    """Thai, Khmer, Lao and Burmese are neither one word for a whole sentence nor one for each letter."""
    assert least <= our_counts([text])[0] <= most


def test_what_is_no_word_of_ones_own_is_taken_out_first() -> None:
    """Links, mentions and tags are gone before words are counted, and part what stands beside them."""
    texts = ["a@b", "a https://example.org/one/two b", "＠nils #fog ＃霧 a", "a#fog b"]
    judged = judge([{"text": text} for text in texts], {"use": "min_words", "min": 1})
    assert [post["min_words"] for post in judged] == [1, 2, 1, 2]


def test_the_engine_accepts_every_pattern() -> None:
    """Every expression compiles in the database's own engine."""
    for pattern in (patterns.LINK, patterns.MENTION, patterns.TAG, patterns.WORD, patterns.NOT_BLANK):
        duckdb.execute("SELECT regexp_matches('', ?)", [pattern])
