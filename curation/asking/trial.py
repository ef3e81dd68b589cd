"""What if: what another recipe would say of the posts of a corpus, without a run and without writing a corpus.

The corpus holds every text and every measure, so most of such a question is a query. Where only conditions change,
it is one statement over the verdict columns. Where posts that are alive only now meet a rule that compares posts or
measures dearly, that rule is done again, in this process and over the few columns that it asks for. Either way the
answer is what a run would give, post by post; a property test holds the two against each other. What the corpus
can't answer, such as another transform, takes a run, and `try_recipe` says so by giving None.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from curation.asking.bench import Bench
from curation.corpus.rejudging import rejudge
from curation.corpus.row_location import PLACE, at, placed
from curation.engines.stages import run_stages
from curation.engines.table import MEMORY, Table, sandbox
from curation.recipes.recipe import Recipe

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import Any

    import duckdb
    import pyarrow as pa

    from curation.corpus.corpus import Corpus
    from curation.functions.base import BatchFunction
    from curation.recipes.plan import Plan
    from curation.rules import RuleBook

#: What a trial says of each post, in this order; `part` is the file's place in the manifest, `row` the row in it.
COLUMNS = ("part", "row", "matched", "removed_by", "duplicate_of")

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
    again = plan.recomputed if plan else ()
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
        with self._connection() as connection:
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
        with self._connection() as connection:
            connection.register("tried", verdicts)
            return connection.sql(
                f"SELECT tried.* FROM tried JOIN ({self.posts}) AS posts ON {at('posts', 'tried')} WHERE {differs} "
                "ORDER BY tried.part, tried.row"
            ).to_arrow_table()

    def read(self) -> pa.Table:
        """The verdicts as they stand."""
        with self._connection() as connection:
            return _verdicts(connection, f"({self.posts})")

    def judge(self, plan: Plan) -> pa.Table:
        """The verdicts after a plan that reads a corpus."""
        with self._connection(plan.functions) as connection:
            table = Table(connection, plan, self.posts, self.folder, self.memory)
            return _verdicts(connection, run_stages(plan, table))

    def _connection(
        self, functions: tuple[BatchFunction, ...] = ()
    ) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        return sandbox(functions, folder=self.folder, reach=[self.corpus], memory=self.memory)


def _verdicts(connection: duckdb.DuckDBPyConnection, posts: str) -> pa.Table:
    return connection.sql(
        "SELECT _part AS part, _row AS row, matched, matched[1] AS removed_by, duplicate_of "
        f"FROM {posts} ORDER BY {PLACE}"
    ).to_arrow_table()
