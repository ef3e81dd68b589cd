"""Words of scripts without spaces: whole ones are learned, parts of them are not, and cutting loses nothing."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.functions.segmentation.clusters import RUNS, clusters_of
from curation.functions.segmentation.lexicon import Lexicon, learn
from curation.functions.segmentation.segment import SEPARATOR, segment

JAPANESE = (
    ("猫", "犬", "先生", "友達", "図書館", "彼", "海"),
    ("なるほど", "ありがとう", "やはり", "今日", "とても", "まさか", "つまり"),
    ("食べる", "走る", "静かだ", "面白い", "遠い", "消えた", "眠い", "光る"),
)
THAI = (
    ("แมว", "ครู", "ทะเล", "หมา", "ฝน", "เพื่อน"),
    ("ขอบคุณ", "วันนี้", "เพราะ", "บางที", "จริง"),
    ("กินข้าว", "วิ่ง", "สวย", "นอน", "หายไป", "ร้อน"),
)


def invented(parts: tuple[tuple[str, ...], ...], number: int) -> list[str]:
    """Texts of words in random order, without a blank between them."""
    draw = random.Random(7)
    words = list(itertools.chain(*parts))
    return ["".join(draw.choice(words) for _ in range(draw.randint(2, 6))) for _ in range(number)]


@pytest.mark.parametrize(
    ("parts", "word", "never"),
    [
        (JAPANESE, "なるほど", ("るほ", "ほど", "なるほ", "るほど")),
        (JAPANESE, "ありがとう", ("りがと", "がとう", "ありが")),
        (JAPANESE, "図書館", ("図書", "書館")),
        (THAI, "ขอบคุณ", ("ขอบ", "คุณ", "บคุ")),
        (THAI, "เพื่อน", ("พื่อ", "เพื่")),
    ],
)
def test_a_frequent_word_takes_its_parts_with_it(parts, word, never):
    """`なるほど` is one word in every text that has it, and none of its parts is a word of the list."""
    texts = invented(parts, 1_500)
    lexicon = learn(texts)
    cut = [piece for text in texts for run in RUNS.findall(text) for piece in lexicon.cut(run)]
    assert cut.count(word) > 0.8 * sum(text.count(word) for text in texts) > 50
    assert [part for part in never if cut.count(part) > 0.02 * cut.count(word)] == []


def test_a_particle_is_no_part_of_a_name():
    """`今日は` and `今日も` are `今日` with a particle."""
    texts = [f"{a}今日{b}{c}" for a in "あえうこそね" for b in "はもに" for c in ("雨", "晴れ", "休み", "海へ", "眠い")]
    cut = [piece for text in texts for piece in learn(texts).cut(text)]
    assert cut.count("今日") == len(texts)


def test_without_texts_every_cluster_is_a_word():
    """What no text taught is cut as `min_words` counts it: by character; vowel signs stay with their consonant."""
    assert Lexicon({}).cut("図書館") == ["図", "書", "館"]
    assert Lexicon({}).cut("ไปที่ไหน") == ["ไป", "ที่", "ไหน"]


LETTERS = st.sampled_from("今日図書なるほどっゃーんお茶ไปทีเ่พืน้อะาขก์กខ្មែរែ្ាမြန်မာ္ສະບາຍດີ")


@given(st.text(LETTERS, min_size=1, max_size=30))
def test_cutting_loses_nothing(text):
    """The words of a run, joined, are the run, with a lexicon and without; and so are its clusters."""
    learned = learn(["なるほど図書" * 3, "ไปที่นั่น" * 4])
    for run in RUNS.findall(text):
        assert "".join(clusters_of(run)) == run
        for lexicon in (Lexicon({}), learned):
            assert "".join(lexicon.cut(run)) == run


@given(st.text(st.characters(codec="utf-8", exclude_characters=SEPARATOR), max_size=40))
def test_separators_are_all_that_is_added(text):
    """A cut text without its separators is the text."""
    [cut] = segment([text], lexicon=Lexicon({}))
    assert cut.replace(SEPARATOR, "") == text
