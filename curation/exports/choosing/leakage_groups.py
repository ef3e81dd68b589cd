"""Groups of posts that a split must not part: copies, near copies, posts that a rule marked as the same, conversations.

Groups chain: posts that others link are in one group. A post is known by a number, its `node`, and posts with copies
of one text share a `mark`. Only links beyond these are brought into memory, some sixty bytes each: most posts have
none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from curation import sql
from curation.exports.choosing import exact_key
from curation.exports.choosing.connected import components
from curation.exports.choosing.near_search import NearSearch
from curation.exports.choosing.near_store import NearStore
from curation.exports.choosing.node import LINKED, NODE, linked
from curation.sql import arrow

#: SQL: whether a post has something besides blanks.
HAS_TEXT = sql.matches("text", f"[^{sql.BLANKS}]")

#: The columns that name a post of the same conversation.
NAMING = ("reply_to", "conversation_id")


@dataclass(frozen=True)
class Kinship:
    """What makes posts belong together besides copies of a text."""

    near: float = 0.0  # similarity from which texts are near copies; 0: never
    prompts: bool = False  # near copies are looked for among all kept posts, not only among the chosen ones
    removed: bool = False  # removed posts link others, and so does a rule that marked posts as the same
    conversations: bool = False  # posts that answer one another or the same post


def make_texts(
    connection: duckdb.DuckDBPyConnection,
    condition: str,
    parameters: Sequence[Any],
    folder: Path,
    kinship: Kinship,
    *,
    seed: int | None = None,
    lasting: bool = True,
    store: NearStore | None = None,
) -> None:
    """Make the table `texts` out of the table `posts`: a row for each kept post, by its `node`.

    `chosen` tells whether it is under the condition. Copies share a `mark`; a post without text has one of its own.
    Unless it is `lasting`, another version of DuckDB gives other marks, and they are had sooner. If there is a seed,
    `number` decides the side of copies at random. Near copies share `near`; it is NULL for most others, and everywhere
    if none are looked for. `time` is in microseconds. Without `removed` there are only the chosen posts, otherwise also
    the removed ones that name another post, by its id in `twin`. A `store` keeps near copies for the next time.
    """
    exact_key.register(connection)
    words = exact_key.words_of("same") if lasting else "hash(same)"
    number = "NULL::DOUBLE" if seed is None else f"CASE WHEN has_text THEN {exact_key.number_of('same', seed)} END"
    search = NearSearch.of(
        connection, kinship.near, "is_kept" if kinship.prompts else "chosen", store,
        is_whole=kinship.prompts or condition == "true",
    )  # fmt: skip
    posts = (
        f"SELECT {LINKED} AS node, platform, id, text, epoch_us(created_at) AS time, {HAS_TEXT} AS has_text, "
        f"removed_by IS NULL AS is_kept, coalesce(removed_by IS NULL AND {condition}, false) AS chosen, "
        f"{'duplicate_of' if kinship.removed else 'NULL::VARCHAR'} AS twin FROM posts"
    )
    where = "is_kept OR twin IS NOT NULL" if kinship.removed else "chosen"
    connection.execute(
        f"CREATE TABLE texts AS SELECT node, chosen, has_text, "
        f"CASE WHEN has_text THEN {words} ELSE {NODE} END AS mark, {number} AS number, {search.columns}, time, twin "
        f"FROM (SELECT *, {exact_key.canonical_of('text')} AS same, {search.text} AS near_text FROM ({posts})"
        f"{search.source} WHERE {where})",
        list(parameters),
    )
    search.finish(folder)


def make_groups(connection: duckdb.DuckDBPyConnection, kinship: Kinship) -> None:
    """Make the table `groups` (`mark`, `together`) out of the tables `posts` and `texts`.

    It has the marks that are linked to any other. Removed posts link others as well: two posts that answer the same
    removed post belong to one conversation.
    """
    connection.execute("CREATE TABLE links (one UBIGINT, other UBIGINT)")
    if kinship.removed:
        connection.execute(
            f"INSERT INTO links SELECT gone.node, {linked('posts.id')} FROM (SELECT node, twin FROM texts "
            "WHERE twin IS NOT NULL) AS gone JOIN posts ON posts.id = gone.twin"
        )
    if kinship.conversations:
        for name in NAMING:
            connection.execute(f"INSERT INTO links SELECT {LINKED}, {linked(name)} FROM posts WHERE {name} IS NOT NULL")
    # A name that only one post has, and that is no post here, links nothing.
    shared = (
        "SELECT other FROM links GROUP BY other HAVING count(*) > 1 "
        f"UNION ALL SELECT {LINKED} FROM posts WHERE {LINKED} IN (SELECT other FROM links)"
    )
    # Between marks, which posts without text and posts of no row in `texts` have for themselves.
    pairs = connection.sql(
        "SELECT coalesce(a.mark, one) AS one, coalesce(b.mark, other) AS other "
        f"FROM (FROM links SEMI JOIN ({shared}) USING (other) WHERE one <> other) "
        "LEFT JOIN texts AS a ON a.node = one LEFT JOIN texts AS b ON b.node = other UNION ALL "
        "SELECT DISTINCT mark, near::UBIGINT FROM texts SEMI JOIN (SELECT near FROM texts "
        "WHERE near IS NOT NULL GROUP BY near HAVING min(mark) <> max(mark)) USING (near)"
    ).fetchnumpy()
    connection.execute("DROP TABLE links")
    _write_groups(connection, np.asarray(pairs["one"]), np.asarray(pairs["other"]))


def _write_groups(connection: duckdb.DuckDBPyConnection, one: np.ndarray, other: np.ndarray) -> None:
    nodes, numbers = np.unique(np.concatenate((one, other)), return_inverse=True)
    together = nodes[components(len(nodes), *numbers.reshape(2, -1))]
    connection.register("members", arrow.table({"mark": nodes, "together": together}))
    connection.execute("CREATE TABLE groups AS FROM members")
    connection.unregister("members")
