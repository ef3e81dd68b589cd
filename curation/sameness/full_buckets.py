"""The texts in buckets that are too full for the first rounds of a search.

There are two kinds. With few rows to a band, texts meet by chance: of hundreds in a bucket hardly two are alike, and
their sketches show it. Then all pairs of the buckets are looked at, which needs no text. Texts of one template meet
because they are alike, and no sketch rules out their pairs; they are a crowd (`curation.sameness.crowds`). Counting
tells which of the two it is, so it is the same on every engine.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from curation.sameness.crowds import Crowd, Verify, numbered
from curation.sameness.pairs import Buckets, are_possible, distinct, ends, packed
from curation.sameness.signatures import BANDS, rows_for, signatures

#: Pairs of a bucket for each text that are looked at, and possible ones that are verified, at most.
LOOKED_AT, VERIFIED = 16_384, 32
#: Texts that are signed at a time, and pairs that are looked at at a time.
_TEXTS, _PAIRS = 8_192, 1 << 20

Read = Callable[[np.ndarray], list[str]]


@dataclass
class FullBuckets:
    """Compares the texts in full buckets, round after round."""

    threshold: float
    #: Texts, ascending, that were held against each other: no two of them are similar. They need it no more.
    apart: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def compare(
        self, members: np.ndarray, read: Read, groups: np.ndarray, verify: Verify
    ) -> tuple[np.ndarray, np.ndarray]:
        """Similar pairs of these texts, as `lesser << 32 | greater`, and their similarities.

        `members` are their numbers, ascending, `read` gives the texts at some places, `groups` the ascending number of
        each one's group; `verify` gets pairs of numbers. Of each text that is similar to one that stays, the pair with
        the first is among them; see `Crowd.removals`.
        """
        apart = np.isin(members, self.apart, assume_unique=True)
        if apart.all():
            return np.empty(0, dtype=np.uint64), np.empty(0)
        pairs = possible_pairs(len(members), read, groups, self.threshold, rows_for(self.threshold))
        if pairs is not None:
            return verify(numbered(pairs, members))

        def verify_places(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            alike, similarity = verify(numbered(places, members))
            return numbered(alike, members, back=True), similarity

        pairs, similarity = Crowd.of(len(members), read, groups, self.threshold).removals(verify_places, apart)
        self.apart = np.delete(members, ends(pairs)[1])
        return numbered(pairs, members), similarity


def possible_pairs(count: int, read: Read, groups: np.ndarray, threshold: float, rows: int) -> np.ndarray | None:
    """The pairs that agree in a band of so many rows and may be similar, sorted; None if they are too many."""
    signed = [signatures(read(np.arange(at, min(at + _TEXTS, count))), rows) for at in range(0, count, _TEXTS)]
    bands = np.concatenate([part.bands for part in signed])
    sketches = np.concatenate([part.sketches for part in signed])
    counts = np.concatenate([part.counts for part in signed])
    begins = np.flatnonzero(np.diff(groups, prepend=-1))
    looked_at = LOOKED_AT * count
    waiting, unsorted = np.empty(0, dtype=np.uint64), []
    for band in range(BANDS):
        members = packed(bands[:, band], np.arange(count))
        members.sort()
        buckets = Buckets.of(members, begins)
        looked_at -= int(buckets.places.sum())
        if looked_at < 0:
            return None
        for lesser, greater in _every_pair(buckets):
            allowed = are_possible(sketches[lesser], sketches[greater], counts[lesser], counts[greater], threshold)
            unsorted.append(lesser[allowed].astype(np.uint64) << np.uint64(32) | greater[allowed].astype(np.uint64))
            if sum(map(len, unsorted)) > VERIFIED * count:
                waiting, unsorted = distinct([waiting, *unsorted]), []
                if len(waiting) > VERIFIED * count:
                    return None
    pairs = distinct([waiting, *unsorted])
    return pairs if len(pairs) <= VERIFIED * count else None


def _every_pair(buckets: Buckets) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Each text of a bucket with all those before it, some pairs at a time."""
    texts, places = buckets.texts.astype(np.int64), buckets.places
    ends = np.cumsum(places)
    cuts = np.searchsorted(ends, np.arange(0, ends[-1] if len(ends) else 0, _PAIRS), side="right")
    for begin, end in itertools.pairwise([*cuts.tolist(), len(places)]):
        many = places[begin:end]
        within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        at = np.arange(begin, end)
        yield texts[np.repeat(at - many, many) + within], texts[np.repeat(at, many)]
