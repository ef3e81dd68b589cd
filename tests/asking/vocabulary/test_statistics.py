"""The measures against figures that were worked out by hand, and what must hold of each."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.asking.vocabulary import statistics


def arrays(*values):
    return tuple(np.array([value], dtype=float) for value in values)


def test_log_likelihood_of_a_known_table():
    """30 of 100 against 10 of 100: 2 Σ O ln(O/E) is 12.97."""
    expected = 2 * sum(o * math.log(o / e) for o, e in ((30, 20), (10, 20), (70, 80), (90, 80)))
    [found] = statistics.log_likelihood(*arrays(30, 10), 100, 100)
    assert found == pytest.approx(expected)
    assert found == pytest.approx(12.97, abs=0.01)


def test_log_ratio_doubles_and_survives_zero():
    """Twice the share is 1; a word of one side only has a finite ratio."""
    [twice] = statistics.log_ratio(*arrays(2_000, 1_000), 100_000, 100_000)
    [alone] = statistics.log_ratio(*arrays(20, 0), 1_000, 1_000)
    assert twice == pytest.approx(1, abs=0.001)
    assert alone == pytest.approx(math.log2(20.5 / 0.5))


@pytest.mark.parametrize(("tested", "least"), [(1, 6.635), (10, 10.828), (100_000, 28.37)])
def test_many_words_need_more_evidence(tested, least):
    """The quantiles of χ² with one degree of freedom at 0.01 divided by the words tested."""
    if tested == 100_000:
        assert math.erfc(math.sqrt(statistics.critical(tested) / 2)) == pytest.approx(1e-7, rel=1e-6)
    else:
        assert statistics.critical(tested) == pytest.approx(least, abs=0.001)


def test_spread():
    """Exactly by size is 0; all in the smallest part is 1; half of equal parts is a half."""
    sizes = np.array([10.0, 30.0, 60.0])
    assert statistics.deviation(sizes, sizes, 100, 10) == pytest.approx(0)
    assert statistics.deviation(np.array([4.0]), np.array([10.0]), 100, 10) == pytest.approx(1)
    assert statistics.deviation(np.array([5.0]), np.array([50.0]), 100, 50) == pytest.approx(1)
    assert statistics.deviation(np.array([1.0, 1.0]), np.array([25.0, 25.0]), 100, 25) == pytest.approx(2 / 3)
    assert statistics.deviation(np.array([3.0]), np.array([100.0]), 100, 100) == 0


def test_the_interval_of_a_share():
    """Wilson's interval for 0 and for 5 of 10."""
    assert statistics.interval(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert statistics.interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_sides_can_be_exchanged(size_a, size_b, data):
    """The evidence is the same, the ratio has the other sign, and the nearer end never crosses 0."""
    a, b = arrays(data.draw(st.integers(0, size_a)), data.draw(st.integers(0, size_b)))
    ratio, other = statistics.log_ratio(a, b, size_a, size_b), statistics.log_ratio(b, a, size_b, size_a)
    assert ratio == pytest.approx(-other)
    assert statistics.log_likelihood(a, b, size_a, size_b) == pytest.approx(
        statistics.log_likelihood(b, a, size_b, size_a), abs=1e-6
    )
    nearer = statistics.nearer_end(ratio, a, b, size_a, size_b)
    assert abs(nearer) <= abs(ratio)
    assert nearer * ratio >= 0
