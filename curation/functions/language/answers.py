"""An answer about a text: at most five languages, the most likely first, each with at least one in a hundred.

`"nl=0.857 af=0.102"`. `und` among them is the probability of none of them. An answer is empty if nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

LISTED = 5
LEAST = 0.01

_THOUSANDTHS = tuple(f"{number / 1000:.3f}" for number in range(1001))
#: This near to the middle of two thousandths, a product is not exact enough to round.
_NEAR = 1e-6


def answer_of(shares: Mapping[str, float]) -> str:
    """The answer for probabilities by code; ties are in the order of the codes."""
    best = sorted((-share, code) for code, share in shares.items() if share >= LEAST)[:LISTED]
    return " ".join(f"{code}={-share:.3f}" for share, code in best)


def answers_of(shares: np.ndarray, codes: Sequence[str]) -> list[str]:
    """The same for each row of probabilities, float64 [texts, codes]."""
    texts, columns = np.nonzero(shares >= LEAST)
    values = shares[texts, columns]
    by_code = np.argsort(np.argsort(codes))
    order = np.lexsort((by_code[columns], -values, texts))
    heads = [f"{code}=" for code in codes]
    words = [
        heads[column] + _THOUSANDTHS[number]
        for column, number in zip(columns[order].tolist(), _thousandths(values[order]), strict=True)
    ]
    counts = np.bincount(texts, minlength=len(shares))
    ends = np.cumsum(counts)
    return [
        words[begin] if count == 1 else " ".join(words[begin : begin + min(count, LISTED)])
        for begin, count in zip((ends - counts).tolist(), counts.tolist(), strict=True)
    ]


def _thousandths(values: np.ndarray) -> list[int]:
    """Each value as Python rounds it to three digits."""
    products = values * 1000
    numbers = np.rint(products).astype(np.int64)
    for place in np.flatnonzero(np.abs(products - np.floor(products) - 0.5) < _NEAR).tolist():
        numbers[place] = int(f"{values[place]:.3f}".replace(".", ""))
    whole: list[int] = numbers.tolist()
    return whole
