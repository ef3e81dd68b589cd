"""Bytes as streams: pieces one after the other, a part of a file, a stream that ends where it breaks, unpacked zstd."""

from __future__ import annotations

import io
import lzma
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Protocol

from curation.errors import InputError

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: Bytes of the largest window that `zstd --long=31` packs with, as dumps of whole sites are.
_WINDOW = 1 << 31
#: Packed bytes to unpack at once. The densest block makes 128 KiB of four bytes, so this bounds the memory.
_PIECE = 4096


class Readable(Protocol):
    """Fills a buffer with bytes: a file, or an unpacker."""

    def readinto(self, buffer: Buffer, /) -> int | None:
        """Fill the buffer; the number of bytes, 0 at the end."""


class OnDisk(Protocol):
    """An open file on the disk."""

    def fileno(self) -> int:
        """The number by which the system knows it."""


class GuardedStream(io.RawIOBase):
    """Passes bytes on. Where reading breaks, the stream ends, and `ended_early` is the reason.

    It also ends after more than `limit` bytes, for the reason `excess`.
    """

    def __init__(self, inner: Readable, limit: int | None, excess: str) -> None:
        # One piece at a time: to fill a whole buffer, an unpacker drops what it has when the next piece is broken.
        self._read_into: Callable[[Buffer], int | None] = getattr(inner, "readinto1", inner.readinto)
        self._limit, self._excess = limit, excess
        self.given = 0
        self.ended_early: str | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        if self.ended_early:
            return 0
        try:
            count = self._read_into(buffer) or 0
        except EOFError:
            self.ended_early = "the compressed file is cut off"
            return 0
        except InputError as error:
            self.ended_early = str(error)
            return 0
        except (zlib.error, lzma.LZMAError, OSError) as error:
            self.ended_early = f"it can't be read further ({error})"
            return 0
        self.given += count
        if self._limit is not None and self.given > self._limit:
            self.ended_early = self._excess
            return 0
        return count


class Chunks(io.RawIOBase):
    """Pieces of bytes as a stream. Reading raises what they raise, every time."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._ready = memoryview(b"")
        self._failure: InputError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        while not self._ready:
            if self._failure:
                raise self._failure
            try:
                piece = next(self._chunks, None)
            except InputError as error:
                self._failure = error
                raise
            if piece is None:
                return 0
            self._ready = memoryview(piece)
        target = memoryview(buffer)
        count = min(len(target), len(self._ready))
        target[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count


class Section(io.RawIOBase):
    """A part of a file on the disk as a file of its own, with its own position; the file may have no name."""

    def __init__(self, disk: OnDisk, begin: int, size: int) -> None:
        self._disk = disk  # keeps it open
        self._begin, self._size, self._at = begin, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def part(self, begin: int, size: int) -> Section:
        """A part of it."""
        return Section(self._disk, self._begin + begin, size)

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def readinto(self, buffer: Buffer) -> int:
        target = memoryview(buffer)
        size = min(len(target), max(0, self._size - self._at))
        piece = os.pread(self._disk.fileno(), size, self._begin + self._at)
        target[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def unpacked_zstd(stream: BinaryIO) -> Iterator[bytes]:
    """The unpacked bytes. Raises `EOFError` where the file is cut off, `OSError` where it is damaged.

    `zstandard`'s own reader ends silently where a file is cut off. Reading frame by frame shows the missing end.
    """
    import zstandard

    rest, begun = b"", False
    unpack = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj
    frame = unpack()
    try:
        while piece := rest or stream.read(_PIECE):
            rest, begun = b"", True
            text = frame.decompress(piece)
            if text:
                yield text
            if frame.eof:
                rest, frame, begun = frame.unused_data, unpack(), False
    except zstandard.ZstdError as error:
        raise OSError(str(error)) from error
    if begun:
        raise EOFError
