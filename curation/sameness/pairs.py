"""Which texts are compared: those that agree in a band, unless their sketches rule it out.

A bucket holds the texts of one group with the same value of a band. Each text is compared with the first few texts of
its bucket, which are the preferred ones, and with the few before it. So a bucket of thousands costs a handful of
comparisons per text, not one per pair. What that leaves out is the affair of `curation.sameness.crowds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curation.sameness.signatures import BANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from curation.sameness.store import Stored

#: Pairs that are looked up at a time.
_AT_ONCE = 1 << 20
#: Bytes that sorting a band takes per text. To take less, a band is cut into parts, at most so many.
BYTES = 48
_MOST_PARTS = 256
#: The bits of a pair or a member that are its last text.
_TEXT = np.uint64(0xFFFFFFFF)


def bucket_pairs(
    stored: Stored,
    alive: np.ndarray,
    begins: np.ndarray,
    *,
    first: int,
    before: int,
    memory: int,
    crowded: np.ndarray | None = None,
) -> Iterator[tuple[int, np.ndarray]]:
    """The pairs of each band among the texts that are `alive` (indices, ascending), as `lesser << 32 | greater`.

    `begins` are the first texts of the groups, ascending. Each text of a bucket is paired with the `first` texts of the
    bucket and with the texts up to `before` places before it. In `crowded`, a bool for each text, the texts of buckets
    with more texts than these are marked.
    """
    parts = min(_MOST_PARTS, 1 + len(alive) * BYTES // max(memory, 1))
    for band in range(BANDS):
        values = stored.band(band)[alive]
        for part in range(parts):
            some = np.flatnonzero(values % np.uint32(parts) == part) if parts > 1 else slice(None)
            members = packed(values[some], alive[some])
            members.sort()
            buckets = Buckets.of(members, begins)
            if crowded is not None:
                crowded[buckets.crowded(first, before)] = True
            yield from ((band, pairs) for pairs in buckets.pairs(first, before))


def packed(values: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """The values in the upper bits, the texts in the lower ones. Sorted, these are buckets, preferred texts first.

    Nothing is hashed, so two buckets are never confused, however many texts there are.
    """
    members = values.astype(np.uint64)
    members <<= np.uint64(32)
    members |= texts.astype(np.uint64)
    return members


@dataclass(frozen=True)
class Buckets:
    """The buckets with more than one text, one after the other, and the place of each text in its bucket, from 0."""

    texts: np.ndarray  # uint64
    places: np.ndarray
    at: np.ndarray  # the position of each text among the members that the buckets are made of

    @classmethod
    def of(cls, members: np.ndarray, begins: np.ndarray) -> Buckets:
        """The buckets of members that are `packed` and sorted."""
        same = (members[1:] ^ members[:-1]) >> np.uint64(32) == 0
        if len(begins) > 1:
            # The texts of a group are neighbours, so only between equal values the groups have to be compared.
            later = np.flatnonzero(same) + 1
            group = np.searchsorted(begins, members[later] & _TEXT, side="right")
            group_before = np.searchsorted(begins, members[later - 1] & _TEXT, side="right")
            same[later[group != group_before] - 1] = False
        at = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
        start = np.flatnonzero(np.concatenate(([True], ~same))[at])
        size = np.diff(start, append=len(at))
        return cls(members[at] & _TEXT, np.arange(len(at)) - np.repeat(start, size), at)

    def crowded(self, first: int, before: int) -> np.ndarray:
        """The texts of buckets with more than `first + before` texts."""
        sizes = np.diff(np.flatnonzero(self.places == 0), append=len(self.places))
        return self.texts[np.repeat(sizes > first + before, sizes)].astype(np.int64)

    def pairs(self, first: int, before: int, later: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """Each text (or those at `later`) with the `first` texts of its bucket and those `before` it."""
        text, place = self.texts, self.places
        later = np.arange(len(text)) if later is None else later
        for step in range(first):
            later = later[place[later] > step]  # fewer in each step, so the cost is that of the pairs
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
    """The pairs whose sketches allow a similarity of `threshold`."""
    lesser, greater = ends(pairs)
    allowed = are_possible(sketches[lesser], sketches[greater], counts[lesser], counts[greater], threshold)
    possible_pairs: np.ndarray = pairs[allowed]
    return possible_pairs


def are_possible(
    sketches: np.ndarray, others: np.ndarray, counts: np.ndarray, their_counts: np.ndarray, threshold: float
) -> np.ndarray:
    """Whether the sketches of two texts allow a similarity of `threshold`, for each text and the other at its position.

    With s shingles in both texts together, d of them different, the similarity is (s - d) ÷ (s + d). The sketches
    differ in at most d bits.
    """
    together = counts.astype(np.int64) + their_counts
    differ = np.bitwise_count(sketches ^ others).sum(axis=1, dtype=np.int64)
    allowed: np.ndarray = (together - differ) >= threshold * (together + differ) * (1 - 1e-9)
    return allowed


def distinct(parts: list[np.ndarray]) -> np.ndarray:
    """The distinct pairs of all parts, sorted. Needs less memory than `np.unique`."""
    pairs = np.concatenate(parts)
    pairs.sort()
    is_first = np.ones(len(pairs), dtype=bool)
    np.not_equal(pairs[1:], pairs[:-1], out=is_first[1:])
    some: np.ndarray = pairs[is_first]
    return some


def turned(pairs: np.ndarray) -> np.ndarray:
    """The pairs with their two texts swapped."""
    return pairs << np.uint64(32) | pairs >> np.uint64(32)


def ends(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lesser and the greater text of each pair."""
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & _TEXT).astype(np.int64)
