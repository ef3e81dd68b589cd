"""Which posts of a landing are new, what a post that comes again adds, and which posts are forgotten.

A post that comes again with new values (a changed text, other counts) lands as a newer version. A missing value removes
nothing: a CSV without likes does not erase the likes of an archive. In each column the new row has the value of the
latest version that has one. A weaker value never replaces a better one, see `curation.collecting.merging`. A post
without new values is left out: landing the same input twice changes nothing. The source of a record and its original
JSON take no part: they belong to their own row, and an earlier version keeps its own. A forgotten post never lands
again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from curation.collecting.merging import TELLING, merge
from curation.disk import rewriting, spread
from curation.disk.reading import landed_rows
from curation.disk.rewriting import Cut, RawWriter
from curation.disk.tombstones import Tombstones, now
from curation.disk.workspace import Workspace
from curation.posts import RAW_SCHEMA
from curation.sql import identifier, literal


def compare_with_landed(connection: duckdb.DuckDBPyConnection, staged: Path, there: list[Path]) -> dict[str, int]:
    """Fill the table `landing_rows` with the staged rows that are new or newer; gives counts.

    The table `merged` then has the values of each post that has landed before or was staged more than once.

    `posts`: distinct staged posts · `new`: those that have not landed before · `updated`: those that have, with new
    values · `rows`: rows that land · `newer`: rows that replace an older version, of an earlier landing or of this one
    · `filled`: rows that land with values of another version · `edited`: rows that land as versions of an edited post,
    each with its own id.
    """
    _find_versions(connection, staged, there)
    merge(connection)
    connection.execute(
        """
        CREATE TEMP TABLE landing_rows AS
        SELECT row FROM identities ANTI JOIN several USING (platform, id)
        UNION ALL
        SELECT row FROM judged WHERE is_news
        UNION
        SELECT row FROM earlier_texts SEMI JOIN (FROM judged WHERE is_news) USING (platform, id)
        UNION  -- other names of the author, so that a request to forget one of them finds the post
        SELECT min(v.row) FROM versions AS v JOIN merged USING (platform, id)
        SEMI JOIN (FROM judged WHERE is_news) AS news ON news.platform = v.platform AND news.id = v.id
        WHERE v.staged AND v.row < merged.row AND v.author <> merged.author GROUP BY v.platform, v.id, v.author
        """
    )
    [(rows, posts, several, new_several, updated, filled)] = connection.sql(
        """
        SELECT (SELECT count(*) FROM landing_rows),
               (SELECT count(*) FROM (SELECT DISTINCT platform, id FROM identities)),
               (SELECT count(*) FROM several),
               (SELECT count(*) FROM judged WHERE is_new),
               (SELECT count(*) FROM judged WHERE is_news AND NOT is_new),
               (SELECT count(*) FROM judged WHERE is_news AND is_filled)
        """
    ).fetchall()
    new = posts - several + new_several
    counts = {"rows": rows, "posts": posts, "new": new, "updated": updated, "newer": rows - new, "filled": filled}
    [(edited,)] = connection.sql(
        f"""
        SELECT count(*) FROM read_parquet({literal(str(staged))}) AS s
        SEMI JOIN landing_rows ON landing_rows.row = s.file_row_number WHERE edit_of IS NOT NULL
        """
    ).fetchall()
    return counts | ({"edited": edited} if edited else {})


def _find_versions(connection: duckdb.DuckDBPyConnection, staged: Path, there: list[Path]) -> None:
    """Make the tables `several`, posts that have landed or are staged more than once, and `versions` of changed ones.

    Most posts that come again are the same in every column: a hash finds them, and their columns are never gathered.
    """
    columns = ", ".join(identifier(name) for name in TELLING)
    staged_rows = f"(SELECT *, file_row_number AS row FROM read_parquet({literal(str(staged))}))"
    old_rows = landed_rows(there) if there else f"(FROM {staged_rows} LIMIT 0)"
    connection.execute(
        f"""
        CREATE TEMP TABLE latest AS
        SELECT platform, id, landing, row, hash({columns}) AS content
        FROM {old_rows} AS o SEMI JOIN identities USING (platform, id)
        QUALIFY row_number() OVER (PARTITION BY platform, id ORDER BY landing DESC, row DESC) = 1;
        CREATE TEMP TABLE several AS
        SELECT platform, id FROM latest UNION
        SELECT platform, id FROM identities GROUP BY platform, id HAVING count(*) > 1
        """
    )
    if not connection.sql("FROM several LIMIT 1").fetchall():  # no staged column needs to be read
        staged_rows = f"(FROM {staged_rows} LIMIT 0)"
    connection.execute(
        f"""
        CREATE TEMP TABLE unequal AS
        WITH given AS (
            SELECT i.platform, i.id, content FROM (SELECT row, hash({columns}) AS content FROM {staged_rows}) AS s
            JOIN (FROM identities SEMI JOIN several USING (platform, id)) AS i USING (row)
        )
        SELECT DISTINCT platform, id FROM given LEFT JOIN latest USING (platform, id)
        WHERE latest.content IS DISTINCT FROM given.content;
        CREATE TEMP TABLE versions AS
        SELECT i.platform, i.id, true AS staged, row, row AS moment, {columns}
        FROM (SELECT * EXCLUDE (platform, id) FROM {staged_rows}) AS s
        JOIN (FROM identities SEMI JOIN unequal USING (platform, id)) AS i USING (row)
        """
    )
    if connection.sql("FROM latest SEMI JOIN unequal USING (platform, id) LIMIT 1").fetchall():
        connection.execute(
            f"""
            INSERT INTO versions
            SELECT platform, id, false, row, -1, {columns} FROM {old_rows} AS o
            SEMI JOIN (FROM latest SEMI JOIN unequal USING (platform, id)) USING (platform, id, landing, row)
            """
        )


def authors_of_new(connection: duckdb.DuckDBPyConnection, staged: Path) -> tuple[str, ...]:
    """The authors of new posts, the most frequent first, at most five; after `compare_with_landed`."""
    rows = connection.sql(
        f"""
        SELECT author FROM read_parquet({literal(str(staged))}) AS s
        JOIN (FROM identities ANTI JOIN latest USING (platform, id)) AS i ON i.row = s.file_row_number
        WHERE author IS NOT NULL GROUP BY author ORDER BY count(*) DESC, author LIMIT 5
        """
    )
    return tuple(name for (name,) in rows.fetchall())


def write_new(connection: duckdb.DuckDBPyConnection, staged: Path, part: Path, number: int) -> None:
    """Write the rows that land, in their order, with their ids, the landing's number, and values of other versions."""
    connection.execute(
        """
        CREATE TEMP TABLE rows_to_land AS SELECT row, id FROM identities SEMI JOIN landing_rows USING (row);
        CREATE TEMP TABLE filled AS
        FROM merged SEMI JOIN (FROM judged WHERE is_filled) USING (platform, id) SEMI JOIN rows_to_land USING (row)
        """
    )
    first = 0
    with pq.ParquetFile(staged) as file, RawWriter(part) as writer:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group)
            span = f"row >= {first} AND row < {first + rows.num_rows} ORDER BY row"
            landing = connection.sql(f"SELECT row - {first} AS row, id FROM rows_to_land WHERE {span}")
            filled = connection.sql(f"SELECT * REPLACE (row - {first} AS row) FROM filled WHERE {span}")
            first += rows.num_rows
            for batch in _rows_that_land(rows, landing.to_arrow_table(), filled.to_arrow_table(), number):
                writer.add(batch)


def _rows_that_land(rows: pa.Table, landing: pa.Table, filled: pa.Table, number: int) -> list[pa.RecordBatch]:
    """The rows of a group that land; `landing` has their numbers and ids, `filled` the values of some."""
    if landing.num_rows < rows.num_rows:
        rows = rows.take(landing["row"])
    columns: dict[str, Any] = dict(zip(rows.column_names, rows.columns, strict=True))
    if filled.num_rows:
        place = np.arange(rows.num_rows)
        place[np.searchsorted(landing["row"].to_numpy(), filled["row"].to_numpy())] = (
            np.arange(filled.num_rows) + rows.num_rows
        )
        for name in TELLING:
            values = filled[name].cast(RAW_SCHEMA.field(name).type)
            columns[name] = pa.chunked_array([*columns[name].chunks, *values.chunks]).take(place)
    columns["id"] = landing["id"]
    columns["landing"] = pa.repeat(pa.scalar(number, pa.int32()), rows.num_rows)
    return pa.table(columns, RAW_SCHEMA).to_batches()


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
    if fresh := spread.fresh(connection, tombstones):
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
