"""What an engine gives a rule that compares posts: the candidates, resources, and the file for the marks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curation.sql import literal

if TYPE_CHECKING:
    import duckdb

    from curation.functions.memo import Memo


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

    def write(self, marks: str) -> None:
        """Write the rows of a statement as the marks, in the order in which shards read them."""
        self.connection.execute(
            f"COPY (SELECT * FROM ({marks}) ORDER BY part, row) TO {literal(str(self.out))} (FORMAT parquet)"
        )
