"""The posts of an exported file that have a text, found in the file itself, some thousand posts at a time."""

from __future__ import annotations

import itertools
import mmap
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from curation.exports.choosing.exact_key import canonical
from curation.exports.conversations.turns import neutralised

if TYPE_CHECKING:
    import pyarrow as pa

    from curation.disk.ranges import Ranges
    from curation.exports.formats.base import Export

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
    exactly = _matching(format, file, ranges, format.piece(text), lambda said: _with(forms, said))
    hits, more = _taken(exactly, most)
    if hits:
        return True, hits, more
    loose = {canonical(form) for form in forms}

    def has(said: Sequence[str]) -> list[int]:
        # Most of the time none has it, and one long text is canonical sooner than thousands of short ones.
        return _with(loose, map(canonical, said)) if _with(loose, [canonical("\0".join(said))]) else []

    return False, *_taken(_matching(format, file, ranges, None, has), most)


def _with(forms: Set[str], texts: Iterable[str]) -> list[int]:
    """Which of the texts have one of the forms."""
    return [number for number, text in enumerate(texts) if any(form in text for form in forms)]


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
    format: Export, file: Path, ranges: Ranges, piece: bytes | None, has: Callable[[Sequence[str]], list[int]]
) -> Iterator[Found]:
    """The places of texts that have it; of which `has` says the numbers. With a `piece` only posts of these bytes."""
    import pyarrow as pa

    with file.open("rb") as opened:
        content = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) if piece else None
        try:
            one, other = itertools.tee(_places(ranges, content, piece))
            for places, said in zip(other, format.texts(file, map(_ends, one)), strict=True):
                rows = has(said)
                if rows:
                    columns = [
                        places.column(name).take(pa.array(rows, pa.int32())).to_pylist() for name in Found._fields
                    ]
                    yield from map(Found._make, zip(*columns, strict=True))
        finally:
            if content is not None:
                content.close()


def _ends(places: pa.RecordBatch) -> list[tuple[int, int]]:
    return list(zip(places.column("begin").to_pylist(), places.column("end").to_pylist(), strict=True))


def _places(ranges: Ranges, content: mmap.mmap | None, piece: bytes | None) -> Iterator[pa.RecordBatch]:
    """The places of the posts, in the order of the file; those with a `piece` in their bytes, if it is given."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(ranges.path) as table:
        for batch in table.iter_batches(TOGETHER, columns=[*Found._fields, "part_of"]):
            # Parts come after all posts, and have the places of these.
            own = batch.filter(batch.column("part_of").is_null())
            if own.num_rows and content is not None and piece:
                own = own.take(pa.array(_holding(own, content, piece), pa.int32()))
            if own.num_rows:
                yield own


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
