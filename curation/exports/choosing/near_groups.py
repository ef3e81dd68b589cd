"""Near copies: texts that must lie on one side of a split, because one is nearly the other.

`curation.sameness` defines them: canonical texts of at least 25 characters whose shingles have a Jaccard similarity of
at least a threshold, whoever posted them. A rule looks for a text to keep instead of another one. Here texts are only
joined, A with B and B with C, and a missed pair is a leak. So more pairs are proposed than for the rule: bands have
fewer rows, and all pairs of a bucket are compared. In a bucket of more than `BEFORE` texts, pairs without a rare
shingle in common may be left out, since they can't be similar (`curation.sameness.crowds`). Texts that are joined
already are not compared.

A pair at the threshold shares no band with a probability of one in several thousand (0.7: 0.00015; 0.75: 0.000005). It
is still joined if a third text is like both.
"""

from __future__ import annotations

import math
from pathlib import Path

import duckdb
import numpy as np

from curation.exports.choosing.connected import components
from curation.functions.exchange import Exchange
from curation.sameness import canonical, signatures
from curation.sameness.crowds import LARGEST, Crowd, numbered
from curation.sameness.find import PAIRS_WAITING, SHORTEST, TEXTS_AT_ONCE, Search
from curation.sameness.full_buckets import possible_pairs
from curation.sameness.pairs import PairSet, distinct, ends, turned
from curation.sameness.store import Stored, Texts
from curation.sql import arrow

#: Increases when other texts may be joined.
VERSION = 2

#: Least probability that two texts at the threshold agree in one band of 32: (1 - .21)^32 = .0005 are missed at most.
AGREE = 0.21
#: How many texts of a bucket each text is compared with: a few at first, to join what is plainly alike before the rest.
ROUNDS = ((1, 2), (8, 120))
FIRST, BEFORE = ROUNDS[-1]
#: Pairs that wait after a band are verified if they are more than this part of the texts.
_JOINED_EARLY = 64
#: Bytes for sorting bands and for sketches, beside the database.
MEMORY = 192 << 20


def rows_for(threshold: float) -> int:
    """Rows of a band with which hardly a pair at the threshold is missed.

    >>> [rows_for(threshold) for threshold in (0.5, 0.7, 0.8, 1.0)]
    [2, 4, 6, 8]
    """
    most = 8
    return most if threshold >= 1 else max(1, min(most, math.floor(math.log(AGREE) / math.log(threshold) + 1e-9)))


def version(threshold: float) -> str:
    """All that the groups depend on, besides the texts."""
    signed = signatures.version(rows_for(threshold))
    return f"near groups {VERSION}, from {threshold!r}, canonical {canonical.VERSION}, {signed}"


def near_of(text: str) -> str:
    """SQL: the number of an expression, which is a canonical text of `curation.sameness`; NULL for a short one."""
    # Not more than 63 bits, since a place in `Texts` is signed.
    return f"CASE WHEN length({text}) >= {SHORTEST} THEN ('0x' || left(md5({text}), 15))::BIGINT END"


def join_near(connection: duckdb.DuckDBPyConnection, folder: Path, threshold: float) -> None:
    """Make the table `joined_near` (`near`, `root`) out of the columns `near`, `near_text` of the table `texts`.

    It has the number of each text that is joined with one of a smaller number, and the smallest number of its group.
    Working files lie in a new folder within `folder`, which is removed afterwards.
    """
    spill = folder / "near"
    spill.mkdir(parents=True)
    try:
        # By their numbers, so that the order depends on the texts alone.
        texts = Texts.write(
            spill,
            connection.sql(
                'SELECT 0::UBIGINT AS "group", near_text AS text, 0::INTEGER AS part, near AS row FROM '
                "(SELECT DISTINCT near, near_text FROM texts WHERE near IS NOT NULL) ORDER BY near"
            ).to_arrow_reader(TEXTS_AT_ONCE),
        )
        [(threads,)] = connection.execute("SELECT current_setting('threads')::INTEGER").fetchall()
        exchange = Exchange(connection, out=spill / "unused", spill=spill, memory=MEMORY, workers=threads)
        search = _Joining(exchange, texts, threshold, rows_for(threshold))
        members, roots = search.run() if texts.count else (np.empty(0, dtype=np.int64),) * 2
        _write(connection, texts.places(members)[:, 1], texts.places(roots)[:, 1])
    finally:
        for path in spill.iterdir():
            path.unlink()
        spill.rmdir()


class _Joining(Search):
    """A search that joins similar texts instead of choosing which one stays."""

    def _rounds(self, stored: Stored) -> tuple[np.ndarray, np.ndarray]:
        """The texts that are joined with an earlier one, and the first text of each group."""
        compared = self._compared(stored)
        self.least = np.arange(self.texts.count, dtype=np.int32)
        full = np.zeros(self.texts.count, dtype=bool)
        for first, before in ROUNDS:
            waiting = PairSet(PAIRS_WAITING)
            # The first bands join what has copies, so that later ones need not look at it.
            most = min(PAIRS_WAITING, self.texts.count // _JOINED_EARLY)
            full[:] = False
            for _, buckets in self._buckets(compared):
                full[buckets.crowded(first, before)] = True
                for pairs in buckets.mixed(self.least).possible(first, before, self.sketches, self.least):
                    waiting.add(pairs)
                    if len(waiting) > PAIRS_WAITING // 2:
                        self._join_by_text(waiting.take())
                if waiting.waiting > most:
                    self._join_by_text(waiting.take())
            self._join_by_text(waiting.take())
        self._join_crowd(np.flatnonzero(full))
        members = np.flatnonzero(self.least != np.arange(self.texts.count))
        return members, self.least[members]

    def _join_crowd(self, members: np.ndarray) -> None:
        """Join the similar texts among those in full buckets."""
        if not len(members):
            return
        groups = np.searchsorted(self.begins, members, side="right")

        def read(places: np.ndarray) -> list[str]:
            return self.texts.some(members[places])

        pairs = possible_pairs(len(members), read, groups, self.threshold, self.rows)
        if pairs is not None:
            self._join_in_waves(numbered(pairs, members))
            return
        crowd = Crowd.of(len(members), read, groups, self.threshold)
        # Most texts of a crowd that is alike are joined by now, and need not be compared with each other.
        roots, sizes = np.unique(self.least[members], return_counts=True)
        largest = self.least[members] == roots[np.argmax(sizes)]
        others, rest = np.flatnonzero(largest), np.flatnonzero(~largest)
        for at in range(0, len(rest), LARGEST):
            block, rest_after = rest[at : at + LARGEST], rest[at + LARGEST :]
            for texts in (block, np.concatenate((others, rest_after))):
                for pairs in crowd.candidates(block, texts):
                    self._join_in_waves(numbered(pairs, members))

    def _join_in_waves(self, pairs: np.ndarray) -> None:
        """Join the pairs whose texts are similar: of two groups first a few pairs, since one joins them."""
        wave = 2
        pairs = distinct([pairs])
        while len(pairs := self._apart(pairs)):
            lesser, greater = (self.least[side] for side in ends(pairs))
            order = np.lexsort((np.maximum(lesser, greater), np.minimum(lesser, greater)))
            one, other = np.minimum(lesser, greater)[order], np.maximum(lesser, greater)[order]
            begins = np.flatnonzero(np.concatenate(([True], (one[1:] != one[:-1]) | (other[1:] != other[:-1]))))
            rank = np.arange(len(pairs)) - np.repeat(begins, np.diff(begins, append=len(pairs)))
            self._join(np.sort(pairs[order][rank < wave]))
            pairs, wave = pairs[order][rank >= wave], 4 * wave

    def _apart(self, pairs: np.ndarray) -> np.ndarray:
        """The pairs whose texts are not joined yet."""
        lesser, greater = ends(pairs)
        return np.asarray(pairs[self.least[lesser] != self.least[greater]])

    def _join_by_text(self, pairs: np.ndarray) -> None:
        """Join the pairs whose texts are similar: each text with one earlier text first, which joins most of them."""
        pairs = turned(pairs)
        pairs.sort()
        texts = ends(pairs)[0]
        is_first = np.diff(texts, prepend=-1) != 0
        for some in (pairs[is_first], pairs[~is_first]):
            self._join(np.sort(turned(some)))

    def _join(self, pairs: np.ndarray) -> None:
        """Join those of the pairs, ascending, whose texts are similar and not joined yet."""
        lesser, greater = ends(self._alike(self._apart(pairs))[0])
        if not len(lesser):
            return
        joined = np.flatnonzero(self.least != np.arange(len(self.least)))
        # In place, since the pairs to come are chosen by it.
        self.least[:] = components(
            len(self.least),
            np.concatenate((joined, lesser)),
            np.concatenate((self.least[joined], greater)),
        )


def _write(connection: duckdb.DuckDBPyConnection, members: np.ndarray, roots: np.ndarray) -> None:
    connection.register("near_roots", arrow.table({"near": members, "root": roots}))
    connection.execute("CREATE TABLE joined_near AS FROM near_roots")
    connection.unregister("near_roots")
