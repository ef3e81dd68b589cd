"""The files that shards read and write.

Three kinds: landed Parquet, cut into slices of row groups; Arrow files between two stages, written and read at
the speed of memory and gone after the run; the Parquet parts of a finished corpus, small and quick to look
things up in. Beside an Arrow file lies a narrow Parquet file with what the next rule compares.
"""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.errors import WorkspaceError
from curation.posts import completed
from curation.recipes.plan import CANDIDATE, COMPARED, INPUT_SCHEMA
from curation.sql import database, literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

#: Rows that are worked on at a time.
ROW_GROUP = 32_768
#: Rows of a group in a part of a corpus: what has to be read for one post. More groups would make every scan slower.
READ_AT_ONCE = 8_192

#: Columns whose few values repeat, and those that people look things up by.
REPEATED: Any = [  # the stubs of ParquetWriter know no lists of names
    "platform", "author", "author_name", "author_id", "text_format", "lang", "reply_to_author", "community", "client",
    "source", "source_file", "removed_by",
]  # fmt: skip
LOOKED_UP = ["id", "author", "created_at", "removed_by"]


@dataclass(frozen=True)
class Slice:
    """Posts of a file that follow one another."""

    path: Path
    number: int  # of the file among the stage's files, from 0
    first_row: int  # the file's row that the slice begins with, from 0
    rows: int
    groups: tuple[int, ...] = ()  # row groups of a Parquet file; an Arrow file is one slice


@dataclass(frozen=True)
class RowMarks:
    """A Parquet file with columns `part`, `row` (and more): marks of rows of the stage's files."""

    path: Path

    def of(self, pieces: Sequence[Slice], columns: str) -> pa.Table:
        """For each post of the slices, one slice after the other, the SQL `columns` of its mark; NULL without one."""
        ends = list(itertools.accumulate(piece.rows for piece in pieces))
        places = ", ".join(
            f"({piece.number}, {piece.first_row}, {piece.rows}, {end - piece.rows})"
            for piece, end in zip(pieces, ends, strict=True)
        )
        with contextlib.closing(database.reader()) as connection:
            marks: pa.Table = connection.sql(
                f"""
                WITH pieces(number, first_row, rows, place) AS (VALUES {places}),
                marks AS (
                    SELECT marks.* REPLACE (row - first_row + place AS row)
                    FROM read_parquet({literal(str(self.path))}) AS marks
                    JOIN pieces ON part = number AND row >= first_row AND row < first_row + rows
                )
                SELECT {columns} FROM range({ends[-1]}) AS posts(row) LEFT JOIN marks ON marks.row = posts.row
                ORDER BY posts.row
                """
            ).to_arrow_table()
        return marks


def portions(files: Sequence[Path], posts: int) -> Iterator[tuple[Slice, ...]]:
    """Landed files cut into portions of about so many posts: a part of a large file, or several small files."""
    portion: list[Slice] = []
    for piece in slices(files, posts):
        if portion and sum(each.rows for each in portion) + piece.rows > posts:
            yield tuple(portion)
            portion = []
        portion.append(piece)
    if portion:
        yield tuple(portion)


def slices(files: Sequence[Path], posts: int) -> Iterator[Slice]:
    """Landed files cut into slices of about so many posts, by their row groups."""
    for number, path in enumerate(files):
        metadata = pq.read_metadata(path)
        if not metadata.num_row_groups:
            yield Slice(path, number, 0, 0)
        groups: list[int] = []
        first = rows = 0
        for group in range(metadata.num_row_groups):
            groups.append(group)
            rows += metadata.row_group(group).num_rows
            if rows >= posts or group == metadata.num_row_groups - 1:
                yield Slice(path, number, first, rows, tuple(groups))
                groups, first, rows = [], first + rows, 0


def read_source(pieces: Sequence[Slice], columns: Iterable[str] | None = None) -> pa.Table:
    """Posts of slices of landed files, without their original records, or of a corpus; all columns or some.

    A landed post's text is its `raw_text`, too. Raises `WorkspaceError` for a file that can't be read.
    """
    tables = []
    for piece in pieces:
        try:
            tables.append(_read_slice(piece, columns))
        except (OSError, pa.ArrowException) as error:
            raise WorkspaceError(f"Can't read {piece.path}: {error}. Is the file damaged?") from error
    return pa.concat_tables(tables)


def _read_slice(piece: Slice, columns: Iterable[str] | None) -> pa.Table:
    with pq.ParquetFile(piece.path) as file:
        names = file.schema_arrow.names
        landed = "raw_text" not in names
        if columns is not None:
            names = [name for name in names if name in {*columns}]
        raw = [name for name in INPUT_SCHEMA.names if columns is None or name in {*columns, "text"}]
        if landed:
            names = [name for name in raw if name in names]
        posts = file.read_row_groups(list(piece.groups), columns=names, use_threads=False).select(names)
    if landed:
        posts = completed(posts, pa.schema([INPUT_SCHEMA.field(name) for name in raw]))
        posts = posts.append_column("raw_text", posts["text"])
    return posts


def columns_of(piece: Slice) -> list[str]:
    """The columns that `read_source` finds in a slice."""
    names = pq.read_schema(piece.path).names
    return names if "raw_text" in names else [*INPUT_SCHEMA.names, "raw_text"]


def read_between(path: Path, *, mapped: bool) -> pa.Table:
    """What the stage before made of a slice's posts, mapped where the file lies on this machine."""
    with pa.memory_map(str(path)) if mapped else pa.OSFile(str(path), "rb") as file:
        return pa.ipc.open_file(file).read_all()


def overlay(posts: pa.Table, columns: pa.Table) -> pa.Table:
    """The posts with these columns too; one that they have already is replaced in its place."""
    for field in columns.schema:
        at = posts.schema.get_field_index(field.name)
        column = columns[field.name]
        posts = posts.append_column(field, column) if at < 0 else posts.set_column(at, field, column)
    return posts


def combine(source: pa.Table, batches: pa.RecordBatchReader, schema: pa.Schema) -> Iterator[pa.Table]:
    """For each batch the columns of `schema`: the batch's own, or those of the same rows of `source`."""
    first = 0
    for batch in batches:
        rows = source.slice(first, batch.num_rows)
        own = {*batch.schema.names}
        columns = [batch.column(name) if name in own else rows[name] for name in schema.names]
        yield pa.Table.from_arrays(columns, schema=schema)
        first += batch.num_rows


def keys_of(path: Path) -> Path:
    """The narrow file beside an Arrow file."""
    return path.with_suffix(".keys.parquet")


def write_between(source: pa.Table, batches: pa.RecordBatchReader, path: Path, *, small: bool) -> int:
    """Write an Arrow file of what a stage made, and what is compared; gives the number of posts.

    `small` saves disk, for some time.
    """
    wide = pa.schema([field for field in batches.schema if not field.name.startswith(COMPARED)])
    compared = [field for field in batches.schema if field.name.startswith(COMPARED)]
    narrow = pa.schema([*compared, *(source.schema.field(name) for name in CANDIDATE)])
    options = pa.ipc.IpcWriteOptions(compression="lz4" if small else None, use_threads=False)
    repeated: Any = ["platform"]  # the stubs know no lists of names
    rows = 0
    with (
        pa.ipc.new_file(str(path), wide, options=options) as between,
        pq.ParquetWriter(keys_of(path), narrow, compression="lz4", use_dictionary=repeated) as keys,
    ):
        for table in combine(source, batches, pa.schema([*wide, *narrow])):
            between.write_table(table.select(wide.names))
            keys.write_table(table.select(narrow.names))
            rows += table.num_rows
    return rows


def part_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """What writes a part of a corpus."""
    return pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=REPEATED, write_statistics=LOOKED_UP)


def write_part(source: pa.Table, batches: pa.RecordBatchReader, columns: Sequence[str], path: Path) -> int:
    """Write a part of a corpus; gives the number of posts."""
    fields = {field.name: field for field in [*source.schema, *batches.schema]}
    schema = pa.schema([fields[name] for name in columns])
    rows = 0
    with part_writer(path, schema) as part:
        for table in combine(source, batches, schema):
            part.write_table(table, row_group_size=READ_AT_ONCE)
            rows += table.num_rows
    return rows
