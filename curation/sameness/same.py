"""Posts with the same canonical text: copies that need no comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.sameness.preference import ID, PLATFORM, preferred
from curation.sql import literal

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

#: SQL: the posts that are compared.
COMPARED = "FROM candidates WHERE key IS NOT NULL AND canonical <> ''"
#: SQL: equal for posts with the same key and text. The digest has a fixed length, so key and text stay apart.
SAME = "md5(key) || canonical"


def find_same(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write the posts that have the key and canonical text of a preferred post, each with the place of that post."""
    connection.execute(
        f"""
        COPY (
            WITH narrow AS (SELECT md5_number({SAME}) AS same, * {COMPARED}), shared AS (
                SELECT same FROM narrow GROUP BY same HAVING count(*) > 1
            ), alike AS (
                SELECT same, part, row, ROW({preferred()}, part, row) AS place
                FROM narrow SEMI JOIN shared USING (same)
            ), best AS (
                SELECT same, min(place) AS kept FROM alike GROUP BY same
            )
            SELECT part, row, kept[{PLATFORM + 1}] AS kept_part, kept[{PLATFORM + 2}] AS kept_row, kept[{ID}] AS kept_id
            FROM alike JOIN best USING (same) WHERE place <> kept
        ) TO {literal(str(out))} (FORMAT parquet)
        """
    )
