"""Shingles, similarities and signatures."""

from __future__ import annotations

import random
import unicodedata
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.functions.recent import Recent
from curation.sameness.all_pairs import Sketches
from curation.sameness.lookalikes import ALIKE
from curation.sameness.pairs import ends
from curation.sameness.shingles import NGRAM, shingles
from curation.sameness.signatures import BANDS, Signatures, rows_for, signatures, version
from curation.sameness.similarity import similarities

#: Few letters, so that texts share shingles; of several scripts, with signs that don't count.
some_texts = st.lists(st.text("abcасｂか霧шם 1١-!\0\U00020000\u0301", max_size=14), min_size=2, max_size=12)


def reference(text: str) -> set[str]:
    """The shingles of a text as sets of letters."""
    letters = ""
    for letter in (letter for letter in text if unicodedata.category(letter)[0] in "LMN"):
        simple = unicodedata.normalize("NFKC", letter)
        letter = next((alike[0] for alike in ALIKE if letter in alike or simple in alike), simple)
        letters += letter if letter not in letters[-1:] or letter.isnumeric() else ""
    if len(letters) < NGRAM:
        return {letters} - {""}
    return {letters[place : place + NGRAM] for place in range(len(letters) - NGRAM + 1)}


def jaccard(one: str, other: str) -> float:
    """The similarity of two texts, by sets."""
    first, second = reference(one), reference(other)
    return len(first & second) / max(len(first | second), 1)


@settings(max_examples=40, deadline=None)
@given(some_texts)
def test_similarities_are_those_of_sets(texts: list[str]) -> None:
    """The similarity of every two texts is the Jaccard similarity of their sets of shingles."""
    pairs = np.array([(a, b) for a in range(len(texts)) for b in range(len(texts))])
    expected = [jaccard(texts[a], texts[b]) for a, b in pairs]
    assert similarities(texts, pairs).tolist() == pytest.approx(expected)


@settings(max_examples=15, deadline=None)
@given(some_texts, st.integers(1, 8))
def test_signatures_depend_on_the_text_alone(texts: list[str], rows: int) -> None:
    """A text has the same signature among others as by itself, also where they are signed in portions."""
    together = signatures(texts, rows)
    with mock.patch("curation.sameness.shingles.PORTION", 9):
        assert all(np.array_equal(a, b) for a, b in zip(together, signatures(texts, rows), strict=True))
    for place, text in enumerate(texts):
        alone = signatures([text], rows)
        for name, values in zip(together._fields, together, strict=True):
            assert values[place].tolist() == getattr(alone, name)[0].tolist(), name


@settings(max_examples=15, deadline=None)
@given(st.lists(some_texts, min_size=2, max_size=3), st.lists(st.integers(1, 8), min_size=2, max_size=4))
def test_signatures_are_the_same_out_of_what_is_kept(blocks: list[list[str]], numbers: list[int]) -> None:
    """Whatever was signed before with other rows, and whether or not it is kept still."""
    for most in (0, 2_000, 1_000_000):
        recent = Recent(most)
        for rows in numbers:
            for texts in blocks:
                new, kept = signatures(texts, rows), signatures(texts, rows, recent)
                assert all(np.array_equal(a, b) for a, b in zip(new, kept, strict=True))


def possible(pairs: np.ndarray, found: Signatures, threshold: float) -> np.ndarray:
    """The pairs that their sketches allow."""
    return pairs[Sketches(found.sketches, found.counts, threshold).allow(*ends(pairs))]


@settings(max_examples=40, deadline=None)
@given(some_texts, st.sampled_from([0.5, 0.7, 0.9, 1.0]))
def test_a_sketch_rules_out_no_similar_pair(texts: list[str], threshold: float) -> None:
    """Whatever is as similar as the threshold is still there after the sketches were asked."""
    pairs = [(a, b) for a in range(len(texts)) for b in range(a + 1, len(texts))]
    found = signatures(texts, 5)
    codes = np.array([a << 32 | b for a, b in pairs], dtype=np.uint64)
    left = set(possible(codes, found, threshold).tolist())
    for (a, b), code in zip(pairs, codes.tolist(), strict=True):
        assert code in left or jaccard(texts[a], texts[b]) < threshold


def test_sketches_rule_out_most_other_pairs() -> None:
    """Of pairs of texts that share nothing none is left."""
    draw = random.Random(1)
    texts = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=80)) for _ in range(40)]
    found = signatures(texts, 5)
    codes = np.array([a << 32 | b for a in range(40) for b in range(a + 1, 40)], dtype=np.uint64)
    assert len(possible(codes, found, 0.7)) == 0


@pytest.mark.parametrize(("letters", "kept"), [(400, 70), (60, 11)])
def test_bands_agree_as_often_as_they_should(letters: int, kept: int) -> None:
    """Texts of a known similarity agree in a band with the probability similarity^rows, three errors at most."""
    draw, rows, pairs = random.Random(2), 3, 100
    ones = ["".join(map(chr, draw.sample(range(0x4E00, 0x9000), letters))) for _ in range(pairs)]
    others = [one[: letters - kept] + "".join(map(chr, draw.sample(range(0x9000, 0x9FFF), kept))) for one in ones]
    agree = int((signatures(ones, rows).bands == signatures(others, rows).bands).sum())
    expected = BANDS * sum(jaccard(one, other) ** rows for one, other in zip(ones, others, strict=True))
    # The bands of one pair are not independent of each other, but pairs are.
    assert abs(agree - expected) < 3 * (expected / pairs) * pairs**0.5


def test_a_zero_in_a_shingle_spoils_no_signature() -> None:
    """Texts that differ in one shingle agree in most bands, also if 16 bits of its hash are zero."""
    draw = np.random.default_rng(4)
    letters = ["".join(map(chr, draw.integers(0x4E00, 0x9FA5, 3))) for _ in range(40_000)]
    lanes = shingles(letters).hashes.view("<u2").reshape(-1, 4)
    [spoiling, *_] = [letters[place] for place in np.flatnonzero((lanes == 0).any(axis=1))]
    text = "".join(map(chr, draw.integers(0x4E00, 0x9FA5, 60)))
    one, other = signatures([text, text + spoiling], 4).bands
    assert (one == other).sum() > 16


def test_texts_without_letters_have_no_shingles() -> None:
    """Neither the empty text nor punctuation is like anything."""
    assert shingles(["", "?!", "ab", "abcd"]).counts.tolist() == [0, 0, 1, 2]
    assert similarities(["", "?!"], np.array([[0, 1], [0, 0]])).tolist() == [0, 0]


def test_lone_surrogates_are_characters() -> None:
    """Half a surrogate pair, which Python's texts may hold, breaks nothing; it counts as no letter."""
    assert shingles(["a\ud800bc"]).counts.tolist() == [1]


def test_rows_fit_the_threshold() -> None:
    """Texts at the threshold agree in one of the bands with a probability of at least .99."""
    for threshold in (0.5, 0.55, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95, 1.0):
        assert 1 - (1 - threshold ** rows_for(threshold)) ** BANDS >= 0.99
    assert version(5) != version(6)
