"""Which kept posts an export has, by its options: authors, facets, a text, caps. An empty option asks nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from curation.corpus.selection import facets, joined, of_kept
from curation.errors import did_you_mean
from curation.exports.choosing.caps import apply_caps, nodes_under
from curation.exports.choosing.leakage_groups import NODE

if TYPE_CHECKING:
    import duckdb

    from curation.corpus.corpus import Corpus
    from curation.options.export import ExportOptions

#: A message lists the values of a facet only when there are no more than this.
NAMED = 200


def require(options: ExportOptions, corpus: Corpus) -> None:
    """Raise `NothingToDoError` for an author without posts, `UsageError` for an unknown facet."""
    for author in options.authors:
        corpus.require_author(author)
    condition(options, corpus.manifest)


def condition(options: ExportOptions, manifest: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """SQL over `posts`, and its parameters, of all options but the caps. Raises `UsageError`."""
    sql, parameters = joined(of_kept(manifest, options.where, options.search))
    if not options.authors:
        return sql, parameters
    return f"list_contains(?, author) AND {sql}", [list(options.authors), *parameters]


def capped_condition(options: ExportOptions, manifest: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The same with the caps; true of kept posts only."""
    sql, parameters = condition(options, manifest)
    if not options.caps:
        return sql, parameters
    return f"{NODE} IN ({nodes_under(options.caps, sql, options.seed)})", parameters


def chosen_posts(
    options: ExportOptions, connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]
) -> tuple[str, list[Any], list[str]]:
    """The same for a connection with a database of its own, and sentences for the user about the caps.

    The posts under the caps are computed once, into a table.
    """
    sql, parameters = condition(options, manifest)
    if not options.caps:
        return sql, parameters, []
    sql, warnings = apply_caps(connection, options.caps, sql, parameters, options.seed)
    return sql, [], warnings


def absent(options: ExportOptions, corpus: Corpus) -> list[str]:
    """A sentence for each value of a facet that no post of the corpus has."""
    sentences = []
    for facet in facets(corpus.manifest):
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
