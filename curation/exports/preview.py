"""The beginning of an export, without writing the rest of it.

The format itself writes it, from a table that gives only its first rows. So the preview is as the file will be.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass, replace
from typing import Any

import duckdb

from curation.corpus.corpus import Corpus
from curation.disk.workspace import Workspace
from curation.exports.choosing.near_store import NearStore
from curation.exports.choosing.selection import chosen_posts
from curation.exports.choosing.snapshot import MEMORY, PostSnapshot, posts_of
from curation.exports.choosing.split import side_of
from curation.exports.conversations.turns import make_turns
from curation.exports.formats.base import Export
from curation.exports.formats.sink import Sink
from curation.exports.registry import formats
from curation.options.export import TRAIN, ExportOptions

#: Posts at the beginning, and those drawn from all.
FIRST, DRAWN = 4, 4


class _EnoughError(Exception):
    """Enough posts are written."""


@dataclass(frozen=True)
class _Beginning(PostSnapshot):
    """Kept posts, of which every query gives at most `most` rows."""

    most: int = FIRST

    def limited(self, statement: str) -> str:
        """The first rows of an answer."""
        return f"SELECT * FROM ({statement}) LIMIT {self.most}"


@dataclass(frozen=True)
class Preview:
    """Parts of a future training file."""

    beginning: bytes  # its first posts, as the file begins
    drawn: bytes  # posts drawn from it by the seed, as a file of them alone would be


def preview(corpus: Corpus, format: str, options: ExportOptions, *, first: int = FIRST, drawn: int = DRAWN) -> Preview:
    """The beginning of the training file in a format that an export with these options would write.

    The other formats count as well: one made of conversations decides how all are split. Raises `UsageError` for an
    unknown facet, `KeyError` for an unknown format. Without a beginning (`first` = 0) it is cheap; that of a balanced
    file takes the copies of all posts.
    """
    available = formats()
    chosen = available[format]()
    conversations = any(available[name].conversations for name in (format, *options.formats))

    def look(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Preview:
        state = Corpus(corpus.folder, manifest)
        if conversations:
            snapshot = PostSnapshot.copied(connection, state, place, options, conversations=True)
            if chosen.conversations:
                make_turns(snapshot, options)
        else:
            # The side of a text is computed in Python, and only the format knows its order. So with a share for
            # validation every text is looked at.
            condition, parameters, _ = chosen_posts(options, connection, state)
            side, _ = side_of(connection, options, condition, parameters, place, store=NearStore(state, keeps=False))
            posts = connection.sql(posts_of(condition, side), params=parameters)
            posts.project("*, NULL::BIGINT AS post").create_view("kept")
        begins = _written(chosen, _Beginning(connection, most=first), options, first) if first else b""
        chosen.draw(PostSnapshot(connection), options.seed, drawn)
        once = replace(options, epochs=1, balance=False)
        return Preview(begins, _written(chosen, PostSnapshot(connection), once, drawn))

    with Workspace(corpus.folder.parent.parent).scratch("preview") as place:
        return corpus.reading(look, memory_limit=MEMORY, spill=place / "spill")


def _written(chosen: Export, snapshot: PostSnapshot, options: ExportOptions, most: int) -> bytes:
    """What a format writes of these posts until there are enough."""
    file, written = io.BytesIO(), 0

    def tick(posts: int) -> None:
        nonlocal written
        written += posts
        if written >= most:
            raise _EnoughError

    with contextlib.suppress(_EnoughError):
        chosen.write(snapshot, TRAIN, options, Sink(file, tick))
    return file.getvalue()
