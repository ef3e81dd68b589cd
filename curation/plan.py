"""A recipe becomes statements; the only place where SQL is put together.

Neighbouring row-local rules fuse into one statement, a named step each, so that it reads as a story and can be
pasted into a shell::

    WITH begin AS (…), measured_min_words AS (…), after_min_words AS (…) SELECT …

A `Dedup` is a barrier. The stage before it also gives each living post's `key` and `preference`; an engine
brings equal keys together, finds the copies with `COPIES`, and hands them to the next stage in the column
`copy_of`. That is all an engine has to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from curation import database
from curation.errors import RecipeError
from curation.posts import RAW_COLUMNS, RAW_SCHEMA, UNKNOWN_AUTHOR
from curation.rules.base import Dedup, Filter, Rule, Transform
from curation.sql import any_of, identifier, literal

if TYPE_CHECKING:
    from curation.functions.base import BatchFunction
    from curation.recipe import Recipe

#: The raw columns that a corpus has: all but the bulky original record, which is fetched by id when asked for.
CARRIED = tuple(column.name for column in RAW_COLUMNS if column.name != "raw")
VERDICT = ("raw_text", "matched", "removed_by", "rewritten_by", "duplicate_of")

#: What the first stage reads, and what a later one reads besides the columns of a corpus.
INPUT_SCHEMA = pa.schema([RAW_SCHEMA.field(name) for name in CARRIED])
COPY_OF = pa.field("copy_of", pa.string())

#: Columns that a stage before a dedup adds.
KEY, PREFERENCE = "dedup_key", "dedup_preference"

#: The copies among `candidates` (key, preference, created_at, platform, id, part, row): all of a key but one.
#: Two passes, the best of each key and then the others, spill far less than a window over the rows.
COPIES = """
WITH best AS (
    SELECT key, min(ROW(preference, coalesce(epoch_us(created_at), 9223372036854775807), length(id), id, platform)) AS kept
    FROM candidates GROUP BY key HAVING count(*) > 1
)
SELECT part, row, kept[4] AS duplicate_of
FROM candidates JOIN best USING (key)
WHERE ROW(id, platform) <> ROW(kept[4], kept[5])
ORDER BY part, row
"""


@dataclass(frozen=True)
class Stage:
    """A row-local statement over a table `posts`, and the dedup that follows it, if any."""

    statement: str
    dedup: str | None  # name of the rule


@dataclass(frozen=True)
class Plan:
    """A compiled recipe."""

    stages: tuple[Stage, ...]
    functions: tuple[BatchFunction, ...]


def compile_recipe(recipe: Recipe) -> Plan:
    """The statements of a recipe, tried on an empty table.

    Raises `RecipeError` for SQL that DuckDB does not accept, such as an unknown column in a `where`.
    """
    plan = compile_rules(recipe.rules)
    try:
        _try(plan)
    except duckdb.Error as error:
        raise _blame(recipe) or RecipeError(f"The recipe '{recipe.name}' can't be run. {_message(error)}") from error
    return plan


def connection_for(functions: tuple[BatchFunction, ...], **bounds: object) -> duckdb.DuckDBPyConnection:
    """A database that knows the functions and can reach nothing outside."""
    connection = database.connect(**bounds)  # type: ignore[arg-type]
    for function in functions:
        function.register(connection)
    database.lock_down(connection)
    return connection


def compile_rules(rules: tuple[Rule, ...]) -> Plan:
    """The statements of some rules in their order, not tried."""
    stages = []
    done: list[Rule] = []  # of the stages before
    waiting: list[Rule] = []  # of this stage
    last: Dedup | None = None  # the dedup whose copies this stage takes in
    for rule in rules:
        if isinstance(rule, Dedup):
            stages.append(Stage(_statement(done, last, waiting, rule), rule.name))
            done += ([last] if last else []) + waiting
            waiting, last = [], rule
        else:
            waiting.append(rule)
    stages.append(Stage(_statement(done, last, waiting, None), None))
    functions = {function.name: function for rule in rules for function in rule.functions()}
    return Plan(tuple(stages), tuple(functions.values()))


def _statement(done: list[Rule], last: Dedup | None, rules: list[Rule], following: Dedup | None) -> str:
    """One stage: what stands in `posts` already, the dedup before it, its own rules, the dedup after it."""
    first = not done and last is None
    steps = [("begin", _begin(first, last))]
    removing: list[str] = [last.name] if last else []
    rewriting: list[str] = []
    for rule in rules:
        before = steps[-1][0]
        if isinstance(rule, Transform):
            steps += _transform(rule, before)
            rewriting.append(rule.name)
        elif isinstance(rule, Filter):
            steps += _filter(rule, before, removing)
            removing.append(rule.name)
    steps.append(("verdict", _verdict(steps[-1][0], removing, rewriting)))
    measures = [rule.name for rule in [*done, *rules] if isinstance(rule, Filter) and rule.measure()]
    columns = [identifier(name) for name in (*CARRIED, *VERDICT, *measures)]
    columns[columns.index(identifier("removed_by"))] = "matched[1] AS removed_by"
    if following:
        alive = "len(matched) = 0"
        key = f"unhex(left(sha256({following.key()}), 32))"  # 16 bytes, however long the text is
        columns.append(f"CASE WHEN {alive} THEN {key} END AS {KEY}")
        columns.append(f"CASE WHEN {alive} THEN CAST({following.preference()} AS BIGINT) END AS {PREFERENCE}")
    story = ",\n".join(f"{name} AS (\n    {body}\n)" for name, body in ((identifier(n), b) for n, b in steps))
    return f"WITH {story}\nSELECT {', '.join(columns)}\nFROM verdict"


def _begin(first: bool, last: Dedup | None) -> str:
    if first:
        author = f"coalesce(author, {literal(UNKNOWN_AUTHOR)}) AS author"
        nothing = "CAST([] AS VARCHAR[])"
        return (
            f"SELECT * REPLACE ({author}), text AS raw_text, {nothing} AS matched, {nothing} AS rewritten_by, "
            "CAST(NULL AS VARCHAR) AS duplicate_of FROM posts"
        )
    assert last is not None
    flag = identifier(f"removes:{last.name}")
    return (
        f"SELECT * EXCLUDE (copy_of) REPLACE (coalesce(duplicate_of, copy_of) AS duplicate_of), "
        f"copy_of IS NOT NULL AS {flag} FROM posts"
    )


def _transform(rule: Transform, before: str) -> list[tuple[str, str]]:
    new = identifier(f"new:{rule.name}")
    when = rule.when()
    text = f"CASE WHEN {when} THEN {rule.rewrite()} ELSE text END" if when else rule.rewrite()
    replaced = [f"{new} AS text"]
    for name, value in rule.sets().items():
        replaced.append(f"CASE WHEN {when or 'true'} THEN {value} ELSE {identifier(name)} END AS {identifier(name)}")
    return [
        (f"rewritten_{rule.name}", f"SELECT *, coalesce({text}, text) AS {new} FROM {identifier(before)}"),
        (
            f"after_{rule.name}",
            f"SELECT * EXCLUDE ({new}) REPLACE ({', '.join(replaced)}), "
            f"{new} <> text AS {identifier(f'rewrites:{rule.name}')} FROM {identifier(f'rewritten_{rule.name}')}",
        ),
    ]


def _filter(rule: Filter, before: str, removing: list[str]) -> list[tuple[str, str]]:
    steps = []
    measure = rule.measure()
    alive = f"len(matched) = 0 AND NOT ({any_of(identifier(f'removes:{name}') for name in removing)})"
    if measure:
        value = f"CASE WHEN {alive} THEN {measure} END" if rule.costly else measure
        name = f"measured_{rule.name}"
        steps.append((name, f"SELECT *, {value} AS {identifier(rule.name)} FROM {identifier(before)}"))
        before = name
    flag = identifier(f"removes:{rule.name}")
    steps.append(
        (f"after_{rule.name}", f"SELECT *, coalesce(({rule.removes()}), false) AS {flag} FROM {identifier(before)}")
    )
    return steps


def _verdict(before: str, removing: list[str], rewriting: list[str]) -> str:
    def named(prefix: str, names: list[str]) -> str:
        cases = ", ".join(f"CASE WHEN {identifier(f'{prefix}:{name}')} THEN {literal(name)} END" for name in names)
        flags = any_of(identifier(f"{prefix}:{name}") for name in names)
        return f"CASE WHEN {flags} THEN list_filter([{cases}], lambda name: name IS NOT NULL) ELSE [] END"

    changes = []
    if removing:
        changes.append(f"list_concat(matched, {named('removes', removing)}) AS matched")
    if rewriting:
        changes.append(f"list_concat(rewritten_by, {named('rewrites', rewriting)}) AS rewritten_by")
    replaced = f"REPLACE ({', '.join(changes)}) " if changes else ""
    return f"SELECT * {replaced}FROM {identifier(before)}"


def _try(plan: Plan) -> None:
    """Run every stage on an empty table. Raises `duckdb.Error`."""
    connection = connection_for(plan.functions, threads=1)
    schema = INPUT_SCHEMA
    for stage in plan.stages:
        connection.register("posts", schema.empty_table())
        answer = connection.sql(stage.statement).to_arrow_table()
        schema = answer.drop_columns([KEY, PREFERENCE]).schema.append(COPY_OF) if stage.dedup else answer.schema


def _blame(recipe: Recipe) -> RecipeError | None:
    """The first rule with which the recipe can't be bound, as an error that names it."""
    for count in range(1, len(recipe.rules) + 1):
        try:
            _try(compile_rules(recipe.rules[:count]))
        except duckdb.Error as error:
            rule = recipe.rules[count - 1]
            return RecipeError(f"The recipe '{recipe.name}', rule {count} ('{rule.name}'): {_message(error)}")
    return None


def _message(error: Exception) -> str:
    """What DuckDB says, without the statement it says it of."""
    return str(error).partition("\n\nLINE ")[0].partition("\nLINE ")[0].strip()
