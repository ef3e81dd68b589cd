"""All pairs of some texts, looked at one by one by their sketches.

Where most texts meet most others, this costs less than to find out who meets whom: five nanoseconds a pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Pairs of a tile: as many as fit in a core's cache.
_ROWS, _COLUMNS = 32, 1_024
#: Pairs that are collected before they are given.
_AT_ONCE = 1 << 20


def not_ruled_out(
    texts: np.ndarray, others: np.ndarray, sketches: np.ndarray, counts: np.ndarray, threshold: float
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All pairs of a text and another one whose sketches allow a similarity of `threshold`, and a few more.

    Within one array each pair comes once, in its order. `sketches` and `counts` are of all texts, by their numbers (see
    `curation.sameness.pairs.are_possible`, which decides about the few more).
    """
    own = texts is others
    rows, columns = np.ascontiguousarray(sketches[texts].T), np.ascontiguousarray(sketches[others].T)
    # The most bits that may differ are a share of the shingles of both texts.
    share = (1 - threshold) / (1 + threshold)
    most = [(counts[some] * share + 0.01).astype(np.float32) for some in (texts, others)]
    waiting: list[tuple[np.ndarray, np.ndarray]] = []
    for top in range(0, len(texts), _ROWS):
        for left in range(top if own else 0, len(others), _COLUMNS):
            down, across = slice(top, top + _ROWS), slice(left, left + _COLUMNS)
            differ = np.zeros((len(texts[down]), len(others[across])), dtype=np.uint16)
            for one, other in zip(rows[:, down, None], columns[:, None, across], strict=True):
                differ += np.bitwise_count(one ^ other)
            row, column = np.nonzero(differ <= most[0][down, None] + most[1][None, across])
            if own:
                later = row + top < column + left
                row, column = row[later], column[later]
            waiting.append((texts[row + top], others[column + left]))
        if sum(len(some) for some, _ in waiting) > _AT_ONCE:
            yield _together(waiting)
            waiting = []
    if waiting:
        yield _together(waiting)


def _together(pairs: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    texts, others = zip(*pairs, strict=True)
    return np.concatenate(texts), np.concatenate(others)
