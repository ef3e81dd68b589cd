"""An index of a corpus in memory, which makes judging one recipe after another fast.

Two things depend on no threshold: which rules match each post, and which posts share a key. The cache reads them once.
A recipe is then evaluated from the columns of the changed conditions, without any text. Of the copies it needs only the
posts that share a key, which are kept in order of preference. A property test compares the verdicts with a run's.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from curation.asking.approach import Approach, keeps_one_of_a_key
from curation.asking.decisions import (
    PACKED,
    Decisions,
    Numbers,
    numpy_of,
    pins_in,
    places_among,
    sizes_of,
    small,
    taken,
)  # fmt: skip
from curation.asking.evidence import Evidence, digest_of
from curation.asking.recalculation import Question, Recalculation
from curation.corpus.corpus import PLACE
from curation.corpus.rejudging import Settled
from curation.functions.recent import Recent
from curation.recipes.recipe import Recipe
from curation.rules.base import Dedup, Rule
from curation.sameness.preference import preferred
from curation.sql import arrow

#: A bit for every rule that matches a post; the lowest is the first rule's.
Masks = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class _Copies:
    """The posts that share a dedup's key, alive or not, the preferred post of each key first."""

    numbers: Numbers  # of the posts
    keys: npt.NDArray[np.int32]  # the numbers of their keys, ascending
    posts: npt.NDArray[np.int32]  # equal for rows with the same platform and id
    ids: pa.StringArray

    @classmethod
    def of(cls, table: pa.Table) -> _Copies:
        """Of a table with these columns, in this order."""
        keys, posts = (numpy_of(table[name]).astype(np.int32) for name in ("key", "post"))
        ids: Any = table["id"].cast(pa.string()).combine_chunks()  # the stubs know no `StringArray` here
        return cls(numpy_of(table["number"]), keys, posts, ids)

    def removed(self, matches: _Matches, earlier: int) -> tuple[Numbers, Numbers]:
        """The places of the removed posts in these arrays, and the places of the posts that are kept instead.

        Compares only posts that no rule in the mask `earlier` removes.
        """
        alive = np.flatnonzero((matches.of(self.numbers) & np.uint64(earlier)) == 0)
        keys = self.keys[alive]
        begins = np.flatnonzero(np.diff(keys, prepend=-1))
        kept = alive[np.repeat(begins, np.diff([*begins, len(alive)]))] if len(alive) else alive
        gone = self.posts[alive] != self.posts[kept]
        return alive[gone], kept[gone]


class _Matches:
    """Which rules match each post. Many posts share a mask, so each post has the number of its mask."""

    #: With more masks than this, unused ones are dropped.
    MANY = 4096

    def __init__(self, codes: npt.NDArray[Any], masks: Masks) -> None:
        self.codes, self.masks = codes.astype(np.int32), masks

    def of(self, numbers: Numbers) -> Masks:
        """The masks of these posts."""
        return self.masks[self.codes[numbers]]

    def add(self, removed: npt.NDArray[np.bool_], bit: int) -> None:
        """Let a rule match all posts that it removes."""
        self.codes += np.int32(len(self.masks)) * removed
        self.masks = np.concatenate([self.masks, self.masks | np.uint64(bit)])
        if len(self.masks) > self.MANY:
            used, codes = np.unique(self.codes, return_inverse=True)
            self.codes, self.masks = codes.astype(np.int32), self.masks[used]

    def mark(self, numbers: Numbers, bit: int) -> None:
        """Let a rule match a few posts."""
        masks, codes = np.unique(self.of(numbers) | np.uint64(bit), return_inverse=True)
        self.codes[numbers] = len(self.masks) + codes
        self.masks = np.concatenate([self.masks, masks])

    def alive(self, earlier: int) -> npt.NDArray[np.bool_]:
        """Which posts no rule in the mask `earlier` matches."""
        alive: npt.NDArray[np.bool_] = ((self.masks & np.uint64(earlier)) == 0)[self.codes]
        return alive

    def any(self, posts: npt.NDArray[np.bool_], earlier: int) -> bool:
        """Whether no rule in the mask `earlier` matches one of these posts."""
        return bool(np.any(self.alive(earlier) & posts))


@dataclass(frozen=True, eq=False)
class _CorpusIndex:
    """One state of a corpus in memory."""

    files: tuple[str, ...]
    current: Decisions  # of its verdict columns
    copies: dict[str, _Copies] = field(default_factory=dict)  # by what the dedup compares


class VerdictCache:
    """What judging a corpus needs again and again; only for its latest state. Safe for threads."""

    def __init__(self) -> None:
        self.recent = Recent()  # of what rules have computed to compare posts
        self._index: _CorpusIndex | None = None
        self._lock = threading.Lock()

    def current(self, connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> Decisions:
        """The verdict columns of the corpus with these files: the connection's view `posts`, with places."""
        return self._of(connection, files).current

    def evaluate(
        self,
        connection: duckdb.DuckDBPyConnection,
        files: Sequence[str],
        approaches: Sequence[Approach],
        old: Recipe,
        recalculation: Recalculation,
    ) -> Iterator[tuple[Decisions, bool]]:
        """The decisions of each approach, and whether a changed rule reaches other posts than before.

        `old` is the corpus's recipe; `recalculation` tells whom a rule removes that is neither settled nor keeps one of
        each key. A changed rule reaches another post if its verdict differs for a post that no earlier rule removes.
        """
        index = self._of(connection, files)
        removed = _conditions(connection, approaches)
        for each in approaches:
            yield self._evaluated(connection, index, each, removed, old, recalculation)

    def _of(self, connection: duckdb.DuckDBPyConnection, files: Sequence[str]) -> _CorpusIndex:
        with self._lock:
            if self._index is None or self._index.files != tuple(files):
                posts = connection.sql(f"SELECT {PACKED} FROM posts").to_arrow_table()
                sizes = sizes_of(connection, len(files))
                current = Decisions.packed(posts, sizes, pins_in(connection, sizes))
                self._index = _CorpusIndex(tuple(files), current)
            return self._index

    def _copies(
        self, connection: duckdb.DuckDBPyConnection, index: _CorpusIndex, rule: Dedup, evidence: Evidence
    ) -> _Copies:
        key = digest_of(rule.compares(), [(each.name, each.version) for each in rule.functions()])
        with self._lock:
            if key not in index.copies:
                table = evidence.sharing(key)
                if table is None:
                    table = _sharing(connection, index, rule)
                    evidence.keep_sharing(key, table)
                index.copies[key] = _Copies.of(table)
            return index.copies[key]

    def _evaluated(
        self,
        connection: duckdb.DuckDBPyConnection,
        index: _CorpusIndex,
        approach: Approach,
        removed: Mapping[str, npt.NDArray[np.bool_]],
        old: Recipe,
        recalculation: Recalculation,
    ) -> tuple[Decisions, bool]:
        current = index.current
        bits = {rule.name: 1 << place for place, rule in enumerate(approach.rules)}
        unchanged = {rule.name for rule in approach.rules if isinstance(rule, Settled) and not rule.condition}
        sets = [sum(bits[name] for name in names if name in unchanged) for names in current.sets]
        matches = _Matches(current.codes, np.array(sets, dtype=np.uint64))
        reaches = any(names and names[0] in approach.dropped for names in current.sets)
        for each in approach.conditions:
            before = np.array([each.name in names for names in current.sets], dtype=bool)[current.codes]
            reaches = reaches or matches.any(before != removed[each.condition], bits[each.name] - 1)
            matches.add(removed[each.condition], bits[each.name])
        marked, originals = [np.zeros(0, np.int64)], [current.originals[:0]]
        for rule in approach.rules:
            if isinstance(rule, Settled):
                continue
            earlier = bits[rule.name] - 1
            if keeps_one_of_a_key(rule):
                copies = self._copies(connection, index, rule, recalculation.evidence)
                gone, kept = copies.removed(matches, earlier)
                numbers, names = copies.numbers[gone], taken(copies.ids, kept)
            else:
                answer = recalculation.outcome(_question(current, old, rule, matches.alive(earlier)))
                numbers, names = answer.numbers, answer.originals
            matches.mark(numbers, bits[rule.name])
            marked.append(numbers)
            originals.append(names)
        finding = frozenset(rule.name for rule in old.rules if isinstance(rule, Dedup))
        removals = np.concatenate(marked), pa.concat_arrays(originals)
        return _decisions(current, matches, tuple(bits), finding & unchanged, removals), reaches


def _question(current: Decisions, old: Recipe, rule: Rule, alive: npt.NDArray[np.bool_]) -> Question:
    """A rule that is computed again, and what the corpus says of it."""
    names = [each.name for each in old.rules]
    place = names.index(rule.name)
    earlier = {*names[:place]}
    was_alive = np.array([earlier.isdisjoint(each) for each in current.sets], dtype=bool)[current.codes]
    removed = np.array([rule.name in each for each in current.sets], dtype=bool)[current.codes]
    return Question(rule, old.rules[place], alive, was_alive, removed)


def _decisions(
    current: Decisions,
    matches: _Matches,
    rules: tuple[str, ...],
    unchanged: frozenset[str],
    marked: tuple[Numbers, pa.StringArray],
) -> Decisions:
    """Matches as decisions. The copies are those of `unchanged` rules that find copies, and the `marked` ones."""
    sets = tuple(tuple(name for bit, name in enumerate(rules) if mask >> bit & 1) for mask in matches.masks.tolist())
    stays = np.array([not unchanged.isdisjoint(names) for names in current.sets], dtype=bool)
    old = np.flatnonzero(stays[current.codes[current.copies]])
    new = np.flatnonzero(places_among(current.copies[old], marked[0]) < 0)
    numbers = np.concatenate([current.copies[old], marked[0][new]])
    originals = pa.concat_arrays([taken(current.originals, old), taken(marked[1], new)])
    order = np.argsort(numbers)
    codes = small(matches.codes, len(sets))
    return Decisions(current.sizes, sets, codes, numbers[order], taken(originals, order), current.pins)


def _conditions(
    connection: duckdb.DuckDBPyConnection, approaches: Sequence[Approach]
) -> dict[str, npt.NDArray[np.bool_]]:
    """Whether each condition removes each post; read in one pass."""
    conditions = list(dict.fromkeys(rule.condition for each in approaches for rule in each.conditions))
    if not conditions:
        return {}
    columns = [
        f"CAST(coalesce(({condition}), false) AS UTINYINT) AS c{number}" for number, condition in enumerate(conditions)
    ]
    table = connection.sql(f"SELECT {', '.join(columns)} FROM posts").to_arrow_table()
    return {condition: numpy_of(table[number]).view(bool) for number, condition in enumerate(conditions)}


def _sharing(connection: duckdb.DuckDBPyConnection, index: _CorpusIndex, rule: Dedup) -> pa.Table:
    """The posts that share a key, for `_Copies.of`. Most posts share none, and a quick hash sorts these out first."""
    # No condition on the key before it is stored: DuckDB would compute the keys for it, and then again.
    connection.execute(f"CREATE OR REPLACE TEMP TABLE keyed AS SELECT {PLACE}, hash({rule.key()}) AS hashed FROM posts")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE sharing AS SELECT {PLACE} FROM keyed "
        "SEMI JOIN (SELECT hashed FROM keyed GROUP BY hashed HAVING count(*) > 1) USING (hashed)"
    )
    connection.execute("DROP TABLE keyed")
    compared = rule.compares()
    table = connection.sql(
        f"""
        WITH alike AS MATERIALIZED (
            SELECT {PLACE}, {compared["key"]} AS key, id, platform,
                   ROW({preferred(compared["preference"])}) AS preferred
            FROM posts SEMI JOIN sharing USING ({PLACE})
        )
        SELECT {PLACE}, id, dense_rank() OVER (ORDER BY key) AS shared,
               dense_rank() OVER (ORDER BY id, platform) AS post
        FROM alike WHERE key IS NOT NULL ORDER BY key, preferred, {PLACE}
        """
    ).to_arrow_table()
    connection.execute("DROP TABLE sharing")
    begins = np.cumsum([0, *index.current.sizes[:-1]])
    numbers = begins[numpy_of(table["_part"])] + numpy_of(table["_row"])
    columns = [arrow.numbers(numbers), table["shared"], table["post"], table["id"]]
    return pa.Table.from_arrays(columns, names=["number", "key", "post", "id"])
