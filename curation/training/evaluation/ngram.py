r"""A language model of bytes: 6-grams, interpolated after Witten and Bell (1991), in NumPy.

The probability of a symbol `w` after a context `h` of at most five symbols is

    P(w | h) = (c(h w) + T(h) P(w | h')) / (c(h) + T(h))

where `c` counts, `T(h)` is how many different symbols follow `h`, and `h'` is `h` without its oldest symbol. For an
unseen context the shorter one decides; below the empty context all 257 symbols are equally likely.

Symbols are the 256 bytes of UTF-8 and `BOUNDARY`. A document begins behind boundaries, so its first bytes have a
context of their own, and the model predicts its end too. No context reaches into another document.

An n-gram is one number of 54 bits, nine for each symbol, the newest lowest. Dropping the oldest symbol is a mask,
dropping the newest a shift, and counting is sorting: no Python loop runs over bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ORDER = 6
BOUNDARY = 256
SYMBOLS = 257

_BITS = 9
_SHIFT = np.uint64(_BITS)
#: The n-gram with a symbol and those before it, of each length from 1 to `ORDER`.
_MASKS = tuple(np.uint64((1 << _BITS * length) - 1) for length in range(1, ORDER + 1))


@dataclass(frozen=True, eq=False)
class Grams:
    """Documents as 6-grams: one for each byte, and one for each end."""

    keys: np.ndarray  # uint64, one document after the other
    counts: np.ndarray  # int64, 6-grams of each document: its bytes and one

    @classmethod
    def of(cls, texts: Sequence[str]) -> Grams:
        """The 6-grams of texts. Lone surrogates are three bytes, as any character of their size."""
        documents = [text.encode("utf-8", "surrogatepass") for text in texts]
        counts = np.fromiter(map(len, documents), np.int64, len(documents)) + 1
        before = ORDER - 1
        ends = np.cumsum(counts + before)
        stream = np.full(int(ends[-1]) if len(ends) else 0, BOUNDARY, dtype=np.uint64)
        predicted = np.ones(len(stream), dtype=bool)
        for back in range(before):
            predicted[ends - counts - 1 - back] = False
        is_byte = predicted.copy()
        is_byte[ends - 1] = False
        stream[is_byte] = np.frombuffer(b"".join(documents), dtype=np.uint8)
        keys = stream.copy()
        for back in range(1, ORDER):
            keys[back:] |= stream[:-back] << np.uint64(_BITS * back)
        return cls(keys[predicted], counts)

    def only(self, chosen: np.ndarray) -> Grams:
        """The documents that a mask chooses."""
        return Grams(self.keys[np.repeat(chosen, self.counts)], self.counts[chosen])


@dataclass(frozen=True, eq=False)
class _Level:
    """The n-grams of one length that were seen, and their contexts; both ascend."""

    grams: np.ndarray  # uint64
    counts: np.ndarray  # float64, of each n-gram
    contexts: np.ndarray  # uint64
    totals: np.ndarray  # float64, of each context
    kinds: np.ndarray  # float64, different symbols that follow each context


@dataclass(frozen=True, eq=False)
class Ngram:
    """A trained model."""

    levels: tuple[_Level, ...]  # from single symbols to n-grams of `ORDER`

    @classmethod
    def train(cls, grams: Grams) -> Ngram:
        """Count the 6-grams of some documents and all shorter ones."""
        keys, counts = _counted(grams.keys, None)
        levels = [_level(keys, counts)]
        for mask in reversed(_MASKS[:-1]):
            keys, counts = _counted(keys & mask, counts)
            levels.append(_level(keys, counts))
        return cls(tuple(reversed(levels)))

    def probabilities(self, keys: np.ndarray) -> np.ndarray:
        """P(newest symbol | the five before it) of each 6-gram, float64 in (0, 1)."""
        distinct, where = np.unique(keys, return_inverse=True)
        likely = np.full(len(distinct), 1 / SYMBOLS)
        for level, mask in zip(self.levels, _MASKS, strict=True):
            grams = distinct & mask
            place, is_there = _look_up(level.contexts, grams >> _SHIFT)
            place = place[is_there]
            kinds = level.kinds[place]
            gram, counted = _look_up(level.grams, grams[is_there])
            count = np.where(counted, level.counts[gram], 0.0)
            likely[is_there] = (count + kinds * likely[is_there]) / (level.totals[place] + kinds)
        return likely[where]

    def bits(self, grams: Grams) -> np.ndarray:
        """Bits that each document takes, its end included: float64, one a document."""
        each = -np.log2(self.probabilities(grams.keys))
        starts = np.cumsum(grams.counts) - grams.counts
        return np.add.reduceat(each, starts) if len(starts) else np.zeros(0)


def _counted(keys: np.ndarray, counts: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Different keys, ascending, and how often each occurs; a key may stand for several already."""
    if counts is None:
        ordered = np.sort(keys)
    else:
        order = np.argsort(keys, kind="stable")
        ordered, counts = keys[order], counts[order]
    begins = _begins(ordered)
    if counts is None:
        sums = np.diff(begins, append=len(ordered)).astype(np.float64)
    else:
        sums = np.add.reduceat(counts, begins) if len(begins) else counts
    return ordered[begins], sums


def _level(grams: np.ndarray, counts: np.ndarray) -> _Level:
    contexts = grams >> _SHIFT
    begins = _begins(contexts)
    totals = np.add.reduceat(counts, begins) if len(begins) else counts
    kinds = np.diff(begins, append=len(grams)).astype(np.float64)
    return _Level(grams, counts, contexts[begins], totals, kinds)


def _begins(ordered: np.ndarray) -> np.ndarray:
    """Where each run of equal numbers begins."""
    if not len(ordered):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))


def _look_up(among: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The place of each key among ascending ones, and whether it is there."""
    if not len(among):
        return np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    return place, among[place] == keys
