"""A recipe is compiled, and tried on an empty table before any post is touched."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from curation.engines.stages import run_stages
from curation.errors import RecipeError
from curation.recipes.plan import (
    INPUT_SCHEMA,
    Plan,
    candidate_columns,
    compared_names,
    compile_rules,
    connection_for,
    mark_columns,
    message_of,
)
from curation.rules.base import Rule
from curation.sql import identifier

if TYPE_CHECKING:
    from curation.recipes.plan import Stage
    from curation.recipes.recipe import Recipe


class _NoConditionError(Exception):
    """A filter whose `removes` is something else than true or false."""


def compile_recipe(recipe: Recipe) -> Plan:
    """The statements of a recipe, tried on an empty table.

    Raises `RecipeError` for SQL that DuckDB does not accept, such as an unknown column in a `where`.
    """
    try:
        hash(recipe)
    except TypeError:  # a rule made in Python may hold a list
        return _compiled.__wrapped__(recipe)
    return _compiled(recipe)


@functools.lru_cache(maxsize=64)
def _compiled(recipe: Recipe) -> Plan:
    """The same, which takes a tenth of a second and more, once for each recipe."""
    plan = compile_rules(recipe.rules)
    try:
        _try(plan)
    except (duckdb.Error, _NoConditionError) as error:
        raise _blame(recipe) or RecipeError(f"The recipe '{recipe.name}' can't be run. {message_of(error)}") from error
    return plan


def types_of(rules: tuple[Rule, ...]) -> dict[str, str]:
    """The columns of a corpus that these rules make, with their SQL types."""
    plan = compile_rules(rules)
    types = _try(plan)
    return {name: types[name] for name in plan.columns}


def _blame(recipe: Recipe) -> RecipeError | None:
    """The first rule with which the recipe can't be bound, as an error that names it."""
    for count in range(1, len(recipe.rules) + 1):
        try:
            _try(compile_rules(recipe.rules[:count]))
        except (duckdb.Error, _NoConditionError) as error:
            rule = recipe.rules[count - 1]
            return RecipeError(f"The recipe '{recipe.name}', rule {count} ('{rule.name}'): {message_of(error)}")
    return None


def _try(plan: Plan) -> dict[str, str]:
    """Run every stage on an empty table; gives the columns that come out, with their SQL types.

    Raises `duckdb.Error` or `_NoConditionError`.
    """
    connection = connection_for(plan.functions, threads=1)
    connection.register("landed", pa.Table.from_batches([], schema=INPUT_SCHEMA))
    outcome = connection.sql(f"SELECT * FROM {run_stages(plan, _EmptyTable(connection))}")
    return dict(zip(outcome.columns, map(str, outcome.types), strict=True))


@dataclass(frozen=True)
class _EmptyTable:
    """No posts, in a table for each stage: the medium on which a plan is tried."""

    connection: duckdb.DuckDBPyConnection

    def map(self, stage: Stage, before: str | None, marks: None) -> str:
        """Run a stage; gives a table with all columns."""
        posts = "SELECT *, text AS raw_text FROM landed"
        if before and stage.before:
            compared = ", ".join(compared_names(stage.before))
            posts = f"SELECT * EXCLUDE ({compared}), {', '.join(mark_columns(stage.before, None))} FROM {before}"
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW posts AS {posts}")
        outcome = self.connection.sql(stage.verdict())
        for column, kind in zip(outcome.columns, outcome.types, strict=True):
            if column.startswith("removes:") and str(kind) not in ("BOOLEAN", '"NULL"'):
                raise _NoConditionError(f"Its condition is a value of type {kind}. It should be true or false.")
        table = f"stage{stage.number}"
        whole = f"SELECT answer.*, {_others(stage.makes)} FROM ({stage.statement}) AS answer, landed"
        self.connection.execute(f"CREATE TEMP TABLE {table} AS {whole}")
        return table

    def exchange(self, stage: Stage, rule: Rule, posts: str) -> None:
        """Bind the candidates, and the rule's marks where they are SQL."""
        columns = ", ".join(candidate_columns(rule))
        place = "CAST(0 AS INTEGER) AS part, CAST(0 AS BIGINT) AS row"
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE candidates AS SELECT {columns}, {place} FROM {posts}")
        if type(rule).find is Rule.find:
            self.connection.sql(rule.marks()).to_arrow_table()


def _others(makes: tuple[str, ...]) -> str:
    """The columns of a source that a stage does not make, as SQL."""
    others = [name for name in INPUT_SCHEMA.names if name not in makes]
    return ", ".join([*(f"landed.{identifier(name)}" for name in others), "landed.text AS raw_text"])
