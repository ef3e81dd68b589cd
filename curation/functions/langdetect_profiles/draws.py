"""The random numbers that langdetect draws, computed in advance.

The detector seeds Python's generator again for each text, so all texts see the same stream of 32-bit words, and differ
only in their place in it. A pick among *n* n-grams takes the upper bits of a word, and goes on to the next word until
they are below *n*. So for each *n* the picks form one list, and the normal deviate at the beginning of a trial depends
only on the place in the stream.
"""

from __future__ import annotations

import functools
import math
import random
from dataclasses import dataclass

import numpy as np

#: Words at first. A text needs about 14,000 if half of its picks are rejected, the most possible.
_WORDS = 1 << 14
#: Words for a pair of normal deviates: two numbers of 53 bits.
DEVIATE_WORDS = 4


@dataclass(frozen=True, eq=False)
class Picks:
    """All picks of the stream among *n* n-grams, for several *n*: one list after the other."""

    words: int  # in the stream
    deviates: np.ndarray  # float64 [words - 3, 2]: the pair of standard normal deviates for each place in the stream
    places: np.ndarray  # int32 [all picks]: the place of each pick in the stream, plus its list's number * words
    values: np.ndarray  # uint16 [all picks]: which of the n n-grams it is

    def at(self, lists: np.ndarray, places: np.ndarray) -> np.ndarray:
        """The first pick of each list (by number) at or after a place in the stream."""
        # With keys of another type NumPy would copy all places at every call.
        keys: np.ndarray = lists * self.words + places
        return np.searchsorted(self.places, keys.astype(np.int32))

    def place_after(self, lists: np.ndarray, picks: np.ndarray) -> np.ndarray:
        """The place in the stream right after a pick."""
        places: np.ndarray = self.places[picks] - lists * self.words + 1
        return places


def picks(seed: int, sizes: np.ndarray, needed: int) -> Picks:
    """All picks among each of `sizes` (distinct, above 0), at least `needed` of them for each."""
    words = _WORDS
    while True:
        _, deviates = _stream(seed, words)
        sequences = [_below(seed, words, size) for size in sizes.tolist()]
        if all(len(places) >= needed for places, _ in sequences):
            break
        words *= 2
    places = [places + number * words for number, (places, _) in enumerate(sequences)]
    return Picks(words, deviates, np.concatenate(places), np.concatenate([values for _, values in sequences]))


@functools.lru_cache(maxsize=512)  # of some 70 KB each
def _below(seed: int, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    values = _stream(seed, count)[0] >> np.uint32(32 - size.bit_length())
    places = np.flatnonzero(values < size)
    return places.astype(np.int32), values[places].astype(np.uint16)


@functools.lru_cache(maxsize=4)
def _stream(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The first words (uint32) of the generator for a seed, and the deviates for each place."""
    words = np.frombuffer(random.Random(seed).getrandbits(32 * count).to_bytes(4 * count, "little"), "<u4")
    # Like `Random.random`, a number from two words, and like `Random.gauss`, two deviates from two numbers. NumPy's
    # logarithm and sine may differ from the C library's in the last bit, so each one is computed separately.
    numbers = ((words[:-1] >> 5) * 67108864.0 + (words[1:] >> 6)) * (1.0 / 9007199254740992.0)
    pairs = zip(numbers[:-2].tolist(), numbers[2:].tolist(), strict=True)
    return words, np.array([_deviates(first, second) for first, second in pairs])


def _deviates(first: float, second: float) -> tuple[float, float]:
    angle, radius = first * math.tau, math.sqrt(-2.0 * math.log(1.0 - second))
    return math.cos(angle) * radius, math.sin(angle) * radius
