"""Where each post stands in an exported file: `.ranges/FILE.parquet` beside the files, one row a post and place.

::

    platform, id, author     whose place it is; a part of a thread that was joined to another post has its place
    begin, end               in the file's unit: bytes, or rows of a table, or tokens; `end` is the first after it
    characters               code points of its text as the recipe left it; 0 for a part
    part_of                  of such a part the id of the post that it was joined to

The file's metadata has the unit and the SHA-256 of the file that is described: ranges of another one say nothing.
The folder is hidden, so that a library that loads the folder of an export doesn't take it for training data.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from curation.exports.sink import Post

FOLDER = ".ranges"

BYTES, ROWS, TOKENS = "bytes", "rows", "tokens"

#: Ranges that are held in memory.
AT_ONCE = 65_536

UNIT, SHA256 = b"unit", b"sha256"


def path_of(folder: Path, name: str) -> Path:
    """Where the ranges of the file `name` of an export in `folder` lie."""
    return folder / FOLDER / f"{name}.parquet"


def schema() -> pa.Schema:
    """The columns, in their order."""
    import pyarrow as pa

    text = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        {
            "platform": text, "id": pa.string(), "author": text, "begin": pa.int64(), "end": pa.int64(),
            "characters": pa.int32(), "part_of": pa.string(),
        }
    )  # fmt: skip


class RangesWriter:
    """Writes the ranges of one file; the format calls it in the order of the file."""

    def __init__(self, folder: Path, name: str, unit: str) -> None:
        import pyarrow.parquet as pq

        self.posts = self.characters = 0
        path = path_of(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._unit = unit
        self._schema = schema()
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._waiting: tuple[list[Post], list[int], list[int]] = ([], [], [])

    def add(self, posts: Sequence[Post], begins: Sequence[int], ends: Sequence[int]) -> None:
        """Note posts, each with its place."""
        for waiting, more in zip(self._waiting, (posts, begins, ends), strict=True):
            waiting += more
        if len(self._waiting[0]) >= AT_ONCE:
            self._write()

    def close(self, sha256: str) -> None:
        """Finish, for a file with this digest."""
        self._write()
        self._writer.add_key_value_metadata({UNIT: self._unit.encode(), SHA256: sha256.encode()})
        self._writer.close()

    def abort(self) -> None:
        """Let go of the file."""
        with contextlib.suppress(OSError):
            self._writer.close()

    def _write(self) -> None:
        import pyarrow as pa

        posts, begins, ends = self._waiting
        if not posts:
            return
        platform, id, author, characters = zip(*posts, strict=True)
        self.posts += len(posts)
        self.characters += sum(characters)
        values = (platform, id, author, begins, ends, characters, [None] * len(posts))
        arrays = [
            pa.array(each, pa.string()).dictionary_encode() if pa.types.is_dictionary(column.type) else
            pa.array(each, column.type)
            for each, column in zip(values, self._schema, strict=True)
        ]  # fmt: skip
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        self._waiting = ([], [], [])


def with_parts(folder: Path, name: str, connection: duckdb.DuckDBPyConnection) -> None:
    """Add the parts of threads that the table `joined` has (platform, id, first) to the ranges of a file."""
    import pyarrow.parquet as pq

    path = path_of(folder, name)
    found = connection.cursor()
    if not path.is_file() or not found.sql("FROM joined LIMIT 1").fetchall():
        return
    said = pq.read_metadata(path).metadata
    parts = found.sql(
        'SELECT ranges.platform, joined.id, author, begin, "end", 0::INTEGER AS characters, joined.first AS part_of '
        "FROM read_parquet(?) AS ranges JOIN joined ON joined.platform = ranges.platform AND joined.first = ranges.id "
        "ORDER BY begin, length(joined.id), joined.id",
        params=[str(path)],
    )
    reader = parts.to_arrow_reader(AT_ONCE)
    first = next(iter(reader), None)
    if first is None:
        return
    unfinished = path.with_suffix(".unfinished")
    with pq.ParquetFile(path) as before, pq.ParquetWriter(unfinished, schema(), compression="zstd") as writer:
        for batch in before.iter_batches(AT_ONCE):
            writer.write_batch(batch.cast(schema()))
        for batch in (first, *reader):
            writer.write_batch(batch.cast(schema()))
        writer.add_key_value_metadata({key: said[key] for key in (UNIT, SHA256)})
    unfinished.replace(path)


@dataclass(frozen=True)
class Ranges:
    """The ranges of a file."""

    path: Path
    unit: str
    sha256: str  # of the file that they describe

    @classmethod
    def of(cls, folder: Path, name: str) -> Ranges | None:
        """Those of the file `name` of an export; None where there are none that can be read."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = path_of(folder, name)
        try:
            said = pq.read_metadata(path).metadata or {}
        except (OSError, pa.ArrowException):
            return None
        if UNIT not in said or SHA256 not in said:
            return None
        return cls(path, said[UNIT].decode(), said[SHA256].decode())
