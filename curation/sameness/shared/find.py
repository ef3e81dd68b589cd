"""The search, as the process sees it that gives out the work: one step after the other, and the loop of rounds."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from curation.functions.exchange import write_marks
from curation.functions.partitions import find_partitions, split
from curation.sameness.find import SHORTEST, THRESHOLD, SearchResult
from curation.sameness.rounds import reach, run_rounds
from curation.sameness.same import SAME
from curation.sameness.shared.proposing import Propose
from curation.sameness.shared.segments import Same, Segment, Sign, borders
from curation.sameness.shared.sizes import Sizes
from curation.sameness.shared.verifying import Attach, CompareCrowd, Proposed, Verify
from curation.sameness.signatures import BANDS, rows_for
from curation.sameness.store import Stored, Texts
from curation.sql import arrow, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from curation.functions.exchange import Exchange, SharedExchange
    from curation.sameness.rounds import Removals


def find_near_duplicates(
    exchange: SharedExchange,
    *,
    threshold: float = THRESHOLD,
    shortest: int = SHORTEST,
    sizes: Sizes | None = None,
    by_key: Callable[[Exchange], object] | None = None,
) -> SearchResult | None:
    """Let workers find what `curation.sameness.find.find_near_duplicates` finds, and write the same marks.

    `by_key` is that search in one process. With it, each worker searches the posts of some keys, unless one key has too
    many posts for a worker.
    """
    sizes = sizes or Sizes.within(exchange.memory)
    if by_key:
        partitions = split(exchange, "keys", "key", sizes.partition)
        if partitions.are_even:
            find_partitions(exchange, partitions, by_key)
            return None
    partitions = split(exchange, "texts", SAME, sizes.partition)
    exchange.progress(5, 100)
    every = range(len(partitions.rows))
    same = exchange.map("same", [Same(partitions, number, shortest, sizes.texts) for number in every])
    exchange.progress(15, 100)
    segments = _sign(exchange, [paths[1:] for paths in same], threshold, sizes)
    search = SharedSearch(exchange, segments, threshold, sizes)
    exchange.progress(45, 100)
    removals = run_rounds(search)
    _write(exchange, segments, [paths[0] for paths in same], removals)
    return SearchResult(search.count, search.verified, len(removals.gone))


def _sign(
    exchange: SharedExchange, sorted_texts: list[tuple[Path, ...]], threshold: float, sizes: Sizes
) -> tuple[Segment, ...]:
    import pyarrow.parquet as pq

    texts, samples = [paths[0] for paths in sorted_texts], [paths[1] for paths in sorted_texts]
    count = sum(pq.read_metadata(path).num_rows for path in texts)
    with exchange.room.database() as (connection, _):
        between = borders(connection, samples, count, sizes.texts)
    shares = -(-count // sizes.members) or 1
    begins, ends = [None, *between], [*between, None]
    rows = count // len(begins)
    work = [
        Sign(tuple(texts), begin, end, rows_for(threshold), shares, rows)
        for begin, end in zip(begins, ends, strict=True)
    ]
    segments: list[Segment] = []
    first = 0
    for figures, members, offsets, places, *others in exchange.map("sign", work):
        figure = json.loads(figures.read_text())
        folder, prefix = others[0].parent, others[0].name.removesuffix("texts.bin")
        own = Texts(folder, figure["texts"], figure["groups"], prefix)
        stored = Stored(folder, own.count, prefix)
        segments.append(Segment(first, own, stored, members, offsets, places, tuple(figure["ends"])))
        first += own.count
    return tuple(segments)


class SharedSearch:
    """The medium of a search whose texts lie in segments. It holds similar pairs, and a bit for each text."""

    def __init__(self, exchange: SharedExchange, segments: tuple[Segment, ...], threshold: float, sizes: Sizes) -> None:
        self.exchange, self.segments, self.threshold, self.sizes = exchange, segments, threshold, sizes
        self.count = segments[-1].last
        self.verified = 0
        self.crowds: list[Path] = []  # the texts in full buckets in the latest round
        self.apart: Path | None = None  # texts in full buckets of which no two are similar
        self.tried: dict[int, Path] = {}  # by segment, the pairs of earlier rounds

    def similar(self, gone: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        """The similar pairs of a round that no earlier round has proposed (see `curation.sameness.rounds.Medium`)."""
        proposed = self._proposed(gone, number)
        work = [
            Attach(self.segments, at, proposed.files, runs, self.tried.get(at), self.sizes.pairs)
            for at in range(len(self.segments))
            if len(runs := proposed.runs(at))
        ]
        attached = self.exchange.map(f"attach{number}", work)
        self.tried |= {each.number: paths[2] for each, paths in zip(work, attached, strict=True)}
        verified = self.exchange.map(f"verify{number}", self._to_verify(attached))
        self.exchange.progress(100 - 55 // (number + 2), 100)
        return self._read(verified)

    def crowded(self, gone: np.ndarray, number: int) -> tuple[np.ndarray, np.ndarray]:
        """The pairs of the texts in full buckets (see `curation.sameness.rounds.Medium`); one worker has them all."""
        members = np.unique(np.concatenate([np.fromfile(path, dtype=np.int64) for path in self.crowds]))
        if not len(members):
            return np.empty(0, dtype=np.uint64), np.empty(0)
        path = self.exchange.room.path(f".crowd{number}.bin")
        path.write_bytes(members.tobytes())
        work = CompareCrowd(self.segments, path, self._begins, self.apart, self.threshold)
        [paths] = self.exchange.map(f"crowd{number}", [work])
        self.apart = paths[3]
        return self._read([paths])

    def _read(self, verified: Sequence[tuple[Path, ...]]) -> tuple[np.ndarray, np.ndarray]:
        """The similar pairs that workers have found, and their similarities."""
        self.verified += sum(int(np.fromfile(paths[2], dtype=np.int64)[0]) for paths in verified)
        pairs = [np.fromfile(paths[0], dtype=np.uint64) for paths in verified]
        similarity = [np.fromfile(paths[1], dtype=np.float64) for paths in verified]
        return (
            np.concatenate([np.empty(0, dtype=np.uint64), *pairs]),
            np.concatenate([np.empty(0, dtype=np.float64), *similarity]),
        )

    def _proposed(self, gone: np.ndarray, number: int) -> Proposed:
        first, before = reach(number)
        bits = self._bits(gone, number) if number else None
        shares = -(-self.count // self.sizes.members) or 1
        # A worker gets several small bands.
        together = max(1, min(4, self.sizes.members // max(self.count, 1)))
        every = range(BANDS * shares)
        work = [
            Propose(
                self.segments,
                tuple(every[at : at + together]),
                first,
                before,
                bits,
                self._begins,
                self.sizes.members,
                self.sizes.pairs,
                self.count * together // shares,
            )
            for at in range(0, len(every), together)
        ]
        files = self.exchange.map(f"propose{number}", work)
        self.crowds = [crowds for _, _, crowds in files]
        return Proposed.of(files, len(self.segments))

    def _to_verify(self, attached: Sequence[tuple[Path, ...]]) -> list[Verify]:
        """The work on the rows of each segment, about as many for a worker as `Sizes` allows."""
        work: list[Verify] = []
        waiting: dict[int, list[tuple[Path, int, int]]] = {}

        def close(at: int) -> None:
            work.append(Verify(self.segments, at, tuple(waiting.pop(at)), self.threshold))

        for path, index, _ in attached:
            for at, begin, count in np.fromfile(index, dtype=np.int64).reshape(-1, 3).tolist():
                for first in range(begin, begin + count, self.sizes.pairs):
                    some = waiting.setdefault(at, [])
                    some.append((path, first, min(self.sizes.pairs, begin + count - first)))
                    if sum(rows for _, _, rows in some) >= self.sizes.pairs:
                        close(at)
        for at in sorted(waiting):
            close(at)
        return work

    def _bits(self, gone: np.ndarray, number: int) -> Path:
        """A file with a bit for each text, set if it has gone."""
        path = self.exchange.room.path(f".gone{number}.bin")
        bits = np.zeros(self.count // 8 + 1, dtype=np.uint8)
        np.bitwise_or.at(bits, gone >> 3, np.uint8(1) << (gone & 7).astype(np.uint8))
        path.write_bytes(bits.tobytes())
        return path

    @cached_property
    def _begins(self) -> Path | None:
        """A file with the first text of each group; None if there is one group."""
        first, last = self.segments[0].groups, self.segments[-1].groups
        if all(segment.texts.groups == 1 for segment in self.segments) and first == last:
            return None
        path = self.exchange.room.path(".begins.bin")
        before: int | None = None
        with path.open("wb") as file:
            for segment in self.segments:
                if not segment.texts.count:
                    continue
                begins = segment.texts.group_begins() + segment.first
                file.write((begins[1:] if segment.groups[0] == before else begins).tobytes())
                before = segment.groups[1]
        return path


def _write(exchange: SharedExchange, segments: tuple[Segment, ...], same: list[Path], removals: Removals) -> None:
    """Write the marks of the texts that go and of their copies."""
    import pyarrow.parquet as pq

    near = exchange.room.path(".near.parquet")
    columns = {"gone": removals.gone, "kept": removals.kept, "similarity": removals.similarity}
    pq.write_table(arrow.table(columns), near)
    firsts = literal(segment.first for segment in segments)
    with exchange.room.database() as (connection, _):
        write_marks(
            connection,
            f"""
            WITH places AS (
                SELECT {firsts}[CAST(file_index AS BIGINT) + 1] + file_row_number AS text, part, row, id
                FROM read_parquet({literal(str(segment.places) for segment in segments)})
            ), near AS (
                SELECT gone.part, gone.row, kept.id AS duplicate_of, similarity
                FROM read_parquet({literal(str(near))}) AS near
                JOIN places AS gone ON gone.text = near.gone JOIN places AS kept ON kept.text = near.kept
            )
            SELECT CAST(part AS BIGINT) AS part, row, duplicate_of, similarity FROM near
            UNION ALL
            SELECT same.part, same.row, coalesce(near.duplicate_of, same.kept_id), coalesce(near.similarity, 1)
            FROM read_parquet({literal(str(path) for path in same)}) AS same
            LEFT JOIN near ON near.part = same.kept_part AND near.row = same.kept_row
            """,
            exchange.out,
        )
