"""The search for near-duplicates among any number of posts.

1. Posts with the same canonical text are copies of the preferred one of them; only that one is looked at further.
2. Of each such text that is long enough, the signature is computed and stored.
3. Texts that agree in a band are compared, first each with the preferred one of its bucket, then those that stay
   with more of their buckets, until nothing changes. Every pair is verified by its exact Jaccard similarity.

What is found depends on the posts alone: not on their order, nor on the number of workers, nor on the memory.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.sameness.clusters import keepers
from curation.sameness.pairs import bucket_pairs, ends, possible
from curation.sameness.preference import PLATFORM, preferred
from curation.sameness.shingles import similarities
from curation.sameness.signatures import BANDS, rows_for, signatures
from curation.sameness.store import Stored, Texts
from curation.sql import literal

if TYPE_CHECKING:
    import pyarrow as pa

    from curation.functions.exchange import Exchange

#: With 3-grams, one changed word of twelve leaves about .8. Of annotated pairs of posts that are .7 alike, six of
#: seven are paraphrases to most annotators; at .6 it is four of five.
THRESHOLD = 0.7
#: Characters of a canonical text below which only the same text is a copy: one word more is another message.
SHORTEST = 25

#: Texts whose signatures are computed at a time, and pairs that are verified at a time.
TEXTS_AT_ONCE = 8_192
PAIRS_AT_ONCE = 2_048
#: Pairs that wait for being verified before those that came twice are dropped.
PAIRS_WAITING = 2_000_000
#: How many of a bucket a text is laid beside: the preferred ones, and those just before it.
FIRST, BEFORE = 8, 4
#: The search ends by itself, nearly always in the third round; what is removed is right after every round.
MOST_ROUNDS = 12

_COMPARED = "FROM candidates WHERE key IS NOT NULL AND canonical <> ''"


@dataclass(frozen=True)
class SearchResult:
    """The figures of a search."""

    texts: int  # different canonical texts that are long enough
    verified: int  # pairs whose similarity was computed
    removed: int  # texts that are nearly the same as one that is kept


def find_near_duplicates(exchange: Exchange, *, threshold: float = THRESHOLD, shortest: int = SHORTEST) -> SearchResult:
    """Find the near-duplicates among the exchange's `candidates` and write the marks of those that go.

    The candidates have `key` (posts with different keys are never compared, nor are those without), `canonical`
    and `preference` (the smallest is kept; then the earliest, then the smallest id). `duplicate_of` is the id of
    a post that is kept and whose similarity is at least `threshold`, or whose canonical text is the same; `similarity`
    is that similarity, from `threshold` to 1.
    """
    _find_same(exchange)
    texts = Texts.write(exchange.spill, _in_order(exchange, shortest))
    search = Search(exchange, texts, threshold)
    gone, kept = search.run() if texts.count else (np.empty(0, dtype=np.int64),) * 2
    _write_near(exchange, texts, gone, kept, search.similarity)
    same, near = (f"read_parquet({literal(str(exchange.spill / name))})" for name in ("same.parquet", "near.parquet"))
    exchange.write(
        f"""
        WITH gone AS (
            SELECT part, row, kept_part, kept_row, similarity FROM {near}
            UNION ALL
            SELECT same.part, same.row, coalesce(near.kept_part, same.kept_part),
                   coalesce(near.kept_row, same.kept_row), coalesce(near.similarity, 1)
            FROM {same} AS same LEFT JOIN {near} AS near ON near.part = same.kept_part AND near.row = same.kept_row
        )
        SELECT gone.part, gone.row, candidates.id AS duplicate_of, similarity
        FROM gone JOIN candidates ON candidates.part = gone.kept_part AND candidates.row = gone.kept_row
        """
    )
    return SearchResult(texts.count, search.verified, len(gone))


def _find_same(exchange: Exchange) -> None:
    """Posts whose key and canonical text are those of a preferred post."""
    # The digest of the key is of one length, so that key and text do not run into each other.
    narrow = f"SELECT md5_number(md5(key) || canonical) AS same, * {_COMPARED}"
    exchange.connection.execute(
        f"""
        COPY (
            WITH narrow AS ({narrow}), shared AS (
                SELECT same FROM narrow GROUP BY same HAVING count(*) > 1
            ), alike AS (
                SELECT same, part, row, ROW({preferred()}, part, row) AS place
                FROM narrow SEMI JOIN shared USING (same)
            ), best AS (
                SELECT same, min(place) AS kept FROM alike GROUP BY same
            )
            SELECT part, row, kept[{PLATFORM + 1}] AS kept_part, kept[{PLATFORM + 2}] AS kept_row
            FROM alike JOIN best USING (same) WHERE place <> kept
        ) TO {literal(str(exchange.spill / "same.parquet"))} (FORMAT parquet)
        """
    )


def _in_order(exchange: Exchange, shortest: int) -> pa.RecordBatchReader:
    """One post of each canonical text, group by group, the preferred ones first."""
    reader: pa.RecordBatchReader = exchange.connection.sql(
        f"""
        SELECT hash(key) AS "group", canonical AS text, part, row
        FROM (SELECT * {_COMPARED} AND length(canonical) >= {shortest})
        ANTI JOIN read_parquet({literal(str(exchange.spill / "same.parquet"))}) USING (part, row)
        ORDER BY key, {preferred()}
        """
    ).to_arrow_reader(TEXTS_AT_ONCE)
    return reader


class Search:
    """The rounds of one search; `verified` counts the comparisons.

    `rows` are those of a band: fewer propose more pairs. None are as many as the threshold asks for.
    """

    def __init__(self, exchange: Exchange, texts: Texts, threshold: float, rows: int | None = None) -> None:
        self.exchange, self.texts, self.threshold = exchange, texts, threshold
        self.rows = rows or rows_for(threshold)
        self.shifted = False  # see `signatures`
        self.verified = 0
        self.similarity = np.empty(0)  # after a run, that of each text that goes with the one that is kept instead

    def run(self) -> tuple[np.ndarray, np.ndarray]:
        """The texts that go, and those that are kept instead."""
        # Threads, since NumPy lets go of the interpreter's lock, and nothing has to be copied to them.
        self.pool = ThreadPoolExecutor(max(self.exchange.workers, 1))
        try:
            return self._rounds(self._sign())
        finally:
            self.pool.shutdown(cancel_futures=True)

    def _rounds(self, stored: Stored) -> tuple[np.ndarray, np.ndarray]:
        compared = self._compared(stored)
        alike, similarity = np.empty(0, dtype=np.uint64), np.empty(0)
        gone = kept = np.empty(0, dtype=np.int64)
        for number in range(MOST_ROUNDS):
            alive = compared[~np.isin(compared, gone, assume_unique=True)]
            pairs, their_similarity = self._round(alive, number)
            if number and not len(np.setdiff1d(pairs, alike)):
                break
            alike, first = np.unique(np.concatenate((alike, pairs)), return_index=True)
            similarity = np.concatenate((similarity, their_similarity))[first]
            gone, kept = keepers(alike)
        removals = kept.astype(np.uint64) << np.uint64(32) | gone.astype(np.uint64)
        self.similarity = similarity[np.searchsorted(alike, removals)]
        return gone, kept

    def _compared(self, stored: Stored) -> np.ndarray:
        """The texts with a shingle; what the comparisons need is read."""
        self.stored, self.counts, self.groups = stored, stored.counts(), self.texts.group_numbers()
        self.sketches = stored.sketches(in_memory=self.counts.nbytes * 8 <= self.exchange.memory // 3)
        return np.flatnonzero(self.counts)

    def _sign(self) -> Stored:
        count, rows = self.texts.count, self.rows
        stored = Stored.empty(self.exchange.spill, count)

        def sign(first: int) -> int:
            texts = self.texts.slice(first, min(first + TEXTS_AT_ONCE, count))
            stored.put(first, signatures(texts, rows, shifted=self.shifted))
            return first + len(texts)

        for signed in self.pool.map(sign, range(0, count, TEXTS_AT_ONCE)):
            self.exchange.progress(signed, 2 * count)
        return stored

    def _round(self, alive: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Similar pairs among the texts that are alive, and their similarities."""
        first, before = (FIRST, BEFORE) if number else (1, 0)
        memory = self.exchange.memory // 3
        waiting, unsorted = np.empty(0, dtype=np.uint64), []
        for band, pairs in bucket_pairs(self.stored, alive, self.groups, first=first, before=before, memory=memory):
            unsorted.append(possible(pairs, self.sketches, self.counts, self.threshold))
            # The same pair comes from many bands, so it is dropped before there are too many.
            if sum(map(len, unsorted)) > max(len(waiting), PAIRS_WAITING):
                waiting, unsorted = np.unique(np.concatenate((waiting, *unsorted))), []
            if not number:
                self.exchange.progress(self.texts.count * (BANDS + band) // BANDS, 2 * self.texts.count)
        return self._alike(np.unique(np.concatenate((waiting, *unsorted))))

    def _alike(self, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of the pairs whose similarity is at least the threshold, and these similarities."""
        self.verified += len(pairs)
        parts = [pairs[begin : begin + PAIRS_AT_ONCE] for begin in range(0, len(pairs), PAIRS_AT_ONCE)]
        verified = list(self.pool.map(self._verify, parts))
        if not verified:
            return pairs, np.empty(0)
        return np.concatenate([part[0] for part in verified]), np.concatenate([part[1] for part in verified])

    def _verify(self, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lesser, greater = ends(pairs)
        texts, where = np.unique(np.concatenate((lesser, greater)), return_inverse=True)
        similarity = similarities(self.texts.some(texts), where.reshape(2, -1).T)
        alike = similarity >= self.threshold
        return pairs[alike], similarity[alike]


def _write_near(exchange: Exchange, texts: Texts, gone: np.ndarray, kept: np.ndarray, similarity: np.ndarray) -> None:
    """Write the places of the texts that go, those of the texts that are kept instead, and how alike they are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = dict(zip(("part", "row"), texts.places(gone).T, strict=True))
    columns |= dict(zip(("kept_part", "kept_row"), texts.places(kept).T, strict=True))
    # Not `pa.array`, which would import pandas where it is installed.
    arrays: dict[str, pa.Array[Any]] = {
        name: pa.Array.from_buffers(pa.int64(), len(gone), [None, pa.py_buffer(np.ascontiguousarray(column).data)])
        for name, column in columns.items()
    }
    arrays["similarity"] = pa.DoubleArray.from_buffers(pa.float64(), len(gone), [None, pa.py_buffer(similarity.data)])
    pq.write_table(pa.table(arrays), exchange.spill / "near.parquet")
