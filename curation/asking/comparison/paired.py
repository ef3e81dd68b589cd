"""Two sides as one table: the posts of a corpus with the verdicts of both.

The differences from the corpus's own verdicts are a small table, computed once. With it, every query needs one scan of
the corpus:

>>> pair = PairedPosts.of(a, b)                                                 # doctest: +SKIP
>>> pair.query("SELECT author, count(*) FROM posts WHERE a = 'kept' AND b <> a GROUP BY author")  # doctest: +SKIP
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from curation.asking.comparison.resolve import Side
from curation.corpus.corpus import Corpus
from curation.corpus.selection import KEPT
from curation.engines.table import MEMORY
from curation.errors import WorkspaceError
from curation.sql import database, literal

if TYPE_CHECKING:
    import polars as pl

#: The name for registering the table of differences.
CHANGES = "compared_changes"


@dataclass(frozen=True, eq=False)
class PairedPosts:
    """The posts of side A's corpus with the verdicts of both sides."""

    a: Side
    b: Side
    changes: pa.Table  # posts on which a side differs from A's corpus: part, row, a, b, there
    texts_differ: int  # posts whose texts differ, since the sides rewrite differently
    left_out: int  # posts that only one of the two corpora has

    @classmethod
    def of(cls, a: Side, b: Side) -> PairedPosts:
        """Pair the posts of two sides: by place for sides on one corpus, else by (platform, id).

        Raises `WorkspaceError` for a damaged corpus, `duckdb.Error` if a run has replaced the files of a side.
        """
        with open_sides(a, b) as connection:
            return cls.on(connection, a, b)

    @classmethod
    def on(cls, connection: duckdb.DuckDBPyConnection, a: Side, b: Side) -> PairedPosts:
        """The same, on a connection of `open_sides` for these two."""
        kinds = dict.fromkeys([KEPT, *a.rules, *b.rules])
        verdict = f"ENUM({', '.join(map(literal, kinds))})"
        try:
            connection.execute(f"CREATE TEMP TABLE changes AS {_changes(a, b, verdict)}")
        except duckdb.ConversionException as error:
            names = " or ".join(sorted({f"'{side.corpus.recipe}'" for side in (a, b)}))
            raise WorkspaceError(
                f"The corpus {names} holds verdicts that its recipe does not explain. Make it anew with: "
                "curation run RECIPE --again"
            ) from error
        changes = connection.sql(
            "SELECT part, row, a, b, there FROM changes "
            "WHERE current <> a::VARCHAR OR current <> b::VARCHAR OR NOT there ORDER BY part, row"
        ).to_arrow_table()
        differ = missing = more = 0
        if not a.same_place(b):
            [(differ, missing)] = connection.execute(
                "SELECT count(*) FILTER (differs AND there), count(*) FILTER (NOT there) FROM changes"
            ).fetchall()
            [(more,)] = connection.execute(
                f"SELECT (SELECT count(*) FROM side_b) - (SELECT count(*) FROM side_a) + {missing}"
            ).fetchall()
        connection.execute("DROP TABLE changes")
        return cls(a, b, changes, differ, missing + more)

    @property
    def corpus(self) -> Corpus:
        """The corpus with the posts: A's."""
        return self.a.corpus

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """The tables that `sql` reads, by name; none if both sides agree with the corpus."""
        return {CHANGES: self.changes} if self.changes.num_rows else {}

    def sql(self, posts: str = "posts") -> str:
        """SQL: every column of `posts`, and the verdicts `a` and `b`: "kept" or the rule.

        `posts` is a table or view of A's corpus with `part` and `row`. Register `tables` first.
        """
        measured = {column for rule in self.a.corpus.rules for column in rule["columns"]}
        taken = ", ".join(name for name in ("a", "b") if name in measured)  # a user's rule may have this name
        columns = f"posts.* EXCLUDE ({taken})" if taken else "posts.*"
        current = f"coalesce(posts.removed_by, {literal(KEPT)})"
        if not self.tables:
            return f"SELECT {columns}, {current} AS a, {current} AS b FROM {posts} AS posts"
        a, b = (f"coalesce(CAST({CHANGES}.{side} AS VARCHAR), {current}) AS {side}" for side in "ab")
        return (
            f"SELECT {columns}, {a}, {b} FROM {posts} AS posts LEFT JOIN {CHANGES} USING (part, row) "
            f"WHERE coalesce({CHANGES}.there, true)"
        )

    def prepare(self, connection: duckdb.DuckDBPyConnection, where: str = "true") -> None:
        """Create the view `posts` of `sql` on a connection of `open_sides`; `where` is SQL: which posts it has."""
        for name, table in self.tables.items():
            connection.register(name, table)
        connection.execute(f"CREATE VIEW posts AS SELECT * FROM ({self.sql(f'({self.a.posts})')}) WHERE {where}")

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pl.DataFrame:
        """Query `posts`; `?` in the SQL stands for a parameter. Gives a Polars frame."""
        import polars as pl

        with open_sides(self.a, self.b) as connection:
            self.prepare(connection)
            return pl.DataFrame(connection.sql(sql, params=list(parameters)).to_arrow_table())


def _changes(a: Side, b: Side, verdict: str) -> str:
    """SQL: the posts with any difference: place, the corpus's verdict and those of the sides."""
    if not a.same_place(b):
        source = (
            "SELECT side_a.part, side_a.row, side_a.current, side_a.verdict AS a, other.verdict AS b, "
            "other.digest IS NOT NULL AS there, other.digest IS DISTINCT FROM hash(side_a.text) AS differs "
            "FROM side_a LEFT JOIN (SELECT platform, id, verdict, hash(text) AS digest FROM side_b) AS other "
            "USING (platform, id)"
        )
    elif a.changes is not None and b.changes is not None:
        source = (
            "SELECT part, row, side_a.current, side_a.verdict AS a, side_b.verdict AS b, true AS there, "
            "false AS differs FROM side_a JOIN side_b USING (part, row)"
        )
    else:  # the other side has the verdicts of the corpus
        columns = "current AS a, verdict AS b" if a.changes is None else "verdict AS a, current AS b"
        changed = "side_b" if a.changes is None else "side_a"
        source = f"SELECT part, row, current, {columns}, true AS there, false AS differs FROM {changed}"
    return (
        f"SELECT * REPLACE (CAST(a AS {verdict}) AS a, CAST(b AS {verdict}) AS b) FROM ({source}) "
        "WHERE current <> a OR current <> b OR differs OR NOT there"
    )


@contextlib.contextmanager
def open_sides(
    a: Side, b: Side, *, memory: int = MEMORY, spill: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the views `side_a` and `side_b` of `Side.posts_with_verdict`.

    Beyond `memory` bytes, data spills into the folder `spill`.
    """
    with contextlib.closing(database.connect(memory_limit=f"{memory}B", spill=spill)) as connection:
        for name, side in (("a", a), ("b", b)):
            if side.changes is not None:
                connection.register(f"verdicts_{name}", side.changes)
            connection.execute(f"CREATE VIEW side_{name} AS {side.posts_with_verdict(f'verdicts_{name}')}")
        yield connection
