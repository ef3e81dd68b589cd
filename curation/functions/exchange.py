"""What an engine gives a rule that compares posts: the candidates, resources, and the file for the marks.

An `Exchange` holds all candidates in one process. A `SharedExchange` holds them in files for workers: the rule
describes the `Work`, and the engine has it done.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from curation.sql import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from curation.functions.memo import Memo
    from curation.functions.recent import Recent

#: A row's place, as SQL over Parquet files: the file's number from 0, and the row in it.
PLACE = "CAST(file_index AS INTEGER) AS part, file_row_number AS row"


@dataclass(frozen=True)
class Exchange:
    """The candidates of a rule, from all shards.

    The connection has a bound of memory and a view `candidates`: the columns that the rule compares, `created_at`,
    `platform`, `id`, and `part` (INTEGER) and `row` (BIGINT), which identify a post.
    """

    connection: duckdb.DuckDBPyConnection
    out: Path  # the Parquet file of the marks
    spill: Path  # an empty folder for working files
    memory: int  # bytes that the rule may use besides the database
    workers: int  # processes that the rule may use
    progress: Callable[[int, int], None] = lambda completed, of: None
    memo: Memo | None = None  # keeps values of cached functions between runs
    recent: Recent | None = None  # keeps what the same posts need when they are compared again with other parameters

    def write(self, marks: str) -> None:
        """Write the rows of a statement as the marks, in the order in which shards read them."""
        write_marks(self.connection, marks, self.out)


def write_marks(connection: duckdb.DuckDBPyConnection, marks: str, out: Path) -> None:
    """Write the rows of a statement in the order of their places."""
    connection.execute(f"COPY (SELECT * FROM ({marks}) ORDER BY part, row) TO {literal(str(out))} (FORMAT parquet)")


@dataclass(frozen=True)
class Room:
    """Where one attempt at a piece of work writes, and how many bytes of memory it may use."""

    stem: Path  # the beginning of the paths of all its files
    memory: int

    def path(self, ending: str) -> Path:
        """A file of this attempt, by the ending of its name."""
        return self.stem.with_name(self.stem.name + ending)

    @contextlib.contextmanager
    def database(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
        """A database with half of the memory, and a folder for working files. Both end with the block."""
        from curation.sql import database

        spill = self.path(".spill")
        spill.mkdir()
        try:
            connection = database.connect(threads=1, memory_limit=f"{self.memory // 2}B", spill=spill / "database")
            with contextlib.closing(connection):
                yield connection, spill
        finally:
            shutil.rmtree(spill, ignore_errors=True)


class Work(Protocol):
    """A piece of work on files. Workers may try it several times; one attempt counts."""

    @property
    def rows(self) -> int:
        """Its size, in rows."""
        ...

    def run(self, room: Room) -> tuple[Path, ...]:
        """Do the work, and return its files, all in the `room`. They depend on the work alone."""
        ...


@dataclass(frozen=True)
class SharedExchange:
    """The candidates of one rule in files, and workers to compare them.

    `map` has pieces of work done at the same time, and returns the files of each, in their order. Its first argument is
    a name for them, another one in each call.
    """

    files: tuple[Path, ...]  # the number of a file is the `part` of its rows
    columns: tuple[str, ...]  # SQL over the files: the columns of a candidate besides its place
    where: str  # SQL over the files: which rows are candidates
    room: Room  # of this process; its files are removed after the comparison
    out: Path  # the Parquet file of the marks
    memory: int  # bytes that each worker may use
    map: Callable[[str, Sequence[Work]], list[tuple[Path, ...]]]
    progress: Callable[[int, int], None] = lambda completed, of: None
