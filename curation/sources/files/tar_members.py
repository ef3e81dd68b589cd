"""The members of a tar, one after the other, from a stream.

This reads only what archives of posts need: files and folders, long names as GNU and POSIX (pax) write them, sizes
beyond 8 GiB. A header is 512 bytes at a known place and is read once, without a pattern: a stranger's header can keep
the patterns of Python's `tarfile` busy for minutes.

The caller refuses links and names that lead out of the archive's folder: `TarMember` shows both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_BLOCK = 512
#: Bytes of a header that only has the name or the size of the next member; real ones have some hundreds.
_LONGEST_HEADER = 1 << 16
#: Headers in a row about the next member.
_MOST_HEADERS = 16
#: Bytes to ask of the stream at once.
_SKIPPED = 1 << 18
_LARGEST = 1 << 50

_REGULAR = frozenset((b"0", b"\0", b"7"))
_HARD = b"1"
_LINKS = frozenset((_HARD, b"2"))


class TarDamageError(Exception):
    """The tar can't be read further; the message is one clause."""


@dataclass(frozen=True)
class TarMember:
    """A member, as its header describes it."""

    name: str
    size: int  # bytes
    is_file: bool
    is_link: bool  # out of the tar
    is_inner_link: bool  # to another member
    offset: int  # of its bytes in the unpacked tar


class TarStream:
    """Goes through a tar once; the bytes of a member can be read before the next one.

    Iterating and `read` raise `TarDamageError` where the tar is damaged or its stream ends too early.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._position = 0
        self._left = 0  # unread bytes of the member at hand
        self._padding = 0

    def __iter__(self) -> Iterator[TarMember]:
        while (header := self._header()) is not None:
            yield header

    def read(self) -> bytes:
        """The next bytes of the member at hand; none at its end."""
        piece = self._exactly(min(_SKIPPED, self._left))
        if self._left and not piece:
            raise TarDamageError("the tar archive ends within a member")
        self._left -= len(piece)
        return piece

    def whole(self) -> bytes:
        """The member at hand, as far as it goes if it is cut off."""
        piece = self._exactly(self._left)
        self._left -= len(piece)
        return piece

    def _header(self) -> TarMember | None:
        """The next member; None at the tar's end."""
        name, size, target = None, None, None
        for _ in range(_MOST_HEADERS):
            self._skip()
            block = self._block()
            if block is None:
                return None
            kind = block[156:157]
            written = _number(block[124:136])
            if written is None or not 0 <= written < _LARGEST:
                raise TarDamageError("a header in the tar archive is damaged")
            if kind in (b"x", b"g", b"L", b"K"):
                text = self._text(written)
                if kind == b"x":
                    fields = _pax(text)
                    name, target = fields.get("path", name), fields.get("linkpath", target)
                    size = _decimal(fields["size"]) if "size" in fields else size
                elif kind == b"L":
                    name = _text_before_nul(text)
                elif kind == b"K":
                    target = _text_before_nul(text)
                continue
            size = 0 if kind in _LINKS else written if size is None else size
            name = _name(block) if name is None else name
            self._left, self._padding = size, -size % _BLOCK
            target = _text_before_nul(block[157:257]) if target is None else target
            is_link = kind in _LINKS
            leads_out = is_link and _leads_out(target if kind == _HARD else f"{name}/../{target}", target)
            return TarMember(name, size, kind in _REGULAR, leads_out, is_link and not leads_out, self._position)
        raise TarDamageError("the tar archive has headers only")

    def _block(self) -> bytes | None:
        """A header; None where the tar ends. Raises `TarDamageError`."""
        block = self._exactly(_BLOCK)
        if not block or not block.strip(b"\0"):
            return None
        if len(block) < _BLOCK:
            raise TarDamageError("the tar archive ends within a header")
        written = _number(block[148:156])
        if written != sum(block[:148]) + sum(block[156:]) + 8 * 32:
            raise TarDamageError("a header in the tar archive is damaged")
        return block

    def _text(self, size: int) -> bytes:
        if size > _LONGEST_HEADER:
            raise TarDamageError(f"a header in the tar archive has {size:,} bytes, which no real one has")
        text = self._exactly(size)
        if len(text) < size:
            raise TarDamageError("the tar archive ends within a header")
        self._left, self._padding = 0, -size % _BLOCK
        return text

    def _skip(self) -> None:
        """Go past the rest of the member at hand."""
        missing, self._left, self._padding = self._left + self._padding, 0, 0
        while missing:
            piece = self._stream.read(min(missing, _SKIPPED))
            if not piece:
                raise TarDamageError("the tar archive ends within a member")
            missing -= len(piece)
            self._position += len(piece)

    def _exactly(self, count: int) -> bytes:
        """So many bytes, or fewer where the stream ends."""
        gathered = bytearray()
        while len(gathered) < count:
            piece = self._stream.read(count - len(gathered))
            if not piece:
                break
            gathered += piece
        self._position += len(gathered)
        return bytes(gathered)


def _number(field: bytes) -> int | None:
    """A number in octal digits or, beyond what they hold, in bytes; None for neither."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    text = field.split(b"\0", 1)[0].strip()
    if not all(byte in b"01234567" for byte in text):
        return None
    return int(text or b"0", 8)


def _name(block: bytes) -> str:
    name = _text_before_nul(block[:100])
    prefix = _text_before_nul(block[345:500]) if block[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _leads_out(path: str, target: str) -> bool:
    """Whether a link to `target` leads out of the tar; `path` is its way from the tar's own folder."""
    depth = 0
    for part in path.split("/"):
        depth += 0 if part in ("", ".") else -1 if part == ".." else 1
        if depth < 0:
            return True
    return target.startswith("/") or "\\" in target or not target


def _pax(text: bytes) -> dict[str, str]:
    """The fields of a pax header, `LENGTH key=value` and a line end each; those before the first that is none."""
    fields: dict[str, str] = {}
    at = 0
    while at < len(text):
        blank = text.find(b" ", at, at + 8)
        length = _decimal(text[at:blank].decode("ascii", "replace")) if blank > at else None
        if not length or at + length > len(text) or at + length <= blank:
            break
        key, equals, value = text[blank + 1 : at + length - 1].partition(b"=")
        if equals:
            fields[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        at += length
    return fields


def _decimal(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def _text_before_nul(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "replace")
