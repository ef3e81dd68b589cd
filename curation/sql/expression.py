"""Checks an SQL expression that a user wrote before it becomes part of a statement.

The expression runs on every shard separately, on a connection that can't reach files. It must be a single expression
whose value follows from the one post. A subquery or a window would see a shard instead of the corpus; a random draw or
a clock would change the verdict from run to run.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

import duckdb

from curation.errors import RecipeError
from curation.sql import database, literal
from curation.writing.terminal import shortened

#: Columns of a message for an expression, or for DuckDB's message about it.
WIDTH = 200

#: What an expression may not hold, by the `class` that DuckDB's parser gives it.
FORBIDDEN = {
    "SUBQUERY": "a subquery",
    "WINDOW": "a window function",
    "STAR": "a *",
    "PARAMETER": "a parameter (? or $1)",
    "POSITIONAL_REFERENCE": "a column's number (#1)",
}

#: Columns that are not properties of a post but decisions of earlier rules.
VERDICT = frozenset({"matched", "removed_by", "by_hand", "rewritten_by", "duplicate_of"})

#: Words that read a clock, and need no brackets.
CLOCKS = frozenset({"current_timestamp", "current_date", "current_time", "localtime", "localtimestamp"})

#: Functions that DuckDB calls consistent though they read a clock or a setting, and functions that make rows.
UNSTEADY = frozenset(
    {"current_localtime", "current_localtimestamp", "getenv", "getvariable", "current_setting", "unnest", "unlist"}
)


def check_expression(rule: str, expression: str) -> None:
    """Raise `RecipeError` unless `expression` is one expression over the columns of one post."""
    beginning = f"Rule '{rule}': {shortened(repr(expression), WIDTH)}"
    try:
        duckdb.SQLExpression(expression)
        tree = _parsed(expression)
    except RecursionError:
        raise RecipeError(f"{beginning} is nested too deeply.") from None
    except duckdb.Error as error:
        first_line = str(error).strip().partition("\n")[0]
        raise RecipeError(f"{beginning} is not an SQL expression. {shortened(first_line, WIDTH)}") from error
    statements = [] if tree.get("error") else tree["statements"]
    selected = statements[0]["node"]["select_list"] if len(statements) == 1 else []
    if len(selected) != 1:
        raise RecipeError(f"{beginning} is not one SQL expression.")
    if wrong := _wrong(selected):
        raise RecipeError(f"{beginning} {wrong}")


def _wrong(tree: Any) -> str | None:
    """What is wrong with a parsed expression, as the end of a sentence; None if nothing is."""
    for node in nodes(tree):
        kind = node.get("class")
        if kind in FORBIDDEN:
            return f"holds {FORBIDDEN[kind]}. It must depend on the one post alone."
        names = [node["function_name"]] if kind == "FUNCTION" else node.get("column_names", [])
        name = str(names[0]).lower() if len(names) == 1 else ""
        if kind != "FUNCTION" and (name in VERDICT or ":" in name):
            return f"asks for {name}, which other rules decide. It must depend on the one post alone."
        if name in CLOCKS or (kind == "FUNCTION" and not _is_steady(name, len(node.get("arguments", ())))):
            return f"calls {name}(), whose value does not follow from the post alone."
    return None


@functools.cache
def _is_steady(function: str, arguments: int) -> bool:
    """Whether a function's value follows from its arguments; for a macro, whether that is true of its definition."""
    if function in UNSTEADY or function in _unsteady() or (function == "age" and arguments == 1):
        return False
    if function.startswith("pg_"):  # they ask the catalogue, and some are recursive
        return False
    return not any(_wrong(_parsed(definition)) for definition in _macros().get(function, ()))


def _parsed(expression: str) -> Any:
    statement = literal(f"SELECT ({expression}\n)")
    return json.loads(_database().cursor().sql(f"SELECT json_serialize_sql({statement})").fetchall()[0][0])


def columns_in(expression: str) -> set[str]:
    """The columns that an expression names, including the parameters of lambdas."""
    columns = (node["column_names"] for node in nodes(_parsed(expression)) if "column_names" in node)
    return {".".join(names) for names in columns}


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """The objects of a tree, parents first; without recursion, so at any depth."""
    waiting = [tree]
    while waiting:
        tree = waiting.pop()
        if isinstance(tree, dict):
            yield tree
            tree = list(tree.values())
        if isinstance(tree, list):
            waiting += reversed(tree)


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    """One database for all queries, because opening it is slow. Each query needs a cursor, for the sake of threads."""
    return database.connect(threads=1)


@functools.cache
def _unsteady() -> frozenset[str]:
    """Functions whose value changes between calls, or that see more than one row."""
    answer = (
        _database()
        .cursor()
        .sql(
            "SELECT lower(function_name) FROM duckdb_functions() WHERE function_type IN ('aggregate', 'scalar') "
            "GROUP BY 1 HAVING NOT bool_or(function_type = 'scalar' AND stability = 'CONSISTENT')"
        )
    )
    return frozenset(name for (name,) in answer.fetchall())


@functools.cache
def _macros() -> dict[str, list[str]]:
    answer = (
        _database()
        .cursor()
        .sql(
            "SELECT lower(function_name), list(macro_definition) FROM duckdb_functions() "
            "WHERE function_type = 'macro' GROUP BY 1"
        )
    )
    return dict(answer.fetchall())
