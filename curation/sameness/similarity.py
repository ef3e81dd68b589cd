"""The similarity of two texts: the shingles that they share ÷ all of both, each counted once (Jaccard).

Thousands of pairs are computed at a time. All shingles of their texts are sorted once; each that several texts have
gets a number, and a text is then a row of bits. What two texts share are the bits that both rows have.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from curation.sameness.shingles import NGRAM, Shingles, shingles

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Characters of the texts of which pairs are computed together.
TOGETHER = 1 << 20
#: Bits that hold the place of a shingle while it is sorted; the others are those of its hash.
_PLACE = TOGETHER.bit_length() - 1
#: Numbers of 64 bits that are computed at a time: as many as fit in a core's cache.
_AT_ONCE = 1 << 16


def similarities(texts: Sequence[str], pairs: np.ndarray, ngram: int = NGRAM) -> np.ndarray:
    """The similarity of each pair (rows of two indices into `texts`). Two texts without shingles have one of 0.

    It depends on no other pair. Shingles are compared by 44 bits of their hashes, so two different ones of a pair of
    posts are confused with a probability of one in a thousand million.
    """
    if len(pairs) > 1 and sum(map(len, texts)) > TOGETHER:
        return np.concatenate([_of_some(texts, some, ngram) for some in np.array_split(pairs, 2)])
    one, other = pairs.T
    every = shingles(texts, ngram)
    sizes, owners, numbers = _shared_shingles(every)
    shared = np.where(one == other, sizes[one], _in_common(len(texts), owners, numbers, one, other))
    jaccard: np.ndarray = shared / np.maximum(sizes[one] + sizes[other] - shared, 1)
    return jaccard


def _of_some(texts: Sequence[str], pairs: np.ndarray, ngram: int) -> np.ndarray:
    needed, where = np.unique(pairs, return_inverse=True)
    return similarities([texts[text] for text in needed.tolist()], where.reshape(-1, 2), ngram)


def _shared_shingles(every: Shingles) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How many distinct shingles each text has; then those that several texts have, once for each of these texts.

    Of each the text that has it, and its number, ascending from 0.
    """
    count, texts = len(every.hashes), len(every.counts)
    bits = np.uint64(max(_PLACE, count.bit_length()))
    # Sorted by the hash, then by the text.
    placed = (every.hashes >> bits) << bits
    placed |= np.arange(count, dtype=np.uint64)
    placed.sort()
    owners = np.repeat(np.arange(texts), every.counts)[(placed & ((np.uint64(1) << bits) - np.uint64(1))).astype(int)]
    placed >>= bits
    begins = np.ones(count + 1, dtype=bool)
    np.not_equal(placed[1:], placed[:-1], out=begins[1:count])
    distinct = begins[:-1].copy()
    distinct[1:] |= owners[1:] != owners[:-1]
    sizes: np.ndarray = every.counts - np.bincount(owners[~distinct], minlength=texts)
    # What only one text has is in no other one.
    several = np.flatnonzero(distinct & ~(begins[:-1] & begins[1:]))
    numbers = np.cumsum(begins[:-1] & ~begins[1:]) - 1
    return sizes, owners[several], numbers[several]


def _in_common(texts: int, owners: np.ndarray, numbers: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How many shingles the two texts of each pair share. `owners` and `numbers` are those of `_shared_shingles`."""
    shared = np.zeros(len(one), dtype=np.int64)
    words = int(numbers[-1]) // 64 + 1 if len(numbers) else 0
    rows = min(words, max(1, _AT_ONCE // max(len(one), texts)))
    bits = np.empty((rows, texts), dtype=np.uint64)
    where = numbers // 64 % max(rows, 1) * texts + owners
    bit = np.uint64(1) << (numbers % 64).astype(np.uint64)
    cuts = np.searchsorted(numbers, np.arange(0, words + rows, max(rows, 1)) * 64).tolist()
    for begin, end in itertools.pairwise(cuts):
        bits[:] = 0
        np.add.at(bits.reshape(-1), where[begin:end], bit[begin:end])  # each bit once, so a sum is a union
        both = np.take(bits, one, axis=1)
        both &= np.take(bits, other, axis=1)
        shared += np.bitwise_count(both).sum(axis=0, dtype=np.int64)
    return shared
