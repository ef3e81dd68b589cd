"""Where each post stands in an exported file: `.ranges/FILE.parquet` beside the files, one row a post and place.

- `platform`, `id` and `author` are those of the post;
- `begin` (inclusive) and `end` (exclusive) are in the file's unit: bytes, rows of a table, or tokens;
- `characters` are the code points of the post's text as the recipe left it;
- `part_of` is the id of the post to which a part of a thread was joined; both have the same place.

The metadata of the table hold the unit and the SHA-256 of the file; if the SHA-256 differs, ignore the ranges. The
folder is hidden, so a library that loads the folder of an export doesn't take it for training data.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curation.disk.publishing import remove_empty_folders
from curation.sql import arrow, literal

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

FOLDER = ".ranges"

BYTES, ROWS, TOKENS = "bytes", "rows", "tokens"

#: Ranges that are held in memory.
AT_ONCE = 65_536

UNIT, SHA256 = b"unit", b"sha256"


def path_of(folder: Path, name: str) -> Path:
    """Where the ranges of the file `name` of an export in `folder` lie."""
    return folder / FOLDER / f"{name}.parquet"


def remove(folder: Path, name: str) -> None:
    """Remove the ranges of the file `name`, if there are any, and folders that are empty then."""
    path = path_of(folder, name)
    if path.is_dir():  # somebody's mistake: the hidden folder is ours alone
        shutil.rmtree(path, ignore_errors=True)
    path.unlink(missing_ok=True)
    remove_empty_folders(folder, path)


def schema() -> pa.Schema:
    """The columns, in their order."""
    import pyarrow as pa

    # No Arrow dictionaries: a copy of one would keep the names of posts whose rows were left out.
    text = pa.string()
    columns: dict[str, pa.DataType] = {
        "platform": text, "id": text, "author": text, "begin": pa.int64(), "end": pa.int64(),
        "characters": pa.int32(), "part_of": text,
    }  # fmt: skip
    return pa.schema(columns)


#: SQL: the parts of threads that were joined to a post, each with its place.
PARTS = """
                UNION ALL
                SELECT ranges.platform, joined.id, author, begin, "end", 0, joined.first
                FROM ranges JOIN joined ON joined.platform = ranges.platform AND joined.first = ranges.id"""


class RangesWriter:
    """Writes the ranges of one file; the format calls it in the order of the file, always in the same way."""

    def __init__(self, folder: Path, name: str, unit: str) -> None:
        self.path = path_of(folder, name)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.unit = unit
        self._numbers = self.path.with_suffix(".numbers")
        self._writer: pq.ParquetWriter | None = None
        self._is_named = False
        self._waiting: list[pa.Table] = []
        self._rows = self.posts = 0  # waiting ones, and all; each post as often as it stands there

    def add(self, posts: Sequence[int | None], lengths: Sequence[int], begin: int) -> None:
        """Add neighbouring pieces of the file, the first at `begin`; a piece of no post has None."""
        import numpy as np
        import pyarrow as pa

        size = np.array(lengths, dtype=np.int64)
        ends = begin + np.cumsum(size)
        numbers = np.fromiter((-1 if post is None else post for post in posts), dtype=np.int64, count=len(posts))
        pieces = numbers >= 0
        columns = [arrow.numbers(each[pieces]) for each in (numbers, ends - size, ends)]
        self._add(pa.table(columns, ["post", "begin", "end"]))

    def add_named(self, posts: pa.RecordBatch | pa.Table, lengths: np.ndarray, begin: int) -> None:
        """Add neighbouring pieces of the file, the first at `begin`, with the names of their posts."""
        import numpy as np
        import pyarrow as pa

        self._is_named = True
        ends = begin + np.cumsum(lengths)
        nobody = pa.nulls(len(ends), pa.string())
        ranges = {"begin": arrow.numbers(ends - lengths), "end": arrow.numbers(ends), "part_of": nobody}
        columns = [ranges[name] if name in ranges else posts.column(name) for name in schema().names]
        self._add(pa.table(columns, schema=schema()))

    def close(self, sha256: str) -> None:
        """Complete the file, except for the names of the posts where they aren't there yet."""
        self._write()
        if self._writer:
            if self._is_named:
                self._writer.add_key_value_metadata({UNIT.decode(): self.unit, SHA256.decode(): sha256})
            self._writer.close()

    def _add(self, pieces: pa.Table) -> None:
        self._waiting.append(pieces)
        self._rows += len(pieces)
        self.posts += len(pieces)
        if self._rows >= AT_ONCE:
            self._write()

    def _write(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not self._waiting:
            return
        rows = pa.concat_tables(self._waiting)
        if self._writer is None:
            place = self.path if self._is_named else self._numbers
            names: Any = ["platform", "author"] if self._is_named else False  # each id stands there once
            self._writer = pq.ParquetWriter(place, rows.schema, compression="zstd", use_dictionary=names)
        self._writer.write_table(rows)
        self._waiting, self._rows = [], 0

    def name(self, connection: duckdb.DuckDBPyConnection, table: str, sha256: str) -> Ranges:
        """Replace numbers by posts, with a table and `joined` of `PostSnapshot`; `sha256` is that of the file."""
        parts, order = "", "begin"
        if connection.execute("SELECT 1 FROM joined LIMIT 1").fetchall():
            parts, order = PARTS, "begin, part_of NULLS FIRST, length(id), id"
        elif self._is_named:
            return Ranges(self.path, self.unit, sha256)
        if self._is_named:
            self.path.replace(self._numbers)
            ranges = f"SELECT * EXCLUDE part_of FROM read_parquet({literal(str(self._numbers))})"
        else:
            ranges = f"""
                    SELECT platform, id, author, begin, "end", length(text)::INTEGER AS characters
                    FROM read_parquet({literal(str(self._numbers))}) JOIN {table} USING (post)"""
        connection.execute(
            f"""
            COPY (
                WITH ranges AS ({ranges})
                SELECT *, NULL::VARCHAR AS part_of FROM ranges{parts}
                ORDER BY {order}
            ) TO {literal(str(self.path))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {AT_ONCE}, KV_METADATA {{
                {UNIT.decode()}: {literal(self.unit)}, {SHA256.decode()}: {literal(sha256)}
            }})
            """
        )
        self._numbers.unlink()
        return Ranges(self.path, self.unit, sha256)


@dataclass(frozen=True)
class Ranges:
    """The ranges of a file."""

    path: Path
    unit: str
    sha256: str  # of the file that they describe

    @classmethod
    def of(cls, folder: Path, name: str) -> Ranges | None:
        """The ranges of the file `name` of an export; None where there are none that can be read."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = path_of(folder, name)
        try:
            metadata = pq.read_metadata(path).metadata or {}
        except (OSError, pa.ArrowException):
            return None
        if UNIT not in metadata or SHA256 not in metadata:
            return None
        return cls(path, metadata[UNIT].decode(), metadata[SHA256].decode())

    def length(self) -> int:
        """Their total length, in their unit."""
        [(length,)] = _query(f'SELECT coalesce(sum("end" - begin), 0)::BIGINT FROM {_OWN}', self.path)
        return length

    def figures(self) -> tuple[int, int]:
        """Distinct posts, and the code points of their texts."""
        posts = f"SELECT DISTINCT platform, id, characters FROM {_OWN}"
        statement = f"SELECT count(*), coalesce(sum(characters), 0)::BIGINT FROM ({posts})"
        [(count, characters)] = _query(statement, self.path)
        return count, characters

    def without(self, gone: Sequence[tuple[int, int]], folder: Path, name: str, sha256: str) -> Ranges:
        """Write the ranges of the file into a folder without `gone` ones, which are in order and apart."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        begins, ends = np.array(gone, dtype=np.int64).reshape(-1, 2).T
        shorter = np.concatenate(([0], np.cumsum(ends - begins)))  # removed units after n gone ranges
        path = path_of(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetFile(self.path) as before, pq.ParquetWriter(path, schema(), compression="zstd") as writer:
            for batch in before.iter_batches(AT_ONCE):
                begin, end = (batch.column(column).to_numpy() for column in ("begin", "end"))
                stays = ~np.isin(begin, begins)
                less = shorter[np.searchsorted(begins, begin)]
                moved = {"begin": pa.array(begin - less), "end": pa.array(end - less)}
                columns = [moved.get(column.name, batch.column(column.name)) for column in batch.schema]
                kept = pa.RecordBatch.from_arrays(columns, schema=batch.schema).filter(pa.array(stays))
                writer.write_batch(kept.cast(schema()))
            writer.add_key_value_metadata({UNIT.decode(): self.unit, SHA256.decode(): sha256})
        return Ranges(path, self.unit, sha256)


#: SQL: the ranges of posts that are not parts of another post.
_OWN = "read_parquet(?) WHERE part_of IS NULL"


def _query(statement: str, path: Path) -> list[tuple[int, ...]]:
    from curation.sql import database

    with contextlib.closing(database.reader()) as connection:
        return connection.execute(statement, [str(path)]).fetchall()
