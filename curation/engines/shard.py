"""One shard of a stage: read a slice of posts, run the stage's statement on it, write a part.

A shard knows nothing of the others; that is what makes any number of workers give the same corpus.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from curation.engines.parts import (
    ROW_GROUP,
    Marks,
    Slice,
    read_landed,
    write_between,
    write_part,
)
from curation.errors import CurationError, RecipeError, WorkspaceError
from curation.plan import connection_for, failing_rule, marks_of, message_of
from curation.sql import identifier

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from curation.functions.base import BatchFunction
    from curation.memo import Memo, Shelf
    from curation.plan import Stage


@dataclass(frozen=True)
class Shard:
    """What a worker is told."""

    piece: Slice
    stage: Stage
    functions: tuple[BatchFunction, ...]
    output: Path
    memory_limit: str
    superseded: Marks | None = None  # rows of which a later landing has a newer version: left out
    marks: Marks | None = None  # what the rule before this stage found
    reads: Callable[[Slice], pa.Table] = read_landed  # how the slice is read
    memo: Memo | None = None  # where the values of dear functions are kept
    small: bool = False  # whether files between stages shall be small rather than quick


def run_shard(shard: Shard) -> int:
    """Run it; gives the number of posts that it read.

    Raises `RecipeError` when a rule fails on a post, `WorkspaceError` when the slice can't be read.
    """
    try:
        posts = _read(shard)
    except (OSError, pa.ArrowException) as error:
        raise WorkspaceError(f"Can't read {shard.piece.path}: {error}. Is the file damaged?") from error
    connection = _connection(shard)
    connection.register("posts", posts)
    try:
        rows = _write(shard, connection.sql(shard.stage.statement).to_arrow_reader(ROW_GROUP))
    except duckdb.OutOfMemoryException as error:
        close()
        raise CurationError(
            f"{shard.memory_limit} of memory are too few for a shard of {posts.num_rows:,} posts. Give more with "
            "--memory-limit, or use fewer --workers."
        ) from error
    except duckdb.Error as error:
        rule = failing_rule(connection, shard.stage)
        close()
        where = f"a post of {shard.piece.path.name}" if shard.piece.groups else "a post"
        raise RecipeError(f"The rule '{rule}' fails on {where}: {message_of(error)}") from error
    except BaseException:
        close()  # its result is open still, so that it can't be used again
        raise
    connection.unregister("posts")
    for shelf in _open.shelves.values():
        shelf.flush()
    assert rows == posts.num_rows, "a rule removed a row instead of marking it"
    return shard.piece.rows


class _Open(threading.local):
    """The database of this worker, and what it was made for.

    Making one anew for every shard costs more than a thousand posts, and its functions would forget the texts
    that they have seen.
    """

    made_for: tuple[Any, ...] | None = None
    connection: duckdb.DuckDBPyConnection
    shelves: dict[str, Shelf]


_open = _Open()


def close() -> None:
    """Close the database of this worker, if it has one."""
    if _open.made_for is not None:
        _open.connection.close()
        del _open.connection
        _open.made_for = None


def _connection(shard: Shard) -> duckdb.DuckDBPyConnection:
    functions = shard.functions
    asked = (shard.memory_limit, shard.memo, *((function.name, function.version) for function in functions))
    if _open.made_for != asked:
        close()
        dear = [function for function in functions if function.dear] if shard.memo else []
        _open.shelves = {f.name: shard.memo.shelf(f.name, f.version, f.returns) for f in dear if shard.memo}
        _open.connection = connection_for(functions, _open.shelves, threads=1, memory_limit=shard.memory_limit)
        _open.made_for = asked
    return _open.connection


def _read(shard: Shard) -> pa.Table:
    posts = shard.reads(shard.piece)
    if shard.superseded:
        posts = posts.filter(shard.superseded.of(shard.piece, posts.num_rows, "marks.row IS NULL AS stays")["stays"])
    if shard.marks and shard.stage.before:
        rule = shard.stage.before
        columns = {**{name: f"marks.{identifier(name)}" for name in rule.marked()}, "marked": "marks.row IS NOT NULL"}
        wanted = ", ".join(
            f"CAST({columns[name]} AS {kind}) AS {rule.mark(name)}" for name, kind in marks_of(rule).items()
        )
        found = shard.marks.of(shard.piece, posts.num_rows, wanted)
        for name in found.column_names:
            posts = posts.append_column(name, found[name])
    return posts


def _write(shard: Shard, batches: pa.RecordBatchReader) -> int:
    if shard.stage.barrier:
        return write_between(batches, shard.output, small=shard.small)
    return write_part(batches, shard.output)
