"""A corpus indexed in memory, so that judging it by one recipe after another costs little.

Most of what a recipe asks depends on no threshold: which rules each post matches, and which posts are copies of each
other, whichever of them are alive. The cache reads that once. A recipe is then evaluated from the columns of the
conditions that changed, without any text; of the copies only posts that share a key with another one are looked at,
put in order of preference beforehand. A property test holds the verdicts against those of a run.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.asking.decisions import PACKED, Decisions, Numbers, places_among, sizes_of, small
from curation.corpus.rejudging import Settled
from curation.corpus.row_location import PLACE
from curation.rules.base import Dedup
from curation.sameness.preference import preferred

if TYPE_CHECKING:
    import duckdb

    from curation.asking.approach import Approach

#: A bit for every rule that matches a post, the first rule's the lowest.
Masks = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class _Copies:
    """The posts that share a dedup's key with another post, alive or not, the preferred one of each key first."""

    numbers: Numbers  # of the posts in the corpus
    keys: npt.NDArray[np.int32]  # the number of each one's key; they ascend
    posts: npt.NDArray[np.int32]  # a number that two rows share when platform and id are the same
    ids: pa.StringArray

    @property
    def nbytes(self) -> int:
        return int(self.numbers.nbytes + self.keys.nbytes + self.posts.nbytes + self.ids.nbytes)

    def removed(self, masks: Masks, earlier: int) -> tuple[Numbers, Numbers]:
        """The places here of the posts that go, and for each that of the post that is kept instead.

        Only posts are compared that none of the rules in the mask `earlier` removes.
        """
        alive = np.flatnonzero((masks[self.numbers] & np.uint64(earlier)) == 0)
        keys = self.keys[alive]
        begins = np.flatnonzero(np.diff(keys, prepend=-1))
        kept = alive[np.repeat(begins, np.diff([*begins, len(alive)]))] if len(alive) else alive
        gone = self.posts[alive] != self.posts[kept]
        return alive[gone], kept[gone]


@dataclass(frozen=True, eq=False)
class _CorpusIndex:
    """One state of a corpus."""

    files: tuple[str, ...]
    current: Decisions  # its verdict columns
    copies: dict[str, _Copies] = field(default_factory=dict)  # by what the dedup compares

    @property
    def nbytes(self) -> int:
        return self.current.nbytes + sum(each.nbytes for each in self.copies.values())


class VerdictCache:
    """What judging one corpus needs of it again and again, of its latest state alone; safe for threads."""

    def __init__(self) -> None:
        self._index: _CorpusIndex | None = None
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes that it holds."""
        return self._index.nbytes if self._index else 0

    def current(self, connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> Decisions:
        """The verdict columns of the corpus of these files: the connection's view `posts`, with places."""
        return self._of(connection, files).current

    def evaluate(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: Sequence[str],
        approaches: Sequence[Approach],
        finding: frozenset[str],
    ) -> list[tuple[Decisions, bool]]:
        """What each of some packed approaches decides, and whether a changed rule reaches other posts than it did.

        `finding` are the rules of the corpus's recipe that find copies. A changed rule reaches another post if it
        thinks otherwise of one that no rule before it removes.
        """
        index = self._of(connection, files)
        removed = _conditions(connection, approaches)
        return [self._evaluated(connection, index, each, removed, finding) for each in approaches]

    def _of(self, connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> _CorpusIndex:
        with self._lock:
            if self._index is None or self._index.files != tuple(files):
                posts = connection.sql(f"SELECT {PACKED} FROM posts").to_arrow_table()
                current = Decisions.packed(posts, sizes_of(connection, len(files)))
                self._index = _CorpusIndex(tuple(files), current)
            return self._index

    def _copies(self, connection: duckdb.DuckDBPyConnection, index: _CorpusIndex, rule: Dedup) -> _Copies:
        key = json.dumps(rule.compares())
        with self._lock:
            if key not in index.copies:
                index.copies[key] = _sharing(connection, index, rule)
            return index.copies[key]

    def _evaluated(
        self,
        connection: duckdb.DuckDBPyConnection,
        index: _CorpusIndex,
        approach: Approach,
        removed: Mapping[str, npt.NDArray[np.bool_]],
        finding: frozenset[str],
    ) -> tuple[Decisions, bool]:
        current = index.current
        bits = {rule.name: 1 << place for place, rule in enumerate(approach.rules)}
        unchanged = {rule.name for rule in approach.rules if isinstance(rule, Settled) and not rule.condition}
        sets = [sum(bits[name] for name in names if name in unchanged) for names in current.sets]
        masks: Masks = np.array(sets, dtype=np.uint64)[current.codes] if sets else np.zeros(0, np.uint64)
        reaches = any(names and names[0] in approach.dropped for names in current.sets)
        for rule in approach.conditions:
            before = np.array([rule.name in names for names in current.sets], dtype=bool)[current.codes]
            other = (before != removed[rule.condition]) if len(masks) else np.zeros(0, bool)
            reaches = reaches or bool(np.any(other & (masks & np.uint64(bits[rule.name] - 1) == 0)))
            masks[removed[rule.condition]] |= np.uint64(bits[rule.name])
        marked, originals = [np.zeros(0, np.int64)], [current.originals[:0]]
        for dedup in (rule for rule in approach.rules if isinstance(rule, Dedup)):
            copies = self._copies(connection, index, dedup)
            gone, kept = copies.removed(masks, bits[dedup.name] - 1)
            masks[copies.numbers[gone]] |= np.uint64(bits[dedup.name])
            marked.append(copies.numbers[gone])
            originals.append(copies.ids.take(kept))
        found = np.concatenate(marked), pa.concat_arrays(originals)
        return _decisions(current, masks, tuple(bits), finding & unchanged, found), reaches


def _decisions(
    current: Decisions,
    masks: Masks,
    rules: tuple[str, ...],
    unchanged: frozenset[str],
    marked: tuple[Numbers, pa.StringArray],
) -> Decisions:
    """Masks as decisions. The copies are those of the `unchanged` rules that find copies, and what was `marked`."""
    encoded = pa.array(masks).dictionary_encode()
    sets = tuple(
        tuple(name for bit, name in enumerate(rules) if mask >> bit & 1)
        for mask in map(int, encoded.dictionary.to_numpy())
    )
    stays = np.array([not unchanged.isdisjoint(names) for names in current.sets], dtype=bool)
    old = np.flatnonzero(stays[current.codes[current.copies]])
    new = np.flatnonzero(places_among(current.copies[old], marked[0]) < 0)
    numbers = np.concatenate([current.copies[old], marked[0][new]])
    originals = pa.concat_arrays([current.originals.take(old), marked[1].take(new)])
    order = np.argsort(numbers)
    codes = small(encoded.indices.to_numpy(zero_copy_only=False), len(sets))
    return Decisions(current.sizes, sets, codes, numbers[order], originals.take(order))


def _conditions(
    connection: duckdb.DuckDBPyConnection, approaches: Sequence[Approach]
) -> dict[str, npt.NDArray[np.bool_]]:
    """Of each condition, whether it removes each post; read in one pass."""
    conditions = list(dict.fromkeys(rule.condition for each in approaches for rule in each.conditions))
    if not conditions:
        return {}
    columns = [f"coalesce(({condition}), false) AS c{number}" for number, condition in enumerate(conditions)]
    table = connection.sql(f"SELECT {', '.join(columns)} FROM posts").to_arrow_table()
    return {condition: table[number].to_numpy() for number, condition in enumerate(conditions)}


def _sharing(connection: duckdb.DuckDBPyConnection, index: _CorpusIndex, rule: Dedup) -> _Copies:
    """The posts that share a key. Most share theirs with nobody, so a quick hash sorts these out first."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE keyed AS SELECT {PLACE}, hash({rule.key()}) AS hashed FROM posts "
        f"WHERE ({rule.key()}) IS NOT NULL"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE sharing AS SELECT {PLACE} FROM keyed "
        "SEMI JOIN (SELECT hashed FROM keyed GROUP BY hashed HAVING count(*) > 1) USING (hashed)"
    )
    connection.execute("DROP TABLE keyed")
    compared = rule.compares()
    table = connection.sql(
        f"""
        WITH alike AS (
            SELECT {PLACE}, {compared["key"]} AS key, id, platform,
                   ROW({preferred(compared["preference"])}) AS preferred
            FROM posts SEMI JOIN sharing USING ({PLACE})
        )
        SELECT {PLACE}, id, dense_rank() OVER (ORDER BY key) AS shared,
               dense_rank() OVER (ORDER BY id, platform) AS post
        FROM alike ORDER BY key, preferred, {PLACE}
        """
    ).to_arrow_table()
    connection.execute("DROP TABLE sharing")
    begins = np.cumsum([0, *index.current.sizes[:-1]])
    numbers = begins[table["_part"].to_numpy()] + table["_row"].to_numpy()
    keys, posts = (table[name].to_numpy().astype(np.int32) for name in ("shared", "post"))
    return _Copies(numbers, keys, posts, table["id"].combine_chunks())
