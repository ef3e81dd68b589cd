"""A repository exported from Bluesky (`com.atproto.sync.getRepo`): the posts and reposts in a `.car` file.

A CAR file is a row of blocks in any order, each named by the hash of its content. The first name in the file is that of
the newest commit. From there a search tree of names leads to the records, by collection and key. So the blocks are
listed first, and only those that the commit leads to are read: a deleted post that still lies in the file is not.

A repository holds more than posts (likes, follows, blocks, lists, the profile); records of other collections are never
decoded. A block whose content has another hash is damaged and rejected. The commit's signature is not checked.

Memory: the file's size, and about 200 bytes for each block (a post, a like, … is one). `libipld`, the extra `car`,
reads the CBOR.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from curation.errors import InputError
from curation.sources.base import Rejected
from curation.sources.files.input_files import InputFile, Opened
from curation.sources.files.json_records import Records
from curation.sources.records.bluesky_posts import POST, REPOST

COLLECTIONS = (POST, REPOST)

#: Bytes of the largest file, unpacked, and blocks in it; ten times what very active accounts have.
LARGEST = 1 << 30
MOST_BLOCKS = 8_000_000

#: A name is the numbers of a format, a codec and a hash, the hash's length, and the hash. These are CBOR by SHA-256.
_CBOR_BY_SHA256 = b"\x01\x71\x12\x20"
_RAW_BY_SHA256 = b"\x01\x55\x12\x20"
_NAME = 36
_LENGTH_BITS = 32
_LONGEST_KEY = 1024


class _Damaged(Exception):  # noqa: N818 - the file is at fault
    """Something in the file can't be read; the message is one clause that says why."""


def is_repository(head: bytes) -> bool:
    """Whether a file that begins with `head` is a CAR file."""
    return b"eroots" in head[:16] and b"gversion" in head[:128]


def repository(file: InputFile) -> Callable[[Opened], RepositoryRecords]:
    """The reader of a file's records. Raises `InputError` where the package for it is missing."""
    try:
        import libipld  # noqa: F401 - a missing package is an error before anything lands
    except ImportError as error:
        raise InputError(
            f"{file.path} is a repository exported from Bluesky. Reading it needs the package libipld: "
            f"{sys.executable} -m pip install libipld"
        ) from error
    return partial(RepositoryRecords, file)


class RepositoryRecords(Records):
    """The posts and reposts of a repository, each `{"uri", "cid", "value"}`.

    Bluesky's API lists records in this form, with links and bytes as `$link` and `$bytes`.
    """

    def __init__(self, file: InputFile, source: Opened) -> None:
        super().__init__()
        self._path, self._name, self._source = file.path, file.name, source

    def __iter__(self) -> Iterator[tuple[int, dict[str, Any]] | Rejected]:
        data = self._source.stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise InputError(f"{self._path} is larger than {LARGEST >> 20:,} MiB. {_TOO_LARGE}")
        try:
            blocks = _Blocks(data, self._path)
            commit = blocks.decoded(blocks.root)
            did, tree = commit.get("did"), commit.get("data")
            if not isinstance(did, str) or not did.startswith("did:"):
                raise _Damaged("its commit names no author")
        except _Damaged as why:
            raise InputError(f"{self._path} can't be read as a repository: {why}.") from why
        walk = _TreeWalk(blocks, tree)
        for number, (key, name) in enumerate(walk, 1):
            try:
                content = blocks.decoded(name)
                value = as_json(content)
                cid = _written(name)
            except _Damaged as why:
                yield Rejected(f"{self._name}: {key}", str(why))
            except RecursionError:
                yield Rejected(f"{self._name}: {key}", "it is nested too deeply")
            else:
                yield number, {"uri": f"at://{did}/{key}", "cid": cid, "value": value}
        if walk.missing or blocks.cut:
            parts = f"{walk.missing:,} parts of its tree" if walk.missing != 1 else "a part of its tree"
            self.ended_early = blocks.cut or f"{parts} can't be read"
            if blocks.cut and walk.missing:
                self.ended_early += f", so {parts} can't be read"


def as_json(value: Any) -> Any:
    """A value of the repository as the API writes it: links as `$link`, bytes as `$bytes` (base 64)."""
    if isinstance(value, dict):
        return {key: as_json(held) for key, held in value.items()}
    if isinstance(value, list):
        return [as_json(held) for held in value]
    if not isinstance(value, bytes):
        return value
    if len(value) == _NAME and value.startswith((_CBOR_BY_SHA256, _RAW_BY_SHA256)):
        return {"$link": _written(value)}
    return {"$bytes": base64.b64encode(value).decode().rstrip("=")}


_TOO_LARGE = "So large a repository can't be read from a file; collect it from the network: curation collect bluesky."


class _Blocks:
    """The blocks of a CAR file, by name. Raises `_Damaged` for a file without a beginning."""

    def __init__(self, data: bytes, path: object) -> None:
        self._data = data
        self._where: dict[bytes, int] = {}  # begin and length of the content in one number
        self.cut: str | None = None
        length, at = _number(data, 0)
        header = _decode(data[at : at + length])
        roots = header.get("roots") if isinstance(header, dict) else None
        if not isinstance(roots, list) or not roots or not isinstance(roots[0], bytes):
            raise _Damaged("its header names no commit")
        self.root: bytes = roots[0]
        at += length
        try:
            while at < len(data):
                length, begin = _number(data, at)
                at = begin + length
                if at > len(data):
                    raise _Damaged("it is cut off")
                name = _name_at(data, begin, at)
                content = begin + len(name)
                self._where[name] = content << _LENGTH_BITS | (at - content)
                if len(self._where) > MOST_BLOCKS:
                    raise InputError(f"{path} has more than {MOST_BLOCKS:,} blocks. {_TOO_LARGE}")
        except _Damaged as why:
            self.cut = f"{why} after {len(self._where):,} blocks"

    def decoded(self, name: object) -> dict[str, Any]:
        """The object of that name. Raises `_Damaged`."""
        if not isinstance(name, bytes) or (where := self._where.get(name)) is None:
            raise _Damaged("the file doesn't hold it")
        begin = where >> _LENGTH_BITS
        content = self._data[begin : begin + (where & ((1 << _LENGTH_BITS) - 1))]
        if name.startswith(_CBOR_BY_SHA256) and hashlib.sha256(content).digest() != name[-32:]:
            raise _Damaged("it was damaged: its content doesn't have the hash that it is named by")
        value = _decode(content)
        if not isinstance(value, dict):
            raise _Damaged("it is no object")
        return value


class _TreeWalk:
    """The keys and names of the records to read, in the tree's order; iterate once.

    `missing` counts nodes that can't be read; it is known when the iteration is over.
    """

    def __init__(self, blocks: _Blocks, tree: object) -> None:
        self._blocks, self._tree = blocks, tree
        self.missing = 0

    def __iter__(self) -> Iterator[tuple[str, object]]:
        waiting: list[tuple[str, object]] = [("", self._tree)]  # nodes have no key
        seen: set[bytes] = set()  # a tree made to harm may lead back into itself
        while waiting:
            key, name = waiting.pop()
            if key:
                yield key, name
                continue
            if not isinstance(name, bytes) or name in seen:
                self.missing += 1
                continue
            try:
                waiting += reversed(_entries(self._blocks.decoded(name)))
            except _Damaged:
                self.missing += 1
            else:
                seen.add(name)


def _entries(node: dict[str, Any]) -> list[tuple[str, object]]:
    """Subtrees and records to read of a node, in their order. Raises `_Damaged`.

    An entry has only the part of its key that differs from the key before it, and the length of the shared part.
    """
    entries = node.get("e")
    if not isinstance(entries, list):
        raise _Damaged("it is no node of the tree")
    following: list[tuple[str, object]] = [("", node["l"])] if node.get("l") is not None else []
    key = b""
    for entry in entries:
        shared, rest = (entry.get("p"), entry.get("k")) if isinstance(entry, dict) else (None, None)
        if not isinstance(shared, int) or not isinstance(rest, bytes) or not 0 <= shared <= len(key):
            raise _Damaged("it is no node of the tree")
        key = key[:shared] + rest
        if len(key) > _LONGEST_KEY:
            raise _Damaged("a key in it is too long")
        collection, _, short = key.partition(b"/")
        if short and collection.decode("ascii", "replace") in COLLECTIONS and key.isascii():
            following.append((key.decode("ascii"), entry.get("v")))
        if entry.get("t") is not None:
            following.append(("", entry["t"]))
    return following


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    number = shift = 0
    for place in range(at, min(at + 6, len(data))):
        number |= (data[place] & 0x7F) << shift
        shift += 7
        if data[place] < 0x80:
            return number, place + 1
    raise _Damaged("a length in it is damaged")


def _name_at(data: bytes, begin: int, end: int) -> bytes:
    if data.startswith((_CBOR_BY_SHA256, _RAW_BY_SHA256), begin):
        name_end = begin + _NAME
    else:
        at = begin
        for _ in range(3):  # format, codec, hash
            _, at = _number(data, at)
        length, at = _number(data, at)
        name_end = at + length
    if name_end > end:
        raise _Damaged("a block in it is damaged")
    return data[begin:name_end]


def _decode(content: bytes) -> Any:
    from libipld import decode_dag_cbor

    try:
        return decode_dag_cbor(content)
    except RecursionError as error:
        raise _Damaged("it is nested too deeply") from error
    except ValueError as error:
        raise _Damaged(f"it is not CBOR that can be read ({error})") from error


def _written(name: object) -> str:
    from libipld import encode_cid

    if not isinstance(name, bytes):
        raise _Damaged("it has no name that can be written")
    try:
        return encode_cid(name)
    except ValueError as error:
        raise _Damaged("it has no name that can be written") from error
