"""Near copies among texts, exactly: no pair is missed, and there is no false one.

A text is the set of its runs of five letters (`curation.sameness.shingles`; a shorter text is one run of itself). Two
texts are near copies if the Jaccard similarity of their sets is at least .5, or if .8 of the smaller set lie in the
larger one. Being contained counts only from 16 runs on, about 25 characters: shorter phrases stand in many posts.
Texts without a letter or digit are near copies if they are equal.

Either way at least two thirds of the smaller set are shared. Therefore any third of it, and one more, holds a shared
run (the prefix filter: Chaudhuri, Ganti and Kaushik 2006). Only the rarest runs are looked up, so the work grows about
as the number of texts does, however common a phrase is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from curation.sameness.clusters import keepers
from curation.sameness.shingles import shingles

#: Letters of a run.
NGRAM = 5
#: Least Jaccard similarity, and least share of the smaller set, as fractions of whole numbers so that bounds are exact.
JACCARD, CONTAINED = (1, 2), (4, 5)
#: Runs of the smaller set from which being contained counts.
SHORTEST_CONTAINED = 16
#: Texts that are compared at a time.
AT_ONCE = 2_048

_LOW = np.uint64(32)


class NearCopies:
    """The near copies of some texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.equal = {
            text for text, letters in zip(texts, shingles(texts, NGRAM, plain=True).counts, strict=True) if not letters
        }
        owners, hashes, self.sizes = _distinct(texts)
        self.runs, kinds, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        # Numbered from the rarest on, so that sorting by number sorts by rarity.
        by_rarity = np.argsort(counts, kind="stable")
        number = np.empty(len(by_rarity), dtype=np.int64)
        number[by_rarity] = np.arange(len(by_rarity))
        self.numbers = number
        self.members = np.sort(owners.astype(np.uint64) << _LOW | number[kinds].astype(np.uint64))
        owners, kinds = (self.members >> _LOW).astype(np.int64), (self.members & np.uint64(0xFFFFFFFF)).astype(np.int64)
        self.all = _Postings(kinds, owners, len(self.runs))
        first = _place_within(owners) < _prefix(self.sizes)[owners]
        self.rarest = _Postings(kinds[first], owners[first], len(self.runs))

    def pairs(self, texts: Sequence[str]) -> np.ndarray:
        """int64, rows of two places: of one of the `texts`, and of an own text that it is a near copy of.

        Texts without a letter are in no pair.
        """
        owners, hashes, sizes = _distinct(texts)
        owners, kinds = self._shared(owners, hashes)
        present = np.bincount(owners, minlength=len(texts))
        candidates = [np.empty(0, dtype=np.uint64)]
        # A text as the smaller one of a pair: its rarest runs. Runs that no own text has come first.
        first = _place_within(owners) < (_prefix(sizes) - (sizes - present))[owners]
        for postings, mask in ((self.all, first), (self.rarest, np.ones(len(owners), dtype=bool))):
            candidates.append(self._candidates(postings, owners[mask], kinds[mask], sizes))
        together = np.unique(np.concatenate(candidates))
        text, own = (together >> _LOW).astype(np.int64), (together & np.uint64(0xFFFFFFFF)).astype(np.int64)
        near = self._near(text, own, owners, kinds, sizes)
        return np.column_stack((text[near], own[near]))

    def among(self, texts: Sequence[str]) -> np.ndarray:
        """Whether each text is a near copy of an own one."""
        near = np.array([text in self.equal for text in texts], dtype=bool)
        for begin in range(0, len(texts), AT_ONCE):
            near[begin + self.pairs(texts[begin : begin + AT_ONCE])[:, 0]] = True
        return near

    def _shared(self, owners: np.ndarray, hashes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The runs that an own text has too, by their numbers, text by text from the rarest on."""
        if not len(self.runs):
            return owners[:0], owners[:0]
        place = np.minimum(np.searchsorted(self.runs, hashes), len(self.runs) - 1)
        there = self.runs[place] == hashes
        owners, kinds = owners[there], self.numbers[place[there]]
        order = np.lexsort((kinds, owners))
        return owners[order], kinds[order]

    def _candidates(self, postings: _Postings, owners: np.ndarray, kinds: np.ndarray, sizes: np.ndarray) -> np.ndarray:
        """Pairs that have one of these runs in common and sizes with which they may be near copies."""
        texts, own = postings.of(owners, kinds)
        one, other = sizes[texts], self.sizes[own]
        smaller, larger = np.minimum(one, other), np.maximum(one, other)
        may_be = (smaller * JACCARD[1] >= larger * JACCARD[0]) | (smaller >= SHORTEST_CONTAINED)
        return np.unique(texts[may_be].astype(np.uint64) << _LOW | own[may_be].astype(np.uint64))

    def _near(
        self, text: np.ndarray, own: np.ndarray, owners: np.ndarray, kinds: np.ndarray, sizes: np.ndarray
    ) -> np.ndarray:
        """Whether each pair is near, by counting shared runs."""
        near = np.zeros(len(text), dtype=bool)
        starts, counts = np.searchsorted(owners, np.arange(len(sizes))), np.bincount(owners, minlength=len(sizes))
        for begin in range(0, len(text), 1 << 16):
            some = slice(begin, begin + (1 << 16))
            length = counts[text[some]]
            pair = np.repeat(np.arange(len(length)), length)
            within = np.arange(len(pair)) - np.repeat(np.cumsum(length) - length, length)
            kind = kinds[np.repeat(starts[text[some]], length) + within]
            member = own[some][pair].astype(np.uint64) << _LOW | kind.astype(np.uint64)
            place = np.minimum(np.searchsorted(self.members, member), len(self.members) - 1)
            both = np.bincount(pair[self.members[place] == member], minlength=len(length))
            near[some] = is_near(both, sizes[text[some]], self.sizes[own[some]])
        return near


def is_near(both: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether sets of `one` and of `other` runs that share `both` are those of near copies."""
    smaller = np.minimum(one, other)
    alike: np.ndarray = (both > 0) & (both * JACCARD[1] >= (one + other - both) * JACCARD[0])
    contained: np.ndarray = (smaller >= SHORTEST_CONTAINED) & (both * CONTAINED[1] >= smaller * CONTAINED[0])
    near: np.ndarray = alike | contained
    return near


def first_of_each(texts: Sequence[str]) -> np.ndarray:
    """The places of the texts that stay, ascending: those that are no near copy of an earlier one that stays."""
    kept = np.empty(0, dtype=np.int64)
    begin = 0
    while begin < len(texts):
        # As many as stay already, so that `NearCopies` is built only a few times.
        places = np.arange(begin, min(len(texts), begin + max(AT_ONCE, len(kept))))
        begin = int(places[-1]) + 1
        before = NearCopies([texts[place] for place in kept.tolist()])
        places = places[~before.among([texts[place] for place in places.tolist()])]
        kept = np.concatenate((kept, places[_first_within([texts[place] for place in places.tolist()])]))
    return kept


def _first_within(texts: list[str]) -> np.ndarray:
    """The places that stay, by comparing all texts with all."""
    own = NearCopies(texts)
    alike = [np.empty(0, dtype=np.uint64)]
    for begin in range(0, len(texts), AT_ONCE):
        later, earlier = own.pairs(texts[begin : begin + AT_ONCE]).T + np.array([[begin], [0]])
        apart = earlier < later
        alike.append(earlier[apart].astype(np.uint64) << _LOW | later[apart].astype(np.uint64))
    stays = np.ones(len(texts), dtype=bool)
    stays[keepers(np.concatenate(alike))[0]] = False
    equal: set[str] = set()
    for place, text in enumerate(texts):
        if text in own.equal:
            stays[place] = text not in equal
            equal.add(text)
    return np.flatnonzero(stays)


class _Postings:
    """Which texts have a run, by its number."""

    def __init__(self, kinds: np.ndarray, owners: np.ndarray, count: int) -> None:
        self.owners = owners[np.argsort(kinds, kind="stable")]
        self.counts = np.bincount(kinds, minlength=count)
        self.starts = np.cumsum(self.counts) - self.counts

    def of(self, texts: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Every pair of a text that asks for a run and a text that has it."""
        counts = self.counts[kinds]
        within = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.repeat(texts, counts), self.owners[np.repeat(self.starts[kinds], counts) + within]


def _distinct(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The sets of the texts: the text of each run, the run, and the number of runs of each text."""
    every = shingles(texts, NGRAM, plain=True)
    owners = np.repeat(np.arange(len(texts)), every.counts)
    order = np.lexsort((every.hashes, owners))
    owners, hashes = owners[order], every.hashes[order]
    new = np.ones(len(owners), dtype=bool)
    new[1:] = (owners[1:] != owners[:-1]) | (hashes[1:] != hashes[:-1])
    owners, hashes = owners[new], hashes[new]
    return owners, hashes, np.bincount(owners, minlength=len(texts))


def _prefix(sizes: np.ndarray) -> np.ndarray:
    """How many runs of a set hold one that a near copy has, if the set is the smaller one of the two."""
    # Of a Jaccard similarity j with a set at least as large, 2j / (1 + j) are shared: two thirds at .5.
    least = -(-2 * JACCARD[0] * sizes // (JACCARD[0] + JACCARD[1]))
    longest: np.ndarray = sizes - least + 1
    return longest


def _place_within(owners: np.ndarray) -> np.ndarray:
    """The place of each in its run of equal owners."""
    begins = np.flatnonzero(np.concatenate(([True], owners[1:] != owners[:-1]))) if len(owners) else owners
    lengths = np.diff(begins, append=len(owners))
    places: np.ndarray = np.arange(len(owners)) - np.repeat(begins, lengths)
    return places
