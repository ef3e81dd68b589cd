"""Groups of posts that a split must not part: copies, near copies, posts that a rule marked as the same, conversations.

Groups chain: posts that others link are in one group. A link is something that at least two posts share. Memory holds
only links, some sixty bytes each.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from curation import sql
from curation.exports.choosing import exact_key
from curation.exports.choosing.connected import components

#: SQL: the number of a post, the same on every machine.
NODE = "md5_number_upper(concat_ws('/', platform, id))"


def _number(id: str) -> str:
    """SQL: a number for the post with this id; three times as fast as `NODE`, and the same bytes in another order."""
    return f"('0x' || left(md5(concat_ws('/', platform, {id})), 16))::UBIGINT"


#: SQL: the number of a post in `texts` and `groups`.
LINKED = _number("id")

#: SQL: whether a post has something besides blanks.
HAS_TEXT = sql.matches("text", f"[^{sql.BLANKS}]")

#: The columns that name a post of the same conversation.
NAMING = ("reply_to", "conversation_id")


def make_texts(
    connection: duckdb.DuckDBPyConnection,
    condition: str,
    parameters: Sequence[Any],
    folder: Path,
    *,
    near: float,
    seed: int | None = None,
    removed: bool,
    prompts: bool = False,
) -> None:
    """Make the table `texts` out of the table `posts`: the `node` of each post with a text, and numbers of the text.

    Copies share `words`, and `number` decides their side at random, if there is a seed. Near copies share `near`, from
    a similarity of `near` on; it is NULL for texts that are too short, and everywhere if the similarity is 0. Near
    copies are looked for among the kept posts under the condition, or with `prompts` among all kept posts. With
    `removed` the table has every kept post, whatever the condition, and the removed posts that name another one.
    """
    exact_key.register(connection)
    columns = f"SELECT node, text, chosen, {exact_key.canonical_of('text')} AS same"
    number = "NULL::DOUBLE" if seed is None else exact_key.number_of("same", seed)
    more = "NULL::BIGINT AS near"
    if near:
        from curation.exports.choosing.near_groups import join_near, near_of
        from curation.sameness.canonical import SHORTEN_REPETITIONS, canonical

        SHORTEN_REPETITIONS.register(connection)
        columns += f", CASE WHEN chosen THEN {canonical('text')} END AS near_text"
        more = f"near_text, {near_of('near_text')} AS near"
    eligible = "removed_by IS NULL" if prompts else f"coalesce(removed_by IS NULL AND {condition}, false)"
    where = "removed_by IS NULL OR duplicate_of IS NOT NULL" if removed else "chosen"
    connection.execute(
        f"CREATE TABLE texts AS SELECT node, {exact_key.words_of('same')} AS words, "
        f"{number} AS number, {more} FROM ({columns} FROM "
        f"(SELECT {LINKED} AS node, text, {eligible} AS chosen FROM posts WHERE {HAS_TEXT} AND ({where})))",
        [] if prompts else list(parameters),
    )
    if near:
        join_near(connection, folder, near)
        connection.execute(
            "CREATE TABLE rooted AS SELECT node, words, number, coalesce(root, near) AS near "
            "FROM texts LEFT JOIN joined_near USING (near)"
        )
        connection.execute("DROP TABLE texts; DROP TABLE joined_near; ALTER TABLE rooted RENAME TO texts")


def make_groups(connection: duckdb.DuckDBPyConnection, *, removed: bool, conversations: bool) -> None:
    """Make the table `groups` (`node`, `together`) out of the tables `posts` and `texts`.

    It has the nodes that are linked to any other. With `removed`, removed posts link others as well: two posts that
    answer the same removed post belong to one conversation.
    """
    links = [
        "SELECT node AS one, words AS other FROM texts",
        "SELECT node, near::UBIGINT FROM texts WHERE near IS NOT NULL",
    ]
    if removed:
        links.append(
            f"SELECT gone.node, kept.node FROM (SELECT {LINKED} AS node, duplicate_of FROM posts "
            "WHERE duplicate_of IS NOT NULL) AS gone "
            f"JOIN (SELECT {LINKED} AS node, id FROM posts) AS kept ON kept.id = gone.duplicate_of"
        )
    if conversations:
        links += [f"SELECT {LINKED}, {_number(name)} FROM posts WHERE {name} IS NOT NULL" for name in NAMING]
    connection.execute(f"CREATE TABLE links AS {' UNION ALL '.join(links)}")
    # A name that only one post has, and that is no post here, links nothing.
    shared = (
        f"SELECT other FROM (SELECT other FROM links UNION ALL SELECT {LINKED} FROM posts) "
        "GROUP BY other HAVING count(*) > 1"
    )
    pairs = connection.sql(f"FROM links SEMI JOIN ({shared}) USING (other) WHERE one <> other").fetchnumpy()
    connection.execute("DROP TABLE links")
    _write_groups(connection, np.asarray(pairs["one"]), np.asarray(pairs["other"]))


def _write_groups(connection: duckdb.DuckDBPyConnection, one: np.ndarray, other: np.ndarray) -> None:
    import pyarrow as pa

    nodes, numbers = np.unique(np.concatenate((one, other)), return_inverse=True)
    together = nodes[components(len(nodes), *numbers.reshape(2, -1))]
    members = pa.table({"node": pa.array(nodes, pa.uint64()), "together": pa.array(together, pa.uint64())})
    connection.register("members", members)
    connection.execute("CREATE TABLE groups AS FROM members")
    connection.unregister("members")
