"""Pairs of texts that agree in a band: those that are looked at together are those that are looked at one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.sameness import all_pairs, pairs
from curation.sameness.all_pairs import Sketches
from curation.sameness.pairs import Buckets, PairSet, ends, packed


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 10**6),
    st.integers(0, 60),
    st.sampled_from([(1, 0), (2, 1), (8, 4), (50, 50)]),
    st.sampled_from([0.5, 0.7, 1.0]),
    st.booleans(),
)
def test_what_buckets_allow_is_what_their_pairs_allow(
    monkeypatch: pytest.MonkeyPatch, seed: int, count: int, reach: tuple[int, int], threshold: float, labelled: bool
) -> None:
    """In small buckets and large ones, in parts of any size, with and without texts that are joined already."""
    monkeypatch.setattr(all_pairs, "_TOGETHER", 16)
    monkeypatch.setattr(all_pairs, "_COLUMNS", 4)
    monkeypatch.setattr(all_pairs, "_AT_ONCE", 5)
    monkeypatch.setattr(pairs, "_FEW", 3)
    monkeypatch.setattr(pairs, "_TILED", 6)
    monkeypatch.setattr(pairs, "_AT_ONCE", 3)
    draw = np.random.default_rng(seed)
    members = np.sort(packed(draw.integers(0, 6, count), np.arange(count)))
    buckets = Buckets.of(members, np.zeros(1, dtype=np.int64))
    shingles = draw.integers(1, 40, count)
    bits = np.packbits(draw.random((count, 256)) < shingles[:, None] / 500, axis=1).view("<u8")
    sketches = Sketches(bits, shingles, threshold)
    labels = draw.integers(0, 3, count) if labelled else None
    proposed = [pair for some in buckets.pairs(*reach) for pair in some.tolist()]
    lesser, greater = ends(np.array(proposed, dtype=np.uint64))
    allowed = sketches.allow(lesser, greater)
    if labels is not None:
        allowed &= labels[lesser] != labels[greater]
    expected = sorted(itertools.compress(proposed, allowed.tolist()))
    chosen = buckets if labels is None else buckets.mixed(labels)
    assert sorted(pair for some in chosen.possible(*reach, sketches, labels) for pair in some.tolist()) == expected


def test_collected_pairs_come_once() -> None:
    """However often they were added, and nothing is left of what was taken."""
    collected = PairSet(3)
    for some in ([5, 1, 5], [1, 7], [], [2, 5]):
        collected.add(np.array(some, dtype=np.uint64))
    assert collected.take().tolist() == [1, 2, 5, 7]
    assert (collected.all().tolist(), collected.waiting) == ([], 0)
