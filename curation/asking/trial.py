"""What if: what another recipe would say of the posts of a corpus, without a run and without writing a corpus.

The corpus holds every text and every measure, so most of such a question is a query. Where only conditions change,
it is one statement over the verdict columns. Where posts that are alive only now meet a rule that compares posts or
measures dearly, that rule is done again, in this process and over the few columns that it asks for. Either way the
answer is what a run would give, post by post; a property test holds the two against each other. What the corpus
can't answer, such as another transform, takes a run, and `try_recipe` says so by giving None.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curation.asking.bench import Bench
from curation.corpus.rejudging import rejudge
from curation.corpus.row_location import PLACE, at, placed
from curation.functions.exchange import Exchange
from curation.recipes.plan import CANDIDATE, COMPARED, OLD, marks_of
from curation.recipes.recipe import Recipe
from curation.sql import database, identifier, literal

if TYPE_CHECKING:
    from typing import Any

    import duckdb
    import pyarrow as pa

    from curation.corpus.corpus import Corpus
    from curation.recipes.plan import Plan, Stage
    from curation.rules import RuleBook

#: What a trial says of each post, in this order; `part` is the file's place in the manifest, `row` the row in it.
COLUMNS = ("part", "row", "matched", "removed_by", "duplicate_of")
#: Bytes that a trial's database may use; what exceeds them spills to disk.
MEMORY = 1_000_000_000

#: How a trial was answered: by the corpus as it stands, by a query over its columns, or by doing some rules again.
STANDS, QUERIED, DONE_AGAIN = "stands", "queried", "done again"


@dataclass(frozen=True)
class Trial:
    """What a recipe would say of the posts of a corpus."""

    recipe: Recipe
    verdicts: pa.Table  # one row a post that was asked for, in the corpus's order: the columns of `COLUMNS`
    how: str  # "stands", "queried" or "done again"
    again: tuple[str, ...]  # the rules that were done again, in recipe order
    files: tuple[str, ...]  # of the corpus that `part` counts


def try_recipe(
    corpus: Corpus,
    recipe: Recipe,
    *,
    book: RuleBook | None = None,
    memory: int = MEMORY,
    spill: Path | None = None,
    bench: Bench | None = None,
    only_changed: bool = False,
) -> Trial | None:
    """What `recipe` would say of the posts of `corpus`; None when only a run can tell.

    `book` must know the corpus's rules when some are the user's own. What exceeds `memory` bytes is spilled into a
    folder of its own under `spill`, or where the system keeps such folders. With a `bench` what no recipe changes is
    read once for all trials that are given it; with `only_changed` the verdicts are of those posts alone of which the
    corpus says something else.
    Raises `RecipeError`, `WorkspaceError`.
    """
    old = Recipe.of_manifest(corpus.manifest, book=book)
    recipe = recipe.over_posts_of(old)
    same = old.fingerprint == recipe.fingerprint
    plan = None if same else rejudge(old, recipe)
    if not same and plan is None:
        return None
    again = tuple(
        rule.name for rule in recipe.rules if plan and any(rule.name in _named(stage) for stage in plan.stages)
    )
    how = STANDS if same else DONE_AGAIN if again else QUERIED

    def work(_: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> Trial:
        files = tuple(manifest["files"])
        with tempfile.TemporaryDirectory(dir=spill, prefix="trial-") as folder:
            room = _Room(corpus.folder, files, Path(folder), memory)
            verdicts = room.of_bench(old, recipe, bench or Bench(), only_changed=only_changed) if plan else None
            if verdicts is None:
                verdicts = room.judge(plan) if plan else room.read()
                verdicts = room.changed(verdicts) if only_changed else verdicts
        return Trial(recipe, verdicts, how, again, files)

    return corpus.reading(work)


def _named(stage: Stage) -> set[str]:
    """The rules that a stage does anew: those that compare, and those that measure what is alive only now."""
    measured = {name.removeprefix("alive_") for name, _ in stage.steps if name.startswith("alive_")}
    return measured | ({stage.barrier.name} if stage.barrier else set())


@dataclass(frozen=True)
class _Room:
    """Where a plan is run over a corpus, within one database."""

    corpus: Path
    files: tuple[str, ...]
    folder: Path  # for what is spilled
    memory: int

    @property
    def posts(self) -> str:
        """SQL: the corpus, each post with its place."""
        return placed(self.corpus, self.files)

    def of_bench(self, old: Recipe, new: Recipe, bench: Bench, *, only_changed: bool) -> pa.Table | None:
        """The verdicts, or those that change, where a bench can tell them."""
        with self._connection(()) as connection:
            connection.execute(f"CREATE VIEW posts AS {self.posts}")
            files = tuple(str(self.corpus / name) for name in self.files)
            said = bench.judge(connection, files, old, new)
            if said is None:
                return None
            tell = bench.changed if only_changed else bench.verdicts
            return tell(connection, files, said)

    def changed(self, verdicts: pa.Table) -> pa.Table:
        """Those of which the corpus says something else."""
        differs = " OR ".join(f"tried.{name} IS DISTINCT FROM posts.{name}" for name in COLUMNS[2:])
        with self._connection(()) as connection:
            connection.register("tried", verdicts)
            return connection.sql(
                f"SELECT tried.* FROM tried JOIN ({self.posts}) AS posts ON {at('posts', 'tried')} WHERE {differs} "
                "ORDER BY tried.part, tried.row"
            ).to_arrow_table()

    def read(self) -> pa.Table:
        """The verdicts as they stand."""
        with self._connection(()) as connection:
            return _verdicts(connection, f"({self.posts})")

    def judge(self, plan: Plan) -> pa.Table:
        """The verdicts after a plan that reads a corpus."""
        with self._connection(plan.functions) as connection:
            names = connection.sql(f"SELECT * FROM ({self.posts}) LIMIT 0").columns
            made_anew = plan.made_anew
            renamed = [
                identifier(name) + (f" AS {identifier(OLD + name)}" if name in made_anew else "") for name in names
            ]
            posts = f"SELECT {', '.join(renamed)} FROM ({self.posts})"
            if len(plan.stages) == 1:
                connection.execute(f"CREATE VIEW posts AS {posts}")
                return _verdicts(connection, f"({plan.stages[0].verdict()})")
            for number, stage in enumerate(plan.stages):
                connection.execute(f"CREATE OR REPLACE TEMP VIEW posts AS {posts}")
                if not stage.barrier:
                    return _verdicts(connection, f"({stage.verdict()})")
                posts = self._compare(connection, plan, number)
            raise AssertionError("a plan ends with a stage that compares nothing")

    def _compare(self, connection: duckdb.DuckDBPyConnection, plan: Plan, number: int) -> str:
        """Run a stage and have its rule compare posts; gives what the next stage reads, as SQL."""
        stage, rest = plan.stages[number], plan.stages[number + 1 :]
        rule = stage.barrier
        assert rule is not None
        made, marks = f"made{number}", self.folder / f"marks{number}.parquet"
        compared = [(COMPARED + name, value) for name, value in (rule.compares() or {}).items()]
        present = connection.sql(f"SELECT * FROM ({stage.verdict()}) LIMIT 0").columns
        wanted = {*CANDIDATE, "_part", "_row", *stage.makes} - {"removed_by"}
        asked = " ".join(later.statement for later in rest)
        carried = [identifier(name) for name in present if name in wanted or identifier(name)[1:-1] in asked]
        alive = [f"CASE WHEN len(matched) = 0 THEN {value} END AS {identifier(name)}" for name, value in compared]
        connection.execute(
            f"CREATE TEMP TABLE {made} AS SELECT {', '.join([*carried, *alive])} FROM ({stage.verdict()})"
        )
        names = ", ".join(f"{identifier(name)} AS {identifier(name.removeprefix(COMPARED))}" for name, _ in compared)
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW candidates AS SELECT {names}, {', '.join(CANDIDATE)}, _part AS part, "
            f"_row AS row FROM {made} WHERE {identifier(COMPARED + 'key')} IS NOT NULL"
        )
        room = self.folder / f"spill{number}"
        room.mkdir()
        workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        rule.find(Exchange(connection, marks, room, self.memory // 2, workers))
        values = {**{name: f"marks.{identifier(name)}" for name in rule.marked()}, "marked": "marks.row IS NOT NULL"}
        found = ", ".join(
            f"CAST({values[name]} AS {kind}) AS {rule.mark(name)}" for name, kind in marks_of(rule).items()
        )
        excluded = ", ".join(identifier(name) for name, _ in compared)
        return (
            f"SELECT {made}.* EXCLUDE ({excluded}), {found} FROM {made} "
            f"LEFT JOIN read_parquet({literal(str(marks))}) AS marks ON {at(made, 'marks')}"
        )

    @contextlib.contextmanager
    def _connection(self, functions: tuple[Any, ...]) -> Any:
        """A database that reaches the corpus and its own room, and nothing else: conditions are a user's SQL."""
        connection = database.connect(memory_limit=f"{self.memory}B", spill=self.folder / "database")
        try:
            for function in functions:
                function.register(connection, None)
            reached = literal(f"{folder}{os.sep}" for folder in (self.corpus.absolute(), self.folder.absolute()))
            connection.execute(f"SET allowed_directories = {reached}")
            database.lock_down(connection)
            yield connection
        finally:
            connection.close()


def _verdicts(connection: duckdb.DuckDBPyConnection, posts: str) -> pa.Table:
    return connection.sql(
        "SELECT _part AS part, _row AS row, matched, matched[1] AS removed_by, duplicate_of "
        f"FROM {posts} ORDER BY {PLACE}"
    ).to_arrow_table()
