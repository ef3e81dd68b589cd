"""Where a format writes to: one file, or several one after another, counted and hashed, with a note for each post.

A format hands over its posts with the bytes that each became (`Sink.posts`), or with what stands for them in a table
(`Sink.rows`). So where each post stands is known without anybody reading the file again (`curation.exports.ranges`).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from curation.exports.base import joined
from curation.exports.ranges import BYTES, RangesWriter

if TYPE_CHECKING:
    from pathlib import Path


class Post(NamedTuple):
    """A post in a file. `characters` are the code points of its text as the recipe left it."""

    platform: str
    id: str
    author: str
    characters: int


#: SQL: the columns of `Kept` that a `Post` is made of, in its order.
POST = "platform, id, author, length(text)::INTEGER"


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

    def posts(self, posts: Sequence[Post | None], pieces: Sequence[bytes]) -> None:
        """Write one piece after another, each of them what a post became, or None's: what is between posts."""
        self._note(posts, list(map(len, pieces)), self._bytes, BYTES)
        self.write(b"".join(pieces))

    def rows(self, posts: Sequence[Post], begin: int, unit: str, lengths: Sequence[int] | None = None) -> None:
        """Note posts of which another library writes the bytes.

        The first begins at `begin`, in the file's own `unit`, such as rows, of which each has one unless told.
        """
        self._note(posts, lengths or [1] * len(posts), begin, unit)

    def wrote(self, posts: int) -> None:
        """Say that these many posts more have been written."""
        self._tick(posts)

    def turn(self) -> None:
        """Go on in the next file, of those that `Export.names` said. Only what is shown and not kept has just one."""

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

    def _note(self, posts: Sequence[Post | None], lengths: Sequence[int], begin: int, unit: str) -> None:
        """Note where posts stand; here nobody asks."""


@dataclass(frozen=True)
class Written:
    """A file that is complete, under its name in the folder of the export."""

    name: str
    sha256: str
    figures: tuple[int, int]  # posts that were noted, each as often as it stands there, and characters, as exported
    bytes: int


@dataclass
class Files:
    """The files of one format and split, under their names in a folder, and beside them where each post stands."""

    folder: Path
    names: Sequence[str]
    tick: Callable[[int], None]
    written: list[Written] = field(default_factory=list)

    def sink(self) -> FilesSink:
        """The sink that fills them; `close` it."""
        return FilesSink(self)


class FilesSink(Sink):
    """A sink that goes from file to file."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._ranges: RangesWriter | None = None
        self._open(0)

    def turn(self) -> None:
        """Finish the file and begin the next one."""
        self.close()
        self._open(len(self._files.written))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
        ranges = self._ranges
        if ranges:
            ranges.close(self.sha256)
        figures = (ranges.posts, joined(ranges.posts, ranges.characters)) if ranges else (0, 0)
        self._files.written.append(Written(self._name, self.sha256, figures, self.tell()))

    def abort(self) -> None:
        """Let go of what is open."""
        self._file.close()
        if self._ranges:
            self._ranges.abort()

    def _open(self, number: int) -> None:
        self._name = self._files.names[number]
        path = self._files.folder / self._name
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path.open("wb"), self._files.tick)
        self._ranges = None

    def _note(self, posts: Sequence[Post | None], lengths: Sequence[int], begin: int, unit: str) -> None:
        if self._ranges is None:
            self._ranges = RangesWriter(self._files.folder, self._name, unit)
        ends = list(itertools.accumulate(lengths, initial=begin))
        if None in posts:
            noted = [(post, *place) for post, *place in zip(posts, ends, ends[1:], strict=False) if post]
            self._ranges.add([each[0] for each in noted], [each[1] for each in noted], [each[2] for each in noted])
        else:
            self._ranges.add(posts, ends[:-1], ends[1:])
