"""Changes in the character of the kept text: its length, its replies, its words."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import duckdb

from curation.asking.comparison.counting import ONLY_A, ONLY_B, Length
from curation.asking.comparison.paired import PairedPosts
from curation.asking.comparison.result import Character, Kept, Word
from curation.asking.comparison.words import words_of
from curation.corpus.selection import KEPT

#: Most posts of each kind whose words are counted.
SAMPLE = 10_000
#: Words of a piece; distinct words are counted in each piece.
PIECE = 1_000
#: Words in each direction, and the fewest posts that contain one.
NAMED, LEAST = 10, 3


def character(
    connection: duckdb.DuckDBPyConnection, pair: PairedPosts, lengths: Sequence[Length], chosen: str
) -> Character:
    """The character of the text, from the table `drawn` and the `lengths` of all posts.

    `chosen` is SQL: which posts of `side_b` count if its texts differ.
    """
    rank = "row_number() OVER (PARTITION BY {side} = '" + KEPT + "' ORDER BY digest, platform, id)"
    change = f"row_number() OVER (PARTITION BY {ONLY_A}, {ONLY_B} ORDER BY digest, platform, id)"
    words_b = words_of("text_b") if pair.texts_differ else "words_a"
    connection.execute(
        f"""
        CREATE TEMP TABLE worded AS
        SELECT platform, id, digest, a, b, {words_of("text_a")} AS words_a, {words_b} AS words_b,
               {rank.format(side="a")} AS rank_a, {rank.format(side="b")} AS rank_b, {change} AS rank_changed
        FROM drawn
        """
    )
    kept_a = [(length.characters, length.row.both + length.row.only_a, length.replies_a) for length in lengths]
    kept_b = [(length.characters, length.row.both + length.row.only_b, length.replies_b) for length in lengths]
    if pair.texts_differ:
        kept_b = connection.execute(
            "SELECT length(text) AS characters, count(*), count(*) FILTER (is_reply) FROM side_b "
            f"WHERE verdict = '{KEPT}' AND {chosen} GROUP BY characters ORDER BY characters"
        ).fetchall()
    return Character(
        a=_kept(connection, "a", kept_a),
        b=_kept(connection, "b", kept_b),
        gained=_words(connection, "b", ONLY_B, _sampled("a")),
        lost=_words(connection, "a", ONLY_A, _sampled("b")),
        sample=SAMPLE,
    )


def _sampled(side: str) -> str:
    """SQL over `worded`: whether a post is in the sample of those that a side keeps."""
    return f"{side} = '{KEPT}' AND rank_{side} <= {SAMPLE}"


def _kept(connection: duckdb.DuckDBPyConnection, side: str, lengths: Sequence[tuple[int, int, int]]) -> Kept:
    """The character of a side, from the posts and replies of each length, and the words of its sample."""
    kept, replies = sum(posts for _, posts, _ in lengths), sum(replies for *_, replies in lengths)
    so_far = itertools.accumulate(posts for _, posts, _ in lengths)
    median = next((length[0] for length, end in zip(lengths, so_far, strict=True) if kept and 2 * end >= kept), None)
    [(sampled, distinct)] = connection.execute(
        f"""
        WITH sampled AS (SELECT digest, platform, id, words_{side} AS words FROM worded WHERE {_sampled(side)}),
        listed AS (
            SELECT digest, platform, id, unnest(words) AS word, generate_subscripts(words, 1) AS place FROM sampled
        ), placed AS (
            SELECT word, (row_number() OVER (ORDER BY digest, platform, id, place) - 1) // {PIECE} AS piece FROM listed
        ), pieces AS (SELECT count(DISTINCT word) AS words FROM placed GROUP BY piece HAVING count(*) = {PIECE})
        SELECT (SELECT count(*) FROM sampled), avg(words) FROM pieces
        """
    ).fetchall()
    return Kept(kept, median, replies / kept if kept else None, distinct, sampled)


def _words(connection: duckdb.DuckDBPyConnection, side: str, changed: str, others: str) -> tuple[Word, ...]:
    """The words that most distinguish the posts that only `side` keeps from those that the other side keeps."""
    other = "b" if side == "a" else "a"
    rows = connection.execute(
        f"""
        WITH here AS (SELECT words_{side} AS words FROM worded WHERE {changed} AND rank_changed <= {SAMPLE}),
        there AS (SELECT words_{other} AS words FROM worded WHERE {others}),
        sizes AS (SELECT (SELECT count(*) FROM here) AS here, (SELECT count(*) FROM there) AS there),
        of_here AS (SELECT word, count(*) AS n FROM (SELECT unnest(list_distinct(words)) AS word FROM here)
                    GROUP BY word HAVING n >= {LEAST}),
        of_there AS (SELECT word, count(*) AS n FROM (SELECT unnest(list_distinct(words)) AS word FROM there)
                     GROUP BY word)
        SELECT word, of_here.n, of_here.n / sizes.here AS share,
               coalesce(of_there.n / nullif(sizes.there, 0), 0)::DOUBLE AS elsewhere
        FROM of_here LEFT JOIN of_there USING (word), sizes WHERE share > elsewhere
        -- How much more often, weighted by how often: three posts must not outrank three hundred.
        ORDER BY of_here.n * ln(share * (sizes.there + 1) / (coalesce(of_there.n, 0) + 1)) DESC, word LIMIT {NAMED}
        """
    ).fetchall()
    return tuple(Word(*row) for row in rows)
