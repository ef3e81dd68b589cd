"""The archive that Mastodon sends: its `outbox.json` and `actor.json`, and nothing else of it.

Until 4.1 it is a `.tar.gz`, since then a `.zip`. Both also hold pictures, likes and bookmarks, which stay closed
(`containers`). For an unpacked archive the user gives the `outbox.json`; the `actor.json` beside it is found.

The posts are a list within the one object of the outbox. Archives of early 2024 name the list twice, first an empty
one. As in any reader of JSON the last of two equal keys counts, so an empty list is passed over. Whatever precedes the
list may have any size: nothing of it is kept.
"""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curation.errors import InputError
from curation.sources.base import Rejected
from curation.sources.files.archive_files import CHUNK, Member
from curation.sources.files.byte_streams import Chunks
from curation.sources.files.containers import ACTOR, OUTBOX, Container, is_container
from curation.sources.files.input_files import InputFile, Opened
from curation.sources.files.json_documents import JsonDocuments, JsonPlan
from curation.sources.files.json_records import chunks_of, parse
from curation.sources.files.text_encoding import decode_head
from curation.sources.records.not_a_post import NotAPost

#: The key of the list of posts.
KEY = b"orderedItems"
#: Bytes of an actor.json that are read at most; real ones have a few thousand.
LARGEST_ACTOR = 1 << 20
#: Bytes at the end that may close the outbox.
_CLOSING = 256

_NO_BREAK = re.compile(rb"[^\n]")
_COLLECTION = re.compile(rb'"type"\s*:\s*"OrderedCollection(?:Page)?"')
_ADDRESS = re.compile(rb'\s*"')
_END = re.compile(rb"\}\s*\Z")
_NEXT = re.compile(rb'["\[\]{}]')
_IN_TEXT = re.compile(rb'["\\]')
_BLANKS = b" \t\r\n"

Pieces = Iterator[bytes]


@dataclass(frozen=True)
class Outbox:
    """An outbox, and whose it is."""

    name: str  # of the file or of the archive's member
    actor: Mapping[str, Any] | None
    chunks: Callable[[Opened], Pieces]  # its bytes; raises InputError where they are damaged

    def records(self, source: Opened) -> JsonDocuments:
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
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    if not (KEY in head or must or file.base_name.startswith("outbox.")):
        return None
    begin = _ListFinder().look(head)
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
    return Outbox(file.name, actor, lambda source: chunks_of(source.stream))


def _in_container(container: Container) -> Outbox | None:
    outbox, actor = (_first(container.members, name) for name in (OUTBOX, ACTOR))
    if outbox is None:
        return None
    profile = None
    if actor and actor.size <= LARGEST_ACTOR:
        try:
            profile = _actor(b"".join(actor.chunks()))
        except InputError:
            profile = None  # the posts name their author as well
    return Outbox(outbox.name, profile, lambda _: outbox.chunks())


def _first(members: list[Member], name: str) -> Member | None:
    fitting = [member for member in members if member.name.rpartition("/")[2] == name]
    return min(fitting, key=lambda member: member.name.count("/")) if fitting else None


def _is_small_file(path: Path) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST_ACTOR
    except OSError:
        return False


def _actor(data: bytes) -> Mapping[str, Any] | None:
    try:
        profile = parse(decode_head(data))
    except NotAPost:
        return None
    return profile if isinstance(profile, dict) else None


# ---- the list in the outbox


class _ListFinder:
    """Looks through the pieces of a file, in their order, for the list under the key."""

    def __init__(self) -> None:
        self.empty = False  # an empty list of that name was passed over
        self._depth = 0
        self._in_text = self._escaped = False
        self._text = bytearray()  # the last text, as far as it can be the key
        self._key_at_hand = False  # the key, and nothing but what stands between it and its value
        self._opened = False  # the bracket of the list was the last thing but blanks

    def look(self, piece: bytes) -> int | None:
        """Where in this piece the first element of the list begins; None when it is not in it."""
        at = 0
        while at < len(piece):
            if self._in_text:
                at = self._through_text(piece, at)
                continue
            if self._opened:
                rest = piece[at:].lstrip(_BLANKS)
                if not rest:
                    return None
                self._opened = False
                if not rest.startswith(b"]"):
                    return at
                self.empty = True
            match = _NEXT.search(piece, at)
            between = piece[at : match.start() if match else len(piece)]
            if self._key_at_hand and between.strip(_BLANKS + b":"):
                self._key_at_hand = False  # another kind of value
            if not match:
                return None
            at = match.end()
            self._take(match[0])
        return None

    def _through_text(self, piece: bytes, at: int) -> int:
        if self._escaped:
            self._escaped = False
            return at + 1
        match = _IN_TEXT.search(piece, at)
        end = match.start() if match else len(piece)
        if len(self._text) <= len(KEY):
            self._text += piece[at : min(end, at + len(KEY) + 1)]
        if not match:
            return end
        if match[0] == b"\\":
            self._escaped = True
            self._text += b"\\"
        else:
            self._in_text = False
            self._key_at_hand = self._depth == 1 and self._text == KEY
        return match.end()

    def _take(self, sign: bytes) -> None:
        if sign == b'"':
            self._in_text, self._key_at_hand = True, False
            self._text.clear()
        elif sign in (b"[", b"{"):
            self._opened = sign == b"[" and self._depth == 1 and self._key_at_hand
            self._depth += 1
            self._key_at_hand = False
        else:
            self._depth -= 1


def _list_of(chunks: Pieces) -> Pieces:
    """The list in an outbox, after blanks that keep the count of lines and bytes as in the file."""
    finder, held, begun, damage = _ListFinder(), b"", False, None
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
        damage = error  # raised after what precedes it
    if not begun and finder.empty:
        held = b"[]"
    yield _END.sub(b"", held) if begun and not damage else held
    if damage:
        raise damage


def _opened(piece: bytes, begin: int) -> bytes:
    """The piece in which the list's first element begins, with the list's bracket and blanks before it."""
    bracket = piece.rfind(b"[", 0, begin)  # missing if it was the last sign of the piece before
    if bracket < 0:
        return b"[" + piece
    return _blank(piece[:bracket]) + piece[bracket:]


def _blank(piece: bytes) -> bytes:
    return _NO_BREAK.sub(b" ", piece)


class _Activities(JsonDocuments):
    """The activities of an outbox."""

    def __init__(self, source: Opened, chunks: Pieces, name: str) -> None:
        self._failure: str | None = None  # why the chunks ended
        reader = io.BufferedReader(Chunks(self._until_damage(chunks)), CHUNK)
        super().__init__(dataclasses.replace(source, stream=reader), b"", JsonPlan("items"), name)

    def __iter__(self) -> Iterator[Any]:
        for entry in super().__iter__():
            # Further keys of the outbox follow its list; posts among them are read as well.
            if not (isinstance(entry, Rejected) and entry.why.startswith("something stands after")):
                yield entry
        if self._failure:
            self.ended_early = f"{self._failure}; {self.ended_early or 'the rest is missing'}"

    def _until_damage(self, chunks: Pieces) -> Pieces:
        try:
            yield from chunks
        except InputError as error:
            self._failure = str(error)
