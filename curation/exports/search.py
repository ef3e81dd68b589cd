"""A search in an exported file: its posts that contain a text, read some thousand at a time."""

from __future__ import annotations

import itertools
import mmap
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import NamedTuple, cast

import pyarrow as pa

from curation.disk.ranges import Ranges
from curation.exports.choosing.exact_key import canonical
from curation.exports.conversations.turns import neutralised
from curation.exports.formats.base import Export

#: Posts that are looked at together.
TOGETHER = 8_192


class Occurrence(NamedTuple):
    """A place where a post stands, in the file's unit."""

    platform: str
    id: str
    author: str
    begin: int
    end: int


#: SQL: the columns of an `Occurrence`, in its order.
OCCURRENCE = 'platform, id, author, begin, "end"'


def search(format: Export, file: Path, ranges: Ranges, text: str, most: int) -> tuple[bool, list[Occurrence], int]:
    """Whether `text` stands in the file exactly, the first places of at most `most` posts, and how many posts more.

    If it doesn't, the search ignores case, kinds of blanks and Unicode composition.
    """
    forms = {text, neutralised(text)}  # a typed special token is written in another form
    exactly = _matching(format, file, ranges, format.piece(text), lambda texts: _with(forms, texts))
    hits, more = _first_places(exactly, most)
    if hits:
        return True, hits, more
    loose = {canonical(form) for form in forms}

    def loosely(texts: Sequence[str]) -> list[int]:
        # Most of the time none has it, and one long text is canonical sooner than thousands of short ones.
        return _with(loose, map(canonical, texts)) if _with(loose, [canonical("\0".join(texts))]) else []

    return False, *_first_places(_matching(format, file, ranges, None, loosely), most)


def _with(forms: Set[str], texts: Iterable[str]) -> list[int]:
    """Which of the texts have one of the forms."""
    return [number for number, text in enumerate(texts) if any(form in text for form in forms)]


def _first_places(places: Iterator[Occurrence], most: int) -> tuple[list[Occurrence], int]:
    first: dict[tuple[str, str], Occurrence] = {}
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
) -> Iterator[Occurrence]:
    """The places of the posts whose text matches: `has` gives their numbers. `piece`: only with these bytes."""
    import pyarrow as pa

    with file.open("rb") as opened:
        content = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) if piece else None
        try:
            one, other = itertools.tee(_places(ranges, content, piece))
            for places, texts in zip(other, format.texts(file, map(_ends, one)), strict=True):
                rows = has(texts)
                if rows:
                    columns = [
                        places.column(name).take(pa.array(rows, pa.int32())).to_pylist() for name in Occurrence._fields
                    ]
                    yield from map(Occurrence._make, zip(*columns, strict=True))
        finally:
            if content is not None:
                content.close()


def _ends(places: pa.RecordBatch) -> list[tuple[int, int]]:
    begins, ends = (cast("list[int]", places.column(name).to_pylist()) for name in ("begin", "end"))
    return list(zip(begins, ends, strict=True))


def _places(ranges: Ranges, content: mmap.mmap | None, piece: bytes | None) -> Iterator[pa.RecordBatch]:
    """The places of the posts, in the order of the file; those with a `piece` in their bytes, if it is given."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(ranges.path) as table:
        for batch in table.iter_batches(TOGETHER, columns=[*Occurrence._fields, "part_of"]):
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
    rows: list[int] = []
    at, last = int(begins[0]), int(ends.max())
    while (at := content.find(piece, at, last)) >= 0:
        row = int(np.searchsorted(begins, at, side="right")) - 1
        if at + len(piece) <= ends[row]:
            rows.append(row)
        at = max(at + 1, int(ends[row]) - len(piece) + 1)
    return rows
