"""Shingles: the character n-grams of a text, as numbers.

Only letters, digits and marks count. Spaces and punctuation are left out first, so two scrapes of one post have the
same shingles even if one lost its punctuation. Letters that look alike count as one (`curation.sameness.lookalikes`),
and so does a letter that is doubled; `100` stays apart from `10`. N-grams of characters need no words, so they also
work for scripts without spaces. A text with fewer letters than an n-gram is one shingle; a text without letters has
none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from curation.sameness.lookalikes import digits, folded, letters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Characters of texts whose shingles are computed together; each takes about 40 bytes meanwhile.
PORTION = 1 << 21
#: Letters of a shingle. One changed word in twelve leaves a similarity of about .8 with 3 letters, and .25 with 24.
NGRAM = 3

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB))


class Shingles(NamedTuple):
    """The shingles of some texts, one text after the other, repeated ones included."""

    hashes: np.ndarray  # uint64 of every shingle
    counts: np.ndarray  # int64, shingles of each text

    @property
    def starts(self) -> np.ndarray:
        """The position of each text's first shingle."""
        starts: np.ndarray = np.cumsum(self.counts) - self.counts
        return starts


def portions(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in portions of at most `PORTION` characters, or of one text; an empty one if there are no texts."""
    ends = np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)))
    first = last = 0
    while first < len(texts) or not last:
        most = PORTION + (int(ends[first - 1]) if first else 0)
        last = max(first + 1, int(np.searchsorted(ends, most, side="right")))
        yield texts[first:last]
        first = last


def shingles(texts: Sequence[str], ngram: int = NGRAM, *, plain: bool = False) -> Shingles:
    """The shingles of each text; `plain` ones fold no letters. Lone surrogates count as characters."""
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    characters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = (letters() if plain else folded())[characters]
    counted = kinds != 0
    ends = np.cumsum(lengths)
    lengths = np.diff(np.concatenate(([0], np.cumsum(counted, dtype=np.int64)))[ends], prepend=0)
    kinds = kinds[counted]
    if not plain:
        kinds, lengths = _undoubled(kinds, lengths)
    return _windows(kinds, lengths, ngram)


def _undoubled(kinds: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same letters without each that repeats the one before it in its text; digits stay."""
    again = np.zeros(len(kinds) + 1, dtype=bool)
    again[1:-1] = (kinds[1:] == kinds[:-1]) & ~digits()[kinds[1:]]
    ends = np.cumsum(lengths)
    again[ends - lengths] = False
    again = again[:-1]
    return kinds[~again], lengths - np.diff(np.concatenate(([0], np.cumsum(again, dtype=np.int64)))[ends], prepend=0)


def _windows(letters: np.ndarray, lengths: np.ndarray, ngram: int) -> Shingles:
    """Hashes of all n-grams that do not cross into the next text."""
    total = len(letters)
    padded = np.concatenate((letters, np.zeros(ngram, dtype=np.uint32))).astype(np.uint64) + np.uint64(1)
    ends = np.cumsum(lengths)
    begins = np.ones(total, dtype=bool)
    whole = lengths >= ngram
    for back in range(1, ngram):
        begins[ends[whole] - back] = False
    hashes = padded[:total].copy()
    for step in range(1, ngram):
        hashes *= _FACTOR
        hashes += padded[step : step + total]
    for text in np.flatnonzero((lengths > 0) & ~whole):
        first, end = ends[text] - lengths[text], ends[text]
        begins[first + 1 : end] = False
        hashes[first] = _of_few(padded[first:end].tolist())
    return Shingles(_mixed(hashes[begins]), np.where(whole, lengths - ngram + 1, lengths > 0))


def _of_few(letters: list[int]) -> int:
    number = 0
    for letter in letters:
        number = (number * int(_FACTOR) + letter) & 0xFFFFFFFFFFFFFFFF
    return number


def _mixed(numbers: np.ndarray) -> np.ndarray:
    """The numbers with every bit spread over all 64 (the finaliser of splitmix64)."""
    for shift, factor in _MIX:
        numbers ^= numbers >> shift
        numbers *= factor
    numbers ^= numbers >> np.uint64(31)
    return numbers
