"""Writing raw Parquet files, new ones or anew: without some rows, or several as one, in the same order.

Memory is bounded by the group of rows that is written and the one that is gathered meanwhile.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.errors import WorkspaceError
from curation.posts import RAW_SCHEMA, completed

_Rows = npt.NDArray[np.int64]

#: Rows that are read at a time.
ROWS = 4_096
#: A row group ends after so many rows, or so many bytes: posts with long records must not fill the memory.
GROUP_ROWS = 32_768
GROUP_BYTES = 16 << 20
#: Columns with another value in nearly every row: a dictionary of them is made in vain.
_UNEQUAL = {"id", "created_at", "text", "url", "source_line", "raw"}


@dataclass(frozen=True)
class Cut:
    """The rows of one file that change, by their numbers from 0."""

    gone: frozenset[int] = field(default_factory=frozenset)  # rows that go
    emptied: frozenset[int] = field(default_factory=frozenset)  # rows that lose their original record

    def __bool__(self) -> bool:
        return bool(self.gone or self.emptied)


def batches(path: Path, cut: Cut | None = None) -> Iterator[pa.RecordBatch]:
    """The rows of a file after a cut. Raises `WorkspaceError` when it can't be read."""
    gone, emptied = (np.array(sorted(rows), np.int64) for rows in ((cut.gone, cut.emptied) if cut else ((), ())))
    first = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=ROWS):
                yield _without(batch, _within(gone, first, batch.num_rows), _within(emptied, first, batch.num_rows))
                first += batch.num_rows
    except (OSError, pa.ArrowException) as error:
        raise WorkspaceError(f"{path} is damaged ({error}). What was there before is unchanged.") from error


def _within(rows: _Rows, first: int, number: int) -> _Rows:
    """The `rows` of the file in a batch, counted from the batch's beginning."""
    begin, end = np.searchsorted(rows, [first, first + number])
    return rows[begin:end] - first


def _without(batch: pa.RecordBatch, gone: _Rows, emptied: _Rows) -> pa.RecordBatch:
    if len(emptied):
        at = batch.schema.get_field_index("raw")
        without = pc.if_else(_mask(batch, emptied), None, batch.column(at))
        batch = batch.set_column(at, batch.schema.field(at), without)
    return batch.filter(pc.invert(_mask(batch, gone))) if len(gone) else batch


def _mask(batch: pa.RecordBatch, rows: _Rows) -> pa.BooleanArray:
    mask = np.zeros(batch.num_rows, bool)
    mask[rows] = True
    return pa.array(mask)


class RawWriter(contextlib.AbstractContextManager["RawWriter"]):
    """Writes rows as one Parquet file, in large groups; a thread compresses one while the next is gathered."""

    def __init__(self, path: Path, schema: pa.Schema = RAW_SCHEMA) -> None:
        """Create the file. Raises `OSError`."""
        repeated: Any = [name for name in schema.names if name not in _UNEQUAL]  # the stubs know no lists of names
        self._file = pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeated)
        self._schema = schema
        self._thread = ThreadPoolExecutor(1)
        self._written: Future[None] | None = None  # the group before
        self._group: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def add(self, rows: pa.RecordBatch) -> None:
        """Add rows in the file's schema. Raises `OSError` if earlier ones could not be written."""
        self._group.append(rows)
        self._rows += rows.num_rows
        self._bytes += rows.nbytes
        if self._rows >= GROUP_ROWS or self._bytes >= GROUP_BYTES:
            self._write_group()

    def close(self) -> None:
        """Write what is left, and the end of the file. Raises `OSError`."""
        try:
            if self._rows:
                self._write_group()
            self._wait()
        finally:
            self._thread.shutdown()
            self._file.close()

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        """Close the file; after an error without what is left."""
        if error is None:
            self.close()
            return
        self._group, self._rows = [], 0
        with contextlib.suppress(OSError, pa.ArrowException):
            self.close()

    def _write_group(self) -> None:
        group = pa.Table.from_batches(self._group, self._schema)
        self._group, self._rows, self._bytes = [], 0, 0
        self._wait()
        self._written = self._thread.submit(self._file.write_table, group, GROUP_ROWS)

    def _wait(self) -> None:
        written, self._written = self._written, None
        if written:
            written.result()


def write(rows: Iterable[pa.RecordBatch], path: Path, schema: pa.Schema = RAW_SCHEMA) -> int:
    """Write rows as one Parquet file; gives their number. Columns that they lack are NULL."""
    written = 0
    with RawWriter(path, schema) as writer:
        for batch in rows:
            writer.add(completed(batch, schema))
            written += batch.num_rows
    return written
