"""Posts that belong together: copies of one text, posts that a rule found to be the same, and conversations.

Two posts that hang together by way of others are in one group, however long the way. Only what two posts share is a
link, and only links are held in memory: some sixty bytes each.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from curation import sql

if TYPE_CHECKING:
    import duckdb

#: SQL: what stands for a post, and for one that another names; the same on every machine.
NODE = "md5_number_upper(concat_ws('/', platform, id))"

#: SQL: whether a post has something besides blanks.
HAS_TEXT = sql.matches("text", f"[^{sql.BLANKS}]")

#: Of each column that names a post of the same conversation.
NAMING = ("reply_to", "conversation_id")


def components(count: int, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of each of the numbers below `count` the least that it hangs together with, by pairs of them.

    >>> components(5, np.array([1, 3]), np.array([3, 4])).tolist()
    [0, 1, 2, 1, 1]
    """
    least = np.arange(count, dtype=np.int32)
    while True:
        one, other = least[one], least[other]
        apart = one != other
        if not apart.any():
            return least
        one, other = one[apart], other[apart]
        np.minimum.at(least, np.maximum(one, other), np.minimum(one, other))
        while True:
            further = least[least]
            if np.array_equal(further, least):
                break
            least = further


def make_groups(connection: duckdb.DuckDBPyConnection, canonical: object, *, conversations: bool) -> None:
    """Make the tables `texts` (`node`, `words`) and `groups` (`node`, `together`) out of the table `posts`.

    `texts` has a number of the canonical text of every post that is kept, or goes for another, and has a text.
    `groups` has the nodes that hang together with any other one. Posts that were removed link others, too: the two
    that both answer a removed one belong to one conversation.
    """
    _register_words(connection, canonical)
    connection.execute(
        f"CREATE TABLE texts AS SELECT {NODE} AS node, split_words(text) AS words FROM posts "
        f"WHERE (removed_by IS NULL OR duplicate_of IS NOT NULL) AND {HAS_TEXT}"
    )
    links = [
        "SELECT node AS one, words AS other FROM texts",
        f"SELECT gone.node, kept.node FROM (SELECT {NODE} AS node, duplicate_of FROM posts "
        "WHERE duplicate_of IS NOT NULL) AS gone "
        f"JOIN (SELECT {NODE} AS node, id FROM posts) AS kept ON kept.id = gone.duplicate_of",
    ]
    if conversations:
        links += [
            f"SELECT {NODE}, md5_number_upper(concat_ws('/', platform, {name})) FROM posts WHERE {name} IS NOT NULL"
            for name in NAMING
        ]
    connection.execute(f"CREATE TABLE links AS {' UNION ALL '.join(links)}")
    # What only one post names, and is no post that is here, links nothing.
    shared = (
        f"SELECT other FROM (SELECT other FROM links UNION ALL SELECT {NODE} FROM posts) "
        "GROUP BY other HAVING count(*) > 1"
    )
    found = connection.sql(f"FROM links SEMI JOIN ({shared}) USING (other) WHERE one <> other").fetchnumpy()
    connection.execute("DROP TABLE links")
    _write_groups(connection, np.asarray(found["one"]), np.asarray(found["other"]))


def _write_groups(connection: duckdb.DuckDBPyConnection, one: np.ndarray, other: np.ndarray) -> None:
    import pyarrow as pa

    nodes, numbers = np.unique(np.concatenate((one, other)), return_inverse=True)
    together = nodes[components(len(nodes), *numbers.reshape(2, -1))]
    found = pa.table({"node": pa.array(nodes, pa.uint64()), "together": pa.array(together, pa.uint64())})
    connection.register("found_groups", found)
    connection.execute("CREATE TABLE groups AS FROM found_groups")
    connection.unregister("found_groups")


def _register_words(connection: duckdb.DuckDBPyConnection, canonical) -> None:
    import pyarrow as pa

    def words(texts):  # no annotations: DuckDB evaluates them, and here their names are unknown
        digests = (
            hashlib.md5(f"words\0{canonical(text)}".encode(), usedforsecurity=False) for text in texts.to_pylist()
        )
        return pa.array([int.from_bytes(digest.digest()[:8]) for digest in digests], pa.uint64())

    connection.create_function("split_words", words, ["VARCHAR"], "UBIGINT", type="arrow")
