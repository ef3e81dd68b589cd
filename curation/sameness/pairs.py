"""Which texts are compared: those that agree in a band, and whose sketches do not rule it out.

In a bucket, the texts of one group with one value of a band, each is laid beside the first few, which are the
preferred ones, and beside the few before it. So a bucket of thousands costs a handful of comparisons for each of
its texts rather than for each pair.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from curation.sameness.signatures import BANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from curation.sameness.store import Stored

#: Pairs that are looked up at a time.
_AT_ONCE = 1 << 20
#: Bytes that sorting a band takes for each text, and into how many parts a band is cut at most to take less.
_BYTES = 48
_MOST_PARTS = 256
_FACTORS = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def bucket_pairs(
    stored: Stored, alive: np.ndarray, groups: np.ndarray, *, first: int, before: int, memory: int
) -> Iterator[tuple[int, np.ndarray]]:
    """The pairs of each band, of texts that are `alive` (indices, ascending), as `lesser << 32 | greater`.

    Each text of a bucket comes with the `first` ones of it and with those up to `before` places before it.
    """
    bits = np.uint64(max(1, int(alive[-1]).bit_length() if len(alive) else 1))
    parts = min(_MOST_PARTS, 1 + len(alive) * _BYTES // max(memory, 1))
    for band in range(BANDS):
        values = stored.band(band)[alive]
        for part in range(parts):
            some = np.flatnonzero(values % np.uint32(parts) == part) if parts > 1 else slice(None)
            yield from (
                (band, pairs) for pairs in _of(values[some], groups[alive[some]], alive[some], bits, first, before)
            )


def _of(
    values: np.ndarray, groups: np.ndarray, alive: np.ndarray, bits: np.uint64, first: int, before: int
) -> Iterator[np.ndarray]:
    bucket = groups.astype(np.uint64) * _FACTORS[0] + values
    bucket ^= bucket >> np.uint64(31)
    bucket *= _FACTORS[1]
    # The bucket in the upper bits, the text in the lower ones: one sort puts buckets together, preferred texts first.
    members = ((bucket >> bits) << bits) | alive.astype(np.uint64)
    del bucket
    members.sort()
    same = (members[1:] ^ members[:-1]) >> bits == 0
    member = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
    begins = np.concatenate(([True], ~same))[member]
    text = members[member] & ((np.uint64(1) << bits) - np.uint64(1))
    del members, same, member
    start = np.flatnonzero(begins)
    size = np.diff(start, append=len(text))
    place = np.arange(len(text)) - np.repeat(start, size)
    later = np.arange(len(text))
    for step in range(first):
        later = later[place[later] > step]  # ever fewer, so that many steps cost what the pairs do
        yield from _joined(text, later - place[later] + step, later)
    for step in range(1, before + 1):
        later = later[place[later] - step >= first]
        if not len(later):
            break
        yield from _joined(text, later - step, later)


def _joined(text: np.ndarray, lesser: np.ndarray, greater: np.ndarray) -> Iterator[np.ndarray]:
    for begin in range(0, len(lesser), _AT_ONCE):
        end = begin + _AT_ONCE
        yield text[lesser[begin:end]] << np.uint64(32) | text[greater[begin:end]]


def possible(pairs: np.ndarray, sketches: np.ndarray, counts: np.ndarray, threshold: float) -> np.ndarray:
    """Those of the pairs whose sketches allow for a similarity of `threshold`.

    With d different shingles of s in all, the similarity is (s - d) ÷ (s + d), and d is no less than the number of
    bits in which the sketches differ.
    """
    lesser, greater = ends(pairs)
    together = counts[lesser].astype(np.int64) + counts[greater]
    differ = np.bitwise_count(sketches[lesser] ^ sketches[greater]).sum(axis=1, dtype=np.int64)
    allowed: np.ndarray = pairs[(together - differ) >= threshold * (together + differ) * (1 - 1e-9)]
    return allowed


def ends(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lesser and the greater text of each pair."""
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)
