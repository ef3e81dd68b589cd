"""A corpus laid out so that trying one recipe after another on it costs little.

Most of what a trial asks depends on no threshold: which rules each post matches, and which posts are copies of each
other whichever of them are alive. A bench reads that once, a few bytes a post, and keeps it. A trial then reads the
columns of the conditions that changed, and no text; of the copies it looks only at posts that share a key with another
one, put in order of preference beforehand. It gives what the statements of `curation.recipes.plan` give, post by
post: a
property test holds the two against a run.

A bench tells of rules that decide about a post by itself from what was measured, and of dedups that keep the first of
equal keys. Where a rule compares posts in another way, or measures anew, it gives None, and the statements are run.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from curation.corpus.rejudging import Settled, rules_left
from curation.corpus.row_location import PLACE
from curation.rules.base import Dedup, Rule, Transform
from curation.sameness.preference import MOMENT
from curation.sql import identifier

if TYPE_CHECKING:
    import duckdb

    from curation.recipes.recipe import Recipe

#: Rules of a recipe that a bench can tell apart: the bits of a word.
MOST_RULES = 63


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What a recipe says of all posts, in the corpus's order."""

    rules: tuple[str, ...]  # those that remove posts, in recipe order
    mask: np.ndarray  # uint64, a post each: a bit for every rule that matches, the first rule's the lowest
    standing: frozenset[str]  # dedups whose word stands; all others were done again
    marked: np.ndarray  # the posts that a dedup that was done again removes, ascending
    kept: pa.Array  # for each of those, the id of the post that is kept instead

    def first(self, mask: int) -> str | None:
        """The rule that removes a post."""
        return self.rules[(mask & -mask).bit_length() - 1] if mask else None

    def matched(self, mask: int) -> list[str]:
        """All rules that match, in recipe order."""
        return [name for bit, name in enumerate(self.rules) if mask >> bit & 1]


@dataclass(frozen=True, eq=False)
class _Copies:
    """The posts that share a dedup's key with another post, alive or not, the preferred one of each key first."""

    numbers: np.ndarray  # of the posts in the corpus
    groups: np.ndarray  # the number of each one's key; they ascend
    called: np.ndarray  # a number that two posts share when platform and id are the same
    ids: pa.Array


@dataclass(frozen=True, eq=False)
class _Ground:
    """One state of a corpus."""

    files: tuple[str, ...]
    sizes: np.ndarray  # posts of each file
    sets: tuple[tuple[str, ...], ...]  # every set of rules that matches a post
    codes: np.ndarray  # of each post, the place of its set
    copy_numbers: np.ndarray  # the posts with a `duplicate_of`, ascending
    copy_of: pa.Array  # what it is
    copies: dict[str, _Copies] = field(default_factory=dict)  # by what the dedup compares

    @property
    def nbytes(self) -> int:
        arrays = [self.codes, self.copy_numbers, self.copy_of]
        arrays += [part for each in self.copies.values() for part in vars(each).values()]
        return sum(array.nbytes for array in arrays)


class Bench:
    """What trials on one corpus know already, at most of its latest state; safe for threads."""

    def __init__(self) -> None:
        self._ground: _Ground | None = None
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Bytes that it holds."""
        return self._ground.nbytes if self._ground else 0

    def ground(self, connection: duckdb.DuckDBPyConnection, files: tuple[str, ...]) -> _Ground:
        """The corpus of these files, which is the view `posts` of the connection, with places."""
        with self._lock:
            if self._ground is None or self._ground.files != files:
                self._ground = _read(connection, files)
            return self._ground

    def judge(
        self, connection: duckdb.DuckDBPyConnection, files: tuple[str, ...], old: Recipe, new: Recipe
    ) -> Verdicts | None:
        """What `new` says of a corpus of `old`; None where the statements have to."""
        rules = _told(old, new)
        if rules is None:
            return None
        ground = self.ground(connection, files)
        removing = tuple(rule.name for rule in rules)
        bits = {name: np.uint64(1 << bit) for bit, name in enumerate(removing)}
        standing = {rule.name for rule in rules if isinstance(rule, Settled) and not rule.condition}
        sets = [sum(int(bits[name]) for name in names if name in standing) for names in ground.sets]
        mask = np.array(sets, dtype=np.uint64)[ground.codes] if sets else np.zeros(0, np.uint64)
        conditions = [rule for rule in rules if isinstance(rule, Settled) and rule.condition]
        for rule, holds in zip(conditions, _asked(connection, conditions), strict=True):
            mask[holds] |= bits[rule.name]
        marked, kept_ids = [np.zeros(0, np.int64)], [ground.copy_of[:0]]
        for place, rule in enumerate(rules):
            if isinstance(rule, Dedup):
                copies = self._copies(connection, ground, rule)
                gone, kept = _compared(copies, mask, (1 << place) - 1)
                mask[copies.numbers[gone]] |= bits[rule.name]
                marked.append(copies.numbers[gone])
                kept_ids.append(copies.ids.take(pa.array(kept)))
        those = np.concatenate(marked)
        order = np.argsort(those)
        dedups = {rule.name for rule in old.rules if isinstance(rule, Dedup)}
        ids = pa.concat_arrays(kept_ids).take(pa.array(order))
        return Verdicts(removing, mask, frozenset(dedups & standing), those[order], ids)

    def _copies(self, connection: duckdb.DuckDBPyConnection, ground: _Ground, rule: Dedup) -> _Copies:
        key = json.dumps(rule.compares())
        with self._lock:
            if key not in ground.copies:
                for function in rule.functions():
                    function.register(connection, None)
                ground.copies[key] = _share(connection, ground, rule)
            return ground.copies[key]

    def verdicts(self, connection: duckdb.DuckDBPyConnection, files: tuple[str, ...], said: Verdicts) -> pa.Table:
        """What was said, of all posts: the columns of `curation.asking.trial.COLUMNS`."""
        ground = self.ground(connection, files)
        return _table(ground, np.arange(len(ground.codes)), said)

    def changed(self, connection: duckdb.DuckDBPyConnection, files: tuple[str, ...], said: Verdicts) -> pa.Table:
        """The same, of the posts of which the corpus says something else."""
        ground = self.ground(connection, files)
        bits = {name: 1 << bit for bit, name in enumerate(said.rules)}
        # No set of rules has this number, so a post that a rule matched which is gone has changed.
        gone = 1 << MOST_RULES
        sets = [sum(bits[name] for name in names) if bits.keys() >= set(names) else gone for names in ground.sets]
        other = said.mask != np.array(sets, dtype=np.uint64)[ground.codes] if sets else np.zeros(0, bool)
        looked = np.union1d(said.marked, ground.copy_numbers)
        before = _take(ground.copy_of, _places(ground.copy_numbers, looked)).to_numpy(zero_copy_only=False)
        other[looked] |= before != _kept_for(ground, looked, said).to_numpy(zero_copy_only=False)
        return _table(ground, np.flatnonzero(other), said)


def able(old: Recipe, new: Recipe) -> bool:
    """Whether a bench can tell what `new` says of a corpus of `old`."""
    return _told(old, new) is not None


def _told(old: Recipe, new: Recipe) -> list[Rule] | None:
    """The rules that remove posts, if a bench can tell of all of them."""
    rules = rules_left(old, new)
    if rules is None:
        return None
    rules = [rule for rule in rules if not isinstance(rule, Transform) and _removes(rule, old)]
    if len(rules) > MOST_RULES or not all(isinstance(rule, Settled) or _keeps_the_first(rule) for rule in rules):
        return None
    return rules


def _removes(rule: Rule, old: Recipe) -> bool:
    return not any(each.name == rule.name and isinstance(each, Transform) for each in old.rules)


def _keeps_the_first(rule: Rule) -> bool:
    """Whether of the posts of one key all but the preferred one go, by nothing that the class does itself."""
    own = ("find", "marks", "marked", "shared", "compares", "removes")
    return isinstance(rule, Dedup) and all(getattr(type(rule), name) is getattr(Dedup, name) for name in own)


def _read(connection: duckdb.DuckDBPyConnection, files: tuple[str, ...]) -> _Ground:
    counted = dict(connection.execute("SELECT _part, count(*) FROM posts GROUP BY _part").fetchall())
    sizes = np.array([counted.get(part, 0) for part in range(len(files))], dtype=np.int64)
    table = connection.sql("SELECT array_to_string(matched, ',') AS names, duplicate_of FROM posts").to_arrow_table()
    names = table["names"].combine_chunks().dictionary_encode()
    copy_of = table["duplicate_of"].combine_chunks()
    copies = np.flatnonzero(copy_of.is_valid().to_numpy(zero_copy_only=False))
    sets = tuple(tuple(filter(None, each.split(","))) for each in names.dictionary.to_pylist())
    codes = names.indices.to_numpy(zero_copy_only=False).astype(np.min_scalar_type(max(len(sets) - 1, 0)))
    return _Ground(files, sizes, sets, codes, copies, copy_of.take(pa.array(copies)))


def _asked(connection: duckdb.DuckDBPyConnection, rules: list[Settled]) -> list[np.ndarray]:
    """Of each rule with another condition, whether it removes each post."""
    if not rules:
        return []
    columns = [f"coalesce(({rule.condition}), false) AS {identifier(rule.name)}" for rule in rules]
    table = connection.sql(f"SELECT {', '.join(columns)} FROM posts").to_arrow_table()
    return [table[number].to_numpy() for number in range(len(rules))]


def _share(connection: duckdb.DuckDBPyConnection, ground: _Ground, rule: Dedup) -> _Copies:
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
                   ROW({compared["preference"]}, {MOMENT}, length(id), id, platform) AS preferred
            FROM posts SEMI JOIN sharing USING ({PLACE})
        )
        SELECT {PLACE}, id, dense_rank() OVER (ORDER BY key) AS shared,
               dense_rank() OVER (ORDER BY id, platform) AS called
        FROM alike ORDER BY key, preferred, {PLACE}
        """
    ).to_arrow_table()
    connection.execute("DROP TABLE sharing")
    begins = np.cumsum([0, *ground.sizes[:-1]])
    numbers = begins[table["_part"].to_numpy()] + table["_row"].to_numpy()
    groups, called = (table[name].to_numpy().astype(np.int32) for name in ("shared", "called"))
    return _Copies(numbers, groups, called, table["id"].combine_chunks())


def _compared(copies: _Copies, mask: np.ndarray, earlier: int) -> tuple[np.ndarray, np.ndarray]:
    """The places in `copies` of the posts that go, and for each that of the post that is kept instead."""
    alive = np.flatnonzero((mask[copies.numbers] & np.uint64(earlier)) == 0)
    groups = copies.groups[alive]
    begins = np.flatnonzero(np.diff(groups, prepend=-1))
    kept = alive[np.repeat(begins, np.diff([*begins, len(alive)]))] if len(alive) else alive
    gone = copies.called[alive] != copies.called[kept]
    return alive[gone], kept[gone]


def _table(ground: _Ground, numbers: np.ndarray, said: Verdicts) -> pa.Table:
    """Verdicts of some posts, whose numbers ascend."""
    ends = np.cumsum(ground.sizes)
    part = np.searchsorted(ends, numbers, side="right")
    row = numbers - (ends - ground.sizes)[part]
    masks, places = np.unique(said.mask[numbers], return_inverse=True)
    matched = pa.array([said.matched(int(mask)) for mask in masks], pa.list_(pa.string())).take(pa.array(places))
    removed_by = pa.array([said.first(int(mask)) for mask in masks], pa.string()).take(pa.array(places))
    columns = [pa.array(part.astype(np.int32)), pa.array(row), matched, removed_by, _kept_for(ground, numbers, said)]
    return pa.table(columns, names=["part", "row", "matched", "removed_by", "duplicate_of"])


def _kept_for(ground: _Ground, numbers: np.ndarray, said: Verdicts) -> pa.Array:
    """The `duplicate_of` of some posts: what a dedup says now, or what one said that stands."""
    stands = np.array([not said.standing.isdisjoint(names) for names in ground.sets], dtype=bool)
    old = _places(ground.copy_numbers, numbers)
    old[~stands[ground.codes[numbers]]] = -1
    new = _places(said.marked, numbers)
    either = pa.concat_arrays([ground.copy_of, said.kept])
    return _take(either, np.where(old >= 0, old, np.where(new >= 0, new + len(ground.copy_of), -1)))


def _places(among: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Where each number stands `among` ascending ones; -1 for one that does not."""
    if not len(among):
        return np.full(len(numbers), -1)
    at = np.minimum(np.searchsorted(among, numbers), len(among) - 1)
    return np.where(among[at] == numbers, at, -1)


def _take(values: pa.Array, places: np.ndarray) -> pa.Array:
    """The values at these places; NULL for -1."""
    return values.take(pa.array(places, mask=places < 0))
