"""What an engine gives a rule that compares posts: the candidates, room to work, and where the marks go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.sql import literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

    from curation.functions.memo import Memo


@dataclass(frozen=True)
class Exchange:
    """The candidates of one rule, of all shards together.

    The connection has a view `candidates`: the columns that the rule compares, `created_at`, `platform`, `id`, and
    `part` (INTEGER) and `row` (BIGINT), which name a post. Its own bound of memory is set, and what exceeds it is
    spilled.
    """

    connection: duckdb.DuckDBPyConnection
    out: Path  # the Parquet file of the marks
    spill: Path  # an empty folder for working files
    memory: int  # bytes that may be used beside the database
    workers: int  # processes that may be used
    progress: Callable[[int, int], None] = lambda completed, of: None
    memo: Memo | None = None  # where values of cached functions are kept from run to run

    def write(self, marks: str) -> None:
        """Write the rows of a statement as the marks, in the order in which shards look for them."""
        self.connection.execute(
            f"COPY (SELECT * FROM ({marks}) ORDER BY part, row) TO {literal(str(self.out))} (FORMAT parquet)"
        )
