"""The rounds of a search for near-duplicates: one loop for every medium.

The first round compares each text with the preferred one of its buckets. Later rounds compare the texts that stay with
more of their buckets, until nothing changes; then those in buckets that are too full for that are compared with each
other (`curation.sameness.full_buckets`). At the end, no two texts that stay and agree in a band are similar. The medium
holds the texts: in files of this machine (`curation.sameness.find`), or shared out among workers
(`curation.sameness.shared`). Both propose the same pairs, so the same texts go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from curation.sameness.clusters import keepers

#: How many texts of its bucket a text is compared with: the preferred ones, and those just before it.
FIRST, BEFORE = 8, 4
#: The search ends by itself, nearly always in the third round. Its removals are valid after every round.
MOST_ROUNDS = 48


class Medium(Protocol):
    """Holds the texts of a search. A text is its number in the order of preference, from 0."""

    def similar(self, gone: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        """The similar pairs among the texts that are not `gone`, and their similarities, in any order.

        Of the pairs that `reach(number)` proposes, each similar one once, as `lesser << 32 | greater`. Those of earlier
        rounds may be left out. `number` is the number of the round, from 0; `gone` holds the texts that have gone so
        far, ascending.
        """
        ...

    def crowded(self, gone: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Similar pairs among the texts that `similar` has just found in buckets with more texts than `reach` proposes.

        Of each such text that is similar to one of them that stays, the pair with the first; see
        `curation.sameness.crowds`.
        """
        ...


@dataclass(frozen=True)
class Removals:
    """The texts that go, ascending, the text that is kept for each, and the similarity of the two."""

    gone: np.ndarray
    kept: np.ndarray
    similarity: np.ndarray


def reach(number: int) -> tuple[int, int]:
    """How many texts of its bucket a text is compared with in a round: the first ones, and those before it."""
    return (FIRST, BEFORE) if number else (1, 0)


def run_rounds(medium: Medium) -> Removals:
    """Run all rounds of a search. Needs about sixty bytes of memory per similar pair, and one bit per text."""
    alike, similarity = np.empty(0, dtype=np.uint64), np.empty(0)
    gone = kept = np.empty(0, dtype=np.int64)
    for number in range(MOST_ROUNDS):
        for compare in (medium.similar, medium.crowded) if number else (medium.similar,):
            pairs, their_similarity = compare(gone, number)
            where = np.searchsorted(alike, pairs)
            new = np.flatnonzero(np.append(alike, np.uint64(0))[where] != pairs)
            if len(new):
                break
        if number and not len(new):
            break
        new = new[np.argsort(pairs[new])]
        alike = np.insert(alike, where[new], pairs[new])
        similarity = np.insert(similarity, where[new], their_similarity[new])
        gone, kept = keepers(alike)
    removals = kept.astype(np.uint64) << np.uint64(32) | gone.astype(np.uint64)
    return Removals(gone, kept, similarity[np.searchsorted(alike, removals)])
