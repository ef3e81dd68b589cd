"""Intervals by resampling posts (the bootstrap: Efron 1979), the same draws for every recipe.

Some posts are harder than others for any model. Each draw takes the same posts for all recipes, so this cancels in a
difference, and the interval of the difference is much narrower than those of the two figures (paired bootstrap).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DRAWS = 2_000
#: Share of the draws that an interval covers.
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Bits per character of some recipes, for the held-out posts and for draws of them."""

    values: np.ndarray  # float64, one a recipe, over all posts as they are
    draws: np.ndarray  # float64, draws × recipes

    @classmethod
    def of(cls, bits: np.ndarray, characters: np.ndarray, *, seed: int = 0, draws: int = DRAWS) -> Bootstrap:
        """Resample posts and models: `bits` is seeds × posts × recipes, `characters` (code points) one a post.

        A draw takes as many posts as there are, and as many seeds, both with replacement. A value is all bits ÷ all
        characters, the mean over the seeds.
        """
        seeds, posts, recipes = bits.shape
        table = np.column_stack((np.moveaxis(bits, 0, 1).reshape(posts, -1), characters)).astype(np.float64)
        random = np.random.default_rng(seed)
        values = np.empty((draws, recipes))
        for number in range(draws):
            times = np.bincount(random.integers(0, posts, posts), minlength=posts)
            models = np.bincount(random.integers(0, seeds, seeds), minlength=seeds)
            values[number] = _per_character(times @ table, models, recipes)
        return cls(_per_character(table.sum(axis=0), np.ones(seeds), recipes), values)

    def interval(self, recipe: int) -> tuple[float, float]:
        """The 95% interval of a recipe's bits per character."""
        return _middle(self.draws[:, recipe])

    def difference(self, a: int, b: int) -> tuple[float, tuple[float, float]]:
        """Bits per character of `b` less those of `a`, and the 95% interval of that."""
        return float(self.values[b] - self.values[a]), _middle(self.draws[:, b] - self.draws[:, a])


def _per_character(sums: np.ndarray, models: np.ndarray, recipes: int) -> np.ndarray:
    bits: np.ndarray = models @ sums[:-1].reshape(len(models), recipes) / models.sum() / max(sums[-1], 1)
    return bits


def _middle(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return float(low), float(high)
