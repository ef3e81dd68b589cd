"""The verdicts of a recipe on the posts of a corpus."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from curation.asking.approach import Way
from curation.asking.decisions import COLUMNS, Decisions
from curation.corpus.corpus import PLACE, Corpus, at, placed
from curation.errors import WorkspaceError
from curation.recipes.recipe import Recipe
from curation.recipes.verdict import BY_HAND


@dataclass(frozen=True, eq=False)
class Verdicts:
    """The verdicts of a recipe on the posts of a corpus, the same as those of a run."""

    corpus: Corpus  # in the state that was judged
    recipe: Recipe | None = None  # None: the one that made the corpus
    way: Way = Way.CURRENT
    recalculated: tuple[str, ...] = ()  # rules that were computed again, in recipe order
    exact: bool = True  # False: assumes that later rules give the same verdicts
    decided: tuple[Decisions, Decisions] | None = None  # the corpus's own and these; None: the corpus's own

    @functools.cached_property
    def changes(self) -> pa.Table | None:
        """The posts with another verdict than in the corpus, in the columns of `COLUMNS`; None: there are none."""
        return self.decided[1].changes(self.decided[0]) if self.decided else None

    @functools.cached_property
    def counts(self) -> Counter[str | None]:
        """Posts by the rule that removes them; None: kept. Raises `WorkspaceError`."""
        if self.decided:
            return self.decided[1].counts
        return Counter(dict(self.corpus.rows("SELECT removed_by, count(*) FROM posts GROUP BY removed_by")))

    @property
    def rules(self) -> Sequence[Mapping[str, Any]]:
        """The recipe's rules, as in a manifest."""
        rules: Sequence[Mapping[str, Any]] = self.recipe.to_json()["rules"] if self.recipe else self.corpus.rules
        return rules

    @property
    def removing_rules(self) -> tuple[str, ...]:
        """The rules that remove posts, in recipe order; with pins, `by_hand` is the last."""
        names = tuple(rule["name"] for rule in self.rules if rule["kind"] != "transform")
        return (*names, BY_HAND) if self.corpus.pins else names

    def rows(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run `statement` on the table `posts`: the corpus's, with these verdicts instead of its own.

        Raises `WorkspaceError` if a run has replaced the corpus meanwhile.
        """
        changes = self.changes
        if changes is None:
            return self.corpus.rows(statement, parameters)

        def work(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> list[tuple[Any, ...]]:
            if manifest["files"] != self.corpus.manifest["files"]:
                raise WorkspaceError(f"A run has replaced the corpus '{self.corpus.recipe}' just now. Ask again.")
            verdict = ", ".join(
                f"CASE WHEN changes.part IS NULL THEN placed.{name} ELSE changes.{name} END AS {name}"
                for name in COLUMNS[2:]
            )
            connection.register("changes", changes)
            connection.execute(
                f"""
                CREATE OR REPLACE TEMP VIEW posts AS
                SELECT placed.* EXCLUDE ({PLACE}) REPLACE ({verdict})
                FROM ({placed(self.corpus.folder, manifest["files"])}) AS placed
                LEFT JOIN changes ON {at("placed", "changes")}
                """
            )
            return connection.execute(statement, list(parameters)).fetchall()

        return self.corpus.reading(work)
