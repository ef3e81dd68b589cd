"""The counts of a comparison, by the verdicts of both sides, and a sample of the changed posts."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from curation.asking.comparison.paired import PairedPosts
from curation.asking.comparison.result import Changed, ComparedPosts, Flow
from curation.corpus.selection import KEPT, LENGTHS, facets, length_classes
from curation.sql.digests import lower_digest
from curation.sql.order import seeded

#: The facets of `curation.corpus.selection` that posts are counted by.
BY = ("author", "month", "length", "language")

#: SQL over posts with verdicts `a` and `b`.
BOTH, ONLY_A, ONLY_B, NEITHER = (
    f"(a {a} '{KEPT}' AND b {b} '{KEPT}')" for a, b in (("=", "="), ("=", "<>"), ("<>", "="), ("<>", "<>"))
)

#: The highest digest.
_MOST = 2**64 - 1


@dataclass(frozen=True)
class Counted:
    """The counts of one scan of the posts."""

    total: ComparedPosts
    tables: dict[
        str, tuple[ComparedPosts, ...]
    ]  # by each of `BY`: most changes first; months and lengths in their order
    flows: tuple[Flow, ...]
    lengths: tuple[Length, ...]  # shortest first


@dataclass(frozen=True)
class Length:
    """The posts with one length of text in A's corpus."""

    characters: int  # code points
    row: ComparedPosts
    replies_a: int  # among the posts that A keeps
    replies_b: int


def count(connection: duckdb.DuckDBPyConnection, pair: PairedPosts) -> Counted:
    """Count the `posts` of a connection in every way that a comparison shows."""
    values = {facet.name: facet.value for facet in facets(pair.corpus.manifest)}
    keyed = {by: values[by] for by in BY if by != "length"} | {"characters": "coalesce(length(text), 0)"}
    names = [f"key_{name}" for name in keyed]
    keys = ", ".join(f"{value} AS {name}" for name, value in zip(names, keyed.values(), strict=True))
    counts = ", ".join(f"count(*) FILTER ({which})" for which in (BOTH, ONLY_A, ONLY_B, NEITHER))
    replies = ", ".join(f"count(*) FILTER (is_reply AND {side} = '{KEPT}')" for side in "ab")
    rows = connection.execute(
        f"""
        SELECT {", ".join(f"grouping({name}) = 0" for name in [*names, "a"])}, {", ".join([*names, "a", "b"])},
               {counts}, {replies}
        FROM (SELECT {keys}, a, b, is_reply FROM posts)
        GROUP BY GROUPING SETS ({", ".join(f"({name})" for name in names)}, (a, b), ())
        """
    ).fetchall()
    total = ComparedPosts("total", 0, 0, 0, 0)
    tables: dict[str, list[ComparedPosts]] = {by: [] for by in keyed if by in BY}
    flows, lengths = [], []
    for values_of_row in rows:
        which, key = values_of_row[: len(names) + 1], values_of_row[len(names) + 1 : 2 * len(names) + 3]
        *figures, replies_a, replies_b = values_of_row[2 * len(names) + 3 :]
        if which[-1]:
            if key[-2] != key[-1]:
                flows.append(Flow(key[-2], key[-1], sum(figures)))
        elif not any(which):
            total = ComparedPosts("total", *figures)
        elif which[-2]:
            characters = key[len(names) - 1]
            lengths.append(Length(characters, ComparedPosts(str(characters), *figures), replies_a, replies_b))
        else:
            place = which.index(True)
            tables[list(keyed)[place]].append(ComparedPosts(key[place], *figures))
    lengths.sort(key=lambda length: length.characters)
    flows.sort(key=lambda flow: (-flow.posts, flow.a, flow.b))
    for by, each in tables.items():
        each.sort(key=lambda row: row.key if by == "month" else (-row.changed, -row.posts, row.key))
    ordered = {by: tuple(_classes(lengths) if by == "length" else tables[by]) for by in BY}
    return Counted(total, ordered, tuple(flows), tuple(lengths))


def _classes(lengths: Iterable[Length]) -> list[ComparedPosts]:
    """The lengths summed up by class."""
    names = length_classes()
    classes: dict[str, ComparedPosts] = {}
    for length in lengths:
        name = names[bisect.bisect_right(LENGTHS, length.characters) - 1]
        before = classes.get(name, ComparedPosts(name, 0, 0, 0, 0))
        figures = zip(before.figures().values(), length.row.figures().values(), strict=True)
        classes[name] = ComparedPosts(name, *map(sum, figures))
    return list(classes.values())


def draw(connection: duckdb.DuckDBPyConnection, pair: PairedPosts, total: ComparedPosts, seed: int, most: int) -> None:
    """Create the table `drawn`: at least `most` of the posts that each side keeps, and of those that only one keeps.

    A digest of the seed and of the post's name draws the posts, so every machine draws the same ones.
    Columns: platform, id, author, raw_text, a, b, digest, text_a, text_b.
    """
    kept_a, kept_b = total.both + total.only_a, total.both + total.only_b
    below = (
        f"CASE WHEN a <> '{KEPT}' THEN {_bound(total.only_b, most)} WHEN b <> '{KEPT}' "
        f"THEN {_bound(total.only_a, most)} ELSE {max(_bound(kept_a, most), _bound(kept_b, most))} END"
    )
    author = next(facet.value for facet in facets(pair.corpus.manifest) if facet.name == "author")
    other = "side_b.text" if pair.texts_differ else "posts.text"
    beside = "LEFT JOIN side_b ON side_b.platform = posts.platform AND side_b.id = posts.id"
    connection.execute(
        f"""
        CREATE TEMP TABLE drawn AS
        WITH digested AS (
            SELECT platform, id, {author} AS author, raw_text, text, a, b,
                   {lower_digest(seeded(seed, "comparison"))} AS digest
            FROM posts WHERE a = '{KEPT}' OR b = '{KEPT}'
        ), chosen AS (SELECT * FROM digested WHERE digest <= {below})
        SELECT posts.* EXCLUDE (text), posts.text AS text_a, {other} AS text_b FROM chosen AS posts
        {beside if pair.texts_differ else ""}
        """
    )


def _bound(posts: int, most: int) -> int:
    """The digest below which at least `most` of `posts` lie, or all of them."""
    if posts <= 2 * most:
        return _MOST
    # With a fifth more than needed, too few are practically impossible from a few hundred on.
    return min(_MOST, int(_MOST * (1.2 * most + 200) / posts))


def changed(connection: duckdb.DuckDBPyConnection, most: int) -> tuple[Changed, ...]:
    """At most `most` posts of `drawn` that only one side keeps, both directions in turn; fewer: the first of more."""
    rows = connection.execute(
        f"""
        SELECT platform, id, author, raw_text, a, b, text_a, text_b FROM (
            SELECT *, row_number() OVER (PARTITION BY a = '{KEPT}' ORDER BY digest, platform, id) AS rank
            FROM drawn WHERE {ONLY_A} OR {ONLY_B}
        ) ORDER BY rank, a <> '{KEPT}' LIMIT {most:d}
        """
    ).fetchall()
    return tuple(Changed(p, i, author, raw, a, b, ta, tb) for p, i, author, raw, a, b, ta, tb in rows)
