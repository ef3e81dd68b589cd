"""One shard of a stage: read a slice of posts, run the stage's statement on it, write a part.

A shard knows nothing of the others; that is what makes any number of workers give the same corpus.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from curation.engines.shard_files import (
    ROW_GROUP,
    Marks,
    Slice,
    columns_of,
    laid_over,
    read_made,
    read_source,
    write_between,
    write_part,
)
from curation.errors import CurationError, RecipeError, WorkspaceError
from curation.recipes.plan import CANDIDATE, OLD, connection_for, failing_rule, marks_of, message_of
from curation.sql import identifier

if TYPE_CHECKING:
    from pathlib import Path

    from curation.functions.base import BatchFunction
    from curation.functions.memo import Memo, Shelf
    from curation.recipes.plan import Stage


@dataclass(frozen=True)
class Shard:
    """What a worker is told."""

    source: Slice  # of a landed file, or of a corpus that is judged anew
    made: Path | None  # what the stage before made of these posts
    stage: Stage
    functions: tuple[BatchFunction, ...]
    columns: tuple[str, ...]  # of the corpus
    made_anew: frozenset[str]  # those of them that a source that is a corpus has under other names
    output: Path
    memory_limit: str
    superseded: Marks | None = None  # rows of which a later landing has a newer version: left out
    marks: Marks | None = None  # what the rule before this stage found
    part: int = 0  # the number of this slice among all, which marks go by
    memo: Memo | None = None  # where the values of dear functions are kept
    small: bool = False  # whether files between stages shall be small rather than quick


def run_shard(shard: Shard) -> int:
    """Run it; gives the number of posts that it read.

    Raises `RecipeError` when a rule fails on a post, `WorkspaceError` when the slice can't be read.
    """
    try:
        source, posts = _read(shard)
    except (OSError, pa.ArrowException) as error:
        raise WorkspaceError(f"Can't read {shard.source.path}: {error}. Is the file damaged?") from error
    connection = _connection(shard)
    connection.register("posts", posts)
    try:
        answer = connection.sql(shard.stage.statement).to_arrow_reader(ROW_GROUP)
        if shard.stage.barrier:
            rows = write_between(source, answer, shard.output, small=shard.small)
        else:
            rows = write_part(source, answer, shard.columns, shard.output)
    except duckdb.OutOfMemoryException as error:
        close()
        raise CurationError(
            f"{shard.memory_limit} of memory are too few for a shard of {posts.num_rows:,} posts. Give more with "
            "--memory-limit, or use fewer --workers."
        ) from error
    except duckdb.Error as error:
        rule = failing_rule(connection, shard.stage)
        close()
        where = "a post" if shard.made else f"a post of {shard.source.path.name}"
        raise RecipeError(f"The rule '{rule}' fails on {where}: {message_of(error)}") from error
    except BaseException:
        close()  # its result is open still, so that it can't be used again
        raise
    connection.unregister("posts")
    for shelf in _open.shelves.values():
        shelf.flush()
    assert rows == posts.num_rows, "a rule removed a row instead of marking it"
    return shard.source.rows


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


def _read(shard: Shard) -> tuple[pa.Table, pa.Table]:
    """The source, and the table `posts` for the statement, in the same order."""
    stage = shard.stage
    wanted = None  # a part of a corpus has all columns
    if stage.barrier:
        wanted = {*stage.asks(columns_of(shard.source)), *CANDIDATE}
    source = read_source(shard.source, wanted)
    if shard.superseded:
        source = source.filter(
            shard.superseded.of(shard.source, source.num_rows, "marks.row IS NULL AS stays")["stays"]
        )
    posts = source.select(stage.asks(source.column_names))
    posts = posts.rename_columns([OLD + name if name in shard.made_anew else name for name in posts.column_names])
    if shard.made:
        posts = laid_over(posts, read_made(shard.made))
    if shard.marks and stage.before:
        rule = stage.before
        values = {**{name: f"marks.{identifier(name)}" for name in rule.marked()}, "marked": "marks.row IS NOT NULL"}
        found = [f"CAST({values[name]} AS {kind}) AS {rule.mark(name)}" for name, kind in marks_of(rule).items()]
        posts = laid_over(
            posts, shard.marks.of(Slice(shard.source.path, shard.part, 0, 0), source.num_rows, ", ".join(found))
        )
    return source, posts
