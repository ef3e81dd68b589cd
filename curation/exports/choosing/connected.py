"""Connected components of a graph that is given as pairs."""

from __future__ import annotations

import numpy as np


def components(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """For each number below `count`, the least number of its component. `one` and `other` are the pairs.

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
