"""Checks an SQL expression that a user wrote before it stands in a statement.

The expression runs on every shard by itself, on a connection that can't reach a file. So it must be one
expression, and its value must follow from the one post: a subquery or a window would see a shard instead of
the corpus, and a random draw or a clock would change the verdict from run to run.
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

#: Columns of a message that an expression, and what DuckDB says of it, may take.
WIDTH = 200

#: What an expression may not hold, by the `class` that DuckDB's parser gives it.
FORBIDDEN = {
    "SUBQUERY": "a subquery",
    "WINDOW": "a window function",
    "STAR": "a *",
    "PARAMETER": "a parameter (? or $1)",
    "POSITIONAL_REFERENCE": "a column's number (#1)",
}

#: Columns that are not a property of the post but what the rules before said of it.
VERDICT = frozenset({"matched", "removed_by", "rewritten_by", "duplicate_of"})

#: Words without brackets that read a clock.
CLOCKS = frozenset({"current_timestamp", "current_date", "current_time", "localtime", "localtimestamp"})

#: Functions that DuckDB calls steady though they read a clock or a setting, and those that make rows.
UNSTEADY = frozenset(
    {"current_localtime", "current_localtimestamp", "getenv", "getvariable", "current_setting", "unnest", "unlist"}
)


def check_expression(rule: str, expression: str) -> None:
    """Raise `RecipeError` unless `expression` is one expression over the columns of one post."""
    beginning = f"Rule '{rule}': {shortened(repr(expression), WIDTH)}"
    try:
        duckdb.SQLExpression(expression)
    except duckdb.Error as error:
        raise RecipeError(f"{beginning} is not an SQL expression. {shortened(_first_line(error), WIDTH)}") from error
    try:
        tree = _parsed(expression)
    except RecursionError:
        raise RecipeError(f"{beginning} is nested too deeply.") from None
    except duckdb.Error as error:
        raise RecipeError(f"{beginning} is not an SQL expression. {shortened(_first_line(error), WIDTH)}") from error
    if tree.get("error") or len(tree["statements"]) != 1:
        raise RecipeError(f"{beginning} is not one SQL expression.")
    selected = tree["statements"][0]["node"]["select_list"]
    if len(selected) != 1:
        raise RecipeError(f"{beginning} is not one SQL expression.")
    wrong = _wrong(selected)
    if wrong:
        raise RecipeError(f"{beginning} {wrong}")


def _wrong(tree: Any) -> str | None:
    """What is wrong with a parsed expression, as the end of a sentence; None when nothing is."""
    for node in _nodes(tree):
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
    """Whether a function's value follows from its arguments; for a macro that of all that stands in it."""
    if function in UNSTEADY or function in _unsteady() or (function == "age" and arguments == 1):
        return False
    if function.startswith("pg_"):  # these ask the catalogue, some by calling themselves
        return False
    return not any(_wrong(_parsed(definition)) for definition in _macros().get(function, ()))


def _parsed(expression: str) -> Any:
    """DuckDB's tree of a statement that selects the expression."""
    statement = literal(f"SELECT ({expression}\n)")
    return json.loads(_parser().sql(f"SELECT json_serialize_sql({statement})").fetchall()[0][0])


def columns_in(expression: str) -> set[str]:
    """The columns that an expression asks, names of a lambda's own included."""
    columns = (node["column_names"] for node in _nodes(_parsed(expression)) if "column_names" in node)
    return {".".join(names) for names in columns}


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """The objects of a tree, each before those within it; however deep it is."""
    waiting = [tree]
    while waiting:
        tree = waiting.pop()
        if isinstance(tree, dict):
            yield tree
            tree = list(tree.values())
        if isinstance(tree, list):
            waiting += reversed(tree)


def _parser() -> duckdb.DuckDBPyConnection:
    # A cursor for each question: two threads must not share one connection.
    return _database().cursor()


@functools.cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all questions, since opening a database takes longer than any of them."""
    return database.connect(threads=1)


@functools.cache
def _unsteady() -> frozenset[str]:
    """Names of functions whose value changes between calls or that see more than one row."""
    answer = _parser().sql(
        "SELECT lower(function_name) FROM duckdb_functions() WHERE function_type IN ('aggregate', 'scalar') "
        "GROUP BY 1 HAVING NOT bool_or(function_type = 'scalar' AND stability = 'CONSISTENT')"
    )
    return frozenset(name for (name,) in answer.fetchall())


@functools.cache
def _macros() -> dict[str, list[str]]:
    """The definitions of DuckDB's own macros."""
    answer = _parser().sql(
        "SELECT lower(function_name), list(macro_definition) FROM duckdb_functions() "
        "WHERE function_type = 'macro' GROUP BY 1"
    )
    return dict(answer.fetchall())


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
