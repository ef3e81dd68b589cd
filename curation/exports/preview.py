"""The beginning of an export, without writing the rest of it.

A format says itself what its file holds; here it is given a table of which it gets only the first rows. So what is
shown is what the file will have, whatever the format.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from curation.disk.workspace import Workspace
from curation.exports import formats
from curation.exports.choosing.selection import ALL, Wanted
from curation.exports.choosing.snapshot import CHUNK, MEMORY, Kept, posts_of
from curation.exports.choosing.split import Split
from curation.exports.conversations.turns import make_turns
from curation.exports.formats.base import Settings
from curation.exports.formats.sink import Sink
from curation.options.export import NEAR, RANDOM, TRAIN

if TYPE_CHECKING:
    import duckdb

    from curation.corpus.corpus import Corpus

#: Posts at the beginning, and those drawn from all.
FIRST, DRAWN = 4, 4


class _EnoughError(Exception):
    """As many posts have been written as were asked for."""


@dataclass(frozen=True)
class _Beginning(Kept):
    """Kept posts of which every answer ends after `most` rows."""

    most: int = FIRST

    def rows(self, statement: str, chunk_rows: int = CHUNK) -> Iterator[list[tuple[Any, ...]]]:
        """The first rows; an answer with a single row is none that a file is made of."""
        return super().rows(f"SELECT * FROM ({statement}) LIMIT {self.most}", chunk_rows)


@dataclass(frozen=True)
class Preview:
    """What a training file will have."""

    beginning: bytes  # its first posts, as the file begins
    drawn: bytes  # posts drawn from it by the seed, as a file of them alone would be


def preview(
    corpus: Corpus,
    format: str,
    *,
    valid: float = 0.0,
    split: str = RANDOM,
    near: float = NEAR,
    epochs: int = 4,
    balance: bool = False,
    seed: int = 0,
    instruction: str = "",
    wanted: Wanted = ALL,
    beside: Sequence[str] = (),
    first: int = FIRST,
    drawn: int = DRAWN,
) -> Preview:
    """The beginning of the training file that `curation.exports.export` would write with these options.

    `beside` are other formats of the same export: one made of conversations decides how all are split.

    Raises `UsageError` for an unknown facet or split, `KeyError` for an unknown format. With `first` = 0 there is no
    beginning, which costs nothing: that of a balanced file takes the copies of all posts.
    """
    known = formats()
    chosen = known[format]()
    settings = Settings(epochs=epochs, balance=balance, seed=seed, instruction=instruction.strip())
    sides = Split(
        valid, split, seed, conversations=any(known[name].conversations for name in (format, *beside)), near=near
    )
    sides.require()

    def look(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Preview:
        if sides.conversations:
            kept = Kept.copied(connection, manifest, place, sides, wanted)
            if chosen.conversations:
                make_turns(kept, instruction=bool(settings.instruction))
        else:
            # Every text's side of the split is asked of Python; which texts come first by the format's order is not
            # known before, so with a share for validation all of them are looked at.
            condition, parameters, _ = wanted.chosen(connection, manifest, seed)
            side, _ = sides.side(connection, condition, parameters, place)
            posts = connection.sql(posts_of(condition, side), params=parameters)
            posts.project("*, NULL::BIGINT AS post").create_view("kept")
        begins = _written(chosen, _Beginning(connection, most=first), settings, first) if first else b""
        chosen.draw(Kept(connection), seed, drawn)
        return Preview(begins, _written(chosen, Kept(connection), replace(settings, epochs=1, balance=False), drawn))

    with Workspace(corpus.folder.parent.parent).scratch("preview") as place:
        return corpus.reading(look, memory_limit=MEMORY, spill=place / "spill")


def _written(chosen: Any, kept: Kept, settings: Settings, most: int) -> bytes:
    """What a format writes of these posts until there are enough."""
    file, written = io.BytesIO(), 0

    def tick(posts: int) -> None:
        nonlocal written
        written += posts
        if written >= most:
            raise _EnoughError

    with contextlib.suppress(_EnoughError):
        chosen.write(kept, TRAIN, settings, Sink(file, tick))
    return file.getvalue()
