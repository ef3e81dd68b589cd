"""Which texts are compared: those that agree in a band, unless their sketches rule it out.

A bucket holds the texts of one group with the same value of a band. Each text is compared with the first few texts of
its bucket, which are the preferred ones, and with the few before it. So a bucket of thousands costs a handful of
comparisons per text, not one per pair. The other pairs are left to `curation.sameness.full_buckets`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curation.sameness.signatures import BANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from curation.sameness.all_pairs import Sketches
    from curation.sameness.store import Stored

#: Pairs that are looked up at a time.
_AT_ONCE = 1 << 16
#: Bytes that sorting a band takes per text. To take less, a band is cut into parts, at most so many.
BYTES = 48
_MOST_PARTS = 256
#: Up to so many texts of a bucket, its pairs are too few to be looked at together.
_FEW = 13
#: Up to so many texts of a bucket, buckets of one size are looked at together.
_TILED = 192
#: The bits of a pair or a member that are its last text.
_TEXT = np.uint64(0xFFFFFFFF)


def every_bucket(
    stored: Stored, alive: np.ndarray, begins: np.ndarray, memory: int, sketch: int = 0
) -> Iterator[tuple[int, Buckets]]:
    """The buckets of each band of the texts that are `alive` (indices, ascending), with the number of the band.

    `begins` are the first texts of the groups, ascending. `memory` is in bytes, and `sketch` what a text's sketch takes
    of it where they are fetched for all buckets (`Buckets.possible`).
    """
    parts = min(_MOST_PARTS, 1 + len(alive) * (BYTES + sketch) // max(memory, 1))
    for band in range(BANDS):
        values = stored.band(band)[alive]
        for part in range(parts):
            some = np.flatnonzero(values % np.uint32(parts) == part) if parts > 1 else slice(None)
            members = packed(values[some], alive[some])
            members.sort()
            yield band, Buckets.of(members, begins)


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

    @property
    def sizes(self) -> np.ndarray:
        """How many texts each bucket has."""
        sizes: np.ndarray = np.diff(np.flatnonzero(self.places == 0), append=len(self.places))
        return sizes

    def crowded(self, first: int, before: int) -> np.ndarray:
        """The texts of buckets with more than `first + before` texts."""
        return self.chosen(self.sizes > first + before).texts.astype(np.int64)

    def chosen(self, which: np.ndarray) -> Buckets:
        """Some of the buckets; `which` is a bool for each."""
        some = np.repeat(which, self.sizes)
        return Buckets(self.texts[some], self.places[some], self.at[some])

    def mixed(self, labels: np.ndarray) -> Buckets:
        """The buckets whose texts have more than one label, a number for each text."""
        if not len(self.texts):
            return self
        own, begins = labels[self.texts], np.flatnonzero(self.places == 0)
        differ = np.logical_or.reduceat(own != np.repeat(own[begins], self.sizes), begins)
        return self.chosen(differ)

    def possible(
        self, first: int, before: int, sketches: Sketches, labels: np.ndarray | None = None
    ) -> Iterator[np.ndarray]:
        """The `pairs` that their sketches allow, some at a time; with `labels`, those of texts with different ones."""
        sizes = self.sizes
        # Where all pairs of a bucket are compared and they are many, they are looked at together.
        together = (sizes > _FEW) & (sizes <= first + before + 1)
        for texts, others in self.chosen(together).every_possible(sketches, labels):
            yield texts.astype(np.uint64) << np.uint64(32) | others.astype(np.uint64)
        rest = self.chosen(~together)
        # Neighbours of a bucket lie side by side in these, so looking at a pair hardly ever waits for memory.
        texts, own = rest.texts, sketches.of(rest.texts)
        their_labels = None if labels is None else labels[texts]
        for lesser, greater in rest._positions(first, before):
            if their_labels is not None:
                apart = their_labels[lesser] != their_labels[greater]
                lesser, greater = lesser[apart], greater[apart]
            allowed = own.allow(lesser, greater)
            yield texts[lesser[allowed]] << np.uint64(32) | texts[greater[allowed]]

    def every_possible(
        self, sketches: Sketches, labels: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All pairs within the buckets that their sketches allow, see `possible`."""
        sizes = self.sizes
        begins = np.flatnonzero(self.places == 0)
        for size in np.unique(sizes).tolist():
            some = begins[sizes == size]
            if size <= _TILED:
                where = np.arange(size)[:, None] + some
                yield from sketches.within(self.texts[where].astype(np.int64), labels)
                continue
            for begin in some.tolist():
                texts = self.texts[begin : begin + size].astype(np.int64)
                for lesser, greater in sketches.between(texts, texts):
                    apart = slice(None) if labels is None else labels[lesser] != labels[greater]
                    yield lesser[apart], greater[apart]

    def pairs(self, first: int, before: int, later: np.ndarray | None = None) -> Iterator[np.ndarray]:
        """Each text (or those at `later`) with the `first` texts of its bucket and those `before` it."""
        for lesser, greater in self._positions(first, before, later):
            yield self.texts[lesser] << np.uint64(32) | self.texts[greater]

    def _positions(
        self, first: int, before: int, later: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The positions of these pairs in `texts`, some at a time."""
        place = self.places
        later = np.arange(len(place)) if later is None else later
        for step in range(first):
            later = later[place[later] > step]  # fewer in each step, so the cost is that of the pairs
            yield from _parts(later - place[later] + step, later)
        for step in range(1, before + 1):
            later = later[place[later] - step >= first]
            if not len(later):
                break
            yield from _parts(later - step, later)


def _parts(lesser: np.ndarray, greater: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for begin in range(0, len(lesser), _AT_ONCE):
        yield lesser[begin : begin + _AT_ONCE], greater[begin : begin + _AT_ONCE]


def distinct(parts: list[np.ndarray]) -> np.ndarray:
    """The distinct pairs of all parts, sorted. Needs less memory than `np.unique`."""
    pairs = np.concatenate(parts)
    pairs.sort()
    is_first = np.ones(len(pairs), dtype=bool)
    np.not_equal(pairs[1:], pairs[:-1], out=is_first[1:])
    some: np.ndarray = pairs[is_first]
    return some


class PairSet:
    """Distinct pairs. Repeated ones may wait to be dropped: at most `most` of them, or as many as are distinct."""

    def __init__(self, most: int) -> None:
        self._most, self._waiting = most, 0
        self._parts: list[np.ndarray] = []
        self._distinct = np.empty(0, dtype=np.uint64)

    def __len__(self) -> int:
        """A lower bound of the number of distinct ones."""
        return len(self._distinct)

    @property
    def waiting(self) -> int:
        """How many there are, repeated ones included."""
        return len(self._distinct) + self._waiting

    def add(self, pairs: np.ndarray) -> None:
        """Add some."""
        self._parts.append(pairs)
        self._waiting += len(pairs)
        if self._waiting > max(len(self._distinct), self._most):
            self.all()

    def all(self) -> np.ndarray:
        """Each of them once, ascending."""
        self._distinct, self._parts, self._waiting = distinct([self._distinct, *self._parts]), [], 0
        return self._distinct

    def take(self) -> np.ndarray:
        """The same, and leave the set empty."""
        every, self._distinct = self.all(), np.empty(0, dtype=np.uint64)
        return every


def turned(pairs: np.ndarray) -> np.ndarray:
    """The pairs with their two texts swapped."""
    return pairs << np.uint64(32) | pairs >> np.uint64(32)


def ends(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lesser and the greater text of each pair."""
    return (pairs >> np.uint64(32)).astype(np.int64), (pairs & _TEXT).astype(np.int64)
