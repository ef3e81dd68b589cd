"""Which kept posts an export has, by its options: authors, facets, a text, caps. An empty option chooses all.

Caps leave at most so many posts of an author, of a month, or of an author in a month: `author=500` keeps at most 500
posts of each author, `month=2000` of each month (UTC; posts without a time are a group of their own), `author/month=50`
of each author in each month. The seed and the posts' ids draw them, so their order doesn't depend on other posts, and a
higher cap only adds posts. Several caps apply in the given order, each to the posts that the caps before it left.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from curation.corpus.corpus import Corpus
from curation.corpus.selection import facets_of, joined, of_kept, stale
from curation.errors import did_you_mean
from curation.exports.choosing.node import NODE
from curation.options.export import CAPPED, Cap, ExportOptions
from curation.sql.order import drawn_number

#: A message lists the values of a facet only when there are no more than this.
NAMED = 200


def require(options: ExportOptions, corpus: Corpus) -> None:
    """Raise `NothingToDoError` for an author without posts, `UsageError` for an unknown facet."""
    for author in options.authors:
        corpus.require_author(author)
    condition(options, corpus)


def condition(options: ExportOptions, corpus: Corpus) -> tuple[str, list[Any]]:
    """SQL over `posts`, and its parameters, of all options but the caps. Raises `UsageError`."""
    sql, parameters = joined(of_kept(corpus, options.where, options.search))
    if not options.authors:
        return sql, parameters
    return f"list_contains(?, author) AND {sql}", [list(options.authors), *parameters]


def capped_condition(options: ExportOptions, corpus: Corpus) -> tuple[str, list[Any]]:
    """The same with the caps; true of kept posts only."""
    sql, parameters = condition(options, corpus)
    if not options.caps:
        return sql, parameters
    return f"{NODE} IN ({_nodes_under(options.caps, sql, options.seed)})", parameters


def chosen_posts(
    options: ExportOptions, connection: duckdb.DuckDBPyConnection, corpus: Corpus
) -> tuple[str, list[Any], list[str]]:
    """The same for a connection with its own database, where the caps are applied once; and sentences about them."""
    sql, parameters = condition(options, corpus)
    if not options.caps:
        return sql, parameters, []
    sql, warnings = _apply_caps(connection, options.caps, sql, parameters, options.seed)
    return sql, [], warnings


def absent(options: ExportOptions, corpus: Corpus) -> list[str]:
    """A sentence for each value of a facet that no post of the corpus has, and about a map that is stale."""
    sentences = stale(corpus, options.where)
    for facet in facets_of(corpus):
        values = options.where.get(facet.name, ())
        if not values or facet.name == "length":
            continue
        there = [value for (value,) in corpus.rows(f"SELECT DISTINCT {facet.value} FROM posts")]
        sentences += [
            f"No post has {facet.name}={value}.{did_you_mean(value, there if len(there) <= NAMED else ())}"
            for value in values
            if value not in there
        ]
    return sentences


def _nodes_under(caps: Sequence[Cap], condition: str, seed: int) -> str:
    """SQL: the nodes of the kept posts under a condition that the caps leave."""
    left = _candidates(condition, seed)
    for cap in caps:
        left = _under(cap, f"({left})")
    return f"SELECT node FROM ({left})"


def _apply_caps(
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
