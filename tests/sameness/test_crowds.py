"""Texts in full buckets: what goes is what comparing all pairs would find."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from curation.sameness import all_pairs, crowds, shingles, similarity
from curation.sameness.full_buckets import FullBuckets
from curation.sameness.similarity import similarities

THRESHOLD = 0.7


def some_texts(seed: int, count: int) -> list[str]:
    """One sentence of a few lengths, with letters changed."""
    draw, texts = random.Random(seed), []
    for _ in range(count):
        letters = list("the old ferry leaves the northern harbour at nine every foggy morning"[: draw.randint(50, 70)])
        for _ in range(draw.randint(1, 7)):
            letters[draw.randrange(len(letters))] = draw.choice("abcdefgh")
        texts.append("".join(letters))
    return texts


def greedy(texts: list[str], groups: np.ndarray) -> dict[int, tuple[int, float]]:
    """The texts that go, each with the first similar one of its group that stays, by comparing all pairs."""
    every = np.array([*itertools.combinations(range(len(texts)), 2)])
    values = dict(zip(map(tuple, every.tolist()), similarities(texts, every).tolist(), strict=True))
    gone: dict[int, tuple[int, float]] = {}
    for text in range(len(texts)):
        for other in range(text):
            if other not in gone and groups[other] == groups[text] and values[other, text] >= THRESHOLD:
                gone[text] = other, values[other, text]
                break
    return gone


@pytest.fixture(params=["by shingles", "all pairs"])
def way(request, monkeypatch):
    """Small blocks, and one of the two ways to find pairs."""
    monkeypatch.setattr(crowds, "BLOCK", 4)
    monkeypatch.setattr(crowds, "LARGEST", 32)
    monkeypatch.setattr(crowds, "_CROWDED", 60)
    monkeypatch.setattr(crowds, "_LATER", 1)
    monkeypatch.setattr(crowds, "_LEAST_LATER", 9)
    monkeypatch.setattr(crowds, "_CELLS", 400)
    monkeypatch.setattr(shingles, "PORTION", 700)
    monkeypatch.setattr(crowds, "_LOOKS", 0 if request.param == "by shingles" else 1e9)
    monkeypatch.setattr(all_pairs, "_TOGETHER", 15)
    monkeypatch.setattr(all_pairs, "_COLUMNS", 5)
    monkeypatch.setattr(all_pairs, "_AT_ONCE", 20)


@pytest.mark.parametrize("seed", range(3))
def test_a_crowd_is_what_all_pairs_say_and_stays_so_when_others_come(way, monkeypatch, seed):
    """Round after round, with texts that come and go, and only what is new is compared."""
    monkeypatch.setattr("curation.sameness.full_buckets.LOOKED_AT", 0)
    texts = some_texts(seed, 150)
    groups = np.sort(np.random.default_rng(seed).integers(0, 2, len(texts)))
    draw, computed = random.Random(seed), []
    full_buckets = FullBuckets(THRESHOLD)
    members = np.array(sorted(draw.sample(range(len(texts)), 100)))
    for _ in range(3):

        def verify(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            ends = np.column_stack((pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF))).astype(int)
            values = similarities(texts, ends) if len(ends) else np.empty(0)
            computed.append(len(ends))
            return pairs[values >= THRESHOLD], values[values >= THRESHOLD]

        def read(places: np.ndarray, members: np.ndarray = members) -> list[str]:
            return [texts[member] for member in members[places].tolist()]

        computed.clear()
        pairs, values = full_buckets.compare(members, read, groups[members], verify)
        expected = greedy([texts[member] for member in members.tolist()], groups[members])
        assert {
            int(pair) & 0xFFFFFFFF: (int(pair) >> 32, value) for pair, value in zip(pairs, values.tolist(), strict=True)
        } == {int(members[gone]): (int(members[kept]), value) for gone, (kept, value) in expected.items()}
        stay = np.delete(members, [*expected])
        new = [text for text in range(len(texts)) if text not in members]
        members = np.union1d(np.delete(stay, [3, 20]), draw.sample(new, 10))
    members = full_buckets.apart
    computed.clear()
    assert not len(full_buckets.compare(members, read, groups[members], verify)[0])
    assert not computed


@pytest.mark.parametrize("words", [15, 500, 4_000])
def test_sketches_are_as_large_as_the_texts_need(words):
    """Of texts of any length that are not alike, hardly a pair has to be verified."""
    draw = random.Random(words)
    vocabulary = [
        "".join(draw.choices("abcdefghijklmnopqrstuvwxyzæøåäöüßþðñçéèêàî", k=draw.randint(2, 9))) for _ in range(3_000)
    ]
    texts = [" ".join(draw.choices(vocabulary[: 6 * words], k=words)) for _ in range(40)]
    crowd = crowds.Crowd.of(
        len(texts), lambda places: [texts[place] for place in places.tolist()], np.zeros(len(texts)), THRESHOLD
    )
    every = np.arange(len(texts))
    assert sum(map(len, crowd.candidates(every, every))) < 10


def test_a_similarity_depends_on_no_other_pair(monkeypatch):
    """Whether they are computed together or in parts, also for a text with itself and for rows of few bits."""
    texts = [*some_texts(5, 30), "", "ab", "no letter in common 0123456789"]
    pairs = np.array([*itertools.product(range(len(texts)), repeat=2)])
    expected = [similarities([texts[one], texts[other]], np.array([[0, 1]]))[0] for one, other in pairs.tolist()]
    assert similarities(texts, pairs).tolist() == expected
    monkeypatch.setattr(similarity, "TOGETHER", 200)
    monkeypatch.setattr(similarity, "_AT_ONCE", 40)
    assert similarities(texts, pairs).tolist() == expected
