"""A corpus: the result of a run, every post with its verdict, read with SQL.

The table is called `posts`. Its columns are the raw columns except `raw` and the verdict:

- `raw_text` the downloaded text, `text` the text after all transforms;
- `matched` every rule that would remove the post, in recipe order; `removed_by` the first, NULL means kept;
- `by_hand` the post's pin, 'removed' or 'kept', NULL: none. Where the rules decide otherwise, `removed_by` is 'by_hand'
  or NULL. Corpora of earlier versions lack the column; see `Corpus.pins`;
- `rewritten_by` the transforms that changed the text, in recipe order;
- `duplicate_of` the id of the post that was kept instead;
- one column for each measuring rule, named after it (`min_words`, `language`, …); NULL: not looked at.

A reader never waits for a writer: files are never changed, only replaced by files of other names. When a new run
replaces them between the look-up and the reading, the query runs again on the new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from curation.disk.manifest import MANIFEST, read_manifest
from curation.disk.states import ReplacedError, states
from curation.disk.whole_files import is_full
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError, WorkspaceError, did_you_mean
from curation.recipes.verdict import BY_HAND
from curation.sql import database, literal

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

T = TypeVar("T")

#: The columns of a post's place, as SQL: the number of its file in the manifest's order, and of its row, both from 0.
#: No rule can have these names, since a rule's name begins with a letter.
PLACE = "_part, _row"


@dataclass(frozen=True)
class Corpus:
    """The posts of a workspace after one recipe."""

    folder: Path
    manifest: dict[str, Any]

    @classmethod
    def open(cls, workspace: Workspace | Path | str, recipe: str = "baseline") -> Corpus:
        """The corpus of a recipe, by the recipe's name. Raises `NothingToDoError` when it has not been run."""
        if not isinstance(workspace, Workspace):
            workspace = Workspace(Path(workspace))
        folder = workspace.curated / recipe
        recipes = workspace.recipes_run()
        if recipe not in recipes:
            hint = did_you_mean(recipe, recipes) if recipes else " No recipe has been run in it yet."
            raise NothingToDoError(
                f"There is no corpus '{recipe}' in {workspace.root}.{hint} "
                f"Make it with: {workspace.command('run', recipe)}"
            )
        return cls(folder, read_manifest(folder))

    def successor(self) -> Corpus | None:
        """The corpus that a run or forgetting has put in this one's place; None while this one stands."""
        if not (self.folder / MANIFEST).is_file():
            return None
        manifest = read_manifest(self.folder)
        return None if manifest["files"] == self.manifest["files"] else Corpus(self.folder, manifest)

    @property
    def recipe(self) -> str:
        """Name of the recipe."""
        return str(self.manifest["recipe"]["name"])

    @property
    def rules(self) -> list[dict[str, Any]]:
        """The rules in recipe order.

        Each has `name`, `use`, `kind` (transform, filter, dedup), `label`, `parameters`, `columns` and `measure`, the
        name of its column or None.
        """
        return list(self.manifest["recipe"]["rules"])

    @property
    def removing_rules(self) -> list[str]:
        """Names of the filters and dedups, in recipe order; with pins, `by_hand` is the last."""
        names = [rule["name"] for rule in self.rules if rule["kind"] != "transform"]
        return [*names, BY_HAND] if self.pins else names

    @property
    def pins(self) -> dict[str, Any] | None:
        """The pins that are applied in it: `digest`, and how many `kept` and `removed`; None: there are none."""
        pins: dict[str, Any] | None = self.manifest.get("pins")
        return pins

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pl.DataFrame:
        """The answer to `sql` over the table `posts`, with `parameters` for each `?`, as a Polars frame."""
        import polars as pl

        frame = pl.from_arrow(
            self.reading(lambda connection, _: connection.sql(sql, params=list(parameters)).to_arrow_table())
        )
        assert isinstance(frame, pl.DataFrame)  # a table is one
        return frame

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The same as plain tuples, without importing Polars or Arrow; for short answers."""
        return self.reading(lambda connection, _: connection.execute(sql, list(parameters)).fetchall())

    def batches(self, sql: str, parameters: Sequence[Any] = (), rows: int = 65_536) -> Iterator[pa.RecordBatch]:
        """The same, in Arrow batches of at most `rows`, for answers larger than memory.

        Raises `WorkspaceError` when a new run replaces the files after the first batch was taken.
        """
        import pyarrow as pa

        def begin(connection: duckdb.DuckDBPyConnection, _: dict[str, Any]) -> tuple[Any, Any]:
            reader = connection.sql(sql, params=list(parameters)).to_arrow_reader(rows)
            return next(reader, None), reader

        first, rest = self.reading(begin)
        if first is None:
            return
        yield first
        try:
            yield from rest
        except (duckdb.Error, pa.ArrowException, OSError) as error:
            raise self.unreadable(error) from error

    def authors(self) -> list[str]:
        """Handles of all authors, sorted."""
        return [author for (author,) in self.rows("SELECT DISTINCT author FROM posts ORDER BY author")]

    def require_author(self, author: str) -> None:
        """Raise `NothingToDoError` unless there is a post by `author`."""
        authors = self.authors()
        if author not in authors:
            raise NothingToDoError(
                f"There is no post by '{author}' in the corpus '{self.recipe}'.{did_you_mean(author, authors)}"
            )

    def reading(
        self, work: Callable[[duckdb.DuckDBPyConnection, dict[str, Any]], T], *, alone: bool = False, **settings: Any
    ) -> T:
        """Do `work` on a connection that has the table `posts`; `settings` are those of `database.connect`.

        With settings or `alone`, `work` has its own database and may set and lock it; else see `database.reader`.
        `work` gets the connection and the manifest of its files. It must read all that it needs before it returns; when
        a run replaces the files meanwhile, it is done again on the new ones.
        Raises `WorkspaceError` when the files can't be read.
        """
        own = alone or bool(settings)
        for state in states(self, Corpus.successor):
            files = [str(self.folder / name) for name in state.manifest["files"]]
            connection = database.connect(**settings) if own else database.reader()
            try:
                kind = "VIEW" if own else "TEMP VIEW"  # the cursors of its own database see a view, too
                connection.execute(f"CREATE {kind} posts AS FROM read_parquet({literal(files)})")
                return work(connection, state.manifest)
            except (duckdb.IOException, duckdb.InvalidInputException) as error:
                # The query is wrong, and no file; or `work` itself writes, and there is no room.
                if ".parquet" not in str(error) or is_full(error):
                    raise
                failure = error
        raise self.unreadable(failure) from failure

    def unreadable(self, error: Exception) -> WorkspaceError:
        """What to say where its files can't be read: which one is damaged, and the way to make it anew."""
        from curation.disk.damage import first_line, of_corpus

        files = [of_corpus(self.folder / name) for name in self.manifest["files"]]
        for table in sorted(files, key=lambda table: str(table.path) not in str(error)):
            if fault := table.fault():
                return table.error(fault)
        return WorkspaceError(
            f"Can't read the corpus in {self.folder}: {first_line(error)}. "
            f"Try again; if it stays so, make it anew with: curation run {self.recipe} --again"
        )


class FixedCorpus(Corpus):
    """A corpus of these files only: reading it raises `ReplacedError` when a run has replaced them."""

    def reading(
        self, work: Callable[[duckdb.DuckDBPyConnection, dict[str, Any]], T], *, alone: bool = False, **settings: Any
    ) -> T:
        """The same for these files only."""

        def unless_replaced(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> T:
            if manifest["files"] != self.manifest["files"]:
                raise ReplacedError
            return work(connection, manifest)

        return super().reading(unless_replaced, alone=alone, **settings)


def placed(folder: Path, files: Sequence[str]) -> str:
    """SQL: the posts of these files of a folder, each with its place; a query without places pays nothing for them."""
    paths = literal(str(folder / name) for name in files)
    return f"SELECT *, CAST(file_index AS INTEGER) AS _part, file_row_number AS _row FROM read_parquet({paths})"


def at(place: str, other: str) -> str:
    """SQL: whether two tables mean the same post, by `_part` and `_row` of the first, `part` and `row` of the other."""
    return f"{place}._part = {other}.part AND {place}._row = {other}.row"
