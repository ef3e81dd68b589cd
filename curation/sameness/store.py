"""Texts and their signatures on disk, so that memory does not grow with their number."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from curation.sameness.signatures import BANDS, SKETCH_BITS, Signatures

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa

_WORDS = SKETCH_BITS // 64


@dataclass(frozen=True)
class Texts:
    """Texts in the order of preference, the texts of one group next to each other."""

    folder: Path
    count: int
    groups: int
    prefix: str = ""  # what the names of its files begin with

    @classmethod
    def write(cls, folder: Path, batches: Iterable[pa.RecordBatch], prefix: str = "") -> Texts:
        """Write batches of `group` (UBIGINT, the same for the texts of a group), `text`, `part` and `row`."""
        count = groups = size = 0
        last: int | None = None
        names = ("texts", "ends", "groups", "places")
        texts, ends, numbers, places = files = [_file(folder, prefix, name).open("wb") for name in names]
        try:
            for batch in batches:
                if not batch.num_rows:
                    continue
                offsets, data = _strings(batch.column("text"))
                texts.write(data[offsets[0] : offsets[-1]])
                ends.write((offsets[1:].astype(np.int64) - int(offsets[0]) + size).tobytes())
                size += int(offsets[-1] - offsets[0])
                group = _numbers(batch.column("group"), np.uint64)
                new = np.concatenate(([last is not None and int(group[0]) != last], group[1:] != group[:-1]))
                number = groups + np.cumsum(new)
                numbers.write(number.astype(np.uint32).tobytes())
                groups, last = int(number[-1]), int(group[-1])
                place = np.empty((batch.num_rows, 2), dtype=np.int64)
                place[:, 0] = _numbers(batch.column("part"), np.int32)
                place[:, 1] = _numbers(batch.column("row"), np.int64)
                places.write(place.tobytes())
                count += batch.num_rows
        finally:
            for file in files:
                file.close()
        return cls(folder, count, groups + 1, prefix)

    def slice(self, first: int, last: int) -> list[str]:
        """The texts from `first` (inclusive) to `last` (exclusive)."""
        ends = self._ends(first, last)
        data = _read(self._file("texts"), np.uint8, int(ends[0]), int(ends[-1] - ends[0])).tobytes()
        ends -= ends[0]
        return [data[a:b].decode() for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]

    def few(self, indices: np.ndarray) -> list[str]:
        """The texts with these indices, read one by one; nothing is mapped."""
        if not len(indices):
            return []
        with self._file("ends").open("rb", buffering=0) as ends, self._file("texts").open("rb", buffering=0) as texts:
            found = []
            for index in indices.tolist():
                bounds = np.frombuffer(os.pread(ends.fileno(), 16, 8 * max(index - 1, 0)), dtype=np.int64)
                begin, end = (int(bounds[0]), int(bounds[1])) if index else (0, int(bounds[0]))
                found.append(os.pread(texts.fileno(), end - begin, begin).decode())
        return found

    def some(self, indices: np.ndarray) -> list[str]:
        """The texts with these indices."""
        ends = np.memmap(self._file("ends"), dtype=np.int64, mode="r")
        until = ends[indices].tolist()
        begin = np.where(indices > 0, ends[np.maximum(indices, 1) - 1], 0).tolist()
        with self._file("texts").open("rb", buffering=0) as file:
            number = file.fileno()
            return [os.pread(number, b - a, a).decode() for a, b in zip(begin, until, strict=True)]

    def group_numbers(self) -> np.ndarray:
        """uint32: the number of each text's group."""
        return _read(self._file("groups"), np.uint32, 0, self.count)

    def group_begins(self) -> np.ndarray:
        """int64, ascending: the first text of each group."""
        if self.groups == 1:
            return np.zeros(1, dtype=np.int64)
        numbers = self.group_numbers()
        return np.concatenate(([0], np.flatnonzero(numbers[1:] != numbers[:-1]) + 1))

    def places(self, indices: np.ndarray) -> np.ndarray:
        """int64, texts × 2: `part` and `row` of these texts."""
        if not self.count:
            return np.empty((0, 2), dtype=np.int64)
        places: np.ndarray = np.memmap(self._file("places"), dtype=np.int64, mode="r", shape=(self.count, 2))
        chosen: np.ndarray = places[indices]
        return chosen

    def _ends(self, first: int, last: int) -> np.ndarray:
        if first:
            return _read(self._file("ends"), np.int64, first - 1, last - first + 1)
        return np.concatenate(([0], _read(self._file("ends"), np.int64, 0, last)))

    def _file(self, name: str) -> Path:
        return _file(self.folder, self.prefix, name)


@dataclass(frozen=True)
class Stored:
    """The signatures of `count` texts, band by band, because the search reads one band after the other."""

    folder: Path
    count: int
    prefix: str = ""  # what the names of its files begin with

    @classmethod
    def empty(cls, folder: Path, count: int, prefix: str = "") -> Stored:
        """Signatures of so many texts, all zero."""
        for name, size in (("bands", BANDS * 4), ("sketches", _WORDS * 8), ("counts", 4)):
            with _file(folder, prefix, name).open("wb") as file:
                file.truncate(count * size)
        return cls(folder, count, prefix)

    def put(self, first: int, signatures: Signatures) -> None:
        """Store the signatures of the texts from `first` on. Threads may store slices that do not overlap."""
        with self._file("bands").open("r+b", buffering=0) as file:
            for band in range(BANDS):
                _write_at(file.fileno(), signatures.bands[:, band], 4 * (band * self.count + first))
        for name, value in (("sketches", signatures.sketches), ("counts", signatures.counts)):
            with self._file(name).open("r+b", buffering=0) as file:
                _write_at(file.fileno(), value, first * value[:1].nbytes)

    def band(self, band: int) -> np.ndarray:
        """uint32: one band of all texts."""
        return _read(self._file("bands"), np.uint32, band * self.count, self.count)

    def sketches(self, *, in_memory: bool) -> np.ndarray:
        """uint64, texts × 4."""
        if in_memory or not self.count:
            return _read(self._file("sketches"), np.uint64, 0, self.count * _WORDS).reshape(-1, _WORDS)
        return np.memmap(self._file("sketches"), dtype=np.uint64, mode="r", shape=(self.count, _WORDS))

    def counts(self) -> np.ndarray:
        """uint32: how many shingles each text has."""
        return _read(self._file("counts"), np.uint32, 0, self.count)

    def _file(self, name: str) -> Path:
        return _file(self.folder, self.prefix, name)


def _file(folder: Path, prefix: str, name: str) -> Path:
    return folder / f"{prefix}{name}.bin"


def _write_at(file: int, values: np.ndarray, offset: int) -> None:
    """Write values whole: where the disk is nearly full, a call may write a part and raise nothing."""
    data = memoryview(values.tobytes())
    while data:
        written = os.pwrite(file, data, offset)
        data, offset = data[written:], offset + written


def _read(path: Path, kind: type[np.generic], first: int, count: int) -> np.ndarray:
    return np.fromfile(path, dtype=kind, count=count, offset=first * np.dtype(kind).itemsize)


def _strings(column: pa.Array[Any]) -> tuple[np.ndarray, memoryview]:
    """Offsets and bytes of a column of texts without NULLs."""
    _, positions, data = column.buffers()
    offsets = np.frombuffer(memoryview(positions or b""), np.int64 if str(column.type) == "large_string" else np.int32)
    return offsets[column.offset : column.offset + len(column) + 1], memoryview(data or b"")


def _numbers(column: pa.Array[Any], kind: type[np.generic]) -> np.ndarray:
    """A column of numbers without NULLs."""
    numbers: np.ndarray = np.frombuffer(memoryview(column.buffers()[1] or b""), dtype=kind)
    return numbers[column.offset : column.offset + len(column)]
