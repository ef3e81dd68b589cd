"""Counts the terms of a corpus: how many posts of each cell have each term.

A **cell** holds the posts of one author, in one month, with one verdict. Every figure of words (by rule, by author, by
year, over time) is a sum over cells, so posts are read once and no question reads a text again.

The work is bounded: texts become tokens in a file, the database spills, and phrases are found in a sample of at most
`SAMPLED` posts (then counted in all). Rare terms are left out; see `least_posts`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation import sql
from curation.asking.vocabulary import phrases, terms
from curation.asking.vocabulary.phrases import Phrases
from curation.corpus.ledger import UNKNOWN
from curation.corpus.selection import KEPT
from curation.functions.html_text import HTML_TEXT
from curation.functions.segmentation.clusters import SPACELESS
from curation.functions.segmentation.lexicon import Lexicon, learn
from curation.functions.segmentation.segment import segmenter
from curation.sql.order import drawn

#: Most posts whose texts teach the words of scripts without spaces, and most posts in which phrases are found.
TEACHING, SAMPLED = 60_000, 400_000
#: Posts whose tokens are in memory at a time.
AT_A_TIME = 20_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Least:
    """Fewest posts with a term, of all posts; rarer terms are not counted."""

    words: int
    phrases: int
    lists: int


def least_posts(posts: int) -> Least:
    """The bounds for a corpus of this size."""
    if posts < 5_000:
        return Least(1, 3, 1)
    if posts < 200_000:
        return Least(3, 5, 1)
    return Least(5, max(10, posts // 50_000), 2)


#: SQL: the author, month and verdict of a post, as the facets of Browse have them.
AUTHOR = f"coalesce(nullif(author, ''), {sql.literal(UNKNOWN)})"
MONTH = f"coalesce(strftime(created_at::TIMESTAMP, '%Y-%m'), {sql.literal(UNKNOWN)})"
VERDICT = f"coalesce(removed_by, {sql.literal(KEPT)})"


def count_terms(connection: duckdb.DuckDBPyConnection, folder: Path, on_progress: Progress) -> dict[str, Any]:
    """Write the tables of an index into `folder`: cells, terms, and counts by kind. Gives the facts about them.

    The connection has the corpus's table `posts`, and `behind` (`short_links`).
    """
    connection.execute(
        "CREATE OR REPLACE TABLE cells AS SELECT (row_number() OVER (ORDER BY author, month, verdict) - 1)::INTEGER "
        f"AS cell, * FROM (SELECT {AUTHOR} AS author, {MONTH} AS month, {VERDICT} AS verdict, "
        "count(*)::BIGINT AS posts FROM posts GROUP BY ALL) ORDER BY cell"
    )
    [(posts,)] = connection.execute("SELECT coalesce(sum(posts), 0)::BIGINT FROM cells").fetchall()
    least = least_posts(posts)
    lexicon = learn(text for (text,) in connection.execute(_teaching()).fetchall())
    _write_tokens(connection, folder / "tokens.parquet", lexicon, posts, on_progress)
    tokens = f"read_parquet({sql.literal(str(folder / 'tokens.parquet'))})"
    vocabulary = connection.sql(
        f"SELECT word, count(*)::BIGINT AS posts FROM (SELECT unnest(list_distinct(words)) AS word FROM {tokens}) "
        f"WHERE {terms.IS_WORD} GROUP BY word HAVING posts >= {least.words} ORDER BY posts DESC, word"
    ).to_arrow_table()
    stream = _Stream(folder, vocabulary["word"].combine_chunks())
    found = stream.learn(posts, least.phrases)
    on_progress(2 * posts, 3 * posts)
    connection.register("vocabulary", vocabulary.select(["word"]))
    _write_words(connection, folder, stream)
    _write_phrases(connection, folder, stream, found, least.phrases)
    _write_lists(connection, folder, tokens, least.lists)
    connection.execute(f"COPY cells TO {sql.literal(str(folder / 'cells.parquet'))}")
    (folder / "tokens.parquet").unlink()
    on_progress(3 * posts, 3 * posts)
    return {"posts": posts, "least": vars(least), "lexicon": sum(len(word) > 1 for word in lexicon.scores)}


def _teaching() -> str:
    """SQL: texts in scripts without spaces, in random order; as downloaded, so that every recipe learns the same."""
    has = f"{sql.not_ascii('raw_text')} AND {sql.matches('raw_text', f'[{SPACELESS}]')}"
    return (
        f"SELECT DISTINCT raw_text FROM (SELECT raw_text FROM posts WHERE {has} ORDER BY {drawn(0, 'lexicon')} "
        f"LIMIT {TEACHING}) ORDER BY raw_text"
    )


def _write_tokens(
    connection: duckdb.DuckDBPyConnection, path: Path, lexicon: Lexicon, posts: int, on_progress: Progress
) -> None:
    """Write the cell, the tokens and the terms of every list of each post."""
    segment = segmenter(lexicon)
    for function in (segment, HTML_TEXT):
        function.register(connection)
    lists = ", ".join(f"{each.terms} AS {each.name}" for each in (*terms.LISTS, terms.BEHIND))
    reader = connection.sql(
        f"SELECT cell, {terms.words(segment.name)} AS words, {lists} FROM "
        f"(SELECT *, {terms.PLAIN} AS plain, {AUTHOR} AS of_author, {MONTH} AS of_month, {VERDICT} AS of_verdict "
        "FROM posts LEFT JOIN behind USING (platform, id)) "
        "JOIN cells ON of_author = cells.author AND of_month = cells.month AND of_verdict = cells.verdict"
    ).to_arrow_reader(AT_A_TIME)
    done = 0
    with pq.ParquetWriter(path, reader.schema, compression="zstd", compression_level=1) as writer:
        for batch in reader:
            writer.write_batch(batch)
            done += batch.num_rows
            on_progress(done, 3 * posts)


class _Stream:
    """The tokens of all posts as numbers of words, batch by batch."""

    def __init__(self, folder: Path, words: Any) -> None:
        self.path, self.words = folder / "tokens.parquet", words

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Numbers with a -1 after each post; of each number, its post in this batch; of each post, its cell."""
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(AT_A_TIME, columns=["cell", "words"]):
                lists: Any = batch["words"]
                numbers: Any = pc.index_in(lists.flatten(), value_set=self.words)
                sizes = np.diff(lists.offsets.to_numpy())
                ends = np.cumsum(sizes)
                with_ends = np.insert(pc.fill_null(numbers, -1).to_numpy().astype(np.int32), ends, -1)
                yield with_ends, np.repeat(np.arange(len(sizes)), sizes + 1), batch["cell"].to_numpy()

    def learn(self, posts: int, least: int) -> Phrases:
        """The phrases of a sample, every so manieth batch."""
        step = -(-posts // SAMPLED) if posts else 1
        sampled = [numbers for place, (numbers, _, _) in enumerate(self.batches()) if place % step == 0]
        stream = np.concatenate(sampled) if sampled else np.full(1, -1, dtype=np.int32)
        return phrases.learn(stream, max(len(self.words), 1), max(2, least // step))

    def word_cells(self) -> Iterator[pa.RecordBatch]:
        """A row for each word of a post, once a post: its number and the cell."""
        for numbers, post, cell in self.batches():
            there = numbers >= 0
            yield _pairs(numbers[there], post[there], cell)

    def phrase_cells(self, found: Phrases) -> Iterator[pa.RecordBatch]:
        """The same for phrases."""
        for numbers, post, cell in self.batches():
            places, which = map(np.concatenate, zip(*found.within(numbers), strict=True))
            yield _pairs(which, post[places], cell)


_PAIRS = pa.schema([("term", pa.int32()), ("cell", pa.int32())])


def _pairs(term: np.ndarray, post: np.ndarray, cell: np.ndarray) -> pa.RecordBatch:
    """Each term of each post once, with the post's cell."""
    keys = np.unique(term.astype(np.int64) * max(len(cell), 1) + post)
    columns = (keys // max(len(cell), 1)).astype(np.int32), cell[keys % max(len(cell), 1)].astype(np.int32)
    return pa.RecordBatch.from_arrays([pa.array(column) for column in columns], schema=_PAIRS)


def _count(connection: duckdb.DuckDBPyConnection, batches: Iterator[pa.RecordBatch]) -> None:
    """Make the table `counted` of the posts of each term and cell."""
    connection.register("pairs", pa.RecordBatchReader.from_batches(_PAIRS, batches))
    connection.execute(
        "CREATE OR REPLACE TABLE counted AS SELECT term, cell, count(*)::INTEGER AS posts FROM pairs GROUP BY ALL"
    )
    connection.unregister("pairs")


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, kind: str, named: str) -> None:
    """Write the terms of a kind, from the query `named` (term, text, …), and `counted` in the order of terms."""
    connection.execute(
        f"COPY (SELECT * FROM ({named}) JOIN (SELECT term, sum(posts)::BIGINT AS posts FROM counted GROUP BY term) "
        f"USING (term) ORDER BY term) TO {sql.literal(str(folder / f'{kind}.parquet'))}"
    )
    connection.execute(
        f"COPY (FROM counted ORDER BY term, cell) TO {sql.literal(str(folder / f'{kind}-counts.parquet'))} "
        "(COMPRESSION zstd)"
    )
    connection.execute("DROP TABLE counted")


def _write_words(connection: duckdb.DuckDBPyConnection, folder: Path, stream: _Stream) -> None:
    _count(connection, stream.word_cells())
    named = "SELECT (row_number() OVER () - 1)::INTEGER AS term, word AS text FROM vocabulary"
    _write(connection, folder, "words", f"FROM ({named}) WHERE {terms.IS_SHOWN}")


def _write_phrases(
    connection: duckdb.DuckDBPyConnection, folder: Path, stream: _Stream, found: Phrases, least: int
) -> None:
    """Write the phrases that enough posts have and that no word is spelled like."""
    if not found.words:
        found = Phrases(found.width, (), (), ())
    _count(connection, stream.phrase_cells(found) if found.words else iter(()))
    connection.execute(
        f"DELETE FROM counted WHERE term IN (SELECT term FROM counted GROUP BY term HAVING sum(posts) < {least})"
    )
    spelled = connection.sql(
        f"SELECT {terms.BEGINS_SPACELESS} AS begins, {terms.ENDS_SPACELESS} AS ends, text FROM "
        "(SELECT word AS text FROM vocabulary)"
    ).fetchall()
    texts = [_spelled([spelled[number] for number in words]) for words in found.words]
    table = pa.table(
        {
            "term": pa.array(range(len(texts)), pa.int32()),
            "text": pa.array(texts, pa.string()),
            "words": pa.array([list(words) for words in found.words], pa.list_(pa.int32())),
        }
    )
    connection.register("spelled", table)
    _write(
        connection,
        folder,
        "phrases",
        "SELECT term, text, words AS parts FROM spelled ANTI JOIN vocabulary ON word = text "
        "QUALIFY row_number() OVER (PARTITION BY text ORDER BY term) = 1",
    )


def _spelled(words: list[tuple[bool, bool, str]]) -> str:
    """Words as they stand in a text: with a blank, unless both neighbours are of scripts that write none."""
    text, ended = "", False
    for begins, ends, word in words:
        text += word if not text or (ended and begins) else f" {word}"
        ended = ends
    return text


def _write_lists(connection: duckdb.DuckDBPyConnection, folder: Path, tokens: str, least: int) -> None:
    """Write hashtags, mentions, domains, clients and emoji, each a kind of its own."""
    for each in (*terms.LISTS, terms.BEHIND):
        connection.execute(
            f"CREATE OR REPLACE TABLE raw AS SELECT text, cell, count(*)::INTEGER AS posts FROM "
            f"(SELECT unnest({each.name}) AS text, cell FROM {tokens}) WHERE text <> '' GROUP BY ALL"
        )
        connection.execute(
            "CREATE OR REPLACE TABLE named AS SELECT (row_number() OVER (ORDER BY sum(posts) DESC, text) - 1)::INTEGER "
            f"AS term, text FROM raw GROUP BY text HAVING sum(posts) >= {least}"
        )
        connection.execute(
            "CREATE OR REPLACE TABLE counted AS SELECT term, cell, raw.posts FROM raw JOIN named USING (text)"
        )
        _write(connection, folder, each.name, "FROM named")
    connection.execute("DROP TABLE raw")
    connection.execute("DROP TABLE named")
