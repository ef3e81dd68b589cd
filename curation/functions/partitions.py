"""Candidates split into partitions for workers. Candidates that may meet are in one partition.

Each piece of the files is sorted by partition into one file, and a worker reads the rows of its partition from all of
them. The partition comes from the MD5 of the key, which is the same in every version and on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.functions.exchange import PLACE, Exchange, write_marks
from curation.sql import literal
from curation.sql.digests import lower_digest

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from curation.functions.exchange import Room, SharedExchange

#: Bytes of candidates in a partition, not compressed: enough that starting a worker costs little. It is at most a share
#: of a worker's memory, because a search for equal rows needs several times the memory of the rows.
PARTITION = 64_000_000
SHARE_OF_MEMORY = 8
#: A partition of so many times the bound is too large for one worker.
_UNEVEN = 4
#: Rows of a group in a split file: the least that is read for a partition.
_ROW_GROUP = 2_048


@dataclass(frozen=True)
class Partitions:
    """Candidates in split files, each row with its `_partition`."""

    files: tuple[Path, ...]
    rows: tuple[int, ...]  # of each partition
    bytes: int  # of all candidates, not compressed
    bound: int  # bytes that a partition should have at most

    @property
    def are_even(self) -> bool:
        """Whether no partition is far above the bound. One is if most posts have the same key."""
        return self.bytes * max(self.rows) <= _UNEVEN * self.bound * max(sum(self.rows), 1)

    def select(self, partition: int) -> str:
        """SQL: the candidates of a partition."""
        files = literal(str(path) for path in self.files)
        return f"SELECT * EXCLUDE (_partition) FROM read_parquet({files}) WHERE _partition = {partition}"


def split(exchange: SharedExchange, step: str, key: str, bound: int | None = None) -> Partitions:
    """Split the candidates by `key`, SQL for a text. Rows with the same key stay together.

    `bound` is the size of a partition in bytes, about; None chooses it.
    """
    import pyarrow.parquet as pq

    bound = bound or max(1, min(PARTITION, exchange.memory // SHARE_OF_MEMORY))
    metadata = [pq.read_metadata(path) for path in exchange.files]
    sizes = [sum(each.row_group(group).total_byte_size for group in range(each.num_row_groups)) for each in metadata]
    count = max(1, -(-sum(sizes) // bound))
    pieces: list[Split] = []
    first = size = 0
    for number, each in enumerate(sizes):
        size += each
        if size >= bound or number == len(sizes) - 1:
            files = exchange.files[first : number + 1]
            rows = sum(each.num_rows for each in metadata[first : number + 1])
            pieces.append(Split(files, first, exchange.columns, exchange.where, key, count, rows))
            first, size = number + 1, 0
    answers = exchange.map(step, pieces)
    counts = [0] * count
    for _, counted in answers:
        for partition, rows in zip(*pq.read_table(counted).to_pydict().values(), strict=True):
            counts[partition] += rows
    return Partitions(tuple(path for path, _ in answers), tuple(counts), sum(sizes), bound)


@dataclass(frozen=True)
class Split:
    """Sorts the candidates of some neighbouring files by partition."""

    files: tuple[Path, ...]
    first: int  # the number of the first file among all
    columns: tuple[str, ...]
    where: str
    key: str
    partitions: int
    rows: int

    def run(self, room: Room) -> tuple[Path, ...]:
        """Write the sorted file, and one with the number of rows of each partition."""
        out, counts = room.path(".parquet"), room.path(".rows.parquet")
        with room.database() as (connection, _):
            connection.execute(
                f"""
                COPY (
                    SELECT *, CAST({lower_digest(self.key)} % {self.partitions} AS INTEGER) AS _partition
                    FROM (
                        SELECT {", ".join(self.columns)}, {PLACE.replace("file_index", f"file_index + {self.first}")}
                        FROM read_parquet({literal(str(path) for path in self.files)}) WHERE {self.where}
                    )
                    ORDER BY _partition
                ) TO {literal(str(out))} (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE {_ROW_GROUP})
                """
            )
            _count(connection, out, counts)
        return out, counts


def _count(connection: duckdb.DuckDBPyConnection, path: Path, out: Path) -> None:
    connection.execute(
        f"COPY (SELECT _partition, count(*) AS rows FROM read_parquet({literal(str(path))}) GROUP BY _partition) "
        f"TO {literal(str(out))} (FORMAT parquet)"
    )


@dataclass(frozen=True)
class Find:
    """Finds the marks of one partition, like one process finds the marks of all."""

    partitions: Partitions
    partition: int
    find: Callable[[Exchange], object]

    @property
    def rows(self) -> int:
        """The rows of the partition."""
        return self.partitions.rows[self.partition]

    def run(self, room: Room) -> tuple[Path, ...]:
        """Write the marks."""
        marks = room.path(".parquet")
        with room.database() as (connection, spill):
            connection.execute(f"CREATE VIEW candidates AS {self.partitions.select(self.partition)}")
            self.find(Exchange(connection, marks, spill, room.memory // 2, workers=1))
        return (marks,)


def find_by_key(exchange: SharedExchange, find: Callable[[Exchange], object], key: Sequence[str] = ("key",)) -> None:
    """Let `find` compare each partition by itself, and join the marks.

    Valid if the marks of rows with equal `key`, columns of the candidates, depend on no other rows.
    """
    texts = [f"CAST({column} AS VARCHAR)" for column in key]  # bytes too
    value = texts[0] if len(texts) == 1 else " || ".join(f"md5(coalesce({text}, ''))" for text in texts)
    find_partitions(exchange, split(exchange, "split", value), find)


def find_partitions(exchange: SharedExchange, partitions: Partitions, find: Callable[[Exchange], object]) -> None:
    """Let `find` compare each partition by itself, and join the marks."""
    exchange.progress(1, 4)
    written = exchange.map("find", [Find(partitions, number, find) for number in range(len(partitions.rows))])
    with exchange.room.database() as (connection, _):
        marks = literal(str(path) for (path,) in written)
        write_marks(connection, f"FROM read_parquet({marks})", exchange.out)
