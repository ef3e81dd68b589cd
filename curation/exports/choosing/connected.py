"""What hangs together, by pairs."""

from __future__ import annotations

import numpy as np


def components(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of each of the numbers below `count` the least that it hangs together with, by pairs of them.

    >>> components(5, np.array([1, 3]), np.array([3, 4])).tolist()
    [0, 1, 2, 1, 1]
    """
    least = np.arange(count, dtype=np.int32)
    while True:
        one, other = least[one], least[other]
        apart = one != other
        if not apart.any():
            return least
        one, other = one[apart], other[apart]
        np.minimum.at(least, np.maximum(one, other), np.minimum(one, other))
        while True:
            further = least[least]
            if np.array_equal(further, least):
                break
            least = further
