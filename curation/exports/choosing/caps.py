"""Caps: at most so many posts of an author, of a month, or of an author in a month.

`author=500` keeps at most 500 posts of each author, `month=2000` of each month (UTC; posts without a time are a group
of their own), `author/month=50` of each author in each month. The seed and the posts' ids draw them, so their order
doesn't depend on other posts, and a higher cap only adds posts. Several caps apply in the order in which they are
given, each to the posts that the ones before it left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from curation.exports.choosing.leakage_groups import NODE
from curation.options.export import CAPPED, Cap
from curation.sql.order import drawn_number

if TYPE_CHECKING:
    import duckdb


def nodes_under(caps: Sequence[Cap], condition: str, seed: int) -> str:
    """SQL: the nodes of the kept posts under a condition that the caps leave."""
    left = _candidates(condition, seed)
    for cap in caps:
        left = _under(cap, f"({left})")
    return f"SELECT node FROM ({left})"


def apply_caps(
    connection: duckdb.DuckDBPyConnection, caps: Sequence[Cap], condition: str, parameters: Sequence[Any], seed: int
) -> tuple[str, list[str]]:
    """Make the table `capped`. Gives the condition of the posts that are left, and sentences for the user."""
    connection.execute(f"CREATE TABLE capped AS {_candidates(condition, seed)}", list(parameters))
    warnings = []
    for cap in caps:
        connection.execute(f"CREATE TABLE under AS {_under(cap, 'capped')}")
        [(above,)] = connection.execute(
            "SELECT (SELECT count(*) FROM capped) - (SELECT count(*) FROM under)"
        ).fetchall()
        connection.execute("DROP TABLE capped")
        connection.execute("ALTER TABLE under RENAME TO capped")
        if above:
            posts = "post is" if above == 1 else "posts are"
            warnings.append(
                f"{above:,} {posts} above the cap of {cap.in_words} and {'was' if above == 1 else 'were'} left out."
            )
    return f"{NODE} IN (SELECT node FROM capped)", warnings


def _candidates(condition: str, seed: int) -> str:
    return (
        f"SELECT {NODE} AS node, author, date_trunc('month', created_at::TIMESTAMP) AS month, "
        f"{drawn_number(seed, 'cap')} AS place FROM posts WHERE removed_by IS NULL AND {condition}"
    )


def _under(cap: Cap, source: str) -> str:
    return (
        f"SELECT * FROM {source} QUALIFY row_number() OVER (PARTITION BY {CAPPED[cap.what]} ORDER BY place, node) "
        f"<= {int(cap.most)}"
    )
