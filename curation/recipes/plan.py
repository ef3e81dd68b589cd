"""Compiles a recipe to statements; the only place that combines the SQL of rules.

Neighbouring row-local rules become one statement with named steps, so that it reads as a story and works in a shell::

    WITH begin AS (…), measured_min_words AS (…), after_min_words AS (…) SELECT …

A rule that `compares` posts is a barrier. The stage before it also gives what the rule compares, for each post that is
still there. An engine brings equal keys together, lets the rule find its marks, and passes the mark of each post to the
next stage, which begins with the rule itself. That is all an engine needs to know.

The result of a stage has only the columns that the stage makes, in the order of the rows of `posts`; the source has all
others. So no column is copied that no rule needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from curation.functions.base import BatchFunction
from curation.functions.memo import Shelf
from curation.posts import RAW_COLUMNS, RAW_SCHEMA, UNKNOWN_AUTHOR
from curation.recipes.recipe import VERDICT
from curation.recipes.steps import AFTER, dedup_steps, filter_steps, transform_steps, verdict_of, without
from curation.recipes.verdict import BY_HAND
from curation.rules.base import Dedup, Filter, Rule, Transform
from curation.sql import database, identifier, literal

#: The raw columns of a corpus: all except the large original record, which can be read by id.
CARRIED = tuple(column.name for column in RAW_COLUMNS if column.name != "raw")

#: The columns that a run reads of landed posts.
INPUT_SCHEMA = pa.schema([RAW_SCHEMA.field(name) for name in CARRIED])

#: The prefix of columns that a stage adds for the rule that compares them.
COMPARED = "compared:"
#: The prefix of columns of a corpus that are computed again when it is judged again.
OLD = "old:"
#: The other columns of a candidate.
CANDIDATE = ("created_at", "platform", "id")


@dataclass(frozen=True)
class Stage:
    """A row-local statement over a table `posts`, and the rule that compares the posts after it, if any."""

    number: int  # in its plan, from 0
    steps: tuple[tuple[str, str], ...]  # name and body; the last step of a rule is after_<rule>
    makes: tuple[str, ...]  # the columns that are new, or differ from the source
    columns: tuple[str, ...]  # of the result, as SQL over the last step: what it makes, and what the barrier compares
    before: Rule | None  # the rule whose marks `posts` has
    barrier: Rule | None  # the rule that compares next

    @property
    def statement(self) -> str:
        """The whole statement."""
        return self._story(len(self.steps), ", ".join(self.columns))

    def reads(self, columns: Iterable[str]) -> list[str]:
        """Those of the `columns` that the statement may read."""
        words = {word.lower() for word in re.findall(r"\w+", self.statement)}
        return [name for name in columns if name.lower() in words]

    def verdict(self) -> str:
        """The statement up to the verdict, with all columns of its steps."""
        return self._story(len(self.steps), "*")

    def beginnings(self) -> Iterator[tuple[str, str]]:
        """Each rule, and the statement up to its last step."""
        for count, (name, _) in enumerate(self.steps, start=1):
            if name.startswith(AFTER):
                yield name.removeprefix(AFTER), self._story(count, "*")

    def _story(self, count: int, columns: str) -> str:
        story = ",\n".join(f"{identifier(name)} AS (\n    {body}\n)" for name, body in self.steps[:count])
        return f"WITH {story}\nSELECT {columns}\nFROM {identifier(self.steps[count - 1][0])}"


@dataclass(frozen=True)
class Plan:
    """A compiled recipe."""

    stages: tuple[Stage, ...]
    functions: tuple[BatchFunction, ...]
    columns: tuple[str, ...]  # of the corpus
    judged: bool = False  # whether it reads a corpus, and calls the columns that it makes again `old:…`

    @property
    def old_columns(self) -> frozenset[str]:
        """The columns of the source that are called `old:…`."""
        return frozenset(self.stages[-1].makes if self.judged else ())


def connection_for(
    functions: tuple[BatchFunction, ...], shelves: Mapping[str, Shelf] | None = None, **bounds: object
) -> duckdb.DuckDBPyConnection:
    """A database with the functions, and without access to files; `shelves` are kept values by the function's name."""
    connection = database.connect(**bounds)  # type: ignore[arg-type]
    for function in functions:
        function.register(connection, (shelves or {}).get(function.name))
    database.lock_down(connection)
    return connection


def compile_rules(rules: tuple[Rule, ...]) -> Plan:
    """The statements of the rules, which have not been tried."""
    sets = {name for rule in rules if isinstance(rule, Transform) for name in rule.sets()}
    author = f"coalesce(author, {literal(UNKNOWN_AUTHOR)}) AS author"
    begin = (
        f"SELECT * REPLACE ({author}), CAST([] AS VARCHAR[]) AS matched, CAST([] AS VARCHAR[]) AS rewritten_by, "
        "CAST(NULL AS VARCHAR) AS duplicate_of FROM posts"
    )
    return compile_from(begin, rules, ("author", "text", *sorted(sets), "rewritten_by"), columns_of(rules))


def columns_of(rules: Iterable[Rule]) -> tuple[str, ...]:
    """The columns of a corpus that these rules make."""
    return (*CARRIED, *VERDICT, *(name for rule in rules for name in rule.adds()))


def compile_from(
    begin: str, rules: Iterable[Rule], makes: tuple[str, ...], columns: tuple[str, ...], *, judged: bool = False
) -> Plan:
    """The statements of the rules, after a first step `begin`.

    They make the columns `makes`, the verdict, and what the rules add; `columns` are those of the corpus.
    """
    stages: list[Stage] = []
    makes = (*makes, "matched", "removed_by", "duplicate_of")
    waiting: list[Rule] = []  # of this stage
    last: Rule | None = None  # the rule whose marks this stage has, the first of `waiting`
    rules = tuple(rules)
    for rule in rules:
        if rule.compares() is not None:
            stages.append(_stage(len(stages), begin, makes, last, waiting, rule))
            makes = stages[-1].makes
            waiting, last = [rule], rule
        else:
            waiting.append(rule)
    stages.append(_stage(len(stages), begin, makes, last, waiting, None))
    functions = {function.name: function for rule in rules for function in rule.functions()}
    return Plan(tuple(stages), tuple(functions.values()), columns, judged)


def _stage(
    number: int, begin: str, makes: tuple[str, ...], last: Rule | None, rules: list[Rule], following: Rule | None
) -> Stage:
    """A stage with its `rules`; it has the marks of `last`, and `following` compares next."""
    steps = [("begin", "SELECT * FROM posts" if last else begin)]
    removing: list[str] = []
    rewriting: list[str] = []
    prepared: dict[str, str] = {}
    for rule in rules:
        if prepared and (isinstance(rule, Transform) or "text" in rule.marked()):
            steps.append(without(prepared, rule.name, steps[-1][0]))
        before = steps[-1][0]
        if isinstance(rule, Transform):
            steps += transform_steps(rule, before)
            rewriting.append(rule.name)
        elif isinstance(rule, Filter):
            steps += filter_steps(rule, before, removing, prepared)
            removing.append(rule.name)
        elif isinstance(rule, Dedup):
            steps += dedup_steps(rule, before)
            removing.append(rule.name)
            if "text" in rule.marked():
                rewriting.append(rule.name)
    if prepared:
        steps.append(without(prepared, "verdict", steps[-1][0]))
    steps.append(("verdict", verdict_of(steps[-1][0], removing, rewriting)))
    makes = (*makes, *(name for rule in rules for name in rule.adds()))
    columns = [identifier(name) for name in makes]
    columns[makes.index("removed_by")] = "matched[1] AS removed_by"
    if following:
        for count, (name, value) in enumerate(following.prepares_comparison(), start=1):
            body = f"SELECT *, CASE WHEN len(matched) = 0 THEN {value} END AS {name} FROM {identifier(steps[-1][0])}"
            steps.append((f"compared_{following.name}_{count}", body))
        columns += compared_columns(following)
    else:  # pins are applied to the finished corpus, see `curation.corpus.pins.applying`
        makes = (*makes, BY_HAND)
        columns.append(f"CAST(NULL AS VARCHAR) AS {BY_HAND}")
    return Stage(number, tuple(steps), makes, tuple(columns), last, following)


def compared_columns(rule: Rule) -> list[str]:
    """SQL over the verdict of a stage: what the rule compares of each post that is still there, NULL for others."""
    return [
        f"CASE WHEN len(matched) = 0 THEN {value} END AS {identifier(COMPARED + name)}"
        for name, value in (rule.compares() or {}).items()
    ]


def compared_names(rule: Rule) -> list[str]:
    """SQL: the names of the `compared_columns`."""
    return [identifier(COMPARED + name) for name in rule.compares() or ()]


def candidate_columns(rule: Rule) -> list[str]:
    """SQL over the `compared_columns`: the columns of a candidate besides `part` and `row`."""
    compared = [f"{identifier(COMPARED + name)} AS {identifier(name)}" for name in rule.compares() or ()]
    return [*compared, *CANDIDATE]


#: SQL over the `compared_columns`: whether a post is a candidate.
IS_CANDIDATE = f"{identifier(COMPARED + 'key')} IS NOT NULL"


def mark_columns(rule: Rule, marks: str | None) -> list[str]:
    """SQL: the columns of the rule's marks, from the joined table `marks`; None if no post has a mark."""
    values = {name: f"{marks}.{identifier(name)}" for name in rule.marked()} | {"marked": f"{marks}.row IS NOT NULL"}
    types = {**rule.marked(), "marked": "BOOLEAN"}
    return [f"CAST({values[name] if marks else 'NULL'} AS {kind}) AS {rule.mark(name)}" for name, kind in types.items()]


def failing_rule(connection: duckdb.DuckDBPyConnection, stage: Stage) -> str | None:
    """The rule that makes a stage's statement fail on the connection's `posts`; None if all of it works."""
    for rule, statement in stage.beginnings():
        try:
            for _ in connection.sql(statement).to_arrow_reader():
                pass
        except duckdb.Error:
            return rule
    return stage.barrier.name if stage.barrier else None


def message_of(error: Exception) -> str:
    """DuckDB's message without the statement."""
    return str(error).partition("\n\nLINE ")[0].partition("\nLINE ")[0].strip()
