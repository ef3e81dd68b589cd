"""Caps: at most so many posts of an author, of a month, or of an author in a month.

`author=500` leaves at most 500 kept posts of each author, `month=2000` of each month (UTC; posts without a time count
as one of their own), `author/month=50` of each author in each month. Which ones is drawn by the seed and the posts'
ids, so it does not depend on the other posts' order, and a higher cap only adds posts. Several caps apply in the order
in which they are given, each to what those before it left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.errors import UsageError, did_you_mean
from curation.exports.choosing.leakage_groups import NODE
from curation.sql.order import drawn_number

if TYPE_CHECKING:
    import duckdb

#: What there may be a cap for, and the columns of `_candidates` that posts of one have in common.
CAPPED = {"author": "author", "month": "month", "author/month": "author, month"}


@dataclass(frozen=True)
class Cap:
    """At most `most` posts of each of `what`, a key of `CAPPED`."""

    what: str
    most: int

    def __str__(self) -> str:
        return f"{self.what}={self.most}"

    @property
    def in_words(self) -> str:
        """As a clause: "500 for each author"."""
        return f"{self.most:,} for each {self.what.replace('/', ' and ')}"


def parse_caps(given: Iterable[str | Cap]) -> tuple[Cap, ...]:
    """Caps as `--cap` has them, such as `author=500`. Raises `UsageError`.

    >>> parse_caps(["author/month=50"])
    (Cap(what='author/month', most=50),)
    """
    caps = []
    for words in map(str, given):
        what, separator, most = (part.strip() for part in words.partition("="))
        if what not in CAPPED or not separator:
            raise UsageError(
                f"There is no cap '{words}'; it is what it is for and a number, such as author=500."
                f"{did_you_mean(what, CAPPED)}"
            )
        if not (most.isascii() and most.isdigit() and int(most)):
            raise UsageError(
                f"The cap '{words}' needs a whole number of at least 1 behind the '=', such as {what}=500."
            )
        caps.append(Cap(what, int(most)))
    return tuple(caps)


def nodes_under(caps: Sequence[Cap], condition: str, seed: int) -> str:
    """SQL: the nodes of the kept posts under a condition that the caps leave."""
    left = _candidates(condition, seed)
    for cap in caps:
        left = _under(cap, f"({left})")
    return f"SELECT node FROM ({left})"


def apply_caps(
    connection: duckdb.DuckDBPyConnection, caps: Sequence[Cap], condition: str, parameters: Sequence[Any], seed: int
) -> tuple[str, list[str]]:
    """Make the table `capped`; gives the condition of what is left of the kept posts, and what the user should know."""
    connection.execute(f"CREATE TABLE capped AS {_candidates(condition, seed)}", list(parameters))
    notes = []
    for cap in caps:
        connection.execute(f"CREATE TABLE under AS {_under(cap, 'capped')}")
        [(above,)] = connection.execute(
            "SELECT (SELECT count(*) FROM capped) - (SELECT count(*) FROM under)"
        ).fetchall()
        connection.execute("DROP TABLE capped")
        connection.execute("ALTER TABLE under RENAME TO capped")
        if above:
            posts = "post is" if above == 1 else "posts are"
            notes.append(
                f"{above:,} {posts} above the cap of {cap.in_words} and {'was' if above == 1 else 'were'} left out."
            )
    return f"{NODE} IN (SELECT node FROM capped)", notes


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
