"""Proposing pairs: a worker forms some of the buckets of some bands, from the texts of all segments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from curation.sameness.pairs import Buckets, distinct, turned
from curation.sameness.rounds import BEFORE, FIRST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from curation.functions.exchange import Room
    from curation.sameness.shared.segments import Segment

_HALF = np.uint64(32)
_TEXT = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True)
class Propose:
    """Proposes the pairs of some shares."""

    segments: tuple[Segment, ...]
    shares: tuple[int, ...]  # their numbers among the shares of all bands, band by band
    first: int
    before: int
    gone: Path | None  # a bit for each text, set if it has gone
    begins: Path | None  # int64: the first text of each group; None for one group
    at_once: int  # members
    waiting: int  # pairs
    rows: int

    def run(self, room: Room) -> tuple[Path, ...]:
        """Write the pairs in sorted runs, for each run the number of pairs of each segment, and the texts in crowds.

        The segment is that of the later text of a pair. Crowds are told once texts have gone.
        """
        gone = None if self.gone is None else np.fromfile(self.gone, dtype=np.uint8)
        begins = np.zeros(1, dtype=np.int64) if self.begins is None else np.fromfile(self.begins, dtype=np.int64)
        out, counts, crowds = room.path(".pairs.bin"), room.path(".runs.bin"), room.path(".crowds.bin")
        crowded: list[np.ndarray] | None = None if gone is None else []
        borders = np.array([segment.last for segment in self.segments], dtype=np.uint64) << _HALF
        runs = []
        with out.open("wb") as file:
            for run in _runs(self._pairs(begins, gone, crowded), self.waiting):
                file.write(run.tobytes())
                runs.append(np.diff(np.searchsorted(run, borders), prepend=0))
        counts.write_bytes(np.array(runs, dtype=np.int64).reshape(-1, len(self.segments)).tobytes())
        crowds.write_bytes(np.unique(np.concatenate([np.empty(0, dtype=np.int64), *(crowded or ())])).tobytes())
        return out, counts, crowds

    def _pairs(
        self, begins: np.ndarray, gone: np.ndarray | None, crowded: list[np.ndarray] | None
    ) -> Iterator[np.ndarray]:
        for share in self.shares:
            for pairs in bucket_pairs(self._batches(share, gone), begins, self.first, self.before, crowded):
                yield turned(pairs)

    def _batches(self, share: int, gone: np.ndarray | None) -> Iterator[np.ndarray]:
        """The members of a share, sorted, some segments at a time."""
        waiting: list[np.ndarray] = []
        for segment in self.segments:
            begin, end = np.fromfile(segment.offsets, dtype=np.int64, count=2, offset=8 * share)
            members = np.fromfile(segment.members, dtype=np.uint64, count=end - begin, offset=8 * begin)
            members += np.uint64(segment.first)
            if gone is not None:
                text = (members & _TEXT).astype(np.int64)
                members = members[gone[text >> 3] >> (text & 7).astype(np.uint8) & 1 == 0]
            if waiting and sum(map(len, waiting)) + len(members) > self.at_once:
                yield np.sort(np.concatenate(waiting))
                waiting = []
            waiting.append(members)
        yield np.sort(np.concatenate(waiting))


def bucket_pairs(
    batches: Iterator[np.ndarray],
    begins: np.ndarray,
    first: int,
    before: int,
    crowded: list[np.ndarray] | None = None,
) -> Iterator[np.ndarray]:
    """The pairs of buckets whose members come in batches. Texts of a later batch come after those of an earlier one.

    From batch to batch a bucket keeps only the members that a later text can be compared with, so a bucket with most of
    the texts needs little memory. The texts of buckets with more than `FIRST + BEFORE` texts are added to `crowded`.
    """
    before_it: tuple[np.ndarray, Buckets] | None = None
    for batch in batches:
        carried = _carried(*before_it) if before_it else batch[:0]
        members = np.sort(np.concatenate((carried, batch))) if len(carried) else batch
        buckets = Buckets.of(members, begins)
        later = None
        if len(carried):
            later = np.flatnonzero(~np.isin(members[buckets.at], carried, assume_unique=True))
        if crowded is not None:
            crowded.append(buckets.crowded(FIRST, BEFORE))
        yield from buckets.pairs(first, before, later)
        before_it = members, buckets


def _carried(members: np.ndarray, buckets: Buckets) -> np.ndarray:
    """The members that are among the first or the last of their buckets."""
    size = np.diff(np.flatnonzero(buckets.places == 0), append=len(buckets.places))
    from_end = np.repeat(size, size) - buckets.places
    dropped = buckets.at[(buckets.places >= FIRST) & (from_end > BEFORE)]
    return np.delete(members, dropped)


def _runs(pairs: Iterator[np.ndarray], waiting: int) -> Iterator[np.ndarray]:
    """The pairs in sorted runs, each pair once per run."""
    unique, unsorted = np.empty(0, dtype=np.uint64), []
    for some in pairs:
        unsorted.append(some)
        if sum(map(len, unsorted)) > waiting:
            unique, unsorted = distinct([unique, *unsorted]), []
            if len(unique) > waiting:
                yield unique
                unique = unique[:0]
    yield distinct([unique, *unsorted])
