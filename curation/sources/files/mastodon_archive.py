"""The archive that Mastodon sends: its `outbox.json` and `actor.json`, and nothing else of it.

Until 4.1 it is a `.tar.gz`, since then a `.zip`; both hold pictures, likes and bookmarks as well, which stay unread
(`containers`). Whoever unpacked the archive gives the `outbox.json`, and the `actor.json` beside it is found.
"""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.errors import InputError
from curation.sources.base import Rejected
from curation.sources.files.archive_files import CHUNK, Member
from curation.sources.files.byte_streams import Chunks
from curation.sources.files.containers import ACTOR, OUTBOX, Container, is_container
from curation.sources.files.json_records import JsonRecords, parse
from curation.sources.files.ordered_items import KEY, ListFinder, begins_an_object
from curation.sources.files.text_encoding import decode_head
from curation.sources.records.not_a_post import NotAPost

if TYPE_CHECKING:
    from curation.sources.files.input_files import InputFile, Opened

#: Bytes of an actor.json that are read at most; real ones have a few thousand.
LARGEST_ACTOR = 1 << 20
#: Bytes at the end that may hold what closes the outbox.
_CLOSING = 256

_NO_BREAK = re.compile(rb"[^\n]")
_COLLECTION = re.compile(rb'"type"\s*:\s*"OrderedCollection(?:Page)?"')
_ADDRESS = re.compile(rb'\s*"')
_END = re.compile(rb"\}\s*\Z")

Pieces = Iterator[bytes]


@dataclass(frozen=True)
class Outbox:
    """An outbox that was found, and whose it is."""

    name: str  # of the file or of the archive's member
    actor: Mapping[str, Any] | None
    chunks: Callable[[Opened], Pieces]  # its bytes; raises InputError where they are damaged

    def records(self, source: Opened) -> JsonRecords:
        """Its activities."""
        return _Activities(source, _list_of(self.chunks(source)), self.name)


def find_outbox(file: InputFile, head: bytes, container: Container | None, *, must: bool) -> Outbox | None:
    """The outbox in a file that begins with `head`, or in its members; None if it is no archive of Mastodon's.

    Raises `InputError` if it `must` be one and isn't.
    """
    outbox = None
    if container:
        outbox = _in_container(container)
    elif not is_container(head):
        outbox = _in_text(file, head, must=must)
    if must and not outbox:
        raise InputError(
            f"{file.path} holds no {OUTBOX}. Give the archive that Mastodon sends (.zip or .tar.gz), or the {OUTBOX} "
            "out of it."
        )
    return outbox


def _in_text(file: InputFile, head: bytes, *, must: bool) -> Outbox | None:
    if not begins_an_object(head) or not (KEY in head or must or file.base_name.startswith("outbox.")):
        return None
    finder = ListFinder()
    begin = finder.look(head)
    if begin is not None and _ADDRESS.match(head, begin):
        raise InputError(
            f"{file.path} holds addresses only (likes or bookmarks), no posts. The posts of a Mastodon archive "
            f"stand in its {OUTBOX}."
        )
    if not must and not _COLLECTION.search(head):
        return None
    actor = None
    if not file.content:
        beside = file.path.with_name(ACTOR)
        actor = _actor(beside.read_bytes()) if _is_small_file(beside) else None
    return Outbox(file.name, actor, lambda source: _pieces(source.stream))


def _in_container(container: Container) -> Outbox | None:
    outbox, actor = (_first(container.members, name) for name in (OUTBOX, ACTOR))
    if outbox is None:
        return None
    described = None
    if actor and actor.size <= LARGEST_ACTOR:
        try:
            described = _actor(b"".join(actor.chunks()))
        except InputError:
            described = None  # the posts name their author as well
    return Outbox(outbox.name, described, lambda _: outbox.chunks())


def _first(members: list[Member], name: str) -> Member | None:
    fitting = [member for member in members if member.name.rpartition("/")[2] == name]
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


def _pieces(stream: Any, size: int = CHUNK) -> Pieces:
    while piece := stream.read(size):
        yield piece


def _list_of(chunks: Pieces) -> Pieces:
    """The list in an outbox, with blanks before it, so that lines and bytes are counted as in the file."""
    finder, held, begun, damage = ListFinder(), b"", False, None
    try:
        for chunk in chunks:
            if not begun:
                begin = finder.look(chunk)
                begun = begin is not None
                held = _blank(chunk) + b" " * _CLOSING if begin is None else _opened(chunk, begin)
            else:
                held += chunk
            yield held[:-_CLOSING]
            held = held[-_CLOSING:] if begun else b""
    except InputError as error:
        damage = error  # told behind what was there before it
    if not begun and finder.empty:
        held = b"[]"
    yield _END.sub(b"", held) if begun and not damage else held
    if damage:
        raise damage


def _opened(piece: bytes, begin: int) -> bytes:
    """The piece in which the list's first element begins, with the list's bracket and blanks before it."""
    bracket = piece.rfind(b"[", 0, begin)  # not there where it was the last sign of the piece before
    if bracket < 0:
        return b"[" + piece
    return _blank(piece[:bracket]) + piece[bracket:]


def _blank(piece: bytes) -> bytes:
    return _NO_BREAK.sub(b" ", piece)


class _Activities(JsonRecords):
    """The activities of an outbox."""

    def __init__(self, source: Opened, chunks: Pieces, name: str) -> None:
        self._failure: str | None = None  # why the chunks ended
        reader = io.BufferedReader(Chunks(self._until_damage(chunks)), CHUNK)
        super().__init__(dataclasses.replace(source, stream=reader), b"", "items", name)

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]] | Rejected]:
        for entry in super().__iter__():
            # Further keys of the outbox stand behind its list; posts among them are read as well.
            if not (isinstance(entry, Rejected) and entry.why.startswith("something stands after")):
                yield entry
        if self._failure:
            self.ended_early = f"{self._failure}; {self.ended_early or 'the rest is missing'}"

    def _until_damage(self, chunks: Pieces) -> Pieces:
        try:
            yield from chunks
        except InputError as error:
            self._failure = str(error)
