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
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from curation.errors import UnreachedInputError
from curation.sources.base import Rejected
from curation.sources.files.car_blocks import (
    CBOR_BY_SHA256,
    NAME,
    RAW_BY_SHA256,
    TOO_LARGE,
    Blocks,
    DamagedError,
)
from curation.sources.files.input_files import InputFile, Opened
from curation.sources.files.json_records import Records
from curation.sources.records.bluesky_posts import POST, REPOST
from curation.writing.terminal import count

COLLECTIONS = (POST, REPOST)

#: Bytes of the largest file, unpacked; ten times what very active accounts have.
LARGEST = 1 << 30
_LONGEST_KEY = 1024


def is_repository(head: bytes, ending: str = "") -> bool:
    """Whether a file that begins with `head` is a CAR file, by its header or, if that is damaged, its first block."""
    if b"eroots" in head[:16] and b"gversion" in head[:128]:
        return True
    return ending == ".car" and (CBOR_BY_SHA256 in head[:512] or b"eroots" in head[:16] or b"gversion" in head[:128])


def repository(file: InputFile) -> Callable[[Opened], RepositoryRecords]:
    """The reader of a file's records. Raises `UnreachedInputError` where its package is missing."""
    try:
        import libipld  # noqa: F401 - a missing package is an error before anything lands
    except ImportError as error:
        raise UnreachedInputError(
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
            self.ended_early = f"it is larger than {LARGEST >> 20:,} MiB. {TOO_LARGE}"
            return
        try:
            blocks = Blocks(data)
            commit = blocks.commit()
            did, tree = commit.get("did"), commit.get("data")
            if not isinstance(did, str) or not did.startswith("did:"):
                raise DamagedError("its commit names no author")
        except DamagedError as why:
            self.ended_early = f"it can't be read as a repository: {why}"
            return
        walk, lost = _TreeWalk(blocks, tree), 0
        for number, (key, name) in enumerate(walk, 1):
            try:
                content = blocks.decoded(name)
                value = as_json(content)
                cid = _written(name)
            except DamagedError as why:
                lost += 1
                yield Rejected(f"{self._name}: {key}", str(why))
            except RecursionError:
                yield Rejected(f"{self._name}: {key}", "it is nested too deeply")
            else:
                yield number, {"uri": f"at://{did}/{key}", "cid": cid, "value": value}
        self.ended_early = _missing(blocks.damage, walk.missing, lost)


def as_json(value: Any) -> Any:
    """A value of the repository as the API writes it: links as `$link`, bytes as `$bytes` (base 64)."""
    if isinstance(value, dict):
        return {key: as_json(held) for key, held in value.items()}
    if isinstance(value, list):
        return [as_json(held) for held in value]
    if not isinstance(value, bytes):
        return value
    if len(value) == NAME and value.startswith((CBOR_BY_SHA256, RAW_BY_SHA256)):
        return {"$link": _written(value)}
    return {"$bytes": base64.b64encode(value).decode().rstrip("=")}


def _missing(damage: str | None, parts: int, lost: int) -> str | None:
    """What of a repository can't be read, as a clause; None where nothing is missing."""
    missing = [count(number, what) for number, what in ((parts, "part"), (lost, "post")) if number]
    if not missing:
        return damage
    clause = f"{' of its tree and '.join(missing)}{'' if lost else ' of its tree'} can't be read"
    return f"{damage}, so {clause}" if damage else clause


class _TreeWalk:
    """The keys and names of the records to read, in the tree's order; iterate once.

    `missing` counts nodes that can't be read; it is known when the iteration is over.
    """

    def __init__(self, blocks: Blocks, tree: object) -> None:
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
            except DamagedError:
                self.missing += 1
            else:
                seen.add(name)


def _entries(node: dict[str, Any]) -> list[tuple[str, object]]:
    """Subtrees and records to read of a node, in their order. Raises `DamagedError`.

    An entry has only the part of its key that differs from the key before it, and the length of the shared part.
    """
    entries = node.get("e")
    if not isinstance(entries, list):
        raise DamagedError("it is no node of the tree")
    following: list[tuple[str, object]] = [("", node["l"])] if node.get("l") is not None else []
    key = b""
    for entry in entries:
        shared, rest = (entry.get("p"), entry.get("k")) if isinstance(entry, dict) else (None, None)
        if not isinstance(shared, int) or not isinstance(rest, bytes) or not 0 <= shared <= len(key):
            raise DamagedError("it is no node of the tree")
        key = key[:shared] + rest
        if len(key) > _LONGEST_KEY:
            raise DamagedError("a key in it is too long")
        collection, _, short = key.partition(b"/")
        if short and collection.decode("ascii", "replace") in COLLECTIONS and key.isascii():
            following.append((key.decode("ascii"), entry.get("v")))
        if entry.get("t") is not None:
            following.append(("", entry["t"]))
    return following


def _written(name: object) -> str:
    from libipld import encode_cid

    if not isinstance(name, bytes):
        raise DamagedError("it has no name that can be written")
    try:
        return encode_cid(name)
    except ValueError as error:
        raise DamagedError("it has no name that can be written") from error
