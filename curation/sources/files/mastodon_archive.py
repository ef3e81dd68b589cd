"""The archive that Mastodon sends: its `outbox.json` and `actor.json`, and nothing else of it.

Until 4.1 it is a `.tar.gz`, since then a `.zip`; both hold pictures, likes and bookmarks as well, which stay
unread. A tar is gone over twice, because the actor stands behind the outbox in it. Whoever unpacked the
archive gives the `outbox.json`, and the `actor.json` beside it is found.

Nothing is unpacked onto the disk. The zip is guarded as an X archive is (`archive_files`); a tar with links
or with names that climb out of it is refused as well, and what a packed stream may grow to is bounded where
it is opened (`input_files`).
"""

from __future__ import annotations

import dataclasses
import io
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.errors import InputError
from curation.sources.base import Rejected
from curation.sources.files.archive_files import CHUNK, Member, open_zip
from curation.sources.files.input_files import opened
from curation.sources.files.json_records import JsonRecords, parse
from curation.sources.files.text_encoding import decode_head
from curation.sources.records.not_a_post import NotAPost

if TYPE_CHECKING:
    from curation.sources.files.input_files import InputFile, Opened

OUTBOX, ACTOR = "outbox.json", "actor.json"

#: Bytes of an actor.json that are read at most; real ones have a few thousand.
LARGEST_ACTOR = 1 << 20
#: Bytes before the list of posts that are looked through for it.
_PREAMBLE = 1 << 16
#: Bytes at the end that may hold what closes the outbox.
_CLOSING = 256

_LIST = re.compile(rb'\A\s*(?:\xef\xbb\xbf)?\s*\{.*?"orderedItems"\s*:\s*(?=\[)', re.DOTALL)
_COLLECTION = re.compile(rb'"type"\s*:\s*"OrderedCollection(?:Page)?"')
_ADDRESSES = re.compile(rb'\[\s*"')
_END = re.compile(rb"\}\s*\Z")

#: Bytes asked of a tar at once: what it gave is kept when the next piece proves to be damaged.
_TAR_PIECE = 4096
#: What `tarfile` raises.
_DAMAGE = (tarfile.TarError, EOFError, OSError, ValueError, OverflowError)

Chunks = Iterator[bytes]


@dataclass(frozen=True)
class Outbox:
    """An outbox that was found, and whose it is."""

    name: str  # of the file or of the archive's member
    actor: Mapping[str, Any] | None
    chunks: Callable[[Opened], Chunks]  # its bytes; raises InputError where they are damaged

    def records(self, source: Opened) -> JsonRecords:
        """Its activities."""
        return _Activities(source, _list_of(self.chunks(source)), self.name)


def find_outbox(file: InputFile, head: bytes, *, must: bool) -> Outbox | None:
    """The outbox in a file that begins with `head`; None if it is no archive of Mastodon's.

    Raises `InputError` if it `must` be one and isn't, and for an archive that was made to harm.
    """
    found = None
    if head.startswith(b"PK\x03\x04") and (must or zipfile.is_zipfile(file.path)):
        found = _in_zip(file)
    elif head[257:262] == b"ustar":
        found = _in_tar(file)
    elif outbox := _LIST.match(head[:_PREAMBLE]):
        if _ADDRESSES.match(head, outbox.end()):
            raise InputError(
                f"{file.path} holds addresses only (likes or bookmarks), no posts. The posts of a Mastodon archive "
                f"stand in its {OUTBOX}."
            )
        if must or _COLLECTION.search(head):
            beside = file.path.with_name(ACTOR)
            actor = _actor(beside.read_bytes()) if _is_small_file(beside) else None
            found = Outbox(file.name, actor, lambda source: _pieces(source.stream))
    if must and not found:
        raise InputError(
            f"{file.path} holds no {OUTBOX}. Give the archive that Mastodon sends (.zip or .tar.gz), or the {OUTBOX} "
            "out of it."
        )
    return found


def _in_zip(file: InputFile) -> Outbox | None:
    archive, members = open_zip(file.path, _is_wanted)
    with archive:
        outbox, actor = (_first(members, name) for name in (OUTBOX, ACTOR))
        if outbox is None:
            return None
        described = None
        if actor and actor.size <= LARGEST_ACTOR:
            try:
                described = _actor(b"".join(actor.chunks()))
            except InputError:
                described = None  # the posts name their author as well
    return Outbox(outbox.name, described, lambda _: _unzipped(file, outbox.name))


def _unzipped(file: InputFile, name: str) -> Chunks:
    archive, members = open_zip(file.path, lambda member: member == name)
    with archive:
        yield from members[0].chunks()


def _in_tar(file: InputFile) -> Outbox | None:
    found: dict[str, str] = {}
    actor = None
    with opened(file) as source:
        try:
            for member, stream in _tarred(file, source):
                base = _base(member.name)
                if base in found:
                    continue
                found[base] = member.name
                if base == ACTOR and member.size <= LARGEST_ACTOR:
                    actor = _actor(stream.read(LARGEST_ACTOR))
        except _DAMAGE:
            pass  # what stands before the damage is read, and the damage is told then
    if OUTBOX not in found:
        return None
    return Outbox(found[OUTBOX], actor, lambda again: _untarred(file, again, found[OUTBOX]))


def _untarred(file: InputFile, source: Opened, name: str) -> Chunks:
    try:
        for member, stream in _tarred(file, source):
            if member.name == name:
                yield from _pieces(stream, _TAR_PIECE)
                return
    except _DAMAGE as error:
        raise InputError(source.ended_early or f"the tar archive is damaged ({error})") from error


def _tarred(file: InputFile, source: Opened) -> Iterator[tuple[tarfile.TarInfo, Any]]:
    """The wanted members of a tar, in their order; the caller reads one before it asks for the next.

    Raises one of `_DAMAGE`, and so does reading a member.
    """
    with tarfile.open(fileobj=source.stream, mode="r|") as archive:
        for member in archive:
            _refuse_climbing(file, member)
            if member.isreg() and _is_wanted(member.name.removeprefix("./")):
                yield member, archive.extractfile(member)


def _refuse_climbing(file: InputFile, member: tarfile.TarInfo) -> None:
    name = member.name
    if member.issym() or member.islnk() or name.startswith("/") or "\\" in name or ".." in name.split("/"):
        raise InputError(
            f"{file.path} is refused: its member {name[:200]!r} leads out of the archive's own folder. No archive "
            "that Mastodon makes does that, so somebody tampered with this one: get it again from its origin."
        )


def _is_wanted(name: str) -> bool:
    """The two files, in the archive itself or in one folder in it."""
    return _base(name) in (OUTBOX, ACTOR) and name.count("/") <= 1


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _first(members: list[Member], name: str) -> Member | None:
    fitting = [member for member in members if _base(member.name) == name]
    return min(fitting, key=lambda member: member.name.count("/")) if fitting else None


def _is_small_file(path: Any) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST_ACTOR
    except OSError:
        return False


def _actor(data: bytes) -> Mapping[str, Any] | None:
    try:
        described = parse(decode_head(data))
    except NotAPost:
        return None
    return described if isinstance(described, dict) else None


def _pieces(stream: Any, size: int = CHUNK) -> Chunks:
    while piece := stream.read(size):
        yield piece


def _list_of(chunks: Chunks) -> Chunks:
    """The list in an outbox, with blanks before it, so that lines and bytes are counted as in the file."""
    held, opening, damage = b"", None, None
    try:
        for chunk in chunks:
            held += chunk
            if opening is None and len(held) >= _PREAMBLE:
                held, opening = _opened(held)
            if opening is not None:
                yield held[:-_CLOSING]
                held = held[-_CLOSING:]
    except InputError as error:
        damage = error  # told behind what was there before it
    if opening is None:
        held, opening = _opened(held)
    yield _END.sub(b"", held) if opening and not damage else held
    if damage:
        raise damage


def _opened(begin: bytes) -> tuple[bytes, bool]:
    """The beginning of an outbox with blanks before the list, and whether there is one."""
    opening = _LIST.match(begin[:_PREAMBLE])
    if not opening:
        return begin, False
    return re.sub(rb"[^\n]", b" ", begin[: opening.end()]) + begin[opening.end() :], True


class _Activities(JsonRecords):
    """The activities of an outbox."""

    def __init__(self, source: Opened, chunks: Chunks, name: str) -> None:
        self._stream = _Stream(chunks)
        reader = io.BufferedReader(self._stream, CHUNK)
        super().__init__(dataclasses.replace(source, stream=reader), b"", "items", name)

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]] | Rejected]:
        yield from super().__iter__()
        if self._stream.failure:
            self.ended_early = f"{self._stream.failure}; {self.ended_early or 'the rest is missing'}"


class _Stream(io.RawIOBase):
    """Chunks as a stream, which ends with a reason where they are damaged."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._ready = b""
        self.failure: str | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        while not self._ready:
            try:
                self._ready = next(self._chunks)
            except StopIteration:
                return 0
            except InputError as error:
                self.failure = str(error)
                return 0
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count
