"""One shard of a stage: read a slice of Parquet, run the stage's statement on it, write a part.

A shard knows nothing of the others; that is what makes any number of workers give the same corpus. It runs in
a process of its own, since Python functions hold the interpreter's lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.errors import CurationError, RecipeError, WorkspaceError
from curation.plan import COPY_OF, INPUT_SCHEMA, connection_for, failing_rule, message_of

if TYPE_CHECKING:
    from pathlib import Path

    from curation.functions.base import BatchFunction
    from curation.plan import Stage

#: Rows of a group in a part: what a reader that looks at one column has to hold at a time.
ROW_GROUP = 32_768


@dataclass(frozen=True)
class Slice:
    """Some row groups of a Parquet file that follow one another."""

    path: Path
    number: int  # of the file among the stage's files, from 0
    groups: tuple[int, ...]
    first_row: int  # the file's row that the slice begins with, from 0
    rows: int


@dataclass(frozen=True)
class Marks:
    """A Parquet file with columns `part`, `row` (and more): rows of the stage's files that something is known of."""

    path: Path

    def of(self, piece: Slice, columns: list[str]) -> pa.Table:
        """The marks of a slice, with `row` counted from the slice's beginning."""
        last = piece.first_row + piece.rows - 1
        table = pq.read_table(
            self.path,
            columns=["row", *columns],
            filters=(pc.field("part") == piece.number) & (pc.field("row") >= piece.first_row) & (pc.field("row") <= last),
        )
        return table.set_column(0, "row", pc.subtract(table["row"], piece.first_row))


@dataclass(frozen=True)
class Shard:
    """What a worker is told."""

    piece: Slice
    stage: Stage
    functions: tuple[BatchFunction, ...]
    output: Path
    memory_limit: str
    superseded: Marks | None = None  # rows of which a later landing has a newer version: left out
    copies: Marks | None = None  # rows that the dedup before this stage found to be copies, with `duplicate_of`
    first: bool = True  # whether the input is raw files


def run_shard(shard: Shard) -> int:
    """Run it; gives the number of posts that it read.

    Raises `RecipeError` when a rule fails on a post, `WorkspaceError` when the slice can't be read.
    """
    try:
        posts = _read(shard)
    except (OSError, pa.ArrowException) as error:
        raise WorkspaceError(f"Can't read {shard.piece.path}: {error}. Is the file damaged?") from error
    connection = connection_for(shard.functions, threads=1, memory_limit=shard.memory_limit)
    connection.register("posts", posts)
    try:
        rows = _write(connection.sql(shard.stage.statement).to_arrow_reader(ROW_GROUP), shard.output)
    except duckdb.OutOfMemoryException as error:
        raise CurationError(f"{shard.memory_limit} of memory are too few for a shard of {posts.num_rows:,} posts.") from error
    except duckdb.Error as error:
        rule = failing_rule(connection, shard.stage)
        raise RecipeError(f"The rule '{rule}' fails on a post of {shard.piece.path.name}: {message_of(error)}") from error
    assert rows == posts.num_rows, "a rule removed a row instead of marking it"
    return shard.piece.rows


def _write(batches: pa.RecordBatchReader, output: Path) -> int:
    rows = 0
    with pq.ParquetWriter(output, batches.schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


def _read(shard: Shard) -> pa.Table:
    with pq.ParquetFile(shard.piece.path) as file:
        columns = INPUT_SCHEMA.names if shard.first else None
        posts = file.read_row_groups(list(shard.piece.groups), columns=columns, use_threads=False)
    if shard.first:
        posts = posts.select(INPUT_SCHEMA.names).cast(INPUT_SCHEMA)
    if shard.superseded:
        gone = shard.superseded.of(shard.piece, [])["row"]
        if len(gone):
            rows = pa.array(range(posts.num_rows), type=pa.int64())
            posts = posts.filter(pc.invert(pc.is_in(rows, value_set=gone.combine_chunks())))
    if shard.copies:
        posts = posts.append_column(COPY_OF, _copy_of(shard.copies.of(shard.piece, ["duplicate_of"]), posts.num_rows))
    return posts


def _copy_of(copies: pa.Table, rows: int) -> pa.Array:
    kept: list[str | None] = [None] * rows
    for row, duplicate_of in zip(copies["row"].to_pylist(), copies["duplicate_of"].to_pylist(), strict=True):
        kept[row] = duplicate_of
    return pa.array(kept, type=COPY_OF.type)
