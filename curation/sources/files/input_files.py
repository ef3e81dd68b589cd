"""Opening the files that posts are read from, unpacked: on the disk, in a container, or from standard input.

The first bytes of a file tell its compression, whatever its name. A stream that breaks (a cut download, a disk error, a
decompression bomb) ends like any other stream, and `Opened.ended_early` says why. No reader has to know about it: each
lands what came before.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from curation.errors import DamagedInputError, InputError, UnreachedInputError
from curation.sources.files.byte_streams import Chunks, GuardedStream, Readable, unpacked_zstd
from curation.sources.files.encoding_names import Encoding
from curation.sources.files.kinds_of_file import is_compressed, is_tar, is_zip, kind_of_head
from curation.sources.files.recoding import Recoding

#: Endings of names that a compression adds.
COMPRESSIONS = (".gz", ".bz2", ".xz", ".zst")

#: Bytes by which a file is recognised.
HEAD_BYTES = 1 << 18

#: Posts compress about ten to one. A file that unpacks to more than `BOMB_RATIO` times its size, and to more than
#: `BOMB_BYTES`, is no file of posts.
BOMB_RATIO, BOMB_BYTES = 250, 256 << 20

#: Bytes of the largest temporary file, for a form that can't be read as a stream.
SPOOL_BYTES = 16 << 30

_BUFFER = 1 << 18


@dataclass(frozen=True)
class Content:
    """Bytes that are no file of their own on the disk: a member of a container, or standard input."""

    name: str  # base name, for its ending
    open: Callable[[], io.RawIOBase]  # the bytes from their beginning


@dataclass(frozen=True)
class InputFile:
    """A file to read."""

    path: Path  # as messages name it; of a member `outer.zip: inner.csv`
    size: int  # bytes, before they are unpacked
    named: bool = True  # False: found in a folder or in a container that was named
    content: Content | None = None  # None: the file at `path`
    label: str | None = None  # replaces the base name where that alone is ambiguous
    encoding: Encoding | None = None  # None: UTF-8, or another Unicode encoding that its beginning shows
    rival: Encoding | None = None  # fits its few bytes outside UTF-8 better than Windows-1252

    @property
    def name(self) -> str:
        """Base name, as in messages and in `source_file`."""
        # A name on the disk may hold bytes that are not UTF-8.
        return (self.label or self.path.name).encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    @property
    def base_name(self) -> str:
        """The name of the file itself, without its container."""
        return self.content.name if self.content else self.path.name


@dataclass
class Opened:
    """An open file: its unpacked bytes, and how far it has been read."""

    stream: BinaryIO
    _disk: BinaryIO | None
    _guard: GuardedStream
    _size: int = 0
    is_plain: bool = True  # not compressed
    recoding: Recoding | None = None  # makes UTF-8 of a file in another encoding

    @property
    def position(self) -> int:
        """Bytes read so far, of the file on the disk or of the packed member."""
        return self._disk.tell() if self._disk else min(self._guard.given, self._size)

    @property
    def ended_early(self) -> str | None:
        """Why the stream ended before its end; None while it has not."""
        return self._guard.ended_early


@contextlib.contextmanager
def open_input(file: InputFile) -> Iterator[Opened]:
    """Open a file for reading, unpacked. Raises `InputError`."""
    with contextlib.ExitStack() as stack:
        disk: io.FileIO | None = None
        inner: io.FileIO | io.BufferedReader[io.RawIOBase]
        packed: str | None = None
        if file.content:
            inner = content = stack.enter_context(io.BufferedReader(file.content.open(), _BUFFER))
            with contextlib.suppress(InputError, OSError):  # reading the stream meets it again
                packed = is_compressed(content.peek(16)[:16])
        else:
            inner = disk = stack.enter_context(_on_disk(file))
            packed = is_compressed(_first(file, disk))
        limit = max(BOMB_BYTES, BOMB_RATIO * file.size) if packed else None
        excess = (
            f"it unpacks to more than {BOMB_RATIO} times its size, which no file of posts does; "
            "unpack it yourself if it is one"
        )
        guard = GuardedStream(_unpacked(packed, inner) if packed else inner, limit, excess)
        stream: BinaryIO = io.BufferedReader(guard, _BUFFER)
        recoding: Recoding | None = None
        if file.encoding:
            recoding = Recoding(stream, file.encoding)
            stream = io.BufferedReader(Chunks(recoding), _BUFFER)
        yield Opened(stream, disk, guard, file.size, not packed, recoding)


def _on_disk(file: InputFile) -> io.FileIO:
    try:
        return file.path.open("rb", buffering=0)
    except OSError as error:
        raise DamagedInputError(f"Can't read {file.path}: {error.strerror}.") from error


def _first(file: InputFile, disk: io.FileIO) -> bytes:
    try:
        begin = disk.read(16)
        disk.seek(0)
    except OSError as error:
        raise DamagedInputError(f"Can't read {file.path}: {error.strerror}.") from error
    return begin


def _unpacked(packed: str, inner: BinaryIO) -> Readable:
    if packed == "gzip":
        return gzip.GzipFile(fileobj=inner, mode="rb")
    if packed == "bzip2":
        return bz2.BZ2File(inner)
    return lzma.LZMAFile(inner) if packed == "xz" else Chunks(unpacked_zstd(inner))


def head_of(file: InputFile) -> tuple[bytes, str | None]:
    """The first `HEAD_BYTES` bytes, unpacked, and why the stream ended if it broke within them."""
    with open_input(file) as source:
        return source.stream.read(HEAD_BYTES), source.ended_early


def is_plain(file: InputFile) -> bool:
    """Whether the bytes of a file lie on the disk as they are. Raises `DamagedInputError`."""
    if file.content:
        return False
    with _on_disk(file) as disk:
        return not is_compressed(_first(file, disk))


def unpacked(file: InputFile) -> Iterator[bytes]:
    """The unpacked bytes of a file. Raises `DamagedInputError` behind the last one if they break off."""
    with open_input(file) as source:
        yield from iter(lambda: source.stream.read(_BUFFER), b"")
        if source.ended_early:
            raise DamagedInputError(f"Can't read {file.path}: {source.ended_early}.")


def seekable(file: InputFile) -> io.FileIO | io.BufferedRandom:
    """The unpacked bytes of a file as a seekable file, for the caller to close.

    Unless the file lies plain on the disk, this is a temporary file without a name that vanishes with the process.
    Raises `InputError` if it would take more than `SPOOL_BYTES`, or if the bytes break off.
    """
    return _on_disk(file) if is_plain(file) else laid_aside(unpacked(file), str(file.path))


def laid_aside(chunks: Iterable[bytes], what: str) -> io.BufferedRandom:
    """Bytes in a temporary file without a name, for the caller to close. Raises `InputError` for too many."""
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        gather(spool, chunks, what)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return spool


def gather(spool: BinaryIO, chunks: Iterable[bytes], what: str) -> int:
    """Write bytes to the end of a temporary file, and say how many. Raises `InputError` if it grows too large."""
    size, before = 0, spool.tell()
    try:
        for piece in chunks:
            size += len(piece)
            if before + size > SPOOL_BYTES:
                raise UnreachedInputError(
                    f"{what} has more than {SPOOL_BYTES >> 30} GiB to lay aside: unpack it, and give what comes of it."
                )
            spool.write(piece)
        spool.flush()
    except OSError as error:
        raise UnreachedInputError(
            f"{what} can't be laid aside in {tempfile.gettempdir()}: {error.strerror or error}."
        ) from error
    return size


def no_file(path: Path) -> str:
    """What to say of a pipe or a device, which would be waited for without end."""
    return f"{path} is neither a file nor a folder. Posts from a pipe: curation collect file - < {path}"


def compression_of(name: str) -> str:
    """The ending of a name that says its compression; empty if there is none."""
    ending = Path(name).suffix.lower()
    return ending if ending in COMPRESSIONS else ""


def bare_ending(name: str) -> str:
    """The ending of a name, in small letters, without that of a compression: `.csv`."""
    bare = name[: -len(added)] if (added := compression_of(name)) else name
    return Path(bare).suffix.lower()


def packed_too_deep(head: bytes) -> str | None:
    """What a file is that lies unpacked in two others and is packed still; None for any other."""
    if is_zip(head) or is_tar(head):
        return f"a {'zip' if is_zip(head) else 'tar'} inside two others"
    return "a compressed file inside a compressed file" if is_compressed(head) else None


def other_kind(file: InputFile, head: bytes) -> str | None:
    """What a file is that holds no text to read, and what to do; None for one that may hold posts."""
    kind = kind_of_head(head, file.base_name)
    return kind.sentence(file.path) if kind else None
