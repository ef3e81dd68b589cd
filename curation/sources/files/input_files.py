"""Finding and opening the files that were named: folders, compression, and files of another kind.

A stream that breaks (a cut download, a disk error, a decompression bomb) ends like any other stream and says
so in `Opened.ended_early`, so that every reader lands what came before without knowing about it.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import stat
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from curation.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

#: Endings that are looked for in a folder, each also with `.gz`, `.bz2` or `.xz` behind it.
ENDINGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
COMPRESSIONS = (".gz", ".bz2", ".xz")

#: Bytes that are looked at to recognise a file.
HEAD_BYTES = 1 << 18

#: Posts compress about ten to one. A file that unpacks to more than this many times its size, and to more
#: than `BOMB_BYTES`, is not a file of posts.
BOMB_RATIO = 250
BOMB_BYTES = 256 << 20

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a sound, video or WebP picture"),
    (b"%PDF", "a PDF document"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a file compressed with zstd; unpack it with `zstd -d` first"),
)


@dataclass(frozen=True)
class InputFile:
    """A file to read."""

    path: Path
    size: int  # bytes on disk
    named: bool = True  # False: found in a folder that was named

    @property
    def name(self) -> str:
        """Base name, as it stands in messages and in `source_file`."""
        return self.path.name


@dataclass
class Opened:
    """An open file: what it unpacks to, and how far it has been read."""

    stream: BinaryIO
    _disk: BinaryIO
    _guard: _Guard

    @property
    def position(self) -> int:
        """Bytes of the file on disk read so far."""
        return self._disk.tell()

    @property
    def ended_early(self) -> str | None:
        """Why the stream ended before its end; None while it has not."""
        return self._guard.ended_early


class _Guard(io.RawIOBase):
    """Passes bytes on, and turns whatever breaks into an end of the stream with a reason."""

    def __init__(self, inner: BinaryIO, limit: int | None) -> None:
        # One piece at a time: asked for a whole buffer, an unpacker drops what it has when the next piece is broken.
        self._read_into = getattr(inner, "readinto1", inner.readinto)
        self._limit, self._given = limit, 0
        self.ended_early: str | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        if self.ended_early:
            return 0
        try:
            count = self._read_into(buffer) or 0
        except EOFError:
            self.ended_early = "the compressed file is cut off"
            return 0
        except (zlib.error, lzma.LZMAError, OSError) as error:
            self.ended_early = f"it can't be read further ({error})"
            return 0
        self._given += count
        if self._limit is not None and self._given > self._limit:
            self.ended_early = (
                f"it unpacks to more than {BOMB_RATIO} times its size, which no file of posts does; "
                "unpack it yourself if it is one"
            )
            return 0
        return count


@contextlib.contextmanager
def opened(file: InputFile) -> Iterator[Opened]:
    """Open a file for reading, unpacked. Raises `InputError`."""
    try:
        disk = file.path.open("rb", buffering=0)
    except OSError as error:
        raise InputError(f"Can't read {file.path}: {error.strerror}.") from error
    with disk:
        unpackers = {".gz": gzip.GzipFile, ".bz2": bz2.BZ2File, ".xz": lzma.LZMAFile}
        unpack = unpackers.get(_compression(file.path))
        inner = disk
        if unpack is gzip.GzipFile:
            inner = gzip.GzipFile(fileobj=disk, mode="rb")
        elif unpack:
            inner = unpack(disk)
        limit = max(BOMB_BYTES, BOMB_RATIO * file.size) if unpack else None
        guard = _Guard(inner, limit)
        yield Opened(io.BufferedReader(guard, 1 << 18), disk, guard)


def head_of(file: InputFile) -> tuple[bytes, str | None]:
    """The first `HEAD_BYTES` bytes, unpacked, and why there are no more if the stream broke within them."""
    with opened(file) as source:
        return source.stream.read(HEAD_BYTES), source.ended_early


def find(paths: Sequence[Path]) -> list[InputFile]:
    """The files that `paths` name; of a folder, those directly in it whose names end as posts' files do.

    A file that is named twice is read once. Raises `InputError` for a path that isn't there or can't be read.
    """
    found: dict[Path, InputFile] = {}
    for path in paths:
        mode = _mode(path)
        if stat.S_ISREG(mode):
            members, named = [path], True
        elif stat.S_ISDIR(mode):
            members, named = _members(path), False
        else:
            raise InputError(f"{path} is neither a file nor a folder.")
        for member in members:
            if not os.access(member, os.R_OK):
                raise InputError(f"Can't read {member}: permission denied.")
            found.setdefault(member.resolve(), InputFile(member, member.stat().st_size, named))
    return list(found.values())


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError as error:
        near = path.parent
        why = f"There is no {path}." if near.is_dir() else f"There is no {path}: {near} doesn't exist."
        raise InputError(f"{why} Give the path of a file of posts, or of a folder with such files.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"Can't read {path}: {getattr(error, 'strerror', None) or error}.") from error


def _members(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f"Can't read the folder {folder}: {error.strerror}.") from error
    members = [p for p in inside if _ending(p) in ENDINGS and p.is_file() and not p.name.startswith(".")]
    if members:
        return members
    archive = any(p.name == "data" and p.is_dir() for p in inside)
    hint = f" If it is an unpacked X archive: curation collect x-archive {folder}" if archive else ""
    raise InputError(
        f"There is no file of posts directly in {folder}; looked for {', '.join(ENDINGS)} "
        f"(also with {', '.join(COMPRESSIONS)} behind it).{hint}"
    )


def _compression(path: Path) -> str:
    ending = path.suffix.lower()
    return ending if ending in COMPRESSIONS else ""


def _ending(path: Path) -> str:
    bare = path.with_suffix("") if _compression(path) else path
    return bare.suffix.lower()


def ending_of(file: InputFile) -> str:
    """The ending of a file's name, in small letters, without that of a compression: `.csv`."""
    return _ending(file.path)


def other_kind(file: InputFile, head: bytes) -> str | None:
    """What a file is that holds no text to read, and the way on; None for one that may hold posts."""
    if head.startswith(b"PK\x03\x04"):
        if b"[Content_Types].xml" in head or b"mimetypeapplication/vnd.oasis" in head:
            return "an Office document; save the sheet as CSV (UTF-8) and collect that"
        return f"a zip; an X archive is read with: curation collect x-archive {file.path}"
    if head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")):
        return f"a compressed file; its name should end with one of {', '.join(COMPRESSIONS)}"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[257:262] == b"ustar":
        return "a tar archive; unpack it first"
    start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if start.startswith((b"<?xml", b"<rss", b"<feed")):
        return "an XML document"
    if start.startswith((b"window.ytd.", b"grailbird.data.")):
        return "a file out of an X archive; give the whole archive: curation collect x-archive FOLDER"
    if any(line.strip() == b"[[rule]]" for line in head.splitlines()):
        return f"a recipe; run it with: curation run {file.path}"
    return None
