"""The file that a format writes to, or several one after another. A sink counts, hashes, and notes where posts stand.

A format hands over columns of posts (`Sink.column`, `Sink.table`), or posts by their numbers in the table `kept`, with
the bytes of each (`Sink.posts`) or with their places in a file that another library writes (`Sink.rows`). So the ranges
(`curation.disk.ranges`) need no second reading.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from curation.disk.ranges import BYTES, RangesWriter

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


class Sink:
    """A binary file that counts and hashes what is written to it; Arrow takes it for a file."""

    def __init__(self, file: IO[bytes], tick: Callable[[int], None]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._tick = tick
        self._bytes = 0
        self.closed = False

    def write(self, data: Any) -> int:
        """Write bytes."""
        self._hash.update(data)
        written = self._file.write(data)
        self._bytes += written
        return written

    def posts(self, posts: Sequence[int | None], pieces: Sequence[bytes]) -> None:
        """Write pieces one after another. Each is a post's bytes; those of None stand between posts."""
        self._note(posts, list(map(len, pieces)), self._bytes, BYTES)
        self.write(b"".join(pieces))

    def column(self, batch: pa.RecordBatch) -> None:
        """Write the column `piece` of some posts, each a post's bytes, and report them as written.

        The other columns are `post`, `platform`, `id`, `author` and `characters`.
        """
        lengths, data = _pieces(batch.column("piece"))
        self._note_named(batch, lengths, self._bytes, BYTES)
        self.write(data)
        self.wrote(batch.num_rows)

    def table(self, rows: pa.Table, begin: int, unit: str) -> None:
        """Note posts, with these columns, that another library writes a row each, and report them as written."""
        import numpy as np

        self._note_named(rows, np.ones(rows.num_rows, dtype=np.int64), begin, unit)
        self.wrote(rows.num_rows)

    def rows(self, posts: Sequence[int], begin: int, unit: str, lengths: Sequence[int] | None = None) -> None:
        """Note posts whose bytes another library writes.

        The first begins at `begin`, in the file's own `unit`, such as rows. Without `lengths` each post has one.
        """
        self._note(posts, lengths or [1] * len(posts), begin, unit)

    def wrote(self, posts: int) -> None:
        """Report that many more posts as written."""
        self._tick(posts)

    def turn(self) -> None:
        """Go on in the next of the files of `Export.names`. A preview has just one."""

    def tell(self) -> int:
        """Bytes written."""
        return self._bytes

    def flush(self) -> None:
        """Hand what is buffered to the operating system."""
        self._file.flush()

    @property
    def sha256(self) -> str:
        """SHA-256 of all that was written, in hexadecimal."""
        return self._hash.hexdigest()

    def _note(self, posts: Sequence[int | None], lengths: Sequence[int], begin: int, unit: str) -> None:
        """Note where posts stand; a preview doesn't."""

    def _note_named(self, rows: pa.RecordBatch | pa.Table, lengths: np.ndarray, begin: int, unit: str) -> None:
        """The same for posts with their names."""


@dataclass(frozen=True)
class Written:
    """A complete file under its name in the folder of the export. Its ranges don't have the names of posts yet."""

    name: str
    sha256: str
    bytes: int
    ranges: RangesWriter | None  # of its posts, if any were noted


class FilesSink(Sink):
    """Fills the files of one format and split, one after another, and notes beside each where its posts stand.

    They get their `names` in a `folder`; `close` the last one. `written` are the complete ones.
    """

    def __init__(self, folder: Path, names: Sequence[str], tick: Callable[[int], None]) -> None:
        self._folder, self._names = folder, names
        self._tick = tick
        self.written: list[Written] = []
        self._open()

    def turn(self) -> None:
        """Finish the file and begin the next one."""
        self.close()
        self._open()

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
        if self._ranges:
            self._ranges.close(self.sha256)
        self.written.append(Written(self._name, self.sha256, self.tell(), self._ranges))

    def abort(self) -> None:
        """Let go of what is open."""
        self._file.close()
        if self._ranges:
            with contextlib.suppress(OSError):
                self._ranges.close("")

    def _open(self) -> None:
        self._name = self._names[len(self.written)]
        path = self._folder / self._name
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path.open("wb"), self._tick)
        self._ranges: RangesWriter | None = None

    def _note(self, posts: Sequence[int | None], lengths: Sequence[int], begin: int, unit: str) -> None:
        self._writer(unit).add(posts, lengths, begin)

    def _note_named(self, rows: pa.RecordBatch | pa.Table, lengths: np.ndarray, begin: int, unit: str) -> None:
        self._writer(unit).add_named(rows, lengths, begin)

    def _writer(self, unit: str) -> RangesWriter:
        if self._ranges is None:
            self._ranges = RangesWriter(self._folder, self._name, unit)
        return self._ranges


def _pieces(column: pa.Array[Any]) -> tuple[np.ndarray, memoryview]:
    """The lengths of texts in bytes, and their bytes one after another."""
    import numpy as np

    _, positions, data = column.buffers()
    kind = np.int64 if str(column.type) == "large_string" else np.int32
    ends = np.frombuffer(memoryview(positions or b""), kind)[column.offset : column.offset + len(column) + 1]
    return np.diff(ends).astype(np.int64), memoryview(data or b"")[int(ends[0]) : int(ends[-1])]
