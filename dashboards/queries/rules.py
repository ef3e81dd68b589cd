"""Queries of the page of thresholds and rules: the library's credit, sweeps and pins, cached for a state of a corpus.

Estimates come first, since they are instant. Exact figures replace them once somebody requests them.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import numpy as np

from curation.asking.approach import approach
from curation.asking.credit import Credit, Effort, credit_of_json
from curation.asking.pins.checking import Check, check
from curation.asking.pins.suggestions import Suggestion, Threshold, suggest, thresholds
from curation.asking.sweep import NoEstimateError, Sweep, sweep
from curation.asking.variants import recipe_of, with_value
from curation.asking.verdicts import Verdicts
from curation.corpus.corpus import Corpus
from curation.corpus.pins.pin_file import Pins
from curation.recipes.recipe import Recipe
from curation.rules import RuleBook
from curation.sql import identifier
from dashboards.queries import compare
from dashboards.queries.compare import Request, verdict_cache
from dashboards.snapshot import Snapshot

T = TypeVar("T")

#: Sets of rules that the plot of overlaps has.
SETS = 15
#: Quantiles of the measures that a sweep tries, and the number of evenly spread values that it tries besides.
QUANTILES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995)
SPREAD = 9
#: Bars of a histogram, about.
BARS = 40
#: Rounding error of a division of floats.
TINY = 1e-6


@dataclass(frozen=True)
class Measures:
    """The measures of a rule, in whole steps of its threshold."""

    counts: dict[float, int]  # posts by measure, smallest first
    unseen: int  # posts that the rule did not measure

    @property
    def posts(self) -> int:
        """Posts that the rule measured."""
        return sum(self.counts.values())

    def quantile(self, share: float) -> float:
        """The measure that this share of the posts does not exceed."""
        sought, so_far = share * self.posts, 0
        for value, posts in self.counts.items():
            so_far += posts
            if so_far >= sought:
                return value
        return 0.0

    def far_spread(self, step: float) -> bool:
        """Whether a few posts have measures many times as large as most others."""
        low, middle, high = (self.quantile(share) for share in (0.0, 0.5, QUANTILES[-1]))
        return step == 1 and high - low > 10 * max(middle - low, 2)


@dataclass(frozen=True)
class MeasureBar:
    """A bar of a histogram."""

    begin: float
    end: float
    first: float  # smallest and largest measure in the bar
    last: float
    posts: int


def credit(snapshot: Snapshot, book: RuleBook, on_progress: Callable[[int, int], None] | None = None) -> Credit:
    """What each rule removes: with bounds at once, or exact figures with `on_progress`, or if they are cached.

    Exact figures judge the recipe without each rule whose figure is a bound. Raises `RecipeError`.
    """
    exact: Credit | None = snapshot.answers.get((snapshot.identity, "exact credit"))
    if exact:
        return exact
    cache = verdict_cache(snapshot)
    if on_progress is None:
        return _kept(snapshot, "credit", lambda corpus: Credit.of(corpus, book=book, cache=cache), 50_000)

    def make(corpus: Corpus) -> Credit:
        return Credit.of(corpus, exact=True, book=book, cache=cache, progress=on_progress)

    return _kept(snapshot, "exact credit", make, 50_000)


def take_exact(snapshot: Snapshot, printed: Mapping[str, Any]) -> None:
    """Keep the exact figures that `curation credit --exact --json` has printed."""
    figures = credit_of_json(printed)
    if (figures.posts, figures.kept) == (
        snapshot.manifest["counts"]["downloaded"],
        snapshot.manifest["counts"]["kept"],
    ):
        snapshot.answers.put((snapshot.identity, "exact credit"), figures, 50_000)


def effort(snapshot: Snapshot, book: RuleBook, figures: Credit) -> Effort:
    """What exact figures take. Raises `RecipeError`."""
    return _kept(snapshot, "effort", lambda corpus: Effort.of(corpus, figures, book), 1_000)


def _kept(snapshot: Snapshot, key: Hashable, make: Callable[[Corpus], T], size: int) -> T:
    """The result of `make` on the corpus, cached for this state; `size` is in bytes."""
    return snapshot.keep(key, lambda: snapshot.ask(make), size)


def measured_thresholds(snapshot: Snapshot, book: RuleBook) -> list[Threshold]:
    """The thresholds of measures that the corpus has as a column, in recipe order. Raises `RecipeError`."""

    def make() -> list[Threshold]:
        measures = {rule["measure"] for rule in snapshot.corpus.rules}
        every = thresholds(recipe_of(snapshot.corpus, book).rules)
        return [threshold for threshold in every if threshold.rule.name in measures]

    return snapshot.keep("thresholds", make, 10_000)


def most_telling(snapshot: Snapshot, thresholds: Sequence[Threshold]) -> Threshold:
    """The threshold whose rule removes most posts; of equals the first."""
    removed = snapshot.manifest["counts"].get("removed", {})
    return max(thresholds, key=lambda each: removed.get(each.rule.name, 0))


def next_value(snapshot: Snapshot, threshold: Threshold) -> float | None:
    """The value next to the current one with which the rule removes other posts: a stricter one, else a milder one."""
    here, step = measured(snapshot, threshold).counts, threshold.step
    sign = 1 if threshold.lower else -1
    # A measure equal to the bound is kept, so a stricter bound lies just beyond it.
    stricter = [value + sign * step for value in here if sign * (value - threshold.now) > -TINY]
    milder = [value for value in here if sign * (value - threshold.now) < -TINY]
    near = [min(values, key=lambda value: abs(value - threshold.now)) for values in (stricter, milder) if values]
    return next((value for value in (_rounded(each, step) for each in near) if threshold.is_right(value)), None)


def opening(snapshot: Snapshot, recipe: Recipe, book: RuleBook) -> Request:
    """A change to begin with that memory can tell: a telling threshold one value further, or a rule left out."""
    removed = snapshot.manifest["counts"].get("removed", {})
    changes = []
    for threshold in measured_thresholds(snapshot, book):
        value = next_value(snapshot, threshold)
        if value is not None:
            each = Request(set=(f"{threshold.parameter}={json.dumps(value)}",))
            changes.append((removed.get(threshold.rule.name, 0), each))
    changes.sort(key=lambda each: -each[0])
    rules = sorted((rule for rule in recipe.rules if removed.get(rule.name)), key=lambda rule: -removed[rule.name])
    requests = [*(request for _, request in changes), *(Request(without=(rule.name,)) for rule in rules)]
    return next((each for each in requests if compare.seconds(snapshot, each, book) == 0), Request())


def measured(snapshot: Snapshot, threshold: Threshold) -> Measures:
    """The measures of a threshold's rule, removed posts included."""
    column = identifier(threshold.rule.name)
    rows = snapshot.query(
        f"SELECT floor({column} / ? + ?)::BIGINT AS steps, count(*)::BIGINT AS posts FROM posts "
        "GROUP BY steps ORDER BY steps NULLS FIRST",
        [threshold.step, TINY],
    ).rows()
    unseen = rows.pop(0)[1] if rows and rows[0][0] is None else 0
    return Measures({_rounded(steps * threshold.step, threshold.step): posts for steps, posts in rows}, unseen)


def values(threshold: Threshold, measures: Measures) -> list[float]:
    """The values of a threshold to try, smallest first: where posts are, and around the current value."""
    step, now = threshold.step, threshold.now
    tried = {now, *(now + each * step for each in (-2, -1, 1, 2))}
    if measures.posts:
        tried |= {measures.quantile(share) for share in QUANTILES}
        tried |= set(_spread(measures, step, *_ends(threshold, measures), SPREAD))
    rounded = sorted({_rounded(value, step) for value in tried} | {now})
    return [value for value in rounded if value == now or threshold.is_right(value)]


def bars(threshold: Threshold, measures: Measures) -> list[MeasureBar]:
    """A histogram of the measures, without the few posts far above all others."""
    step = threshold.step
    low, high = _ends(threshold, measures)
    cut = threshold.now if threshold.lower else threshold.now + step  # the smallest measure on its other side
    spread = _spread(measures, step, low, high, BARS + 1)
    edges = sorted({_rounded(edge, step) for edge in (*spread, cut, high + step)})
    # A measure equal to the bound is kept: it is right of a lower bound, and left of an upper one.
    shift = 0.0 if threshold.lower else step
    histogram = []
    for begin, end in itertools.pairwise(edges):
        among = {value: posts for value, posts in measures.counts.items() if begin - TINY <= value < end - TINY}
        if among:
            histogram.append(MeasureBar(begin - shift, end - shift, min(among), max(among), sum(among.values())))
    return histogram


def _ends(threshold: Threshold, measures: Measures) -> tuple[float, float]:
    return min(measures.quantile(0.0), threshold.now), max(measures.quantile(QUANTILES[-1]), threshold.now)


def _spread(measures: Measures, step: float, low: float, high: float, number: int) -> list[float]:
    """Evenly spaced values from `low` to `high`; denser at the lower end if a few posts are far away."""
    if measures.far_spread(step):
        return [float(low + value - 1) for value in np.geomspace(1, high - low + 1, number)]
    return [float(value) for value in np.linspace(low, high, number)]


def _rounded(value: float, step: float) -> float:
    return math.floor(value + 0.5) if step == 1 else round(round(value / step) * step, 2)


def sweep_seconds(snapshot: Snapshot, threshold: Threshold, swept: Sweep | None, book: RuleBook) -> float:
    """About how long the exact points of a sweep take that are estimates, or not there. Raises `CurationError`."""
    corpus, (rule, _, key) = snapshot.corpus, threshold.parameter.partition(".")
    old, posts = recipe_of(corpus, book), snapshot.manifest["counts"]["downloaded"]
    if swept:
        values_left = [point.value for point in swept.points if not point.exact]
    else:
        values_left = [value for value in values(threshold, measured(snapshot, threshold)) if value != threshold.now]
    ways = (approach(old, with_value(corpus, rule, key, value, book=book)) for value in values_left[:1])
    return float(len(values_left) * sum(way.microseconds for way in ways) * posts / 1_000_000)


def sweep_key(snapshot: Snapshot, threshold: Threshold) -> str:
    """The key of the computation of exact points."""
    return f"sweep:{threshold.parameter}:{snapshot.identity}"


def swept(
    snapshot: Snapshot, threshold: Threshold, book: RuleBook, on_progress: Callable[[int, int], None] | None = None
) -> Sweep | None:
    """Kept posts by value of a threshold: estimates at once, or exact points if memory can tell, with `on_progress`,
    or if they are cached. None where there are no estimates.

    For exact points, later rules are recalculated for each value that gives them other posts. Raises `CurationError`.
    """
    parameter, cache = threshold.parameter, verdict_cache(snapshot)

    def in_memory(corpus: Corpus) -> bool:
        old = recipe_of(corpus, book)
        rule, _, key = parameter.partition(".")
        ends = (tried[0], tried[-1])  # a stricter or a milder value, and which rules look again depends on no other
        return all(approach(old, with_value(corpus, rule, key, value, book=book)).is_packed for value in ends)

    exact: Sweep | None = snapshot.answers.get((snapshot.identity, ("exact sweep", parameter)))
    if exact:
        return exact
    tried = values(threshold, measured(snapshot, threshold))

    def make(corpus: Corpus) -> Sweep:
        is_exact = on_progress is not None or in_memory(corpus)
        return sweep(corpus, parameter, tried, exact=is_exact, book=book, cache=cache, progress=on_progress)

    try:
        return _kept(snapshot, ("exact sweep" if on_progress else "sweep", parameter), make, 10_000)
    except NoEstimateError:
        return None


def checked(snapshot: Snapshot, pins: Pins) -> Check:
    """The pinned posts and what the recipe decides about them."""
    size = 200 * (10 + len(pins.pins))
    return _kept(snapshot, ("check", pins), lambda corpus: check(Verdicts(corpus), pins), size)


def suggestions(snapshot: Snapshot, pins: Pins, book: RuleBook) -> Sequence[Suggestion]:
    """Which thresholds the pins suggest. Raises `CurationError`."""
    size = 200 * (10 + len(pins.pins))
    return _kept(snapshot, ("suggest", pins), lambda corpus: suggest(corpus, pins, book=book), size)


def comparing(snapshot: Snapshot, parameter: str, value: float) -> dict[str, list[str]]:
    """The address words of Compare, for this recipe against the same with another value."""
    return {"corpus": [snapshot.corpus.recipe], "set": [f"{parameter}={json.dumps(value)}"]}


def comparison(snapshot: Snapshot, parameter: str, value: float) -> str:
    """The address of Compare for the same."""
    return f"compare?{urlencode(comparing(snapshot, parameter, value), doseq=True)}"
