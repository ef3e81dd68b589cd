"""A stretch out of the middle of a training file, as a training reads it, without writing the file.

The posts are chosen and put in order by the code that writes the files, and the format itself writes the stretch. So
these are bytes of the file: its order, the marks between posts, and what the format changes in a text.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from curation.corpus.corpus import Corpus
from curation.disk.exported_file import BOUNDARY
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError
from curation.exports.choosing.near_store import NearStore
from curation.exports.choosing.selection import chosen_posts
from curation.exports.choosing.snapshot import MEMORY, PostSnapshot, posts_of
from curation.exports.choosing.split import side_of
from curation.exports.conversations.formats import Conversational
from curation.exports.conversations.turns import make_turns
from curation.exports.formats.base import Export
from curation.exports.formats.sink import Sink
from curation.exports.registry import formats
from curation.options.export import NEAR, RANDOM, TEXT, TRAIN, ExportOptions

#: Posts, or records of conversations, of a stretch.
POSTS = 60

#: With more kept posts neither split nor balance is applied: near copies among them take most of a minute to find.
FEW = 30_000

#: The mark between posts in a format that is one long text; every other one ends a record with its line.
MARKS = {TEXT: BOUNDARY}


@dataclass(frozen=True)
class Stretch:
    """A part of a training file."""

    format: str
    file: str  # the name of the file
    text: str
    first: int  # the number of its first post in a pass over the file, from 1; of its first record in conversations
    posts: int
    of: int  # posts, or records, of a pass
    not_applied: tuple[str, ...] = ()  # options that cost too much: "valid" (some posts may be held out), "balance"

    @property
    def last(self) -> int:
        """The number of its last post."""
        return self.first + self.posts - 1

    @property
    def is_of_records(self) -> bool:
        """Whether it counts records of conversations rather than posts."""
        return formats()[self.format].conversations

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """The text in pieces, each with whether it is a mark between posts."""
        mark = MARKS.get(self.format, "\n")
        parts = self.text.split(mark)
        for number, part in enumerate(parts):
            if number:
                yield mark, True
            if part:
                yield part, False

    def to_json(self) -> dict[str, Any]:
        """For `curation export --preview --json`."""
        return dict(vars(self))


def read_stretch(
    corpus: Corpus, format: str, options: ExportOptions, *, draw: int = 0, posts: int = POSTS, few: int = FEW,
    of: int | None = None,
) -> Stretch:  # fmt: skip
    """Some `posts` in a row, from a place that the seed and `draw` give, of the training file in a text format.

    The other formats of the options count as well: one made of conversations decides how all are split. With more than
    `few` kept posts neither split nor balance is applied. If it is known how many posts the file has (`of`), as an
    earlier stretch says, they are not counted again. Raises `UsageError` for an unknown facet, `KeyError` for an
    unknown format, `NothingToDoError` where the file would be empty.
    """
    used, not_applied = options, []
    if corpus.manifest["counts"].get("kept", 0) > few:
        not_applied = [name for name in ("valid", "balance") if getattr(options, name)]
        used = replace(options, valid=0.0, split=RANDOM, near=NEAR, balance=False)
    used = replace(used, epochs=1)
    chosen = formats()[format]()
    fraction = _fraction(options.seed, draw)
    with Workspace(corpus.folder.parent.parent).scratch("reading") as place:
        reader = _Reader(chosen, used, place, corpus.folder, posts, fraction, of)
        look = reader.of_conversations if chosen.conversations else reader.of_posts
        text, first, total = corpus.reading(look, memory_limit=MEMORY, spill=place / "spill")
    if not total:
        raise NothingToDoError(f"{chosen.file(TRAIN)} would be empty: no post that is kept and chosen is in it.")
    return Stretch(format, chosen.file(TRAIN), text, first + 1, min(posts, total - first), total, tuple(not_applied))


@dataclass(frozen=True)
class _Reader:
    """Reads one stretch. Its methods give the text, the number of the first post from 0, and that of all."""

    format: Export
    options: ExportOptions
    place: Path  # for working files
    folder: Path  # of the corpus
    posts: int
    fraction: float  # where the stretch begins, from 0 up to 1
    of: int | None  # posts of the file, if they are counted

    def of_posts(self, connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> tuple[str, int, int]:
        """Of a format of single posts: first the names of the posts in their order, then the texts of a few."""
        options = self.options
        conversations = any(formats()[name].conversations for name in options.formats)
        corpus = Corpus(self.folder, manifest)
        condition, parameters, _ = chosen_posts(options, connection, corpus)
        side, _ = side_of(
            connection,
            options,
            condition,
            parameters,
            self.place,
            conversations=conversations,
            store=NearStore(corpus, keeps=False),
        )
        kept = connection.sql(posts_of(condition, side), params=parameters)
        kept.project("*, NULL::BIGINT AS post").create_view("kept")
        snapshot = _Middle(connection)
        total = self.format.expected(snapshot, TRAIN, options) if self.of is None else self.of
        first = self._first(total)
        if options.balance:  # the same post may stand there twice
            return self._written(_Middle(connection, limit=f"LIMIT {self.posts} OFFSET {first}")), first, total
        order = self.format.order(options)
        with_text = "AND has_text" if self.format.needs_text else ""
        connection.execute(
            f"CREATE TABLE stretch AS SELECT platform, id FROM kept WHERE split = 'train' {with_text} "
            f"ORDER BY {order} LIMIT {self.posts} OFFSET {first}"
        )
        connection.execute("CREATE VIEW some_posts AS SELECT posts.* FROM posts SEMI JOIN stretch USING (platform, id)")
        few = posts_of("true", "'train'", posts="some_posts")
        connection.execute(f"CREATE TABLE few AS SELECT *, NULL::BIGINT AS post FROM ({few})")
        connection.execute("CREATE OR REPLACE VIEW kept AS FROM few")
        return self._written(snapshot), first, total

    def of_conversations(self, connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> tuple[str, int, int]:
        """Of a format of conversations."""
        snapshot = PostSnapshot.copied(
            connection, Corpus(self.folder, manifest), self.place, self.options, conversations=True
        )
        make_turns(snapshot, self.options)
        total = self.format.expected(snapshot, TRAIN, self.options)
        first = self._first(total)
        assert isinstance(self.format, Conversational), "only such a format says that its records are conversations"
        self.format.cut_out(snapshot, self.posts, first)
        return self._written(snapshot), first, total

    def _first(self, total: int) -> int:
        return int(self.fraction * max(0, total - self.posts + 1))

    def _written(self, snapshot: PostSnapshot) -> str:
        file = io.BytesIO()
        self.format.write(snapshot, TRAIN, self.options, Sink(file, lambda posts: None))
        return file.getvalue().decode("utf-8", "replace")


@dataclass(frozen=True)
class _Middle(PostSnapshot):
    """Kept posts, of which queries give only some rows out of the middle."""

    limit: str = ""

    def limited(self, statement: str) -> str:
        """These rows of an answer."""
        return f"SELECT * FROM ({statement}) {self.limit}" if self.limit else statement


def _fraction(seed: int, draw: int) -> float:
    """A number from 0 up to 1, the same on every machine."""
    return int.from_bytes(hashlib.md5(f"reading/{seed}/{draw}".encode(), usedforsecurity=False).digest()[:6]) / (
        1 << 48
    )
