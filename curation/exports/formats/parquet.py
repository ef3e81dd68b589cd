"""Posts with their identity, as a table: the directory that libraries take for a dataset."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from curation.disk.ranges import ROWS
from curation.exports.choosing.snapshot import PostSnapshot
from curation.exports.formats.base import Export
from curation.exports.formats.sink import Sink
from curation.options.export import VALID, ExportOptions

#: Columns of the table, all of them text.
COLUMNS = ("id", "author", "text", "created_at", "platform", "lang")

#: Posts in a row group, and row groups in a file.
ROW_GROUP = 32_768
GROUPS = 32

#: What the Hub calls the splits.
SPLITS = {VALID: "validation"}


class Parquet(Export):
    """A dataset's directory: `README.md`, and tables in `data`, by author, then by time.

    The columns are `id`, `author`, `text`, `created_at`, `platform` and `lang`, all of them text. Libraries that load
    training data guess types: an id that becomes a number between two tools is a wrong id, and a time comes back in
    whatever zone and unit a reader prefers. `created_at` is ISO 8601 in UTC with `Z`, as in `jsonl`; null when the
    source doesn't say. `lang` is the platform's own guess.

    A file has at most 1,048,576 posts; more posts make more files. `README.md` is the dataset card (`curation card`),
    which tells `load_dataset` what to read. A card that somebody else wrote or changed stays as it is.

    The text is as the recipe left it, with a typed `<|endoftext|>`, as in `jsonl`. Posts without text are included. The
    same version of pyarrow gives the same bytes.
    """

    name = "parquet"
    extension = "parquet"
    needs_text = False
    boundaries = False
    cuttable = True
    readme = True
    reader = "parquet"
    preview_note = "A table; its rows are those of jsonl, with the columns platform and lang besides."

    def file(self, split: str) -> str:
        """The file of a split that has only one."""
        return self._file(split, 0, 1)

    def names(self, snapshot: PostSnapshot, split: str) -> Sequence[str]:
        """The names of as many files as the posts need."""
        files = max(1, -(-snapshot.count(split) // (ROW_GROUP * GROUPS)))
        return [self._file(split, number, files) for number in range(files)]

    def pattern(self, split: str) -> str:
        """The pattern of all files of a split."""
        return f"data/{SPLITS.get(split, split)}-*-of-*.parquet"

    def write(self, snapshot: PostSnapshot, split: str, options: ExportOptions, sink: Sink) -> None:
        """Write the row groups."""
        groups = 0
        with contextlib.ExitStack() as stack:
            writer = stack.enter_context(_writer(sink))
            for rows in _row_groups(snapshot, split):
                if groups == GROUPS:
                    stack.close()
                    sink.turn()
                    writer, groups = stack.enter_context(_writer(sink)), 0
                table = rows.select(list(COLUMNS)).cast(_schema())
                writer.write_table(table, row_group_size=ROW_GROUP)
                sink.table(rows, groups * ROW_GROUP, ROWS)
                groups += 1

    def texts(self, file: Path, places: Iterable[Sequence[tuple[int, int]]]) -> Iterator[list[str]]:
        """The texts of rows."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(file) as table:
            texts: list[str] = []  # of the row group that is held
            first, group = 0, -1
            for some in places:
                chosen: list[str] = []
                for row, _ in some:
                    while row >= first + len(texts):
                        group, first = group + 1, first + len(texts)
                        texts = cast("list[str]", table.read_row_group(group, columns=["text"])["text"].to_pylist())
                    chosen.append(texts[row - first])
                yield chosen

    def cut(self, file: Path, gone: Sequence[tuple[int, int]], sink: Sink) -> None:
        """Write a table again without these rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        with pq.ParquetFile(file) as old, _writer(sink) as writer:
            waiting: list[pa.Table] = []
            for rows in _left(old, gone):
                waiting.append(rows)
                while sum(map(len, waiting)) >= ROW_GROUP:
                    whole = pa.concat_tables(waiting)
                    writer.write_table(whole.slice(0, ROW_GROUP), row_group_size=ROW_GROUP)
                    waiting = [whole.slice(ROW_GROUP)]
            if rest := sum(map(len, waiting)):
                writer.write_table(pa.concat_tables(waiting), row_group_size=rest)

    def _file(self, split: str, number: int, files: int) -> str:
        return f"data/{SPLITS.get(split, split)}-{number:05d}-of-{files:05d}.parquet"


def _writer(sink: Sink) -> pq.ParquetWriter:
    import pyarrow.parquet as pq

    return pq.ParquetWriter(cast("IO[bytes]", sink), _schema(), compression="zstd")  # it writes, and no more is asked


def _schema() -> pa.Schema:
    import pyarrow as pa

    return pa.schema([pa.field(name, pa.string()) for name in COLUMNS])


def _row_groups(snapshot: PostSnapshot, split: str) -> Iterator[pa.Table]:
    """The posts of a split, a row group at a time."""
    import pyarrow as pa

    columns = f"{', '.join(COLUMNS)}, post, characters"
    waiting: list[pa.RecordBatch] = []
    for batch in snapshot.batches(columns, snapshot.ordered(split), ROW_GROUP):
        waiting.append(batch)
        while sum(each.num_rows for each in waiting) >= ROW_GROUP:
            rows = pa.Table.from_batches(waiting)
            yield rows.slice(0, ROW_GROUP).combine_chunks()
            waiting = rows.slice(ROW_GROUP).to_batches()
    if waiting:
        yield pa.Table.from_batches(waiting).combine_chunks()


def _left(file: pq.ParquetFile, gone: Sequence[tuple[int, int]]) -> Iterator[pa.Table]:
    """The rows between those that are gone."""
    import pyarrow as pa

    begin, ranges = 0, [*gone, (file.metadata.num_rows, 0)]
    for batch in file.iter_batches(ROW_GROUP):
        end, at = begin + batch.num_rows, begin
        for first, last in ranges:
            if at < min(first, end):
                yield pa.Table.from_batches([batch.slice(at - begin, min(first, end) - at)])
            at = max(at, min(last, end))
            if first >= end:
                break
        begin = end
