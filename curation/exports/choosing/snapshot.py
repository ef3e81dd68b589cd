"""The kept posts of a corpus, read once, each with its side of train and valid: a new one, or an earlier export's."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from curation import sql
from curation.corpus.corpus import Corpus
from curation.disk import ranges
from curation.disk.damage import fault_of
from curation.disk.export_manifest import ExportRecord
from curation.disk.exported_file import joined
from curation.exports.choosing import selection
from curation.exports.choosing.leakage_groups import HAS_TEXT
from curation.exports.choosing.near_store import NearStore
from curation.exports.choosing.split import side_of
from curation.options.export import VALID, ExportOptions
from curation.rules import installed

if TYPE_CHECKING:
    import pyarrow as pa

#: Memory that DuckDB may take for sorting before it spills to disk.
MEMORY = "384MB"

#: SQL: the order of posts in files that are not shuffled.
IN_ORDER = "author, time NULLS LAST, id, platform"

#: Rows that are held in Python at a time.
CHUNK = 8192


@dataclass(frozen=True)
class PreviousSplit:
    """The posts of an earlier export, from the ranges of its files."""

    train: tuple[Path, ...]
    valid: tuple[Path, ...]

    @classmethod
    def of(cls, folder: Path, record: ExportRecord) -> PreviousSplit | None:
        """The split of an export in `folder`; None if the ranges of a side are missing or can't be read."""
        there: dict[bool, list[Path]] = {False: [], True: []}
        sides = {file["split"] == VALID for file in record.files if file["split"] and file["posts"]}
        for file in record.files:
            places = ranges.Ranges.of(folder, file["name"])
            if places and not fault_of(places.path, ranges.schema().names):
                there[file["split"] == VALID].append(places.path)
        is_whole = any(there.values()) and all(there[side] for side in sides)
        return cls(tuple(there[False]), tuple(there[True])) if is_whole else None

    def narrow(self, connection: duckdb.DuckDBPyConnection, condition: str) -> tuple[str, str]:
        """SQL: a condition on the table `posts` that only that export's posts meet, and the side of a post.

        The connection has its own database.
        """
        posts = " UNION ALL ".join(
            f"SELECT platform::VARCHAR AS platform, id, {sql.literal(valid)} AS valid "
            f"FROM read_parquet({sql.literal([str(path) for path in paths])})"
            for paths, valid in ((self.train, False), (self.valid, True))
            if paths
        )
        connection.execute(
            f"CREATE TABLE before AS SELECT platform, id, bool_or(valid) AS valid FROM ({posts}) GROUP BY ALL"
        )
        same = "FROM before WHERE before.platform = posts.platform AND before.id = posts.id"
        return (
            f"({condition}) AND EXISTS ({same})",
            f"CASE WHEN EXISTS ({same} AND before.valid) THEN 'valid' ELSE 'train' END",
        )


@dataclass(frozen=True)
class PostSnapshot:
    """The kept posts at one moment, in a file of their own.

    Its table `kept` has `post`, a number, `platform`, `id`, `author`, `text`, `lang`, `time` (UTC), `created_at` (the
    same as text, ISO 8601 with `Z`), `has_text` (there is something besides blanks) and `split`. The table `joined` has
    the parts of threads that are in the text of the `first`. With conversations there is also `around`, with these
    columns of every kept post, `reply_to`, `is_reply` and whether it was `chosen`.
    """

    connection: duckdb.DuckDBPyConnection
    made_of: tuple[str, ...] = ()  # the corpus's files that were read
    warnings: tuple[str, ...] = ()  # sentences for the user about the caps and the split
    table: str = "kept"  # the table with every post that a file may have, by its number
    sorted: bool = False  # whether the posts of a split lie there in the order of files

    @classmethod
    def of(
        cls,
        corpus: Corpus,
        folder: Path,
        options: ExportOptions,
        *,
        conversations: bool = False,
        previous: PreviousSplit | None = None,
    ) -> PostSnapshot:
        """Read the kept posts of a corpus once, into `folder`, so that every file is made of the same posts.

        With `conversations` none of these is cut. With a `previous` split its posts stay on their side, and no other
        post is read.
        """

        def copy(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> PostSnapshot:
            state = Corpus(corpus.folder, manifest)
            return cls.copied(
                connection, state, folder, options, conversations=conversations, previous=previous, keeps=True
            )

        return corpus.reading(copy, memory_limit=MEMORY, spill=folder / "spill")

    @classmethod
    def copied(
        cls,
        connection: duckdb.DuckDBPyConnection,
        corpus: Corpus,
        folder: Path,
        options: ExportOptions,
        *,
        conversations: bool = False,
        previous: PreviousSplit | None = None,
        keeps: bool = False,
    ) -> PostSnapshot:
        """The same on a connection that has the posts of a corpus and its own database.

        If it `keeps` near copies, the next export knows them.
        """
        place = folder / "kept.parquet"
        try:
            capped: Sequence[str] = ()
            if previous:
                condition, parameters = selection.condition(options, corpus)
                condition, side = previous.narrow(connection, condition)
                moved: Sequence[str] = ()
            else:
                condition, parameters, capped = selection.chosen_posts(options, connection, corpus)
                side, moved = side_of(
                    connection, options, condition, parameters, folder, conversations=conversations,
                    store=NearStore(corpus, keeps=keeps),
                )  # fmt: skip
            connection.execute(
                # Once for all files: they read it as it lies. Compressing costs more than the room for a moment.
                f"COPY ({posts_of(condition, side, conversations=conversations)} ORDER BY split, {IN_ORDER}) "
                f"TO {sql.literal(str(place))} (FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 65536)",
                parameters,
            )
            connection.execute(_joined(corpus.manifest))
        except duckdb.IOException as error:
            if str(folder) in str(error):  # not the corpus: the disk that is written to
                raise OSError(str(error)) from error
            raise
        posts = connection.sql(f"SELECT *, file_row_number AS post FROM read_parquet({sql.literal(str(place))})")
        if conversations:
            posts.create_view("around")
            posts = connection.sql("FROM around WHERE chosen")
        posts.create_view("kept")
        table = "around" if conversations else "kept"
        return cls(connection, tuple(corpus.manifest["files"]), (*capped, *moved), table, sorted=True)

    def limited(self, statement: str) -> str:
        """A statement whose answer may be cut short for a preview. This one isn't."""
        return statement

    def whole(self, statement: str, chunk_rows: int = CHUNK) -> Iterator[list[tuple[Any, ...]]]:
        """As `rows`, for answers that must be complete."""
        cursor = self.connection.cursor()
        try:
            answer = cursor.execute(statement)
            while chunk := answer.fetchmany(chunk_rows):
                yield chunk
        finally:
            cursor.close()

    def rows(self, statement: str, chunk_rows: int = CHUNK) -> Iterator[list[tuple[Any, ...]]]:
        """The answer to a statement in chunks of `chunk_rows`, the last one shorter."""
        yield from self.whole(self.limited(statement), chunk_rows)

    def batches(self, columns: str, posts: str, batch_rows: int = CHUNK) -> Iterator[pa.RecordBatch]:
        """Expressions over the rows of a statement, in its order, as columns of Arrow."""
        cursor = self.connection.cursor()
        try:
            yield from cursor.sql(f"SELECT {columns} FROM ({self.limited(posts)})").to_arrow_reader(batch_rows)
        finally:
            cursor.close()

    def in_order(
        self, columns: str, split: str, *, with_text: bool = False, chunk_rows: int = CHUNK
    ) -> Iterator[list[tuple[Any, ...]]]:
        """The posts of a split by author, then by time; posts without a time last."""
        return self.rows(f"SELECT {columns} FROM ({self.ordered(split, with_text=with_text)})", chunk_rows)

    def ordered(self, split: str, *, with_text: bool = False) -> str:
        """SQL: the rows of a split in this order, with the `characters` of their texts."""
        order = "" if self.sorted else f" ORDER BY {IN_ORDER}"
        return f"SELECT *, length(text)::INTEGER AS characters FROM kept WHERE {_where(split, with_text)}{order}"

    def count(self, split: str | None = None, *, with_text: bool = False) -> int:
        """Number of posts."""
        return self._figures(split, with_text)[0]

    def characters(self, split: str | None = None, *, with_text: bool = False) -> int:
        """Code points of the texts."""
        return self._figures(split, with_text)[1]

    def joined_characters(self) -> int:
        """Code points of all texts joined by `BOUNDARY`, as huggingtweets counted."""
        return joined(*self._figures(None, True))

    def holding(self, part: str) -> int:
        """Number of posts with `part` in their text."""
        [[(posts,)]] = self.rows(f"SELECT count(*) FROM kept WHERE {sql.contains('text', part)}")
        return int(posts)

    def close(self) -> None:
        """Close the files."""
        self.connection.close()

    def _figures(self, split: str | None, with_text: bool) -> tuple[int, int]:
        sums = [row[2:] for row in self._sums if row[0] == (split or row[0]) and row[1] >= with_text]
        return sum(posts for posts, _ in sums), sum(characters for _, characters in sums)

    @functools.cached_property
    def _sums(self) -> list[tuple[str, bool, int, int]]:
        """Posts and characters, by side and by whether there is text."""
        statement = (
            "SELECT split, coalesce(has_text, false), count(*), coalesce(sum(length(text)), 0)::BIGINT "
            "FROM kept GROUP BY ALL"
        )
        return [row for chunk in self.whole(statement) for row in chunk]


def posts_of(condition: str, side: str, *, conversations: bool = False, posts: str = "posts") -> str:
    """SQL: the rows of a `PostSnapshot`, which are the kept ones of the `posts` under a condition.

    With `conversations` it has all kept posts, and the columns that link them.
    """
    more = f", reply_to, is_reply, coalesce({condition}, false) AS chosen" if conversations else ""
    return (
        "SELECT platform, id, author, text, lang, "
        f"created_at::TIMESTAMP AS time, {_iso('created_at::TIMESTAMP')} AS created_at, "
        f"{HAS_TEXT} AS has_text, {side} AS split{more} "
        f"FROM {posts} WHERE removed_by IS NULL AND {'true' if conversations else condition}"
    )


def _joined(manifest: dict[str, Any]) -> str:
    threads = [rule["name"] for rule in manifest["recipe"]["rules"] if installed().class_of(rule).joins]
    return (
        "CREATE TABLE joined AS SELECT platform, id, duplicate_of AS first FROM posts "
        # A part that is kept by hand stands in the text of the first one, too.
        f"WHERE list_contains({sql.literal(threads)}::VARCHAR[], matched[1]) AND duplicate_of IS NOT NULL"
    )


def _where(split: str | None, with_text: bool) -> str:
    conditions = [f"split = {sql.literal(split)}"] if split else []
    return " AND ".join([*conditions, *(["has_text"] if with_text else [])]) or "true"


def _iso(time: str) -> str:
    """A UTC time as ISO 8601; microseconds only where there are some."""
    return (
        f"CASE WHEN microsecond({time}) % 1000000 = 0 THEN strftime({time}, '%Y-%m-%dT%H:%M:%SZ') "
        f"ELSE strftime({time}, '%Y-%m-%dT%H:%M:%S.%fZ') END"
    )
