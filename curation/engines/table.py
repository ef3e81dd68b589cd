"""Posts in one database, without a file of the outcome: the medium of a trial, and of what is explained."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.engines.pool import cores
from curation.functions.exchange import Exchange
from curation.recipes.plan import (
    CANDIDATE,
    IS_CANDIDATE,
    OLD,
    candidate_columns,
    compared_columns,
    compared_names,
    mark_columns,
)
from curation.sql import database, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb

    from curation.functions.base import BatchFunction
    from curation.recipes.plan import Plan, Stage
    from curation.rules.base import Rule

#: Bytes that a database may use where nobody says; what exceeds them spills to disk.
MEMORY = 1_000_000_000


@dataclass(frozen=True)
class Table:
    """Posts in a database, each with its place, `_part` and `_row`. What a stage makes is SQL of a table or of a query.

    After the last stage that is a query with all columns of the posts, and those that the steps made on their way.
    """

    connection: duckdb.DuckDBPyConnection
    plan: Plan
    posts: str  # SQL of the posts: landed ones with `raw_text`, or those of a corpus that is judged anew
    folder: Path  # for marks and what is spilled
    memory: int = MEMORY

    def map(self, stage: Stage, before: str | None, marks: str | None) -> str:
        """Run a stage; gives a table of what later stages read, or the query of the last one."""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW posts AS {self._posts(stage, before, marks)}")
        if stage.barrier is None:
            return f"({stage.verdict()})"
        table = f"stage{stage.number}"
        columns = [*self._carried(stage), *compared_columns(stage.barrier)]
        self.connection.execute(f"CREATE TEMP TABLE {table} AS SELECT {', '.join(columns)} FROM ({stage.verdict()})")
        return table

    def exchange(self, stage: Stage, rule: Rule, posts: str) -> str:
        """Have the rule compare the posts; gives its marks."""
        columns = ", ".join(candidate_columns(rule))
        self.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW candidates AS SELECT {columns}, _part AS part, _row AS row "
            f"FROM {posts} WHERE {IS_CANDIDATE}"
        )
        marks, spill = self.folder / f"marks{stage.number}.parquet", self.folder / f"spill{stage.number}"
        spill.mkdir()
        rule.find(Exchange(self.connection, marks, spill, self.memory // 2, cores()))
        return f"read_parquet({literal(str(marks))})"

    def _posts(self, stage: Stage, before: str | None, marks: str | None) -> str:
        """SQL: what a stage reads."""
        if before is None or stage.before is None:
            names = self.connection.sql(f"SELECT * FROM ({self.posts}) LIMIT 0").columns
            anew = self.plan.old_columns
            renamed = [identifier(name) + (f" AS {identifier(OLD + name)}" if name in anew else "") for name in names]
            return f"SELECT {', '.join(renamed)} FROM ({self.posts})"
        compared = ", ".join(compared_names(stage.before))
        return (
            f"SELECT {before}.* EXCLUDE ({compared}), {', '.join(mark_columns(stage.before, 'marks'))} FROM {before} "
            f"LEFT JOIN {marks} AS marks ON {before}._part = marks.part AND {before}._row = marks.row"
        )

    def _carried(self, stage: Stage) -> list[str]:
        """SQL: the columns that the next rule or a later stage reads."""
        present = self.connection.sql(f"SELECT * FROM ({stage.verdict()}) LIMIT 0").columns
        needed = {*CANDIDATE, "_part", "_row", *stage.makes} - {"removed_by"}
        later = " ".join(each.statement for each in self.plan.stages[stage.number + 1 :])
        return [identifier(name) for name in present if name in needed or identifier(name)[1:-1] in later]


@contextlib.contextmanager
def sandbox(
    functions: Sequence[BatchFunction], *, folder: Path, reach: Sequence[Path] = (), memory: int = MEMORY
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database that reaches `folder` and the folders `reach`, and nothing else: conditions are a user's SQL."""
    connection = database.connect(memory_limit=f"{memory}B", spill=folder / "database")
    try:
        for function in functions:
            function.register(connection)
        reached = literal(f"{each}{os.sep}" for each in (*(each.absolute() for each in reach), folder.absolute()))
        connection.execute(f"SET allowed_directories = {reached}")
        database.lock_down(connection)
        yield connection
    finally:
        connection.close()
