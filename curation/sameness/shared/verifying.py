"""Verifying pairs: a pair takes the sketch of its later text along to the segment of its earlier text.

Most pairs are ruled out there, by two sketches. Of the few that remain, the texts are read and compared.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from curation.sameness.all_pairs import are_possible
from curation.sameness.find import PAIRS_AT_ONCE
from curation.sameness.full_buckets import FullBuckets
from curation.sameness.pairs import distinct, ends, turned
from curation.sameness.similarity import similarities

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from curation.functions.exchange import Room
    from curation.sameness.shared.segments import Segment

_HALF = np.uint64(32)
#: A pair, and the sketch and the number of shingles of its later text.
_ROW = np.dtype([("pair", "<u8"), ("sketch", "<u8", (4,)), ("count", "<u4")])
#: Rows that are read at a time.
_AT_ONCE = 1 << 16


@dataclass(frozen=True)
class Proposed:
    """Files of proposed pairs in sorted runs, the later text of each pair in the upper bits."""

    files: tuple[Path, ...]
    of_file: np.ndarray  # the file of each run
    begins: np.ndarray  # runs × segments: where the pairs of each segment begin in the file
    counts: np.ndarray  # how many they are

    @classmethod
    def of(cls, files: Sequence[tuple[Path, ...]], segments: int) -> Proposed:
        """The files of `curation.sameness.shared.proposing.Propose`."""
        counts = [np.fromfile(counted, dtype=np.int64) for _, counted, _ in files]
        begins = [np.cumsum(some) - some for some in counts]
        of_file = np.repeat(np.arange(len(files)), [len(some) // segments for some in counts])
        together = [np.concatenate(some).reshape(-1, segments) for some in (begins, counts)]
        return cls(tuple(path for path, _, _ in files), of_file, *together)

    def runs(self, segment: int) -> np.ndarray:
        """Each run with pairs of a segment: its file, their position, and their number."""
        some = np.flatnonzero(self.counts[:, segment])
        return np.column_stack((self.of_file[some], self.begins[some, segment], self.counts[some, segment]))


@dataclass(frozen=True)
class Attach:
    """Adds sketches to the pairs whose later text is in a segment, unless the pairs were there in an earlier round."""

    segments: tuple[Segment, ...]
    number: int  # of the segment
    files: tuple[Path, ...]
    runs: np.ndarray  # see `Proposed.runs`
    tried: Path | None  # the pairs of earlier rounds, sorted
    waiting: int  # pairs that are in memory at a time, about

    @property
    def rows(self) -> int:
        """The number of pairs, repeated ones included."""
        return int(self.runs[:, 2].sum())

    def run(self, room: Room) -> tuple[Path, ...]:
        """Write the rows, their positions by the segment of the earlier text, and the pairs of all rounds so far."""
        out, index, tried = room.path(".rows.bin"), room.path(".index.bin"), room.path(".tried.bin")
        segment = self.segments[self.number]
        parts = 1 + self.rows // self.waiting
        cuts = [segment.first + segment.texts.count * part // parts for part in range(parts + 1)]
        borders = np.array([0, *(other.last for other in self.segments)], dtype=np.uint64) << _HALF
        sketches, counts = segment.stored.sketches(in_memory=True), segment.stored.counts()
        where: list[tuple[int, int, int]] = []
        begin = 0
        with out.open("wb") as rows_file, tried.open("wb") as tried_file:
            for first, last in itertools.pairwise(cuts):
                new = self._new(first, last, tried_file)
                until = np.searchsorted(new, borders)
                sizes = np.diff(until)
                where += [(at, begin + int(until[at]), int(sizes[at])) for at in np.flatnonzero(sizes).tolist()]
                begin += len(new)
                for at in range(0, len(new), _AT_ONCE):
                    some = new[at : at + _AT_ONCE]
                    own = ends(some)[1] - segment.first
                    rows = np.empty(len(some), dtype=_ROW)
                    rows["pair"], rows["sketch"], rows["count"] = some, sketches[own], counts[own]
                    rows.tofile(rows_file)
        index.write_bytes(np.array(where, dtype=np.int64).tobytes())
        return out, index, tried

    def _new(self, first: int, last: int, tried_file: BinaryIO) -> np.ndarray:
        """The pairs that are new, sorted by their earlier text. Writes those of all rounds."""
        pairs = distinct([*self._between(first, last), np.empty(0, dtype=np.uint64)])
        if not self.tried:
            pairs.tofile(tried_file)
        else:
            before = _slice(self.tried, first, last)
            at = np.searchsorted(before, pairs)
            pairs = pairs[np.append(before, np.uint64(0))[at] != pairs]
            del at
            distinct([before, pairs]).tofile(tried_file)
        new = turned(pairs)
        new.sort()
        return new

    def _between(self, first: int, last: int) -> Iterator[np.ndarray]:
        """The pairs whose later text is from `first` (inclusive) to `last` (exclusive), repeated ones included."""
        for file, begin, count in self.runs.tolist():
            yield _slice(self.files[file], first, last, begin, count)


def _slice(path: Path, first: int, last: int, begin: int = 0, count: int | None = None) -> np.ndarray:
    """The pairs of a sorted run whose upper text is from `first` to `last` (exclusive). Reads little else."""
    count = path.stat().st_size // 8 if count is None else count
    with path.open("rb", buffering=0) as file:
        bounds = [_position(file.fileno(), text << 32, begin, begin + count) for text in (first, last)]
    return np.fromfile(path, dtype=np.uint64, count=bounds[1] - bounds[0], offset=8 * bounds[0])


def _position(file: int, pair: int, begin: int, end: int) -> int:
    """The position of the first pair of a sorted run that is not less than `pair`."""
    while begin < end:
        middle = (begin + end) // 2
        if int.from_bytes(os.pread(file, 8, 8 * middle), "little") < pair:
            begin = middle + 1
        else:
            end = middle
    return begin


@dataclass(frozen=True)
class Verify:
    """Verifies the pairs whose earlier text is in a segment."""

    segments: tuple[Segment, ...]
    number: int  # of the segment
    runs: tuple[tuple[Path, int, int], ...]  # file, position and number of rows
    threshold: float

    @property
    def rows(self) -> int:
        """The number of pairs."""
        return sum(count for _, _, count in self.runs)

    def run(self, room: Room) -> tuple[Path, ...]:
        """Write the similar pairs, their similarities, and the number of computed similarities."""
        names = (".alike.bin", ".similarity.bin", ".computed.bin")
        alike, similarity, computed = (room.path(name) for name in names)
        count = 0
        with alike.open("wb") as pairs_file, similarity.open("wb") as similarity_file:
            for pairs in self._possible():
                count += len(pairs)
                value = similarities_of(self.segments, pairs)
                is_alike = value >= self.threshold
                pairs_file.write(pairs[is_alike].tobytes())
                similarity_file.write(value[is_alike].tobytes())
        computed.write_bytes(np.int64(count).tobytes())
        return alike, similarity, computed

    def _possible(self) -> Iterator[np.ndarray]:
        """The pairs that their sketches do not rule out, some at a time."""
        segment = self.segments[self.number]
        sketches, counts = segment.stored.sketches(in_memory=True), segment.stored.counts()
        waiting = np.empty(0, dtype=np.uint64)
        for rows in self._read():
            own = ends(rows["pair"])[0] - segment.first
            allowed = are_possible(sketches[own], rows["sketch"], counts[own], rows["count"], self.threshold)
            waiting = np.concatenate((waiting, rows["pair"][allowed]))
            while len(waiting) >= PAIRS_AT_ONCE:
                yield waiting[:PAIRS_AT_ONCE]
                waiting = waiting[PAIRS_AT_ONCE:]
        if len(waiting):
            yield waiting

    def _read(self) -> Iterator[np.ndarray]:
        for path, begin, count in self.runs:
            for first in range(begin, begin + count, _AT_ONCE):
                some = min(_AT_ONCE, begin + count - first)
                yield np.fromfile(path, dtype=_ROW, count=some, offset=_ROW.itemsize * first)


@dataclass(frozen=True)
class CompareCrowd:
    """Compares the texts in full buckets (see `curation.sameness.full_buckets`)."""

    segments: tuple[Segment, ...]
    members: Path  # int64: their numbers, ascending
    begins: Path | None  # int64: the first text of each group; None for one group
    apart: Path | None  # int64: what the round before wrote, see `FullBuckets`
    threshold: float

    @property
    def rows(self) -> int:
        """The number of texts."""
        return self.members.stat().st_size // 8

    def run(self, room: Room) -> tuple[Path, ...]:
        """Write the pairs, their similarities, the number of computed ones, and the texts that are `apart` now."""
        members = np.fromfile(self.members, dtype=np.int64)
        begins = np.zeros(1, dtype=np.int64) if self.begins is None else np.fromfile(self.begins, dtype=np.int64)
        apart = np.empty(0, dtype=np.int64) if self.apart is None else np.fromfile(self.apart, dtype=np.int64)
        full_buckets, computed = FullBuckets(self.threshold, apart), [0]

        def verify(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            computed.append(len(pairs))
            parts = [pairs[at : at + PAIRS_AT_ONCE] for at in range(0, len(pairs), PAIRS_AT_ONCE)]
            value = np.concatenate([np.empty(0), *(similarities_of(self.segments, part) for part in parts)])
            return pairs[value >= self.threshold], value[value >= self.threshold]

        pairs, similarity = full_buckets.compare(
            members,
            lambda places: texts_of(self.segments, members[places]),
            np.searchsorted(begins, members, side="right"),
            verify,
        )
        written = {
            "alike": pairs,
            "similarity": similarity,
            "computed": np.int64(sum(computed)),
            "apart": full_buckets.apart,
        }
        paths = [room.path(f".{name}.bin") for name in written]
        for path, values in zip(paths, written.values(), strict=True):
            path.write_bytes(values.tobytes())
        return tuple(paths)


def texts_of(segments: Sequence[Segment], numbers: np.ndarray) -> list[str]:
    """The texts with these numbers, ascending."""
    texts: list[str] = []
    begin = 0
    ends_of = np.searchsorted(numbers, [each.last for each in segments]).tolist()
    for segment, end in zip(segments, ends_of, strict=True):
        texts += segment.texts.few(numbers[begin:end] - segment.first)
        begin = end
    return texts


def similarities_of(segments: Sequence[Segment], pairs: np.ndarray) -> np.ndarray:
    """The similarity of each pair."""
    numbers, where = np.unique(np.concatenate(ends(pairs)), return_inverse=True)
    return similarities(texts_of(segments, numbers), where.reshape(2, -1).T)
