"""The search for near-duplicates among any number of posts.

1. Posts with the same canonical text are copies of the preferred one. Only that one goes on.
2. The signature of each such text that is long enough is computed and stored.
3. Texts that agree in a band are compared, in rounds (`curation.sameness.rounds`). Every pair is verified by its exact
   Jaccard similarity.

The result depends on the posts alone, not on their order, the number of workers or the memory.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curation.sameness.all_pairs import Sketches
from curation.sameness.full_buckets import FullBuckets
from curation.sameness.pairs import PairSet, distinct, ends, every_bucket, turned
from curation.sameness.preference import preferred
from curation.sameness.rounds import reach, run_rounds
from curation.sameness.same import COMPARED, find_same
from curation.sameness.shingles import portions, shingles
from curation.sameness.signatures import BANDS, BYTES, SKETCH_BITS, larger_sketch, rows_for, signatures, sketches
from curation.sameness.similarity import similarities
from curation.sameness.store import Stored, Texts
from curation.sql import arrow, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from curation.functions.exchange import Exchange
    from curation.sameness.pairs import Buckets

#: With 3-grams, one changed word in twelve leaves about .8. At .7, most annotators call six of seven pairs of posts
#: paraphrases; at .6, four of five.
THRESHOLD = 0.7
#: Characters of a canonical text below which only equal texts are copies: one more word is another message.
SHORTEST = 25

#: Texts that are signed at a time, and pairs that are verified at a time.
TEXTS_AT_ONCE = 8_192
PAIRS_AT_ONCE = 4_096
#: Pairs that are collected before repeated ones are dropped.
PAIRS_WAITING = 2_000_000
#: Pairs that are remembered, so that no later round verifies them again.
MOST_UNLIKE = 4_000_000


@dataclass(frozen=True)
class SearchResult:
    """The figures of a search."""

    texts: int  # different canonical texts that are long enough
    verified: int  # pairs whose similarity was computed
    removed: int  # texts that are nearly the same as a kept one


def find_near_duplicates(exchange: Exchange, *, threshold: float = THRESHOLD, shortest: int = SHORTEST) -> SearchResult:
    """Find the near-duplicates among the exchange's `candidates`, and write the marks of those that go.

    The candidates have `key` (only posts with the same key are compared; posts without one are not), `canonical` and
    `preference` (the smallest is kept; then the earliest, then the smallest id). `duplicate_of` is the id of a kept
    post with a similarity of at least `threshold`, or with the same canonical text. `similarity` is that similarity,
    from `threshold` to 1.
    """
    find_same(exchange.connection, exchange.spill / "same.parquet")
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


def _in_order(exchange: Exchange, shortest: int) -> pa.RecordBatchReader:
    """One post of each canonical text, group by group, the preferred ones first."""
    reader: pa.RecordBatchReader = exchange.connection.sql(
        f"""
        SELECT hash(key) AS "group", canonical AS text, part, row
        FROM (SELECT * {COMPARED} AND length(canonical) >= {shortest})
        ANTI JOIN read_parquet({literal(str(exchange.spill / "same.parquet"))}) USING (part, row)
        ORDER BY key, {preferred()}, part, row
        """
    ).to_arrow_reader(TEXTS_AT_ONCE)
    return reader


class Search:
    """One search in this process; `verified` counts the comparisons.

    `rows` is the number of rows of a band: fewer rows propose more pairs. None takes as many as the threshold needs.
    """

    def __init__(self, exchange: Exchange, texts: Texts, threshold: float, rows: int | None = None) -> None:
        self.exchange, self.texts, self.threshold = exchange, texts, threshold
        self.rows = rows or rows_for(threshold)
        self.verified = 0
        self.unlike = np.empty(0, dtype=np.uint64)  # pairs that were verified in vain, ascending
        self.full_buckets = FullBuckets(threshold)
        self.similarity = np.empty(0)  # after a run: of each text that goes, to the one that is kept instead

    def run(self) -> tuple[np.ndarray, np.ndarray]:
        """The texts that go, and those that are kept instead."""
        # Threads, because NumPy releases the interpreter's lock, and nothing has to be copied.
        self.pool = ThreadPoolExecutor(max(self.exchange.workers, 1))
        try:
            return self._rounds(self._sign())
        finally:
            self.pool.shutdown(cancel_futures=True)

    def _rounds(self, stored: Stored) -> tuple[np.ndarray, np.ndarray]:
        self.compared = self._compared(stored)
        removals = run_rounds(self)
        self.similarity = removals.similarity
        return removals.gone, removals.kept

    def _compared(self, stored: Stored) -> np.ndarray:
        """The texts that have a shingle. Also opens what the comparisons need."""
        self.stored, self.counts, self.begins = stored, stored.counts(), self.texts.group_begins()
        usual = float(self.counts.mean())
        if usual < SKETCH_BITS:
            bits = stored.sketches(in_memory=self.counts.nbytes * 8 <= self.exchange.memory // 3)
        else:
            bits = self._larger_sketches(larger_sketch(usual))
        self.sketches = Sketches(bits, self.counts, self.threshold)
        return np.flatnonzero(self.counts)

    def _larger_sketches(self, size: int) -> np.ndarray:
        """Sketches of so many bits, in a file: those that are stored rule out no pair of long texts."""
        path, count = self.exchange.spill / "larger_sketches.bin", self.texts.count

        def sketched(first: int) -> list[np.ndarray]:
            texts = self.texts.slice(first, min(first + TEXTS_AT_ONCE, count))
            return [sketches(shingles(some), size) for some in portions(texts)]

        with path.open("wb") as file:
            for parts in self.pool.map(sketched, range(0, count, TEXTS_AT_ONCE)):
                file.writelines(part.tobytes() for part in parts)
        return np.memmap(path, dtype=np.uint64, mode="r", shape=(count, size // 64))

    def _sign(self) -> Stored:
        count, rows = self.texts.count, self.rows
        stored = Stored.empty(self.exchange.spill, count)
        recent = self.exchange.recent
        if recent and count * BYTES > recent.most:
            recent = None  # the first ones would be gone before they are needed again

        def sign(first: int) -> int:
            texts = self.texts.slice(first, min(first + TEXTS_AT_ONCE, count))
            stored.put(first, signatures(texts, rows, recent))
            return first + len(texts)

        for signed in self.pool.map(sign, range(0, count, TEXTS_AT_ONCE)):
            self.exchange.progress(signed, 2 * count)
        return stored

    def similar(self, gone: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        """The similar pairs of a round (see `curation.sameness.rounds.Medium`)."""
        alive = self.compared[~np.isin(self.compared, gone, assume_unique=True)]
        first, before = reach(number)
        pairs = PairSet(PAIRS_WAITING)
        self.in_crowds = np.zeros(self.texts.count if number else 0, dtype=bool)
        for band, buckets in self._buckets(alive):
            if number:
                self.in_crowds[buckets.crowded(first, before)] = True
            for some in buckets.possible(first, before, self.sketches):
                pairs.add(some)
            if not number:
                self.exchange.progress(self.texts.count * (BANDS + band) // BANDS, 2 * self.texts.count)
        return self._alike(pairs.all())

    def _buckets(self, alive: np.ndarray) -> Iterator[tuple[int, Buckets]]:
        """The buckets of each band of these texts, within a third of the memory."""
        sketch = 8 * self.sketches.bits.shape[1]
        return every_bucket(self.stored, alive, self.begins, self.exchange.memory // 3, sketch)

    def crowded(self, gone: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        """The pairs of the texts in full buckets (see `curation.sameness.rounds.Medium`)."""
        members = np.flatnonzero(self.in_crowds)
        if not len(members):
            return np.empty(0, dtype=np.uint64), np.empty(0)

        groups = np.searchsorted(self.begins, members, side="right")
        return self.full_buckets.compare(
            members, lambda places: self.texts.some(members[places]), groups, self._verified
        )

    def _alike(self, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of distinct pairs, ascending, whose similarity is at least the threshold, and their similarities."""
        pairs = pairs[np.append(self.unlike, np.uint64(0))[np.searchsorted(self.unlike, pairs)] != pairs]
        alike, similarity = self._verified(pairs)
        if len(self.unlike) < MOST_UNLIKE and len(alike) < len(pairs):
            self.unlike = distinct([self.unlike, np.delete(pairs, np.searchsorted(pairs, alike))])
        return alike, similarity

    def _verified(self, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The similar ones of distinct pairs in any order, sorted, and their similarities. Doesn't look at `unlike`."""
        self.verified += len(pairs)
        pairs = _with_few_texts(pairs, PAIRS_AT_ONCE)
        parts = [pairs[begin : begin + PAIRS_AT_ONCE] for begin in range(0, len(pairs), PAIRS_AT_ONCE)]
        verified = list(self.pool.map(self._verify, parts))
        if not verified:
            return pairs, np.empty(0)
        alike, similarity = (np.concatenate(each) for each in zip(*verified, strict=True))
        order = np.argsort(alike)
        return alike[order], similarity[order]

    def _verify(self, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lesser, greater = ends(pairs)
        texts, where = np.unique(np.concatenate((lesser, greater)), return_inverse=True)
        similarity = similarities(self.texts.some(texts), where.reshape(2, -1).T)
        alike = similarity >= self.threshold
        return pairs[alike], similarity[alike]


def _with_few_texts(pairs: np.ndarray, at_once: int) -> np.ndarray:
    """Distinct pairs by their earlier or by their later text, whichever order has fewer texts in so many of them."""
    by_later = turned(pairs)
    orders = np.sort(pairs), turned(np.sort(by_later))
    middle = slice(len(pairs) // 2, len(pairs) // 2 + at_once)
    return min(orders, key=lambda order: len(np.unique(np.concatenate(ends(order[middle])))))


def _write_near(exchange: Exchange, texts: Texts, gone: np.ndarray, kept: np.ndarray, similarity: np.ndarray) -> None:
    """Write the places of the texts that go, of the texts that are kept instead, and their similarities."""
    import pyarrow.parquet as pq

    columns = dict(zip(("part", "row"), texts.places(gone).T, strict=True))
    columns |= dict(zip(("kept_part", "kept_row"), texts.places(kept).T, strict=True))
    pq.write_table(arrow.table({**columns, "similarity": similarity}), exchange.spill / "near.parquet")
