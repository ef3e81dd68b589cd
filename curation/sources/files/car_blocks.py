"""The blocks of a CAR file, each named by the hash of its content, also of a damaged file.

The hash proves a block wherever it lies. So behind a damaged place the next block is searched for by the beginning of
its name, and a file without its header or with a wrong one still gives its commit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from curation.writing.terminal import count

TOO_LARGE = "So large a repository can't be read from a file; collect it from the network: curation collect bluesky"
#: Blocks of the largest file; ten times what very active accounts have.
MOST_BLOCKS = 8_000_000

#: A name is the numbers of a format, a codec and a hash, the hash's length, and the hash. These are CBOR by SHA-256.
CBOR_BY_SHA256 = b"\x01\x71\x12\x20"
RAW_BY_SHA256 = b"\x01\x55\x12\x20"
NAME = 36
_LENGTH_BITS = 32
#: Bytes of the longest length before a block that is searched for, and of the largest commit.
_LONGEST_LENGTH, _COMMIT = 4, 4096


class DamagedError(Exception):
    """Something in the file can't be read; the message is one clause that says why."""


class Blocks:
    """The blocks by name. Raises `DamagedError` for a file of too many."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._where: dict[bytes, int] = {}  # begin and length of the content in one number
        self._last: tuple[bytes, int, int] | None = None  # name, begin and length of the block that was read last
        self._effort = 2 * len(data)  # bytes to hash at most in search of blocks
        self.root: bytes | None = None  # name of the commit, as the header has it
        self.damage: str | None = None  # the first damaged place
        at = self._read_header()
        while at < len(data):
            begin = at
            try:
                at = self._read(begin)
            except DamagedError as why:
                following = self._next_block(self._unproved(begin))
                place = "it is cut off in the block" if following is None and self._is_cut(begin) else str(why)
                before = count(len(self._where), "block")
                self.damage = self.damage or f"{place} at byte {begin:,}, after {before}"
                if following is None:
                    break
                at = following
            if len(self._where) > MOST_BLOCKS:
                raise DamagedError(f"it has more than {MOST_BLOCKS:,} blocks. {TOO_LARGE}")

    def __contains__(self, name: object) -> bool:
        return name in self._where

    def decoded(self, name: object) -> dict[str, Any]:
        """The object of that name. Raises `DamagedError`."""
        if not isinstance(name, bytes) or (where := self._where.get(name)) is None:
            raise DamagedError("the file doesn't hold it")
        begin = where >> _LENGTH_BITS
        content = self._data[begin : begin + (where & ((1 << _LENGTH_BITS) - 1))]
        if name.startswith(CBOR_BY_SHA256) and hashlib.sha256(content).digest() != name[-32:]:
            raise DamagedError(
                f"it was damaged: its content, at byte {begin:,}, doesn't have the hash that it is named by"
            )
        value = decode_cbor(content)
        if not isinstance(value, dict):
            raise DamagedError("it is no object")
        return value

    def commit(self) -> dict[str, Any]:
        """The object that names the author and the tree. Raises `DamagedError` where there is none to trust."""
        try:
            return self.decoded(self.root)
        except DamagedError as why:
            commits = [*self._commits()]
            if not commits:
                reason = self.damage or str(why)
                raise DamagedError(f"its commit, which names the author, can't be read: {reason}") from why
            self.damage = self.damage or "its header or its commit is damaged"
            return max(commits, key=lambda commit: str(commit.get("rev", "")))

    def _commits(self) -> Iterator[dict[str, Any]]:
        """What looks like a commit, whatever the header says."""
        for name, where in self._where.items():
            begin, length = where >> _LENGTH_BITS, where & ((1 << _LENGTH_BITS) - 1)
            if length > _COMMIT or self._data.find(b"ddata", begin, begin + length) < 0:
                continue
            content = self._data[begin : begin + length]
            try:
                commit = decode_cbor(content)
            except DamagedError:
                continue
            if not isinstance(commit, dict) or commit.get("data") not in self or "did" not in commit:
                continue
            # A damaged commit may name another author. One who is named elsewhere too is right.
            did = str(commit["did"]).encode()
            if hashlib.sha256(content).digest() == name[-32:] or self._data.count(did) > 1:
                yield commit

    def _read_header(self) -> int:
        """Where the blocks begin."""
        try:
            length, at = number_at(self._data, 0)
            header = decode_cbor(self._data[at : at + length])
        except DamagedError as why:
            self.damage = f"its header, at byte 0, is damaged: {why}"
            return 0
        roots = header.get("roots") if isinstance(header, dict) else None
        if isinstance(roots, list) and roots and isinstance(roots[0], bytes):
            self.root = roots[0]
        else:
            self.damage = "its header, at byte 0, names no commit"
        return at + length

    def _read(self, at: int) -> int:
        """Note the block that begins at `at`; where the next one begins. Raises `DamagedError`."""
        length, begin = number_at(self._data, at)
        end = begin + length
        if end > len(self._data):
            raise DamagedError("a block in it is damaged")
        name = _name_at(self._data, begin, end)
        content = begin + len(name)
        self._where[name] = content << _LENGTH_BITS | (end - content)
        self._last = name, content, end - content
        return end

    def _is_cut(self, at: int) -> bool:
        """Whether the file may simply end within the block at `at`."""
        try:
            length, begin = number_at(self._data, at)
        except DamagedError:
            return len(self._data) - at < _LONGEST_LENGTH
        return begin + length > len(self._data) and self._data.startswith((CBOR_BY_SHA256, RAW_BY_SHA256), begin)

    def _unproved(self, at: int) -> int:
        """Where to search from, if the block at `at` can't be read: behind the last block that is whole."""
        if self._last:
            name, begin, length = self._last
            if name.startswith(CBOR_BY_SHA256) and self._digest(begin, length) != name[-32:]:
                return begin  # its length may be wrong, so that it hides others
        return at

    def _digest(self, begin: int, length: int) -> bytes:
        return hashlib.sha256(self._data[begin : begin + length]).digest()

    def _next_block(self, at: int) -> int | None:
        """Where the next whole block begins, at or behind `at`."""
        data, name = self._data, at
        while (name := data.find(CBOR_BY_SHA256, name + 1)) > 0:
            digest, content = data[name + 4 : name + NAME], name + NAME
            for begin in range(name - 1, max(at, name - _LONGEST_LENGTH) - 1, -1):
                length, end = number_at(data, begin) if data[name - 1] < 0x80 else (0, 0)
                if end != name:
                    break
                size = length - NAME
                if 0 < size <= min(self._effort, len(data) - content):
                    self._effort -= size
                    if self._digest(content, size) == digest:
                        return begin
        return None


def number_at(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends. Raises `DamagedError`."""
    number = shift = 0
    for place in range(at, min(at + 6, len(data))):
        number |= (data[place] & 0x7F) << shift
        shift += 7
        if data[place] < 0x80:
            return number, place + 1
    raise DamagedError("a length in it is damaged")


def _name_at(data: bytes, begin: int, end: int) -> bytes:
    if data.startswith((CBOR_BY_SHA256, RAW_BY_SHA256), begin):
        name_end = begin + NAME
    else:
        at = begin
        for _ in range(3):  # format, codec, hash
            _, at = number_at(data, at)
        length, at = number_at(data, at)
        name_end = at + length
    if name_end > end:
        raise DamagedError("a block in it is damaged")
    return data[begin:name_end]


def decode_cbor(content: bytes) -> Any:
    """What a block holds. Raises `DamagedError`."""
    from libipld import decode_dag_cbor

    try:
        return decode_dag_cbor(content)
    except RecursionError as error:
        raise DamagedError("it is nested too deeply") from error
    except ValueError as error:
        raise DamagedError(f"it is not CBOR that can be read ({error})") from error
