"""The held-out posts. Every model predicts them and none learns from them. They are fixed before any rule runs.

The newest tenth of each author is held out, with reposts and short posts, since a rule under test may be about them.
Authors with fewer than ten posts count as one. The texts are cleaned only as the recipe `baseline` rewrites them
(entities, broken encodings, contact data, links, spaces); a text that is then empty is dropped. Of near copies among
the held-out posts, the earliest stays.

The pool is the rest, without near copies of held-out posts. A model that knows a copy by heart looks skilled: in one
stream of posts, by .18 bits per character.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from curation.corpus.corpus import Corpus
from curation.exports.choosing.leakage_groups import HAS_TEXT
from curation.exports.choosing.node import NODE
from curation.recipes.recipe import Recipe
from curation.sameness.canonical import SHORTEN_REPETITIONS, canonical
from curation.sql import literal
from curation.training.evaluation.near_copies import NearCopies, first_of_each

#: One post in so many is held out. Authors with fewer posts count as one.
SHARE = 10
#: Memory that DuckDB may take before it spills to disk, and posts that are read at a time.
MEMORY, CHUNK = "384MB", 16_384

#: Each post with its place among its author's, the newest first.
_PLACED = f"""
CREATE TABLE placed AS
SELECT platform, id, text, created_at, count(*) OVER author AS posts,
       row_number() OVER (author ORDER BY created_at DESC NULLS LAST, length(id) DESC, id DESC, platform DESC) AS place
FROM (
    SELECT platform, id, text, created_at,
           CASE WHEN count(*) OVER (PARTITION BY author) >= {SHARE} THEN author END AS whose
    FROM posts WHERE removed_by IS NULL AND {HAS_TEXT}
)
WINDOW author AS (PARTITION BY whose)
"""
_HELD = f"place <= posts // {SHARE}"


@dataclass(frozen=True)
class HeldOut:
    """The posts that models predict, and counts of posts that leave the pool because of them."""

    texts: tuple[str, ...]  # cleaned, oldest first
    newest: int  # in the newest tenths, near copies included
    without_time: int  # of these, posts without a time, in the order of their ids
    pool: int  # before decontamination
    contaminated: int  # of these, near copies of a held-out post

    @property
    def characters(self) -> int:
        """Code points of all texts."""
        return sum(map(len, self.texts))

    def to_json(self) -> dict[str, int]:
        """The counts, for a result."""
        return {
            "posts": len(self.texts),
            "characters": self.characters,
            "near_copies": self.newest - len(self.texts),
            "without_time": self.without_time,
            "pool": self.pool,
            "contaminated": self.contaminated,
        }


def cleaning() -> Recipe:
    """The recipe that cleans held-out posts: the transforms of `baseline`, and no rule that removes anything."""
    rules = tuple(rule for rule in Recipe.load("baseline").rules if rule.kind == "transform")
    return Recipe("held_out", rules)


def hold_out(corpus: Corpus, left_out: Path) -> HeldOut:
    """Choose the held-out posts of a corpus of the recipe `cleaning`.

    Writes the file `left_out` (Parquet: `platform`, `id`) with every post that no recipe under test may see: the
    newest tenths, and near copies of held-out posts. Raises `WorkspaceError`.
    """

    def work(connection: duckdb.DuckDBPyConnection, _: dict[str, Any]) -> HeldOut:
        SHORTEN_REPETITIONS.register(connection)
        connection.execute(_PLACED)
        columns = f"platform, id, text, coalesce(nullif({canonical('text')}, ''), lower(text)) AS compared"
        held = connection.execute(
            f"SELECT {columns}, created_at IS NULL FROM placed WHERE {_HELD} "
            "ORDER BY created_at NULLS LAST, length(id), id, platform"
        ).fetchall()
        stay = first_of_each([row[3] for row in held])
        # Earlier versions of edited posts leave as well: a recipe would keep them if the last version were held out.
        gone = connection.execute("SELECT platform, id FROM posts WHERE removed_by IS NOT NULL").fetchall()
        gone += [row[:2] for row in held]
        near = NearCopies([held[place][3] for place in stay])
        pool = contaminated = 0
        for rows in _chunks(connection.execute(f"SELECT {columns} FROM placed WHERE NOT ({_HELD})")):
            copies = np.flatnonzero(near.among([row[3] for row in rows]))
            gone += [rows[place][:2] for place in copies]
            pool, contaminated = pool + len(rows), contaminated + len(copies)
        _write(left_out, gone)
        texts = tuple(held[place][2] for place in stay)
        return HeldOut(texts, len(held), sum(row[4] for row in held), pool, contaminated)

    return corpus.reading(work, memory_limit=MEMORY, spill=left_out.parent / "spill")


def pool_texts(corpus: Corpus, left_out: Path, most: int) -> list[str]:
    """Cleaned texts of the pool, up to `most` code points: the same ones whatever is under test."""
    rows = corpus.rows(
        f"SELECT text FROM (SELECT * FROM posts WHERE removed_by IS NULL AND {HAS_TEXT}) "
        f"ANTI JOIN read_parquet({literal(str(left_out))}) USING (platform, id) "
        f"QUALIFY sum(length(text)) OVER (ORDER BY {NODE}) <= {most} ORDER BY {NODE}"
    )
    return [text for (text,) in rows]


def _chunks(answer: duckdb.DuckDBPyConnection) -> Iterator[list[tuple[Any, ...]]]:
    while rows := answer.fetchmany(CHUNK):
        yield rows


def _write(path: Path, posts: list[tuple[str, str]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = zip(*posts, strict=True) if posts else ((), ())
    names = ("platform", "id")
    pq.write_table(
        pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}), path
    )
