"""Values of cached functions, which the workspace keeps between runs.

The key of a value is the name of the function, with its parameters, the version, and a digest of the text: 16 bytes,
never the text itself. So another recipe, or a landing with a few new posts, computes only new texts.

This is a cache: deleting it changes nothing. A checksum detects damaged files, which are removed; so no file waits for
the disk, as `write_whole` would. The size is bounded, and the oldest files go first. ::

    DIR/.memo/<function>-<version's digest>/<moment>-<random>-<checksum>.npy

A file has four arrays one after the other, sorted by digest, and a look-up reads only the parts that it needs. Each
process adds a file for its new values; small files are merged before a run.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

#: The most bytes of all kept values.
DEFAULT_LIMIT = 256_000_000
#: Small files are merged if there are this many.
MOST_FILES = 8
#: New values are written when there are this many.
HELD_BACK = 200_000

NUMBERS = {"DOUBLE": np.dtype("<f8"), "BIGINT": np.dtype("<i8"), "BOOLEAN": np.dtype("?")}
NAME = re.compile(r"[0-9]{20}-[0-9a-f]{12}-([0-9a-f]{8})\.npy")
#: Ends every kept text, because NumPy cuts off NULs at the end.
END = b"\x01"


@dataclass(frozen=True)
class MemoRecords:
    """Values with their digests, sorted by the first halves of the digests, which are distinct."""

    high: np.ndarray  # the first eight bytes of the digests
    low: np.ndarray  # the other eight
    present: np.ndarray  # whether the value is not None
    value: np.ndarray

    @classmethod
    def load(cls, path: Path) -> MemoRecords:
        """The records of a file, mapped into memory. Raises `OSError` or `ValueError`."""
        arrays = []
        with path.open("rb") as file:
            for _ in range(4):
                np.lib.format.read_magic(file)
                shape, _, dtype = np.lib.format.read_array_header_1_0(file)
                arrays.append(np.memmap(path, dtype=dtype, mode="r", shape=shape, offset=file.tell()))
                file.seek(arrays[-1].nbytes, os.SEEK_CUR)
        return cls(*arrays)

    def write(self, folder: Path) -> None:
        """Add a file, sorted, with each digest once."""
        folder.mkdir(parents=True, exist_ok=True)
        # Of two digests that differ only in `low`, one is lost.
        _, order = np.unique(self.high, return_index=True)
        hidden = folder / f".{uuid.uuid4().hex}"
        try:
            with hidden.open("wb") as file:
                for array in (self.high, self.low, self.present, self.value):
                    np.save(file, array[order])
            name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:12]}-{_checksum(hidden):08x}.npy"
            hidden.replace(folder / name)
        finally:
            hidden.unlink(missing_ok=True)


@dataclass(frozen=True)
class Memo:
    """The kept values of a workspace."""

    folder: Path
    limit: int = DEFAULT_LIMIT  # bytes

    def shelf(self, name: str, version: str, returns: str) -> Shelf:
        """The values of a function; `returns` is VARCHAR, BLOB, DOUBLE, BIGINT or BOOLEAN."""
        # The 1 is the version of the file format.
        mark = hashlib.sha256(f"1 {returns} {version}".encode()).hexdigest()[:12]
        return Shelf(self.folder / f"{name[:80]}-{mark}", returns)

    def tidy(self, on_notice: Callable[[str], None] = lambda note: None) -> None:
        """Merge small files; remove damaged ones, with a notice, and the oldest ones beyond the limit.

        Another process may do the same at the same time; that costs only time.
        """
        for shelf in sorted(self.folder.glob("*-*")):
            with contextlib.suppress(OSError):
                self._tidy(shelf, on_notice)
        with contextlib.suppress(OSError):
            self._bound()

    def _tidy(self, shelf: Path, on_notice: Callable[[str], None]) -> None:
        files = []
        for path in sorted(shelf.iterdir()):
            name = NAME.fullmatch(path.name)
            if name and int(name[1], 16) == _checksum(path):
                files.append(path)
            elif not path.name.startswith(".") or time.time() - path.stat().st_mtime > 3600:
                path.unlink()
                if not path.name.startswith("."):
                    on_notice(f"Note: {path} was damaged. It held values that were kept; they are computed anew.")
        small = [path for path in files if path.stat().st_size < self.limit // MOST_FILES]
        if len(small) < MOST_FILES:
            return
        parts = [vars(MemoRecords.load(path)) for path in small]
        MemoRecords(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]}).write(shelf)
        for path in small:
            path.unlink()

    def _bound(self) -> None:
        sizes = {path: path.stat().st_size for path in self.folder.glob("*/*.npy")}
        total = sum(sizes.values())
        for path in sorted(sizes, key=lambda path: path.name):  # the name begins with the moment
            if total <= self.limit:
                break
            path.unlink()
            total -= sizes[path]


@dataclass
class Shelf:
    """The kept values of a function, and its new ones."""

    folder: Path
    returns: str
    _files: list[MemoRecords] | None = None
    _new: dict[bytes, Any] = field(default_factory=dict)

    def find(self, texts: Sequence[str]) -> tuple[list[bytes], dict[int, Any]]:
        """The digests of texts, and the kept values by their places in the list."""
        digests = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        high, low = _halves(digests)
        values: dict[int, Any] = {}
        for records in self._open():
            places = np.searchsorted(records.high, high)
            places[places == len(records.high)] = 0
            hits = np.flatnonzero((records.high[places] == high) & (records.low[places] == low))
            there = places[hits]
            values |= zip(hits.tolist(), self._read(records.present[there], records.value[there]), strict=True)
        return digests, values

    def keep(self, digests: Sequence[bytes], values: Sequence[Any]) -> None:
        """Add new values; `flush` writes them, also when there are many."""
        self._new |= zip(digests, values, strict=True)
        if len(self._new) >= HELD_BACK:
            self.flush()

    def flush(self) -> None:
        """Write the new values. On a full disk they are lost, without an error."""
        if not self._new:
            return
        values = self._new.values()
        high, low = _halves(self._new)
        blank = 0 if self.returns in NUMBERS else b""
        written = [blank if value is None else self._written(value) for value in values]
        value = np.array(written, dtype=NUMBERS.get(self.returns))
        records = MemoRecords(high, low, np.array([value is not None for value in values]), value)
        self._new = {}
        with contextlib.suppress(OSError):
            records.write(self.folder)

    def _open(self) -> list[MemoRecords]:
        if self._files is None:
            self._files = []
            with contextlib.suppress(OSError):
                for path in sorted(self.folder.glob("*.npy")):
                    with contextlib.suppress(OSError, ValueError):
                        self._files.append(MemoRecords.load(path))
        return self._files

    def _written(self, value: Any) -> Any:
        if self.returns in NUMBERS:
            return value
        return (value if isinstance(value, bytes) else value.encode()) + END

    def _read(self, present: np.ndarray, value: np.ndarray) -> list[Any]:
        values = value.tolist()
        if self.returns == "VARCHAR":
            values = [value[:-1].decode() for value in values]
        elif self.returns == "BLOB":
            values = [value[:-1] for value in values]
        return [value if is_present else None for value, is_present in zip(values, present.tolist(), strict=True)]


def _halves(digests: Iterable[bytes]) -> tuple[np.ndarray, np.ndarray]:
    both = np.frombuffer(b"".join(digests), dtype="<u8").reshape(-1, 2)
    return both[:, 0].copy(), both[:, 1].copy()


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            checksum = zlib.crc32(block, checksum)
    return checksum
