"""The beginning of an export, without writing the rest of it.

A format says itself what its file holds; here it is given a table of which it gets only the first rows. So what is
shown is what the file will have, whatever the format.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.exports import formats
from curation.exports.base import Settings, Sink
from curation.exports.kept import CHUNK, MEMORY, Kept, posts_of
from curation.exports.split import RANDOM, TRAIN, Split
from curation.exports.wanted import ALL, Wanted
from curation.sql import literal

if TYPE_CHECKING:
    import duckdb

    from curation.corpus import Corpus

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
    epochs: int = 4,
    balance: bool = False,
    seed: int = 0,
    wanted: Wanted = ALL,
    first: int = FIRST,
    drawn: int = DRAWN,
) -> Preview:
    """The beginning of the training file that `curation.exports.export` would write with these options.

    Raises `UsageError` for an unknown facet or split, `KeyError` for an unknown format. With `first` = 0 there is no
    beginning, which costs nothing: that of a balanced file takes the copies of all posts.
    """
    chosen = formats()[format]()
    settings = Settings(epochs=epochs, balance=balance, seed=seed)
    sides = Split(valid, split, seed)
    sides.require()

    def look(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Preview:
        condition, parameters = wanted.condition(manifest)
        # Every text's side of the split is asked of Python; which texts come first by the format's order is not known
        # before, so with a share for validation all of them are looked at.
        side, _ = sides.side(connection, condition, parameters)
        rows = connection.sql(posts_of(condition, side), params=parameters)
        rows.create_view("kept")
        begins = _written(chosen, _Beginning(connection, most=first), settings, first) if first else b""
        connection.execute(
            f"CREATE TABLE drawn AS SELECT * FROM kept WHERE split = {literal(TRAIN)} AND has_text "
            f"ORDER BY hash(platform, id, {literal(seed)}), platform, id LIMIT {int(drawn)}"
        )
        connection.execute("CREATE OR REPLACE VIEW kept AS FROM drawn")
        return Preview(begins, _written(chosen, Kept(connection), Settings(epochs=1, seed=seed), drawn))

    with tempfile.TemporaryDirectory(prefix="curation-preview-") as folder:
        return corpus.reading(look, memory_limit=MEMORY, spill=Path(folder))


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
