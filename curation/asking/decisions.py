"""The verdicts of all posts of a corpus in memory, a few bytes a post.

Many posts share a set of matching rules, so each post has the number of its set; only copies need more, and the few
posts with a pin, which is applied last.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.corpus.corpus import PLACE
from curation.corpus.pins.applying import removed_by
from curation.recipes.verdict import BY_HAND
from curation.sql import arrow

Numbers = npt.NDArray[np.int64]

#: The columns of verdicts, in this order; `part` is the number of the file in the manifest, `row` the row in it.
COLUMNS = ("part", "row", "matched", "removed_by", "duplicate_of")
#: SQL over posts with verdicts: the columns that `Decisions.packed` reads.
PACKED = "array_to_string(matched, ',') AS names, duplicate_of, CAST(duplicate_of IS NOT NULL AS UTINYINT) AS is_copy"


@dataclass(frozen=True, eq=False)
class Decisions:
    """What a recipe decides about each post. Posts have numbers, in the corpus's order."""

    sizes: Numbers  # posts of each file
    sets: tuple[tuple[str, ...], ...]  # sets of rules that match posts, each in recipe order; one may occur twice
    codes: npt.NDArray[Any]  # of each post, the place of its set
    copies: Numbers  # the posts with a `duplicate_of`, ascending
    originals: pa.StringArray  # their `duplicate_of`
    pins: Mapping[int, str] = field(default_factory=dict)  # the pins that the corpus has, by the post

    @classmethod
    def packed(cls, posts: pa.Table, sizes: Numbers, pins: Mapping[int, str]) -> Decisions:
        """The decisions in a table of all posts, in the corpus's order, with the columns of `PACKED`."""
        names = posts["names"].combine_chunks().dictionary_encode()
        copies = np.flatnonzero(numpy_of(posts["is_copy"]))
        sets = tuple(tuple(filter(None, str(each).split(","))) for each in names.dictionary.to_pylist())
        codes = small(numpy_of(names.indices), len(sets))
        return cls(sizes, sets, codes, copies, taken(posts["duplicate_of"].combine_chunks(), copies), pins)

    @property
    def counts(self) -> Counter[str | None]:
        """Posts by the rule that removes them, or by hand; None: kept."""
        posts: Counter[str | None] = Counter()
        for names, number in zip(self.sets, np.bincount(self.codes, minlength=len(self.sets)).tolist(), strict=True):
            posts[removed_by(names, None)] += number
        for post, want in self.pins.items():
            names = self.sets[self.codes[post]]
            posts[removed_by(names, None)] -= 1
            posts[removed_by(names, want)] += 1
        return +posts

    def changes(self, before: Decisions) -> pa.Table:
        """The verdicts that differ from `before`, in the columns of `COLUMNS`."""
        places = {names: place for place, names in enumerate(before.sets)}
        same = np.array([places.get(names, -1) for names in self.sets], dtype=np.int64)
        differs = same[self.codes] != before.codes
        copies = np.union1d(self.copies, before.copies)
        pairs = zip(*(each.originals_of(copies).to_pylist() for each in (self, before)), strict=True)
        differs[copies] |= np.array([one != other for one, other in pairs], dtype=bool)
        return self._table(np.flatnonzero(differs))

    def originals_of(self, numbers: Numbers) -> pa.StringArray:
        """The `duplicate_of` of these posts."""
        originals: pa.StringArray = taken(self.originals, places_among(self.copies, numbers))
        return originals

    def _table(self, numbers: Numbers) -> pa.Table:
        """The verdicts of these posts, whose numbers ascend."""
        ends = np.cumsum(self.sizes)
        part = np.searchsorted(ends, numbers, side="right")
        row = numbers - (ends - self.sizes)[part]
        codes = self.codes[numbers].astype(np.int64)
        first = [*dict.fromkeys(names[0] for names in self.sets if names), BY_HAND]
        removing = np.array([first.index(names[0]) if names else -1 for names in self.sets], dtype=np.int64)[codes]
        for place, post in enumerate(numbers.tolist() if self.pins else ()):
            if want := self.pins.get(post):
                by = removed_by(self.sets[self.codes[post]], want)
                removing[place] = first.index(by) if by else -1
        columns = [
            arrow.numbers(part.astype(np.int32)),
            arrow.numbers(row),
            taken(lists_of_strings(self.sets), codes),
            taken(strings(first), removing),
            self.originals_of(numbers),
        ]
        return pa.Table.from_arrays(columns, names=list(COLUMNS))


def sizes_of(connection: duckdb.DuckDBPyConnection, files: int) -> Numbers:
    """The number of posts of each file, from the view `posts` with places."""
    counted = dict(connection.execute("SELECT _part, count(*) FROM posts GROUP BY _part").fetchall())
    return np.array([counted.get(part, 0) for part in range(files)], dtype=np.int64)


def pins_in(connection: duckdb.DuckDBPyConnection, sizes: Numbers) -> dict[int, str]:
    """The pins in the view `posts` with places, by the number of the post; none in a corpus without the column."""
    if BY_HAND not in connection.sql("FROM posts LIMIT 0").columns:
        return {}
    begins = np.cumsum([0, *sizes[:-1]]).tolist()
    rows = connection.execute(f"SELECT {PLACE}, {BY_HAND} FROM posts WHERE {BY_HAND} IS NOT NULL").fetchall()
    return {begins[part] + row: want for part, row, want in rows}


def small(codes: npt.NDArray[Any], values: int) -> npt.NDArray[Any]:
    """Codes below `values` in the smallest integers that hold them."""
    return codes.astype(np.min_scalar_type(max(values - 1, 0)))


def places_among(ascending: Numbers, numbers: Numbers) -> Numbers:
    """The place of each number among ascending ones; -1 for a number that is not among them."""
    if not len(ascending):
        return np.full(len(numbers), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(ascending, numbers), len(ascending) - 1)
    return np.where(ascending[at] == numbers, at, -1)


def numpy_of(column: pa.ChunkedArray[Any] | pa.Array[Any]) -> npt.NDArray[Any]:
    """The numbers of a column without NULL; `to_numpy` and `pa.array` import pandas, which takes long."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return np.from_dlpack(array)


def strings(values: Sequence[str]) -> pa.StringArray:
    """Texts."""
    encoded = [value.encode() for value in values]
    ends = np.array([0, *itertools.accumulate(map(len, encoded))], dtype=np.int32)
    return pa.StringArray.from_buffers(len(encoded), _buffer(ends), pa.py_buffer(b"".join(encoded)))


def lists_of_strings(values: Sequence[Sequence[str]]) -> pa.ListArray[Any]:
    """Lists of texts."""
    ends = np.array([0, *itertools.accumulate(map(len, values))], dtype=np.int32)
    offsets: Any = arrow.numbers(ends)
    lists: pa.ListArray[Any] = pa.ListArray.from_arrays(offsets, strings([*itertools.chain(*values)]))
    return lists


def taken(values: Any, places: Numbers) -> Any:
    """The values at these places; NULL for -1."""
    valid = _buffer(np.packbits(places >= 0, bitorder="little"))
    return values.take(pa.Array.from_buffers(pa.int64(), len(places), [valid, _buffer(places)]))


def _buffer(values: npt.NDArray[Any]) -> pa.Buffer:
    # The stubs have bytes and memory views, but no arrays.
    return pa.py_buffer(values.data)
