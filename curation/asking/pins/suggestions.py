"""Thresholds that satisfy the pins: for each threshold of a recipe, the strictest value that keeps the pinned posts.

A threshold is a numeric parameter that a rule compares its measure with. The measures of the pinned posts give the
strictest value at which this rule keeps all posts that must be kept, and how many of the others it removes. One query
computes the effect of all suggestions on the corpus.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from curation.asking.pins.checking import pinned_rows
from curation.asking.sweep import Point, sweeps
from curation.asking.variants import recipe_of
from curation.asking.verdicts import Verdicts
from curation.corpus.corpus import Corpus
from curation.corpus.pins.pin_file import KEPT, Pin, Pins
from curation.errors import RecipeError
from curation.recipes.recipe import Recipe
from curation.rules import RuleBook
from curation.rules.base import Filter
from curation.rules.parameters import check_of, key_of, removes_of, types_of

#: The step of a threshold that is not a whole number.
HUNDREDTH = 0.01
#: Rounding error of a division of floats, in steps.
TINY = 1e-6


@dataclass(frozen=True)
class Suggestion:
    """The suggestion for one threshold."""

    parameter: str  # rule.parameter
    now: float  # its value in the recipe
    lower: bool  # whether it is a lower bound, which removes posts with less
    step: float  # 1, or a hundredth
    limit: float | None  # the strictest value that keeps every pinned post; None: no value does, or any does
    value: float  # the suggestion: within the limit, it removes as many of the others as possible
    stops: Pin | None  # the pinned post that a stricter value would remove; None: there is no limit
    removed: int  # pinned posts that must go, which the suggested value removes
    removable: int  # pinned posts that must go, which the rule measured
    point: Point | None = None  # the effect of the suggested value on the corpus

    @property
    def holds(self) -> bool:
        """Whether the recipe's value is within the limit."""
        if self.limit is None:
            return self.stops is None
        return self.now <= self.limit if self.lower else self.now >= self.limit

    @property
    def sentence(self) -> str:
        """The suggestion in words."""
        if self.stops and self.limit is None:
            return f"{self.parameter}: no value keeps {_called(self.stops)}; leave the rule out, or take the pin back."
        parts = []
        if self.stops and self.limit is not None:
            beyond = _shown(_beyond(self.limit, self.lower, self.step))
            parts.append(
                f"{self.parameter} at {'most' if self.lower else 'least'} {_shown(self.limit)}: at {beyond} "
                f"{_called(self.stops)} would go"
            )
        if self.removable:
            words = f"at {_shown(self.value)} it removes {self.removed or 'none'} of the {self.removable} pinned posts"
            if self.removable == 1:
                words = f"at {_shown(self.value)} it {'removes' if self.removed else 'does not remove'} the pinned post"
            words += " that must go"
            parts.append(words if parts else f"{self.parameter}: {words}")
        return "; ".join(parts) + f" (now {_shown(self.now)})."

    def to_json(self) -> dict[str, Any]:
        """For `curation check --suggest --json`."""
        return {
            "parameter": self.parameter,
            "now": self.now,
            "bound": "lower" if self.lower else "upper",
            "limit": self.limit,
            "holds": self.holds,
            "suggested": self.value,
            "stops": self.stops.to_json() if self.stops else None,
            "removed": self.removed,
            "removable": self.removable,
            "kept": self.point.kept if self.point else None,
            "exact": self.point.exact if self.point else None,
            "sentence": self.sentence,
        }


def suggest(
    corpus: Corpus, pins: Pins, *, recipe: Recipe | None = None, book: RuleBook | None = None
) -> list[Suggestion]:
    """Suggestions for the thresholds of a corpus's recipe, in recipe order, without those that need no change.

    With a `recipe` that the corpus was judged by, they are for its thresholds, and have no `point`. `book` must know
    the corpus's rules. Raises `RecipeError`, `WorkspaceError`.
    """
    rows = {(row["platform"], row["id"]): row for row in pinned_rows(Verdicts(corpus), pins)}
    measures = {rule["measure"] for rule in corpus.rules}
    suggestions = []
    for threshold in thresholds((recipe or recipe_of(corpus, book)).rules):
        if threshold.rule.name not in measures:
            continue
        measured = [
            (pin, rows[pin.post][threshold.rule.name])
            for pin in pins.pins
            if pin.post in rows and rows[pin.post][threshold.rule.name] is not None
        ]
        suggestion = threshold.suggested(measured)
        if suggestion.stops or suggestion.value != suggestion.now:
            suggestions.append(suggestion)
    values = {each.parameter: [each.value] for each in suggestions if each.limit is not None or each.stops is None}
    if recipe or not values:
        return suggestions
    points = {swept.parameter: swept.points[0] for swept in sweeps(corpus, values, exact=False, book=book)}
    return [dataclasses.replace(each, point=points.get(each.parameter)) for each in suggestions]


@dataclass(frozen=True)
class Threshold:
    """A numeric parameter that a rule compares its measure with."""

    rule: Filter
    key: str  # in a recipe
    field: dataclasses.Field[Any]
    now: float
    lower: bool  # whether it is a lower bound, which removes posts with less
    step: float  # 1, or a hundredth

    @property
    def parameter(self) -> str:
        """The name: rule.parameter."""
        return f"{self.rule.name}.{self.key}"

    def suggested(self, measured: list[tuple[Pin, Any]]) -> Suggestion:
        """The suggestion for pinned posts, each with its measure."""
        stricter = max if self.lower else min
        stay = [(value, pin) for pin, value in measured if pin.want == KEPT]
        go = [value for pin, value in measured if pin.want != KEPT]
        stops, limit, value = None, None, self.now
        if stay:
            first, stops = (min if self.lower else max)(stay, key=lambda each: each[0])
            limit = self._keeping(first)
            if not self.is_right(self._stricter(limit)):  # no recipe can be stricter
                stops = limit = None
        possible = limit is None or self.is_right(limit)
        if possible:
            value = self.now if limit is None or stricter(self.now, limit) == limit else limit
            removing = [self._stricter(self._keeping(each)) for each in go]
            within = [each for each in removing if limit is None or stricter(each, limit) == limit]
            value = stricter([value, *(each for each in within if self.is_right(each))])
        return Suggestion(
            parameter=self.parameter,
            now=self.now,
            lower=self.lower,
            step=self.step,
            limit=limit if possible else None,
            value=value,
            stops=stops,
            removed=sum(each < value if self.lower else each > value for each in go),
            removable=len(go),
        )

    def _keeping(self, measured: float) -> float:
        """The strictest bound, in whole steps, that keeps a post with this measure."""
        if self.lower:
            steps = math.floor(measured / self.step + TINY)
            return self._steps(steps if self._steps(steps) <= measured else steps - 1)
        steps = math.ceil(measured / self.step - TINY)
        return self._steps(steps if self._steps(steps) >= measured else steps + 1)

    def _stricter(self, bound: float) -> float:
        """The next bound that removes more."""
        return _beyond(bound, self.lower, self.step)

    def _steps(self, steps: int) -> float:
        return steps if self.step == 1 else round(steps * self.step, 2)

    def is_right(self, value: float) -> bool:
        """Whether a recipe may have this value."""
        check = check_of(self.field)
        if check and check(value):
            return False
        try:
            changed: dict[str, Any] = {self.field.name: value}
            dataclasses.replace(self.rule, **changed).check()
        except RecipeError:
            return False
        return True


def thresholds(rules: tuple[Any, ...]) -> Iterator[Threshold]:
    """The thresholds of rules, in the order of the rules."""
    for rule in rules:
        if not isinstance(rule, Filter) or not rule.measure():
            continue
        for field in rule.parameters():
            now, removes = getattr(rule, field.name), removes_of(field)
            if removes and isinstance(now, int | float) and not isinstance(now, bool):
                step = 1 if int in types_of(type(rule), field.name) else HUNDREDTH
                yield Threshold(rule, key_of(field), field, now, removes == "less", step)


def _called(pin: Pin) -> str:
    return f"the pinned post {pin.id}"


def _beyond(bound: float, lower: bool, step: float) -> float:
    moved = bound + step if lower else bound - step
    return moved if step == 1 else round(moved, 2)


def _shown(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
