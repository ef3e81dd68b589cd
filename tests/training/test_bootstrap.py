"""Intervals against what is known of synthetic posts."""

from __future__ import annotations

import numpy as np

from curation.training.evaluation.bootstrap import Bootstrap


def test_intervals_cover_the_truth_about_as_often_as_they_claim() -> None:
    """Of 300 experiments with a known difference about 95% have it in their interval: at least 90, not all."""
    random = np.random.default_rng(5)
    truth, covered = 0.02, 0
    for experiment in range(300):
        characters = random.integers(20, 200, 120)
        hard = random.normal(2.5, 0.6, 120)
        gain = random.normal(truth, 0.15, 120)
        bits = np.stack([hard * characters, (hard + gain) * characters], axis=-1)[None]
        _, (low, high) = Bootstrap.of(bits, characters, seed=experiment, draws=300).difference(0, 1)
        covered += low <= truth <= high
    assert 0.90 <= covered / 300 < 1


def test_what_all_recipes_share_cancels() -> None:
    """The interval of a difference is far narrower than those of two recipes that find the same posts hard."""
    random = np.random.default_rng(1)
    characters = random.integers(20, 200, 200)
    hard = random.normal(2.5, 0.8, 200)
    bits = np.stack([hard * characters, (hard + 0.05) * characters], axis=-1)[None]
    result = Bootstrap.of(bits, characters)
    (low, high), (difference, (least, most)) = result.interval(0), result.difference(0, 1)
    assert abs(difference - 0.05) < 1e-9
    assert most - least < 1e-9 < 0.1 < high - low


def test_models_that_differ_by_their_seed_widen_the_interval() -> None:
    """A difference that is there with one seed and not with another is not sure, however many posts there are."""
    characters = np.full(2_000, 100)
    bits = np.full((3, 2_000, 2), 250.0)
    bits[0, :, 1] -= 10
    difference, (low, high) = Bootstrap.of(bits, characters).difference(0, 1)
    assert abs(difference + 0.1 / 3) < 1e-9
    assert low < -0.05
    assert high == 0


def test_the_seed_decides_the_draws() -> None:
    """The same seed gives the same draws; the value itself depends on none."""
    random = np.random.default_rng(2)
    characters, bits = random.integers(20, 200, 50), random.normal(200, 20, (1, 50, 2))
    one, same, other = (Bootstrap.of(bits, characters, seed=seed) for seed in (1, 1, 2))
    assert one.difference(0, 1) == same.difference(0, 1)
    assert one.interval(0) != other.interval(0)
    assert one.values.tolist() == other.values.tolist()
