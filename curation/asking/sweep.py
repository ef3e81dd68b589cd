"""How many posts are kept for each value of a parameter.

What a filter measured stands in its column, so all values of a threshold, and of several thresholds, are asked in one
pass over the corpus. Only where a value changes which posts a later rule compares, or measures dearly, is that rule
done again, once for each such value: a trial (see `curation.asking.trial`). Every point says which of the two it was.

>>> sweep(Corpus.open("data"), "min_words.min", [1, 2, 3]).points[0].kept        # doctest: +SKIP
2380
"""

from __future__ import annotations

import dataclasses
import os
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from curation.asking.bench import Bench
from curation.asking.sweep_values import parse_values
from curation.asking.trial import DONE_AGAIN, QUERIED, STANDS, try_recipe
from curation.asking.variants import TAKES_A_RUN, ask, how, recipe_of, with_value
from curation.corpus.rejudging import STEADY
from curation.errors import RecipeError, UsageError, did_you_mean
from curation.rules import RuleBook
from curation.rules.base import Filter, Rule, key_of
from curation.sql import database, expression, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import duckdb

    from curation.corpus.corpus import Corpus
    from curation.recipes.recipe import Recipe


@dataclass(frozen=True)
class Point:
    """What one value would do."""

    value: Any  # as a recipe has it: a number, a text, a truth, a list of texts; a date as text
    kept: int  # posts
    removed_by_rule: int  # posts whose first rule it would be, as in the ledger
    how: str  # "stands" (the corpus's own value), "queried" or "done again" (a trial)
    exact: bool  # false: what a query says where only a trial knows

    def to_json(self) -> dict[str, Any]:
        """For `curation sweep --json`."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Sweep:
    """What each of some values would do."""

    recipe: str
    parameter: str  # rule.parameter
    now: Any  # the corpus's own value
    posts: int  # in the corpus
    points: tuple[Point, ...]  # in the order of the values
    again: tuple[str, ...] = ()  # the rules that were done again for some of them, in recipe order

    def to_json(self) -> dict[str, Any]:
        """For `curation sweep --json`."""
        return {
            "recipe": self.recipe,
            "parameter": self.parameter,
            "now": self.now,
            "posts": self.posts,
            "done_again": list(self.again),
            "points": [point.to_json() for point in self.points],
        }


def sweep(
    corpus: Corpus,
    parameter: str,
    values: str | Sequence[Any],
    *,
    exact: bool = True,
    book: RuleBook | None = None,
    bench: Bench | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Kept and removed posts for each value of one parameter; see `sweeps`."""
    [swept] = sweeps(corpus, {parameter: values}, exact=exact, book=book, bench=bench, progress=progress)
    return swept


def sweeps(
    corpus: Corpus,
    asked: Mapping[str, str | Sequence[Any]],
    *,
    exact: bool = True,
    book: RuleBook | None = None,
    bench: Bench | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Sweep, ...]:
    """Kept and removed posts for the values of several parameters, each by itself, in one pass.

    `asked` has values by `rule.parameter`, the rule by its name in the recipe; the values are a list, or a text such as
    `1..10`. With `exact=False` no trial is made: such points are what a query says, as if the rules that compare posts
    found what they found. `book` must know the corpus's rules. The trials share a `bench`, one of their own if none is
    given. `progress` is called with points done and points asked.
    Raises `UsageError` for a parameter that takes runs, `RecipeError` for a value that the rule does not take.
    """
    book, bench = book or RuleBook.load(), bench or Bench()
    old = recipe_of(corpus, book)
    wanted = [_asked(corpus, old, parameter, values, book) for parameter, values in asked.items()]
    cases = [case for each in wanted for case in each.cases]
    posts, kept, counted = _query(corpus, old, cases)
    points: list[Point] = []
    again: dict[str, set[str]] = {}
    for number, (case, figures) in enumerate(zip(cases, counted, strict=True)):
        point = _settled(case, figures, kept)
        if point is None and exact:
            point, rules = _tried(corpus, case, book, bench)
            again.setdefault(case.parameter, set()).update(rules)
        if point is None and figures:
            point = Point(case.value, figures.kept, figures.removed, QUERIED, exact=False)
        if point is None:
            raise UsageError(
                f"{case.parameter} decides while posts are compared, so no query can tell, only a trial of each value."
            )
        points.append(point)
        if progress:
            progress(number + 1, len(cases))
    found = iter(points)
    return tuple(
        Sweep(
            recipe=corpus.recipe,
            parameter=each.parameter,
            now=each.now,
            posts=posts,
            points=tuple(next(found) for _ in each.cases),
            again=tuple(rule.name for rule in old.rules if rule.name in again.get(each.parameter, ())),
        )
        for each in wanted
    )


@dataclass(frozen=True)
class _Case:
    """One value, and the recipe with it."""

    parameter: str
    value: Any
    rule: Rule  # with the value
    recipe: Recipe
    how: str
    condition: str | None  # SQL over the corpus: whether the rule removes a post; None where no column says


@dataclass(frozen=True)
class _Asked:
    parameter: str
    now: Any
    cases: tuple[_Case, ...]


@dataclass(frozen=True)
class _Figures:
    """What a query says of one value."""

    kept: int
    removed: int
    changed: int  # posts that no earlier rule removes and of which the rule thinks otherwise now


def _asked(corpus: Corpus, old: Recipe, parameter: str, values: str | Sequence[Any], book: RuleBook | None) -> _Asked:
    name, dot, key = parameter.partition(".")
    if not dot:
        raise UsageError(f"'{parameter}' names no parameter. Write rule.parameter, such as min_words.min.")
    rules = {rule.name: rule for rule in old.rules}
    if name not in rules:
        raise RecipeError(f"The recipe '{old.name}' has no rule '{name}'.{did_you_mean(name, rules)}")
    fields = {key_of(field): field for field in rules[name].parameters()}
    if key not in fields:
        raise RecipeError(f"'{rules[name].use}' has no parameter '{key}'.{did_you_mean(key, fields)}")
    if isinstance(values, str):
        hint = typing.get_type_hints(type(rules[name]))[fields[key].name]
        values = parse_values(values, hint, place=parameter, of_choice=fields[key].metadata.get("check") is not None)
    cases = []
    for value in values:
        recipe = with_value(corpus, name, key, list(value) if isinstance(value, tuple) else value, book=book)
        [rule] = [each for each in recipe.rules if each.name == name]
        telling = how(old, recipe)
        if telling == TAKES_A_RUN:
            raise UsageError(
                f"{parameter} can't be swept over the corpus '{corpus.recipe}': with another value, rules would see "
                "other texts or other measures than it holds. That takes a run for each value: "
                f"curation run RECIPE --set {parameter}=VALUE"
            )
        cases.append(_Case(parameter, rule.values()[key], rule, recipe, telling, _condition(rule, telling)))
    return _Asked(parameter, rules[name].values()[key], tuple(cases))


def _query(corpus: Corpus, old: Recipe, cases: list[_Case]) -> tuple[int, int, list[_Figures | None]]:
    """Posts, kept posts, and what one query says of each case; None where the condition asks what the corpus lacks."""
    names = [rule.name for rule in old.rules]
    figures: list[str] = ["count(*)", "count(*) FILTER (removed_by IS NULL)"]
    columns: list[str] = []
    for number, case in enumerate(cases):
        condition = case.condition
        if condition is None:
            continue
        name = literal(case.rule.name)
        earlier = names[: names.index(case.rule.name)]
        reached = f"(removed_by IS NULL OR removed_by NOT IN ({', '.join(map(literal, ['', *earlier]))}))"
        alone = f"(removed_by IS NULL OR removed_by = {name} AND len(matched) = 1)"
        had = f"coalesce(removed_by = {name}, false)"
        goes = identifier(f"goes:{number}")
        columns.append(f"coalesce(({condition}), false) AS {goes}")
        figures += [
            f"count(*) FILTER ({alone} AND NOT {goes})",
            f"count(*) FILTER ({reached} AND {goes})",
            f"count(*) FILTER ({reached} AND {goes} <> {had})",
        ]
    statement = f"SELECT {', '.join(figures)} FROM (SELECT {', '.join(['removed_by, matched', *columns])} FROM posts)"

    def work(connection: duckdb.DuckDBPyConnection, _: dict[str, Any]) -> list[int]:
        for function in {f.name: f for case in cases for f in case.rule.functions() if case.condition}.values():
            function.register(connection, None)
        # A condition may be a user's SQL, and reaches the corpus and nothing else.
        connection.execute(f"SET allowed_directories = {literal([f'{corpus.folder.absolute()}{os.sep}'])}")
        database.lock_down(connection)
        [row] = connection.execute(statement).fetchall()
        return list(row)

    posts, kept, *counts = corpus.reading(work, alone=True)
    counted = iter(zip(counts[::3], counts[1::3], counts[2::3], strict=True))
    return posts, kept, [_Figures(*next(counted)) if case.condition else None for case in cases]


def _condition(rule: Rule, telling: str) -> str | None:
    """SQL over the corpus: whether a rule would remove a post; None when no column says."""
    if telling == STANDS:
        return f"list_contains(matched, {literal(rule.name)})"
    if not isinstance(rule, Filter):
        return None
    condition = rule.removes()
    return condition if expression.columns_of(condition) <= STEADY | set(rule.adds()) else None


def _settled(case: _Case, figures: _Figures | None, kept: int) -> Point | None:
    """The point of a case that the query settles."""
    if figures is None or (case.rule.compares() is not None and case.how == DONE_AGAIN):
        return None
    if case.how != DONE_AGAIN:
        return Point(case.value, figures.kept, figures.removed, case.how, exact=True)
    if not figures.changed:  # so later rules see the posts that they saw
        return Point(case.value, kept, figures.removed, QUERIED, exact=True)
    return None


def _tried(corpus: Corpus, case: _Case, book: RuleBook, bench: Bench) -> tuple[Point, tuple[str, ...]]:
    trial = try_recipe(corpus, case.recipe, book=book, bench=bench)
    assert trial is not None, "what was found to be answerable is answered"
    [(kept, removed)] = ask(
        corpus,
        trial,
        "SELECT count(*) FILTER (removed_by IS NULL), count(*) FILTER (removed_by = ?) FROM posts",
        [case.rule.name],
    )
    return Point(case.value, kept, removed, trial.how, exact=True), trial.again
