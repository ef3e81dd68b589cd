"""Which of similar texts stay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.sameness import clusters

pairs = st.sets(st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] < pair[1]), max_size=40)


def codes(some: set[tuple[int, int]]) -> np.ndarray:
    """Pairs as the search writes them."""
    return np.array([lesser << 32 | greater for lesser, greater in some], dtype=np.uint64)


@given(pairs)
def test_each_that_is_like_none_that_stays(some: set[tuple[int, int]]) -> None:
    """In their order, a text goes for the first that stays and that it is like."""
    expected: dict[int, int] = {}
    for text in range(13):
        like = [other for other in range(text) if (other, text) in some and other not in expected]
        if like:
            expected[text] = like[0]
    gone, kept = clusters.keepers(codes(some))
    assert dict(zip(gone.tolist(), kept.tolist(), strict=True)) == expected
    assert gone.tolist() == sorted(gone.tolist())


def test_a_chain_is_no_cluster() -> None:
    """Of A like B like C, C stays when it is not like A."""
    gone, kept = clusters.keepers(codes({(0, 1), (1, 2)}))
    assert (gone.tolist(), kept.tolist()) == ([1], [0])


def test_how_many_at_a_time_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain over the borders of what is looked at at a time."""
    chain = codes({(place, place + 1) for place in range(10)})
    monkeypatch.setattr(clusters, "_AT_ONCE", 3)
    assert clusters.keepers(chain)[0].tolist() == [1, 3, 5, 7, 9]
