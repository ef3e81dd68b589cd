"""Posts that land under one platform and have landed under another: the same post, counted twice.

A table that names no platform lands as `file` and never meets the same posts from an archive. No repair is certain,
so landing only reports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from curation.posts import NO_PLATFORM
from curation.sql import literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import duckdb

#: Characters of an id that names one post in the world; shorter ones are counted by many.
LONG_ID = 12


def twins(connection: duckdb.DuckDBPyConnection, there: list[Path]) -> Iterator[str]:
    """Sentences about staged posts (the table `identities`) whose id is here under another platform.

    `there` are the files of the landings before this one.
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
