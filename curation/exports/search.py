"""The posts of an exported file that have a text, found in the file itself, some thousand posts at a time."""

from __future__ import annotations

import itertools
import mmap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from curation.exports.split import canonical
from curation.exports.turns import neutralised

if TYPE_CHECKING:
    import pyarrow as pa

    from curation.exports.base import Export
    from curation.exports.ranges import Ranges

#: Posts that are looked at together.
TOGETHER = 8_192


class Found(NamedTuple):
    """A place of a post, in the file's unit."""

    platform: str
    id: str
    author: str
    begin: int
    end: int


#: SQL: the columns of a `Found`, in its order.
FOUND = 'platform, id, author, begin, "end"'


def search(format: Export, file: Path, ranges: Ranges, text: str, most: int) -> tuple[bool, list[Found], int]:
    """Whether `text` was found as it is written, the first places of `most` posts, and how many places others have.

    When it stands nowhere as it is written, it is looked for without regard to case, kinds of blanks and composition.
    """
    forms = {text, neutralised(text)}  # what somebody typed may be written so that it is no special token
    exactly = _matching(format, file, ranges, format.piece(text), lambda said: any(form in said for form in forms))
    hits, more = _taken(exactly, most)
    if hits:
        return True, hits, more
    loose = {canonical(form) for form in forms}

    def has(said: str) -> bool:
        said = canonical(said)
        return any(form in said for form in loose)

    return False, *_taken(_matching(format, file, ranges, None, has), most)


def _taken(places: Iterator[Found], most: int) -> tuple[list[Found], int]:
    first: dict[tuple[str, str], Found] = {}
    more = 0
    for place in places:
        who = (place.platform, place.id)
        if who in first:
            continue
        if len(first) < most:
            first[who] = place
        else:
            more += 1
    return list(first.values()), more


def _matching(
    format: Export, file: Path, ranges: Ranges, piece: bytes | None, has: Callable[[str], bool]
) -> Iterator[Found]:
    """The places whose text `has` it; if a `piece` of bytes is given, only they are read that have it."""
    with file.open("rb") as opened:
        content = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) if piece else None
        try:
            one, other = itertools.tee(_places(ranges, content, piece))
            texts = format.texts(file, ([place[3:] for place in places] for places in one))
            for places, said in zip(other, texts, strict=True):
                yield from (place for place, text in zip(places, said, strict=True) if has(text))
        finally:
            if content is not None:
                content.close()


def _places(ranges: Ranges, content: mmap.mmap | None, piece: bytes | None) -> Iterator[Sequence[Found]]:
    """The places of the posts, in the order of the file; those with a `piece` in their bytes, if it is given."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(ranges.path) as table:
        for batch in table.iter_batches(TOGETHER, columns=[*Found._fields, "part_of"]):
            own = batch.filter(
                batch.column("part_of").is_null()
            )  # parts come after all posts, with the places of these
            if own.num_rows and content is not None and piece:
                own = own.take(pa.array(_holding(own, content, piece), pa.int32()))
            if own.num_rows:
                columns = [own.column(name).to_pylist() for name in Found._fields]
                yield [Found(*row) for row in zip(*columns, strict=True)]


def _holding(batch: pa.RecordBatch, content: mmap.mmap, piece: bytes) -> list[int]:
    """The rows of places that have the piece. Their posts stand one after another."""
    import numpy as np

    begins, ends = (batch.column(name).to_numpy() for name in ("begin", "end"))
    found, at, last = [], int(begins[0]), int(ends.max())
    while (at := content.find(piece, at, last)) >= 0:
        row = int(np.searchsorted(begins, at, side="right")) - 1
        if at + len(piece) <= ends[row]:
            found.append(row)
        at = max(at + 1, int(ends[row]) - len(piece) + 1)
    return found
