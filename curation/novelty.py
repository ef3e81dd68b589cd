"""What of a landing is new.

A post that comes again with something new to say (a changed text, other counts) lands as a newer version. A
post that says nothing new is left out, so the same input landed twice changes nothing. Silence says nothing: a
CSV that lacks the likes does not take them away from an archive that has them. Where a record came from, and
the original JSON around it, are no part of that comparison.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from curation.posts import POST_COLUMNS, PROVENANCE, RAW_SCHEMA
from curation.sql import identifier, literal

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

#: Columns in which a later version of a post may have something new to say.
TELLING = tuple(c.name for c in POST_COLUMNS if c.name not in PROVENANCE and c.name not in ("platform", "id"))


def compare(connection: duckdb.DuckDBPyConnection, staged: Path, there: list[Path]) -> dict[str, int]:
    """Fill the table `landing_rows` with the staged rows that are new or newer; gives counts.

    `posts`: distinct posts that were staged · `new`: those not there before · `updated`: those that were there
    and have something new to say · `rows`: rows that land · `newer`: rows that replace an older version, of an
    earlier landing or of this one.
    """
    columns = ", ".join(identifier(name) for name in TELLING)
    old = ", ".join(f"o.{identifier(name)}" for name in TELLING)
    if there:
        connection.execute(
            f"""
            CREATE TEMP TABLE versions AS
            WITH met AS (
                SELECT o.platform, o.id, o.landing, o.file_row_number AS row, {old}
                FROM read_parquet({literal(str(path) for path in there)}) AS o
                SEMI JOIN identities USING (platform, id)
            )
            SELECT platform, id, false AS staged, row, {columns} FROM met
            QUALIFY row_number() OVER (PARTITION BY platform, id ORDER BY landing DESC, row DESC) = 1
            """
        )
    else:
        connection.execute(
            f"""
            CREATE TEMP TABLE versions AS
            SELECT platform, id, false AS staged, file_row_number AS row, {columns}
            FROM read_parquet({literal(str(staged))}) LIMIT 0
            """
        )
    # A file with two versions of a post says nothing new, imported again, as long as the last of them is there.
    # Only posts that are there already, or staged more than once, have versions that need comparing.
    connection.execute(
        f"""
        CREATE TEMP TABLE several AS
        SELECT platform, id FROM versions UNION
        SELECT platform, id FROM identities GROUP BY platform, id HAVING count(*) > 1;
        INSERT INTO versions
        SELECT i.platform, i.id, true, i.row, {columns.replace(identifier("platform") + ",", "")}
        FROM read_parquet({literal(str(staged))}) AS s
        JOIN identities AS i ON i.row = s.file_row_number
        SEMI JOIN several ON several.platform = i.platform AND several.id = i.id
        """
    )
    changed = _says_more("{c}", "lag({c}) OVER history")
    connection.execute(
        f"""
        CREATE TEMP TABLE judged AS
        SELECT platform, id, staged, row, row_number() OVER history = 1 AS is_first, ({changed}) AS is_changed,
               bool_and(staged) OVER (PARTITION BY platform, id) AS is_new_post
        FROM versions WINDOW history AS (PARTITION BY platform, id ORDER BY staged, row);
        CREATE TEMP TABLE telling AS
        WITH last AS (
            SELECT platform, id, max(row) AS row FROM judged WHERE staged AND (is_first OR is_changed) GROUP BY ALL
        )
        SELECT platform, id FROM versions AS new JOIN last USING (platform, id, row)
        LEFT JOIN versions AS old ON old.platform = new.platform AND old.id = new.id AND NOT old.staged
        WHERE new.staged AND (old.id IS NULL OR {_says_more("new.{c}", "old.{c}")});
        CREATE TEMP TABLE landing_rows AS
        SELECT row FROM identities ANTI JOIN several USING (platform, id)
        UNION ALL
        SELECT row FROM judged SEMI JOIN telling USING (platform, id) WHERE staged AND (is_first OR is_changed)
        """
    )
    [(rows, posts, several, new_several, updated, newer)] = connection.sql(
        """
        SELECT (SELECT count(*) FROM landing_rows),
               (SELECT count(*) FROM (SELECT DISTINCT platform, id FROM identities)),
               (SELECT count(*) FROM several),
               (SELECT count(DISTINCT (platform, id)) FROM judged WHERE is_new_post),
               (SELECT count(*) FROM telling SEMI JOIN (FROM judged WHERE NOT is_new_post) USING (platform, id)),
               (SELECT count(*) FROM judged SEMI JOIN telling USING (platform, id)
                WHERE staged AND is_changed AND NOT is_first)
        """
    ).fetchall()
    return {"rows": rows, "posts": posts, "new": posts - several + new_several, "updated": updated, "newer": newer}


def _says_more(new: str, old: str) -> str:
    """SQL: whether a version has something to say that another one has not; `{c}` stands for each column."""
    condition = f"({new} IS NOT NULL AND {new} IS DISTINCT FROM {old})"
    return " OR ".join(condition.format(c=identifier(name)) for name in TELLING)


def write_new(connection: duckdb.DuckDBPyConnection, staged: Path, part: Path, number: int) -> None:
    """Write the rows that land, in their order, with their ids and this landing's number."""
    columns = ", ".join(
        {"id": "i.id", "landing": f"CAST({number} AS INTEGER) AS landing"}.get(name, f"s.{identifier(name)}")
        for name in RAW_SCHEMA.names
    )
    reader = connection.sql(
        f"""
        SELECT {columns} FROM read_parquet({literal(str(staged))}) AS s
        JOIN identities AS i ON i.row = s.file_row_number
        SEMI JOIN landing_rows ON landing_rows.row = s.file_row_number
        ORDER BY s.file_row_number
        """
    ).to_arrow_reader(4096)
    with pq.ParquetWriter(part, RAW_SCHEMA, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch.cast(RAW_SCHEMA))
