"""Pages of a feed on the disk that have not landed yet.

A collect appends each page to a journal, `pages-FIRST.spool`: one write a page, whatever kills the process, and one
flush for many. Each page carries its length and a checksum, so a page that was cut off in a power cut, and all behind
it, count as never fetched. `curation forget` seals a journal as a Parquet file, `page-LAST.parquet`, and removes rows
from that. Programs before the journal wrote such a file for each page.

A collect that is running notices that its journal was sealed, and goes on in a new one.
"""

from __future__ import annotations

import itertools
import json
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curation.disk import rewriting
from curation.posts import POST_SCHEMA, completed
from curation.writing.characters import json_text

#: Files of pages in the folder of a target.
JOURNALS, SEALED = "pages-*.spool", "page-*.parquet"
#: A sealed file's metadata: the state of the feed after its posts, rejected records, the number of its first page.
_STATE, _REJECTED, _FIRST = b"curation.state", b"curation.rejected", b"curation.first"

_MARK = b"PAGE"
#: Mark, bytes of the head, of the packed posts, and of the unpacked posts; the checksum of both parts.
_FRAME = struct.Struct("<4s4I")


@dataclass(frozen=True)
class StoredPage:
    """A page, or several sealed ones."""

    number: int  # of its last page
    state: dict[str, Any]  # of the feed after it, as JSON
    rejected: list[list[str]]  # place and reason of each record that was refused
    posts: pa.Table = field(repr=False)  # in `POST_SCHEMA`
    first: int = 0  # number of its first page; 0: it has one


def append(journal: Path, pages: Iterable[StoredPage]) -> tuple[int, int]:
    """Add pages to a journal, a new one if there is none; gives what tells the file, and its size. Raises `OSError`.

    On an error the journal has what it had.
    """
    data = b"".join(map(_frame, pages))
    with journal.open("ab", buffering=0) as file:
        begin = file.tell()
        if not begin:
            schema = POST_SCHEMA.serialize().to_pybytes()
            data = _FRAME.pack(_MARK, 0, len(schema), 0, zlib.crc32(schema)) + schema + data
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) or 0 :]
        except BaseException:
            file.truncate(begin)
            raise
        status = os.fstat(file.fileno())
        return status.st_ino, status.st_size


def known(journal: Path) -> tuple[int, int]:
    """What tells a journal from another one in its place, and its size. Raises `OSError`."""
    status = journal.stat()
    return status.st_ino, status.st_size


def _frame(page: StoredPage) -> bytes:
    [batch] = page.posts.to_batches() or [pa.RecordBatch.from_pylist([], POST_SCHEMA)]
    head = json_text({"number": page.number, "state": page.state, "rejected": page.rejected}).encode()
    plain = batch.serialize()
    packed = pa.compress(plain, codec="lz4", asbytes=True)
    return _FRAME.pack(_MARK, len(head), len(packed), plain.size, zlib.crc32(packed, zlib.crc32(head))) + head + packed


def read_journal(journal: Path) -> Iterator[StoredPage]:
    """The pages of a journal, up to its end or to the first damaged one. Raises `OSError`."""
    schema = None
    with journal.open("rb") as file:
        while len(begin := file.read(_FRAME.size)) == _FRAME.size:
            mark, head_size, packed_size, size, checksum = _FRAME.unpack(begin)
            if mark != _MARK or head_size + packed_size > os.fstat(file.fileno()).st_size:
                return
            head, packed = file.read(head_size), file.read(packed_size)
            if len(packed) < packed_size or zlib.crc32(packed, zlib.crc32(head)) != checksum:
                return
            if schema is None:
                schema = pa.ipc.read_schema(pa.py_buffer(packed))
                continue
            record = json.loads(head)
            batch = pa.ipc.read_record_batch(pa.decompress(packed, size, codec="lz4"), schema)
            posts = _in_schema(pa.Table.from_batches([batch]))
            yield StoredPage(record["number"], record["state"], record["rejected"], posts)


def read_sealed(path: Path) -> StoredPage | None:
    """The pages of a Parquet file as one; None for a damaged file."""
    try:
        with pq.ParquetFile(path) as file:
            posts = file.read(use_threads=False)
        metadata = posts.schema.metadata
        number = int(path.stem.removeprefix("page-"))
        state, rejected = json.loads(metadata[_STATE]), json.loads(metadata.get(_REJECTED, b"[]"))
        return StoredPage(number, state, rejected, _in_schema(posts), int(metadata.get(_FIRST, b"0")))
    except (OSError, pa.ArrowException, TypeError, KeyError, ValueError):
        return None


def _in_schema(posts: pa.Table) -> pa.Table:
    plain = posts.replace_schema_metadata(None)
    return plain if plain.schema.equals(POST_SCHEMA) else completed(plain, POST_SCHEMA)


def seal(journal: Path, to: Path) -> Path | None:
    """Write the pages of a journal as a Parquet file in the folder `to`; None if no page of it is sound.

    The journal is read twice, since what the file says of its pages stands in its schema. Raises `OSError`.
    """
    first, last, rejected = 0, None, []
    for last in read_journal(journal):
        first = first or last.number
        rejected += last.rejected
    if last is None:
        return None
    number = last.number  # a collect that is running may add pages meanwhile
    metadata = {_STATE: json_text(last.state), _REJECTED: json_text(rejected), _FIRST: str(first)}
    path = to / f"page-{number:08d}.parquet"
    pages = itertools.takewhile(lambda page: page.number <= number, read_journal(journal))
    batches = (batch for page in pages for batch in page.posts.to_batches())
    rewriting.write(batches, path, POST_SCHEMA.with_metadata(metadata))
    return path


def files_of(folder: Path) -> list[Path]:
    """All files of pages in a target's folder."""
    return sorted([*folder.glob(JOURNALS), *folder.glob(SEALED)])


def waiting(folder: Path, landed_to: int, rubbish: list[Path] | None = None) -> Iterator[StoredPage]:
    """The pages after number `landed_to`, in order and without a gap.

    `rubbish` gets the files of no use, once all pages were read: they have landed, or lie behind a page that was lost.
    """
    useless = [] if rubbish is None else rubbish
    several: list[tuple[int, Path, Iterable[StoredPage]]] = []
    for path in folder.glob(JOURNALS):
        several.append((int(path.stem.removeprefix("pages-")), path, read_journal(path)))
    for path in folder.glob(SEALED):
        page = read_sealed(path)
        if page is None:
            useless.append(path)
        else:
            several.append((page.first or page.number, path, (page,)))
    following = landed_to + 1
    for _, path, some in sorted(several, key=lambda entry: entry[:2]):
        before = following
        for page in some:
            if (page.first or page.number) == following:
                following = page.number + 1
                yield page
        if following == before:
            useless.append(path)
