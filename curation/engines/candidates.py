"""The rows of all shards that have to meet, and what compares them."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from curation.functions.exchange import PLACE, Exchange
from curation.recipes.plan import IS_CANDIDATE, candidate_columns
from curation.sql import database, literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from curation.engines.pace import OnProgress
    from curation.functions.exchange import SharedExchange
    from curation.functions.memo import Memo
    from curation.rules.base import Rule


@dataclass(frozen=True)
class Candidates:
    """Rows of Parquet files that are compared across shards.

    Each has a place, `part` (its file's number from 0) and `row`. `find` writes at most one mark for a place. What it
    finds among rows that are equal in the columns `key` depends on no other row, so that an engine may hand them over
    in any number of portions that keep equal ones together.
    """

    files: tuple[Path, ...]
    columns: tuple[str, ...]  # SQL over the files: what `find` has to know of a row besides its place
    key: tuple[str, ...]
    find: Callable[[Exchange], None]
    out: Path  # the Parquet file of the marks: `part`, `row` and what `find` says, in the order of places
    where: str = "true"  # SQL over the files: which rows count
    memo: Memo | None = None  # for values of cached functions
    find_shared: Callable[[SharedExchange], object] | None = None  # how workers find the same marks; None: they can't

    @classmethod
    def of_rule(cls, rule: Rule, files: Sequence[Path], out: Path, memo: Memo | None = None) -> Candidates:
        """The posts that are alive, for a rule that compares; `files` hold what it asked its stage for."""
        columns, find_shared = tuple(candidate_columns(rule)), rule.find_shared()
        return cls(tuple(files), columns, ("key",), rule.find, out, IS_CANDIDATE, memo, find_shared)


def compare(candidates: Candidates, *, memory: int, threads: int, workers: int, on_progress: OnProgress) -> None:
    """Compare all candidates in one database of this process.

    `memory` bytes are for the database and as many for the working arrays of the rule; what exceeds it spills beside
    the marks.
    """
    out = candidates.out
    spill = out.with_suffix(".spill")
    shutil.rmtree(spill, ignore_errors=True)  # what a process that was killed has left
    spill.mkdir()
    with contextlib.closing(
        database.connect(threads=threads, memory_limit=f"{memory}B", spill=spill / "database")
    ) as connection:
        connection.execute(
            f"""
            CREATE VIEW candidates AS SELECT {", ".join(candidates.columns)}, {PLACE}
            FROM read_parquet({literal(str(path) for path in candidates.files)}) WHERE {candidates.where}
            """
        )
        candidates.find(Exchange(connection, out, spill, memory, workers, on_progress, candidates.memo))
    shutil.rmtree(spill, ignore_errors=True)
