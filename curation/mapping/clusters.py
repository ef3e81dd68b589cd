"""Clusters of the map: its hills.

The points become a smooth relief. Each place belongs to the peak above it, and a peak that rises little above the pass
to a higher one belongs to that one (persistence, Chazal et al. 2013, ToMATo). So clusters are the islands that people
see; their number follows from the posts. Thinly settled places belong to none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curation.mapping.layout import Points
from curation.mapping.neighbours import Numbers

#: How far posts are smoothed, in cells of the relief; a cell is about half as wide as the space between posts.
SMOOTH = 2.2
#: A peak counts if it is so many times as high as the pass to a higher one.
RISE = 1.25
#: Most clusters: more can't be read. Least posts of one, as a share and as a number.
MOST, LEAST_SHARE, LEAST = 60, 0.002, 5
#: Places lower than this share of the median post's are settled thinly.
THIN = 0.12


def clusters_of(points: Points) -> Numbers:
    """The cluster of each post, from 0, the largest; -1 for none."""
    side = int(np.clip(2 * len(points) ** 0.5, 30, 400))
    cell = np.minimum((points * side).astype(np.int64), side - 1)
    flat = cell[:, 1] * side + cell[:, 0]
    relief = _relief(flat, side)
    high = float(np.median(relief[flat]))
    rise = RISE
    while True:
        labels = _hills(relief, side, THIN * high, rise)[flat]
        numbers, counts = np.unique(labels[labels >= 0], return_counts=True)
        if len(numbers) <= MOST:
            break
        rise *= 1.25
    least = max(LEAST, int(LEAST_SHARE * len(points)))
    order = np.argsort(-counts, kind="stable")
    renamed = {int(numbers[place]): rank for rank, place in enumerate(order) if counts[place] >= least}
    answer: Numbers = np.array([renamed.get(label, -1) for label in labels.tolist()], dtype=np.int32)
    return answer


def _relief(flat: npt.NDArray[np.int64], side: int) -> npt.NDArray[np.float64]:
    """The number of posts at each place, smoothed."""
    from scipy.ndimage import gaussian_filter

    counts = np.bincount(flat, minlength=side * side).reshape(side, side).astype(np.float64)
    answer: npt.NDArray[np.float64] = gaussian_filter(counts, sigma=SMOOTH, mode="constant").ravel()
    return answer


def _hills(relief: npt.NDArray[np.float64], side: int, least: float, rise: float) -> npt.NDArray[np.int64]:
    """The peak that each place belongs to; -1 for low places."""
    hill = np.full(side * side, -1, dtype=np.int64)
    over: dict[int, int] = {}  # a peak, and the higher one that it belongs to

    def root(peak: int) -> int:
        while over[peak] != peak:
            over[peak] = over[over[peak]]
            peak = over[peak]
        return peak

    order = np.argsort(-relief, kind="stable")
    for place in order[: int(np.count_nonzero(relief > least))].tolist():
        y, x = divmod(place, side)
        around = {
            root(int(hill[v * side + u]))
            for v in range(max(y - 1, 0), min(y + 2, side))
            for u in range(max(x - 1, 0), min(x + 2, side))
            if hill[v * side + u] >= 0
        }
        if not around:
            hill[place] = over[place] = place
            continue
        first = max(around, key=lambda peak: (relief[peak], -peak))
        hill[place] = first
        for other in around - {first}:
            if relief[other] < rise * relief[place]:
                over[other] = first
    return np.array([root(peak) if peak >= 0 else -1 for peak in hill.tolist()], dtype=np.int64)
