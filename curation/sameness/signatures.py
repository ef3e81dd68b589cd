"""Signatures: what a text is looked up by, so that nearly the same texts are found without comparing all.

The least hash of a text's shingles under a random order is the same for two texts with a probability of their
Jaccard similarity (MinHash: Broder 1997). `rows` of them make a band, and texts that agree in one of the `BANDS`
are compared. With 32 bands two texts of similarity s are compared with a probability of 1 - (1 - s^rows)^32, for
s = .7 and 5 rows that is .997.

An order is a multiplication of 16 bits by an odd number, which one instruction does to 32 shingles at a time; the
few that it confuses only cost a comparison, for whatever is found is compared in full. Beside the bands stands a
sketch of 256 bits, one set by each shingle: the bits in which two sketches differ are at most the shingles in
which the texts do, so it rules most pairs out without reading them, and never a right one.
"""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from curation.sameness.shingles import NGRAM, Shingles, shingles

if TYPE_CHECKING:
    from collections.abc import Sequence

BANDS = 32
SKETCH_BITS = 256
SEED = 1
#: Least probability that two texts at the threshold agree in a band: 1 - (1 - .168)^32 = .997.
_AGREE = 0.168
_MOST_ROWS = 8
#: Shingles that are worked on at a time: as many as a core's own cache holds.
_AT_ONCE = 1 << 17
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class Signatures(NamedTuple):
    """The signatures of some texts."""

    bands: np.ndarray  # uint32, texts × BANDS
    sketches: np.ndarray  # uint64, texts × 4
    counts: np.ndarray  # uint32, shingles of each text, repeated ones too; a text without any is like none


def rows_for(threshold: float) -> int:
    """Rows of a band with which texts of that similarity or more are found.

    >>> [rows_for(threshold) for threshold in (0.5, 0.7, 0.8, 1.0)]
    [2, 5, 7, 8]
    """
    if threshold >= 1:
        return _MOST_ROWS
    return max(1, min(_MOST_ROWS, math.floor(math.log(_AGREE) / math.log(threshold) + 1e-9)))


def version(rows: int) -> str:
    """What the signatures depend on besides the text."""
    return f"minhash 1, {NGRAM}-grams, {BANDS} bands of {rows}, seed {SEED}, Unicode {unicodedata.unidata_version}"


def signatures(texts: Sequence[str], rows: int, *, shifted: bool = False) -> Signatures:
    """The signature of each text, which depends on nothing but the text, `version(rows)` and whether it is `shifted`.

    A shingle of which 16 bits are 0 is the least in every order that looks at these: multiplied it stays 0. As every
    band has such an order, a text that has it agrees in no band with one that does not, however alike they are; that
    is the case with one text of some 250. Where orders are `shifted`, each by a number of its own, that is not so.
    """
    every = shingles(texts)
    return Signatures(_bands(every, rows, shifted=shifted), _sketches(every), every.counts.astype(np.uint32))


def _bands(every: Shingles, rows: int, *, shifted: bool) -> np.ndarray:
    least = _least(every, BANDS * rows, shifted=shifted)
    bands = np.empty((len(every.counts), BANDS), dtype=np.uint32)
    for band in range(BANDS):
        number = np.full(len(every.counts), band, dtype=np.uint64)
        for row in least[band * rows : (band + 1) * rows]:
            number *= _FACTOR
            number += row
            number ^= number >> np.uint64(29)
        number *= _FACTOR
        bands[:, band] = number >> np.uint64(32)
    return bands


def _least(every: Shingles, orders: int, *, shifted: bool) -> np.ndarray:
    """uint16, orders × texts: the least shingle of each text in each order. Texts without any have the greatest."""
    factors = np.random.default_rng(SEED).integers(0, 1 << 15, orders, dtype=np.uint16) * np.uint16(2) + np.uint16(1)
    shifts = np.random.default_rng(SEED + 1).integers(0, 1 << 16, orders, dtype=np.uint16)
    lanes = every.hashes.astype("<u8", copy=False).view("<u2").reshape(-1, 4).T.copy()
    least = np.full((orders, len(every.counts)), 0xFFFF, dtype=np.uint16)
    by_count = np.argsort(every.counts, kind="stable")
    first = int(np.searchsorted(every.counts[by_count], 1))
    starts = every.starts
    while first < len(by_count):
        # Texts with about as many shingles side by side; the shorter ones repeat their last.
        some = by_count[first : first + max(1, _AT_ONCE // int(every.counts[by_count[first]]))]
        longest = int(every.counts[some[-1]])
        some = some[: max(1, _AT_ONCE // longest)]
        longest = int(every.counts[some[-1]])
        where = starts[some] + np.minimum(np.arange(longest)[:, None], every.counts[some] - 1)
        beside = [lane[where] for lane in lanes]
        product = np.empty_like(beside[0])
        minima = np.empty((orders, len(some)), dtype=np.uint16)
        for order, factor in enumerate(factors):
            np.multiply(beside[order % 4], factor, out=product)
            if shifted:
                np.add(product, shifts[order], out=product)
            np.minimum.reduce(product, axis=0, out=minima[order])
        least[:, some] = minima
        first += len(some)
    return least


def _sketches(every: Shingles) -> np.ndarray:
    texts = len(every.counts)
    bits = np.zeros(texts * SKETCH_BITS, dtype=bool)
    owner = np.repeat(np.arange(texts, dtype=np.int64) * SKETCH_BITS, every.counts)
    bits[owner + (every.hashes >> np.uint64(56)).astype(np.int64)] = True
    return np.packbits(bits.reshape(texts, SKETCH_BITS), axis=1).view("<u8")
