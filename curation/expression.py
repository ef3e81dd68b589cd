"""Checks an SQL expression that a user wrote before it stands in a statement.

The expression runs on every shard by itself, on a connection that can't reach a file. So it must be one
expression, and its value must follow from the one post: a subquery or a window would see a shard instead of
the corpus, and a random draw or a clock would change the verdict from run to run.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import duckdb

from curation import database
from curation.errors import RecipeError
from curation.sql import literal

#: What an expression may not hold, by the `class` that DuckDB's parser gives it.
FORBIDDEN = {
    "SUBQUERY": "a subquery",
    "WINDOW": "a window function",
    "STAR": "a *",
    "PARAMETER": "a parameter (? or $1)",
}

#: Words without brackets that read a clock.
CLOCKS = frozenset({"current_timestamp", "current_date", "current_time", "localtime", "localtimestamp"})


def check_expression(rule: str, expression: str) -> None:
    """Raise `RecipeError` unless `expression` is one expression over the columns of one post."""
    try:
        duckdb.SQLExpression(expression)
    except duckdb.Error as error:
        raise RecipeError(f"Rule '{rule}': {expression!r} is not an SQL expression. {_first_line(error)}") from error
    tree = json.loads(
        _parser().sql(f"SELECT json_serialize_sql({literal(f'SELECT ({expression}{chr(10)})')})").fetchall()[0][0]
    )
    if tree.get("error") or len(tree["statements"]) != 1:
        raise RecipeError(f"Rule '{rule}': {expression!r} is not one SQL expression.")
    selected = tree["statements"][0]["node"]["select_list"]
    if len(selected) != 1:
        raise RecipeError(f"Rule '{rule}': {expression!r} is not one SQL expression.")
    for node in _nodes(selected):
        kind = node.get("class")
        if kind in FORBIDDEN:
            raise RecipeError(
                f"Rule '{rule}': {expression!r} holds {FORBIDDEN[kind]}. It must depend on the one post alone."
            )
        names = [node["function_name"]] if kind == "FUNCTION" else node.get("column_names", [])
        name = str(names[0]).lower() if len(names) == 1 else ""
        if name in CLOCKS or (kind == "FUNCTION" and name in _unsteady()):
            raise RecipeError(
                f"Rule '{rule}': {expression!r} calls {name}(), whose value does not follow from the post alone."
            )


def _nodes(tree: Any) -> Any:
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for item in tree:
            yield from _nodes(item)


def _parser() -> duckdb.DuckDBPyConnection:
    return database.connect(threads=1)


@functools.cache
def _unsteady() -> frozenset[str]:
    """Names of functions whose value changes between calls or that see more than one row."""
    answer = _parser().sql(
        "SELECT lower(function_name) FROM duckdb_functions() WHERE function_type IN ('aggregate', 'scalar') "
        "GROUP BY 1 HAVING NOT bool_or(function_type = 'scalar' AND stability = 'CONSISTENT')"
    )
    return frozenset(name for (name,) in answer.fetchall()) | {"getenv", "getvariable", "current_setting"}


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
