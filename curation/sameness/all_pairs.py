"""Pairs of texts that may be similar by their sketches, without reading a text.

Many pairs of a few texts cost five to twenty nanoseconds each, because the sketch of a text is fetched once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Pairs that are looked at together, as many as fit in a core's cache, and the columns of a tile of them.
_TOGETHER, _COLUMNS = 1 << 16, 1 << 10
#: Numbers of 64 bits in the sketches of pairs that are fetched one by one, at a time.
_WORDS = 1 << 20
#: Pairs that are yielded together.
_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Sketches:
    """The sketches of texts, by their numbers, and how many shingles each has."""

    bits: np.ndarray  # uint64, texts × words
    counts: np.ndarray
    threshold: float

    def of(self, texts: np.ndarray) -> Sketches:
        """Those of some texts, by their positions."""
        return Sketches(self.bits[texts], self.counts[texts], self.threshold)

    def allow(self, texts: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Whether a text and the other one at its position may have a similarity of `threshold`, for each."""
        allowed = np.empty(len(texts), dtype=bool)
        at_once = _WORDS // self.bits.shape[1]
        for begin in range(0, len(texts), at_once):
            some = slice(begin, begin + at_once)
            one, other = texts[some], others[some]
            bits, their_bits, counts, their_counts = (
                self.bits[one],
                self.bits[other],
                self.counts[one],
                self.counts[other],
            )
            allowed[some] = are_possible(bits, their_bits, counts, their_counts, self.threshold)
        return allowed

    def between(self, texts: np.ndarray, others: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All allowed pairs of a text and another one; within one array each pair once, in its order."""
        own = texts is others
        rows, columns = np.ascontiguousarray(self.bits[texts].T), np.ascontiguousarray(self.bits[others].T)
        most, their_most = self._most(texts), self._most(others)
        height = _TOGETHER // _COLUMNS
        buffer = _Buffer()
        for top in range(0, len(texts), height):
            for left in range(top if own else 0, len(others), _COLUMNS):
                down, across = slice(top, top + height), slice(left, left + _COLUMNS)
                differ = _differ(rows[:, down, None], columns[:, None, across])
                row, column = np.nonzero(differ <= most[down, None] + their_most[None, across])
                if own:
                    later = row + top < column + left
                    row, column = row[later], column[later]
                buffer.add(*self._allowed(texts[row + top], others[column + left]))
                yield from buffer.full()
        yield from buffer.rest()

    def within(self, buckets: np.ndarray, labels: np.ndarray | None = None) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All allowed pairs of texts of a bucket, in its order. `buckets` are texts, places × buckets of one size.

        With `labels`, a number for each text, only pairs with different ones.
        """
        one, other = np.triu_indices(len(buckets), 1)
        at_once = max(1, _TOGETHER * 4 // self.bits.shape[1] // len(one))
        buffer = _Buffer()
        for at in range(0, buckets.shape[1], at_once):
            texts = buckets[:, at : at + at_once]
            most = self._most(texts)
            bits = np.ascontiguousarray(np.moveaxis(self.bits[texts], -1, 0))
            fits = _differ(bits[:, one], bits[:, other]) <= most[one] + most[other]
            if labels is not None:
                label = labels[texts]
                fits &= label[one] != label[other]
            pair, bucket = np.nonzero(fits)
            buffer.add(*self._allowed(texts[one[pair], bucket], texts[other[pair], bucket]))
            yield from buffer.full()
        yield from buffer.rest()

    def _most(self, texts: np.ndarray) -> np.ndarray:
        """Each text's part of the most bits that may differ, and a little more: `allow` has the last word."""
        share = (1 - self.threshold) / (1 + self.threshold)
        most: np.ndarray = (self.counts[texts] * share + 0.01).astype(np.float32)
        return most

    def _allowed(self, texts: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        allowed = self.allow(texts, others)
        return texts[allowed], others[allowed]


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


def _differ(bits: np.ndarray, others: np.ndarray) -> np.ndarray:
    """In how many bits the two differ. The words of a sketch come first."""
    differ: np.ndarray = np.bitwise_count(bits[0] ^ others[0]).astype(np.uint16)
    for one, other in zip(bits[1:], others[1:], strict=True):
        differ += np.bitwise_count(one ^ other)
    return differ


class _Buffer:
    """Pairs that wait until they are many."""

    def __init__(self) -> None:
        self._parts: list[tuple[np.ndarray, np.ndarray]] = []
        self._count = 0

    def add(self, texts: np.ndarray, others: np.ndarray) -> None:
        if len(texts):
            self._parts.append((texts, others))
            self._count += len(texts)

    def full(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All of them, once they are many."""
        if self._count >= _AT_ONCE:
            yield from self.rest()

    def rest(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """All of them."""
        if self._parts:
            texts, others = zip(*self._parts, strict=True)
            self._parts, self._count = [], 0
            yield np.concatenate(texts), np.concatenate(others)
