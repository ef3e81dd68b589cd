"""How many posts are kept for each value of a parameter.

A filter's measures are in its column, so all values of several thresholds are evaluated together. If a value changes
which posts a later rule compares or measures, that rule is recalculated for this value. Every point tells which.

>>> sweep(Corpus.open("data"), "min_words.min", [1, 2, 3]).points[0].kept        # doctest: +SKIP
2380
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation.asking.approach import Way, approach
from curation.asking.judge import judge, judge_each
from curation.asking.sweep_values import parse_values
from curation.asking.variants import recipe_of, with_value
from curation.asking.verdict_cache import VerdictCache
from curation.asking.verdicts import Verdicts
from curation.corpus.corpus import Corpus
from curation.errors import RecipeError, UsageError, did_you_mean
from curation.recipes.recipe import Recipe
from curation.rules import RuleBook
from curation.rules.parameters import check_of, key_of

#: Values that are evaluated in one pass; each needs at least a byte a post.
BATCH = 16


class NoEstimateError(UsageError):
    """A parameter whose points have no estimate, though they can be exact."""


@dataclass(frozen=True)
class Point:
    """The result of one value."""

    value: Any  # as in a recipe: a number, a text, true or false, a list of texts; a date as text
    kept: int  # posts
    removed_by_rule: int  # posts that the rule removes first, as in the ledger
    how: Way
    exact: bool  # False: assumes that later rules give the same verdicts


@dataclass(frozen=True)
class Sweep:
    """The results of several values of a parameter."""

    recipe: str
    parameter: str  # rule.parameter
    now: Any  # the corpus's own value
    posts: int  # in the corpus
    points: tuple[Point, ...]  # in the order of the values
    recalculated: tuple[str, ...] = ()  # rules that were computed again for some of them, in recipe order

    def to_json(self) -> dict[str, Any]:
        """For `curation sweep --json`."""
        return {
            "recipe": self.recipe,
            "parameter": self.parameter,
            "now": self.now,
            "posts": self.posts,
            "done_again": list(self.recalculated),
            "points": [dataclasses.asdict(point) for point in self.points],
        }


def sweep(
    corpus: Corpus,
    parameter: str,
    values: str | Sequence[Any],
    *,
    exact: bool = True,
    book: RuleBook | None = None,
    cache: VerdictCache | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Kept and removed posts for each value of a parameter; see `sweeps`."""
    [swept] = sweeps(corpus, {parameter: values}, exact=exact, book=book, cache=cache, progress=progress)
    return swept


def sweeps(
    corpus: Corpus,
    values: Mapping[str, str | Sequence[Any]],
    *,
    exact: bool = True,
    book: RuleBook | None = None,
    cache: VerdictCache | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Sweep, ...]:
    """Kept and removed posts for the `values` of several parameters, changed one at a time.

    `values` are by `rule.parameter`, with the rule's name in the recipe: a list, or a text such as `1..10`. With
    `exact=False` no rule is recalculated: points then assume that later rules give the same verdicts. `book` must know
    the corpus's rules. All values share a `cache`. `progress` is called with the number of points so far and of all.
    Raises `UsageError` for a parameter that needs runs, `RecipeError` for a value that the rule does not take.
    """
    book, cache = book or RuleBook.load(), cache or VerdictCache()
    old = recipe_of(corpus, book)
    series = [_series(corpus, old, parameter, each, book) for parameter, each in values.items()]
    cases = [case for each in series for case in each.cases]
    points: list[Point] = []
    recalculated: dict[str, set[str]] = {each.parameter: set() for each in series}
    for case, verdicts in _judged(corpus, cases, exact=exact, book=book, cache=cache):
        kept, removed = verdicts.counts[None], verdicts.counts[case.rule]
        points.append(Point(case.value, kept, removed, verdicts.way, verdicts.exact))
        recalculated[case.parameter].update(verdicts.recalculated)
        if progress:
            progress(len(points), len(cases))
    rest = iter(points)
    return tuple(
        Sweep(
            recipe=corpus.recipe,
            parameter=each.parameter,
            now=each.now,
            posts=Verdicts(corpus).counts.total(),
            points=tuple(next(rest) for _ in each.cases),
            recalculated=tuple(rule.name for rule in old.rules if rule.name in recalculated[each.parameter]),
        )
        for each in series
    )


@dataclass(frozen=True)
class _SweptValue:
    """A value, and the recipe with it."""

    parameter: str
    rule: str  # its name
    value: Any
    recipe: Recipe


@dataclass(frozen=True)
class _Series:
    """The values of one parameter."""

    parameter: str
    now: Any
    cases: tuple[_SweptValue, ...]


def _judged(
    corpus: Corpus, cases: Sequence[_SweptValue], *, exact: bool, book: RuleBook, cache: VerdictCache
) -> Iterator[tuple[_SweptValue, Verdicts]]:
    """Each case with its verdicts; one pass over a batch serves those that recalculate no rule."""
    for first in range(0, len(cases), BATCH):
        batch = cases[first : first + BATCH]
        estimates = judge_each([case.recipe for case in batch], corpus, book=book, cache=cache, exact=False)
        for case, verdicts in zip(batch, estimates, strict=True):
            if exact and not (verdicts and verdicts.exact):
                verdicts = judge(case.recipe, corpus, book=book, cache=cache)
            if verdicts is None:
                raise NoEstimateError(
                    f"{case.parameter} decides while posts are compared, so no query can tell, only a trial of each "
                    "value."
                )
            yield case, verdicts


def _series(corpus: Corpus, old: Recipe, parameter: str, values: str | Sequence[Any], book: RuleBook) -> _Series:
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
        values = parse_values(values, hint, place=parameter, of_choice=check_of(fields[key]) is not None)
    cases = []
    for value in values:
        recipe = with_value(corpus, name, key, list(value) if isinstance(value, tuple) else value, book=book)
        if approach(old, recipe).way is Way.NEEDS_RUN:
            raise UsageError(
                f"{parameter} can't be swept over the corpus '{corpus.recipe}': with another value, rules would see "
                "other texts or other measures than it holds. That takes a run for each value: "
                f"curation run RECIPE --set {parameter}=VALUE --as NAME"
            )
        [rule] = [each for each in recipe.rules if each.name == name]
        cases.append(_SweptValue(parameter, name, rule.values()[key], recipe))
    return _Series(parameter, rules[name].values()[key], tuple(cases))
