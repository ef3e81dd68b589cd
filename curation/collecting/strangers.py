"""Ids that don't identify posts: different posts under one id, and one post under two platforms.

Tables often number their rows from 0 or 1 in the column `id`. Two such tables in one workspace would merge, and the
posts of the first would be lost. So a post of no platform gets a generated id when its short id belongs to another
post. A post with the same author and time is the same post, and so is one whose text changed only here and there. A
post that lands again keeps the id that it got at first, whatever the newest version says by now.

A table that names no platform lands as `file` and never meets the same posts from an archive: they count twice. No
repair is certain, so landing only reports it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from curation.disk.reading import landed_rows
from curation.posts import NO_PLATFORM, UNKNOWN_AUTHOR
from curation.sql import literal

#: Least characters of an id that names one post in the world; many sources count with shorter ones.
LONG_ID = 12
#: Least share of the shorter text's groups of three characters that a changed text still has. Of pairs of other, long
#: posts by one author, one in three thousand has so much; of their pairs of characters one in fourteen had.
ALIKE = 0.5
#: The same for texts by different authors, or of different days.
NEARLY_EQUAL = 0.8
#: Characters of a text that are compared.
_COMPARED = 500
#: Most hours between the times of one post in two files with different time zones.
_HOURS = 26


def part_strangers(connection: duckdb.DuckDBPyConnection, staged: Path, there: list[Path], generated_id: str) -> int:
    """Give other ids to staged posts (the table `identities`) whose id is another post's; gives their number.

    `there` are the files of earlier landings; `generated_id` is SQL for an id from author, time and text.
    """
    short = f"platform = {literal(NO_PLATFORM)} AND length(id) < {LONG_ID} AND id NOT LIKE 'text-%'"
    if not connection.sql(f"FROM identities WHERE {short} LIMIT 1").fetchall():
        return 0
    columns = "author, created_at, text"
    staged_rows = f"SELECT {columns}, file_row_number AS row FROM read_parquet({literal(str(staged))})"
    old_rows = f"SELECT id, {columns}, landing, row FROM {landed_rows(there)} WHERE {short}" if there else ""
    _find_doubtful(connection, short, staged_rows, old_rows)
    if not connection.sql("FROM doubtful LIMIT 1").fetchall():
        return 0
    _find_strangers(connection, short, staged_rows, old_rows, generated_id, there)
    connection.execute(
        """
        UPDATE identities SET id = named.id FROM (
            SELECT row, CASE WHEN copy > 1 THEN new_id || '-' || copy ELSE new_id END AS id
            FROM (SELECT row, new_id, row_number() OVER (PARTITION BY new_id ORDER BY row) AS copy FROM strangers)
        ) AS named WHERE identities.row = named.row
        """
    )
    count: int
    [(count,)] = connection.sql("SELECT count(*) FROM strangers").fetchall()
    return count


def _find_doubtful(connection: duckdb.DuckDBPyConnection, short: str, staged_rows: str, old_rows: str) -> None:
    """Make the table `doubtful`: short ids of several staged posts, or of a staged and another earlier post."""
    connection.execute(
        f"CREATE TEMP TABLE doubtful AS SELECT id FROM identities WHERE {short} GROUP BY id HAVING count(*) > 1"
    )
    if old_rows:
        connection.execute(
            f"""
            INSERT INTO doubtful
            SELECT DISTINCT id FROM (
                SELECT id, hash(author, text) AS says
                FROM (FROM identities WHERE {short}) JOIN ({staged_rows}) USING (row)
            ) AS own
            ANTI JOIN (SELECT id, hash(author, text) AS says FROM ({old_rows})) AS same USING (id, says)
            SEMI JOIN ({old_rows}) AS earlier USING (id)
            """
        )


def _find_strangers(
    connection: duckdb.DuckDBPyConnection,
    short: str,
    staged_rows: str,
    old_rows: str,
    generated_id: str,
    there: list[Path],
) -> None:
    """Make the table `strangers`: rows whose post is not the first one with its id, and their new id."""
    columns = "author, created_at, text"
    earlier = f"FROM ({old_rows}) SEMI JOIN doubtful USING (id) UNION ALL" if old_rows else ""
    nothing = "SELECT NULL::VARCHAR AS id, NULL::VARCHAR AS author, NULL::VARCHAR AS text WHERE false"
    standing = f"SELECT id, author, text FROM ({old_rows}) SEMI JOIN doubtful USING (id)" if old_rows else nothing
    generated = f"SELECT DISTINCT id FROM {landed_rows(there)} WHERE id LIKE 'text-%'" if there else nothing
    connection.execute(
        f"""
        CREATE TEMP MACRO written(t) AS trim(regexp_replace(
            replace(replace(replace(t, '&lt;', '<'), '&gt;', '>'), '&amp;', '&'), '\\s+', ' ', 'g'));
        CREATE TEMP MACRO pieces(t) AS list_distinct(
            list_transform(range(1, greatest(2, least(length(t), {_COMPARED}) - 1)), lambda n: substr(t, n, 3)));
        CREATE TEMP TABLE strangers AS
        WITH own AS (
            SELECT id, row, nullif(author, {literal(UNKNOWN_AUTHOR)}) AS author, created_at, written(text) AS text,
                   {generated_id} AS new_id
            FROM (FROM identities WHERE {short} AND id IN (FROM doubtful)) JOIN ({staged_rows}) USING (row)
        ), first AS (
            SELECT id, nullif(author, {literal(UNKNOWN_AUTHOR)}) AS author, created_at, written(text) AS text
            FROM ({earlier} SELECT id, {columns}, NULL AS landing, -row AS row FROM own)
            QUALIFY row_number() OVER (PARTITION BY id ORDER BY landing DESC NULLS LAST, row DESC) = 1
        ), compared AS (
            SELECT own.row, own.new_id, own.text <> first.text AS other_text,
                   own.author <> first.author AS other_author,
                   abs(date_diff('hour', own.created_at, first.created_at)) > {_HOURS} AS other_time,
                   own.author = first.author AND own.created_at = first.created_at AS same,
                   pieces(own.text) AS mine, pieces(first.text) AS theirs
            FROM own JOIN first USING (id) WHERE own.text <> first.text OR own.author <> first.author
        ), others AS (
            SELECT row FROM compared
            WHERE (other_author AND other_time)
               OR (other_text AND same IS NOT true AND len(list_intersect(mine, theirs))
                   < least(len(mine), len(theirs))
                   * CASE WHEN other_author OR other_time THEN {NEARLY_EQUAL} ELSE {ALIKE} END)
        ), known AS (
            SELECT DISTINCT id, nullif(author, {literal(UNKNOWN_AUTHOR)}) AS author, written(text) AS text
            FROM ({standing})
        )
        SELECT own.row, own.new_id FROM own
        LEFT JOIN known ON known.id = own.id AND known.text = own.text AND known.author IS NOT DISTINCT FROM own.author
        WHERE known.id IS NULL AND (own.row IN (FROM others) OR own.new_id IN (SELECT id FROM ({generated})))
        """
    )


def twins(connection: duckdb.DuckDBPyConnection, there: list[Path]) -> Iterator[str]:
    """Sentences about staged posts (the table `identities`) whose id has landed under another platform.

    `there` are the files of earlier landings.
    """
    [(without, platforms)] = connection.sql(
        f"SELECT count(*) FILTER (platform = {literal(NO_PLATFORM)}), count(DISTINCT platform) FROM identities"
    ).fetchall()
    others = "SELECT platform, id, NULL AS source_file FROM identities"
    if there:
        landed = f"read_parquet({literal(str(path) for path in there)})"
        [(landed_without,)] = connection.sql(
            f"SELECT count(*) > 0 FROM {landed} WHERE platform = {literal(NO_PLATFORM)}"
        ).fetchall()
        others += f" UNION ALL SELECT platform, id, source_file FROM {landed}"
        if not without and not landed_without:
            return
    elif platforms < 2:
        return
    pairs = connection.sql(
        f"""
        WITH mine AS (SELECT DISTINCT platform, id FROM identities WHERE length(id) >= {LONG_ID}),
        other AS (SELECT platform, id, max(source_file) AS source_file FROM ({others})
                  WHERE length(id) >= {LONG_ID} GROUP BY ALL)
        SELECT mine.platform, other.platform, count(*), min(id), min(other.source_file)
        FROM mine JOIN other USING (id)
        WHERE mine.platform <> other.platform AND {literal(NO_PLATFORM)} IN (mine.platform, other.platform)
        GROUP BY ALL ORDER BY ALL
        """
    )
    for mine, other, count, example, file in pairs.fetchall():
        posts = "1 post has the id of one" if count == 1 else f"{count:,} posts have the ids of some"
        if mine == NO_PLATFORM:
            yield (
                f"{posts} that is here as a post of {other}, such as {example}: they count twice. If they are the "
                f"same, collect this file with --platform {other} into a workspace without it."
            )
        elif file:
            yield (
                f"{posts} that is here from {file} without a platform, such as {example}: they count twice. If they "
                f"are the same, that file should have been collected with --platform {mine}."
            )
