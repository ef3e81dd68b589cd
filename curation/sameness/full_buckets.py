"""The texts in buckets that are too full for the first rounds of a search.

There are two kinds. With few rows to a band, texts meet by chance: hardly two of hundreds in a bucket are alike, and
their sketches show it. Then the sketches of all pairs of a bucket are compared, which needs no text. Texts of one
template meet because they are alike, and no sketch rules out their pairs; they are a crowd
(`curation.sameness.crowds`). The number of pairs decides between the two, so it is the same on every engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from curation.sameness.all_pairs import Sketches
from curation.sameness.crowds import Crowd, Verify, numbered
from curation.sameness.pairs import Buckets, PairSet, ends, packed
from curation.sameness.signatures import BANDS, rows_for, signatures

#: Pairs of a bucket for each text that are looked at, and possible ones that are verified, at most.
LOOKED_AT, VERIFIED = 16_384, 32
#: Texts that are signed at a time.
_TEXTS = 8_192

Read = Callable[[np.ndarray], list[str]]


@dataclass
class FullBuckets:
    """Compares the texts in full buckets, round after round."""

    threshold: float
    #: Texts, ascending, of which no two are similar, so they need no comparison with each other.
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
    bits, counts = (np.concatenate([part[at] for part in signed]) for at in (1, 2))
    sketches = Sketches(bits, counts, threshold)
    begins = np.flatnonzero(np.diff(groups, prepend=-1))
    looked_at = LOOKED_AT * count
    pairs = PairSet(VERIFIED * count)
    for band in range(BANDS):
        members = packed(bands[:, band], np.arange(count))
        members.sort()
        buckets = Buckets.of(members, begins)
        looked_at -= int(buckets.places.sum())
        if looked_at < 0:
            return None
        for lesser, greater in buckets.every_possible(sketches):
            pairs.add(lesser.astype(np.uint64) << np.uint64(32) | greater.astype(np.uint64))
            if len(pairs) > VERIFIED * count:
                return None
    return pairs.all() if len(pairs.all()) <= VERIFIED * count else None
