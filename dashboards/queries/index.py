"""The facets of all posts as small numbers in memory, so that counting under any choice reads no files.

A post takes about twelve bytes, and four more for each order that somebody used. All arrays have
the posts in the corpus's order: file by file, row by row.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from curation.corpus.corpus import PLACE
from curation.corpus.selection import CLUSTER, Condition, Facet
from dashboards.snapshot import Snapshot
from dashboards.view import ORDERS


@dataclass(frozen=True)
class Codes:
    """One facet of all posts."""

    values: tuple[str, ...]
    codes: np.ndarray  # of each post, the place of its value in `values`; the smallest integer type that fits

    def among(self, chosen: Sequence[str]) -> np.ndarray:
        """Whether each post has one of these values."""
        values = frozenset(chosen)
        among: np.ndarray = np.array([value in values for value in self.values], dtype=bool)[self.codes]
        return among

    def counts(self, selected: np.ndarray | None) -> dict[str, int]:
        """Number of selected posts by value; None selects all."""
        codes = self.codes if selected is None else self.codes[selected]
        counts = np.bincount(codes, minlength=len(self.values))
        return {value: int(count) for value, count in zip(self.values, counts, strict=True) if count}


@dataclass(frozen=True)
class Index:
    """The facets of all posts of a corpus."""

    facets: Mapping[str, Codes]  # by the facet's name
    begins: np.ndarray  # of each file, the number of posts before it; int64

    @property
    def posts(self) -> int:
        """Posts of the corpus."""
        return len(next(iter(self.facets.values())).codes)

    def places(self, numbers: np.ndarray) -> list[tuple[int, int]]:
        """Part and row of posts, by their numbers from 0."""
        parts = np.searchsorted(self.begins, numbers, side="right") - 1
        return list(zip(parts.tolist(), (numbers - self.begins[parts]).tolist(), strict=True))


def index(snapshot: Snapshot, facets: Sequence[Facet]) -> Index:
    """The index of a corpus. The first call makes it, in one pass per facet over the columns that it needs."""
    own = [facet for facet in facets if facet.name != CLUSTER]

    def make() -> Index:
        files = len(snapshot.manifest["files"])
        sizes = dict(snapshot.query("SELECT _part, count(*)::BIGINT FROM posts GROUP BY _part").iter_rows())
        ends = np.cumsum([0, *(sizes.get(part, 0) for part in range(files))], dtype=np.int64)
        return Index({facet.name: _codes(snapshot, facet) for facet in own}, ends[:-1])

    # The key needs no SQL of the facets: within one process it never changes.
    downloaded = snapshot.manifest["counts"]["downloaded"]
    answer = snapshot.keep("index", make, size=18 * downloaded)
    others = {  # a map comes and goes while the corpus stays
        facet.name: snapshot.keep(("codes", facet.value), functools.partial(_codes, snapshot, facet), 2 * downloaded)
        for facet in facets
        if facet.name == CLUSTER
    }
    return replace(answer, facets={**answer.facets, **others}) if others else answer


def _codes(snapshot: Snapshot, facet: Facet) -> Codes:
    column = snapshot.query(f"SELECT {facet.value} AS value FROM posts", once=True)["value"].to_arrow()
    encoded = column.dictionary_encode()
    values = tuple(map(str, encoded.dictionary.to_pylist()))
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    return Codes(values, codes.astype(np.min_scalar_type(max(len(values) - 1, 0))))


def holds(snapshot: Snapshot, condition: Condition) -> np.ndarray:
    """Whether a condition holds for each post; cached, one bit a post."""
    sql = f"SELECT coalesce({condition.sql}, false) AS holds FROM posts"
    return snapshot.query(sql, condition.parameters, searching=condition.name == "q")["holds"].to_numpy()


def ordered(snapshot: Snapshot, facet_index: Index, order: str) -> np.ndarray:
    """The numbers of all posts in an order of `dashboards.view.ORDERS`, int32; ties in the corpus's order."""

    def make() -> np.ndarray:
        sql = f"SELECT {PLACE} FROM posts ORDER BY {ORDERS[order][0]}, {PLACE}"
        places = snapshot.query(sql, once=True)
        numbers: np.ndarray = facet_index.begins[places["_part"].to_numpy()] + places["_row"].to_numpy()
        return numbers.astype(np.int32)

    return snapshot.keep(("ordered", order), make, size=4 * facet_index.posts)
