"""Measures of how typical a word is of one side: evidence, size of the effect, spread.

A side has `A` posts, of which `a` have the word; the other one has `B`, and `b`.

- **Evidence**: log-likelihood, `G² = 2 Σ O ln(O / E)` over the four cells of the table with and without the word
  (Dunning 1993), which follows χ² with one degree of freedom. Thousands of words are tested at once, so a word counts
  only if it would with all of them in mind: `p < ALPHA / words tested` (Bonferroni).
- **Effect**: log ratio (Hardie 2014), the binary logarithm of the ratio of shares: 1 is twice as often, 2 four times.
  Half a post is added to each count, so that a word of one side only has a ratio (Haldane 1956; Anscombe 1956).
- **Order**: by the end nearer to 0 of the effect's 95% interval (Katz et al. 1978), so that neither a rare word with a
  chance ratio nor a frequent one with a tiny difference comes first.
- **Spread**: DPnorm (Gries 2008; Lijffijt and Gries 2012) over parts, from 0 (in each part as often as expected by its
  size) to 1 (all in the smallest part).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Chance of at least one false difference among all words of a comparison.
ALPHA = 0.01
#: Standard deviations of a 95% interval.
Z = 1.959964
#: What is added to each count.
HALF = 0.5


def log_likelihood(a: Floats, b: Floats, size_a: int, size_b: int) -> Floats:
    """G² of counts `a` of `size_a` posts and `b` of `size_b`."""
    total, both = size_a + size_b, a + b
    cells = (
        (a, size_a * both), (b, size_b * both), (size_a - a, size_a * (total - both)),
        (size_b - b, size_b * (total - both)),
    )  # fmt: skip
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = [np.where(found > 0, found * np.log(found * total / expected), 0.0) for found, expected in cells]
    answer: Floats = np.maximum(2 * np.sum(terms, axis=0), 0.0)
    return answer


def log_ratio(a: Floats, b: Floats, size_a: int, size_b: int) -> Floats:
    """The binary logarithm of the ratio of shares, smoothed by half a post."""
    answer: Floats = np.log2((a + HALF) / (size_a + 2 * HALF)) - np.log2((b + HALF) / (size_b + 2 * HALF))
    return answer


def nearer_end(ratio: Floats, a: Floats, b: Floats, size_a: int, size_b: int) -> Floats:
    """The end of the log ratio's 95% interval that is nearer to 0; 0 where the interval holds 0."""
    variance = 1 / (a + HALF) - 1 / (size_a + 2 * HALF) + 1 / (b + HALF) - 1 / (size_b + 2 * HALF)
    margin = Z * np.sqrt(np.maximum(variance, 0.0)) / math.log(2)
    answer: Floats = np.sign(ratio) * np.maximum(np.abs(ratio) - margin, 0.0)
    return answer


def critical(tested: int) -> float:
    """The least G² that counts when so many words are tested."""
    aim = ALPHA / max(tested, 1)
    low, high = 0.0, 2_000.0
    for _ in range(80):  # the chance of a G² this large falls with it
        middle = (low + high) / 2
        low, high = (middle, high) if math.erfc(math.sqrt(middle / 2)) > aim else (low, middle)
    return high


def deviation(found: Floats, sizes: Floats, total: float, smallest: float) -> float:
    """DPnorm of a word: `found` are its posts in the parts that have it, `sizes` the posts of these parts.

    `total` and `smallest` are the posts of all parts and of the smallest one.
    """
    share, expected = found / found.sum(), sizes / total
    distance = 0.5 * (np.abs(share - expected).sum() + 1 - expected.sum())
    most = 1 - smallest / total
    return float(min(max(distance / most, 0.0), 1.0)) if most > 0 else 0.0


def interval(successes: int, trials: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927)."""
    if not trials:
        return 0.0, 1.0
    share, square = successes / trials, Z * Z
    centre = (share + square / (2 * trials)) / (1 + square / trials)
    margin = Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials)) / (1 + square / trials)
    return max(centre - margin, 0.0), min(centre + margin, 1.0)
