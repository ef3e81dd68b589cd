"""One shard of a stage: read a portion of the posts, run the stage's statement on it, write a part.

A shard knows nothing of the others; that is what makes any number of workers give the same corpus.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from curation.engines.shard_files import (
    ROW_GROUP,
    RowMarks,
    Slice,
    columns_of,
    keys_of,
    overlay,
    read_between,
    read_source,
    write_between,
    write_part,
)
from curation.engines.tasks import attempt_name, outcome_of
from curation.errors import CurationError, RecipeError, WorkspaceError
from curation.recipes.plan import CANDIDATE, OLD, connection_for, failing_rule, mark_columns, message_of
from curation.writing.terminal import count

if TYPE_CHECKING:
    from pathlib import Path

    from curation.engines.tasks import Outcome
    from curation.functions.memo import Memo, Shelf
    from curation.recipes.plan import Plan, Stage


@dataclass(frozen=True)
class Shard:
    """The task of a worker: one stage on one portion of the posts."""

    plan: Plan
    stage: Stage  # of the plan
    part: int  # the number of this portion among all, which marks go by
    source: tuple[Slice, ...]  # of landed files, or of a corpus that is judged anew
    before: Path | None  # what the stage before made of these posts
    folder: Path  # where attempts write
    superseded: RowMarks | None = None  # rows that are left out: a later landing has a newer version
    marks: RowMarks | None = None  # of the rule before this stage
    memo: Memo | None = None  # where the values of cached functions are kept
    small: bool = False  # whether files between stages shall be small rather than quick
    shared: bool = False  # whether other machines read the files: then they have digests, and are never mapped

    @property
    def step(self) -> str:
        """The stage; the last one makes the parts of the outcome."""
        return f"stage{self.stage.number}" if self.stage.barrier else "part"

    @property
    def rows(self) -> int:
        """Posts of the portion."""
        return sum(piece.rows for piece in self.source)

    def run(self, memory_limit: str) -> Outcome:
        """Run the stage on the portion, as `run_shard` does."""
        return run_shard(self, memory_limit)


def run_shard(shard: Shard, memory_limit: str) -> Outcome:
    """Run a shard within so much memory, a size as DuckDB writes it; its result is a file of a new attempt.

    What is compared next lies beside the result (`keys_of`). Raises `RecipeError` when a rule fails on a post,
    `WorkspaceError` when the posts can't be read.
    """
    try:
        source, posts = _read(shard)
    except (OSError, pa.ArrowException) as error:
        raise WorkspaceError(f"Can't read what this run wrote: {error}. Run it again.") from error
    connection = _connection(shard, memory_limit)
    connection.register("posts", posts)
    output = shard.folder / f"{attempt_name(shard)}{'.arrow' if shard.stage.barrier else '.parquet'}"
    try:
        answer = connection.sql(shard.stage.statement).to_arrow_reader(ROW_GROUP)
        if shard.stage.barrier:
            rows = write_between(source, answer, output, small=shard.small)
        else:
            rows = write_part(source, answer, shard.plan.columns, output)
    except duckdb.OutOfMemoryException as error:
        close()
        raise CurationError(
            f"{memory_limit} of memory are too few for a shard of {count(posts.num_rows, 'post')}. Give more with "
            "--memory-limit, or use fewer --workers."
        ) from error
    except duckdb.Error as error:
        rule = failing_rule(connection, shard.stage)
        close()
        where = "a post" if shard.before or len(shard.source) > 1 else f"a post of {shard.source[0].path.name}"
        raise RecipeError(f"The rule '{rule}' fails on {where}: {message_of(error)}") from error
    except BaseException:
        close()  # its result is open still, so that it can't be used again
        raise
    connection.unregister("posts")
    for shelf in _open.shelves.values():
        shelf.flush()
    assert rows == posts.num_rows, "a rule removed a row instead of marking it"
    written = (output, keys_of(output)) if shard.stage.barrier else (output,)
    return outcome_of(shard, (path.name for path in written), shard.rows, digests=shard.shared)


class _Open(threading.local):
    """The database of this worker, and what it was made for.

    Making one anew for every shard costs more than a thousand posts, and its functions would forget the texts
    that they have seen.
    """

    made_for: tuple[object, ...] | None = None
    connection: duckdb.DuckDBPyConnection
    shelves: dict[str, Shelf]


_open = _Open()


def close() -> None:
    """Close the database of this worker, if it has one."""
    if _open.made_for is not None:
        _open.connection.close()
        del _open.connection
        _open.made_for = None


def _connection(shard: Shard, memory_limit: str) -> duckdb.DuckDBPyConnection:
    functions = shard.plan.functions
    purpose = (memory_limit, shard.memo, *((function.name, function.version) for function in functions))
    if _open.made_for != purpose:
        close()
        memo = shard.memo
        _open.shelves = {f.name: memo.shelf(f.name, f.version, f.returns) for f in functions if memo and f.cached}
        _open.connection = connection_for(functions, _open.shelves, threads=1, memory_limit=memory_limit)
        _open.made_for = purpose
    return _open.connection


def _read(shard: Shard) -> tuple[pa.Table, pa.Table]:
    """The source, and the table `posts` for the statement, in the same order."""
    stage, plan = shard.stage, shard.plan
    columns = None  # a part of a corpus has all columns
    if stage.barrier:
        columns = {*stage.reads(columns_of(shard.source[0])), *CANDIDATE}
    source = read_source(shard.source, columns)
    if shard.superseded:
        stays = shard.superseded.of(shard.source, "marks.row IS NULL AS stays")["stays"]
        source = source.filter(stays)
    posts = source.select(stage.reads(source.column_names))
    posts = posts.rename_columns([OLD + name if name in plan.old_columns else name for name in posts.column_names])
    if shard.before:
        posts = overlay(posts, read_between(shard.before, mapped=not shard.shared))
    if shard.marks and stage.before:
        marks = ", ".join(mark_columns(stage.before, "marks"))
        everything = Slice(shard.marks.path, shard.part, 0, source.num_rows)
        posts = overlay(posts, shard.marks.of([everything], marks))
    return source, posts
