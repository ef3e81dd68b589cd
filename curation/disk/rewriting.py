"""Writing raw Parquet files anew: without some rows, or several as one, in the same order and in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

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
GROUP_BYTES = 64 << 20


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


def write(rows: Iterable[pa.RecordBatch], path: Path, schema: pa.Schema = RAW_SCHEMA) -> int:
    """Write rows as one Parquet file; gives their number."""
    written = 0
    waiting: list[pa.RecordBatch] = []
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:

        def write_group() -> None:
            if waiting:
                writer.write_table(pa.Table.from_batches(waiting, schema), row_group_size=GROUP_ROWS)
                waiting.clear()

        for batch in rows:
            if batch.num_rows:
                whole = completed(batch, schema)
                waiting += whole.to_batches() if isinstance(whole, pa.Table) else [whole]
                written += batch.num_rows
            if sum(b.num_rows for b in waiting) >= GROUP_ROWS or sum(b.nbytes for b in waiting) >= GROUP_BYTES:
                write_group()
        write_group()
    return written
