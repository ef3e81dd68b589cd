"""Signatures find texts that are nearly the same without comparing all pairs.

Under a random order, the smallest shingle of two texts is the same with a probability equal to their Jaccard similarity
(MinHash: Broder 1997). `rows` such minima make a band, and texts that agree in one of the `BANDS` are compared. With 32
bands, two texts of similarity s are compared with a probability of 1 - (1 - s^rows)^32. For s = .7 and 5 rows that is
.997.

An order is a multiplication of 16 bits by an odd number, plus a number; one instruction multiplies 32 shingles. Without
the addition, a shingle of 16 zero bits would be the smallest in every order. The few shingles that an order confuses
only cost a comparison, because every pair is verified. The sketch of a text has 256 bits, and each shingle
sets one. Two sketches differ in at most as many bits as the texts differ in shingles, so a sketch rules out most pairs
without reading their texts, and never a similar one.
"""

from __future__ import annotations

import hashlib
import math
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from curation.sameness.shingles import NGRAM, Shingles, portions, shingles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from curation.functions.recent import Recent

#: Increases when a text may get another signature.
VERSION = 2

BANDS = 32
SKETCH_BITS = 256
SEED = 1
#: Least probability that two texts at the threshold agree in a band: 1 - (1 - .168)^32 = .997.
_AGREE = 0.168
_MOST_ROWS = 8
#: Larger sketches: the least and the most bits, and about so many for each shingle. With fewer bits than shingles,
#: nearly all of them are set, and no pair is ruled out.
_LEAST_BITS, _MOST_BITS, _BITS_PER_SHINGLE = 1 << 10, 1 << 15, 2
#: Bytes that a text takes where signatures of any number of rows are kept.
BYTES = 2 * BANDS * _MOST_ROWS + SKETCH_BITS // 8 + 4
#: Shingles that are processed at a time: as many as fit in a core's cache.
_AT_ONCE = 1 << 17
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class Signatures(NamedTuple):
    """The signatures of some texts."""

    bands: np.ndarray  # uint32, texts × BANDS
    sketches: np.ndarray  # uint64, texts × 4
    counts: np.ndarray  # uint32, shingles of each text, repeated ones too; a text without any is similar to none


def rows_for(threshold: float) -> int:
    """Rows of a band that find texts of that similarity or more.

    >>> [rows_for(threshold) for threshold in (0.5, 0.7, 0.8, 1.0)]
    [2, 5, 7, 8]
    """
    if threshold >= 1:
        return _MOST_ROWS
    return max(1, min(_MOST_ROWS, math.floor(math.log(_AGREE) / math.log(threshold) + 1e-9)))


def version(rows: int) -> str:
    """All that signatures depend on, besides the text."""
    return (
        f"minhash {VERSION}, {NGRAM}-grams, {BANDS} bands of {rows}, seed {SEED}, Unicode {unicodedata.unidata_version}"
    )


def signatures(texts: Sequence[str], rows: int, recent: Recent | None = None) -> Signatures:
    """The signature of each text. It depends only on the text and on `version(rows)`.

    `recent` keeps what the signatures of the same texts need for another number of rows.
    """
    key = _digest(texts) if recent else b""
    kept = recent.get(key) if recent else None
    if kept is None:
        kept = _of_any_rows(texts, BANDS * rows)
    elif len(kept[0]) < BANDS * rows:
        more = [_least(shingles(some), len(kept[0]), BANDS * _MOST_ROWS) for some in portions(texts)]
        kept = (np.concatenate((kept[0], np.concatenate(more, axis=1))), *kept[1:])
    if recent:
        recent.put(key, kept)
    least, their_sketches, counts = kept
    return Signatures(_bands(least, rows), their_sketches, counts)


def _of_any_rows(texts: Sequence[str], orders: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The smallest shingles in so many orders, the sketches and the counts of the texts."""
    parts = [
        (_least(every, 0, orders), sketches(every), every.counts.astype(np.uint32))
        for every in map(shingles, portions(texts))
    ]
    least, their_sketches, counts = zip(*parts, strict=True)
    return np.concatenate(least, axis=1), np.concatenate(their_sketches), np.concatenate(counts)


def _digest(texts: Sequence[str]) -> bytes:
    lengths = np.fromiter(map(len, texts), dtype=np.uint32, count=len(texts))
    return hashlib.blake2b(lengths.tobytes() + "".join(texts).encode("utf-8", "surrogatepass")).digest()


def _bands(least: np.ndarray, rows: int) -> np.ndarray:
    bands = np.empty((least.shape[1], BANDS), dtype=np.uint32)
    for band in range(BANDS):
        number = np.full(len(bands), band, dtype=np.uint64)
        for row in least[band * rows : (band + 1) * rows]:
            number *= _FACTOR
            number += row
            number ^= number >> np.uint64(29)
        number *= _FACTOR
        bands[:, band] = number >> np.uint64(32)
    return bands


def _least(every: Shingles, begin: int, end: int) -> np.ndarray:
    """uint16, orders × texts: the smallest shingle of each text in the orders from `begin` to before `end`.

    Texts without any get the largest.
    """
    orders = BANDS * _MOST_ROWS
    factors = np.random.default_rng(SEED).integers(0, 1 << 15, orders, dtype=np.uint16) * np.uint16(2) + np.uint16(1)
    shifts = np.random.default_rng(SEED + 1).integers(0, 1 << 16, orders, dtype=np.uint16)
    lanes = every.hashes.astype("<u8", copy=False).view("<u2").reshape(-1, 4).T.copy()
    least = np.full((end - begin, len(every.counts)), 0xFFFF, dtype=np.uint16)
    by_count = np.argsort(every.counts, kind="stable")
    first = int(np.searchsorted(every.counts[by_count], 1))
    starts = every.starts
    while first < len(by_count):
        # Texts with about the same number of shingles together; shorter ones repeat their last shingle.
        some = by_count[first : first + max(1, _AT_ONCE // int(every.counts[by_count[first]]))]
        longest = int(every.counts[some[-1]])
        some = some[: max(1, _AT_ONCE // longest)]
        longest = int(every.counts[some[-1]])
        where = starts[some] + np.minimum(np.arange(longest)[:, None], every.counts[some] - 1)
        beside = [lane[where] for lane in lanes]
        product = np.empty_like(beside[0])
        minima = np.empty((end - begin, len(some)), dtype=np.uint16)
        for order in range(begin, end):
            np.multiply(beside[order % 4], factors[order], out=product)
            np.add(product, shifts[order], out=product)
            np.minimum.reduce(product, axis=0, out=minima[order - begin])
        least[:, some] = minima
        first += len(some)
    return least


def larger_sketch(usual: float) -> int:
    """The bits of a larger sketch, for texts that usually have so many shingles."""
    return min(max(_LEAST_BITS, 1 << int(usual * _BITS_PER_SHINGLE).bit_length()), _MOST_BITS)


def sketches(every: Shingles, size: int = SKETCH_BITS) -> np.ndarray:
    """uint64, texts × (size ÷ 64): the sketch of each text, of `size` bits, a power of two."""
    texts, unused = len(every.counts), np.uint64(65 - size.bit_length())
    bits = np.zeros(texts * size, dtype=bool)
    owner = np.repeat(np.arange(texts, dtype=np.int64) * size, every.counts)
    bits[owner + (every.hashes >> unused).astype(np.int64)] = True
    return np.packbits(bits.reshape(texts, size), axis=1).view("<u8")
