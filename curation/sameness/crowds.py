"""Crowds: texts in buckets too full for all of their pairs to be compared.

The bands propose the first few texts of a bucket and those just before a text. In a bucket of thousands of texts of
which none is like another, such as the posts of an application, that leaves many pairs out. Here each text of a crowd
is compared with all those that stay, in their order, and exactly: the same texts go as if all pairs were compared.

Few pairs have to be. Two texts with n and m distinct shingles, n ≤ m, and a similarity of t share at least
2t ÷ (1 + t) · n of them. If the shingles of all texts are put in one order, the first n - that + 1 of the shorter text
and the first m - t·m + 1 of the longer one have a shingle in common (prefix filtering: Chaudhuri, Ganti, Kaushik 2006;
Xiao, Wang, Lin, Yu 2008). Rare shingles come first, so what a whole template shares is hardly ever looked up. The crowd
is worked off in blocks: the texts of a block that stay are compared with all later ones, and those that go take no
further part. So texts that are nearly all alike cost one pass. What is left are pairs that share a rare shingle and are
not similar; sketches larger than those of a search, as the texts need them, rule out most of those.

A text that stays does so in all later rounds, unless something new comes before it. So a later round compares only
pairs with a text that was not there in the round before (`apart`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from curation.sameness.all_pairs import Sketches
from curation.sameness.clusters import keepers
from curation.sameness.pairs import PairSet, ends, turned
from curation.sameness.shingles import Shingles, portions, shingles
from curation.sameness.signatures import SKETCH_BITS, larger_sketch, sketches

#: Texts of the first block, and of the largest; each block is four times the one before it, unless that one had more
#: than so many possible pairs within.
BLOCK, LARGEST, _CROWDED = 256, 65_536, 1 << 19
#: Later texts that a block is compared with at a time: so many times its own, and not less than so many.
_LATER, _LEAST_LATER = 4, 16_384
#: Texts that stay that a later text is compared with at first, before many more.
WAVE = 2
#: Texts that are read at a time, and from which the frequencies of shingles are counted.
_AT_ONCE, _COUNTED = 8_192, 32_768
#: Candidates that are looked up at a time, and shingles that are put in order at a time, about.
_CANDIDATES, _CELLS = 1 << 21, 1 << 17
#: Texts that are looked up to see how many of the others one meets, and how often a look at two sketches costs as much
#: as a meeting.
_PROBED, _LOOKS = 128, 12
#: Bits of a shingle by which it is counted.
_KIND = np.uint64(44)
_HASH = np.uint64((1 << 48) - 1)
_NONE = np.uint64(0xFFFFFFFFFFFFFFFF)
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Verify = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
#: Of similar pairs the texts that go, and those that stay instead.
Choose = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Crowd:
    """Texts with their rarest shingles. A text is its place in the crowd, in the order of preference."""

    groups: np.ndarray  # uint64: the number of each text's group
    sizes: np.ndarray  # int64: distinct shingles of each text
    firsts: np.ndarray  # int64: how many of them come first for a shorter text, see the module
    begins: np.ndarray  # int64: where the shingles of each text begin; one more at the end
    kinds: np.ndarray  # uint64: the first shingles of the texts, one text after the other, rare ones first
    sketches: tuple[Sketches, ...]  # small ones, unless the texts have too many shingles for them, and large ones
    threshold: float

    @classmethod
    def of(cls, count: int, read: Callable[[np.ndarray], list[str]], groups: np.ndarray, threshold: float) -> Crowd:
        """A crowd of so many texts; `read` gives those at some places, `groups` the number of each one's group."""
        (frequency, usual), groups = _frequencies(count, read), groups.astype(np.uint64)
        larger = larger_sketch(usual)
        bits = (SKETCH_BITS, larger) if usual < SKETCH_BITS else (larger,)
        columns: list[tuple[np.ndarray, ...]] = []
        first = 0
        for every in _shingles(np.arange(count), read):
            last = first + len(every.counts)
            ranked = _ranked(every, groups[first:last], frequency, threshold)
            columns.append((*ranked, *(sketches(every, size) for size in bits)))
            first = last
        sizes, firsts, lengths, kinds, *sketched = (np.concatenate(each) for each in zip(*columns, strict=True))
        their_sketches = tuple(Sketches(each, sizes, threshold) for each in sketched)
        return cls(groups, sizes, firsts, np.concatenate(([0], np.cumsum(lengths))), kinds, their_sketches, threshold)

    def removals(self, verify: Verify, apart: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Each text that goes with the first similar one that stays, as `lesser << 32 | greater`, and the similarities.

        `verify` gives those of some pairs that are similar, and their similarities. `apart` is a bool for each text: no
        two of those that have it are similar.
        """
        removals = _Removals()
        in_waves = _in_waves(verify)
        left, size = np.arange(len(self.sizes)), BLOCK
        while len(left):
            block, left = left[:size], left[size:]
            pairs = self._possible(block, block, apart)
            size = min(4 * size, LARGEST) if len(pairs) <= _CROWDED else size
            block = removals.add(block, *verify(pairs), keepers)
            at_once = max(_LATER * len(block), _LEAST_LATER)
            # Slices, so that memory does not grow with the crowd.
            parts = [left[at : at + at_once] for at in range(0, len(left), at_once)]
            stay = [removals.add(part, *in_waves(self._possible(block, part, apart)), _first) for part in parts]
            left = np.concatenate([left[:0], *stay])
        return removals.all()

    def _possible(self, texts: np.ndarray, others: np.ndarray, apart: np.ndarray | None) -> np.ndarray:
        """The pairs of a text and another one that may be similar, each once. Within one array, all of its pairs."""
        pairs = PairSet(_CANDIDATES)
        for some in self.candidates(texts, others, apart):
            pairs.add(some)
        return pairs.all()

    def candidates(
        self, texts: np.ndarray, others: np.ndarray, apart: np.ndarray | None = None
    ) -> Iterator[np.ndarray]:
        """The same pairs some at a time; one may come twice."""
        if apart is None or not apart.any():
            yield from self._between(texts, others)
            return
        yield from self._between(texts[~apart[texts]], others)
        yield from self._between(texts[apart[texts]], others[~apart[others]])

    def _between(self, texts: np.ndarray, others: np.ndarray) -> Iterator[np.ndarray]:
        if not (len(texts) and len(others)):
            return
        index = self._index(texts)
        if self._meet(index, others) * _LOOKS > len(texts):
            yield from (self._allowed(*pairs) for pairs in self.sketches[0].between(texts, others))
            return
        yield from self._candidates(index, others)
        if texts is not others:
            yield from self._candidates(self._index(others), texts)

    def _index(self, texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Their first shingles as those of shorter texts, ascending, and whose they are."""
        kinds, owners = self._entries(texts, self.firsts[texts])
        order = np.argsort(kinds, kind="stable")
        return kinds[order], owners[order]

    def _meet(self, index: tuple[np.ndarray, np.ndarray], others: np.ndarray) -> float:
        """How many texts of the index one of the others meets, on average of a few; one met twice counts twice."""
        some = others[:: -(-len(others) // _PROBED)]
        sought, _ = self._entries(some, np.diff(self.begins)[some])
        met = np.searchsorted(index[0], sought, side="right") - np.searchsorted(index[0], sought)
        return float(met.sum()) / len(some)

    def _candidates(self, index: tuple[np.ndarray, np.ndarray], longer: np.ndarray) -> Iterator[np.ndarray]:
        """The pairs with a first shingle in common whose sizes and sketches allow that they are similar."""
        kinds, owners = index
        for at in range(0, len(longer), _AT_ONCE):
            some = longer[at : at + _AT_ONCE]
            sought, seekers = self._entries(some, np.diff(self.begins)[some])
            first = np.searchsorted(kinds, sought)
            counts = np.searchsorted(kinds, sought, side="right") - first
            cuts = np.searchsorted(np.cumsum(counts), np.arange(0, counts.sum(), _CANDIDATES), side="right")
            for begin, end in itertools.pairwise([*cuts.tolist(), len(counts)]):
                many = counts[begin:end]
                within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
                shorter = owners[np.repeat(first[begin:end], many) + within]
                seeking = np.repeat(seekers[begin:end], many)
                fits = self.sizes[shorter] <= self.sizes[seeking]
                yield self._allowed(shorter[fits], seeking[fits])

    def _allowed(self, texts: np.ndarray, others: np.ndarray) -> np.ndarray:
        """The pairs whose groups, sizes and sketches allow that they are similar."""
        size, other = self.sizes[texts], self.sizes[others]
        fits = (np.minimum(size, other) >= self.threshold * np.maximum(size, other) * (1 - 1e-9)) & (texts != others)
        fits &= self.groups[texts] == self.groups[others]
        texts, others = texts[fits], others[fits]
        for size in self.sketches:
            fits = size.allow(texts, others)
            texts, others = texts[fits], others[fits]
        one, other = texts.astype(np.uint64), others.astype(np.uint64)
        pairs: np.ndarray = np.minimum(one, other) << np.uint64(32) | np.maximum(one, other)
        return pairs

    def _entries(self, texts: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The first shingles of some texts, so many of each, and whose they are."""
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return self.kinds[np.repeat(self.begins[texts], lengths) + within], np.repeat(texts, lengths)


class _Removals:
    """The texts that go, block after block, with those that stay instead."""

    def __init__(self) -> None:
        self._pairs, self._similarity = [np.empty(0, dtype=np.uint64)], [np.empty(0)]

    def add(self, texts: np.ndarray, pairs: np.ndarray, similarity: np.ndarray, choose: Choose) -> np.ndarray:
        """Of texts with similar pairs those that stay."""
        gone, kept = choose(pairs)
        removed = kept.astype(np.uint64) << np.uint64(32) | gone.astype(np.uint64)
        order = np.argsort(pairs)
        self._pairs.append(removed)
        self._similarity.append(similarity[order][np.searchsorted(pairs[order], removed)])
        return np.setdiff1d(texts, gone, assume_unique=True)

    def all(self) -> tuple[np.ndarray, np.ndarray]:
        """The pairs and their similarities."""
        return np.concatenate(self._pairs), np.concatenate(self._similarity)


def numbered(pairs: np.ndarray, members: np.ndarray, *, back: bool = False) -> np.ndarray:
    """Pairs of places in a crowd as pairs of texts, whose numbers are `members`, ascending; or back."""
    sides = ends(pairs)
    lesser, greater = (np.searchsorted(members, side) if back else members[side] for side in sides)
    return lesser.astype(np.uint64) << np.uint64(32) | greater.astype(np.uint64)


def _shingles(places: np.ndarray, read: Callable[[np.ndarray], list[str]]) -> Iterator[Shingles]:
    """The shingles of the texts at these places, those of some texts at a time."""
    for at in range(0, len(places), _AT_ONCE):
        yield from map(shingles, portions(read(places[at : at + _AT_ONCE])))


def _frequencies(count: int, read: Callable[[np.ndarray], list[str]]) -> tuple[np.ndarray, float]:
    """How often shingles occur, by their first bits, and how many a text has on average, repeated ones included.

    Both are of texts from all over the crowd. Whatever they are, the pairs are the same.
    """
    frequency = np.zeros(1 << 20, dtype=np.int64)
    chosen = np.arange(0, count, -(-count // _COUNTED))
    for every in _shingles(chosen, read):
        frequency += np.bincount((every.hashes >> _KIND).astype(np.int64), minlength=len(frequency))
    usual = float(frequency.sum()) / len(chosen)
    return np.minimum(frequency, 0x7FFF).astype(np.uint64), usual


def _ranked(every: Shingles, groups: np.ndarray, frequency: np.ndarray, threshold: float) -> tuple[np.ndarray, ...]:
    """Of each text: the distinct shingles, how many come first for a shorter and for a longer text, and the latter."""
    counts, starts = every.counts, every.starts
    kinds = frequency[(every.hashes >> _KIND).astype(np.int64)] << np.uint64(48) | (
        (every.hashes ^ np.repeat(groups * _FACTOR, counts)) & _HASH
    )
    sizes, lengths = np.zeros(len(counts), dtype=np.int64), np.zeros(len(counts), dtype=np.int64)
    rows: dict[int, np.ndarray] = {}
    by_count = np.argsort(counts, kind="stable")
    while len(by_count):
        # Texts with about the same number of shingles together, one in a row.
        some = by_count[:512]
        some = some[: max(1, _CELLS // max(int(counts[some[-1]]), 1))]
        by_count, longest = by_count[len(some) :], int(counts[some[-1]])
        table = np.full((len(some), longest + 1), _NONE)
        at = np.arange(longest + 1) < counts[some][:, None]
        table[at] = kinds[(starts[some][:, None] + np.arange(longest + 1))[at]]
        table.sort(axis=1)
        table[:, 1:][table[:, 1:] == table[:, :-1]] = _NONE
        table.sort(axis=1)
        sizes[some] = (table != _NONE).sum(axis=1)
        lengths[some] = np.minimum(sizes[some], sizes[some] - _at_least(threshold, sizes[some]) + 1)
        rows |= zip(some.tolist(), table, strict=True)
    shared = 2 * threshold / (1 + threshold)
    firsts = np.minimum(sizes, sizes - _at_least(shared, sizes) + 1)
    first_kinds = [rows[text][:length] for text, length in enumerate(lengths.tolist())]
    kinds = np.concatenate([np.empty(0, dtype=np.uint64), *first_kinds])
    return sizes, firsts, lengths, kinds


def _at_least(share: float, sizes: np.ndarray) -> np.ndarray:
    return np.ceil(share * sizes - 1e-9).astype(np.int64)


def _in_waves(verify: Verify) -> Verify:
    """Verifies the first pairs of each greater text, then more of those that are not yet found similar to any."""

    def in_waves(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        pairs = turned(pairs)
        pairs.sort()
        texts = ends(pairs)[0]
        begins = np.flatnonzero(np.diff(texts, prepend=-1))
        rank = np.arange(len(pairs)) - np.repeat(begins, np.diff(begins, append=len(pairs)))
        similar = [(np.empty(0, dtype=np.uint64), np.empty(0))]
        wave = WAVE
        while len(pairs):
            now = rank < wave
            similar.append(verify(turned(pairs[now])))
            left = ~now & ~np.isin(texts, ends(similar[-1][0])[1])
            pairs, texts, rank, wave = pairs[left], texts[left], rank[left], 4 * wave
        alike, similarity = zip(*similar, strict=True)
        return np.concatenate(alike), np.concatenate(similarity)

    return in_waves


def _first(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The greater text of each pair once, ascending, and the least text that it is paired with."""
    lesser, greater = ends(pairs)
    order = np.lexsort((lesser, greater))
    gone, at = np.unique(greater[order], return_index=True)
    return gone, lesser[order][at]
