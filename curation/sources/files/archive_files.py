"""Some files of a zip or a folder, chosen by name, and nothing else of it.

An archive that a platform sends holds far more than posts: private messages, the e-mail address, the phone number. So
the caller chooses names, and only those files are ever opened. Nothing is unpacked onto the disk. A zip with a name
that leads out of its folder was made to harm, and is refused all the same.
"""

from __future__ import annotations

import copy
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from curation.errors import DamagedInputError, InputError, UnreachedInputError
from curation.sources.files.byte_streams import Section
from curation.sources.files.kinds_of_file import is_compressed, kind_of_head
from curation.writing.terminal import count

#: Bytes in a chunk.
CHUNK = 1 << 18
#: A member of more bytes that unpacks to more than `TIGHTEST` times its size is a trap, not a text. Real archives
#: repeat the same names thousands of times and unpack to 10 to 40 times their size.
LARGE, TIGHTEST = 1_000_000_000, 200

#: Bytes to ask of a decompressor at once: if the next piece is damaged, those before it are kept.
_PIECE = 4096
#: Folders with files, below the given folder and below each of its subfolders.
_FOLDERS = ("", "data/", "js/", "tweets/", "js/tweets/", "data/js/tweets/")

_SUFFIXES = {
    ".csv": "a CSV table",
    ".tsv": "a table",
    ".json": "a JSON file",
    ".jsonl": "a JSON lines file",
    ".ndjson": "a JSON lines file",
    ".tar": "a tar archive",
    ".txt": "a text file",
}


@dataclass(frozen=True)
class Member:
    """A file of an archive."""

    name: str  # relative to the archive, with "/"
    size: int  # bytes, uncompressed, as the archive declares them
    chunks: Callable[[], Iterator[bytes]]  # its bytes; raises InputError where they are damaged


def others_in_zip(archive: zipfile.ZipFile, chosen: Collection[Member]) -> int:
    """Files of a zip besides the chosen ones."""
    return sum(not info.is_dir() for info in archive.infolist()) - len(chosen)


def open_zip(
    path: Path, choose: Callable[[list[str]], Iterable[str]], stream: Section | None = None
) -> tuple[zipfile.ZipFile, list[Member]]:
    """The zip, for the caller to close, and its chosen members, sorted by name.

    `choose` gets the names of all members; `stream` has the bytes if they are no file at `path`. Raises `InputError` if
    it is no zip, is incomplete or encrypted, or was made to harm.
    """
    try:
        file = zipfile.ZipFile(stream or path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise DamagedInputError(_why_no_zip(path, stream)) from error
    except OSError as error:
        raise InputError(f"{path} can't be opened: {error.strerror or error}.") from error
    try:
        for info in file.infolist():
            refuse_climbing(path, info.orig_filename, is_link=stat.S_ISLNK(info.external_attr >> 16))
        files = {info: _slashed(info.filename) for info in file.infolist() if not _slashed(info.filename).endswith("/")}
        chosen = frozenset(choose(list(files.values())))
        # Of two with one name the last counts, as for any unzip.
        infos = {name: info for info, name in files.items() if name in chosen}
        _refuse_unreadable(path, infos.values())
    except BaseException:
        file.close()
        raise
    return file, [Member(name, info.file_size, partial(_unpacked, file, info)) for name, info in sorted(infos.items())]


def _slashed(name: str) -> str:
    """The name of a member; old programs for Windows write backslashes between folders."""
    return name.replace("\\", "/")


def folder_members(folder: Path, is_readable: Callable[[str], bool]) -> tuple[list[Member], list[str]]:
    """The chosen files of a folder, and the names of links that lead out of it (never followed).

    They are those in the places of archives: in the folder or one of its subfolders, there in `data`, `data/js/tweets`
    and so on.
    """
    home = folder.resolve()
    members: dict[str, Member] = {}
    outside: set[str] = set()
    bases = [folder, *(entry for entry in _entries(folder, must=True) if entry.is_dir())]
    for base in bases:
        for below in _FOLDERS:
            for file in _entries(base / below):
                name = file.relative_to(folder).as_posix()
                if name in members or not is_readable(name):
                    continue
                if not file.resolve().is_relative_to(home):
                    outside.add(name)
                elif file.is_file():  # and no pipe, which would wait for ever
                    members[name] = file_member(file, name)
    return [members[name] for name in sorted(members)], sorted(outside)


def _entries(folder: Path, must: bool = False) -> list[Path]:
    """The entries of a folder, sorted; none if it is no folder or, unless it `must`, can't be read."""
    try:
        return sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        if must:
            raise InputError(f"{folder} can't be read: {error.strerror or error}.") from error
        return []


def file_member(path: Path, name: str) -> Member:
    """A file on the disk as a member."""
    return Member(name, path.stat().st_size, lambda: _read(path))


def what_is(path: Path) -> str:
    """The apparent kind of a file with its article: "a PNG picture"; "a file of an unknown kind"."""
    with path.open("rb") as file:
        begin = file.read(512)
    if not begin:
        return "an empty file (0 bytes)"
    if packed := is_compressed(begin):
        return f"a {packed} file"
    if kind := kind_of_head(begin, path.name):
        return kind.what
    return _SUFFIXES.get(path.suffix.lower(), "a file of an unknown kind")


def _read(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except OSError as error:
        raise InputError(f"it can't be read ({error.strerror or error})") from error


def _unpacked(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The member's bytes. All bytes before a damaged place come before the `InputError` about it."""
    unchecked = copy.copy(info)
    # zipfile withholds the last piece if the checksum is wrong; so the check is made here.
    del unchecked.CRC
    checksum, length, gathered, damage = 0, 0, bytearray(), None
    try:
        with file.open(unchecked) as stream:
            assert isinstance(stream, zipfile.ZipExtFile)
            while True:
                piece = stream.read1(_PIECE)
                gathered += piece
                if len(gathered) >= CHUNK or not piece:
                    checksum, length = zlib.crc32(gathered, checksum), length + len(gathered)
                    if gathered:
                        yield bytes(gathered)
                    gathered.clear()
                if not piece:
                    break
    except (zlib.error, zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        damage = f"its compressed data are damaged ({str(error) or 'they end too early'})"
    if gathered:
        yield bytes(gathered)
    if damage is None and length < info.file_size:
        damage = f"its compressed data end too early ({length:,} of {count(info.file_size, 'byte')})"
    if damage is None and checksum != info.CRC:
        damage = "its checksum is wrong, so something in it was damaged"
    if damage:
        raise InputError(damage)


def refuse_climbing(path: Path, name: str, *, is_link: bool) -> None:
    """Raise `InputError` for a member that is a link or whose name leads out of its archive's folder."""
    climbs = (
        is_link
        or _slashed(name).startswith("/")
        or "\0" in name
        or re.match(r"[A-Za-z]:", name)
        or ".." in _slashed(name).split("/")
    )
    if climbs:
        raise InputError(
            f"{path} is refused: its member {name[:200]!r} leads out of the archive's own folder. No archive that "
            "a platform makes does that, so somebody tampered with this one: get it again from its origin."
        )


def _refuse_unreadable(path: Path, infos: Collection[zipfile.ZipInfo]) -> None:
    for info in infos:
        if info.flag_bits & 1:
            raise UnreachedInputError(
                f"{path} is encrypted: {info.filename} needs a password. Unpack it with the password and "
                "give the folder instead."
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnreachedInputError(
                f"{path} packs {info.filename} by a method that is not understood here (number "
                f"{info.compress_type}). Unpack it with the program that made it and give the folder instead."
            )
    sizes = [(info.filename, info.compress_size, info.file_size) for info in infos]
    sizes.append(("what is to be read of it", sum(size[1] for size in sizes), sum(size[2] for size in sizes)))
    for name, packed, size in sizes:
        if size > LARGE and size > TIGHTEST * packed:
            raise InputError(
                f"{path} is refused: {name} would grow from {packed:,} to {size:,} bytes, more than "
                f"{TIGHTEST} times its packed size. No text packs that tightly: it is made to fill memory."
            )


def _why_no_zip(path: Path, stream: Section | None) -> str:
    if stream:
        stream.seek(0)
        what = (
            "an archive of several files and this is one of them: unpack it with the program that made it"
            if stream.read(4) == b"PK\x07\x08"
            else "not a complete zip (its end is missing): download it again"
        )
        return f"{path} is {what}."
    with path.open("rb") as file:
        begin = file.read(4)
    if begin.startswith(b"PK"):
        return f"{path} is not a complete zip (its end is missing): download it again."
    return f"{path} is not a zip but {what_is(path)}."
