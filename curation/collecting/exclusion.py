"""Keeping forgotten posts out: a landing is compared with the tombstones before it is put in place."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from curation.disk import rewriting, spread
from curation.disk.rewriting import Cut
from curation.disk.tombstones import Tombstones, now
from curation.disk.workspace import Workspace
from curation.sql import literal


def exclude(connection: duckdb.DuckDBPyConnection, staged: Path, space: Workspace) -> int:
    """Remove forgotten posts from the table `identities` of `identify_posts`; gives their number.

    The workspace is locked. A staged post that stays loses its original record if that holds a forgotten post: then
    `staged` is written anew, with the same rows. Raises `WorkspaceError`.
    """
    tombstones = Tombstones.read(space)
    if not tombstones.marks:
        return 0
    columns = ", ".join(name for name in spread.COLUMNS if name not in ("platform", "id"))
    tombstones.enter(connection)
    cuts = spread.follow(
        connection,
        tombstones,
        f"(SELECT 0 AS part, i.row, i.platform, i.id, {columns} FROM read_parquet({literal(str(staged))}) AS s "
        "JOIN identities AS i ON i.row = s.file_row_number)",
    )
    posts: int
    [(posts,)] = connection.sql(
        "SELECT count(DISTINCT (platform, id)) FROM identities SEMI JOIN traces_gone USING (row)"
    ).fetchall()
    connection.execute("DELETE FROM identities WHERE row IN (SELECT row FROM traces_gone)")
    if fresh := spread.fresh(connection):
        tombstones.add(space, fresh, now())
    if emptied := cuts.get(0, Cut()).emptied:
        without = staged.with_suffix(".emptied")
        rewriting.write(rewriting.batches(staged, Cut(emptied=emptied)), without, pq.read_schema(staged))
        without.replace(staged)
    spread.clear(connection)
    return posts


def left_out(posts: int) -> tuple[str, ...]:
    """Sentences for the user about the posts that `exclude` removed."""
    if not posts:
        return ()
    return (f"{posts:,} post{' was' if posts == 1 else 's were'} left out: forgotten earlier (curation forget).",)
