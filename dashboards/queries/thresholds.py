"""The ranges of the sliders for a recipe's parameters, and the distributions of the measures."""

from __future__ import annotations

import datetime
import math
import typing
from dataclasses import dataclass
from typing import Any

from curation.options.bounds import Bound
from curation.recipes.recipe import Recipe
from curation.rules.base import Filter, Rule
from curation.rules.parameters import Removes, check_of, is_pattern, key_of, removes_of, types_of, unit_of
from curation.sql import identifier
from dashboards.snapshot import Snapshot

#: Bars of a histogram, at most.
BINS = 60
#: Characters of a list that is shown at once.
SHORT = 60
#: Values that the box of a list offers.
OFFERED = 200


@dataclass(frozen=True)
class Knob:
    """A parameter of a rule and its possible values."""

    rule: str
    key: str
    kind: str  # "slider", "number", "truth", "choice", "list", "lines", "date" or "text"
    now: Any  # A's value
    doc: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    unit: str = ""  # of what the rule measures, in the plural

    @property
    def place(self) -> str:
        """The name of the parameter for `--set`."""
        return f"{self.rule}.{self.key}"

    @property
    def is_prominent(self) -> bool:
        """Whether it is worth seeing at once: a threshold, or a short list such as of languages."""
        return self.kind == "slider" or (self.kind == "list" and sum(map(len, self.now)) <= SHORT)

    @property
    def measured(self) -> str:
        """A heading for the measure: "Words per post"; empty without a unit."""
        if not self.unit:
            return ""
        return self.unit.capitalize() if self.unit.startswith("share") else f"{self.unit.capitalize()} per post"


@dataclass(frozen=True)
class Distribution:
    """The distribution of a measured column."""

    low: float  # 0.5% are below
    high: float  # 0.5% are above
    usual: float  # a tenth are above
    whole: bool  # whole numbers


def measured(snapshot: Snapshot) -> dict[str, Distribution]:
    """The distributions of all measured columns of numbers, by name, in one pass."""
    columns = [column for rule in snapshot.corpus.rules for column in rule["columns"]]
    if not columns:
        return {}
    empty = snapshot.query(f"SELECT {', '.join(map(identifier, columns))} FROM posts LIMIT 0")
    columns = [column for column in columns if empty.schema[column].is_numeric()]
    if not columns:
        return {}
    figures = ", ".join(
        f"quantile_disc({column}, {share})::DOUBLE"
        for column in map(identifier, columns)
        for share in (0.005, 0.995, 0.9)
    )
    [row] = snapshot.query(f"SELECT {figures} FROM posts").iter_rows()
    result = {}
    for n, column in enumerate(columns):
        low, high, usual = row[3 * n : 3 * n + 3]
        if low is not None:  # there is a value
            result[column] = Distribution(low, high, usual, empty.schema[column].is_integer())
    return result


def knobs(snapshot: Snapshot, recipe: Recipe) -> dict[str, list[Knob]]:
    """The parameters of every rule of A that removes posts, by the rule's name; sliders and lists first."""
    columns = measured(snapshot)
    result = {}
    for rule in recipe.rules:
        if rule.kind != "transform":
            each = [_knob(snapshot, rule, field, columns.get(rule.name)) for field in rule.parameters()]
            result[rule.name] = sorted(each, key=lambda knob: not knob.is_prominent)
    return result


def values(recipe: Recipe) -> dict[str, Any]:
    """The value of every parameter of the rules that remove posts, by `rule.parameter`."""
    return {
        f"{rule.name}.{key_of(field)}": getattr(rule, field.name)
        for rule in recipe.rules
        if rule.kind != "transform"
        for field in rule.parameters()
    }


def _knob(snapshot: Snapshot, rule: Rule, field: Any, column: Distribution | None) -> Knob:
    options, check = types_of(type(rule), field.name), check_of(field)
    bound = check if isinstance(check, Bound) else None
    now, key = getattr(rule, field.name), key_of(field)
    common = {"rule": rule.name, "key": key, "now": now, "doc": field.metadata["doc"], "unit": unit_of(field)}
    if bool in options:
        return Knob(kind="truth", **common)
    if any(typing.get_origin(option) is tuple for option in options):
        now = common["now"] = tuple(now or ())
        if is_pattern(field):
            return Knob(kind="lines", **common)
        offered = bound.choices if bound and bound.choices else _values(snapshot, rule)
        return Knob(kind="list", choices=tuple(dict.fromkeys([*now, *offered])), **common)
    if datetime.date in options:
        return Knob(kind="date", **common)
    if float in options or int in options:
        whole = float not in options
        removes = removes_of(field) if isinstance(rule, Filter) and rule.compares() is None else None
        if column and now is not None and removes:
            return Knob(kind="slider", **_reach(column, now, removes, bound, whole), **common)
        return Knob(kind="number", low=bound.low if bound else None, step=1 if whole else 0.05, **common)
    if bound and bound.choices:
        return Knob(kind="choice", choices=bound.choices, **common)
    return Knob(kind="text", **common)


def _reach(column: Distribution, now: float, removes: Removes, bound: Bound | None, whole: bool) -> dict[str, Any]:
    """The range of a threshold's slider, within its bounds: just beyond the values of nearly all posts.

    A minimum's slider ends where it would remove nine of ten posts, so that a hand can move it by one.
    """
    most = max(column.usual, 4 * now) if removes == "less" else column.high
    least = bound.low if bound else None
    low, high = min(column.low, now), max(most + (1 if whole else 0), now)
    if whole:
        begin: float = math.floor(low)
        begin = begin if least is None else min(max(begin, math.ceil(least)), now)
        return {"low": begin, "high": max(math.ceil(high), begin + 1), "step": 1}
    step = 10.0 ** math.floor(math.log10(max(high - low, 1e-6) / 50))
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    if least is not None and low < least:
        low = now
    if bound and bound.high == 1:
        high = 1.0  # a share
    return {"low": round(low, 9), "high": round(max(high, low + step), 9), "step": step}


def _values(snapshot: Snapshot, rule: Rule) -> list[str]:
    return values_of(snapshot, type(rule), rule.name)


def values_of(snapshot: Snapshot, rule: type[Rule], name: str = "") -> list[str]:
    """The values for a rule's lists, from its column, most frequent first; none without a column."""
    measured = {column for each in snapshot.corpus.rules for column in each["columns"]}
    if not rule.values_of and (name or rule.use) not in measured:
        return []
    column = identifier(rule.values_of or name or rule.use)
    rows = snapshot.query(
        f"SELECT {column}::VARCHAR AS value, count(*) AS posts FROM posts WHERE {column} IS NOT NULL "
        f"GROUP BY value ORDER BY posts DESC, value LIMIT {OFFERED}"
    )
    return rows["value"].to_list()


@dataclass(frozen=True)
class Bin:
    """Posts with a measure from `low` (inclusive) to `high` (exclusive)."""

    low: float
    high: float
    posts: int


def histogram(snapshot: Snapshot, column: str, low: float, high: float, *, whole: bool) -> list[Bin]:
    """A histogram of a measured column with equal bars; the first and the last hold the values outside."""
    width = max(1, math.ceil((high - low + 1) / BINS)) if whole else (high - low) / BINS or 1.0
    bins = max(1, math.ceil((high - low + (1 if whole else 0)) / width))
    name = identifier(column)
    rows = snapshot.query(
        f"SELECT least(greatest(floor(({name} - ?) / ?), 0), ?)::INTEGER AS bin, count(*)::BIGINT AS posts "
        f"FROM posts WHERE {name} IS NOT NULL GROUP BY bin ORDER BY bin",
        [low, width, bins - 1],
    )
    posts = dict(rows.iter_rows())
    return [Bin(low + n * width, low + (n + 1) * width, posts.get(n, 0)) for n in range(bins)]
