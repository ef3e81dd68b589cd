"""Phrases of two to `LONGEST` words, found by how often words meet.

A phrase is frequent, coheres at every cut (the least pointwise mutual information of both parts is at least
`COHESION`), and stands by itself: it is left out if at least `INSIDE` of its occurrences lie in one longer sequence. So
`posted a new` gives way to `posted a new photo`, as the C-value does (Frantzi, Ananiadou and Mima 2000), and `photo`
stays a word.

Words are numbers here. A stream holds the numbers of all words in order; -1 is a sign, a rare word, or a post's end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: Words of the longest phrase.
LONGEST = 8
#: Least pointwise mutual information at the weakest cut, in nats.
COHESION = 1.5
#: Share of a phrase's occurrences in one longer sequence at which it is only a part of that one.
INSIDE = 0.5
#: Most phrases, the most frequent ones first.
MOST = 50_000

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Level:
    """The frequent sequences of one length, sorted by key: the number of all words but the last, and the last."""

    keys: Numbers
    counts: Numbers
    words: Numbers  # a row for each sequence

    def find(self, keys: Numbers) -> Numbers:
        """The numbers of sequences with these keys; -1: not frequent."""
        if not len(self.keys):
            return np.full(len(keys), -1, dtype=np.int64)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


@dataclass(frozen=True)
class Phrases:
    """The phrases of a stream, with all that is needed to find them in another one."""

    width: int  # number of words
    levels: Sequence[_Level]  # from two words on
    numbers: Sequence[Numbers]  # of each sequence of a level, the number of its phrase; -1: none
    words: Sequence[tuple[int, ...]]  # of each phrase

    def within(self, stream: npt.NDArray[np.int32]) -> Iterator[tuple[Numbers, Numbers]]:
        """Where phrases begin in a stream, and their numbers, for each length."""
        begins = np.flatnonzero(stream >= 0)
        at = stream[begins].astype(np.int64)
        for size, (level, numbers) in enumerate(zip(self.levels, self.numbers, strict=True), 2):
            inside = begins + size - 1 < len(stream)
            begins, at = begins[inside], at[inside]
            last = stream[begins + size - 1]
            begins, at, last = begins[last >= 0], at[last >= 0], last[last >= 0]
            at = level.find(at * self.width + last)
            begins, at = begins[at >= 0], at[at >= 0]
            is_phrase = numbers[at] >= 0
            yield begins[is_phrase], numbers[at][is_phrase]


def learn(stream: npt.NDArray[np.int32], width: int, least: int) -> Phrases:
    """The phrases that occur at least `least` times; `width` is the number of words."""
    counts = np.bincount(stream[stream >= 0], minlength=width).astype(np.int64)
    levels = _levels(stream, width, least)
    chosen = _standing(levels, width)
    total = int(counts.sum())
    for number, level in enumerate(levels):
        chosen[number] &= _cohesion(level, levels, counts, total, width) >= COHESION
    frequencies = [level.counts[which] for level, which in zip(levels, chosen, strict=True)]
    every = np.sort(np.concatenate([np.zeros(0, np.int64), *frequencies]))[::-1]
    if len(every) > MOST:
        for level, which in zip(levels, chosen, strict=True):
            which &= level.counts > every[MOST]
    words: list[tuple[int, ...]] = []
    numbers = []
    for level, which in zip(levels, chosen, strict=True):
        numbers.append(np.where(which, np.cumsum(which) - 1 + len(words), -1))
        words += map(tuple, level.words[which].tolist())
    return Phrases(width, levels, numbers, words)


def _levels(stream: npt.NDArray[np.int32], width: int, least: int) -> list[_Level]:
    levels: list[_Level] = []
    at = stream.astype(np.int64)
    for size in range(2, LONGEST + 1):
        begins = np.flatnonzero((at[:-1] >= 0) & (at[1:] >= 0))
        begins = begins[begins + size - 1 < len(stream)]
        keys = at[begins] * width + stream[begins + size - 1]
        found, first, which, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        frequent = counts >= least
        if not frequent.any():
            break
        renumbered = np.where(frequent, np.cumsum(frequent) - 1, -1)
        at = np.full(len(stream), -1, dtype=np.int64)
        at[begins] = renumbered[which]
        places = begins[first[frequent]]
        words = stream[places[:, None] + np.arange(size)].astype(np.int64)
        levels.append(_Level(found[frequent], counts[frequent].astype(np.int64), words))
    return levels


def _numbers_of(words: Numbers, levels: Sequence[_Level], width: int) -> Numbers:
    """The numbers of sequences given by their words; all of them are frequent, since longer ones are."""
    at = words[:, 0]
    for level, column in zip(levels, words.T[1:], strict=False):
        at = level.find(at * width + column)
    return at


def _standing(levels: Sequence[_Level], width: int) -> list[npt.NDArray[np.bool_]]:
    """Which sequences of each level are not just a part of a longer one."""
    chosen = [np.ones(len(level.keys), dtype=bool) for level in levels]
    for number, longer in enumerate(levels[1:]):
        inside = np.zeros(len(levels[number].keys), dtype=np.int64)
        for part in (longer.words[:, :-1], longer.words[:, 1:]):
            np.maximum.at(inside, _numbers_of(part, levels, width), longer.counts)
        chosen[number] = inside < INSIDE * levels[number].counts
    return chosen


def _cohesion(
    level: _Level, levels: Sequence[_Level], counts: Numbers, total: int, width: int
) -> npt.NDArray[np.float64]:
    """The least pointwise mutual information over all cuts of each sequence."""

    def frequency(words: Numbers) -> Numbers:
        size = words.shape[1]
        numbers = _numbers_of(words, levels, width)
        frequencies: Numbers = (counts if size == 1 else levels[size - 2].counts)[numbers]
        return frequencies

    least = np.full(len(level.keys), np.inf)
    for cut in range(1, level.words.shape[1]):
        left, right = frequency(level.words[:, :cut]), frequency(level.words[:, cut:])
        least = np.minimum(least, np.log(level.counts * (total / left) / right))
    return least
